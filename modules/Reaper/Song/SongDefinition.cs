namespace OscLooper.Reaper.Song;

/// <summary>A song as song.schema.json describes it. Beats are quarter notes; what is not given is null and has its default here or in the builder.</summary>
sealed class SongDefinition
{
    public int Version { get; set; } = 1;
    public SongMeta Meta { get; set; } = new();
    public List<SongTrack> Tracks { get; set; } = [];
    public SongMaster Master { get; set; } = new();
    public List<SongMarker> Markers { get; set; } = [];
    public List<SongRegion> Regions { get; set; } = [];
    public SongRender Render { get; set; } = new();

    /// <summary>Every track, parents before children: the order in the project.</summary>
    public IEnumerable<SongTrack> AllTracks() => Tracks.SelectMany(All);

    static IEnumerable<SongTrack> All(SongTrack track) => track.Tracks.SelectMany(All).Prepend(track);
}

/// <summary>What holds for the whole song.</summary>
sealed class SongMeta
{
    public string? Title { get; set; }
    public string? Author { get; set; }
    public string? Key { get; set; }
    public string? Notes { get; set; }
    public double Tempo { get; set; } = 120;
    public int[] Signature { get; set; } = [4, 4];
    public int SampleRate { get; set; } = 48000;
    public bool? Feedback { get; set; }
    public List<SongTempo> TempoChanges { get; set; } = [];
}

/// <summary>A change of tempo or signature at a beat.</summary>
sealed class SongTempo
{
    public double Beat { get; set; }
    public double? Tempo { get; set; }
    public int[]? Signature { get; set; }
    public string? Shape { get; set; }
}

/// <summary>Volume, linear or in decibels, and pan.</summary>
abstract class SongStrip
{
    public double? Volume { get; set; }
    public double? VolumeDb { get; set; }
    public double? Pan { get; set; }

    /// <summary>The linear gain, whichever way it was given.</summary>
    public double Gain() => Volume ?? (VolumeDb is { } db ? SongUnits.Gain(db) : 1);
}

/// <summary>The master track.</summary>
sealed class SongMaster : SongStrip
{
    public List<SongPlugin> Plugins { get; set; } = [];
}

/// <summary>A track; with tracks of its own it is a folder.</summary>
sealed class SongTrack : SongStrip
{
    public string? Id { get; set; }
    public string Name { get; set; } = "";
    public string? Role { get; set; }
    public string? Color { get; set; }
    public bool? Mute { get; set; }
    public bool? Solo { get; set; }
    public bool? PhaseInvert { get; set; }
    public bool? MainSend { get; set; }
    public int? TrackChannels { get; set; }
    public List<SongSend> Sends { get; set; } = [];
    public List<SongPlugin> Plugins { get; set; } = [];
    public List<SongClip> Clips { get; set; } = [];
    public List<SongTrack> Tracks { get; set; } = [];
}

/// <summary>A send from the track it stands in to another.</summary>
sealed class SongSend
{
    public string To { get; set; } = "";
    public double? Level { get; set; }
    public double? LevelDb { get; set; }
    public double? Pan { get; set; }
    public string? Mode { get; set; }
    public bool? Mute { get; set; }
    public int? FromChannel { get; set; }
    public int? ToChannel { get; set; }
    public bool? Audio { get; set; }
    public bool? Midi { get; set; }

    /// <summary>The linear gain, whichever way it was given.</summary>
    public double Gain() => Level ?? (LevelDb is { } db ? SongUnits.Gain(db) : 1);
}

/// <summary>A plug-in in a chain.</summary>
[Newtonsoft.Json.JsonConverter(typeof(SongPluginConverter))]
sealed class SongPlugin
{
    public string Plugin { get; set; } = "";
    public string? Name { get; set; }
    public string? Preset { get; set; }
    public List<string>? State { get; set; }
    public List<object?>? Params { get; set; }
    public bool? Bypass { get; set; }
    public bool? Offline { get; set; }
}

/// <summary>An item: audio from a file, MIDI, or empty.</summary>
sealed class SongClip : SongStrip
{
    public string? Name { get; set; }
    public double? Position { get; set; }
    public double? Length { get; set; }
    public double? PositionSeconds { get; set; }
    public double? LengthSeconds { get; set; }
    public bool? Loop { get; set; }
    public bool? Mute { get; set; }
    public string? Color { get; set; }
    public double? FadeInSeconds { get; set; }
    public double? FadeOutSeconds { get; set; }
    public string? File { get; set; }
    public double? OffsetSeconds { get; set; }
    public double? Rate { get; set; }
    public bool? PreservePitch { get; set; }
    public double? Pitch { get; set; }
    public SongMidi? Midi { get; set; }
}

/// <summary>A named place.</summary>
sealed class SongMarker
{
    public double Beat { get; set; }
    public string? Name { get; set; }
    public int? Number { get; set; }
    public string? Color { get; set; }
}

/// <summary>A named stretch.</summary>
sealed class SongRegion
{
    public double Beat { get; set; }
    public double End { get; set; }
    public string? Name { get; set; }
    public int? Number { get; set; }
    public string? Color { get; set; }
}

/// <summary>What REAPER writes when it renders the project.</summary>
sealed class SongRender
{
    public string? File { get; set; }
    public string? Pattern { get; set; }
    public string? Format { get; set; }
    public int? SampleRate { get; set; }
    public int? Channels { get; set; }
    public string? Bounds { get; set; }
    public double? From { get; set; }
    public double? To { get; set; }
    public int? TailMilliseconds { get; set; }
}
