using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace OscLooper;

/// <summary>[any] A queue with one writing thread and one reading thread. Never waits, never allocates after construction.</summary>
public sealed class Ring<T>(int capacity)
{
    readonly T[] items = Still((int)BitOperations.RoundUpToPowerOf2((uint)capacity));
    RingCounters at;

    // What is allocated in place is neither copied nor touched when the heap is compacted: most of it is never used.
    static T[] Still(int count) => RuntimeHelpers.IsReferenceOrContainsReferences<T>() ? new T[count] : GC.AllocateArray<T>(count, pinned: true);

    /// <summary>[any] How many items fit.</summary>
    public int Capacity => items.Length;

    /// <summary>[any] How many items wait (exact for the reader and the writer, an estimate for others).</summary>
    public int Count => (int)(Volatile.Read(ref at.Written) - Volatile.Read(ref at.Read));

    /// <summary>[any] The writer's call: false when full.</summary>
    public bool TryWrite(in T item)
    {
        var written = at.Written;
        if (written - Volatile.Read(ref at.Read) == items.Length) return false;
        items[written & (items.Length - 1)] = item;
        Volatile.Write(ref at.Written, written + 1);
        return true;
    }

    /// <summary>[any] The writer's call: all of them become readable at once, or none when they do not fit.</summary>
    public bool TryWriteAll(ReadOnlySpan<T> some)
    {
        var written = at.Written;
        if (items.Length - (written - Volatile.Read(ref at.Read)) < some.Length) return false;
        foreach (ref readonly var item in some) items[written++ & (items.Length - 1)] = item;
        Volatile.Write(ref at.Written, written);
        return true;
    }

    /// <summary>[any] The reader's call: false when empty.</summary>
    public bool TryRead(out T item)
    {
        var read = at.Read;
        if (read == Volatile.Read(ref at.Written))
        {
            item = default!;
            return false;
        }
        ref var place = ref items[read & (items.Length - 1)];
        item = place;
        place = default!;
        Volatile.Write(ref at.Read, read + 1);
        return true;
    }
}

// The two counters live on cache lines of their own, so that writer and reader do not slow each other.
// (Outside the ring: a generic type cannot have an explicit layout.)
[StructLayout(LayoutKind.Explicit, Size = 192)]
struct RingCounters
{
    [FieldOffset(0)] public long Written;
    [FieldOffset(64)] public long Read;
}
