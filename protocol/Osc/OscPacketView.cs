using System.Buffers.Binary;

namespace OscLooper.Osc;

/// <summary>A checked packet, read in place. Its bytes must not change while it is in use.</summary>
public readonly ref struct OscPacketView
{
    readonly int addressLength, tagsLength;   // of a plain message, as the check found them

    internal OscPacketView(ReadOnlySpan<byte> checkedBytes, int addressLength = 0, int tagsLength = 0)
    {
        Bytes = checkedBytes;
        (this.addressLength, this.tagsLength) = (addressLength, tagsLength);
    }

    /// <summary>The whole packet.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    /// <summary>Whether the packet is a bundle; otherwise it is one message.</summary>
    public bool IsBundle => Bytes is [(byte)'#', ..];

    /// <summary>The bundle's time tag; of a message, "immediately".</summary>
    public OscTimeTag TimeTag => IsBundle ? new(BinaryPrimitives.ReadUInt64BigEndian(Bytes[8..])) : OscTimeTag.Immediate;

    /// <summary>The message, when the packet is not a bundle.</summary>
    public OscMessageView Message => IsBundle ? default : addressLength > 0 ? new(Bytes, addressLength, tagsLength) : new(Bytes);

    /// <summary>All messages in packet order, out of all nested bundles.</summary>
    public OscWalker Walk() => new(Bytes);
}
