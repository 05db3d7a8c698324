namespace OscLooper.Osc;

/// <summary>What one datagram carries: an <see cref="OscMessage"/> or an <see cref="OscBundle"/>. Here bytes become either.</summary>
public abstract class OscPacket
{
    /// <summary>How many bundles may stand inside each other, the outermost included.</summary>
    public const int MaxDepth = 16;

    /// <summary>The largest packet that one UDP datagram can carry (IPv4).</summary>
    public const int MaxDatagramBytes = 65_507;

    /// <summary>Checks the whole packet and lets it be read in place. No allocation, no exception, linear time.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out OscPacketView packet, out OscError error)
    {
        var valid = PacketCheck.Run(bytes, out var addressLength, out var tagsLength, out error);
        packet = valid ? new(bytes, addressLength, tagsLength) : default;
        return valid;
    }

    /// <summary>Reads a packet into objects, which may be kept.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out OscPacket packet, out OscError error)
    {
        var valid = PacketCheck.Run(bytes, out _, out _, out error);
        packet = valid ? FromChecked(bytes) : new OscMessage("/");
        return valid;
    }

    /// <summary>Writes the packet, or into an open bundle; false when it does not fit or cannot be written.</summary>
    public abstract bool WriteTo(ref OscWriter writer);

    /// <summary>The packet's bytes. Throws InvalidOperationException when it cannot be written (see OscWriter).</summary>
    public byte[] ToBytes()
    {
        var writer = new OscWriter(new OscBuffer(limit: Array.MaxLength));
        if (!WriteTo(ref writer)) throw new InvalidOperationException("An address needs a '/' in front, text no zero character, arrays both ends.");
        return writer.Written.ToArray();
    }

    // Recursive, but at most MaxDepth deep: the packet has been checked.
    internal static OscPacket FromChecked(ReadOnlySpan<byte> bytes)
    {
        if (bytes[0] == '/') return new OscMessageView(bytes).ToMessage();
        var elements = new List<OscPacket>();
        for (var rest = bytes[PacketCheck.BundleHeaderBytes..]; !rest.IsEmpty;)
        {
            var size = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(rest);
            elements.Add(FromChecked(rest.Slice(4, size)));
            rest = rest[(4 + size)..];
        }
        return new OscBundle(new OscPacketView(bytes).TimeTag, [.. elements]);
    }
}
