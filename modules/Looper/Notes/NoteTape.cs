using System.Runtime.InteropServices;
using OscLooper.Dsp;

namespace OscLooper.Looper;

/// <summary>
/// [audio] A tape of notes: a <see cref="Tape"/> without lanes, on the same segments of the same pool. Each segment holds records in order
/// of their positions and says which segment follows; a full one is split. So an insertion anywhere costs one segment at most, segments keep
/// their places, and a copy shares with the tape below what it has not changed.
/// </summary>
static unsafe class NoteTape
{
    /// <summary>[any] Segments, and records of one, that a tape has at most.</summary>
    public const int MostSegments = 256, Records = 511;
    // The root's last place says how many segments are in use; those who free a tree do not come that far.
    const int CountPlace = SegmentPool.Pointers - 1;
    // Odd while something is being changed, so that a worker knows whether what it read was whole.
    const int ChangesPlace = SegmentPool.Pointers - 2;
    const int MostReadings = 16;

    // As long as a record.
    [StructLayout(LayoutKind.Sequential, Size = 16)]
    struct Head
    {
        public int Count, Next;
    }

    static Head* Segment(in Tape tape, int slot) => (Head*)((nint*)((nint*)tape.Root)[0])[slot];
    static NoteRecord* RecordsOf(Head* segment) => (NoteRecord*)(segment + 1);
    static int Used(in Tape tape) => (int)((nint*)tape.Root)[CountPlace];

    /// <summary>[audio] Makes a tape that nothing is on yet; false when the pool ran dry.</summary>
    public static bool Begin(ref Tape tape, SegmentPool pool, bool onWorker = false)
    {
        if (tape.Root == 0)
        {
            if ((tape.Root = Fresh(pool, onWorker)) == 0) return false;
            new Span<byte>((void*)tape.Root, SegmentPool.Bytes).Clear();
            tape.Id = pool.NextId();
        }
        ref var table = ref ((nint*)tape.Root)[0];
        if (table == 0)
        {
            if ((table = Fresh(pool, onWorker)) == 0) return false;
            new Span<byte>((void*)table, SegmentPool.Bytes).Clear();
        }
        return Used(tape) > 0 || Extend(tape, pool, onWorker) is not null;
    }

    static void NoteChange(in Tape tape) => Interlocked.Increment(ref ((long*)tape.Root)[ChangesPlace]);

    static nint Fresh(SegmentPool pool, bool onWorker) => onWorker ? pool.TakeOnWorker(false) : pool.Take();

    // One more segment, which nothing leads to yet. The table is the tape's own.
    static Head* Extend(in Tape tape, SegmentPool pool, bool onWorker)
    {
        var slot = Used(tape);
        if (slot == MostSegments) return null;
        var fresh = (Head*)Fresh(pool, onWorker);
        if (fresh == null) return null;
        (fresh->Count, fresh->Next) = (0, -1);
        ((nint*)((nint*)tape.Root)[0])[slot] = (nint)fresh;
        ((nint*)tape.Root)[CountPlace] = slot + 1;
        return fresh;
    }

    // Makes a segment, and the table, this tape's own; null when the pool ran dry.
    static Head* Own(in Tape tape, SegmentPool pool, int slot)
    {
        if (tape.Below == 0) return Segment(tape, slot);
        ref var table = ref ((nint*)tape.Root)[0];
        var below = ((nint*)tape.Below)[0];
        if (table == below && !Copy(ref table, pool)) return null;
        ref var segment = ref ((nint*)table)[slot];
        return segment == ((nint*)below)[slot] && !Copy(ref segment, pool) ? null : (Head*)segment;
    }

    static bool Copy(ref nint segment, SegmentPool pool)
    {
        var own = pool.Take();
        if (own == 0) return false;
        Buffer.MemoryCopy((void*)segment, (void*)own, SegmentPool.Bytes, SegmentPool.Bytes);
        segment = own;
        return true;
    }

    /// <summary>[audio] Puts a record behind all that are not later; false when there is no room.</summary>
    public static bool Insert(in Tape tape, SegmentPool pool, in NoteRecord record, bool onWorker = false)
    {
        var slot = 0;
        for (int next = 0, hops = 0; next >= 0 && hops < MostSegments; hops++)
        {
            var here = Segment(tape, next);
            if (here->Count > 0)
            {
                if (RecordsOf(here)->Position > record.Position) break;
                slot = next;
            }
            next = here->Next;
        }
        NoteChange(tape);
        var isKept = Put(tape, pool, slot, record, onWorker);
        NoteChange(tape);
        return isKept;
    }

    static bool Put(in Tape tape, SegmentPool pool, int slot, in NoteRecord record, bool onWorker)
    {
        var segment = Own(tape, pool, slot);
        if (segment == null) return false;
        if (segment->Count == Records)
        {
            var fresh = Extend(tape, pool, onWorker);
            if (fresh == null) return false;
            // What comes in order leaves full segments behind.
            var kept = RecordsOf(segment)[Records - 1].Position <= record.Position ? Records : Records / 2;
            fresh->Count = Records - kept;
            new ReadOnlySpan<NoteRecord>(RecordsOf(segment) + kept, fresh->Count).CopyTo(new Span<NoteRecord>(RecordsOf(fresh), fresh->Count));
            (fresh->Next, segment->Next, segment->Count) = (segment->Next, Used(tape) - 1, kept);
            if (kept == Records || RecordsOf(fresh)->Position <= record.Position) segment = fresh;
        }
        var place = FirstAt(segment, record.Position + 1L);
        new ReadOnlySpan<NoteRecord>(RecordsOf(segment) + place, segment->Count - place).CopyTo(new Span<NoteRecord>(RecordsOf(segment) + place + 1, segment->Count - place));
        RecordsOf(segment)[place] = record;
        segment->Count++;
        return true;
    }

    static int FirstAt(Head* segment, long position)
    {
        var (low, high) = (0, segment->Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (RecordsOf(segment)[middle].Position >= position) high = middle;
            else low = middle + 1;
        }
        return low;
    }

    /// <summary>[audio] A place on a tape: a segment and a record in it.</summary>
    public struct Place
    {
        public int Slot, Index;
    }

    /// <summary>[audio] The first record at or after a position, looked for from an earlier place on.</summary>
    public static Place Find(in Tape tape, long position, int hint)
    {
        if (hint < 0 || hint >= Used(tape) || Segment(tape, hint)->Count == 0 || RecordsOf(Segment(tape, hint))->Position >= position) hint = 0;
        var place = new Place { Slot = hint };
        for (var hops = 0; hops < MostSegments; hops++)
        {
            var segment = Segment(tape, place.Slot);
            place.Index = FirstAt(segment, position);
            if (place.Index < segment->Count || segment->Next < 0) break;
            place.Slot = segment->Next;
        }
        return place;
    }

    /// <summary>[audio] The record at a place, or at the beginning of what follows; false at the end.</summary>
    public static bool TryRead(in Tape tape, ref Place place, out NoteRecord record)
    {
        for (var hops = 0; hops < MostSegments; hops++)
        {
            var segment = Segment(tape, place.Slot);
            if (place.Index < segment->Count)
            {
                record = RecordsOf(segment)[place.Index];
                return true;
            }
            if (segment->Next < 0) break;
            place = new Place { Slot = segment->Next };
        }
        record = default;
        return false;
    }

    /// <summary>[audio] Gives a note another velocity; below 1 it vanishes, and the place is that of what follows. False when the pool ran dry.</summary>
    public static bool Scale(in Tape tape, SegmentPool pool, ref Place place, float velocity)
    {
        NoteChange(tape);
        var segment = Own(tape, pool, place.Slot);
        if (segment != null) Scale(segment, ref place, velocity);
        NoteChange(tape);
        return segment != null;
    }

    static void Scale(Head* segment, ref Place place, float velocity)
    {
        if (velocity >= 1) RecordsOf(segment)[place.Index++].Velocity = velocity;
        else
        {
            segment->Count--;
            new ReadOnlySpan<NoteRecord>(RecordsOf(segment) + place.Index + 1, segment->Count - place.Index).CopyTo(new Span<NoteRecord>(RecordsOf(segment) + place.Index, segment->Count - place.Index));
        }
    }

    /// <summary>[worker] All that is on it, in order. A tape that is being written meanwhile gives at least nothing impossible.</summary>
    public static List<NoteRecord> ToList(in Tape tape)
    {
        var all = new List<NoteRecord>();
        CopyTo(tape, all);
        return all;
    }

    /// <summary>[worker] The same into a list that is there; read again when it was changed meanwhile.</summary>
    public static void CopyTo(in Tape tape, List<NoteRecord> all)
    {
        all.Clear();
        if (tape.IsEmpty) return;
        for (var reading = 0; reading < MostReadings; reading++)
        {
            var before = Interlocked.Read(ref ((long*)tape.Root)[ChangesPlace]);
            all.Clear();
            Collect(tape, all);
            if ((before & 1) == 0 && Interlocked.Read(ref ((long*)tape.Root)[ChangesPlace]) == before) return;
        }
    }

    static void Collect(in Tape tape, List<NoteRecord> all)
    {
        for (int slot = 0, hops = 0; slot >= 0 && slot < Used(tape) && hops < MostSegments; hops++)
        {
            var segment = Segment(tape, slot);
            for (var i = 0; i < Math.Clamp(segment->Count, 0, Records); i++)
                if (RecordsOf(segment)[i] is var record && record.Position < tape.Frames) all.Add(record);
            slot = segment->Next;
        }
    }
}
