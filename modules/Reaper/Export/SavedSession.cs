using Newtonsoft.Json.Linq;
using OscLooper.Dsp;
using OscLooper.Reaper.Rpp;

namespace OscLooper.Reaper.Export;

/// <summary>Finds the looper's loops in what a path names: a saved session, a recorded performance, the looper's own folder, or a session described in JSON.</summary>
static class SavedSession
{
    /// <summary>Ticks in a beat of MIDI items: a multiple of REAPER's 960, shorter than a frame at any usual tempo.</summary>
    const int FineTicks = 30720;

    const int Generations = 5;
    static readonly string[] documents = ["session", "vault"];

    /// <summary>The session, and the folder in which its files lie. Throws nothing but the declared errors.</summary>
    public static (SessionModel Model, string Folder) Open(string path)
    {
        var isFolder = Directory.Exists(path);
        var folder = isFolder ? path : Path.GetDirectoryName(path)!;
        var file = isFolder ? Youngest(path) ?? (Path.Combine(path, LooperFolder.FileName) is var own && File.Exists(own) ? own : null) : path;
        var older = Array.Empty<string>();
        if (file is null && PerformanceLoops.Folders(folder) is [var youngest, .. var rest]) (file, older) = (Path.Combine(youngest, LooperFolder.FileName), [.. rest]);
        if (file is null) throw new RppError($"{path} holds no session: neither {string.Join(" nor ", documents.Select(d => d + ".json"))}, nor loops");

        var json = LooperFolder.Json(file);
        if (json["imps"] is JObject) return (OfDocument(json, folder), folder);
        if (json["framesPerBeat"] is null) return (SessionModel.Read(ProjectFiles.ReadText(file)), folder);
        var loops = Path.GetDirectoryName(file)!;
        return (Of(Path.GetFileName(folder.TrimEnd(Path.DirectorySeparatorChar)), [loops, .. older], null, LogIn(folder), null), loops);
    }

    // Saved on purpose or by itself: what was saved last, and whole, counts.
    static string? Youngest(string folder)
    {
        (string File, long Seq)? youngest = null;
        foreach (var file in documents.SelectMany(d => Enumerable.Range(0, Generations + 1).Select(g => Path.Combine(folder, g == 0 ? $"{d}.json" : $"{d}.{g}.json"))).Where(File.Exists))
            try
            {
                var json = LooperFolder.Json(file);
                if (json["seq"] is JValue { Value: long seq } && json["seqEnd"] is JValue { Value: long end } && seq == end && seq > (youngest?.Seq ?? -1)) youngest = (file, seq);
                else if (json["seq"] is null) youngest ??= (file, 0);
            }
            catch (RppError)
            {
                // A document that is damaged: the one before it counts.
            }
        return youngest?.File;
    }

    /// <summary>The model of the looper's folders (the first is how it stands, the others know older layers), with a performance when there is one.</summary>
    public static SessionModel Of(string name, IReadOnlyList<string> folders, int[]? signature, string? log, long? end)
    {
        var looper = LooperFolder.Read(folders[0]);
        var model = new SessionModel { Name = name, Tempo = looper.Tempo, SampleRate = looper.Rate, Signature = signature ?? [4, 4] };
        if (log is not null)
        {
            var performance = model.Performance = Performance.Read(log, end);
            if (performance.Rate != looper.Rate) throw new RppError($"the performance was recorded at {performance.Rate} Hz, the loops are at {looper.Rate} Hz");
            (model.Tempo, model.Signature, model.TempoChanges) = (performance.Tempo.Tempo, performance.Tempo.Signature, performance.Tempo.Changes);
        }
        var heard = model.Performance?.Heard ?? new HashSet<(int, long)>();
        foreach (var channel in looper.Channels)
        {
            var to = new SessionChannel { Number = channel.Number, Name = channel.Name, Volume = channel.Volume, Pan = channel.Pan, Mute = channel.IsMute, Solo = channel.IsSolo };
            for (var scene = 0; scene < channel.Scenes.Count; scene++) Add(to, scene + 1, channel.Scenes[scene], looper, heard);
            if (to.Loops.Count > 0) model.Channels.Add(to);
        }
        foreach (var older in folders.Skip(1).Where(f => File.Exists(Path.Combine(f, LooperFolder.FileName))).Select(LooperFolder.Read))
            foreach (var channel in older.Channels) AddOlder(model, channel, older, heard);
        Complain(model);
        return model;
    }

    static void Add(SessionChannel to, int number, LooperScene scene, LooperFolder looper, IReadOnlySet<(int, long)> heard)
    {
        if (scene.Now is { } now) to.Loops.Add(Loop(number, now, looper, isOld: false));
        foreach (var other in scene.Others)
            if (heard.Contains((to.Number, other.Tape)) && to.Loops.All(l => l.Tape != other.Tape)) to.Loops.Add(Loop(number, other, looper, isOld: true));
    }

    // A channel or a layer that is no longer there, but was heard.
    static void AddOlder(SessionModel model, LooperChannel channel, LooperFolder older, IReadOnlySet<(int, long)> heard)
    {
        var to = model.Channels.Find(c => c.Number == channel.Number) ?? new SessionChannel { Number = channel.Number, Name = channel.Name, Volume = channel.Volume, Pan = channel.Pan, Mute = channel.IsMute };
        for (var scene = 0; scene < channel.Scenes.Count; scene++)
            foreach (var layer in channel.Scenes[scene].Others.Append(channel.Scenes[scene].Now).OfType<LooperLayer>())
                if (heard.Contains((to.Number, layer.Tape)) && to.Loops.All(l => l.Tape != layer.Tape)) to.Loops.Add(Loop(scene + 1, layer, older, isOld: true));
        if (to.Loops.Count > 0 && !model.Channels.Contains(to)) model.Channels.Add(to);
        model.Channels.Sort((a, b) => a.Number.CompareTo(b.Number));
    }

    static SessionLoop Loop(int scene, LooperLayer layer, LooperFolder looper, bool isOld)
    {
        var loop = new SessionLoop
        {
            Scene = scene, Source = layer.Path, Tape = layer.Tape, Frames = layer.Frames, Period = layer.Period, Rate = layer.Rate, IsOld = isOld,
            Beats = Beats(layer.Period / Math.Max(0.01, Math.Abs(layer.Rate)), looper.Rate, looper.Tempo),
        };
        if (!layer.Path.EndsWith(".mid", StringComparison.OrdinalIgnoreCase)) loop.File = Path.GetFileName(layer.Path);
        else Fill(loop, layer.Path, looper.Rate);
        return loop;
    }

    // The looper writes notes by time (a tick is a frame); an item counts in beats. Tempo and the like belong to the project.
    static void Fill(SessionLoop loop, string path, int rate)
    {
        try
        {
            var file = MidiFile.Read(path);
            var map = file.GetTempoMap();
            var ticksPerSecond = loop.Beats * FineTicks * rate / loop.Period;
            loop.TicksPerBeat = FineTicks;
            loop.Events = [.. file.Tracks.SelectMany(t => t).Where(e => e.Status != 0xff).Select(e => new SessionMidiEvent { Tick = (long)Math.Round(map.SecondsAt(e.Tick) * ticksPerSecond), Data = Convert.ToHexString([e.Status, .. e.Data.Span]) }).OrderBy(e => e.Tick)];
        }
        catch (Exception e) when (e is MidiFileException or IOException or UnauthorizedAccessException) { throw new RppError($"{Path.GetFileName(path)}: {e.Message}"); }
    }

    static void Complain(SessionModel model)
    {
        foreach (var channel in model.Channels)
            foreach (var loop in channel.Loops.Where(l => l.Rate < 0))
                model.Warnings.Add($"channel {channel.Number}, scene {loop.Scene} plays backwards; it is exported forwards");
        var kept = model.Channels.SelectMany(c => c.Loops.Select(l => (c.Number, l.Tape))).ToHashSet();
        foreach (var lost in model.Performance?.Stretches.Where(s => !kept.Contains((s.Channel, s.Tape))).GroupBy(s => s.Channel) ?? [])
            model.Warnings.Add($"channel {lost.Key} sounded {lost.Count()} times with layers that undo no longer keeps; these items are missing");
    }

    static string? LogIn(string folder) => Path.Combine(folder, Performance.FileName) is var path && File.Exists(path) ? path : null;

    static SessionModel OfDocument(JObject document, string folder)
    {
        var imps = (JObject)document["imps"]!;
        JObject? Data(string module) => imps.PropertyValues().OfType<JObject>().FirstOrDefault(i => LooperFolder.Text(i, "module") == module)?["data"] as JObject;
        var data = LooperFolder.Text(Data("looper") ?? throw new RppError("the session holds no looper"), "folder");
        // data/NUMBER/NAME and nothing else, as the vault has it.
        if (data.Split('/') is not ["data", var number, var imp] || number is "" or "." or ".." || imp is "" or "." or ".." || data.Contains('\\')) throw new RppError("the session holds no loops");
        int[]? signature = null;
        if ((imps["transport"]?["data"]?["values"] as JObject)?["signature"] is JArray { Count: 2 } s && s.All(t => t is JValue { Value: long }))
            signature = [(int)Math.Clamp((long)s[0], 1, 64), (int)Math.Clamp((long)s[1], 1, 64)];
        var name = LooperFolder.Text(document, "session");
        return Of(name.Length > 0 ? name : Path.GetFileName(folder), [Path.Combine(folder, data)], signature, LogIn(folder), null);
    }

    /// <summary>A length within two frames of a quarter of a beat is meant to be that.</summary>
    static double Beats(double frames, double rate, double tempo)
    {
        var beats = frames / rate * tempo / 60;
        var near = Math.Round(beats * 4) / 4;
        return near > 0 && Math.Abs(near - beats) * 60 / tempo * rate <= 2 ? near : Math.Clamp(beats, 1e-6, 100_000);
    }
}
