namespace OscLooper.Bard;

/// <summary>[main] How a chord lies: inverted, a voice dropped, spread over octaves. Bits are semitones, as in <see cref="Chord"/>.</summary>
static class Voicing
{
    /// <summary>[any] So many semitones below the key a voice may lie; the result's lowest bit is that.</summary>
    internal const int Deepest = 12;
    const int Highest = 62 - Deepest;

    internal static long Of(long chord, int inversion, int drop, int spread)
    {
        var notes = Enumerable.Range(0, 48).Where(n => (chord >> n & 1) != 0).ToList();
        // An inversion moves that many of the lowest notes up an octave.
        for (var i = 0; i < inversion; i++)
        {
            var lowest = notes.Min();
            notes.Remove(lowest);
            notes.Add(lowest + 12);
        }
        notes.Sort();
        // Drop 2 takes the second note from the top down an octave, drop 3 the third.
        if (drop > 1 && notes.Count >= drop) notes[^drop] -= 12;
        notes.Sort();
        // Every other note goes up by the octaves of the spread.
        for (var i = 1; i < notes.Count; i += 2) notes[i] += 12 * spread;
        return notes.Where(n => n >= -Deepest && n <= Highest).Aggregate(0L, (mask, n) => mask | 1L << n + Deepest);
    }
}
