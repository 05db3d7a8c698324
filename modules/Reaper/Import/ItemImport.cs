using OscLooper.Reaper.Build;
using OscLooper.Reaper.Midi;
using OscLooper.Reaper.Rpp;
using OscLooper.Reaper.Song;

namespace OscLooper.Reaper.Import;

/// <summary>ITEM blocks as clips: the take that plays, its source, its place.</summary>
sealed class ItemImport(TempoMap map, IReadOnlyDictionary<string, RppBlock> pools, Action<string> warn)
{
    /// <summary>The MIDI sources with events, by the name of what they share.</summary>
    public static Dictionary<string, RppBlock> Pools(RppBlock project)
    {
        var pools = new Dictionary<string, RppBlock>(StringComparer.OrdinalIgnoreCase);
        foreach (var source in project.Blocks("TRACK").SelectMany(t => t.Blocks("ITEM")).SelectMany(i => i.Blocks("SOURCE")))
            if (source.Line("E") is not null && source.Line("POOLEDEVTS")?.At(1) is { } pool) pools.TryAdd(pool, source);
        return pools;
    }

    /// <summary>The clip of an item.</summary>
    public SongClip Read(RppBlock item, string track)
    {
        var clip = new SongClip();
        Place(clip, Clamp(item.Line("POSITION")?.Number(1) ?? 0, 0, 1e6), Clamp(item.Line("LENGTH")?.Number(1) ?? 0, 1e-9, 1e6));
        clip.Loop = item.Line("LOOP")?.Number(1) == 1 ? true : null;
        clip.Mute = item.Line("MUTE")?.Number(1) == 1 ? true : null;
        clip.FadeInSeconds = Fade(item.Line("FADEIN"));
        clip.FadeOutSeconds = Fade(item.Line("FADEOUT"));
        var (take, volume) = Take(item, track);
        if (take.Block("SOURCE") is not { } source)
        {
            clip.Name = item.Block("NOTES")?.BodyText() is { Length: > 0 and <= 3000 } text ? text : null;
            return clip;
        }
        clip.Name = take.String("NAME");
        if (volume?.Is("VOLPAN") == true) Strip(clip, volume.Number(1, 1) * volume.Number(3, 1), volume.Number(2));
        else if (volume is not null) Strip(clip, volume.Number(2, 1) * (item.Line("VOLPAN")?.Number(1, 1) ?? 1), volume.Number(1));
        if (take.Line("SOFFS")?.Number(1) is not (null or 0) and { } offset) clip.OffsetSeconds = Clamp(offset, -1e6, 1e6);
        if (take.Line("PLAYRATE") is { } rate)
        {
            if (rate.Number(1, 1) != 1) clip.Rate = Clamp(rate.Number(1, 1), 0.01, 100);
            if (rate.Number(2, 1) == 0) clip.PreservePitch = false;
            if (rate.Number(3) != 0) clip.Pitch = Clamp(rate.Number(3), -120, 120);
        }
        Source(clip, source, track);
        if (item.Block("TAKEFX") is not null) warn($"{track}: take effects are not kept");
        if (item.Line("SM") is not null) warn($"{track}: stretch markers are not kept");
        return clip;
    }

    /// <summary>The lines of the take that plays: the first, or the one marked SEL.</summary>
    (RppBlock Take, RppLine? Volume) Take(RppBlock item, string track)
    {
        var takes = new List<RppBlock> { new(item.Open) };
        var chosen = 0;
        foreach (var child in item.Children)
        {
            if (child is RppLine line && line.Is("TAKE"))
            {
                if (line.At(1) == "SEL") chosen = takes.Count;
                takes.Add(new(item.Open));
            }
            else takes[^1].Children.Add(child);
        }
        if (takes.Count > 1) warn($"{track}: of several takes only the one that plays is kept");
        var take = takes[chosen];
        return (take, take.Line("TAKEVOLPAN") ?? take.Line("VOLPAN"));
    }

    void Source(SongClip clip, RppBlock source, string track)
    {
        if (source.Open.At(1) == "SECTION" && source.Block("SOURCE") is { } inner)
        {
            clip.OffsetSeconds = Clamp((clip.OffsetSeconds ?? 0) + (source.Line("STARTPOS")?.Number(1) ?? 0), -1e6, 1e6);
            warn($"{track}: a section of a source is kept as an offset");
            source = inner;
        }
        if (source.Open.At(1) is "MIDI" or "MIDIPOOL")
        {
            // A MIDI file, or notes that several items share and one of them writes down.
            if (source.Line("FILE")?.At(1) is { Length: > 0 } midi) { clip.File = midi; return; }
            if (source.Line("E") is null && source.Line("POOLEDEVTS")?.At(1) is { } pool && pools.TryGetValue(pool, out var written)) source = written;
            if (!MidiSource.TryRead(source, out var take, out var reason)) { warn($"{track}: MIDI not kept: {reason}"); return; }
            clip.Midi = SongMidiTake.FromTake(take);
            if (take.LengthTicks > 0) clip.Midi.Length = take.LengthTicks;
            return;
        }
        if (source.Line("FILE")?.At(1) is { Length: > 0 } file) clip.File = file;
        else warn($"{track}: a source of kind {source.Open.At(1)} is not kept");
    }

    /// <summary>In beats where the beats are short numbers, else in seconds, so that nothing moves.</summary>
    void Place(SongClip clip, double start, double length)
    {
        var (from, to) = (ProjectImport.Round(map.BeatAt(start)), ProjectImport.Round(map.BeatAt(start + length)));
        if (IsShort(from)) clip.Position = from;
        else clip.PositionSeconds = start;
        if (IsShort(from) && IsShort(to) && to > from) clip.Length = ProjectImport.Round(to - from);
        else clip.LengthSeconds = length;

        static bool IsShort(double beat) => beat >= 0 && Math.Round(beat, 6) == beat;
    }

    static void Strip(SongClip clip, double volume, double pan)
    {
        if (Math.Abs(volume) != 1) clip.Volume = Math.Min(64, Math.Abs(volume));
        if (pan != 0) clip.Pan = Clamp(pan, -1, 1);
    }

    static double? Fade(RppLine? line) => line?.Number(2) is > 0 and var seconds ? Math.Min(1e6, seconds) : null;

    static double Clamp(double value, double low, double high) => Math.Clamp(value, low, high);
}
