namespace OscLooper.Dsp;

/// <summary>[any] How ticks become seconds, frames and bars. Times are summed as whole numbers, so nothing drifts; a tempo acts on
/// all tracks, wherever it stands.</summary>
public sealed class TempoMap
{
    /// <summary>[any] 120 beats a minute, until a file says otherwise.</summary>
    public const int DefaultMicroseconds = 500_000;

    readonly record struct Stretch(long Tick, Int128 Time, int Microseconds);
    readonly record struct Bars(long Tick, long Bar, int Beats, int Unit);

    readonly List<Stretch> stretches = [];
    readonly List<Bars> bars = [];
    readonly Int128 denominator;

    /// <summary>[any] Of tracks that sound together.</summary>
    public TempoMap(MidiDivision division, IEnumerable<MidiTrack> tracks)
    {
        Division = division;
        denominator = division.Denominator;
        var changes = tracks.SelectMany(track => track).Where(e => e.IsMeta(MidiEvent.TempoType) || e.IsMeta(MidiEvent.SignatureType)).OrderBy(e => e.Tick);

        // A tick of film lasts as long as it lasts: 1001/30000 s for drop frame, whose count is 29.
        stretches.Add(new Stretch(0, 0, !division.IsFilm ? DefaultMicroseconds : division.FramesPerSecond == 29 ? 1001 : 1));
        bars.Add(new Bars(0, 0, 4, 4));
        foreach (var change in changes)
            if (!change.IsMeta(MidiEvent.TempoType)) AddBars(change);
            else if (!division.IsFilm) Add(stretches, new Stretch(change.Tick, TimeAt(change.Tick), change.MicrosecondsPerBeat), s => s.Tick);
    }

    /// <summary>[any] What a tick is.</summary>
    public MidiDivision Division { get; }

    /// <summary>[any] Beats a minute at this tick; 0 for film, which has none.</summary>
    public double TempoAt(long tick) => Division.IsFilm ? 0 : 60e6 / stretches[Find(stretches, s => s.Tick <= tick)].Microseconds;

    /// <summary>[any] Beats of a bar and the note that is a beat, at this tick.</summary>
    public (int Beats, int Unit) SignatureAt(long tick)
    {
        var here = bars[Find(bars, b => b.Tick <= tick)];
        return (here.Beats, here.Unit);
    }

    /// <summary>[any] Seconds from the start; an exact fraction, rounded only in the end.</summary>
    public double SecondsAt(long tick) => (double)TimeAt(tick) / (double)denominator;

    /// <summary>[any] Frames from the start, the nearest.</summary>
    public long FrameAt(long tick, int framesPerSecond) => (long)((TimeAt(tick) * framesPerSecond + denominator / 2) / denominator);

    /// <summary>[any] The tick nearest to this second; what SecondsAt gave leads back to its tick.</summary>
    public long TickAt(double seconds)
    {
        var time = Math.Max(0, seconds) * (double)denominator;
        var here = stretches[Find(stretches, s => (double)s.Time <= time)];
        return here.Tick + (long)Math.Round((time - (double)here.Time) / here.Microseconds);
    }

    /// <summary>[any] The bar, counted from 1, and the beat in it, counted from 1 and with its fraction. A signature inside a bar begins a new one.</summary>
    public (long Bar, double Beat) BarAt(long tick)
    {
        if (Division.IsFilm) return (1, 1);
        var here = bars[Find(bars, b => b.Tick <= tick)];
        var (ticks, barUnits) = ((Int128)(tick - here.Tick) * here.Unit, (Int128)here.Beats * 4 * Division.TicksPerBeat);
        return (here.Bar + (long)(ticks / barUnits) + 1, (double)(ticks % barUnits) / (4 * Division.TicksPerBeat) + 1);
    }

    Int128 TimeAt(long tick)
    {
        var here = stretches[Find(stretches, s => s.Tick <= tick)];
        return here.Time + (Int128)(tick - here.Tick) * here.Microseconds;
    }

    void AddBars(MidiEvent change)
    {
        if (Division.IsFilm) return;
        var past = bars[^1];
        var (ticks, barUnits) = ((Int128)(change.Tick - past.Tick) * past.Unit, (Int128)past.Beats * 4 * Division.TicksPerBeat);
        var (beats, unit) = change.Signature;
        Add(bars, new Bars(change.Tick, past.Bar + (long)((ticks + barUnits - 1) / barUnits), beats, unit), b => b.Tick);
    }

    /// <summary>The last word at a tick counts.</summary>
    static void Add<T>(List<T> list, T item, Func<T, long> tick)
    {
        if (tick(list[^1]) == tick(item)) list.RemoveAt(list.Count - 1);
        list.Add(item);
    }

    /// <summary>The last item that is not too late; the first, if all are.</summary>
    static int Find<T>(List<T> list, Func<T, bool> begun)
    {
        int low = 0, high = list.Count - 1;
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (begun(list[middle])) low = middle;
            else high = middle - 1;
        }
        return low;
    }
}
