using OscLooper.Dsp;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace OscLooper.Enchanter;

/// <summary>[any] A preset: what addresses said, and what the schemes had in mind.</summary>
sealed record Preset(IReadOnlyDictionary<string, object[]> Values, IReadOnlyDictionary<string, string> Schemes);

/// <summary>[any] All that the enchanter remembers; never changed, only replaced. One JSON file that a person can read.</summary>
sealed record Memory
{
    internal const string FileName = "enchanter.json";
    internal const int MostPresets = 1024, MostValues = 8192;
    const int MostBytes = 16 << 20;

    /// <summary>[any] Controls that the player has bound or freed.</summary>
    public IReadOnlyList<string> Own { get; init; } = [];
    public IReadOnlyList<Binding> Bindings { get; init; } = [];
    public IReadOnlyDictionary<string, Preset> Presets { get; init; } = new Dictionary<string, Preset>();
    public IReadOnlyDictionary<string, string> Schemes { get; init; } = new Dictionary<string, string>();

    /// <summary>[any] For the file.</summary>
    internal string ToJson() => new JObject
    {
        ["controls"] = new JArray(Own.Order(StringComparer.Ordinal)),
        ["bindings"] = new JArray(Bindings.Select(b =>
        {
            var json = new JObject { ["control"] = b.Control, ["address"] = b.Target };
            if (b.Low is { } low) json["low"] = low;
            if (b.High is { } high) json["high"] = high;
            if (b.How != "") json["how"] = b.How;
            return json;
        })),
        ["schemes"] = JObject.FromObject(Schemes),
        ["presets"] = new JObject(Presets.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => new JProperty(p.Key, new JObject
        {
            ["values"] = new JObject(p.Value.Values.OrderBy(v => v.Key, StringComparer.Ordinal).Select(v => new JProperty(v.Key, new JArray(v.Value)))),
            ["schemes"] = JObject.FromObject(p.Value.Schemes),
        }))),
    }.ToString(Formatting.Indented) + "\n";

    /// <summary>[any] Reads it; an exception of these kinds means that it was not taken: JsonException, FormatException, IOException.</summary>
    internal static Memory Read(string file)
    {
        if (new FileInfo(file).Length > MostBytes) throw new FormatException($"{FileName} is larger than 16 MiB");
        try
        {
            using var reader = new JsonTextReader(new StringReader(RegularFile.ReadAllText(file))) { MaxDepth = 16, DateParseHandling = DateParseHandling.None };
            return Of(JObject.Load(reader));
        }
        catch (Exception e) when (e is ArgumentException or InvalidCastException or OverflowException)
        {
            throw new FormatException($"{FileName}: {e.Message}", e);
        }
    }

    static Memory Of(JObject json)
    {
        var bindings = (json["bindings"] as JArray ?? []).OfType<JObject>().Take(Binder.MostBindings).Select(b =>
            Binding.Read((string?)b["control"] ?? "", (string?)b["address"] ?? "", (double?)b["low"], (double?)b["high"], (string?)b["how"] ?? "", out var why)
                ?? throw new FormatException($"{FileName}: {why}")).ToArray();
        return new Memory
        {
            Own = [.. (json["controls"] as JArray ?? []).Select(c => (string?)c ?? "").Take(Binder.MostBindings)],
            Bindings = bindings,
            Schemes = Words(json["schemes"]),
            Presets = (json["presets"] as JObject ?? []).Properties().Take(MostPresets).ToDictionary(p => p.Name, p => new Preset(
                (p.Value["values"] as JObject ?? []).Properties().Take(MostValues).ToDictionary(v => v.Name, v => (v.Value as JArray ?? []).Select(Value).ToArray()),
                Words(p.Value["schemes"]))),
        };
    }

    static Dictionary<string, string> Words(JToken? token) => (token as JObject ?? []).Properties().ToDictionary(p => p.Name, p => (string?)p.Value ?? "");

    static object Value(JToken token) => token.Type switch
    {
        JTokenType.Integer => (long)token is >= int.MinValue and <= int.MaxValue and var whole ? (int)whole : (object)(long)token,
        JTokenType.Float => (double)token,
        JTokenType.Boolean => (bool)token,
        _ => (string?)token ?? "",
    };
}
