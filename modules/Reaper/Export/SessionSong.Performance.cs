using OscLooper.Reaper.Song;

namespace OscLooper.Reaper.Export;

/// <content>A performance by frames: items exactly where loops sounded; what never sounded follows after the end, muted.</content>
sealed partial class SessionSong
{
    /// <summary>The looper fades for 96 frames at 48 kHz when a loop begins or ceases to sound.</summary>
    const double FadeSeconds = 0.002;

    void Perform(Performance performance, SessionChannel channel, SongTrack track, List<(double From, double To, int Scene, string? Name)> sections, Func<SessionChannel, SessionLoop, string> media)
    {
        var stretches = performance.Stretches.Where(s => s.Channel == channel.Number).ToList();
        var clips = new List<(SongClip Clip, Stretch Stretch, SessionLoop Loop)>();
        foreach (var stretch in stretches)
            if (channel.Loops.Find(l => l.Tape == stretch.Tape) is { } loop) clips.Add((Clip(performance, channel, loop, stretch, media), stretch, loop));
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

    static bool GoesOn(in Stretch before, SessionLoop loopBefore, in Stretch after, SessionLoop loopAfter)
    {
        if (before.To != after.From || before.Rate != after.Rate || Math.Abs(loopBefore.Period - loopAfter.Period) >= 1) return false;
        var apart = Math.Abs(Turned(before.Position + (before.To - before.From) * before.Rate, loopBefore.Period) - Turned(after.Position, loopAfter.Period));
        return apart < 1.5 || loopAfter.Period - apart < 1.5;
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
            var beat = map.BeatAt(start);
            var rate = (map.SecondsAt(beat + loop.Beats) - map.SecondsAt(beat)) / (loop.Period / speed / performance.Rate);
            if (Math.Abs(rate - 1) > 1e-9) clip.Rate = Math.Clamp(rate, 0.01, 100);
            if (position >= 0.5) clip.OffsetSeconds = map.SecondsAt(beat + position / loop.Period * loop.Beats) - map.SecondsAt(beat);
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

    static bool IsUnplayed(Performance performance, SessionChannel channel, SessionLoop loop) =>
        !loop.IsOld && !performance.Heard.Contains((channel.Number, loop.Tape));

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
