using System.Globalization;
using System.Text;
using OscLooper.Reaper.Rpp;
using OscLooper.Reaper.Song;

namespace OscLooper.Reaper.Build;

/// <summary>What was asked for, kept in the project's own store (EXTSTATE, section OSCLOOPER): check_project.lua compares it inside REAPER, and an import finds what a project has no place for.</summary>
static class Expectations
{
    /// <summary>Longest name that is written down; the check then compares the beginning.</summary>
    const int MaxName = 100;

    /// <summary>The section with one line for each thing to check.</summary>
    public static RppBlock Of(SongDefinition song, TempoMap map)
    {
        var section = RppBlock.Of("OSCLOOPER");
        section.Add("SCHEMA", song.Version);
        Keep(section, "TITLE", song.Meta.Title);
        Keep(section, "AUTHOR", song.Meta.Author);
        Keep(section, "KEY", song.Meta.Key);
        Keep(section, "NOTES", song.Meta.Notes);
        var lines = new List<string>();
        void Check(params ReadOnlySpan<object> fields)
        {
            var text = new StringBuilder();
            foreach (var field in fields) text.Append(text.Length > 0 ? "|" : "").Append(Field(field));
            lines.Add(text.ToString());
        }
        foreach (var p in map.Points) Check("tempo", p.Seconds, p.Beat, p.Tempo, p.Signature?.Numerator ?? 0, p.Signature?.Denominator ?? 0, p.Ramp ? 1 : 0);
        Check("markers", song.Markers.Count, song.Regions.Count);
        Check("master", song.Master.Gain(), song.Master.Pan ?? 0, song.Master.Plugins.Count);
        var receiving = song.AllTracks().SelectMany(t => t.Sends).GroupBy(s => s.To, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Count(), StringComparer.Ordinal);
        var number = 0;
        Tracks(song.Tracks, 0);
        section.Add("CHECKS", lines.Count);
        for (var i = 0; i < lines.Count; i++) section.Add($"CHECK_{i + 1}", lines[i]);
        return section;

        void Tracks(List<SongTrack> tracks, int depth)
        {
            foreach (var track in tracks)
            {
                number++;
                var receives = receiving.GetValueOrDefault(track.Id ?? track.Name);
                Check("track", number, Cut(track.Name), track.Gain(), track.Pan ?? 0, depth, track.Clips.Count, receives, track.Plugins.Count);
                if (track.Role is { Length: > 0 } role) section.Add($"ROLE_{number}", Encode(Cut(role)));
                var item = 0;
                foreach (var clip in track.Clips)
                {
                    var (start, length) = ItemBuilder.Place(clip, map);
                    Check("item", number, ++item, start, length, clip.Midi?.Notes.Count ?? -1);
                }
                Tracks(track.Tracks, depth + 1);
            }
        }
    }

    /// <summary>Longest value of one key; longer ones go on under KEY_2, KEY_3 ...</summary>
    const int MaxValue = 2400;

    // Pieces of whole codes: each is three letters.
    static void Keep(RppBlock section, string key, string? text)
    {
        if (string.IsNullOrEmpty(text)) return;
        var (rest, piece) = (Encode(text), 1);
        while (true)
        {
            var length = Math.Min(MaxValue, rest.Length);
            if (length < rest.Length && rest.LastIndexOf('%', length - 1, 2) is >= 0 and var code) length = code;
            section.Add(piece == 1 ? key : $"{key}_{piece}", rest[..length]);
            if (length == rest.Length) return;
            (rest, piece) = (rest[length..], piece + 1);
        }
    }

    /// <summary>A text that was kept, or nothing.</summary>
    public static string? Kept(RppBlock? section, string key)
    {
        if (section?.Line(key)?.At(1) is not { } first) return null;
        var text = new StringBuilder(first);
        for (var piece = 2; section.Line($"{key}_{piece}") is { } next; piece++) text.Append(next.At(1));
        return Decode(text.ToString());
    }

    static string Field(object value) => value switch
    {
        double d => RppNumber.Format(d),
        int i => i.ToString(CultureInfo.InvariantCulture),
        _ => Encode((string)value),
    };

    static string Cut(string name) => name.Length <= MaxName ? name : name[..(char.IsHighSurrogate(name[MaxName - 1]) ? MaxName - 1 : MaxName)];

    /// <summary>Letters, digits, dot, dash and underscore; every other byte of the UTF-8 as %XX.</summary>
    public static string Encode(string text)
    {
        var encoded = new StringBuilder();
        foreach (var b in RppText.Utf8.GetBytes(text))
            if (char.IsAsciiLetterOrDigit((char)b) || b is (byte)'.' or (byte)'-' or (byte)'_') encoded.Append((char)b);
            else encoded.Append('%').Append(b.ToString("X2", CultureInfo.InvariantCulture));
        return encoded.ToString();
    }

    /// <summary>The text back; anything may stand in a project, so broken codes stay as they are.</summary>
    public static string Decode(string text) => Uri.UnescapeDataString(text);
}
