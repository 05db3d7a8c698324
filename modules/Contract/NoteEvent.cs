namespace OscLooper;

/// <summary>[audio] One MIDI message of up to three bytes at its frame: a note, a pedal, a bend.</summary>
/// <param name="Frame">Absolute frame.</param>
/// <param name="Status">Kind in the upper four bits (0x90 = on, 0x80 = off ...), channel in the lower four.</param>
/// <param name="Pitch">First data byte: 0..127.</param>
/// <param name="Velocity">Second data byte: 0..127.</param>
/// <param name="Source">Which connection of the port it came through, 0..15; a connection keeps its number while it lasts.</param>
public readonly record struct NoteEvent(long Frame, byte Status, byte Pitch, byte Velocity, byte Source = 0)
{
    /// <summary>[any] Status of a note-on.</summary>
    public const int On = 0x90;
    /// <summary>[any] Status of a note-off.</summary>
    public const int Off = 0x80;
    /// <summary>[any] Status of poly pressure.</summary>
    public const int PolyPressure = 0xA0;
    /// <summary>[any] Status of a controller.</summary>
    public const int Control = 0xB0;
    /// <summary>[any] Status of a pitch bend.</summary>
    public const int Bend = 0xE0;

    /// <summary>[any] The upper four bits of the status.</summary>
    public int Kind => Status & 0xF0;
    /// <summary>[any] MIDI channel, from 0.</summary>
    public int Channel => Status & 0x0F;
    /// <summary>[any] A key goes down.</summary>
    public bool IsOn => Kind == On && Velocity > 0;
    /// <summary>[any] A key comes up; many keyboards say so by a note-on of velocity 0.</summary>
    public bool IsOff => Kind == Off || (Kind == On && Velocity == 0);
}

/// <summary>[audio] A handle on a port through which notes come in.</summary>
public readonly struct NotesIn
{
    internal readonly int Index;
    internal NotesIn(int index) => Index = index;
}

/// <summary>[audio] A handle on a port through which notes go out.</summary>
public readonly struct NotesOut
{
    internal readonly int Index;
    internal NotesOut(int index) => Index = index;
}
