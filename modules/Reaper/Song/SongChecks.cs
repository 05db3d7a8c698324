using System.Globalization;
using OscLooper.Reaper.Plugins;
using OscLooper.Reaper.Rpp;

namespace OscLooper.Reaper.Song;

/// <summary>What a schema cannot say: names that must exist, things given twice, sends in a circle. Collects everything.</summary>
sealed class SongChecks
{
    /// <summary>How the error about a circle begins.</summary>
    public const string CircleMessage = "sends go in a circle: ";

    /// <summary>Longest line of a name or text, below what REAPER reads as one with room for the rest of its line.</summary>
    const int MaxTextBytes = 3600;

    readonly List<SongError> errors = [];
    readonly PluginRegistry registry;
    readonly Dictionary<string, List<SongTrack>> byName = new(StringComparer.Ordinal);

    SongChecks(PluginRegistry registry) => this.registry = registry;

    /// <summary>All errors of a song that its schema allows.</summary>
    public static List<SongError> Check(SongDefinition song, PluginRegistry registry)
    {
        var checks = new SongChecks(registry);
        checks.Meta(song.Meta);
        foreach (var track in song.AllTracks()) checks.Name(track.Id ?? track.Name, track);
        checks.Tracks(song.Tracks, "$.tracks");
        checks.Strip(song.Master, "$.master");
        checks.Plugins(song.Master.Plugins, "$.master.plugins");
        for (var i = 0; i < song.Regions.Count; i++)
            if (song.Regions[i].End <= song.Regions[i].Beat) checks.Fail($"$.regions[{i}].end", "must be after the region's beat");
        if (song.Render is { Bounds: "beats" } render && !(render.From < render.To)) checks.Fail("$.render", "bounds \"beats\" need from and to, from before to");
        for (var i = 0; i < song.Markers.Count; i++) checks.Fits(song.Markers[i].Name, $"$.markers[{i}].name");
        for (var i = 0; i < song.Regions.Count; i++) checks.Fits(song.Regions[i].Name, $"$.regions[{i}].name");
        checks.Fits(song.Render.File, "$.render.file");
        checks.Fits(song.Render.Pattern, "$.render.pattern");
        if (song.Meta.Feedback != true) checks.Circles(song);
        return checks.errors;
    }

    /// <summary>Every track by what sends call it: its id, or its name where it has none. A name of several tracks leads to none.</summary>
    public static Dictionary<string, SongTrack> Targets(SongDefinition song) =>
        song.AllTracks().GroupBy(t => t.Id ?? t.Name, StringComparer.Ordinal).Where(g => g.Count() == 1).ToDictionary(g => g.Key, g => g.First(), StringComparer.Ordinal);

    void Name(string name, SongTrack track)
    {
        if (!byName.TryGetValue(name, out var list)) byName[name] = list = [];
        list.Add(track);
    }

    void Meta(SongMeta meta)
    {
        Signature(meta.Signature, "$.meta.signature");
        Fits(meta.Title, "$.meta.title");
        Fits(meta.Author, "$.meta.author");
        Fits(meta.Key, "$.meta.key");
        Fits(meta.Notes, "$.meta.notes");
        for (var (i, latest) = (0, double.NegativeInfinity); i < meta.TempoChanges.Count; i++)
        {
            var change = meta.TempoChanges[i];
            var path = $"$.meta.tempo_changes[{i}]";
            if (change.Beat <= latest) Fail(path + ".beat", "must be after the change before it");
            latest = Math.Max(latest, change.Beat);
            if (change.Tempo is null && change.Signature is null) Fail(path, "changes nothing: give tempo or signature");
            if (change.Signature is { } signature) Signature(signature, path + ".signature");
        }
    }

    void Signature(int[] signature, string path)
    {
        if (!int.IsPow2(signature[1])) Fail(path, $"{signature[1]} is not a note value: 1, 2, 4, 8, 16, 32 or 64");
    }

    void Tracks(List<SongTrack> tracks, string path)
    {
        for (var i = 0; i < tracks.Count; i++)
        {
            var (track, at) = (tracks[i], $"{path}[{i}]");
            if (track.Id is { } id && byName[id].Count > 1) Fail(at + ".id", $"\"{id}\" is the id or name of {byName[id].Count} tracks");
            Fits(track.Name, at + ".name");
            Strip(track, at);
            for (var s = 0; s < track.Sends.Count; s++) Send(track.Sends[s], track, $"{at}.sends[{s}]");
            Plugins(track.Plugins, at + ".plugins");
            for (var c = 0; c < track.Clips.Count; c++) Clip(track.Clips[c], $"{at}.clips[{c}]");
            Tracks(track.Tracks, at + ".tracks");
        }
    }

    void Strip(SongStrip strip, string path)
    {
        if (strip.Volume is not null && strip.VolumeDb is not null) Fail(path, "has both volume and volume_db");
    }

    void Send(SongSend send, SongTrack from, string path)
    {
        if (send.Level is not null && send.LevelDb is not null) Fail(path, "has both level and level_db");
        if (send.Audio == false && send.Midi == false) Fail(path, "sends neither audio nor MIDI");
        if (!byName.TryGetValue(send.To, out var targets))
            Fail(path + ".to", $"there is no track \"{send.To}\"" + Nearest.Hint(send.To, byName.Keys));
        else if (targets.Count > 1) Fail(path + ".to", $"{targets.Count} tracks are called \"{send.To}\": give them ids");
        else if (ReferenceEquals(targets[0], from)) Fail(path + ".to", "a track cannot send to itself");
    }

    void Plugins(List<SongPlugin> plugins, string path)
    {
        for (var i = 0; i < plugins.Count; i++)
        {
            var (plugin, at) = (plugins[i], $"{path}[{i}]");
            if (registry.Find(plugin.Plugin) is not { } entry)
            {
                Fail(at, $"unknown plug-in \"{plugin.Plugin}\"" + NearestKeys(plugin.Plugin));
                continue;
            }
            Fits(plugin.Plugin, plugin.Name is null ? at : at + ".plugin");
            Fits(plugin.Name, at + ".name", oneLine: true);
            if (plugin.Params?.OfType<string>().Any(t => t.AsSpan().IndexOfAny("\r\n") >= 0) == true) Fail(at + ".params", "a value of a JS effect cannot hold a line break");
            else if (plugin.Params is not null) Fits(string.Join(' ', plugin.Params), at + ".params", oneLine: true);
            if (plugin.Params is not null && !entry.IsJs) Fail(at + ".params", $"{entry.Key} is not a JS effect: its settings are a state or a preset");
            if (plugin.State is not null && entry.IsJs) Fail(at + ".state", $"{entry.Key} is a JS effect: its settings are params");
            if (plugin.State is not null && plugin.Preset is not null) Fail(at, "has both state and preset");
            if (plugin.Preset is { } preset && !registry.HasPreset(entry.Key, preset)) Fail(at + ".preset", $"{entry.Key} has no preset for \"{preset}\"");
        }
    }

    void Clip(SongClip clip, string path)
    {
        Strip(clip, path);
        Fits(clip.Name, path + ".name");
        Fits(clip.File, path + ".file", oneLine: true);
        if (clip.Position is null && clip.PositionSeconds is null) Fail(path, "needs position or position_seconds");
        if (clip.Position is not null && clip.PositionSeconds is not null) Fail(path, "has both position and position_seconds");
        if (clip.Length is not null && clip.LengthSeconds is not null) Fail(path, "has both length and length_seconds");
        if (clip.Length is null && clip.LengthSeconds is null && clip.Midi is null) Fail(path, "needs length or length_seconds");
        if (clip.File is not null && clip.Midi is not null) Fail(path, "has both file and midi");
        if (clip.Midi is { } midi) Midi(midi, path + ".midi");
    }

    void Midi(SongMidi midi, string path)
    {
        for (var i = 0; i < midi.Notes.Count; i++)
            if (!SongUnits.TryPitch(midi.Notes[i].Pitch, out _)) Fail($"{path}.notes[{i}].pitch", $"{midi.Notes[i].Pitch} is outside 0..127");
        for (var i = 0; i < midi.Pressures.Count; i++)
            if (midi.Pressures[i].Pitch is { } pitch && !SongUnits.TryPitch(pitch, out _)) Fail($"{path}.pressures[{i}].pitch", $"{pitch} is outside 0..127");
        for (var i = 0; i < midi.Sysex.Count; i++)
        {
            var data = midi.Sysex[i].Data.Replace(" ", "");
            if (!data.StartsWith("F0", StringComparison.OrdinalIgnoreCase) || !data.EndsWith("F7", StringComparison.OrdinalIgnoreCase))
                Fail($"{path}.sysex[{i}].data", "must begin with F0 and end with F7");
        }
        for (var i = 0; i < midi.Raw.Count; i++)
            if (midi.Raw[i].Data.Length < 2 || byte.Parse(midi.Raw[i].Data.AsSpan(0, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture) < 0x80)
                Fail($"{path}.raw[{i}].data", "must begin with a status byte (80..FF)");
        if (SongMidiTake.LastTick(midi) > int.MaxValue) Fail(path, "has an event beyond 2,147,483,647 ticks");
    }

    /// <summary>REAPER reads lines of 4,096 bytes: no line of a text may be so long that with what stands around it it would be cut.</summary>
    void Fits(string? text, string path, bool oneLine = false)
    {
        if (text is null || text.Length * 3 <= MaxTextBytes) return;
        foreach (var line in oneLine ? [text] : RppText.WithPlainLineEnds(text).Split('\n'))
            if (RppText.Utf8.GetByteCount(line) is var bytes and > MaxTextBytes)
            {
                Fail(path, $"{(oneLine ? "is" : "has a line")} of {bytes} bytes, a project holds {MaxTextBytes}");
                return;
            }
    }

    string NearestKeys(string name)
    {
        var keys = Nearest.To(name, registry.Names, 12).Select(n => registry.Find(n)?.Key ?? n).Distinct().Take(3).ToList();
        return keys.Count > 0 ? $"; nearest: {string.Join(", ", keys)}" : "; `osclooper reaper learn some.rpp` takes it from a project that has it";
    }

    /// <summary>A track sounds on its sends' targets and on its folder; REAPER refuses a circle of these, so we do. Told where the send stands that closes it.</summary>
    void Circles(SongDefinition song)
    {
        var next = new Dictionary<SongTrack, List<(SongTrack To, string Path)>>();
        void Folder(List<SongTrack> tracks, string path, SongTrack? parent)
        {
            for (var i = 0; i < tracks.Count; i++)
            {
                var (track, at) = (tracks[i], $"{path}[{i}]");
                next[track] = [];
                for (var s = 0; s < track.Sends.Count; s++)
                    if (byName.GetValueOrDefault(track.Sends[s].To) is [var to] && to != track) next[track].Add((to, $"{at}.sends[{s}].to"));
                if (parent is not null && track.MainSend != false) next[track].Add((parent, ""));
                Folder(track.Tracks, at + ".tracks", track);
            }
        }
        Folder(song.Tracks, "$.tracks", null);

        var done = new HashSet<SongTrack>();
        var way = new List<(SongTrack Track, string Path)>();
        bool Walk(SongTrack track, string by)
        {
            if (way.FindIndex(w => w.Track == track) is >= 0 and var start)
            {
                var closing = by.Length > 0 ? by : way.Skip(start + 1).Select(w => w.Path).Last(p => p.Length > 0);
                Fail(closing, CircleMessage + string.Join(" -> ", way.Skip(start).Select(w => w.Track).Append(track).Select(t => t.Name)));
                return true;
            }
            if (!done.Add(track)) return false;
            way.Add((track, by));
            var found = next[track].Any(n => Walk(n.To, n.Path));
            way.RemoveAt(way.Count - 1);
            return found;
        }
        foreach (var track in next.Keys)
            if (Walk(track, "")) return;
    }

    void Fail(string path, string message)
    {
        if (errors.Count < SchemaCheck.MaxErrors) errors.Add(new(path, message));
    }
}
