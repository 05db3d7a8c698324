namespace OscLooper.Bard;

/// <summary>[audio] What happens later: a binary heap by frame; at one frame ends come before beginnings, equals in the order they were entered.</summary>
sealed class Timetable
{
    internal const int Capacity = 16384;

    internal struct Entry
    {
        public long Frame, Order;
        public int Node, Generation;
        public readonly bool IsOpening => (Order & OpeningBit) != 0;
    }

    const long OpeningBit = 1L << 62;
    readonly Entry[] heap = new Entry[Capacity];
    long sequence;

    internal int Count { get; private set; }
    internal long NextFrame => Count > 0 ? heap[0].Frame : long.MaxValue;
    internal void Clear() => Count = 0;

    /// <summary>[audio] Enters; false when full.</summary>
    internal bool Add(long frame, bool isOpening, int node, int generation)
    {
        if (Count == Capacity) return false;
        var entry = new Entry { Frame = frame, Order = sequence++ | (isOpening ? OpeningBit : 0), Node = node, Generation = generation };
        var place = Count++;
        for (; place > 0 && IsBefore(entry, heap[(place - 1) / 2]); place = (place - 1) / 2) heap[place] = heap[(place - 1) / 2];
        heap[place] = entry;
        return true;
    }

    /// <summary>[audio] Takes the next; there must be one.</summary>
    internal Entry Take()
    {
        var first = heap[0];
        var last = heap[--Count];
        var place = 0;
        while (2 * place + 1 is var child && child < Count)
        {
            if (child + 1 < Count && IsBefore(heap[child + 1], heap[child])) child++;
            if (!IsBefore(heap[child], last)) break;
            heap[place] = heap[child];
            place = child;
        }
        heap[place] = last;
        return first;
    }

    static bool IsBefore(in Entry a, in Entry b) => a.Frame != b.Frame ? a.Frame < b.Frame : a.Order < b.Order;
}
