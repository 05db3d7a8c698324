namespace OscLooper.Dsp;

/// <summary>[any] What a tick is: a part of a beat, whose length follows the tempo, or a part of a film frame, whose length is fixed
/// (Standard MIDI Files 1.0, "division").</summary>
public readonly record struct MidiDivision
{
    MidiDivision(int ticksPerBeat, int framesPerSecond, int ticksPerFrame) =>
        (TicksPerBeat, FramesPerSecond, TicksPerFrame) = (ticksPerBeat, framesPerSecond, ticksPerFrame);

    /// <summary>[any] Ticks of a quarter note, 1 to 32767; 0 for film frames.</summary>
    public int TicksPerBeat { get; }

    /// <summary>[any] 24, 25, 29 (which means 30000/1001, drop frame) or 30; 0 for beats.</summary>
    public int FramesPerSecond { get; }

    /// <summary>[any] Ticks of a film frame, 1 to 255; 0 for beats.</summary>
    public int TicksPerFrame { get; }

    /// <summary>[any] True for film frames: the tempo does not matter.</summary>
    public bool IsFilm => TicksPerBeat == 0;

    internal ushort Word => IsFilm ? (ushort)((byte)-FramesPerSecond << 8 | TicksPerFrame) : (ushort)TicksPerBeat;

    /// <summary>Ticks are counted in wholes of 1/Denominator seconds, so that no time is ever rounded on the way.</summary>
    internal long Denominator => FramesPerSecond switch
    {
        0 => TicksPerBeat * 1_000_000L,
        29 => 30_000L * TicksPerFrame,
        _ => (long)FramesPerSecond * TicksPerFrame,
    };

    /// <summary>[any] Parts of a quarter note.</summary>
    public static MidiDivision OfBeat(int ticks) => ticks is >= 1 and <= 32767
        ? new(ticks, 0, 0)
        : throw new MidiFileException($"a beat cannot have {ticks} ticks");

    /// <summary>[any] Parts of a film frame.</summary>
    public static MidiDivision OfFilm(int framesPerSecond, int ticks) => framesPerSecond is 24 or 25 or 29 or 30 && ticks is >= 1 and <= 255
        ? new(0, framesPerSecond, ticks)
        : throw new MidiFileException($"{framesPerSecond} film frames per second of {ticks} ticks are not known");

    internal static MidiDivision Of(ushort word) => word < 0x8000 ? OfBeat(word) : OfFilm(-(sbyte)(word >> 8), word & 0xFF);
}
