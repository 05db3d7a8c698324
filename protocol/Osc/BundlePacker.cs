using System.Buffers.Binary;

namespace OscLooper.Osc;

/// <summary>
/// Packs messages that are ready at the same time into packets of limited size: one goes as it is, several as a bundle
/// ("immediately"). Add until false comes, send <see cref="Packet"/>, Clear, add again.
/// </summary>
public sealed class BundlePacker(int maxPacketBytes = BundlePacker.EthernetBytes)
{
    /// <summary>What one Ethernet frame carries (1,500 bytes without the IP and UDP headers).</summary>
    public const int EthernetBytes = 1472;

    readonly OscBuffer buffer = Begun(maxPacketBytes);

    /// <summary>How many messages are in it.</summary>
    public int Count { get; private set; }

    /// <summary>What to send; empty when nothing was added. Valid until the next call.</summary>
    public ReadOnlySpan<byte> Packet => Count switch
    {
        0 => default,
        1 => buffer.Written[(PacketCheck.BundleHeaderBytes + 4)..],
        _ => buffer.Written,
    };

    /// <summary>
    /// Adds a packet; false when it does not fit beside what is there. One that is larger than the limit by itself is
    /// taken when nothing else is there, for it can only go alone; larger than a datagram is never taken.
    /// </summary>
    public bool TryAdd(ReadOnlySpan<byte> packet)
    {
        if (Count > 0 && buffer.Length + 4 + packet.Length > maxPacketBytes) return false;
        Span<byte> size = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(size, packet.Length);
        var start = buffer.Length;
        if (!buffer.Append(size) || !buffer.Append(packet))
        {
            buffer.Length = start;
            return false;
        }
        Count++;
        return true;
    }

    /// <summary>Forgets what was added.</summary>
    public void Clear()
    {
        buffer.Length = PacketCheck.BundleHeaderBytes;
        Count = 0;
    }

    static OscBuffer Begun(int maxPacketBytes)
    {
        // Room for one large packet alone, behind the bundle's head that is then not sent.
        var buffer = new OscBuffer(maxPacketBytes, OscPacket.MaxDatagramBytes + PacketCheck.BundleHeaderBytes + 4);
        buffer.Append("#bundle\0"u8);
        buffer.Append([0, 0, 0, 0, 0, 0, 0, 1]);
        return buffer;
    }
}
