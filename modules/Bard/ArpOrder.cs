namespace OscLooper.Bard;

/// <summary>[any] In which order an arpeggio goes through its notes.</summary>
enum ArpPattern { Up, Down, UpDown, UpDownInclusive, DownUp, Converge, Diverge, PinkyUp, ThumbUp, Order, Chord, Random, Walk, User }

/// <summary>[any] The orders of facts/bard.md 3.3.4, as places in the list of notes from low to high, octave after octave.</summary>
static class ArpOrder
{
    /// <summary>[any] The words on the wire, in the order of <see cref="ArpPattern"/>.</summary>
    internal static readonly string[] Words =
        ["up", "down", "updown", "updown_inclusive", "downup", "converge", "diverge", "pinky_up", "thumb_up", "order", "chord", "random", "walk", "user"];

    /// <summary>[any] Fills in one period; gives its length, at most twice the count.</summary>
    internal static int Fill(ArpPattern pattern, int count, Span<byte> places)
    {
        var n = 0;
        switch (pattern)
        {
            case ArpPattern.Down:
                for (var i = count - 1; i >= 0; i--) places[n++] = (byte)i;
                break;
            case ArpPattern.UpDown or ArpPattern.UpDownInclusive:
                for (var i = 0; i < count; i++) places[n++] = (byte)i;
                var (from, to) = pattern == ArpPattern.UpDown ? (count - 2, 1) : (count - 1, 0);
                for (var i = from; i >= to; i--) places[n++] = (byte)i;
                break;
            case ArpPattern.DownUp:
                for (var i = count - 1; i >= 0; i--) places[n++] = (byte)i;
                for (var i = 1; i < count - 1; i++) places[n++] = (byte)i;
                break;
            case ArpPattern.Converge:
                for (var i = 0; i < count; i++) places[n++] = (byte)((i & 1) == 0 ? i / 2 : count - 1 - i / 2);
                break;
            case ArpPattern.Diverge:
                for (var i = count - 1; i >= 0; i--) places[n++] = (byte)((i & 1) == 0 ? i / 2 : count - 1 - i / 2);
                break;
            case ArpPattern.PinkyUp when count > 1:
                for (var i = 0; i < count - 1; i++) (places[n], places[n + 1], n) = ((byte)i, (byte)(count - 1), n + 2);
                break;
            case ArpPattern.ThumbUp when count > 1:
                for (var i = 1; i < count; i++) (places[n], places[n + 1], n) = (0, (byte)i, n + 2);
                break;
            default:
                for (var i = 0; i < count; i++) places[n++] = (byte)i;
                break;
        }
        return n;
    }
}
