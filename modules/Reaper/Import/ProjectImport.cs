using OscLooper.Reaper.Build;
using OscLooper.Reaper.Plugins;
using OscLooper.Reaper.Rpp;
using OscLooper.Reaper.Song;

namespace OscLooper.Reaper.Import;

/// <summary>A project as a song: what a song can say is kept, what it cannot is named in a warning.</summary>
sealed class ProjectImport
{
    readonly RppBlock project;
    readonly PluginRegistry registry;
    readonly TempoMap map;
    readonly ItemImport items;
    readonly bool redLow;
    readonly List<string> warnings = [];
    readonly HashSet<string> warned = [];

    ProjectImport(RppBlock project, PluginRegistry registry)
    {
        this.project = project;
        this.registry = registry;
        map = TempoMap.Of(project);
        redLow = project.Open.At(2)?.Contains("win", StringComparison.OrdinalIgnoreCase) == true;
        items = new(map, ItemImport.Pools(project), Warn);
    }

    /// <summary>Plug-ins that the registry did not know, or not for certain.</summary>
    public PluginFile NewPlugins { get; } = new();

    /// <summary>What could not be kept.</summary>
    public IReadOnlyList<string> Warnings => warnings;

    /// <summary>The song, which passes every check. Throws nothing but <see cref="RppError"/>.</summary>
    public SongDefinition Song { get; private set; } = new();

    /// <summary>Imports a project.</summary>
    public static ProjectImport Read(RppDocument document, PluginRegistry registry)
    {
        var import = new ProjectImport(document.Project ?? throw new RppError("there is no REAPER_PROJECT in the file"), registry);
        var song = import.Project();
        foreach (var entry in import.NewPlugins.Entries.Values) registry.Add(entry);
        // REAPER holds circles of sends even while feedback is switched off; the song then says that they are meant.
        if (SongChecks.Check(song, registry) is [{ Message: var m }] && m.StartsWith(SongChecks.CircleMessage, StringComparison.Ordinal)) song.Meta.Feedback = true;
        try { import.Song = SongJson.Read(SongJson.Write(song), registry); }
        catch (SongException e) { throw new RppError("the project does not fit into a song: " + e.Message); }
        return import;
    }

    SongDefinition Project()
    {
        var song = new SongDefinition();
        var kept = project.Block("EXTSTATE")?.Block("OSCLOOPER");
        string? Kept(string key) => Expectations.Kept(kept, key);
        song.Meta.Title = Kept("TITLE");
        song.Meta.Author = Kept("AUTHOR");
        song.Meta.Key = Kept("KEY");
        song.Meta.Notes = kept is null ? project.Block("NOTES")?.BodyText() is { Length: > 0 } text ? text : null : Kept("NOTES");
        song.Meta.SampleRate = (int)Math.Clamp(project.Line("SAMPLERATE")?.Number(1, 48000) ?? 48000, 8000, 384000);
        song.Meta.Feedback = project.Line("FEEDBACK")?.Number(1) == 1 ? true : null;
        Tempo(song.Meta);
        (song.Master.Volume, song.Master.Pan) = Strip(project.Line("MASTER_VOLUME"), "the master");
        if (project.Block("MASTERFXLIST") is { } master) song.Master.Plugins = Effects(master, "the master");
        Markers(song);
        Render(song.Render);
        Tracks(song, Kept);
        Unkept(project, "the project", ["MASTERVOLENV2", "MASTERPANENV2", "MASTERVOLENV", "MASTERPANENV", "POOLEDENV"]);
        return song;
    }

    void Tempo(SongMeta meta)
    {
        var first = map.Points[0];
        meta.Tempo = first.Tempo;
        meta.Signature = [first.Signature?.Numerator ?? 4, first.Signature?.Denominator ?? 4];
        if (first.Ramp) meta.TempoChanges.Add(new() { Beat = 0, Tempo = first.Tempo, Shape = "linear" });
        foreach (var p in map.Points.Skip(1))
            meta.TempoChanges.Add(new() { Beat = Round(p.Beat), Tempo = p.Tempo, Signature = p.Signature is { } s ? [s.Numerator, s.Denominator] : null, Shape = p.Ramp ? "linear" : null });
    }

    void Markers(SongDefinition song)
    {
        var open = new Dictionary<int, SongRegion>();
        foreach (var line in project.Lines("MARKER"))
        {
            var (number, beat, color) = ((int)Math.Clamp(line.Number(1), 0, 1_000_000), Round(Math.Max(0, map.BeatAt(line.Number(2)))), Color(line.Number(5), line.At(7)));
            var name = line.At(3) is { Length: > 0 } n ? n : null;
            if (((int)line.Number(4) & 1) == 0) song.Markers.Add(new() { Beat = beat, Name = name, Number = number, Color = color });
            else if (open.Remove(number, out var region))
            {
                region.End = beat;
                if (region.End > region.Beat) song.Regions.Add(region);
            }
            else open[number] = new() { Beat = beat, Name = name, Number = number, Color = color };
        }
        if (open.Count > 0) Warn("a region without an end is not kept");
    }

    void Render(SongRender render)
    {
        if (project.Line("RENDER_FILE")?.At(1) is { Length: > 0 } file) render.File = file;
        if (project.Line("RENDER_PATTERN")?.At(1) is { Length: > 0 } pattern) render.Pattern = pattern;
        if (project.Line("RENDER_FMT") is { } format)
        {
            render.Channels = (int)Math.Clamp(format.Number(2, 2), 1, 64);
            render.SampleRate = (int)Math.Clamp(format.Number(3), 0, 384000);
        }
        if (project.Line("RENDER_RANGE") is { } range)
        {
            render.TailMilliseconds = (int)Math.Clamp(range.Number(5, 1000), 0, 600_000);
            if (range.Number(1) == 3) render.Bounds = "regions";
            if (range.Number(1) == 0 && range.Number(2) is >= 0 and var from && range.Number(3) is var to && to > from)
                (render.Bounds, render.From, render.To) = ("beats", Round(map.BeatAt(from)), Round(map.BeatAt(to)));
        }
    }

    void Tracks(SongDefinition song, Func<string, string?> kept)
    {
        var blocks = project.Blocks("TRACK").ToList();
        var tracks = blocks.Select((b, i) => Track(b, i, kept)).ToList();
        // A send names its target: tracks that share a name, or have none, get an id.
        foreach (var same in tracks.GroupBy(t => t.Name).Where(g => g.Count() > 1 || g.Key.Length == 0))
            foreach (var track in same) track.Id = Free($"track {tracks.IndexOf(track) + 1}", tracks);

        var open = new Stack<SongTrack>();
        for (var i = 0; i < tracks.Count; i++)
        {
            (open.TryPeek(out var folder) ? folder.Tracks : song.Tracks).Add(tracks[i]);
            var change = (int)Math.Clamp(blocks[i].Line("ISBUS")?.Number(2) ?? 0, -100, 1);
            if (change > 0) open.Push(tracks[i]);
            for (; change < 0 && open.Count > 0; change++) open.Pop();
            foreach (var line in blocks[i].Lines("AUXRECV"))
            {
                var source = (int)Math.Clamp(line.Number(1), -1, tracks.Count);
                if (source < 0 || source >= tracks.Count) { Warn("a send from a track that is not there is not kept"); continue; }
                var (volume, pan) = (Math.Clamp(Math.Abs(line.Number(3, 1)), 0, 64), line.Number(4));
                var (from, to, midi) = ((int)line.Number(8), (int)line.Number(9), (int)line.Number(11));
                tracks[source].Sends.Add(new()
                {
                    To = tracks[i].Id ?? tracks[i].Name, Level = volume, Pan = pan == 0 ? null : Math.Clamp(pan, -1, 1),
                    Mode = line.Number(2) switch { 1 => "pre_fx", 3 => "pre_fader", _ => null }, Mute = line.Number(5) == 1 ? true : null,
                    FromChannel = from is > 0 and < 127 ? from + 1 : null, ToChannel = to is > 0 and < 127 ? to + 1 : null,
                    Audio = from < 0 ? false : null, Midi = (midi & 31) == 31 ? false : null,
                });
                // Mono, more than two channels, MIDI of one channel.
                if (from >= 127 || to is < 0 or >= 127 || midi != 0 && (midi & 31) != 31) Warn("of sends only pairs of channels and all MIDI are kept");
            }
        }
    }

    SongTrack Track(RppBlock block, int index, Func<string, string?> kept)
    {
        var track = new SongTrack { Name = block.String("NAME") ?? "", Role = kept($"ROLE_{index + 1}") };
        var at = $"track \"{track.Name}\"";
        (track.Volume, track.Pan) = Strip(block.Line("VOLPAN"), at);
        var mute = block.Line("MUTESOLO");
        track.Mute = mute?.Number(1) == 1 ? true : null;
        track.Solo = mute?.Number(2) > 0 ? true : null;
        track.PhaseInvert = block.Line("IPHASE")?.Number(1) == 1 ? true : null;
        track.MainSend = block.Line("MAINSEND")?.Number(1) == 0 ? false : null;
        track.TrackChannels = block.Line("NCHAN")?.Number(1) is > 2 and <= 128 and var channels ? (int)channels : null;
        track.Color = Color(block.Line("PEAKCOL")?.Number(1) ?? 0, null);
        if (block.Block("FXCHAIN") is { } chain) track.Plugins = Effects(chain, at);
        foreach (var item in block.Blocks("ITEM"))
        {
            var clip = items.Read(item, at);
            if (item.Line("COLOR") is { } color) clip.Color = Color(color.Number(1), color.At(2));
            track.Clips.Add(clip);
        }
        Unkept(block, at, ["VOLENV2", "VOLENV", "PANENV2", "PANENV", "MUTEENV", "WIDTHENV2", "AUXVOLENV", "AUXPANENV", "FREEZE", "FXCHAIN_REC"]);
        if (block.Line("HWOUT") is not null) Warn($"{at}: hardware outputs are not kept");
        return track;
    }

    List<SongPlugin> Effects(RppBlock chain, string at)
    {
        var plugins = new List<SongPlugin>();
        var bypass = default(RppLine);
        foreach (var child in chain.Children)
        {
            if (child is RppLine line)
            {
                if (line.Is("BYPASS")) bypass = line;
                continue;
            }
            var effect = (RppBlock)child;
            if (effect.Name is "PARMENV" or "JS_SER" or "PROGRAMENV") { Warn($"{at}: {effect.Name} of its effects is not kept"); continue; }
            if (PluginLearner.Read(effect, registry) is not { } found) { Warn($"{at}: an effect of kind {effect.Name} is not kept"); continue; }
            if (registry.Find(found.Entry.Key) != found.Entry) NewPlugins.Entries[found.Entry.Key] = found.Entry;
            var custom = found.Entry.IsJs ? effect.Open.At(2) : effect.Open.At(4);
            plugins.Add(new()
            {
                Plugin = found.Entry.Key, Name = custom is { Length: > 0 } ? custom : null, State = found.State.Count > 0 ? found.State : null,
                Params = found.Params.Count > 0 ? found.Params : null,
                Bypass = bypass?.Number(1) == 1 ? true : null, Offline = bypass?.Number(2) == 1 ? true : null,
            });
            bypass = null;
        }
        return plugins;
    }

    (double? Volume, double? Pan) Strip(RppLine? line, string at)
    {
        var (volume, pan) = (line?.Number(1, 1) ?? 1, line?.Number(2) ?? 0);
        if (volume < 0) Warn($"{at}: the flipped polarity of its volume is not kept");
        return (Math.Abs(volume) == 1 ? null : Math.Min(64, Math.Abs(volume)), pan == 0 ? null : Math.Clamp(pan, -1, 1));
    }

    string? Color(double value, string? letter) =>
        SongUnits.Color((int)Math.Clamp(value, int.MinValue, int.MaxValue), letter is null ? redLow : letter == "R");

    void Unkept(RppBlock block, string at, string[] names)
    {
        foreach (var name in names)
            if (block.Block(name) is not null) Warn($"{at}: {name} is not kept");
    }

    void Warn(string text)
    {
        if (warned.Add(text)) warnings.Add(text);
    }

    static string Free(string id, List<SongTrack> tracks)
    {
        while (tracks.Any(t => t.Name == id || t.Id == id)) id += "'";
        return id;
    }

    /// <summary>A beat that is a short number but for the last digits of a conversion becomes that number.</summary>
    public static double Round(double beat) => Math.Abs(Math.Round(beat, 6) - beat) < 1e-9 ? Math.Round(beat, 6) : beat;
}
