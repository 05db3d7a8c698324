namespace OscLooper.Server.Realtime;

/// <summary>
/// [audio] Events that wait for their frame. Those that come in order lie in a plain ring; only those that come before an earlier
/// one go through a binary heap, so a flood of present events never shifts the thousands that wait for later.
/// </summary>
public sealed class EventQueue
{
    /// <summary>[any] How many events may wait.</summary>
    public const int Capacity = 16384;

    struct Entry
    {
        public Event Event;
        public long Sequence;
    }

    readonly Entry[] lane = GC.AllocateArray<Entry>(Capacity, pinned: true);
    readonly Entry[] heap = GC.AllocateArray<Entry>(Capacity, pinned: true);
    int laneFirst, laneCount, heapCount;
    long nextSequence;

    /// <summary>[audio] How many wait.</summary>
    public int Count => laneCount + heapCount;

    /// <summary>[audio] Takes an event in; false when full.</summary>
    public bool Add(in Event e)
    {
        if (Count == Capacity) return false;
        var entry = new Entry { Event = e, Sequence = nextSequence++ };
        if (laneCount == 0 || lane[(laneFirst + laneCount - 1) & (Capacity - 1)].Event.Frame <= e.Frame)
            lane[(laneFirst + laneCount++) & (Capacity - 1)] = entry;
        else
            Rise(entry);
        return true;
    }

    /// <summary>[audio] Takes out the next event before the frame: by frame, and among equals in the order of sending.</summary>
    public bool TryTakeBefore(long frame, out Event e)
    {
        var fromHeap = heapCount > 0 && (laneCount == 0 || IsBefore(heap[0], lane[laneFirst]));
        if (Count == 0 || (fromHeap ? heap[0] : lane[laneFirst]).Event.Frame >= frame)
        {
            e = default;
            return false;
        }
        if (fromHeap)
        {
            e = heap[0].Event;
            Sink(heap[--heapCount]);
        }
        else
        {
            e = lane[laneFirst].Event;
            laneFirst = (laneFirst + 1) & (Capacity - 1);
            laneCount--;
        }
        return true;
    }

    static bool IsBefore(in Entry a, in Entry b) =>
        a.Event.Frame != b.Event.Frame ? a.Event.Frame < b.Event.Frame : a.Sequence < b.Sequence;

    void Rise(in Entry entry)
    {
        var place = heapCount++;
        while (place > 0 && IsBefore(entry, heap[(place - 1) / 2]))
        {
            heap[place] = heap[(place - 1) / 2];
            place = (place - 1) / 2;
        }
        heap[place] = entry;
    }

    void Sink(in Entry last)
    {
        var entry = last;
        var place = 0;
        while (true)
        {
            var child = 2 * place + 1;
            if (child >= heapCount) break;
            if (child + 1 < heapCount && IsBefore(heap[child + 1], heap[child])) child++;
            if (!IsBefore(heap[child], entry)) break;
            heap[place] = heap[child];
            place = child;
        }
        heap[place] = entry;
    }
}
