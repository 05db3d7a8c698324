namespace OscLooper.Demo;

/// <summary>The player of the demo: a guitar and its bass string, made of nothing but arithmetic.</summary>
sealed class Instruments(float[][] lanes, int rate)
{
    readonly Random noise = new(7);

    /// <summary>A plucked string (Karplus and Strong 1983): noise in a delay line that loses its highs on every round.</summary>
    public void Pluck(double startSeconds, double lengthSeconds, double pitch, double level, double pan)
    {
        var period = rate / Frequency(pitch);
        var line = new float[(int)period];
        for (var i = 0; i < line.Length; i++) line[i] = (float)(noise.NextDouble() * 2 - 1);
        // Two rounds of smoothing take the hiss off the attack.
        for (var i = 1; i < line.Length * 2; i++) line[i % line.Length] = 0.5f * (line[i % line.Length] + line[(i - 1) % line.Length]);
        var (at, fraction, last) = (0, (float)(period - line.Length), 0f);
        Add(startSeconds, lengthSeconds, level * 1.6, pan, 0.04, _ =>
        {
            var next = line[(at + 1) % line.Length];
            var sample = line[at] + fraction * (last - line[at]);
            last = line[at];
            line[at] = 0.4985f * (line[at] + next);
            at = (at + 1) % line.Length;
            return sample;
        });
    }

    /// <summary>A bass note: a sine with a little of its octave.</summary>
    public void Bass(double startSeconds, double lengthSeconds, double pitch, double level)
    {
        var turn = 2 * Math.PI * Frequency(pitch) / rate;
        Add(startSeconds, lengthSeconds, level, 0, 0.05, i => Math.Exp(-i / (rate * 0.7)) * (Math.Sin(i * turn) + 0.3 * Math.Sin(2 * i * turn)));
    }

    // Each sound begins softly within a millisecond and ends softly, so nothing clicks.
    void Add(double startSeconds, double lengthSeconds, double level, double pan, double releaseSeconds, Func<int, double> sample)
    {
        var start = (int)Math.Round(startSeconds * rate);
        var length = Math.Min((int)(lengthSeconds * rate), lanes[0].Length - start);
        var (left, right) = (level * Math.Cos(Math.PI / 4 * (1 + pan)), level * Math.Sin(Math.PI / 4 * (1 + pan)));
        for (var i = 0; i < length; i++)
        {
            var fade = Math.Min(1, Math.Min(i / (rate * 0.001), (length - i) / (rate * releaseSeconds)));
            var value = fade * sample(i);
            lanes[0][start + i] += (float)(left * value);
            lanes[1][start + i] += (float)(right * value);
        }
    }

    static double Frequency(double pitch) => 440 * Math.Pow(2, (pitch - 69) / 12);
}
