namespace OscLooper.Reaper.Midi;

/// <summary>One MIDI event at a tick: a channel message, F0 ... F7, or FF, kind and text. Muted events stay in the item but do not sound.</summary>
readonly record struct MidiEvent(long Tick, byte[] Data, bool Muted = false)
{
    public bool Equals(MidiEvent other) => Tick == other.Tick && Muted == other.Muted && Data.AsSpan().SequenceEqual(other.Data);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(Tick);
        hash.AddBytes(Data);
        return hash.ToHashCode();
    }
}

/// <summary>The events of one MIDI item, in their order, and the length of its source.</summary>
sealed class MidiTake
{
    /// <summary>Ticks in a quarter note.</summary>
    public int TicksPerBeat { get; init; } = 960;

    /// <summary>Events, ticks rising.</summary>
    public List<MidiEvent> Events { get; } = [];

    /// <summary>Where the source ends, at or after the last event.</summary>
    public long LengthTicks { get; set; }
}
