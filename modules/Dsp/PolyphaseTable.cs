namespace OscLooper.Dsp;

/// <summary>[worker] The rows of a windowed sinc, one for each place between two frames where a new frame may fall.</summary>
sealed class PolyphaseTable
{
    // 96 zero crossings on either side and 110 dB of stop band: the transition is 7 % of the band (Kaiser's formula).
    const double Crossings = 96, StopBandDecibels = 110;
    const double Beta = 0.1102 * (StopBandDecibels - 8.7);
    const int MaxFloats = 1 << 21;

    readonly float[] rows;
    readonly float[] blended;
    readonly long phases;
    readonly int count;
    readonly bool exact;

    /// <summary>[worker] For a band (1 = the input's whole band, less when the rate falls) and so many places.</summary>
    internal PolyphaseTable(double band, long phases)
    {
        this.phases = phases;
        Half = ((int)Math.Ceiling(Crossings / band) + 7) / 8 * 8;
        Taps = 2 * Half;
        exact = phases * Taps <= MaxFloats;
        // Where exact rows would take too much memory (44100 to 48001), rows are blended: 1024 of them err by -118 dB.
        count = exact ? (int)phases : Math.Max(64, Math.Min(1024, MaxFloats / Taps));
        blended = new float[Taps];
        rows = new float[(count + 1) * Taps];

        // The transition straddles the band's end by half its width, so that the stop band begins exactly there.
        var transition = (StopBandDecibels - 7.95) / (2.285 * 2 * Crossings * Math.PI);
        for (var row = 0; row <= count; row++) Fill(rows.AsSpan(row * Taps, Taps), (double)row / count, band * (1 - transition / 2));
    }

    /// <summary>[worker] Frames before and after the place.</summary>
    internal int Half { get; }

    /// <summary>[worker] The length of a row, a multiple of 16.</summary>
    internal int Taps { get; }

    /// <summary>[worker] The row for a place, counted in the phases.</summary>
    internal ReadOnlySpan<float> Row(long phase)
    {
        if (exact) return rows.AsSpan((int)phase * Taps, Taps);

        var place = (double)phase / phases * count;
        var row = (int)place;
        var part = (float)(place - row);
        var low = rows.AsSpan(row * Taps, Taps);
        var high = rows.AsSpan((row + 1) * Taps, Taps);
        for (var i = 0; i < blended.Length; i++) blended[i] = low[i] + part * (high[i] - low[i]);
        return blended;
    }

    void Fill(Span<float> row, double place, double cutoff)
    {
        var weights = new double[Taps];
        for (var i = 0; i < weights.Length; i++)
        {
            var x = i - (Half - 1) - place;
            var edge = x / Half;
            var window = Math.Abs(edge) >= 1 ? 0 : Bessel(Beta * Math.Sqrt(1 - edge * edge));
            weights[i] = window * (x == 0 ? cutoff : Math.Sin(Math.PI * cutoff * x) / (Math.PI * x));
        }
        var sum = weights.Sum();
        for (var i = 0; i < weights.Length; i++) row[i] = (float)(weights[i] / sum);
    }

    /// <summary>The modified Bessel function of order 0, by its series (Abramowitz and Stegun 9.6.12).</summary>
    static double Bessel(double x)
    {
        double sum = 1, term = 1;
        for (var k = 1; term > 1e-18 * sum; k++)
        {
            term *= x / (2 * k) * (x / (2 * k));
            sum += term;
        }
        return sum;
    }
}
