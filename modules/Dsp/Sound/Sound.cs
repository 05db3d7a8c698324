using System.Runtime.InteropServices;

namespace OscLooper.Dsp;

/// <summary>[worker] A whole sound in native memory, one lane after the other, so that the garbage collector never sees it.</summary>
public sealed unsafe class Sound : IDisposable
{
    readonly float*[] lanes;
    long room;

    internal Sound(int lanes, int rate)
    {
        this.lanes = new float*[lanes];
        Rate = rate;
    }

    /// <summary>[any] Frees the memory when nobody did.</summary>
    ~Sound() => Free();

    /// <summary>[any] Frames of each lane.</summary>
    public int Frames { get; private set; }

    /// <summary>[any] How many lanes.</summary>
    public int Lanes => lanes.Length;

    /// <summary>[any] Frames per second.</summary>
    public int Rate { get; }

    /// <summary>[any] The samples of a lane, counted from 0; valid until Dispose.</summary>
    public Span<float> Lane(int lane) => new(lanes[lane], Frames);

    /// <summary>[any] The first sample of a lane, counted from 0; valid until Dispose.</summary>
    public float* Pointer(int lane) => lanes[lane];

    /// <summary>[worker] Frees the memory.</summary>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    /// <summary>Adds interleaved frames; the expected length is a hint, believed only step by step.</summary>
    internal void Append(ReadOnlySpan<float> interleaved, long expectedFrames)
    {
        var count = interleaved.Length / Lanes;
        if ((long)Frames + count > int.MaxValue / 4) throw new SoundFileException("longer than 536 million frames");
        if (Frames + count > room)
        {
            // At most a doubling, however long the file claims to be.
            room = Math.Max(Frames + count, Math.Min(Math.Max(expectedFrames + 64, 2 * room), 2 * room + 65536));
            for (var lane = 0; lane < Lanes; lane++)
                lanes[lane] = (float*)NativeMemory.AlignedRealloc(lanes[lane], (nuint)room * sizeof(float), 64);
        }
        for (var lane = 0; lane < Lanes; lane++)
        {
            var to = lanes[lane] + Frames;
            for (var i = 0; i < count; i++) to[i] = interleaved[i * Lanes + lane];
        }
        Frames += count;
    }

    void Free()
    {
        for (var lane = 0; lane < lanes.Length; lane++)
        {
            NativeMemory.AlignedFree(lanes[lane]);
            lanes[lane] = null;
        }
        Frames = 0;
    }
}
