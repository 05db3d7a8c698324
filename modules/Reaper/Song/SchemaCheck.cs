using System.Numerics;
using System.Text.RegularExpressions;
using Newtonsoft.Json.Linq;
using OscLooper.Reaper.Rpp;

namespace OscLooper.Reaper.Song;

/// <summary>Checks JSON against the part of JSON Schema (draft 7) that song.schema.json uses, and collects every error with its path.</summary>
sealed class SchemaCheck
{
    /// <summary>Errors beyond this many are not collected: a file that is wrong throughout must not fill the memory.</summary>
    public const int MaxErrors = 1000;

    readonly JObject root;
    readonly List<SongError> errors = [];
    readonly List<JToken> wrong = [];
    readonly Dictionary<string, Regex> patterns = [];

    SchemaCheck(JObject root) => this.root = root;

    /// <summary>Everything in the value that the schema does not allow, and the values that are wrong themselves (not those that lack something).</summary>
    public static (List<SongError> Errors, List<JToken> Wrong) Check(JObject schema, JToken value)
    {
        var check = new SchemaCheck(schema);
        check.Visit(schema, value, "$");
        return (check.errors, check.wrong);
    }

    void Visit(JObject schema, JToken value, string path)
    {
        if (errors.Count >= MaxErrors) return;
        if ((string?)schema["$ref"] is { } reference) schema = Follow(reference);
        if (schema["enum"] is JArray words)
        {
            if (!words.Any(w => JToken.DeepEquals(w, value))) Fail(value, path, $"must be one of {string.Join(", ", words)}, not {Shown(value)}");
            return;
        }
        if (schema["type"] is { } type && !IsAny(type, value))
        {
            Fail(value, path, $"must be {Words(type)}, not {Shown(value)}");
            return;
        }
        switch (value)
        {
            case JObject o: VisitObject(schema, o, path); break;
            case JArray a: VisitArray(schema, a, path); break;
            case JValue { Type: JTokenType.String } s: VisitString(schema, s, path); break;
            case JValue { Type: JTokenType.Integer or JTokenType.Float } n: VisitNumber(schema, n, path); break;
        }
    }

    void VisitObject(JObject schema, JObject value, string path)
    {
        var known = schema["properties"] as JObject ?? [];
        foreach (var required in schema["required"] as JArray ?? [])
            if (!value.ContainsKey((string)required!)) errors.Add(new(path, $"\"{required}\" is missing"));
        foreach (var (name, child) in value)
        {
            var place = IsPlain(name) ? $"{path}.{name}" : $"{path}['{name}']";
            if (known[name] is JObject next) Visit(next, child!, place);
            else if ((bool?)schema["additionalProperties"] == false)
                Fail(child!, place, "is not known here" + (Nearest.Hint(name, known.Properties().Select(p => p.Name)) is { Length: > 0 } near ? near : $"; known: {string.Join(", ", known.Properties().Select(p => p.Name))}"));
        }
    }

    void VisitArray(JObject schema, JArray value, string path)
    {
        if ((int?)schema["minItems"] is { } min && value.Count < min) Fail(value, path, $"needs at least {min} entries");
        if ((int?)schema["maxItems"] is { } max && value.Count > max) { Fail(value, path, $"has {value.Count} entries, at most {max} are allowed"); return; }
        if (schema["items"] is not JObject item) return;
        for (var i = 0; i < value.Count; i++) Visit(item, value[i], $"{path}[{i}]");
    }

    void VisitString(JObject schema, JValue token, string path)
    {
        var value = (string)token!;
        if (!RppText.IsText(value)) Fail(token, path, "holds a NUL or half a surrogate pair");
        else if ((int?)schema["minLength"] is { } min && value.Length < min) Fail(token, path, "is empty");
        else if ((int?)schema["maxLength"] is { } max && value.Length > max) Fail(token, path, $"has {value.Length} characters, at most {max} are allowed");
        else if ((string?)schema["pattern"] is { } pattern && !Pattern(pattern).IsMatch(value)) Fail(token, path, $"\"{Short(value)}\" is not {(string?)schema["description"] ?? pattern}");
    }

    void VisitNumber(JObject schema, JValue token, string path)
    {
        var value = Number(token);
        if (!double.IsFinite(value)) { Fail(token, path, "must be finite"); return; }
        var min = (double?)schema["minimum"] ?? double.NegativeInfinity;
        var max = (double?)schema["maximum"] ?? double.PositiveInfinity;
        if (value < min || value > max) Fail(token, path, min == max ? $"must be {min:R}, not {value:R}" : $"{value:R} is outside {min:R}..{max:R}");
        if ((double?)schema["exclusiveMinimum"] is { } above && value <= above) Fail(token, path, $"must be more than {above:R}");
    }

    JObject Follow(string reference) =>
        root.SelectToken(reference.Replace("#/", "").Replace('/', '.')) as JObject ?? throw new InvalidOperationException($"the schema has no {reference}");

    Regex Pattern(string pattern) =>
        patterns.TryGetValue(pattern, out var known) ? known : patterns[pattern] = new Regex(pattern, RegexOptions.NonBacktracking);

    void Fail(JToken value, string path, string message)
    {
        wrong.Add(value);
        if (errors.Count < MaxErrors) errors.Add(new(path, message));
    }

    static bool IsAny(JToken type, JToken value) => type is JArray many ? many.Any(t => Is((string)t!, value)) : Is((string)type!, value);

    static bool Is(string type, JToken value) => type switch
    {
        "object" => value.Type == JTokenType.Object,
        "array" => value.Type == JTokenType.Array,
        "string" => value.Type == JTokenType.String,
        "boolean" => value.Type == JTokenType.Boolean,
        "null" => value.Type == JTokenType.Null,
        "integer" => value.Type == JTokenType.Integer,
        "number" => value.Type is JTokenType.Integer or JTokenType.Float,
        _ => false,
    };

    static string Words(JToken type) => type is JArray many ? string.Join(" or ", many) : (string)type!;

    static string Kind(JToken value) => value.Type switch
    {
        JTokenType.Integer or JTokenType.Float => "a number",
        JTokenType.Null => "null",
        var t => t.ToString().ToLowerInvariant(),
    };

    static string Shown(JToken value) => value is JValue { Type: JTokenType.Integer or JTokenType.Float or JTokenType.Boolean } or JValue { Type: JTokenType.String, Value: string { Length: < 60 } }
        ? value.ToString(Newtonsoft.Json.Formatting.None) : Kind(value);

    static double Number(JValue value) => value.Value is BigInteger big ? (double)big : Convert.ToDouble(value.Value, System.Globalization.CultureInfo.InvariantCulture);

    static bool IsPlain(string name) => name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '$');

    static string Short(string value) => value.Length <= 60 ? value : value[..60] + "...";
}
