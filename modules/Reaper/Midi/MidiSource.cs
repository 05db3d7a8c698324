using System.Globalization;
using System.Text;
using OscLooper.Reaper.Rpp;

namespace OscLooper.Reaper.Midi;

/// <summary>A MIDI take as a SOURCE MIDI block and back (facts: rpp-format section 5).</summary>
static class MidiSource
{
    /// <summary>Most ticks between two events that REAPER's 32-bit deltas hold.</summary>
    const long MaxDelta = int.MaxValue;

    /// <summary>Builds the block; the source always ends with an all-notes-off, whose time is its length.</summary>
    public static RppBlock Write(MidiTake take, Func<string> guid)
    {
        var block = RppBlock.Of("SOURCE", "MIDI");
        block.Add("HASDATA", 1, take.TicksPerBeat, "QN").Add("CCINTERP", 32).Add("POOLEDEVTS", guid());
        var tick = 0L;
        foreach (var e in take.Events)
        {
            Write(block, e, Delta(e.Tick, tick));
            tick = e.Tick;
        }
        block.Add("E", Delta(Math.Max(take.LengthTicks, tick), tick), "b0", "7b", "00");
        block.Add("CCINTERP", 32).Add("CHASE_CC_TAKEOFFS", 1).Add("GUID", guid()).Add("IGNTEMPO", 0, 120, 4, 4).Add("SRCCOLOR", 0);
        block.Add("EVTFILTER", 0, -1, -1, -1, -1, 0, 0, 0, 0, -1, -1, -1, -1, 0, -1, 0, -1, -1);
        return block;
    }

    static void Write(RppBlock block, in MidiEvent e, long delta)
    {
        var data = e.Data;
        if (data.Length == 0 || data[0] < 0x80) throw new RppError("a MIDI event begins with a status byte");
        if (data[0] < 0xf0)
        {
            // Program change and channel pressure have a second data byte in a project, always 0.
            block.Add(e.Muted ? "Em" : "E", delta, Hex(data[0]), Hex(At(data, 1)), Hex(At(data, 2)));
            return;
        }
        var text = data[0] == 0xff && data.Length >= 2 && data[1] is >= 1 and <= 15;
        var name = e.Muted ? "Xm" : "X";
        var x = text ? RppBlock.Of(name, delta, 0, 0, 0, (int)data[1], Label(data)) : RppBlock.Of(name, delta, 0);
        x.AddBytes(data);
        block.Add(x);
    }

    /// <summary>Reads the block's events. False, with the reason, for MIDI that lies in a file or is not made of known lines.</summary>
    public static bool TryRead(RppBlock block, out MidiTake take, out string reason)
    {
        take = new() { TicksPerBeat = (int)Math.Clamp(block.Line("HASDATA")?.Number(2, 960) ?? 960, 1, 32767) };
        reason = "";
        if (block.Line("HASDATA") is not { } data || data.At(1) != "1") return Refuse(out reason, "the MIDI is not in the project (no HASDATA 1)");
        var tick = 0L;
        foreach (var child in block.Children)
        {
            var line = child as RppLine ?? ((RppBlock)child).Open;
            var name = line.Name;
            var isBlock = child is RppBlock;
            if (name is not ("E" or "e" or "Em" or "em" or "<X" or "<x" or "<Xm" or "<xm")) continue;
            var tokens = line.Tokens();
            if (tokens.Count < 2 || !long.TryParse(tokens[1], NumberStyles.None, CultureInfo.InvariantCulture, out var delta) || delta > MaxDelta)
                return Refuse(out reason, $"not a delta time: {line.Text}");
            tick += delta;
            var muted = name.EndsWith('m');
            if (isBlock)
            {
                if (!((RppBlock)child).TryBytes(out var bytes) || bytes.Length == 0 || bytes[0] < 0x80) return Refuse(out reason, $"no MIDI bytes under {line.Text}");
                take.Events.Add(new(tick, bytes, muted));
                continue;
            }
            if (tokens.Count < 5 || !TryHex(tokens[2], out var status) || !TryHex(tokens[3], out var one) || !TryHex(tokens[4], out var two) || status is < 0x80 or > 0xef || (one | two) > 127)
                return Refuse(out reason, $"not a MIDI event: {line.Text}");
            take.Events.Add(new(tick, (status & 0xf0) is 0xc0 or 0xd0 ? [status, one] : [status, one, two], muted));
        }
        // The last all-notes-off is the end of the source, not an event.
        if (take.Events.Count > 0 && take.Events[^1] is { Muted: false } last && last.Data is [0xb0, 0x7b, 0]) take.Events.RemoveAt(take.Events.Count - 1);
        take.LengthTicks = tick;
        return true;
    }

    static bool Refuse(out string reason, string why)
    {
        reason = why;
        return false;
    }

    static long Delta(long tick, long before)
    {
        var delta = tick - before;
        return delta is < 0 or > MaxDelta ? throw new RppError($"MIDI ticks must rise, by at most {MaxDelta}") : delta;
    }

    static RppVerbatim Hex(byte value) => new(value.ToString("x2", CultureInfo.InvariantCulture));

    static byte At(byte[] data, int index) => index < data.Length ? data[index] : (byte)0;

    static bool TryHex(string text, out byte value) => byte.TryParse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out value);

    /// <summary>The text shown on the event's line; the bytes below it are the truth.</summary>
    static string Label(byte[] data)
    {
        var text = Encoding.UTF8.GetString(data.AsSpan(2)).Replace('\0', ' ');
        return text.Length > 256 ? text[..(char.IsHighSurrogate(text[255]) ? 255 : 256)] : text;
    }
}
