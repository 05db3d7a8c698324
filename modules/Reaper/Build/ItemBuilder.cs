using OscLooper.Reaper.Midi;
using OscLooper.Reaper.Rpp;
using OscLooper.Reaper.Song;

namespace OscLooper.Reaper.Build;

/// <summary>Clips as ITEM blocks (facts: rpp-format section 5).</summary>
sealed class ItemBuilder(TempoMap map, GuidSource guids, Action<string> warn)
{
    int lastId;

    /// <summary>Where a clip lies, in seconds.</summary>
    public static (double Start, double Length) Place(SongClip clip, TempoMap map)
    {
        var start = clip.PositionSeconds ?? map.SecondsAt(clip.Position!.Value);
        if (clip.LengthSeconds is { } seconds) return (start, seconds);
        var beats = clip.Length ?? Math.Max(1, Math.Ceiling(SongMidiTake.LastTick(clip.Midi!) / clip.Midi!.TicksPerBeat));
        return (start, map.SecondsAt((clip.Position ?? map.BeatAt(start)) + beats) - start);
    }

    /// <summary>The item of a clip.</summary>
    public RppBlock Build(SongClip clip, string track)
    {
        var (start, length) = Place(clip, map);
        var item = RppBlock.Of("ITEM");
        item.Add("POSITION", start).Add("SNAPOFFS", 0).Add("LENGTH", length).Add("LOOP", clip.Loop == true ? 1 : 0).Add("ALLTAKES", 0);
        if (clip.Color is { } color) item.Add("COLOR", SongUnits.Color(color), "B");
        item.Add("FADEIN", 1, clip.FadeInSeconds ?? 0, 0, 1, 0, 0, 0).Add("FADEOUT", 1, clip.FadeOutSeconds ?? 0, 0, 1, 0, 0, 0)
            .Add("MUTE", clip.Mute == true ? 1 : 0, 0).Add("SEL", 0).Add("IGUID", guids.Next()).Add("IID", ++lastId);
        if (clip.File is null && clip.Midi is null)
        {
            item.Add(RppBlock.Of("NOTES")).AddText(clip.Name ?? "");
            item.Add("IMGRESOURCEFLAGS", 0);
            return item;
        }
        item.AddString("NAME", clip.Name ?? (clip.File is { } path ? path[(path.LastIndexOfAny(['/', '\\']) + 1)..] : ""));
        item.Add("VOLPAN", clip.Gain(), clip.Pan ?? 0, 1, -1);
        var offset = clip.OffsetSeconds ?? 0;
        if (clip.Midi is null) item.Add("SOFFS", offset);
        // In seconds of the tempo where the item begins, whatever comes later.
        else item.Add("SOFFS", offset, offset * map.TempoAt(start) / 60);
        item.Add("PLAYRATE", clip.Rate ?? 1, clip.PreservePitch == false ? 0 : 1, clip.Pitch ?? 0, -1, 0, 0.0025).Add("CHANMODE", 0).Add("GUID", guids.Next());
        item.Add(clip.Midi is { } midi ? Midi(clip, midi, start, length, track) : Audio(clip.File!));
        return item;
    }

    static RppBlock Audio(string path)
    {
        var file = new RppVerbatim(RppText.QuoteAlways(path));
        var kind = Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".flac" => "FLAC", ".mp3" => "MP3", ".ogg" => "VORBIS", ".wv" => "WAVPACK",
            ".mid" or ".midi" => "MIDI", ".rpp" => "RPP_PROJECT", ".mp4" or ".m4a" or ".m4v" or ".mov" or ".mkv" or ".webm" or ".avi" => "VIDEO", _ => "WAVE",
        };
        var source = RppBlock.Of("SOURCE", kind);
        return kind == "MP3" ? source.Add("FILE", file, 1) : source.Add("FILE", file);
    }

    RppBlock Midi(SongClip clip, SongMidi midi, double start, double length, string track)
    {
        var take = SongMidiTake.ToTake(midi);
        var last = take.LengthTicks;
        // A source as long as its item neither repeats nor leaves silence.
        var beats = (map.BeatAt(start + length) - map.BeatAt(start)) * (clip.Rate ?? 1);
        var ticks = midi.Length is { } own ? own * SongUnits.TicksPerUnit(midi)
            : clip.Loop == true ? Math.Ceiling(last / (double)midi.TicksPerBeat) * midi.TicksPerBeat
            : beats * midi.TicksPerBeat;
        take.LengthTicks = Math.Max(last, (long)Math.Round(ticks, MidpointRounding.AwayFromZero));
        if (clip.Loop != true && midi.Length is null && last > take.LengthTicks - 0.5 && last > Math.Round(beats * midi.TicksPerBeat))
            warn($"track \"{track}\": the MIDI clip \"{clip.Name}\" has events after its end; they will not sound");
        return MidiSource.Write(take, guids.Next);
    }
}
