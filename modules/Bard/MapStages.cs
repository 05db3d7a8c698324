namespace OscLooper.Bard;

/// <summary>[audio] Lets through what lies within channels, keys and velocities.</summary>
sealed class Filter(int channels, int low, int high, int softest, int loudest) : Stage
{
    internal override void On(Performer to, in Note note, int parent, long frame)
    {
        if ((channels >> note.Channel & 1) != 0 && note.Pitch >= low && note.Pitch <= high && note.Velocity >= softest && note.Velocity <= loudest)
            Pass(to, note, parent, frame);
    }

    internal override void Message(Performer to, int source, int channel, int kind, int first, int second, long frame)
    {
        if ((channels >> channel & 1) != 0) base.Message(to, source, channel, kind, first, second, frame);
    }
}

/// <summary>[audio] Sends each range of keys its own way; a key in two ranges goes both.</summary>
sealed class Split((int Low, int High, Stage To)[] zones) : Stage
{
    internal IEnumerable<Stage> Ways => zones.Select(zone => zone.To);

    internal override void On(Performer to, in Note note, int parent, long frame)
    {
        foreach (var zone in zones)
            if (note.Pitch >= zone.Low && note.Pitch <= zone.High) zone.To.On(to, note, parent, frame);
    }

    internal override void Message(Performer to, int source, int channel, int kind, int first, int second, long frame)
    {
        foreach (var zone in zones) zone.To.Message(to, source, channel, kind, first, second, frame);
    }
}

/// <summary>[audio] Puts notes on another channel.</summary>
sealed class ToChannel(int channel) : Stage
{
    internal override void On(Performer to, in Note note, int parent, long frame) => Pass(to, note with { Channel = (byte)channel }, parent, frame);

    internal override void Message(Performer to, int source, int was, int kind, int first, int second, long frame) =>
        base.Message(to, source, channel, kind, first, second, frame);
}

/// <summary>[audio] Up or down by semitones.</summary>
sealed class Transpose : Stage
{
    internal int Semitones { get; set; }
    internal override void On(Performer to, in Note note, int parent, long frame) => Pass(to, note with { Pitch = note.Pitch + Semitones }, parent, frame);
}

/// <summary>[audio] Into a scale.</summary>
sealed class Quantize : Stage
{
    internal int Mask { get; set; } = 0xFFF;
    internal int Root { get; set; }
    internal QuantizeMode Mode { get; set; }

    internal override void On(Performer to, in Note note, int parent, long frame)
    {
        var pitch = new Scale(Mask, Root).Quantize(note.Pitch, Mode);
        if (pitch != Scale.Dropped) Pass(to, note with { Pitch = pitch }, parent, frame);
    }
}

/// <summary>[audio] White keys play their letter with the signature's accidental. Key 0 in the shared stages means none at all.</summary>
sealed class KeySignature(bool isOffAtZero) : Stage
{
    internal int Key { get; set; }

    internal override void On(Performer to, in Note note, int parent, long frame) =>
        Pass(to, Key == 0 && isOffAtZero ? note : note with { Pitch = Scale.Signed(note.Pitch, Key) }, parent, frame);
}

/// <summary>[audio] Several notes from one: semitones above it (a bit each), low to high.</summary>
sealed class Chord : Stage
{
    internal long Mask { get; set; } = 1;
    /// <summary>[audio] What the lowest bit means, in semitones against the key.</summary>
    internal int Offset { get; init; }
    internal int Low { get; init; }
    internal int High { get; init; } = 127;
    internal override int Fan => System.Numerics.BitOperations.PopCount((ulong)Mask);

    internal override void On(Performer to, in Note note, int parent, long frame)
    {
        byte index = 0;
        // Bits of notes outside of the limits are left out first, so that the last one is known.
        var (lowest, highest) = (Low - note.Pitch - Offset, High - note.Pitch - Offset);
        if (highest < 0 || lowest > 62) return;
        var bits = Mask & (lowest > 0 ? -1L << lowest : -1L) & (highest < 62 ? (1L << highest + 1) - 1 : -1L);
        var last = (byte)Math.Max(0, System.Numerics.BitOperations.PopCount((ulong)bits) - 1);
        for (var semitone = Offset; bits != 0; semitone++, bits >>= 1)
            if ((bits & 1) != 0) Pass(to, note with { Pitch = note.Pitch + semitone, Index = index++, Last = last }, parent, frame);
    }
}

/// <summary>[audio] The chord that the scale has on the note: degrees above it, e.g. 0 2 4.</summary>
sealed class DiatonicChord(int mask, int root, int[] degrees) : Stage
{
    internal override int Fan => degrees.Length;

    internal override void On(Performer to, in Note note, int parent, long frame)
    {
        var scale = new Scale(mask, root);
        var first = scale.DegreeOf(scale.Quantize(note.Pitch, QuantizeMode.Nearest));
        for (var i = 0; i < degrees.Length; i++) Pass(to, note with { Pitch = scale.Pitch(first + degrees[i]), Index = (byte)i, Last = (byte)(degrees.Length - 1) }, parent, frame);
    }
}

/// <summary>[audio] How hard: a curve, then a range; or always the same. Velocity 0 never comes here, it is a release (R1).</summary>
sealed class Velocity : Stage
{
    internal double Curve { get; set; } = 1;
    internal int Fixed { get; set; }
    internal int Low { get; set; }
    internal int High { get; set; } = 127;

    internal override void On(Performer to, in Note note, int parent, long frame) => Pass(to, note with { Velocity = (byte)Of(note.Velocity) }, parent, frame);

    internal int Of(int velocity)
    {
        if (Fixed > 0) return Fixed;
        var curved = Curve == 1 ? velocity : Math.Max(1, (int)Math.Round(127 * Math.Pow(velocity / 127.0, Curve)));
        return Math.Clamp(Low == 0 && High == 127 ? curved : (int)Math.Round(Low + (High - Low) * curved / 127.0), 1, 127);
    }
}

/// <summary>[audio] Somewhere near: pitch and velocity by up to so much, drawn anew for each note.</summary>
sealed class Randomize(int semitones, int velocity, long seed) : Stage
{
    Dice dice = new(seed);

    internal override void On(Performer to, in Note note, int parent, long frame)
    {
        var (up, louder) = (dice.Below(2 * semitones + 1) - semitones, dice.Below(2 * velocity + 1) - velocity);
        Pass(to, note with { Pitch = note.Pitch + up, Velocity = (byte)Math.Clamp(note.Velocity + louder, 1, 127) }, parent, frame);
    }
}

/// <summary>[audio] Perhaps.</summary>
sealed class Chance(double percent, long seed) : Stage
{
    Dice dice = new(seed);

    internal override void On(Performer to, in Note note, int parent, long frame)
    {
        if (dice.Fraction() * 100 < percent) Pass(to, note, parent, frame);
    }
}
