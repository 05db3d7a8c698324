using OscLooper.Reaper.Rpp;
using OscLooper.Reaper.Song;

namespace OscLooper.Reaper.Build;

/// <summary>The lines before the tracks, in the order and with the token counts that REAPER 7.38 to 7.51 write (facts: rpp-format section 2).</summary>
static class ProjectHeader
{
    /// <summary>The version and platform built projects claim. Linux: colours are then 0x00RRGGBB, letter B.</summary>
    public const string Version = "7.38/linux-x86_64";

    /// <summary>Sinks as REAPER writes them: a reversed tag and its settings.</summary>
    static readonly Dictionary<string, string> formats = new()
    {
        ["wav16"] = "ZXZhdxAAAA==", ["wav24"] = "ZXZhdxgAAQ==", ["wav"] = "ZXZhdw==", ["flac24"] = "Y2FsZhgAAAAFAAAA",
    };

    /// <summary>Everything from the first line to the recording and render settings.</summary>
    public static RppBlock Begin(SongDefinition song, TempoMap map, long unixSeconds)
    {
        var project = new RppBlock(RppLine.Of("<REAPER_PROJECT", 0.1, new RppVerbatim($"\"{Version}\""), unixSeconds));
        var notes = project.Add(RppBlock.Of("NOTES", 0, 2));
        if (Notes(song.Meta) is { Length: > 0 } text) notes.AddText(text);
        project.Add("RIPPLE", 0, 0).Add("GROUPOVERRIDE", 0, 0, 0).Add("AUTOXFADE", 129).Add("ENVATTACH", 3).Add("POOLEDENVATTACH", 0)
            .Add("MIXERUIFLAGS", 11, 48).Add("ENVFADESZ10", 40).Add("PEAKGAIN", 1).Add("FEEDBACK", song.Meta.Feedback == true ? 1 : 0).Add("PANLAW", 1)
            .Add("PROJOFFS", 0, 0, 0).Add("MAXPROJLEN", 0, 0).Add("GRID", 3199, 8, 1, 8, 1, 0, 0, 0).Add("TIMEMODE", 1, 5, -1, 30, 0, 0, -1)
            .Add("VIDEO_CONFIG", 0, 0, 256).Add("PANMODE", 3).Add("PANLAWFLAGS", 3).Add("CURSOR", 0).Add("ZOOM", 100, 0, 0).Add("VZOOMEX", 6, 0)
            .Add("USE_REC_CFG", 0).Add("RECMODE", 1).Add("SMPTESYNC", 0, 30, 100, 40, 1000, 300, 0, 0, 1, 0, 0).Add("LOOP", 0).Add("LOOPGRAN", 0, 4)
            .Add("RECORD_PATH", new RppVerbatim("\"Media\""), "");
        project.Add(RppBlock.Of("RECORD_CFG")).Add(formats["wav24"]);
        project.Add(RppBlock.Of("APPLYFX_CFG"));
        Render(project, song, map);
        return project;
    }

    static void Render(RppBlock project, SongDefinition song, TempoMap map)
    {
        var render = song.Render;
        var (bounds, tail) = render.Bounds switch { "regions" => (3, 8), "beats" => (0, 1), _ => (1, 18) };
        var (from, to) = bounds == 0 ? (map.SecondsAt(render.From!.Value), map.SecondsAt(render.To!.Value)) : (0, 0);
        project.Add("RENDER_FILE", new RppVerbatim(RppText.QuoteAlways(render.File ?? "")))
            .Add("RENDER_PATTERN", render.Pattern ?? (render.File is null ? "$project" : ""))
            .Add("RENDER_FMT", 0, render.Channels ?? 2, render.SampleRate ?? song.Meta.SampleRate).Add("RENDER_1X", 0)
            .Add("RENDER_RANGE", bounds, from, to, tail, render.TailMilliseconds ?? 1000).Add("RENDER_RESAMPLE", 3, 0, 1)
            .Add("RENDER_ADDTOPROJ", 0).Add("RENDER_STEMS", 0).Add("RENDER_DITHER", 0).Add("TIMELOCKMODE", 1).Add("TEMPOENVLOCKMODE", 1)
            .Add("ITEMMIX", 1).Add("DEFPITCHMODE", 589824, 0).Add("TAKELANE", 1).Add("SAMPLERATE", song.Meta.SampleRate, 1, 0);
        project.Add(RppBlock.Of("RENDER_CFG")).Add(formats[render.Format ?? "wav24"]);
        project.Add("LOCK", 1);
        project.Add(RppBlock.Of("METRONOME", 6, 2)).Add("VOL", 0.25, 0.125).Add("BEATLEN", 4).Add("FREQ", 800, 1600, 1)
            .Add("SAMPLES", "", "", "", "").Add("SPLIGNORE", 0, 0).Add("SPLDEF", 2, 660, "", 0, "").Add("SPLDEF", 3, 440, "", 0, "")
            .Add("PATTERN", 0, 169).Add("PATTERNSTR", "ABBB").Add("MULT", 1);
        project.Add("GLOBAL_AUTO", -1);
    }

    /// <summary>Tempo, the master track and its effects.</summary>
    public static void Master(RppBlock project, SongDefinition song, TempoMap map, Action<RppBlock, IEnumerable<SongPlugin>> effects)
    {
        // The first point counts, not meta: a change at beat 0 takes its place, and alone it needs no envelope.
        var (tempo, signature) = (map.Points[0].Tempo, map.Points[0].Signature ?? (4, 4));
        project.Add("TEMPO", tempo, signature.Item1, signature.Item2, 0).Add("PLAYRATE", 1, 0, 0.25, 4)
            .Add("SELECTION", 0, 0).Add("SELECTION2", 0, 0).Add("MASTERAUTOMODE", 0).Add("MASTERTRACKHEIGHT", 0, 0).Add("MASTERPEAKCOL", 16576)
            .Add("MASTERMUTESOLO", 0).Add("MASTERTRACKVIEW", 0, 0.6667, 0.5, 0.5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0).Add("MASTERHWOUT", 0, 0, 1, 0, 0, 0, 0, -1)
            .Add("MASTER_NCH", 2, 2).Add("MASTER_VOLUME", song.Master.Gain(), song.Master.Pan ?? 0, -1, -1, 1).Add("MASTER_PANMODE", 3)
            .Add("MASTER_PANLAWFLAGS", 3).Add("MASTER_FX", 1).Add("MASTER_SEL", 0);
        if (song.Master.Plugins.Count > 0) effects(project.Add(RppBlock.Of("MASTERFXLIST")), song.Master.Plugins);
    }

    /// <summary>The play rate and tempo envelopes, then markers and regions, then the empty project bay.</summary>
    public static void Timeline(RppBlock project, SongDefinition song, TempoMap map, GuidSource guids)
    {
        Envelope(project, "MASTERPLAYSPEEDENV", guids, active: false, "VIS 0 1 1", "DEFSHAPE 0 -1 -1");
        var changes = map.Points.Count > 1;
        var tempo = Envelope(project, "TEMPOENVEX", guids, changes, "VIS 1 0 1", "DEFSHAPE 1 -1 -1");
        foreach (var point in changes ? map.Points : [])
        {
            var start = $"PT {RppNumber.Fixed(point.Seconds, 12)} {RppNumber.Fixed(point.Tempo, 10)} {(point.Ramp ? 0 : 1)}";
            tempo.Add(RppLine.Raw(point.Signature is { } s ? $"{start} {s.Denominator * 65536 + s.Numerator} 0 1" : start));
        }
        Markers(project, song, map, guids);
        project.Add(RppBlock.Of("PROJBAY"));
    }

    static RppBlock Envelope(RppBlock project, string name, GuidSource guids, bool active, string visible, string shape)
    {
        var envelope = project.Add(RppBlock.Of(name));
        envelope.Add("EGUID", guids.Next()).Add("ACT", active ? 1 : 0, -1).Add(RppLine.Raw(visible));
        envelope.Add("LANEHEIGHT", 0, 0).Add("ARM", 0).Add(RppLine.Raw(shape));
        return envelope;
    }

    static void Markers(RppBlock project, SongDefinition song, TempoMap map, GuidSource guids)
    {
        var (markers, regions) = (Numbers([.. song.Markers.Select(m => m.Number)]), Numbers([.. song.Regions.Select(r => r.Number)]));
        var all = song.Markers.Select((m, i) => (m.Beat, End: (double?)null, Number: markers[i], m.Name, m.Color))
            .Concat(song.Regions.Select((r, i) => (r.Beat, End: (double?)r.End, Number: regions[i], r.Name, r.Color)));
        foreach (var m in all.OrderBy(m => m.Beat))
        {
            var region = m.End is null ? 0 : 1;
            project.Add("MARKER", m.Number, map.SecondsAt(m.Beat), m.Name ?? "", region, SongUnits.Color(m.Color), 1, "B", guids.Next(), 0);
            if (m.End is { } end) project.Add("MARKER", m.Number, map.SecondsAt(end), "", 1);
        }
    }

    // Those without a number get the next that nobody asked for: the two lines of a region find each other by it.
    static int[] Numbers(int?[] wanted)
    {
        var taken = wanted.OfType<int>().ToHashSet();
        var next = 0;
        var numbers = new int[wanted.Length];
        for (var i = 0; i < wanted.Length; i++)
        {
            if (wanted[i] is null)
                while (taken.Contains(++next)) { }
            numbers[i] = wanted[i] ?? next;
        }
        return numbers;
    }

    static string Notes(SongMeta meta)
    {
        string?[] lines = [meta.Title, meta.Author is { } a ? "by " + a : null, meta.Key is { } k ? "key " + k : null, meta.Notes];
        return string.Join('\n', lines.Where(l => !string.IsNullOrEmpty(l)));
    }
}
