using Newtonsoft.Json.Linq;

namespace OscLooper.Bard;

/// <summary>[main] Makes one stage from its JSON object. MIDI channels count from 0 here, as in pyseq's configurations.</summary>
sealed class StageReader(Drum drum)
{
    readonly Dictionary<string, int> outputs = [];

    /// <summary>[main] Names of the arrangements that a stage leads to.</summary>
    internal static IEnumerable<string> Leads(JObject stage) => (string?)stage["style"] switch
    {
        "route" => [(string?)stage["to"] ?? ""],
        "split" => (stage["zones"] as JArray ?? []).OfType<JObject>().Select(zone => (string?)zone["to"] ?? ""),
        _ => [],
    };

    internal Stage Read(string style, JObject json, Func<string, Stage> startOf, int place)
    {
        double Number(string name, double low, double high, double otherwise) => NumberOf(json, name, low, high, otherwise);
        int Whole(string name, int low, int high, int otherwise) => (int)Math.Round(Number(name, low, high, otherwise));
        bool Flag(string name) => (bool?)json[name] ?? false;
        long Seed() => (long)Number("seed", long.MinValue / 2, long.MaxValue / 2, place + 1);
        Span Time(double beats) => json["seconds"] is null && json["ms"] is null
            ? new(Number("beats", 0, 64, beats), 0) : new(0, Number("seconds", 0, 60, Number("ms", 0, 60000, 0) / 1000));

        return style switch
        {
            "out" => new Out(Output(json), Whole("channel", 0, 15, -1)),
            "drop" => new Drop(),
            "filter" => new Filter(Channels(json), Whole("low", 0, 127, 0), Whole("high", 0, 127, 127), Whole("velocity_low", 1, 127, 1), Whole("velocity_high", 1, 127, 127)),
            "split" => new Split([.. (json["zones"] as JArray ?? throw new FormatException("\"zones\" is missing")).OfType<JObject>().Select(zone =>
                ((int)NumberOf(zone, "low", 0, 127, 0), (int)NumberOf(zone, "high", 0, 127, 127), startOf((string?)zone["to"] ?? "")))]),
            "channel" => new ToChannel(Whole("channel", 0, 15, 0)),
            "transpose" => new Transpose { Semitones = Whole("semitones", -60, 60, 0) },
            "octave" => new Transpose { Semitones = 12 * Whole("octaves", -5, 5, 0) },
            "scale" => new Quantize { Mask = ScaleOf(json), Root = Whole("root", 0, 11, 0), Mode = Choice(json, "quantize", QuantizeMode.Nearest) },
            "key_signature" => new KeySignature(isOffAtZero: false) { Key = Whole("key", -6, 6, 0) },
            "chord" when json["degrees"] is JArray degrees => new DiatonicChord(ScaleOf(json), Whole("root", 0, 11, 0),
                [.. degrees.Take(8).Select(d => (int)d is >= 0 and <= 28 and var degree ? degree : throw new FormatException("a degree is 0..28"))]),
            "chord" => new Chord { Offset = -Voicing.Deepest, Mask = Voicing.Of(ChordOf(json), Whole("inversion", 0, 8, 0), Whole("drop", 0, 3, 0), Whole("spread", 0, 2, 0)), Low = Whole("low", 0, 127, 0), High = Whole("high", 0, 127, 127) },
            "velocity" => new Velocity { Curve = Number("curve", 0.1, 10, 1), Low = Whole("low", 0, 127, 0), High = Whole("high", 0, 127, 127) },
            "fixedvel" => new Velocity { Fixed = Whole("velocity", 1, 127, 100) },
            "randomize" => new Randomize(Whole("transpose", 0, 60, 0), Whole("velocity", 0, 127, 0), Seed()),
            "chance" => new Chance(Number("percent", 0, 100, 100), Seed()),
            "delay" => new Delay(Time(0.5)),
            "echo" => new Echo(Time(0.5), Whole("count", 0, 32, 3), Number("decay", 0, 2, 0.7)),
            "strum" => StrumOf(json),
            "humanize" => new Humanize(Number("seconds", 0, 1, Number("ms", 0, 1000, 0) / 1000), Whole("velocity", 0, 127, 0), Seed()),
            "ratchet" => new Ratchet(Time(1), Whole("count", 1, 32, 2), Number("gate", 1, 100, 80)),
            "latch" => new Latch(byPedal: false),
            "sustain" => new Latch(byPedal: true),
            "arp" => ArpOf(json, Seed(), Flag("latch")),
            "drum" => new DrumStage(drum, Whole("low", 0, 112, 36)),
            _ => throw new FormatException($"no stage is called \"{style}\""),
        };
    }

    // A time below 0 strums from the highest note down.
    static Strum StrumOf(JObject json)
    {
        var time = json["seconds"] is null && json["ms"] is null ? new Span(NumberOf(json, "beats", -64, 64, 1.0 / 32), 0)
            : new Span(0, NumberOf(json, "seconds", -60, 60, NumberOf(json, "ms", -60000, 60000, 0) / 1000));
        return new Strum(new Span(Math.Abs(time.Beats), Math.Abs(time.Seconds)), time.Beats < 0 || time.Seconds < 0);
    }

    static Arp ArpOf(JObject json, long seed, bool isLatched)
    {
        var pattern = Array.IndexOf(ArpOrder.Words, (string?)json["pattern"] ?? "up");
        var rate = Array.IndexOf(Rates.Words, (string?)json["rate"] ?? "1/16");
        if (pattern < 0 || rate < 0) throw new FormatException("unknown pattern or rate");
        var arp = new Arp
        {
            Pattern = (ArpPattern)pattern, Ticks = Rates.Ticks[rate], Octaves = (int)NumberOf(json, "octaves", 1, Arp.MostOctaves, 1),
            GatePercent = NumberOf(json, "gate", 1, 200, 80), SwingPercent = NumberOf(json, "swing", 50, 75, 50),
            Ratchet = (int)NumberOf(json, "ratchet", 1, 8, 1), ChancePercent = NumberOf(json, "chance", 0, 100, 100), Seed = seed,
        };
        arp.LatchTo(isLatched);
        var place = 0;
        foreach (var step in (json["steps"] as JArray ?? []).Take(Arp.MostSteps))
            arp.User[place++] = step is JObject o
                ? new((int)NumberOf(o, "place", Arp.Tie, 127, 0), (int)NumberOf(o, "octave", -4, 4, 0), NumberOf(o, "velocity", 0, 2, 1)) : new(Math.Max(Arp.Tie, (int)step), 0, 1);
        arp.UserLength = Math.Max(1, place);
        return arp;
    }

    int Output(JObject json)
    {
        if (json["output"] is { Type: JTokenType.Integer } number) return (int)number is >= 1 and <= Ledger.Outputs and var n ? n - 1 : throw new FormatException($"output {number} is not 1..{Ledger.Outputs}");
        if (((string?)json["imp"] ?? (string?)json["output"]) is not { } name) return 0;
        if (outputs.TryGetValue(name, out var known)) return known;
        return outputs.Count < Ledger.Outputs ? outputs[name] = outputs.Count : throw new FormatException($"more than {Ledger.Outputs} outputs");
    }

    static double NumberOf(JObject json, string name, double low, double high, double otherwise)
    {
        if (json[name] is not { } token) return otherwise;
        if (token.Type is not (JTokenType.Integer or JTokenType.Float)) throw new FormatException($"\"{name}\" is no number");
        var value = (double)token;
        return value >= low && value <= high ? value : throw new FormatException($"\"{name}\" is not {low}..{high}");
    }

    static T Choice<T>(JObject json, string name, T otherwise) where T : struct, Enum =>
        json[name] is null ? otherwise : Enum.TryParse<T>((string?)json[name], true, out var value) && Enum.IsDefined(value) ? value : throw new FormatException($"\"{name}\" is one of {string.Join(' ', Enum.GetNames<T>()).ToLowerInvariant()}");

    static int Channels(JObject json) => json["channels"] is JArray list
        ? list.Aggregate(0, (mask, c) => mask | 1 << ((int)c & 15)) : json["channel"] is null ? 0xFFFF : 1 << (int)NumberOf(json, "channel", 0, 15, 0);

    static int ScaleOf(JObject json) => (int)(Words.ScaleMask(Text(json["scale"]) ?? "major") ?? throw new FormatException($"no scale is called \"{json["scale"]}\""));
    static long ChordOf(JObject json) => Words.ChordMask(Text(json["chord"] ?? json["notes"]) ?? "major") ?? throw new FormatException($"no chord is called \"{json["chord"]}\"");
    static string? Text(JToken? token) => token is JArray list ? string.Join(' ', list) : (string?)token;
}
