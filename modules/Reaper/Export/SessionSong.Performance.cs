using OscLooper.Reaper.Song;

namespace OscLooper.Reaper.Export;

/// <content>A performance by frames: items exactly where loops sounded; what never sounded follows after the end, muted.</content>
sealed partial class SessionSong
{
    /// <summary>The looper fades for 96 frames at 48 kHz when a loop begins or ceases to sound.</summary>
    const double FadeSeconds = 0.002;

    readonly Dictionary<SessionChannel, List<Stretch>> asHeard = [];

    void Perform(Performance performance, SessionChannel channel, SongTrack track, List<(double From, double To, int Scene, string? Name)> sections, Func<SessionChannel, SessionLoop, string> media)
    {
        var stretches = AsHeard(performance, channel);
        var clips = new List<(SongClip Clip, Stretch Stretch, SessionLoop Loop)>();
        foreach (var stretch in stretches)
            if (channel.Loops.Find(l => l.Tape == stretch.Tape) is { } loop)
                foreach (var piece in loop.Events is null ? [stretch] : AtOneTempo(performance, stretch)) clips.Add((Clip(performance, channel, loop, piece, media), piece, loop));
        for (var i = 0; i < clips.Count; i++)
        {
            var (clip, stretch, loop) = clips[i];
            var fade = Math.Min(FadeSeconds, clip.LengthSeconds!.Value / 2);
            // An overdub goes on with the same turn: no gap is faded into it.
            if (i == 0 || !GoesOn(clips[i - 1].Stretch, clips[i - 1].Loop, stretch, loop)) clip.FadeInSeconds = fade;
            if (i + 1 == clips.Count || !GoesOn(stretch, loop, clips[i + 1].Stretch, clips[i + 1].Loop)) clip.FadeOutSeconds = fade;
            track.Clips.Add(clip);
        }
        foreach (var (loop, from, to, _) in Arranged(channel, sections).Where(a => IsUnplayed(performance, channel, a.Loop)))
        {
            var clip = Clip(channel, loop, from, to, 0, media);
            clip.Mute = true;
            track.Clips.Add(clip);
        }
    }

    /// <summary>A pass of overdubbing adds to a new layer at once, but what it adds is heard a turn later: until then the layer below is what sounds.</summary>
    List<Stretch> AsHeard(Performance performance, SessionChannel channel)
    {
        if (asHeard.TryGetValue(channel, out var known)) return known;
        var stretches = performance.Stretches.Where(s => s.Channel == channel.Number).ToList();
        // A layer that undo no longer keeps was as long as the one below it.
        var loops = new SessionLoop?[stretches.Count];
        bool IsOverdub(int i) => performance.Overdubs.Contains((channel.Number, stretches[i].From));
        for (var i = 0; i < loops.Length; i++) loops[i] = channel.Loops.Find(l => l.Tape == stretches[i].Tape) ?? (i > 0 && IsOverdub(i) ? loops[i - 1] : null);
        bool IsPass(int i) => i > 0 && i < stretches.Count && IsOverdub(i) && loops[i - 1] is { } before && loops[i] is { } after && GoesOn(stretches[i - 1], before, stretches[i], after);
        long Turn(int i) => (long)Math.Round(loops[i]!.Period / Math.Abs(stretches[i].Rate));

        var heard = new List<Stretch>();
        for (var (i, end) = (0, 0L); i < stretches.Count; i++)
        {
            var (now, isOver) = (stretches[i], end <= stretches[i].From);
            if (isOver)
            {
                // Until something else than a pass comes.
                var last = i;
                while (IsPass(last + 1)) last++;
                end = stretches[last].To;
            }
            var turn = IsPass(i) ? Turn(i) : 0;
            var to = IsPass(i + 1) ? Math.Min(end, stretches[i + 1].From + Turn(i + 1)) : now.To;
            if (now.From + turn < to) heard.Add(now with { From = now.From + turn, To = to, Position = now.Position + turn * now.Rate });
        }
        return asHeard[channel] = heard;
    }

    static bool GoesOn(in Stretch before, SessionLoop loopBefore, in Stretch after, SessionLoop loopAfter)
    {
        if (before.To != after.From || before.Rate != after.Rate || Math.Abs(loopBefore.Period - loopAfter.Period) >= 1) return false;
        var apart = Math.Abs(Turned(before.Position + (before.To - before.From) * before.Rate, loopBefore.Period) - Turned(after.Position, loopAfter.Period));
        return apart < 1.5 || loopAfter.Period - apart < 1.5;
    }

    /// <summary>Notes in a project follow its tempo, those in the looper do not: an item ends where the tempo changes, and the next one has another rate.</summary>
    IEnumerable<Stretch> AtOneTempo(Performance performance, Stretch stretch)
    {
        for (var i = 1; i < map.Points.Count; i++)
        {
            if (map.Points[i].Tempo == map.Points[i - 1].Tempo) continue;
            var frame = (long)Math.Round(map.Points[i].Seconds * performance.Rate + performance.Zero);
            if (frame <= stretch.From || frame >= stretch.To) continue;
            yield return stretch with { To = frame, IsOpen = false };
            stretch = stretch with { From = frame, Position = stretch.Position + (frame - stretch.From) * stretch.Rate };
        }
        yield return stretch;
    }

    static double Turned(double position, double period) => position - Math.Floor(position / period) * period;

    double SecondsOf(Performance performance, double frame) => (frame - performance.Zero) / performance.Rate;

    SongClip Clip(Performance performance, SessionChannel channel, SessionLoop loop, in Stretch stretch, Func<SessionChannel, SessionLoop, string> media)
    {
        var speed = Math.Abs(stretch.Rate);
        var frames = stretch.To - stretch.From;
        if (stretch.IsOpen) frames = Math.Max(frames, (long)Math.Round(loop.Period / speed));
        var start = SecondsOf(performance, stretch.From);
        var clip = new SongClip { Name = NameOf(channel, loop), PositionSeconds = Math.Max(0, start), LengthSeconds = frames / (double)performance.Rate, Loop = true };
        var position = Turned(stretch.Position, loop.Period);
        if (loop.Events is not null)
        {
            clip.Midi = Midi(loop);
            var turn = loop.Beats * 60 / map.TempoAt(Math.Max(0, start));
            var rate = turn / (loop.Period / speed / performance.Rate);
            if (Math.Abs(rate - 1) > 1e-9) clip.Rate = Math.Clamp(rate, 0.01, 100);
            if (position >= 0.5) clip.OffsetSeconds = position / loop.Period * turn;
            return clip;
        }
        clip.File = media(channel, loop);
        // Turns of 48000.4 frames: played a hair slower, unless the item ends before that is half a frame.
        var fit = loop.Frames / loop.Period;
        var drift = Math.Abs(fit - 1) * frames * speed;
        var playRate = drift < 0.5 ? speed : speed * fit;
        if (playRate != 1) (clip.Rate, clip.PreservePitch) = (Math.Clamp(playRate, 0.01, 100), false);
        if (position > 0) clip.OffsetSeconds = position * fit / performance.Rate;
        return clip;
    }

    bool IsUnplayed(Performance performance, SessionChannel channel, SessionLoop loop) =>
        !loop.IsOld && AsHeard(performance, channel).All(s => s.Tape != loop.Tape);

    List<(double From, double To, int Scene, string? Name)> Unplayed(Performance performance)
    {
        var left = session.Channels.SelectMany(c => c.Loops.Where(l => IsUnplayed(performance, c, l))).ToHashSet();
        var bar = 4.0 * session.Signature[0] / session.Signature[1];
        var end = map.BeatAt(SecondsOf(performance, performance.Stretches.Select(s => s.To).Append(performance.End).Max()));
        return [.. Sections(left.Contains, Math.Ceiling(end / bar - 1e-9) * bar + bar).Select(s => (s.From, s.To, s.Scene, (string?)$"scene {s.Scene} (not played)"))];
    }

    // Channels that change together have one marker.
    IEnumerable<SongMarker> SceneMarkers(Performance performance)
    {
        foreach (var together in performance.Scenes.GroupBy(s => (s.Frame, s.Scene)).OrderBy(g => g.Key.Frame))
        {
            var numbers = together.Select(s => s.Channel).Distinct().Order().ToList();
            var isAll = session.Channels.All(c => numbers.Contains(c.Number));
            var who = string.Join(", ", numbers.Select(n => session.Channels.Find(c => c.Number == n) is { Name.Length: > 0 } named ? named.Name : $"channel {n}"));
            yield return new() { Beat = Math.Max(0, map.BeatAt(SecondsOf(performance, together.Key.Frame))), Name = isAll ? $"scene {together.Key.Scene}" : $"scene {together.Key.Scene}: {who}" };
        }
    }
}
