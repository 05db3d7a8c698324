using System.Runtime.InteropServices;
using OscLooper.Dsp.Native;

namespace OscLooper.Dsp;

/// <summary>
/// [any] The memory of all loops: equal segments of native memory, kept ahead by a worker, taken by the audio side without
/// waiting. What the audio side no longer needs goes back as an order, which the worker carries out when nothing sounds from it any more.
/// </summary>
public sealed unsafe class SegmentPool : IDisposable
{
    /// <summary>[any] Frames of one lane that a segment holds.</summary>
    public const int Frames = 2048;
    /// <summary>[any] Pointers that a segment holds when it is used as a table.</summary>
    public const int Pointers = Frames * sizeof(float) / 8;
    /// <summary>[any] Bytes of a segment.</summary>
    public const int Bytes = Frames * sizeof(float);
    const int SegmentsPerSlab = 512, SegmentsBeyond = 32, FewestAhead = 512;
    // 2 MiB stay at hand; what is beyond goes back when nothing was needed for so long.
    const int KeptSegments = 256, MostGivenAtOnce = 2048, MostReturnedAtOnce = 64;

    readonly record struct Order(nint Root, nint Keep, long NotBeforeFrame);

    readonly SpscRing<nint> ahead, returned;
    readonly SpscRing<Order> orders = new(1 << 15);
    readonly int mostAhead;
    int target;
    readonly long mostSegments;
    readonly List<(nint Start, int Segments)> slabs = [];
    readonly Lock worker = new();
    // Free segments, worker only: those whose pages are there, and those whose pages were given back to the system.
    readonly Stack<nint> free = [], given = [];
    long freeCount, madeCount, lastNeed;
    int pins;
    bool isClosed, isRefused;
    long lastId;

    /// <summary>[main] A pool that may grow to a number of bytes and keeps so many segments ahead of the audio side.</summary>
    public SegmentPool(long mostBytes, int segmentsAhead = 4096)
    {
        mostSegments = Math.Max(64, mostBytes / Bytes);
        target = mostAhead = (int)Math.Min(segmentsAhead, mostSegments);
        ahead = new SpscRing<nint>((int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)target));
        returned = new SpscRing<nint>((int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)target));
    }

    /// <summary>[main] So many segments are kept ahead from now on, no more than the pool was made for.</summary>
    public void KeepAhead(int segments) => Volatile.Write(ref target, Math.Clamp(segments, Math.Min(FewestAhead, mostAhead), mostAhead));

    /// <summary>[any] Bytes in use by takes, or on their way back (an estimate while it runs).</summary>
    public long BytesInUse => (Volatile.Read(ref madeCount) - Volatile.Read(ref freeCount) - ahead.Count - returned.Count) * Bytes;
    /// <summary>[any] Bytes that may be used.</summary>
    public long MostBytes => mostSegments * Bytes;
    /// <summary>[worker] More is free than is kept: it goes back to the system bit by bit as <see cref="Work"/> is called.</summary>
    public bool HoldsTooMuch
    {
        get { lock (worker) return free.Count > KeptSegments && !isRefused && Pages.CanGiveBack(Bytes); }
    }
    /// <summary>[main] How long nothing must have been needed before free memory goes back to the system.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(5);
    /// <summary>[any] Segments ready for the audio side.</summary>
    public int Ready => ahead.Count;
    /// <summary>[any] Bytes that it has from the system at present.</summary>
    public long BytesHeld
    {
        get { lock (worker) return slabs.Count == 0 ? 0 : (madeCount - given.Count) * Bytes; }
    }

    /// <summary>[any] A number for a tape.</summary>
    public long NextId() => Interlocked.Increment(ref lastId);
    /// <summary>[any] The last number that was given.</summary>
    public long LastId => Volatile.Read(ref lastId);

    /// <summary>[any] More lies ahead than is to be kept (there were more recorders).</summary>
    public bool HasTooMuchAhead => ahead.Count > Volatile.Read(ref target);

    /// <summary>[audio] Gives back what lies ahead beyond that, a little in each block.</summary>
    public void ReturnAhead()
    {
        for (var n = 0; n < MostReturnedAtOnce && HasTooMuchAhead && ahead.TryRead(out var segment); n++) returned.TryWrite(segment);
    }

    /// <summary>[audio] A segment, or 0 when the pool ran dry. Its contents are old.</summary>
    public nint Take() => ahead.TryRead(out var segment) ? segment : 0;

    /// <summary>[audio] An empty table, or 0: a null pointer ends it, what lies behind is old. Many takes may begin on one frame, so nothing is cleared here.</summary>
    public nint TakeTable()
    {
        var table = Take();
        if (table != 0) *(nint*)table = 0;
        return table;
    }

    /// <summary>[audio] Gives back all that hangs on a root, except what the other root also uses; carried out when the audio side has passed the frame.</summary>
    public bool Release(nint root, nint keepRoot, long notBeforeFrame) => root == 0 || orders.TryWrite(new Order(root, keepRoot, notBeforeFrame));

    /// <summary>[audio] There is something for <see cref="Work"/> at this frame: few segments are left ahead, or what was given back may be freed.</summary>
    public bool WantsWork(long frame) =>
        ahead.Count < target - target / 4 && (Volatile.Read(ref freeCount) > 0 || Volatile.Read(ref madeCount) < mostSegments)
        || returned.Count > 0
        || Volatile.Read(ref pins) == 0 && orders.TryPeek(out var order) && order.NotBeforeFrame <= frame;

    /// <summary>[any] Something was given back that has not been freed yet.</summary>
    public bool HasOrders => orders.Count > 0;

    /// <summary>[main] Nothing is freed until the pin is taken out; so a worker may read what the audio side may give back.</summary>
    public void Pin() => Interlocked.Increment(ref pins);

    /// <summary>[any] See <see cref="Pin"/>.</summary>
    public void Unpin()
    {
        if (Interlocked.Decrement(ref pins) > 0 || !Volatile.Read(ref isClosed)) return;
        lock (worker) FreeSlabs();
    }

    /// <summary>[worker] Carries out the orders that are due and keeps segments ahead.</summary>
    public void Work(long frame)
    {
        lock (worker)
        {
            if (isClosed) return;
            while (Volatile.Read(ref pins) == 0 && orders.TryPeek(out var order) && order.NotBeforeFrame <= frame)
            {
                FreeTree(order.Root, order.Keep);
                orders.TryRead(out _);
            }
            while (returned.TryRead(out var back)) Push(back);
            while (ahead.Count < target && Pop() is not 0 and var segment)
                if (!ahead.TryWrite(segment))
                {
                    Push(segment);
                    break;
                }
            GiveBack();
        }
    }

    /// <summary>[worker] A segment for a worker (loading a file), or 0 when memory is used up.</summary>
    public nint TakeOnWorker(bool cleared)
    {
        lock (worker)
        {
            var segment = isClosed ? 0 : Pop();
            if (segment != 0 && cleared) NativeMemory.Clear((void*)segment, Bytes);
            return segment;
        }
    }

    /// <summary>[worker] What was saved once has room again, also beyond the budget: part of it is kept ahead for the audio side, and there may have been more of it then.</summary>
    public bool MayExceed { get => mayExceed; set => mayExceed = value; }
    volatile bool mayExceed;

    /// <summary>[worker] Frees what a worker made and nobody will use, except what it shares with another root.</summary>
    public void FreeOnWorker(nint root, nint keepRoot = 0)
    {
        lock (worker)
        {
            if (!isClosed) FreeTree(root, keepRoot);
        }
    }

    void FreeTree(nint root, nint keep)
    {
        if (root == 0) return;
        nint* tables = (nint*)root, kept = (nint*)keep;
        for (var t = 0; t < Pointers && tables[t] != 0; t++)
        {
            // Where the other ends, what lies behind its null pointer was never written.
            if (kept != null && kept[t] == 0) kept = null;
            if (kept != null && kept[t] == tables[t]) continue;
            nint* segments = (nint*)tables[t], others = kept == null ? null : (nint*)kept[t];
            for (var s = 0; s < Pointers && segments[s] != 0; s++)
            {
                if (others != null && others[s] == 0) others = null;
                if (others == null || others[s] != segments[s]) Push(segments[s]);
            }
            Push(tables[t]);
        }
        Push(root);
    }

    void Push(nint segment)
    {
        free.Push(segment);
        Volatile.Write(ref freeCount, freeCount + 1);
    }

    nint Pop()
    {
        if (!free.TryPop(out var segment))
        {
            lastNeed = Environment.TickCount64;
            // Every page is touched here, so that the audio side never waits for the system to find one.
            if (given.TryPop(out segment)) NativeMemory.Clear((void*)segment, Bytes);
            else if (!Grow()) return 0;
            else segment = free.Pop();
        }
        Volatile.Write(ref freeCount, freeCount - 1);
        return segment;
    }

    // What many takes needed once is not kept for ever: the pages of free segments go back to the system, a few at a time.
    void GiveBack()
    {
        if (free.Count <= KeptSegments || Environment.TickCount64 - lastNeed < Patience.TotalMilliseconds || !Pages.CanGiveBack(Bytes)) return;
        for (var n = 0; n < MostGivenAtOnce && free.Count > KeptSegments && !isRefused; n++)
        {
            var segment = free.Pop();
            isRefused = !Pages.GiveBack(segment, Bytes);
            (isRefused ? free : given).Push(segment);
        }
    }

    bool Grow()
    {
        var count = (int)Math.Min(SegmentsPerSlab, mostSegments - madeCount);
        if (count <= 0 && !mayExceed) return false;
        if (count <= 0) count = SegmentsBeyond;
        var slab = Pages.Take((long)count * Bytes);
        if (slab == 0) return false;
        // Touched now: see Pop.
        NativeMemory.Clear((void*)slab, (nuint)count * Bytes);
        slabs.Add((slab, count));
        Volatile.Write(ref madeCount, madeCount + count);
        for (var i = count - 1; i >= 0; i--) Push(slab + i * Bytes);
        return true;
    }

    /// <summary>
    /// [main, frozen] Gives the memory back to the system: at once, or when the last pin is taken out. A worker that has not come back yet must
    /// neither read what is no longer there nor write into what has become somebody else's.
    /// </summary>
    public void Dispose()
    {
        lock (worker)
        {
            Volatile.Write(ref isClosed, true);
            while (ahead.TryRead(out _)) { }
            FreeSlabs();
        }
    }

    void FreeSlabs()
    {
        if (Volatile.Read(ref pins) > 0) return;
        foreach (var (start, segments) in slabs) Pages.Free(start, (long)segments * Bytes);
        slabs.Clear();
        free.Clear();
        given.Clear();
    }
}
