using System.Globalization;
using System.Text.RegularExpressions;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using OscLooper.Reaper.Plugins;
using OscLooper.Reaper.Rpp;
using OscLooper.Reaper.Song;

namespace OscLooper.Reaper.Import;

/// <summary>Plug-ins and presets found in a project, in the form of plugins.json.</summary>
sealed class PluginFile
{
    /// <summary>Plug-ins by key.</summary>
    public Dictionary<string, PluginEntry> Entries { get; } = new(StringComparer.Ordinal);

    /// <summary>Presets; of one plug-in and role the first that was found.</summary>
    public Dictionary<(string Plugin, string Role), PluginPreset> Presets { get; } = [];

    /// <summary>The text, keys in order so that equal files are equal bytes.</summary>
    public string ToJson(string? merged = null)
    {
        var o = merged is null ? new JObject { ["version"] = 1 } : JObject.Parse(merged);
        var plugins = (o["plugins"] as JArray ?? []).ToDictionary(p => (string)p["key"]!, p => p);
        foreach (var e in Entries.Values)
        {
            var p = new JObject { ["key"] = e.Key, ["name"] = e.Name, ["file"] = e.File };
            if (e.Id != 0) p["id"] = e.Id;
            if (e.Uid.Length > 0) p["uid"] = e.Uid;
            p["certain"] = true;
            plugins[e.Key] = p;
        }
        var presets = (o["presets"] as JArray ?? []).ToDictionary(p => ((string)p["plugin"]!, (string?)p["role"] ?? ""), p => p);
        foreach (var preset in Presets.Values)
        {
            var p = new JObject { ["plugin"] = preset.Plugin, ["role"] = preset.Role };
            if (preset.State.Count > 0) p["state"] = new JArray(preset.State);
            if (preset.Params.Count > 0) p["params"] = new JArray(preset.Params.Select(v => v is null ? JValue.CreateNull() : new JValue(v)));
            presets[(preset.Plugin, preset.Role)] = p;
        }
        o["plugins"] = new JArray(plugins.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => p.Value));
        o["presets"] = new JArray(presets.OrderBy(p => p.Key.Item1, StringComparer.Ordinal).ThenBy(p => p.Key.Item2, StringComparer.Ordinal).Select(p => p.Value));
        return o.ToString(Formatting.Indented).ReplaceLineEndings("\n") + "\n";
    }
}

/// <summary>Reads effects out of a project: as entries, as presets, as a song names them.</summary>
static partial class PluginLearner
{
    /// <summary>Everything the project can teach: each plug-in's ids, and its state as the preset of the role (given, or the track's kept role, or none).</summary>
    public static PluginFile Learn(RppDocument document, PluginRegistry registry, string role = "")
    {
        var file = new PluginFile();
        foreach (var (chain, _) in Chains(document.Roots))
            foreach (var effect in chain.Children.OfType<RppBlock>())
            {
                if (Read(effect, registry) is not { } found) continue;
                file.Entries[found.Entry.Key] = found.Entry;
                var preset = new PluginPreset(found.Entry.Key, Nearest.Plain(role), found.State, found.Params);
                if (preset.State.Count + preset.Params.Count > 0) file.Presets.TryAdd((preset.Plugin, preset.Role), preset);
            }
        return file;
    }

    /// <summary>An effect's block as an entry with its settings; nothing for the kinds that songs cannot name (AU, CLAP, containers).</summary>
    public static (PluginEntry Entry, List<string> State, List<object?> Params)? Read(RppBlock effect, PluginRegistry registry)
    {
        var tokens = effect.Open.Tokens();
        if (tokens.Count >= 2 && tokens[0] == "<JS")
        {
            var values = effect.Children.OfType<RppLine>().FirstOrDefault()?.Tokens() ?? [];
            var known = registry.Keys.Select(k => registry.Find(k)!).FirstOrDefault(e => e.IsJs && e.File == tokens[1]);
            var list = values.Select(v => v == "-" ? null : RppNumber.TryParse(v, out var n) ? (object?)n : v).Take(64).ToList();
            while (list.Count > 0 && list[^1] is null) list.RemoveAt(list.Count - 1);
            return (known ?? new("js:" + tokens[1], "JS: " + tokens[1], tokens[1], 0, "", true), [], list);
        }
        if (tokens.Count < 6 || tokens[0] != "<VST") return null;
        var (name, file) = (tokens[1], tokens[2]);
        var id = Id().Match(tokens[5]);
        var number = id.Success && long.TryParse(id.Groups[1].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var n64) ? n64 : 0;
        var uid = id.Groups[2].Value.ToUpperInvariant();
        var state = effect.Children.OfType<RppLine>().Select(l => l.Text.Trim()).Where(l => Base64().IsMatch(l)).ToList();
        var entry = registry.Keys.Select(k => registry.Find(k)!).FirstOrDefault(e => !e.IsJs && e.Certain && e.Id == number && e.Id != 0 && (e.Uid == uid || uid.Length == 0) && SameKind(e.Name, name));
        // The same name without certain ids is the same plug-in: learned now.
        entry ??= registry.Keys.Select(k => registry.Find(k)!).FirstOrDefault(e => e.Name == name) is { } unsure
            ? unsure with { File = file, Id = number, Uid = uid, Certain = true }
            : new(Key(name), name, file, number, uid, true);
        return (entry, state, []);
    }

    /// <summary>Every effect chain with the track it belongs to.</summary>
    public static IEnumerable<(RppBlock Chain, RppBlock? Track)> Chains(IEnumerable<RppNode> nodes, RppBlock? track = null)
    {
        foreach (var block in nodes.OfType<RppBlock>())
        {
            if (block.Name is "FXCHAIN" or "MASTERFXLIST" or "TAKEFX" or "CONTAINER" or "FXCHAIN_REC") yield return (block, track);
            foreach (var inner in Chains(block.Children, block.Name == "TRACK" ? block : track)) yield return inner;
        }
    }

    static bool SameKind(string a, string b) => a.StartsWith("VST3", StringComparison.Ordinal) == b.StartsWith("VST3", StringComparison.Ordinal);

    /// <summary>"VST3i: Serum 2 (Xfer Records)" becomes Serum_2_VST3i: one key for each kind of the plug-in.</summary>
    static string Key(string name)
    {
        var colon = name.IndexOf(": ", StringComparison.Ordinal);
        var (kind, rest) = colon < 0 ? ("", name) : (name[..colon], name[(colon + 2)..]);
        var bracket = rest.IndexOf(" (", StringComparison.Ordinal);
        var plain = (bracket > 0 ? rest[..bracket] : rest).Replace(' ', '_');
        return kind.Length == 0 ? plain : $"{plain}_{kind}";
    }

    [GeneratedRegex(@"^([0-9]+)(?:[<{]([0-9A-Fa-f]*)[>}])?$", RegexOptions.NonBacktracking)]
    private static partial Regex Id();

    [GeneratedRegex(@"^[A-Za-z0-9+/=]{1,280}$", RegexOptions.NonBacktracking)]
    private static partial Regex Base64();
}
