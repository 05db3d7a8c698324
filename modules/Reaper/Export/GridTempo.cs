using OscLooper.Reaper.Rpp;
using OscLooper.Reaper.Song;

namespace OscLooper.Reaper.Export;

/// <summary>From a frame on the looper's grid was counted from a beat at a tempo, under a signature.</summary>
readonly record struct GridPoint(long Frame, double Beat, double Tempo, int Beats, int Unit)
{
    /// <summary>Beats in a bar.</summary>
    public double Bar => 4.0 * Beats / Unit;
    /// <summary>Frames in a beat.</summary>
    public double FramesPerBeat(int rate) => 60.0 * rate / Tempo;
    /// <summary>The beat at a frame.</summary>
    public double At(double frame, int rate) => Beat + (frame - Frame) / FramesPerBeat(rate);
}

/// <summary>The looper's grid as tempo and signature of a project. Where the grid jumped (play, locate) the project's beats run on, and a new bar begins where the looper's next one did.</summary>
sealed class GridTempo
{
    const double Same = 1e-6;

    /// <summary>A song has no more.</summary>
    const int MostChanges = 20_000;

    /// <summary>The exact frame of the project's beat 0.</summary>
    public double Zero { get; private init; }
    /// <summary>Tempo at the start.</summary>
    public double Tempo { get; private set; }
    /// <summary>Signature at the start.</summary>
    public int[] Signature { get; private set; } = [4, 4];
    /// <summary>Changes, beats rising.</summary>
    public List<SongTempo> Changes { get; } = [];

    /// <summary>The tempo map between two frames.</summary>
    public static GridTempo Of(IReadOnlyList<GridPoint> points, long start, long end, int rate)
    {
        var first = 0;
        while (first + 1 < points.Count && points[first + 1].Frame <= start) first++;
        var now = points[first];
        // Beat 0 began a bar once; whether it still does after a change of signature before the start is not known.
        var bar = Math.Floor(now.At(start, rate) / now.Bar + Same) * now.Bar;
        var zero = now.Frame + (bar - now.Beat) * now.FramesPerBeat(rate);
        var map = new GridTempo { Zero = zero, Tempo = now.Tempo, Signature = [now.Beats, now.Unit] };
        var changes = new List<SongTempo>();
        // Most come in their order: looked for from the end.
        SongTempo At(double beat)
        {
            var i = changes.Count - 1;
            while (i >= 0 && changes[i].Beat > beat + Same) i--;
            if (i >= 0 && changes[i].Beat > beat - Same) return changes[i];
            if (changes.Count == MostChanges) throw new RppError($"the performance has more than {MostChanges} changes of tempo");
            changes.Insert(i + 1, new() { Beat = beat });
            return changes[i + 1];
        }

        // Project beats are counted from the last change; anchor is a beat of the grid at which a bar begins.
        var (frame, beat, anchor) = (zero, 0.0, bar);
        foreach (var next in points.Skip(first + 1))
        {
            if (next.Frame >= end || next.Frame < frame) continue;
            beat += (next.Frame - frame) / now.FramesPerBeat(rate);
            frame = next.Frame;
            if (next.Tempo != now.Tempo) At(beat).Tempo = next.Tempo;
            if (next.Bar != now.Bar || next.Beats != now.Beats)
            {
                // The bar under way begins where it began.
                anchor += Math.Floor((next.Beat - anchor) / now.Bar + Same) * now.Bar;
                At(Math.Max(0, beat - (next.Beat - anchor))).Signature = [next.Beats, next.Unit];
            }
            else if (Math.Abs(next.Beat - now.At(next.Frame, rate)) > 1e-4)
            {
                // What was to begin after the jump never did.
                while (changes.Count > 0 && changes[^1].Beat > beat + Same) changes.RemoveAt(changes.Count - 1);
                var ahead = Math.Ceiling((next.Beat - anchor) / next.Bar - Same) * next.Bar + anchor - next.Beat;
                At(beat + Math.Max(0, ahead)).Signature = [next.Beats, next.Unit];
            }
            now = next;
        }
        foreach (var change in changes)
            if (change.Beat > Same) map.Changes.Add(change);
            else (map.Tempo, map.Signature) = (change.Tempo ?? map.Tempo, change.Signature ?? map.Signature);
        return map;
    }
}
