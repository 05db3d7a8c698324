namespace OscLooper.Reaper.Song;

/// <summary>The events of a MIDI clip; times count from the clip's start in its unit.</summary>
sealed class SongMidi
{
    public string Unit { get; set; } = "beats";
    public int TicksPerBeat { get; set; } = 960;
    public double? Length { get; set; }
    public List<SongNote> Notes { get; set; } = [];
    public List<SongCc> Cc { get; set; } = [];
    public List<SongProgram> Programs { get; set; } = [];
    public List<SongBend> Bends { get; set; } = [];
    public List<SongPressure> Pressures { get; set; } = [];
    public List<SongText> Texts { get; set; } = [];
    public List<SongBytes> Sysex { get; set; } = [];
    public List<SongBytes> Raw { get; set; } = [];
}

/// <summary>A note.</summary>
sealed class SongNote
{
    /// <summary>0..127 as a whole number, or a name such as F#2.</summary>
    public object Pitch { get; set; } = 60;
    public double Start { get; set; }
    public double Duration { get; set; }
    public int? Velocity { get; set; }
    public int? Release { get; set; }
    public int? Channel { get; set; }
    public bool? Mute { get; set; }
}

/// <summary>A controller value.</summary>
sealed class SongCc
{
    public double Time { get; set; }
    public int Controller { get; set; }
    public int Value { get; set; }
    public int? Channel { get; set; }
}

/// <summary>A program change.</summary>
sealed class SongProgram
{
    public double Time { get; set; }
    public int Program { get; set; }
    public int? Channel { get; set; }
}

/// <summary>A pitch bend, -8192..8191.</summary>
sealed class SongBend
{
    public double Time { get; set; }
    public int Value { get; set; }
    public int? Channel { get; set; }
}

/// <summary>Pressure of a channel, or of one key.</summary>
sealed class SongPressure
{
    public double Time { get; set; }
    public object? Pitch { get; set; }
    public int Value { get; set; }
    public int? Channel { get; set; }
}

/// <summary>A text, lyric, marker ...</summary>
sealed class SongText
{
    public double Time { get; set; }
    public string? Kind { get; set; }
    public string Text { get; set; } = "";
}

/// <summary>An event given as hex bytes.</summary>
sealed class SongBytes
{
    public double Time { get; set; }
    public string Data { get; set; } = "";
}
