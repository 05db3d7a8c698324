using OscLooper.Reaper.Build;
using OscLooper.Reaper.Midi;
using OscLooper.Reaper.Song;

namespace OscLooper.Reaper.Export;

/// <summary>A session as a song: a track for each channel, items where loops sounded, or one scene after the other when no performance was recorded.</summary>
sealed partial class SessionSong
{
    readonly SessionModel session;
    readonly Func<SessionLoop, double> seconds;
    readonly TempoMap map;

    SessionSong(SessionModel session, SongMeta meta, Func<SessionLoop, double> seconds)
    {
        this.session = session;
        this.seconds = seconds;
        map = TempoMap.Of(meta);
    }

    /// <summary>The song; seconds tells how long a loop's audio is, media where its file will lie from the project's view.</summary>
    public static SongDefinition Of(SessionModel session, Func<SessionLoop, double> seconds, Func<SessionChannel, SessionLoop, string> media)
    {
        var song = new SongDefinition
        {
            Meta = new() { Title = session.Name, Tempo = session.Tempo, Signature = session.Signature, SampleRate = session.SampleRate, TempoChanges = session.TempoChanges },
        };
        var export = new SessionSong(session, song.Meta, seconds);
        var sections = session.Performance is { } performed ? export.Unplayed(performed) : export.Sections(l => !l.IsOld, 0);
        if (session.Performance is not null) song.Markers.AddRange(export.SceneMarkers(session.Performance));
        foreach (var (beat, _, scene, name) in sections) song.Markers.Add(new() { Beat = beat, Name = name ?? $"scene {scene}" });
        foreach (var channel in session.Channels)
        {
            var track = new SongTrack
            {
                Id = $"channel {channel.Number}", Name = channel.Name.Length > 0 ? channel.Name : $"channel {channel.Number}",
                Volume = channel.Volume, Pan = channel.Pan == 0 ? null : channel.Pan, Mute = channel.Mute ? true : null, Solo = channel.Solo ? true : null,
            };
            if (session.Performance is { } performance) export.Perform(performance, channel, track, sections, media);
            else foreach (var (loop, from, to, phase) in session.Events.Count > 0 ? export.Sounded(channel) : Arranged(channel, sections))
                track.Clips.Add(export.Clip(channel, loop, from, to, phase, media));
            song.Tracks.Add(track);
        }
        return song;
    }

    /// <summary>Scenes in time: as they were changed, or each once in its order, as long as its longest loop and a whole number of bars.</summary>
    List<(double From, double To, int Scene, string? Name)> Sections(Func<SessionLoop, bool> counts, double at)
    {
        var bar = 4.0 * session.Signature[0] / session.Signature[1];
        double Length(int scene)
        {
            var longest = session.Channels.SelectMany(c => c.Loops).Where(l => counts(l) && l.Scene == scene).Select(l => l.Beats).DefaultIfEmpty(0).Max();
            return Math.Max(1, Math.Ceiling(longest / bar - 1e-9)) * bar;
        }
        var sections = new List<(double, double, int, string?)>();
        if (session.SceneChanges.Count > 0)
        {
            var changes = session.SceneChanges.OrderBy(c => c.Beat).ToList();
            for (var i = 0; i < changes.Count; i++)
                sections.Add((changes[i].Beat, i + 1 < changes.Count ? changes[i + 1].Beat : changes[i].Beat + Length(changes[i].Scene), changes[i].Scene, changes[i].Name));
            return sections;
        }
        // A performance has its own times: then only recorded changes are marked.
        if (session.Events.Count > 0) return sections;
        foreach (var scene in session.Channels.SelectMany(c => c.Loops).Where(counts).Select(l => l.Scene).Distinct().Order())
        {
            sections.Add((at, at + Length(scene), scene, null));
            at += Length(scene);
        }
        return sections;
    }

    static IEnumerable<(SessionLoop Loop, double From, double To, double Phase)> Arranged(SessionChannel channel, List<(double From, double To, int Scene, string? Name)> sections)
    {
        foreach (var (from, to, scene, _) in sections)
            if (to > from && channel.Loops.FirstOrDefault(l => l.Scene == scene && !l.IsOld) is { } loop) yield return (loop, from, to, 0);
    }

    /// <summary>From each start of the channel to its next start or stop; what still sounds at the end lasts until the last event and a whole pass.</summary>
    IEnumerable<(SessionLoop Loop, double From, double To, double Phase)> Sounded(SessionChannel channel)
    {
        var last = session.Events.Max(e => e.Beat);
        var open = default(SessionEvent);
        SessionLoop? LoopOf(SessionEvent e) => channel.Loops.FirstOrDefault(l => l.Scene == e.Scene);
        foreach (var e in session.Events.Where(e => e.Channel == channel.Number).OrderBy(e => e.Beat))
        {
            if (open is not null && e.Beat > open.Beat && LoopOf(open) is { } loop) yield return (loop, open.Beat, e.Beat, open.PhaseBeats);
            open = e.Action == "start" ? e : null;
        }
        if (open is not null && LoopOf(open) is { } sounding)
            yield return (sounding, open.Beat, Math.Max(last, open.Beat + sounding.Beats), open.PhaseBeats);
    }

    static string NameOf(SessionChannel channel, SessionLoop loop) =>
        loop.Name ?? $"{(channel.Name.Length > 0 ? channel.Name : $"channel {channel.Number}")} scene {loop.Scene}";

    static SongMidi Midi(SessionLoop loop)
    {
        var take = new MidiTake { TicksPerBeat = loop.TicksPerBeat, LengthTicks = (long)Math.Round(loop.Beats * loop.TicksPerBeat) };
        take.Events.AddRange(loop.Events!.OrderBy(e => e.Tick).Select(e => new MidiEvent(e.Tick, Convert.FromHexString(e.Data))));
        var midi = SongMidiTake.FromTake(take);
        midi.Length = take.LengthTicks;
        return midi;
    }

    SongClip Clip(SessionChannel channel, SessionLoop loop, double from, double to, double phase, Func<SessionChannel, SessionLoop, string> media)
    {
        var clip = new SongClip { Name = NameOf(channel, loop), Position = from, Length = to - from, Loop = true };
        phase %= loop.Beats;
        if (loop.Events is not null)
        {
            clip.Midi = Midi(loop);
            if (phase > 0) clip.OffsetSeconds = map.SecondsAt(from + phase) - map.SecondsAt(from);
            return clip;
        }
        clip.File = media(channel, loop);
        // The audio lasts exactly its beats at the tempo where the item begins.
        var length = seconds(loop);
        var rate = length / (map.SecondsAt(from + loop.Beats) - map.SecondsAt(from));
        if (Math.Abs(rate - 1) > 1e-7) clip.Rate = Math.Clamp(rate, 0.01, 100);
        // A hair's breadth, or another speed on purpose: no time-stretching.
        if (clip.Rate is not null && (Math.Abs(rate - 1) < 0.005 || loop.Rate != 1)) clip.PreservePitch = false;
        if (phase > 0) clip.OffsetSeconds = length * phase / loop.Beats;
        return clip;
    }
}
