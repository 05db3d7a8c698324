using System.Buffers.Binary;

namespace OscLooper.Osc;

/// <summary>Puts a packet's size in front of it, as OSC 1.0 asks on streams.</summary>
public static class LengthPrefixEncoder
{
    /// <summary>Appends size and packet to a reused buffer; false, and nothing is written, when its limit is in the way.</summary>
    public static bool Encode(ReadOnlySpan<byte> packet, OscBuffer destination)
    {
        Span<byte> size = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(size, packet.Length);
        if (!destination.Append(size)) return false;
        if (destination.Append(packet)) return true;
        destination.Length -= 4;
        return false;
    }
}
