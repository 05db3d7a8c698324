using System.Buffers.Binary;

namespace OscLooper.Osc;

/// <summary>Takes packets with their size in front (OSC 1.0) out of chunks of any size. A bad size is fatal: nothing marks the next one.</summary>
public sealed class LengthPrefixDecoder(int maxPacketBytes = OscStreamDecoder.DefaultMaxPacketBytes)
{
    readonly FrameMemory memory = new(maxPacketBytes);
    uint prefix;
    int prefixBytes;
    bool broken;

    /// <summary>Why the stream cannot be understood any more.</summary>
    public string Reason { get; private set; } = "";

    /// <summary>
    /// The next packet in the chunk, which is shortened by what was used: call until NeedMore comes. The packet is valid
    /// until the next call and as long as the chunk's memory is.
    /// </summary>
    public OscFrame Next(ref ReadOnlySpan<byte> chunk, out ReadOnlySpan<byte> packet)
    {
        packet = default;
        if (broken) return OscFrame.Fatal;
        while (prefixBytes < 4)
        {
            if (chunk.IsEmpty) return OscFrame.NeedMore;
            prefix = prefix << 8 | chunk[0];
            prefixBytes++;
            chunk = chunk[1..];
        }
        var size = (int)prefix;
        if (size <= 0 || (size & 3) != 0 || size > maxPacketBytes)
        {
            broken = true;
            Reason = size <= 0 ? $"a packet of size {size}"
                : (size & 3) != 0 ? $"a packet of size {size}, not a multiple of 4"
                : $"a packet of size {size}, more than {maxPacketBytes}";
            chunk = default;
            return OscFrame.Fatal;
        }
        var missing = size - memory.Length;
        if (chunk.Length < missing)
        {
            memory.Append(chunk);
            chunk = default;
            return OscFrame.NeedMore;
        }
        // A packet that lies in this chunk whole is handed out from there.
        if (missing == size) packet = chunk[..size];
        else
        {
            memory.Append(chunk[..missing]);
            packet = memory.HandOut();
        }
        chunk = chunk[missing..];
        (prefix, prefixBytes) = (0, 0);
        return OscFrame.Packet;
    }
}
