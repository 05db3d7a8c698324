using System.Globalization;
using OscLooper.Reaper.Plugins;
using OscLooper.Reaper.Rpp;
using OscLooper.Reaper.Song;

namespace OscLooper.Reaper.Build;

/// <summary>Plug-ins as the lines of an effect chain (facts: rpp-format section 4).</summary>
sealed class ChainBuilder(PluginRegistry registry, GuidSource guids, Action<string> warn)
{
    /// <summary>Slider values in a JS effect's line.</summary>
    const int JsValues = 64;

    readonly HashSet<string> warned = [];

    /// <summary>Adds the chain's own lines and its effects to a block.</summary>
    public void Fill(RppBlock chain, IEnumerable<SongPlugin> plugins, string role)
    {
        chain.Add("SHOW", 0).Add("LASTSEL", 0).Add("DOCKED", 0);
        foreach (var plugin in plugins)
        {
            chain.Add("BYPASS", plugin.Bypass == true ? 1 : 0, plugin.Offline == true ? 1 : 0, 0);
            chain.Add(Effect(plugin, role));
            chain.Add("FLOATPOS", 0, 0, 0, 0).Add("FXID", guids.Next()).Add("WAK", 0, 0);
        }
    }

    RppBlock Effect(SongPlugin plugin, string role)
    {
        var entry = registry.Find(plugin.Plugin) ?? throw new RppError($"unknown plug-in \"{plugin.Plugin}\"");
        if (!entry.Certain && warned.Add(entry.Key))
            warn($"plug-in {entry.Key} ({entry.Name}): its ids are not known for certain, REAPER may not find it; `osclooper reaper learn some.rpp` takes them from a project that has it");
        var preset = registry.Preset(entry.Key, plugin.Preset ?? role);
        if (entry.IsJs)
        {
            var js = RppBlock.Of("JS", entry.File, plugin.Name ?? "");
            js.Add(RppLine.Raw(string.Join(' ', Values(plugin.Params ?? preset?.Params))));
            return js;
        }
        var vst = RppBlock.Of("VST", entry.Name, entry.File, 0, plugin.Name ?? "", entry.IdText, "");
        foreach (var line in plugin.State ?? preset?.State ?? []) vst.Add(RppLine.Raw(line));
        return vst;
    }

    static IEnumerable<string> Values(IReadOnlyList<object?>? values)
    {
        for (var i = 0; i < JsValues; i++)
            yield return values is null || i >= values.Count || values[i] is not { } value ? "-"
                : value is string text ? Word(text)
                : RppNumber.Format(Convert.ToDouble(value, CultureInfo.InvariantCulture));
    }

    // The line begins with the first of them: < and > would open and close blocks.
    static string Word(string text) => text is ['<' or '>' or '|', ..] ? RppText.QuoteAlways(text) : RppText.Quote(text);
}
