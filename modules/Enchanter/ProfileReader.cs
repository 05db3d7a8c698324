using System.Globalization;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace OscLooper.Enchanter;

/// <summary>[main] Reads a controller's file (README.md says what stands in it). A file is a stranger's: it is refused with a reason, never with an exception.</summary>
static class ProfileReader
{
    const int MostText = 1 << 18, MostControls = 512, MostCables = 4;

    /// <summary>[main] The profile, or null and what is wrong with the text. The patterns of our own files are known to be right.</summary>
    internal static Profile? Read(string json, out string why, bool isOurs = false)
    {
        why = "";
        try
        {
            if (json.Length > MostText) throw new FormatException("longer than 256 KiB");
            using var reader = new JsonTextReader(new StringReader(json)) { MaxDepth = 16 };
            var profile = Of(JObject.Load(reader));
            if (!isOurs)
                foreach (var cable in profile.Cables) cable.Check();
            return profile;
        }
        catch (Exception e) when (e is JsonException or FormatException or ArgumentException or InvalidCastException or OverflowException or NotSupportedException)
        {
            why = e.Message;
            return null;
        }
    }

    static Profile Of(JObject json)
    {
        var name = Text(json, "name");
        if (!IsName(name)) throw new FormatException("\"name\" is small letters, digits and _");
        var cables = (json["cables"] as JObject ?? []).Properties().Select(p => CableOf(p.Name == "main" ? "" : p.Name, (JObject)p.Value)).ToArray();
        if (cables.Length is 0 or > MostCables) throw new FormatException($"1 to {MostCables} \"cables\"");
        var controls = (json["controls"] as JArray ?? []).OfType<JObject>().SelectMany(group => Group(group, cables)).ToArray();
        if (controls.Length > MostControls) throw new FormatException($"more than {MostControls} controls");
        if (controls.GroupBy(c => c.Name).FirstOrDefault(g => g.Count() > 1) is { } twice) throw new FormatException($"\"{twice.Key}\" stands there twice");
        var profile = new Profile
        {
            Name = name, Title = Text(json, "title", name), About = Text(json, "about", ""), Cables = cables, Controls = controls,
            RestThru = (bool?)json["rest_thru"] ?? false, ControlKey = Text(json, "control_key", ""), ControlNotes = Text(json, "control_notes", ""),
            Scheme = Text(json, "scheme", ""), Functions = Words(json["functions"]),
            Hello = [.. (json["hello"] as JArray ?? []).Select(h => Hex((string?)h ?? ""))],
            Answer = Text(json, "answer", ""),
            MessagesPerSecond = Whole(json, "messages_per_second", 1, 3000, 1000),
            Lights = json["lights"] is JObject lights ? LightsOf(lights, cables) : null,
            Bindings = [.. (json["bindings"] as JArray ?? []).OfType<JObject>().Select(b =>
                new Bound(Text(b, "control"), Text(b, "address"), (double?)b["low"], (double?)b["high"], Text(b, "how", "")))],
            Size = Pair(json["size"]) ?? (200, 100),
            Tables = (json["tables"] as JObject ?? []).Properties().ToDictionary(t => t.Name, t => (IReadOnlyDictionary<string, string>)Words(t.Value)),
            Doubts = [.. (json["doubts"] as JArray ?? []).Select(d => (string?)d ?? "")],
        };
        if (KeyRule.Of(profile, profile.ControlKey, profile.ControlNotes, "", out var wrong) is null) throw new FormatException(wrong);
        foreach (var bound in profile.Bindings)
            if (!profile.Knows(bound.Control)) throw new FormatException($"a binding names \"{bound.Control}\", which is no control");
        return profile;
    }

    static Cable CableOf(string name, JObject json)
    {
        PortPattern Pattern(string side) => new(Text(json, side, ""));
        if (name != "" && !IsName(name)) throw new FormatException($"\"{name}\" is no name of a cable");
        return new Cable(name, Pattern("in"), Pattern("out"), Pattern("not"));
    }

    static IEnumerable<Control> Group(JObject json, Cable[] cables)
    {
        var name = Text(json, "name");
        if (!Enum.TryParse<ControlKind>(Text(json, "kind"), true, out var kind) || !Enum.IsDefined(kind)) throw new FormatException($"\"{name}\": unknown \"kind\"");
        var port = Array.FindIndex(cables, c => c.Name == (Text(json, "cable", "main") is "main" ? "" : Text(json, "cable", "")));
        if (port < 0) throw new FormatException($"\"{name}\": no such cable");
        var (rows, columns) = (Whole(json, "rows", 1, 64, 1), Whole(json, "columns", 1, 128, 1));
        if (rows * columns > MostControls) throw new FormatException($"\"{name}\": more than {MostControls} controls");
        var (message, number) = MessageOf(json, name, kind);
        var fromBottom = Text(json, "from", "top") == "bottom";
        var labels = json["labels"] as JArray ?? [];
        var (at, step, size) = (Pair(json["at"]) ?? (0, 0), Pair(json["step"]) ?? (0, 0), Pair(json["size"]) ?? (8, 8));
        for (var row = 0; row < rows; row++)
            for (var column = 0; column < columns; column++)
            {
                var place = row * columns + column;
                var data = number + (fromBottom ? (rows - 1 - row) * columns + column : place);
                if (data > 127) throw new FormatException($"\"{name}\": a number above 127");
                var fine = json["fine"] is null ? -1 : Whole(json, "fine", 0, 127, 0) + place;
                yield return new Control(Named(name, fromBottom ? data - number : place, data, row, column), kind, port, message, Channel(json), data)
                {
                    Fine = fine > 127 ? throw new FormatException($"\"{name}\": a number above 127") : fine,
                    Clicks = Text(json, "clicks", "twos_complement") switch
                    {
                        "twos_complement" => Clicks.TwosComplement,
                        "binary_offset" => Clicks.BinaryOffset,
                        "sign_magnitude" => Clicks.SignMagnitude,
                        var other => throw new FormatException($"\"{name}\": unknown clicks \"{other}\""),
                    },
                    Thru = (bool?)json["thru"] ?? kind is ControlKind.Key or ControlKind.Bend or ControlKind.Pressure or ControlKind.Pedal,
                    Label = labels.Count > place ? (string?)labels[place] ?? "" : Text(json, "label", ""),
                    Row = row + 1, Column = column + 1,
                    Box = (at.A + column * step.A, at.B + row * step.B, size.A, size.B),
                    Keys = (Whole(json, "first", 0, 127, 0), Whole(json, "keys", 0, 128, 0)),
                };
            }
    }

    static (int Message, int Number) MessageOf(JObject json, string name, ControlKind kind)
    {
        if (kind == ControlKind.Key) return (NoteEvent.On, 0);
        if (kind == ControlKind.Bend && json["control"] is null) return (NoteEvent.Bend, 0);
        if (kind == ControlKind.Pressure) return (0xD0, 0);
        if (kind == ControlKind.Program) return (0xC0, 0);
        if (json["note"] is not null) return (NoteEvent.On, Whole(json, "note", 0, 127, 0));
        if (json["control"] is not null) return (NoteEvent.Control, Whole(json, "control", 0, 127, 0));
        throw new FormatException($"\"{name}\": neither \"note\" nor \"control\"");
    }

    static string Named(string name, int place, int number, int row, int column)
    {
        var full = name.Replace("{n}", Digits(place + 1)).Replace("{number}", Digits(number)).Replace("{row}", Digits(row + 1)).Replace("{column}", Digits(column + 1));
        return IsName(full, 61, '/') ? full : throw new FormatException($"\"{full}\" is no name of a control");
    }

    static int Channel(JObject json) => Text(json, "channel", "any") == "any" ? -1 : Whole(json, "channel", 0, 15, 0);

    static Lights LightsOf(JObject json, Cable[] cables)
    {
        Dictionary<string, (int, int)> Table(JToken? token) => (token as JObject ?? []).Properties().ToDictionary(p => p.Name, p =>
            Pair(p.Value) is ( >= 0 and <= 15, >= 0 and <= 127) pair ? ((int)pair.A, (int)pair.B) : throw new FormatException($"light \"{p.Name}\" is [channel, value]"));
        var cable = Array.FindIndex(cables, c => c.Name == (Text(json, "cable", "main") is "main" ? "" : Text(json, "cable", "")));
        return new Lights(cable < 0 ? throw new FormatException("lights: no such cable") : cable, Table(json["states"]), Table(json["buttons"]),
            [.. (json["lit"] as JArray ?? []).Select(l => (string?)l ?? "")],
            Words(json["colours"]).ToDictionary(c => int.Parse(c.Key, CultureInfo.InvariantCulture), c => c.Value));
    }

    static Dictionary<string, string> Words(JToken? token) => (token as JObject ?? []).Properties().ToDictionary(p => p.Name, p => (string?)p.Value ?? "");

    static byte[] Hex(string text) => Convert.FromHexString(text.Replace(" ", "")) is [0xF0, .., 0xF7] bytes && bytes[1..^1].All(b => b < 128)
        ? bytes : throw new FormatException($"\"{text}\" is no system exclusive message");

    static (double A, double B)? Pair(JToken? token) => token is JArray { Count: 2 } pair ? ((double)pair[0], (double)pair[1]) : null;

    static string Text(JObject json, string name, string? otherwise = null) => json[name] is { } token
        ? (token.Type is JTokenType.String or JTokenType.Integer ? Convert.ToString(((JValue)token).Value, CultureInfo.InvariantCulture) : null) ?? throw new FormatException($"\"{name}\" is no text")
        : otherwise ?? throw new FormatException($"\"{name}\" is missing");

    static int Whole(JObject json, string name, int low, int high, int otherwise) =>
        json[name] is not { } token ? otherwise : token.Type == JTokenType.Integer && (long)token is var value && value >= low && value <= high ? (int)value
            : throw new FormatException($"\"{name}\" is not {low}..{high}");

    static string Digits(int number) => number.ToString(CultureInfo.InvariantCulture);

    static bool IsName(string text, int most = 41, char also = '_')
    {
        foreach (var c in text)
            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c != '_' && c != also) return false;
        return text.Length > 0 && text.Length <= most && char.IsAsciiLetterLower(text[0]);
    }
}
