using OscLooper.Reaper.Rpp;
using OscLooper.Reaper.Song;

namespace OscLooper.Reaper.Build;

/// <summary>A point of the tempo map. Ramp: the tempo moves evenly in time to the next point's.</summary>
readonly record struct TempoPoint(double Seconds, double Beat, double Tempo, bool Ramp, (int Numerator, int Denominator)? Signature = null);

/// <summary>Time to quarter notes and back. Tempo counts quarter notes; within a ramp it is linear in time (facts: rpp-format, TEMPOENVEX, proved against REAPER's own values).</summary>
sealed class TempoMap
{
    readonly TempoPoint[] points;

    TempoMap(TempoPoint[] points) => this.points = points;

    /// <summary>The points, the first at 0.</summary>
    public IReadOnlyList<TempoPoint> Points => points;

    /// <summary>The map of a song.</summary>
    public static TempoMap Of(SongMeta meta)
    {
        var points = new List<TempoPoint> { new(0, 0, meta.Tempo, false, (meta.Signature[0], meta.Signature[1])) };
        foreach (var change in meta.TempoChanges)
        {
            var before = points[^1];
            var tempo = change.Tempo ?? before.Tempo;
            var signature = change.Signature is { } s ? (s[0], s[1]) : before.Beat == change.Beat ? before.Signature : null;
            var point = new TempoPoint(before.Seconds + SecondsFor(change.Beat - before.Beat, before.Tempo, before.Ramp ? tempo : before.Tempo), change.Beat, tempo, change.Shape == "linear", signature);
            if (change.Beat == before.Beat) points[^1] = point;
            else points.Add(point);
        }
        points[^1] = points[^1] with { Ramp = false };
        return new([.. points]);
    }

    /// <summary>The map of a project: its TEMPO line and its tempo envelope. Curved segments are refused with the declared error rather than read wrongly.</summary>
    public static TempoMap Of(RppBlock project)
    {
        var tempo = project.Line("TEMPO");
        var first = new TempoPoint(0, 0, tempo?.Number(1, 120) ?? 120, false, Signature(tempo?.Number(2, 4) ?? 4, tempo?.Number(3, 4) ?? 4));
        var read = new List<(double Seconds, double Tempo, int Shape, (int, int)? Signature)>();
        foreach (var line in project.Block("TEMPOENVEX")?.Lines("PT") ?? [])
        {
            var signature = (int)Math.Clamp(line.Number(4), 0, int.MaxValue);
            var shape = (int)Math.Clamp(line.Number(3), int.MinValue, int.MaxValue);
            read.Add((line.Number(1), line.Number(2, 120), shape, signature == 0 ? null : Signature(signature & 0xffff, signature >> 16)));
        }
        read.Sort((a, b) => a.Seconds.CompareTo(b.Seconds));
        var points = new List<TempoPoint> { first };
        for (var i = 0; i < read.Count; i++)
        {
            var (seconds, bpm, shape, signature) = read[i];
            var last = i == read.Count - 1;
            if (shape is not (0 or 1) && !last) throw new RppError($"the tempo at {RppNumber.Format(seconds)} s moves along a curve (shape {shape}): only constant and linear tempos can be converted");
            if (bpm is < 0.1 or > 100000 || seconds is < -1e-9 or > 1e8) throw new RppError($"a tempo of {RppNumber.Format(bpm)} at {RppNumber.Format(seconds)} s");
            var before = points[^1];
            var point = new TempoPoint(seconds, before.Beat + BeatsIn(seconds - before.Seconds, before.Tempo, before.Ramp ? bpm : before.Tempo), bpm, shape == 0 && !last, signature);
            if (seconds <= before.Seconds + 1e-9) points[^1] = point with { Seconds = before.Seconds, Beat = before.Beat, Signature = signature ?? before.Signature };
            else points.Add(point);
        }
        return new([.. points]);
    }

    /// <summary>Quarter notes at a time.</summary>
    public double BeatAt(double seconds)
    {
        var i = Last(p => p.Seconds <= seconds);
        var p = points[i];
        var slope = Slope(i);
        var dt = seconds - p.Seconds;
        return p.Beat + (p.Tempo + slope * dt / 2) * dt / 60;
    }

    /// <summary>The tempo at a time; a change that comes a few last digits later counts.</summary>
    public double TempoAt(double seconds)
    {
        var i = Last(p => p.Seconds <= seconds + 1e-6);
        return points[i].Tempo + Slope(i) * (seconds - points[i].Seconds);
    }

    /// <summary>The time of a quarter note.</summary>
    public double SecondsAt(double beat)
    {
        var i = Last(p => p.Beat <= beat);
        var p = points[i];
        var (a, c) = (Slope(i) / 2, 60 * (beat - p.Beat));
        // a t^2 + b t = c, in the form that stays exact for small a.
        return p.Seconds + 2 * c / (p.Tempo + Math.Sqrt(Math.Max(0, p.Tempo * p.Tempo + 4 * a * c)));
    }

    double Slope(int i) => points[i].Ramp && i + 1 < points.Length ? (points[i + 1].Tempo - points[i].Tempo) / (points[i + 1].Seconds - points[i].Seconds) : 0;

    int Last(Func<TempoPoint, bool> at)
    {
        int low = 0, high = points.Length - 1;
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (at(points[middle])) low = middle;
            else high = middle - 1;
        }
        return low;
    }

    static double SecondsFor(double beats, double from, double to) => 120 * beats / (from + to);

    static double BeatsIn(double seconds, double from, double to) => (from + to) * seconds / 120;

    static (int, int) Signature(double numerator, double denominator) =>
        ((int)Math.Clamp(numerator, 1, 255), (int)Math.Clamp(denominator, 1, 255));
}
