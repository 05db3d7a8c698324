using OscLooper.Server.Midi;

namespace OscLooper.Tests.Server.Midi;

/// <summary>What a stream of MIDI bytes means, said slowly: realtime bytes are picked out first, then the rest is read status by status.</summary>
static class ByteModel
{
    /// <summary>Every message as text, realtime ones in a row of their own, because they overtake what they stand in.</summary>
    public static (List<string> Realtime, List<string> Others) Read(IEnumerable<byte> stream, int longestSysEx)
    {
        var all = stream.ToArray();
        int[] known = [0xF8, 0xFA, 0xFB, 0xFC, 0xFE, 0xFF];
        var realtime = all.Where(b => known.Contains(b)).Select(b => $"{b:X2}").ToList();
        var others = new List<string>();
        var rest = all.Where(b => b < 0xF8).ToArray();
        for (var i = 0; i < rest.Length;)
        {
            if (rest[i] < 0x80)
            {
                i++;
                continue;
            }
            var (status, from) = (rest[i], ++i);
            while (i < rest.Length && rest[i] < 0x80) i++;
            var data = rest[from..i];
            if (status == 0xF0)
            {
                if (i < rest.Length && rest[i] == 0xF7 && data.Length + 2 <= longestSysEx) others.Add(Text([0xF0, .. data, 0xF7]));
                continue;
            }
            var need = status switch { < 0xC0 => 2, < 0xE0 => 1, < 0xF0 => 2, 0xF1 or 0xF3 => 1, 0xF2 => 2, 0xF6 => 0, _ => -1 };
            if (need < 0) continue;
            if (need == 0) others.Add(Text([status]));
            else
                for (var at = 0; at + need <= data.Length && (at == 0 || status < 0xF0); at += need) others.Add(Text([status, .. data[at..(at + need)]]));
        }
        return (realtime, others);
    }

    /// <summary>The same by the parser.</summary>
    public static (List<string> Realtime, List<string> Others) Parse(MidiParser parser, IEnumerable<byte> stream)
    {
        var (realtime, others) = (new List<string>(), new List<string>());
        foreach (var b in stream)
            switch (parser.Push(b))
            {
                case MidiStep.Message:
                    var bytes = new byte[3];
                    var length = parser.Message.Write(bytes);
                    (parser.Message.Status >= 0xF8 ? realtime : others).Add(Text(bytes[..length]));
                    break;
                case MidiStep.SysEx:
                    others.Add(Text(parser.SysEx.ToArray()));
                    break;
            }
        return (realtime, others);
    }

    public static string Text(byte[] bytes) => string.Join(' ', bytes.Select(b => $"{b:X2}"));
}
