using System.Runtime.CompilerServices;

namespace OscLooper.Dsp;

/// <summary>
/// [any] One layer of a loop: recorded lanes in segments that hang on a root (root -> tables -> segments, all of one size).
/// A tape made by <see cref="CopyOf"/> shares what it has not rewritten with the tape below it.
/// </summary>
public unsafe struct Tape
{
    /// <summary>[any] Table of tables; 0 = an empty tape.</summary>
    public nint Root;
    /// <summary>[any] Root of the tape below, whose segments are shared; 0 = none.</summary>
    public nint Below;
    /// <summary>[any] Lanes.</summary>
    public int Lanes;
    /// <summary>[any] Recorded frames.</summary>
    public long Frames;
    /// <summary>[any] Length of one turn in frames with its fraction; differs from <see cref="Frames"/> by less than one.</summary>
    public double Period;

    /// <summary>[any] No other tape of this process has it; 0 = nothing was ever recorded.</summary>
    public long Id;

    /// <summary>[any] True when nothing is recorded.</summary>
    public readonly bool IsEmpty => Root == 0 || Frames == 0;

    /// <summary>[any] Frames that a tape of so many lanes can hold.</summary>
    public static long MostFrames(int lanes) => (long)SegmentPool.Pointers * SegmentPool.Pointers / lanes * SegmentPool.Frames;

    /// <summary>[any] Where a lane's frame lies; the rest of its segment follows it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly float* At(int lane, long frame)
    {
        var slot = frame / SegmentPool.Frames * Lanes + lane;
        var table = ((nint*)Root)[slot / SegmentPool.Pointers];
        return (float*)((nint*)table)[slot % SegmentPool.Pointers] + frame % SegmentPool.Frames;
    }

    /// <summary>[any] Frames from here to the end of the segment.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Run(long frame) => SegmentPool.Frames - (int)(frame % SegmentPool.Frames);

    /// <summary>[audio] Adds frames at the end; fewer than asked when the pool runs dry.</summary>
    public int Append(SegmentPool pool, float** sources, int frames) => Append(pool, sources, frames, onWorker: false);

    /// <summary>[worker] The same from a worker; fewer frames when memory is used up.</summary>
    public int AppendOnWorker(SegmentPool pool, float** sources, int frames) => Append(pool, sources, frames, onWorker: true);

    int Append(SegmentPool pool, float** sources, int frames, bool onWorker)
    {
        var done = 0;
        while (done < frames)
        {
            if (Frames % SegmentPool.Frames == 0 && !Extend(pool, onWorker)) break;
            var run = Math.Min(frames - done, Run(Frames));
            for (var lane = 0; lane < Lanes; lane++)
                new ReadOnlySpan<float>(sources[lane] + done, run).CopyTo(new Span<float>(At(lane, Frames), run));
            Frames += run;
            done += run;
        }
        return done;
    }

    /// <summary>[any] Makes room for one more segment on every lane.</summary>
    bool Extend(SegmentPool pool, bool onWorker)
    {
        if (Frames >= MostFrames(Lanes)) return false;
        if (Root == 0)
        {
            if ((Root = onWorker ? pool.TakeOnWorker(true) : pool.TakeTable()) == 0) return false;
            Id = pool.NextId();
        }
        for (var lane = 0; lane < Lanes; lane++)
        {
            var slot = Frames / SegmentPool.Frames * Lanes + lane;
            ref var table = ref ((nint*)Root)[slot / SegmentPool.Pointers];
            if (table == 0)
            {
                if ((table = onWorker ? pool.TakeOnWorker(true) : pool.TakeTable()) == 0) return false;
                EndTable(Root, slot / SegmentPool.Pointers + 1);
            }
            ref var segment = ref ((nint*)table)[slot % SegmentPool.Pointers];
            // A lane that got its segment before the pool ran dry keeps it: it is freed with the tape.
            if (segment != 0) continue;
            if ((segment = onWorker ? pool.TakeOnWorker(false) : pool.Take()) == 0) return false;
            EndTable(table, slot % SegmentPool.Pointers + 1);
        }
        return true;
    }

    static void EndTable(nint table, long place)
    {
        if (place < SegmentPool.Pointers) ((nint*)table)[place] = 0;
    }

    // Only as much of a table as is in use: the passes of many loops may begin on one frame.
    static void CopyTable(nint from, nint to, long places)
    {
        places = Math.Min(places, SegmentPool.Pointers);
        Buffer.MemoryCopy((void*)from, (void*)to, SegmentPool.Bytes, places * sizeof(nint));
        EndTable(to, places);
    }

    // Segments of all lanes; a tape of notes counts its own.
    readonly long Slots => Lanes == 0 ? (long)SegmentPool.Pointers * SegmentPool.Pointers : (Frames + SegmentPool.Frames - 1) / SegmentPool.Frames * Lanes;

    /// <summary>[worker] Adds frames by sharing those of another tape of the same shape, from where this one ends; false when memory is used up.</summary>
    public bool ShareOnWorker(SegmentPool pool, in Tape below, int frames)
    {
        if (Root == 0)
        {
            if ((Root = pool.TakeOnWorker(true)) == 0) return false;
            Id = pool.NextId();
        }
        for (var lane = 0; lane < Lanes; lane++)
        {
            var slot = Frames / SegmentPool.Frames * Lanes + lane;
            ref var table = ref ((nint*)Root)[slot / SegmentPool.Pointers];
            if (table == 0 && (table = pool.TakeOnWorker(true)) == 0) return false;
            ((nint*)table)[slot % SegmentPool.Pointers] = ((nint*)((nint*)below.Root)[slot / SegmentPool.Pointers])[slot % SegmentPool.Pointers];
        }
        Frames += frames;
        return true;
    }

    /// <summary>[audio] A tape that begins as this one and shares all of it; its root is 0 when the pool ran dry.</summary>
    public readonly Tape CopyOf(SegmentPool pool)
    {
        var copy = this with { Root = pool.Take(), Below = Root, Id = pool.NextId() };
        if (copy.Root != 0) CopyTable(Root, copy.Root, (Slots + SegmentPool.Pointers - 1) / SegmentPool.Pointers);
        return copy;
    }

    /// <summary>[audio] Makes the segment under a frame this tape's own on every lane, so that it may be written; false when the pool ran dry.</summary>
    public readonly bool Own(SegmentPool pool, long frame) => Own(pool, frame, onWorker: false);

    /// <summary>[worker] The same from a worker.</summary>
    public readonly bool OwnOnWorker(SegmentPool pool, long frame) => Own(pool, frame, onWorker: true);

    readonly bool Own(SegmentPool pool, long frame, bool onWorker)
    {
        if (Below == 0) return true;
        for (var lane = 0; lane < Lanes; lane++)
        {
            var slot = frame / SegmentPool.Frames * Lanes + lane;
            var t = slot / SegmentPool.Pointers;
            ref var table = ref ((nint*)Root)[t];
            var below = ((nint*)Below)[t];
            if (table == below)
            {
                var fresh = onWorker ? pool.TakeOnWorker(false) : pool.Take();
                if (fresh == 0) return false;
                CopyTable(below, fresh, Slots - t * SegmentPool.Pointers);
                table = fresh;
            }
            var s = slot % SegmentPool.Pointers;
            ref var segment = ref ((nint*)table)[s];
            if (segment != ((nint*)below)[s]) continue;
            var own = onWorker ? pool.TakeOnWorker(false) : pool.Take();
            if (own == 0) return false;
            Buffer.MemoryCopy((void*)segment, (void*)own, SegmentPool.Bytes, SegmentPool.Bytes);
            segment = own;
        }
        return true;
    }

    /// <summary>[audio] Blends the end into what sounded before the beginning, so that the end leads into the beginning without a step.</summary>
    /// <param name="before">For each lane the frames that preceded the first one, oldest first; null mirrors the beginning instead.</param>
    /// <param name="frames">How many.</param>
    /// <param name="curve">The shape of the blend; of any length.</param>
    public readonly void Seam(float** before, int frames, RaisedCosine curve)
    {
        var table = curve.Table;
        for (var lane = 0; lane < Lanes; lane++)
        {
            var first = *At(lane, 0);
            for (var i = 0; i < frames;)
            {
                var end = At(lane, Frames - frames + i);
                for (var stop = Math.Min(frames, i + Run(Frames - frames + i)); i < stop; i++)
                {
                    // Where nothing was heard before the first frame, an odd mirror of the beginning keeps value and slope.
                    var lead = before != null ? before[lane][i] : 2 * first - *At(lane, frames - i);
                    var w = table[(int)((long)(i + 1) * curve.Frames / (frames + 1))];
                    *end = *end * (1 - w) + lead * w;
                    end++;
                }
            }
        }
    }
}
