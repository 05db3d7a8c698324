namespace OscLooper.Dsp;

/// <summary>[any] Which ends of a note are moved.</summary>
public enum QuantizerEnds
{
    /// <summary>[any] The begin; the length stays.</summary>
    StartKeepLength,

    /// <summary>[any] The begin; the end stays where it is.</summary>
    Start,

    /// <summary>[any] The end.</summary>
    End,

    /// <summary>[any] Both; a note never becomes shorter than one tick unless it was.</summary>
    Both,
}

/// <summary>[any] Draws notes to a grid.</summary>
public sealed class Quantizer
{
    readonly long grid, offset;
    readonly double strength;

    /// <summary>[any] Lines every so many ticks from an offset on; a strength of 1 puts a note on its line, 0.5 halfway there.</summary>
    public Quantizer(long gridTicks, double strength = 1, long offsetTicks = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(gridTicks, 1);
        (grid, this.strength, offset) = (gridTicks, double.IsNaN(strength) ? 0 : Math.Clamp(strength, 0, 1), offsetTicks);
    }

    /// <summary>[any] Where a tick is moved to, never before 0; halfway between two lines is nearer to the later one.</summary>
    public long Quantize(long tick)
    {
        var position = tick - offset;
        var past = position % grid;
        if (past < 0) past += grid;
        var way = past >= grid - past ? grid - past : -past;
        return Math.Max(0, tick + (long)Math.Round(way * strength, MidpointRounding.AwayFromZero));
    }

    /// <summary>[any] Where a note is moved to.</summary>
    public Note Quantize(Note note, QuantizerEnds ends = QuantizerEnds.StartKeepLength)
    {
        var start = ends == QuantizerEnds.End ? note.Tick : Quantize(note.Tick);
        var end = ends switch
        {
            QuantizerEnds.StartKeepLength => start + note.Length,
            QuantizerEnds.Start => note.EndTick,
            _ => Quantize(note.EndTick),
        };
        return note with { Tick = start, Length = Math.Max(Math.Min(1, note.Length), end - start) };
    }

    /// <summary>[any] Notes, in the order in which they now begin.</summary>
    public IReadOnlyList<Note> Quantize(IEnumerable<Note> notes, QuantizerEnds ends = QuantizerEnds.StartKeepLength) =>
        [.. notes.Select(note => Quantize(note, ends)).OrderBy(note => note.Tick)];
}
