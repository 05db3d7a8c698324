using System.Runtime.InteropServices;

namespace OscLooper.Dsp;

/// <summary>[any] A queue of small values with one writing and one reading thread, inside this room (which refers to nothing).</summary>
sealed class SpscRing<T>(int capacityPowerOfTwo) where T : unmanaged
{
    readonly T[] items = GC.AllocateArray<T>(capacityPowerOfTwo, pinned: true);
    SpscCounters at;

    public int Count => (int)(Volatile.Read(ref at.Written) - Volatile.Read(ref at.Read));

    public bool TryWrite(T item)
    {
        var written = at.Written;
        if (written - Volatile.Read(ref at.Read) == items.Length) return false;
        items[written & (items.Length - 1)] = item;
        Volatile.Write(ref at.Written, written + 1);
        return true;
    }

    public bool TryPeek(out T item)
    {
        var read = at.Read;
        var any = read != Volatile.Read(ref at.Written);
        item = any ? items[read & (items.Length - 1)] : default;
        return any;
    }

    public bool TryRead(out T item)
    {
        if (!TryPeek(out item)) return false;
        Volatile.Write(ref at.Read, at.Read + 1);
        return true;
    }
}

// The two counters live on cache lines of their own; outside the ring, because generic types cannot have an explicit layout.
[StructLayout(LayoutKind.Explicit, Size = 192)]
struct SpscCounters
{
    [FieldOffset(0)] public long Written;
    [FieldOffset(64)] public long Read;
}
