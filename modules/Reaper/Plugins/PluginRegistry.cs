using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using OscLooper.Reaper.Rpp;
using OscLooper.Reaper.Song;

namespace OscLooper.Reaper.Plugins;

/// <summary>A plug-in REAPER can load: how it is shown, its file, and its ids. Not certain: nobody saw these in a project REAPER wrote.</summary>
sealed record PluginEntry(string Key, string Name, string File, long Id, string Uid, bool Certain)
{
    /// <summary>JS effects are text programs found by their path, not libraries.</summary>
    public bool IsJs => Name.StartsWith("JS:", StringComparison.Ordinal);

    /// <summary>VST3 ids stand in braces, VST2 ids in angle brackets (facts: rpp-format section 4).</summary>
    public string IdText => Uid.Length == 0 ? Id.ToString(System.Globalization.CultureInfo.InvariantCulture)
        : Name.StartsWith("VST3", StringComparison.Ordinal) ? $"{Id}{{{Uid}}}" : $"{Id}<{Uid}>";
}

/// <summary>A plug-in's settings for a role: opaque state lines, or slider values of a JS effect. The empty role serves every role.</summary>
sealed record PluginPreset(string Plugin, string Role, IReadOnlyList<string> State, IReadOnlyList<object?> Params);

/// <summary>The plug-ins that songs may name: those shipped in plugins.json and those a user learned into a file of the same form.</summary>
sealed class PluginRegistry
{
    /// <summary>The role of a preset that is taken when neither the wanted role nor the empty one has any.</summary>
    public const string FallbackRole = "fallback";

    readonly Dictionary<string, PluginEntry> entries = new(StringComparer.Ordinal);
    readonly Dictionary<string, string> aliases = new(StringComparer.Ordinal);
    readonly Dictionary<string, string> plain = new(StringComparer.Ordinal);
    readonly Dictionary<(string, string), PluginPreset> presets = [];

    /// <summary>A registry with what is shipped, and what the user's files add or replace.</summary>
    public static PluginRegistry Load(params IEnumerable<string> userFiles)
    {
        var registry = new PluginRegistry();
        registry.Merge(Embedded.Text("plugins.json"), "the shipped plugins.json");
        foreach (var file in userFiles)
            if (File.Exists(file)) registry.Merge(ProjectFiles.ReadText(file), file);
        return registry;
    }

    /// <summary>All keys, as shipped or learned.</summary>
    public IEnumerable<string> Keys => entries.Keys;

    /// <summary>All names a song may use.</summary>
    public IEnumerable<string> Names => entries.Keys.Concat(aliases.Keys);

    /// <summary>The entry of a key, another name, or a js:PATH; nothing when unknown. Spelling differences in case, spaces and dashes do not matter.</summary>
    public PluginEntry? Find(string name)
    {
        if (name.StartsWith("js:", StringComparison.OrdinalIgnoreCase) && name[3..].Trim() is { Length: > 0 } path)
            return new(name, "JS: " + path, path, 0, "", true);
        if (entries.TryGetValue(name, out var entry)) return entry;
        if (aliases.TryGetValue(name, out var key)) return entries.GetValueOrDefault(key);
        return plain.TryGetValue(Nearest.Plain(name), out key) ? entries.GetValueOrDefault(key) : null;
    }

    /// <summary>The preset for a role: the role's own, else the one for every role, else the fallback, else none.</summary>
    public PluginPreset? Preset(string key, string role) =>
        presets.GetValueOrDefault((key, Nearest.Plain(role))) ?? presets.GetValueOrDefault((key, "")) ?? presets.GetValueOrDefault((key, FallbackRole));

    /// <summary>Whether the plug-in has a preset for exactly this role.</summary>
    public bool HasPreset(string key, string role) => presets.ContainsKey((key, Nearest.Plain(role)));

    /// <summary>Adds the entries, other names and presets of a registry text; later ones replace earlier ones.</summary>
    public void Merge(string json, string source)
    {
        try
        {
            var o = JObject.Parse(json);
            if ((int?)o["version"] != 1) throw new RppError($"{source}: version must be 1");
            foreach (var p in List(o, "plugins"))
                Add(new PluginEntry((string)p["key"]!, (string)p["name"]!, (string)p["file"]!, (long?)p["id"] ?? 0, (string?)p["uid"] ?? "", (bool?)p["certain"] ?? false));
            foreach (var (other, key) in o["aliases"] as JObject ?? []) Alias(other, (string)key!);
            foreach (var p in List(o, "presets"))
                Add(new PluginPreset((string)p["plugin"]!, Nearest.Plain((string?)p["role"] ?? ""),
                    [.. (p["state"] ?? new JArray()).Values<string>().Select(s => s!)], [.. (p["params"] ?? new JArray()).Select(v => ((JValue)v).Value)]));
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidCastException or FormatException or OverflowException or InvalidOperationException)
        {
            throw new RppError($"{source} is not a plug-in file: {e.Message}");
        }
    }

    /// <summary>Adds or replaces a plug-in.</summary>
    public void Add(PluginEntry entry)
    {
        if (string.IsNullOrEmpty(entry.Key) || entry.Name is null || entry.File is null) throw new RppError("a plug-in needs key, name and file");
        RppText.Refuse(entry.Name + entry.File + entry.Uid);
        entries[entry.Key] = entry;
        plain[Nearest.Plain(entry.Key)] = entry.Key;
    }

    /// <summary>Adds or replaces a preset.</summary>
    public void Add(PluginPreset preset) => presets[(preset.Plugin, preset.Role)] = preset;

    static JArray List(JObject o, string name) =>
        o[name] is not { } token ? [] : token as JArray ?? throw new JsonException($"{name} is not a list");

    void Alias(string other, string key)
    {
        aliases[other] = key;
        plain.TryAdd(Nearest.Plain(other), key);
    }
}
