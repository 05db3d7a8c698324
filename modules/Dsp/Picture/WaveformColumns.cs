namespace OscLooper.Dsp;

/// <summary>A sound seen from afar: for each column of a picture and each lane the extremes and the loudness.</summary>
sealed class WaveformColumns
{
    readonly int lanes;
    readonly float[] low, high;
    readonly double[] squares;
    readonly int[] counts;

    WaveformColumns(int columns, int lanes)
    {
        (Count, this.lanes) = (columns, lanes);
        (low, high) = (new float[columns * lanes], new float[columns * lanes]);
        (squares, counts) = (new double[columns * lanes], new int[columns * lanes]);
    }

    internal int Count { get; }

    /// <summary>The largest distance from 0 anywhere.</summary>
    internal float Peak { get; private set; }

    internal static WaveformColumns Of(SoundReader reader, int columns)
    {
        var (frames, lanes) = (reader.Info.Frames, reader.Info.Lanes);
        var result = new WaveformColumns(columns, lanes);
        var chunk = new float[4096 * lanes];
        long at = 0;
        for (int count; at < frames && (count = reader.Read(chunk)) > 0; at += count)
            for (var i = 0; i < count && at + i < frames; i++)
            {
                // The columns this frame falls into: one of several frames, or several when the sound is short.
                var last = (int)(((Int128)(at + i + 1) * columns - 1) / frames);
                var first = (int)Int128.Min(last, ((Int128)(at + i) * columns + frames - 1) / frames);
                for (var column = first; column <= last; column++)
                    for (var lane = 0; lane < lanes; lane++) result.Add(column * lanes + lane, chunk[i * lanes + lane]);
            }
        return result;
    }

    internal (float Low, float High, double Loudness)? At(int column, int lane)
    {
        var at = column * lanes + lane;
        return counts[at] == 0 ? null : (low[at], high[at], Math.Sqrt(squares[at] / counts[at]));
    }

    void Add(int at, float sample)
    {
        low[at] = counts[at] == 0 ? sample : Math.Min(low[at], sample);
        high[at] = counts[at] == 0 ? sample : Math.Max(high[at], sample);
        squares[at] += (double)sample * sample;
        counts[at]++;
        Peak = Math.Max(Peak, Math.Abs(sample));
    }
}
