using System.Buffers.Binary;

namespace OscLooper.Server.Addressing;

/// <summary>[main] Packets of one client that wait for their turn, with their receive times: a ring of bytes, bounded, reused.</summary>
sealed class PacketQueue(int limit = PacketQueue.DefaultLimit)
{
    public const int DefaultLimit = 4 << 20;
    const int Header = 12, Smallest = 4096;
    byte[] bytes = [];
    int head, tail;      // [head, tail) is used; when it would not fit at the end, it is moved to the start

    /// <summary>[main] Packets that wait.</summary>
    public int Count { get; private set; }

    /// <summary>[main] Bytes that wait.</summary>
    public int Bytes => tail - head;

    /// <summary>[main] Puts a packet at the end; false when the queue is full.</summary>
    public bool TryWrite(ReadOnlySpan<byte> packet, long receivedNanoseconds)
    {
        var size = Header + packet.Length;
        if (tail - head + size > limit) return false;
        if (tail + size > bytes.Length) MakeRoom(size);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(tail), packet.Length);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(tail + 4), receivedNanoseconds);
        packet.CopyTo(bytes.AsSpan(tail + Header));
        tail += size;
        Count++;
        return true;
    }

    /// <summary>[main] The packet at the front, valid until the next call.</summary>
    public bool TryPeek(out ReadOnlySpan<byte> packet, out long receivedNanoseconds)
    {
        if (Count == 0)
        {
            packet = default;
            receivedNanoseconds = 0;
            return false;
        }
        var length = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(head));
        receivedNanoseconds = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(head + 4));
        packet = bytes.AsSpan(head + Header, length);
        return true;
    }

    /// <summary>[main] Takes the packet at the front away.</summary>
    public void Drop()
    {
        head += Header + BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(head));
        if (--Count > 0) return;
        head = tail = 0;
        if (bytes.Length > 1 << 16) bytes = [];   // one flood does not keep megabytes for ever
    }

    void MakeRoom(int size)
    {
        var used = tail - head;
        var target = bytes;
        if (used + size > bytes.Length || head < bytes.Length / 2)
            target = new byte[Math.Max(Smallest, Math.Max(bytes.Length * 2, used + size))];
        bytes.AsSpan(head, used).CopyTo(target);
        (bytes, head, tail) = (target, 0, used);
    }
}
