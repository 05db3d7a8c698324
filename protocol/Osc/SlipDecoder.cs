namespace OscLooper.Osc;

/// <summary>Takes SLIP frames (RFC 1055, an END at both ends or at one) out of chunks of any size. Recovers at the next END.</summary>
public sealed class SlipDecoder(int maxPacketBytes = OscStreamDecoder.DefaultMaxPacketBytes)
{
    readonly FrameMemory memory = new(maxPacketBytes);
    bool escaped, skipping;

    /// <summary>Why the last frame was malformed.</summary>
    public string Reason { get; private set; } = "";

    /// <summary>
    /// The next frame in the chunk, which is shortened by what was used: call until NeedMore comes. The packet is valid
    /// until the next call and as long as the chunk's memory is. Empty frames are passed over.
    /// </summary>
    public OscFrame Next(ref ReadOnlySpan<byte> chunk, out ReadOnlySpan<byte> packet)
    {
        packet = default;
        while (!chunk.IsEmpty)
        {
            if (skipping)
            {
                var end = chunk.IndexOf(Slip.End);
                chunk = end < 0 ? default : chunk[(end + 1)..];
                skipping = end < 0;
                continue;
            }
            if (escaped)
            {
                var original = Slip.Unescape(chunk[0]);
                if (original == 0) return Drop("an escape is followed by neither DC nor DD");
                escaped = false;
                chunk = chunk[1..];
                if (!memory.Append([original])) return Drop(TooLarge);
                continue;
            }
            var plain = chunk.IndexOfAny(Slip.End, Slip.Escape);
            var piece = plain < 0 ? chunk : chunk[..plain];
            if (plain >= 0 && chunk[plain] == Slip.End)
            {
                // A frame that lies in this chunk whole is handed out from there.
                if (memory.Length == 0 && piece.Length <= maxPacketBytes) packet = piece;
                else if (!memory.Append(piece)) return Drop(TooLarge);
                else packet = memory.HandOut();
                chunk = chunk[(plain + 1)..];
                if (!packet.IsEmpty) return OscFrame.Packet;
                continue;
            }
            if (!memory.Append(piece)) return Drop(TooLarge);
            escaped = plain >= 0;
            chunk = plain < 0 ? default : chunk[(plain + 1)..];
        }
        return OscFrame.NeedMore;
    }

    string TooLarge => $"a frame is larger than {maxPacketBytes} bytes";

    OscFrame Drop(string reason)
    {
        memory.Clear();
        escaped = false;
        skipping = true;
        Reason = reason;
        return OscFrame.Malformed;
    }
}
