using System.Text.RegularExpressions;

namespace OscLooper.Server.Midi;

/// <summary>[any] Names of devices without what changes from one day to the next or from one system to another, so that a device is known again.</summary>
static partial class MidiNames
{
    /// <summary>[any] "a2j:APC Key 25 [20] (capture): APC Key 25 MIDI 1" and "APC Key 25:APC Key 25 MIDI 1 20:0" are both "APC Key 25 MIDI 1".</summary>
    internal static string Tidy(string name)
    {
        name = Bridge().Replace(name, "");
        name = Way().Replace(name, "");
        name = Numbers().Replace(name, "");
        name = AlsaRaw().Replace(name, " MIDI ");
        // A port that repeats its client's name needs no client.
        if (name.IndexOf(':') is var colon and > 0 && name[(colon + 1)..].Trim().StartsWith(name[..colon].Trim(), StringComparison.Ordinal)) name = name[(colon + 1)..];
        return Spaces().Replace(name, " ").Trim();
    }

    /// <summary>[any] Tidy names of all; those that are there twice are numbered.</summary>
    internal static List<(string Name, string Full)> Tidy(IEnumerable<string> full)
    {
        var all = new List<(string Name, string Full)>();
        foreach (var one in full.Order(StringComparer.Ordinal))
        {
            var tidy = Tidy(one);
            var name = tidy;
            for (var number = 2; all.Exists(a => a.Name == name); number++) name = $"{tidy} {number}";
            all.Add((name, one));
        }
        return all;
    }

    [GeneratedRegex("^(system|a2j|Midi-Bridge|alsa_pcm|alsa_midi):", RegexOptions.IgnoreCase)] private static partial Regex Bridge();
    [GeneratedRegex(@"\s*(\[\d+\]\s*)?\((capture|playback)\)", RegexOptions.IgnoreCase)] private static partial Regex Way();
    [GeneratedRegex(@"\s+\d+:\d+$")] private static partial Regex Numbers();
    [GeneratedRegex("/midi_(capture|playback)_")] private static partial Regex AlsaRaw();
    [GeneratedRegex(@"\s+")] private static partial Regex Spaces();
}
