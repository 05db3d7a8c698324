using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using OscLooper.Reaper.Song;

namespace OscLooper.Reaper.Export;

/// <summary>What of a looper session becomes a project (session.schema.json). The looper's own session format is mapped to this.</summary>
sealed class SessionModel
{
    static readonly Lazy<JObject> schema = new(() => JObject.Parse(Embedded.Text("session.schema.json")));

    public int Version { get; set; } = 1;
    public string Name { get; set; } = "session";
    public double Tempo { get; set; } = 120;
    public int[] Signature { get; set; } = [4, 4];
    public int SampleRate { get; set; } = 48000;
    public List<SongTempo> TempoChanges { get; set; } = [];
    public List<SessionChannel> Channels { get; set; } = [];
    public List<SessionSceneChange> SceneChanges { get; set; } = [];
    public List<SessionEvent> Events { get; set; } = [];

    /// <summary>A performance by frames, when one was recorded; then it is what counts, not <see cref="Events"/>.</summary>
    [JsonIgnore]
    public Performance? Performance { get; set; }
    /// <summary>What could not be taken over.</summary>
    [JsonIgnore]
    public List<string> Warnings { get; } = [];

    /// <summary>Reads and checks a session. Throws nothing but <see cref="SongException"/>, with everything that is wrong.</summary>
    public static SessionModel Read(string json)
    {
        var model = SongJson.ReadChecked<SessionModel>(json, schema.Value);
        var errors = new List<SongError>();
        foreach (var same in model.Channels.GroupBy(c => c.Number).Where(g => g.Count() > 1))
            errors.Add(new("$.channels", $"{same.Count()} channels have the number {same.Key}"));
        for (var c = 0; c < model.Channels.Count; c++)
            for (var l = 0; l < model.Channels[c].Loops.Count; l++)
            {
                var (loop, path) = (model.Channels[c].Loops[l], $"$.channels[{c}].loops[{l}]");
                if (loop.File is null == loop.Events is null) errors.Add(new(path, "needs file or events, one of them"));
                if (model.Channels[c].Loops.Take(l).Any(o => o.Scene == loop.Scene)) errors.Add(new(path + ".scene", $"scene {loop.Scene} has a loop already"));
            }
        for (var e = 0; e < model.Events.Count; e++)
            if (model.Channels.All(c => c.Number != model.Events[e].Channel)) errors.Add(new($"$.events[{e}].channel", $"there is no channel {model.Events[e].Channel}"));
        return errors.Count > 0 ? throw new SongException(errors) : model;
    }
}

/// <summary>A channel with a loop in each scene that has one.</summary>
sealed class SessionChannel
{
    public int Number { get; set; }
    public string Name { get; set; } = "";
    public double Volume { get; set; } = 1;
    public double Pan { get; set; }
    public bool Mute { get; set; }
    [JsonIgnore]
    public bool Solo { get; set; }
    public List<SessionLoop> Loops { get; set; } = [];
}

/// <summary>A loop: audio in a file or MIDI events, as long as a number of beats.</summary>
sealed class SessionLoop
{
    public int Scene { get; set; }
    public string? Name { get; set; }
    public double Beats { get; set; }
    public string? File { get; set; }
    public double? Seconds { get; set; }
    public int TicksPerBeat { get; set; } = 960;
    public List<SessionMidiEvent>? Events { get; set; }

    /// <summary>Its file where the looper keeps it; else <see cref="File"/> lies in the session's folder.</summary>
    [JsonIgnore]
    public string? Source { get; set; }
    /// <summary>The looper's number of what sounds, by which a performance names it; 0 = none.</summary>
    [JsonIgnore]
    public long Tape { get; set; }
    /// <summary>Length of the audio, and of a turn with its fraction, in frames of the session.</summary>
    [JsonIgnore]
    public double Frames { get; set; }
    [JsonIgnore]
    public double Period { get; set; }
    /// <summary>Varispeed.</summary>
    [JsonIgnore]
    public double Rate { get; set; } = 1;
    /// <summary>A layer that only a performance needs.</summary>
    [JsonIgnore]
    public bool IsOld { get; set; }
}

/// <summary>A MIDI event of a loop.</summary>
sealed class SessionMidiEvent
{
    public long Tick { get; set; }
    public string Data { get; set; } = "";
}

/// <summary>From this beat on the scene was the one that plays.</summary>
sealed class SessionSceneChange
{
    public double Beat { get; set; }
    public int Scene { get; set; }
    public string? Name { get; set; }
}

/// <summary>A loop began or ceased to sound.</summary>
sealed class SessionEvent
{
    public double Beat { get; set; }
    public int Channel { get; set; }
    public string Action { get; set; } = "start";
    public int Scene { get; set; } = 1;
    public double PhaseBeats { get; set; }
}
