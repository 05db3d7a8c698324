using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace OscLooper.Bard;

/// <summary>[main] Reads an arrangement: {"sources": {"keys": "lead", "keys.9": "drums"}, "arrangements": {"lead": [{"style": "transpose", "semitones": 7}, {"style": "out"}]}}.</summary>
sealed class ArrangementReader
{
    internal const int MostText = 1 << 18;
    const int MostStages = 512, MostSteppers = 64, MostNotes = 256;

    readonly JObject arrangements;
    readonly StageReader stageReader;
    readonly Dictionary<string, Stage> compiled = [];
    readonly List<Stage> stages = [];
    readonly HashSet<string> harmless = [];
    readonly Dictionary<Stage, long> fans = [];

    ArrangementReader(JObject arrangements, StageReader stageReader) => (this.arrangements, this.stageReader) = (arrangements, stageReader);

    /// <summary>[main] The arrangement, or null and what is wrong with the text.</summary>
    internal static Arrangement? Read(string json, Drum drum, IStepper[] shared, out string why)
    {
        why = "";
        try
        {
            if (json.Length > MostText) throw new FormatException("longer than 256 KiB");
            using var reader = new JsonTextReader(new StringReader(json)) { MaxDepth = 16 };
            var root = JObject.Load(reader);
            var made = new ArrangementReader(root["arrangements"] as JObject ?? throw new FormatException("\"arrangements\" is missing"), new StageReader(drum));
            return made.Compile(root["sources"] as JObject ?? [], root["inputs"] as JObject ?? [], shared);
        }
        catch (Exception e) when (e is JsonException or FormatException or ArgumentException or InvalidCastException or OverflowException)
        {
            why = e.Message;
            return null;
        }
    }

    Arrangement Compile(JObject sources, JObject inputs, IStepper[] shared)
    {
        foreach (var (name, _) in arrangements) RefuseCycles(name, []);
        foreach (var (name, _) in arrangements) FanOf(StartOf(name));
        if (stages.OfType<IStepper>().Count() > MostSteppers) throw new FormatException($"more than {MostSteppers} arpeggiators");

        var numbers = inputs.Properties().ToDictionary(p => p.Name, p => Number((int)p.Value));
        var starts = new Dictionary<(int Source, int Channel), Stage>();
        foreach (var (source, to) in sources)
        {
            var dot = source.LastIndexOf('.');
            var channel = dot >= 0 && int.TryParse(source[(dot + 1)..], out var c) && c is >= 0 and < 16 ? c : -1;
            var name = channel < 0 ? source : source[..dot];
            if (!numbers.TryGetValue(name, out var number))
                numbers[name] = number = name == "*" ? -1 : int.TryParse(name, out var n) ? Number(n) : Enumerable.Range(0, Performer.Sources).Except(numbers.Values).DefaultIfEmpty(-2).First();
            if (number == -2) throw new FormatException($"more than {Performer.Sources} sources");
            starts[(number, channel)] = StartOf((string?)to ?? "");
        }
        // The most exact name wins: source and channel, source, any source on the channel, any source.
        Stage? StartFor(int source, int channel) =>
            new[] { (source, channel), (source, -1), (-1, channel), (-1, -1) }.Where(starts.ContainsKey).Select(k => starts[k]).FirstOrDefault();
        return new Arrangement([.. stages], StartFor, shared);
    }

    static int Number(int number) => number is >= 1 and <= Performer.Sources ? number - 1 : throw new FormatException($"source {number} is not 1..{Performer.Sources}");

    JArray Chain(string name) => arrangements[name] as JArray ?? throw new FormatException($"no arrangement is called \"{name}\"");

    void RefuseCycles(string name, List<string> way)
    {
        if (harmless.Contains(name)) return;
        if (way.Contains(name)) throw new FormatException($"cycle: {string.Join(" -> ", way.SkipWhile(w => w != name))} -> {name}");
        if (way.Count > 64) throw new FormatException("more than 64 routes one after the other");
        way.Add(name);
        foreach (var to in Chain(name).OfType<JObject>().SelectMany(StageReader.Leads)) RefuseCycles(to, way);
        way.RemoveAt(way.Count - 1);
        harmless.Add(name);
    }

    // One key must not become a flood: the notes that may come of it are multiplied and added up along all ways.
    long FanOf(Stage? stage)
    {
        if (stage is null) return 1;
        if (fans.TryGetValue(stage, out var known)) return known;
        var fan = stage is Split split ? split.Ways.Sum(FanOf) : stage.Fan * FanOf(stage.Next) + (stage is Out ? 1 : 0);
        return fan > MostNotes ? throw new FormatException($"one key would become more than {MostNotes} notes") : fans[stage] = fan;
    }

    Stage StartOf(string name)
    {
        if (compiled.TryGetValue(name, out var known)) return known;
        Stage? first = null, last = null;
        var place = 0;
        foreach (var item in Chain(name))
        {
            place++;
            if (item is not JObject json) throw new FormatException($"stage {place} of \"{name}\" is no object");
            if (last is Split or Drop || (last is not null && last.Next is not null)) throw new FormatException($"stage {place} of \"{name}\" cannot be reached");
            if (stages.Count >= MostStages) throw new FormatException($"more than {MostStages} stages");
            var style = (string?)json["style"] ?? "";
            Stage stage;
            try
            {
                if (style == "route")
                {
                    // From here on the other one's stages play, for both.
                    var target = StartOf((string?)json["to"] ?? "");
                    if (last is null) first = target;
                    else last.Next = target;
                    last = new Split([]);
                    continue;
                }
                stage = stageReader.Read(style, json, StartOf, stages.Count);
            }
            catch (FormatException e) when (!e.Message.StartsWith("stage ", StringComparison.Ordinal))
            {
                throw new FormatException($"stage {place} of \"{name}\": {e.Message}");
            }
            stages.Add(stage);
            if (last is null) first = stage;
            else last.Next = stage;
            last = stage;
        }
        if (last is not (null or Out or Split or Drop)) stages.Add(last.Next = new Out(0, -1));
        if (first is null) stages.Add(first = new Out(0, -1));
        return compiled[name] = first;
    }
}
