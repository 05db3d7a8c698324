namespace OscLooper.Dsp;

/// <summary>[worker] An open sound file, read by frames. What is no sound (see <see cref="Samples"/>) is read as 0.</summary>
public abstract class SoundReader : IDisposable
{
    float[] interleaved = [];

    /// <summary>[worker] What it holds.</summary>
    public abstract SoundInfo Info { get; }

    /// <summary>[worker] Fills the span with interleaved frames; the answer is how many, 0 at the end.</summary>
    public abstract int Read(Span<float> frames);

    /// <summary>[worker] Goes to a frame.</summary>
    public abstract void Seek(long frame);

    /// <summary>[worker] Fills planar lanes, one pointer for each; the answer is how many frames.</summary>
    public unsafe int Read(float** lanes, int frames)
    {
        var count = Info.Lanes;
        frames = Math.Min(frames, int.MaxValue / count / 4);
        if (interleaved.Length < frames * count) interleaved = new float[frames * count];
        var read = Read(interleaved.AsSpan(0, frames * count));
        for (var lane = 0; lane < count; lane++)
            for (var i = 0; i < read; i++) lanes[lane][i] = interleaved[i * count + lane];
        return read;
    }

    /// <summary>[worker] Closes the file.</summary>
    public abstract void Dispose();
}
