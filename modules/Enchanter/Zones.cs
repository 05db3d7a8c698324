using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace OscLooper.Enchanter;

/// <summary>[any] What one half of the keyboard plays: which output of the bard, which MIDI channel (from 0), which program.</summary>
sealed record Instrument(int Output = 1, int Channel = 0, int Bank = 0, int Program = 0);

/// <summary>[any] The keyboard in two halves (or whole), and whether its keys hit drums: as an arrangement of the bard.</summary>
sealed record Zones(Instrument Lower, Instrument Upper, bool IsSplit = false, bool IsDrums = false)
{
    /// <summary>[any] First key of the upper half: the middle C.</summary>
    internal const int Split = 60;

    /// <summary>[any] The drum machine's sixteen lanes begin where the keys that play beside the desk begin.</summary>
    internal const int FirstDrum = 52;

    internal Zones() : this(new(), new()) { }

    /// <summary>[main] For /bard/arrangement.</summary>
    internal string Arrangement
    {
        get
        {
            JArray Out(Instrument i) => [new JObject { ["style"] = "out", ["output"] = i.Output, ["channel"] = i.Channel }];
            var arrangements = new JObject();
            if (IsDrums) arrangements["p85"] = new JArray(new JObject { ["style"] = "drum", ["low"] = FirstDrum }, new JObject { ["style"] = "out", ["channel"] = 9 });
            else if (!IsSplit) arrangements["p85"] = Out(Upper);
            else
            {
                arrangements["p85"] = new JArray(new JObject
                {
                    ["style"] = "split",
                    ["zones"] = new JArray(new JObject { ["high"] = Split - 1, ["to"] = "lower" }, new JObject { ["low"] = Split, ["to"] = "upper" }),
                });
                arrangements["lower"] = Out(Lower);
                arrangements["upper"] = Out(Upper);
            }
            return new JObject { ["sources"] = new JObject { ["*"] = "p85" }, ["arrangements"] = arrangements }.ToString(Formatting.None);
        }
    }

    /// <summary>[any] So many stand in the text.</summary>
    internal const int Numbers = 10;

    /// <summary>[main] As it is remembered.</summary>
    internal string Text => string.Join(' ', new[] { Lower, Upper }.SelectMany(i => new[] { i.Output, i.Channel, i.Bank, i.Program }).Append(IsSplit ? 1 : 0).Append(IsDrums ? 1 : 0));

    /// <summary>[main] Reads it back; null when it is not that.</summary>
    internal static Zones? Read(string? text)
    {
        var n = (text ?? "").Split(' ').Select(p => int.TryParse(p, out var number) && number is >= 0 and <= 16383 ? number : -1).ToArray();
        if (n.Length != Numbers || n.Contains(-1) || n[0] is < 1 or > 8 || n[4] is < 1 or > 8 || n[1] > 15 || n[5] > 15 || n[3] > 127 || n[7] > 127) return null;
        return new Zones(new(n[0], n[1], n[2], n[3]), new(n[4], n[5], n[6], n[7]), n[8] == 1, n[9] == 1);
    }
}
