using System.Runtime.CompilerServices;

namespace OscLooper.Dsp;

/// <summary>[any] A rising curve of a fixed length, (1 - cos(pi k/frames)) / 2 at its k-th frame, counted from 1.</summary>
public sealed class RaisedCosine
{
    /// <summary>[any] The longest curve; longer wishes are clipped, so that no message can ask for unbounded memory.</summary>
    public const int MaxFrames = 1 << 20;

    static readonly Dictionary<int, RaisedCosine> cache = [];
    readonly float[] table;

    RaisedCosine(int frames)
    {
        // Pinned: the audio side may point into it, and it goes when the last user goes.
        table = GC.AllocateUninitializedArray<float>(frames + 1, pinned: true);
        for (var k = 0; k <= frames; k++)
            table[k] = (float)((1 - Math.Cos(Math.PI * k / frames)) / 2);
        Frames = frames;
    }

    /// <summary>[any] The length; at this frame the curve has reached 1.</summary>
    public int Frames { get; }

    /// <summary>[any] The values at 0 (which is 0) to Frames (which is 1).</summary>
    public ReadOnlySpan<float> Table
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => table;
    }

    /// <summary>[main] The curve of this length, made once; keep it for the audio side, which only reads.</summary>
    public static RaisedCosine Rise(int frames)
    {
        frames = Math.Clamp(frames, 1, MaxFrames);
        lock (cache)
        {
            if (!cache.TryGetValue(frames, out var curve)) cache[frames] = curve = new RaisedCosine(frames);
            return curve;
        }
    }

    /// <summary>[audio] The value at frame k: 0 before the first, 1 from the last on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float At(long k) => k <= 0 ? 0f : k >= Frames ? 1f : table[(int)k];
}
