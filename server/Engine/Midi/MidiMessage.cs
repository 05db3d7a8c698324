namespace OscLooper.Server.Midi;

/// <summary>[any] A MIDI message of one to three bytes at its absolute frame.</summary>
public readonly record struct MidiMessage(long Frame, byte Status, byte First = 0, byte Second = 0)
{
    /// <summary>[any] Song position: two data bytes, sixteenth notes from the start.</summary>
    public const int SongPosition = 0xF2;
    /// <summary>[any] Clock: 24 of them make a quarter note.</summary>
    public const int Clock = 0xF8;
    /// <summary>[any] The song begins; the next clock is its first.</summary>
    public const int Start = 0xFA;
    /// <summary>[any] The song goes on from its position; the next clock is its first.</summary>
    public const int Continue = 0xFB;
    /// <summary>[any] The song stops.</summary>
    public const int Stop = 0xFC;
    /// <summary>[any] "I am still here": a sender that stops saying so has been unplugged.</summary>
    public const int ActiveSensing = 0xFE;

    /// <summary>[any] How many bytes a message of this status has (MIDI 1.0, table I); 0 for system exclusive and for what is not defined.</summary>
    public static int LengthOf(int status) => status switch
    {
        < 0x80 => 0,
        >= 0xC0 and < 0xE0 => 2,
        < 0xF0 => 3,
        0xF1 or 0xF3 => 2,
        SongPosition => 3,
        0xF6 or Clock or Start or Continue or Stop or ActiveSensing or 0xFF => 1,
        _ => 0,
    };

    /// <summary>[any] Belongs to a channel: a note, a pedal, a bend, a program.</summary>
    public bool IsOfChannel => Status < 0xF0;

    /// <summary>[any] Its bytes; the answer is how many.</summary>
    public int Write(Span<byte> into)
    {
        (into[0], into[1], into[2]) = (Status, First, Second);
        return LengthOf(Status);
    }
}
