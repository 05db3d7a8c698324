using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace OscLooper.Server.Midi;

/// <summary>[any] A queue of byte packets with their frames, with one writing thread and one reading thread. Never waits, never allocates after construction.</summary>
public sealed class PacketRing(int capacity)
{
    const int Header = 12;
    readonly byte[] bytes = new byte[capacity];
    RingCounters at;

    /// <summary>[any] Bytes that wait, with their heads.</summary>
    public int Used => (int)(Volatile.Read(ref at.Written) - Volatile.Read(ref at.Read));

    /// <summary>[any] The longest packet that can ever be written.</summary>
    public int Longest => capacity - Header;

    /// <summary>[any] The writer's call: true when a packet of this length has room now.</summary>
    public bool HasRoom(int length) => capacity - (at.Written - Volatile.Read(ref at.Read)) >= Header + length;

    /// <summary>[any] The writer's call: true when all of these have room now.</summary>
    public bool HasRoom(IReadOnlyList<byte[]> packets)
    {
        var free = capacity - (at.Written - Volatile.Read(ref at.Read));
        foreach (var packet in packets) free -= Header + packet.Length;
        return free >= 0;
    }

    /// <summary>[any] The writer's call: false when full.</summary>
    public bool TryWrite(long frame, ReadOnlySpan<byte> packet)
    {
        if (!HasRoom(packet.Length)) return false;
        Span<byte> head = stackalloc byte[Header];
        Unsafe.WriteUnaligned(ref head[0], frame);
        Unsafe.WriteUnaligned(ref head[8], packet.Length);
        var written = at.Written;
        Put(written, head);
        Put(written + Header, packet);
        Volatile.Write(ref at.Written, written + Header + packet.Length);
        return true;
    }

    /// <summary>[any] Frame and length of the next packet; false when empty. For the writer it may just have been taken.</summary>
    public bool TryPeek(out long frame, out int length)
    {
        (frame, length) = (0, 0);
        var read = Volatile.Read(ref at.Read);
        if (read == Volatile.Read(ref at.Written)) return false;
        Span<byte> head = stackalloc byte[Header];
        Get(read, head);
        frame = Unsafe.ReadUnaligned<long>(ref head[0]);
        length = Unsafe.ReadUnaligned<int>(ref head[8]);
        return true;
    }

    /// <summary>[any] The reader's call: the beginning of the packet that was peeked; it must be that long.</summary>
    public void Begins(Span<byte> into) => Get(at.Read + Header, into);

    /// <summary>[any] The reader's call: copies the packet that was peeked and takes it out; what does not fit is cut off.</summary>
    public void Take(Span<byte> into, int length)
    {
        Get(at.Read + Header, into[..Math.Min(into.Length, length)]);
        Volatile.Write(ref at.Read, at.Read + Header + length);
    }

    void Put(long position, ReadOnlySpan<byte> from)
    {
        var place = (int)(position % bytes.Length);
        var first = Math.Min(from.Length, bytes.Length - place);
        from[..first].CopyTo(bytes.AsSpan(place));
        from[first..].CopyTo(bytes);
    }

    void Get(long position, Span<byte> into)
    {
        var place = (int)(position % bytes.Length);
        var first = Math.Min(into.Length, bytes.Length - place);
        bytes.AsSpan(place, first).CopyTo(into);
        bytes.AsSpan(0, into.Length - first).CopyTo(into[first..]);
    }
}
