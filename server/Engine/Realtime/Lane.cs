using System.Runtime.InteropServices;

namespace OscLooper.Server.Realtime;

/// <summary>[any] One lane of sound in native memory: the present block, and before it the frames that <see cref="Block.Before"/> can see.</summary>
public sealed unsafe class Lane : IDisposable
{
    const int History = AudioFormat.HistoryFrames;
    readonly float* memory;

    /// <summary>[main] A silent lane for blocks of at most so many frames.</summary>
    public Lane(int maxFrames)
    {
        // Whole cache lines, so that the first sample of every lane is aligned for vectors.
        memory = (float*)NativeMemory.AlignedAlloc((nuint)(History + maxFrames) * sizeof(float), 64);
        new Span<float>(memory, History + maxFrames).Clear();
        Start = memory + History;
    }

    /// <summary>[audio] First sample of the present block.</summary>
    public float* Start { get; private set; }

    /// <summary>[audio] Until this frame its imp, which failed, falls silent by itself.</summary>
    internal long FallsUntil { get; set; }

    /// <summary>[audio] The present block becomes the past.</summary>
    public void Roll(int frames) => new ReadOnlySpan<float>(Start + frames - History, History).CopyTo(new Span<float>(memory, History));

    /// <summary>[audio] Another lane's past becomes this one's, because a port moves from there to here.</summary>
    public void TakePast(Lane other) => new ReadOnlySpan<float>(other.memory, History).CopyTo(new Span<float>(memory, History));

    /// <summary>[main, frozen] Its past is silence.</summary>
    public void Forget() => new Span<float>(memory, History).Clear();

    /// <summary>[main, frozen] Gives the memory back.</summary>
    public void Dispose()
    {
        if (Start is null) return;
        Start = null;
        NativeMemory.AlignedFree(memory);
    }
}
