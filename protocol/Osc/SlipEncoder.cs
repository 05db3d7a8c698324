namespace OscLooper.Osc;

/// <summary>Puts packets into SLIP frames as OSC 1.1 asks: an END at both ends.</summary>
public static class SlipEncoder
{
    /// <summary>Appends the framed packet to a reused buffer; false, and nothing is written, when its limit is in the way.</summary>
    public static bool Encode(ReadOnlySpan<byte> packet, OscBuffer destination)
    {
        var start = destination.Length;
        if (destination.Append(Slip.End) && Contents(packet, destination) && destination.Append(Slip.End)) return true;
        destination.Length = start;
        return false;
    }

    static bool Contents(ReadOnlySpan<byte> packet, OscBuffer destination)
    {
        while (true)
        {
            var special = packet.IndexOfAny(Slip.End, Slip.Escape);
            if (special < 0) return destination.Append(packet);
            var escaped = packet[special] == Slip.End ? Slip.EscapedEnd : Slip.EscapedEscape;
            if (!destination.Append(packet[..special]) || !destination.Append([Slip.Escape, escaped])) return false;
            packet = packet[(special + 1)..];
        }
    }
}
