namespace OscLooper.Osc;

/// <summary>
/// Takes packets out of one TCP connection, whichever framing its sender uses. The first byte tells: C0 (END), '/' or
/// '#' begin SLIP; 00 begins a size, since no packet reaches 16 MiB. Anything else is not OSC.
/// </summary>
public sealed class OscStreamDecoder
{
    /// <summary>The largest packet taken from a stream unless told otherwise: 1 MiB.</summary>
    public const int DefaultMaxPacketBytes = 1 << 20;

    readonly int maxPacketBytes;
    SlipDecoder? slip;
    LengthPrefixDecoder? lengthPrefix;
    string? notOsc;

    /// <summary>A decoder for one connection.</summary>
    public OscStreamDecoder(int maxPacketBytes = DefaultMaxPacketBytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(maxPacketBytes, 1 << 24);
        this.maxPacketBytes = maxPacketBytes;
    }

    /// <summary>Whether the sender uses SLIP (answers go the same way); null before the first byte.</summary>
    public bool? IsSlip => slip is not null ? true : lengthPrefix is not null ? false : null;

    /// <summary>Why the last answer was Malformed or Fatal.</summary>
    public string Reason => notOsc ?? slip?.Reason ?? lengthPrefix?.Reason ?? "";

    /// <summary>
    /// The next packet in the chunk, which is shortened by what was used: call until NeedMore or Fatal comes. The packet
    /// is valid until the next call and as long as the chunk's memory is.
    /// </summary>
    public OscFrame Next(ref ReadOnlySpan<byte> chunk, out ReadOnlySpan<byte> packet)
    {
        packet = default;
        if (IsSlip is null && notOsc is null && !chunk.IsEmpty) Choose(chunk[0]);
        if (slip is not null) return slip.Next(ref chunk, out packet);
        if (lengthPrefix is not null) return lengthPrefix.Next(ref chunk, out packet);
        return notOsc is null ? OscFrame.NeedMore : OscFrame.Fatal;
    }

    /// <summary>Frames a packet for the sender on the other end, the way it does itself (SLIP while that is not known).</summary>
    public bool Encode(ReadOnlySpan<byte> packet, OscBuffer destination) =>
        IsSlip ?? true ? SlipEncoder.Encode(packet, destination) : LengthPrefixEncoder.Encode(packet, destination);

    void Choose(byte first)
    {
        if (first is Slip.End or (byte)'/' or (byte)'#') slip = new(maxPacketBytes);
        else if (first == 0) lengthPrefix = new(maxPacketBytes);
        else notOsc = $"the first byte, 0x{first:x2}, begins neither a SLIP frame nor a size";
    }
}
