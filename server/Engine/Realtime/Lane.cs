using System.Runtime.InteropServices;

namespace OscLooper.Server.Realtime;

/// <summary>[any] One lane of sound in native memory: the present block, and before it the frames that <see cref="Block.Before"/> can see.</summary>
public sealed unsafe class Lane : IDisposable
{
    const int History = AudioFormat.HistoryFrames;
    readonly float* memory;
    long quietFrames;   // of the past, back from the end of the last block

    /// <summary>[main] A silent lane for blocks of at most so many frames.</summary>
    public Lane(int maxFrames)
    {
        // Whole cache lines, so that the first sample of every lane is aligned for vectors.
        memory = (float*)NativeMemory.AlignedAlloc((nuint)(History + maxFrames) * sizeof(float), 64);
        new Span<float>(memory, History + maxFrames).Clear();
        Start = memory + History;
        silentFrames = maxFrames;
    }

    // So many frames from the start of the block on are known to be silence: they need not be cleared, added or heard.
    int silentFrames;

    /// <summary>[audio] These frames of the block are known to be silence.</summary>
    public bool IsSilent(int offset, int frames) => silentFrames >= offset + frames;

    /// <summary>[audio] Makes them silence.</summary>
    public void Silence(int offset, int frames)
    {
        if (IsSilent(offset, frames)) return;
        new Span<float>(Start + offset, frames).Clear();
        if (silentFrames >= offset) silentFrames = offset + frames;
    }

    /// <summary>[audio] From this frame of the block on somebody has written, or may have.</summary>
    public void Written(int offset) => silentFrames = Math.Min(silentFrames, offset);

    /// <summary>[audio] These frames of the block were written: looks whether they are silence.</summary>
    public void Listen(int offset, int frames)
    {
        if (silentFrames > offset) silentFrames = offset;
        if (silentFrames == offset && !new ReadOnlySpan<int>(Start + offset, frames).ContainsAnyExcept(0)) silentFrames = offset + frames;
    }

    /// <summary>[audio] First sample of the present block.</summary>
    public float* Start { get; private set; }

    /// <summary>[audio] Until this frame its imp, which failed, falls silent by itself.</summary>
    internal long FallsUntil { get; set; }

    /// <summary>[audio] The present block becomes the past.</summary>
    public void Roll(int frames)
    {
        quietFrames = IsSilent(0, frames) ? quietFrames + frames : 0;
        if (quietFrames >= History + frames) return;   // silence takes the place of silence
        new ReadOnlySpan<float>(Start + frames - History, History).CopyTo(new Span<float>(memory, History));
    }

    /// <summary>[audio] Another lane's past becomes this one's, because a port moves from there to here.</summary>
    public void TakePast(Lane other)
    {
        quietFrames = 0;
        new ReadOnlySpan<float>(other.memory, History).CopyTo(new Span<float>(memory, History));
    }

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
