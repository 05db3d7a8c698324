using OscLooper.Dsp;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace OscLooper.Enchanter;

/// <summary>[any] All that the enchanter remembers; never changed, only replaced. One JSON file that a person can read.</summary>
sealed record Memory
{
    internal const string FileName = "enchanter.json";
    /// <summary>[any] Presets; addresses in one; characters that all of them may say beside each other.</summary>
    internal const int MostPresets = 1024, MostValues = 8192, MostCharacters = 48 << 20;
    const int MostBytes = 256 << 20;

    /// <summary>[any] Controls that the player has bound or freed.</summary>
    public IReadOnlyList<string> Own { get; init; } = [];
    public IReadOnlyList<Binding> Bindings { get; init; } = [];
    public IReadOnlyList<Preset> Presets { get; init; } = [];
    public IReadOnlyDictionary<string, string> Schemes { get; init; } = new Dictionary<string, string>();

    /// <summary>[any] For the file. A preset says only what differs from the one it is like, which stands before it.</summary>
    internal void Write(TextWriter text)
    {
        using var json = new JsonTextWriter(text) { Formatting = Formatting.Indented, CloseOutput = false };
        json.WriteStartObject();
        Put(json, "controls", new JArray(Own.Order(StringComparer.Ordinal)));
        Put(json, "bindings", new JArray(Bindings.Select(b =>
        {
            var one = new JObject { ["control"] = b.Control, ["address"] = b.Target };
            if (b.Low is { } low) one["low"] = low;
            if (b.High is { } high) one["high"] = high;
            if (b.How != "") one["how"] = b.How;
            return one;
        })));
        Put(json, "schemes", JObject.FromObject(Schemes));
        json.WritePropertyName("presets");
        json.WriteStartObject();
        Preset? before = null;
        foreach (var preset in Presets)
        {
            Put(json, preset.Name, Json(preset, before));
            before = preset;
        }
        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
        text.Write('\n');
    }

    static JObject Json(Preset preset, Preset? before)
    {
        var json = new JObject();
        if (preset.IsLike(before)) json["like"] = before!.Name;
        json["values"] = new JObject((preset.IsLike(before) ? preset.Beside(before!) : preset.Values).Select(v => new JProperty(v.Key, new JArray(v.Value))));
        json["schemes"] = JObject.FromObject(preset.Schemes);
        return json;
    }

    static void Put(JsonTextWriter json, string name, JToken value)
    {
        json.WritePropertyName(name);
        value.WriteTo(json);
    }

    /// <summary>[any] Reads it; an exception of these kinds means that it was not taken: JsonException, FormatException, IOException.</summary>
    internal static Memory Read(string file)
    {
        if (new FileInfo(file).Length > MostBytes) throw new FormatException($"{FileName} is larger than {MostBytes >> 20} MiB");
        try
        {
            using var reader = new JsonTextReader(new StreamReader(RegularFile.OpenRead(file, 1 << 16))) { MaxDepth = 16, DateParseHandling = DateParseHandling.None };
            return Read(reader);
        }
        catch (Exception e) when (e is ArgumentException or InvalidCastException or OverflowException)
        {
            throw new FormatException($"{FileName}: {e.Message}", e);
        }
    }

    // Piece by piece: many presets as one tree would be many times their size.
    static Memory Read(JsonTextReader reader)
    {
        var memory = new Memory();
        if (!reader.Read() || reader.TokenType != JsonToken.StartObject) throw new JsonReaderException($"{FileName} is no object");
        while (reader.Read() && reader.TokenType == JsonToken.PropertyName)
        {
            var name = (string)reader.Value!;
            reader.Read();
            if (name == "presets" && reader.TokenType == JsonToken.StartObject) memory = memory with { Presets = ReadPresets(reader) };
            else memory = Take(memory, name, JToken.ReadFrom(reader));
        }
        return reader.TokenType == JsonToken.EndObject ? memory : throw new JsonReaderException($"{FileName} ends in the midst");
    }

    static Memory Take(Memory memory, string name, JToken value) => name switch
    {
        "controls" => memory with { Own = [.. (value as JArray ?? []).Select(c => (string?)c ?? "").Take(Binder.MostBindings)] },
        "bindings" => memory with
        {
            Bindings = [.. (value as JArray ?? []).OfType<JObject>().Take(Binder.MostBindings).Select(b =>
                Binding.Read((string?)b["control"] ?? "", (string?)b["address"] ?? "", (double?)b["low"], (double?)b["high"], (string?)b["how"] ?? "", out var why)
                    ?? throw new FormatException($"{FileName}: {why}"))],
        },
        "schemes" => memory with { Schemes = Words(value) },
        _ => memory,
    };

    static List<Preset> ReadPresets(JsonTextReader reader)
    {
        var (all, known) = (new List<Preset>(), new Dictionary<string, Preset>());
        while (reader.Read() && reader.TokenType == JsonToken.PropertyName)
        {
            var name = (string)reader.Value!;
            reader.Read();
            var json = JToken.ReadFrom(reader) as JObject ?? [];
            var values = new Dictionary<string, object[]>();
            if ((string?)json["like"] is { } like)
                foreach (var (address, value) in known.TryGetValue(like, out var other) ? other.Values : throw new FormatException($"{FileName}: no preset before \"{name}\" is called \"{like}\"")) values[address] = value;
            foreach (var (address, value) in json["values"] as JObject ?? []) values[address] = [.. (value as JArray ?? []).Select(Value)];
            var preset = new Preset(name, values, Words(json["schemes"]), all.LastOrDefault());
            all.Add(preset);
            known[name] = preset;
        }
        return all;
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
