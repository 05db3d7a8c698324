using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using Newtonsoft.Json.Serialization;
using OscLooper.Reaper.Plugins;

namespace OscLooper.Reaper.Song;

/// <summary>A song to and from JSON.</summary>
static class SongJson
{
    static readonly Lazy<JObject> schema = new(() => JObject.Parse(Embedded.Text("song.schema.json")));

    static readonly JsonSerializer serializer = JsonSerializer.Create(new()
    {
        ContractResolver = new SongContract { NamingStrategy = new SnakeCaseNamingStrategy() },
        NullValueHandling = NullValueHandling.Ignore,
        MaxDepth = 200,
        DateParseHandling = DateParseHandling.None,
        Formatting = Formatting.Indented,
    });

    /// <summary>Longest text that is read.</summary>
    public const int MaxCharacters = 64 * 1024 * 1024;

    /// <summary>The schema that songs are checked against.</summary>
    public static JObject Schema => schema.Value;

    /// <summary>Reads and checks a song. Throws nothing but <see cref="SongException"/>, with everything that is wrong.</summary>
    public static SongDefinition Read(string json, PluginRegistry registry)
    {
        var token = Parse(json);
        var (errors, wrong) = SchemaCheck.Check(Schema, token);
        var whole = errors.Count == 0;
        // What the schema refused is left out, so that all else is told in the same breath.
        if (!whole) LeaveOut(wrong);
        if (token.Type != JTokenType.Object) throw new SongException(errors);
        SongDefinition song;
        try { song = token.ToObject<SongDefinition>(serializer)!; }
        catch (Exception e) when (!whole && e is JsonException or FormatException or OverflowException or ArgumentException or InvalidCastException) { throw new SongException(errors); }
        errors.AddRange(SongChecks.Check(song, registry).Where(more => whole || !errors.Any(known => IsAbout(known.Path, more))));
        return errors.Count > 0 ? throw new SongException(errors) : song;
    }

    /// <summary>Removes wrong values from their objects; in a list, whose numbering must stay, an empty one takes their place.</summary>
    static void LeaveOut(List<JToken> wrong)
    {
        foreach (var token in wrong)
            if (token.Parent is JProperty { Parent: not null } property) property.Remove();
            else if (token.Parent is JArray { Parent: JProperty { Name: var name } } list)
                list[list.IndexOf(token)] = name switch { "signature" => 4, "state" => "", "params" => JValue.CreateNull(), "plugins" => "?", _ => new JObject() };
    }

    /// <summary>Whether a further error only follows from a known one: it is about the same value or one right below it, or it misses what was left out.</summary>
    static bool IsAbout(string known, SongError further)
    {
        var (upper, lower) = further.Path.Length >= known.Length ? (known, further.Path) : (further.Path, known);
        return lower.StartsWith(upper, StringComparison.Ordinal) && lower.AsSpan(Math.Min(lower.Length, upper.Length + 1)).IndexOfAny(".[") < 0
            && (upper == known || further.Message.StartsWith("needs", StringComparison.Ordinal) || further.Message.StartsWith("changes nothing", StringComparison.Ordinal));
    }

    /// <summary>Reads JSON that a schema allows.</summary>
    public static T ReadChecked<T>(string json, JObject schema)
    {
        var token = Parse(json);
        var errors = SchemaCheck.Check(schema, token).Errors;
        return errors.Count > 0 ? throw new SongException(errors) : token.ToObject<T>(serializer)!;
    }

    /// <summary>Writes a song; what has its default is left out.</summary>
    public static string Write(SongDefinition song)
    {
        var text = new StringWriter { NewLine = "\n" };
        serializer.Serialize(new JsonTextWriter(text) { Formatting = Formatting.Indented }, song);
        return text + "\n";
    }

    static JToken Parse(string json)
    {
        if (json.Length > MaxCharacters) throw new SongException([new("$", $"has {json.Length} characters; {MaxCharacters} is the most")]);
        try
        {
            using var reader = new JsonTextReader(new StringReader(json)) { DateParseHandling = DateParseHandling.None, MaxDepth = 200 };
            var token = JToken.ReadFrom(reader, new() { DuplicatePropertyNameHandling = DuplicatePropertyNameHandling.Error });
            while (reader.Read())
                if (reader.TokenType != JsonToken.Comment) throw new JsonReaderException("there is more after the end");
            return token;
        }
        catch (JsonException e)
        {
            throw new SongException([new("$", "is not JSON: " + e.Message)]);
        }
    }

    /// <summary>Leaves empty lists and untouched parts out of the text.</summary>
    sealed class SongContract : DefaultContractResolver
    {
        protected override JsonProperty CreateProperty(System.Reflection.MemberInfo member, MemberSerialization memberSerialization)
        {
            var property = base.CreateProperty(member, memberSerialization);
            property.ObjectCreationHandling = ObjectCreationHandling.Replace;
            var type = property.PropertyType!;
            if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(List<>))
                property.ShouldSerialize = o => property.ValueProvider!.GetValue(o) is System.Collections.IList { Count: > 0 };
            else if (type == typeof(SongMaster) || type == typeof(SongRender))
                property.ShouldSerialize = o => JObject.FromObject(property.ValueProvider!.GetValue(o)!, serializer).HasValues;
            return property;
        }
    }
}

/// <summary>A plug-in may be given as its name alone.</summary>
sealed class SongPluginConverter : JsonConverter<SongPlugin>
{
    public override SongPlugin ReadJson(JsonReader reader, Type objectType, SongPlugin? existingValue, bool hasExistingValue, JsonSerializer serializer)
    {
        if (reader.TokenType == JsonToken.String) return new() { Plugin = (string)reader.Value! };
        var o = JObject.Load(reader);
        return new()
        {
            Plugin = (string?)o["plugin"] ?? "",
            Name = (string?)o["name"],
            Preset = (string?)o["preset"],
            State = o["state"]?.Values<string>().Select(s => s!).ToList(),
            Params = o["params"]?.Select(p => ((JValue)p).Value).ToList(),
            Bypass = (bool?)o["bypass"],
            Offline = (bool?)o["offline"],
        };
    }

    public override void WriteJson(JsonWriter writer, SongPlugin? value, JsonSerializer serializer)
    {
        var o = new JObject { ["plugin"] = value!.Plugin };
        if (value.Name is { } name) o["name"] = name;
        if (value.Preset is { } preset) o["preset"] = preset;
        if (value.State is { } state) o["state"] = new JArray(state);
        if (value.Params is { } list) o["params"] = new JArray(list.Select(p => p is null ? JValue.CreateNull() : new JValue(p)));
        if (value.Bypass is { } bypass) o["bypass"] = bypass;
        if (value.Offline is { } offline) o["offline"] = offline;
        if (o.Count == 1) writer.WriteValue(value.Plugin);
        else o.WriteTo(writer);
    }
}
