namespace OscLooper.Server.Realtime;

/// <summary>
/// [audio] Finds tempo and phase of a MIDI clock (24 ticks a quarter note) through its jitter: the straight line nearest to the last 96
/// ticks by least squares. A tick that fell out is noticed; another tempo shortens the memory to what belongs to it.
/// </summary>
public sealed class ClockFollower
{
    /// <summary>[any] Ticks that are remembered: four beats.</summary>
    public const int Window = 96;
    /// <summary>[any] Ticks after which it counts as locked: one beat.</summary>
    public const int LockedTicks = 24;
    const int FewestTicks = 4;
    const double StrangeSeconds = 0.004, LostSeconds = 1;
    const int StrangeTicks = 3, QuietTicks = 8;

    readonly double rate;
    readonly double[] frames = new double[Window];
    int first, count, strange, sinceGap = QuietTicks;
    bool isLate;
    double framesPerTick, height;

    /// <summary>[main] For frames of this rate.</summary>
    public ClockFollower(double rate) => this.rate = rate;

    /// <summary>[audio] Ticks that the present line is made of.</summary>
    public int Count => count;
    /// <summary>[audio] A beat long the ticks have come as expected.</summary>
    public bool IsLocked => count >= LockedTicks;
    /// <summary>[audio] There is a line: tempo and phase mean something.</summary>
    public bool HasTempo => count >= FewestTicks;
    /// <summary>[audio] Quarter notes in a minute.</summary>
    public double Tempo => 60 * rate / (24 * framesPerTick);
    /// <summary>[audio] Where the line puts the last tick: an exact frame.</summary>
    public double LastFrame => At(first) + height + framesPerTick * (count - 1);

    /// <summary>[audio] Forgets all.</summary>
    public void Reset() => (first, count, strange, sinceGap) = (0, 0, 0, QuietTicks);

    /// <summary>[audio] True when no tick has come for so long that the clock is gone.</summary>
    public bool IsLost(long frame) => count > 0 && frame - At(first + count - 1) > LostSeconds * rate;

    /// <summary>[audio] A tick at this frame; the answer is how many ticks went by: 1, or more when some fell out.</summary>
    public int Tick(long frame)
    {
        if (IsLost(frame)) Reset();
        var ticks = 1;
        if (HasTempo)
        {
            var off = frame - (LastFrame + framesPerTick);
            var missing = (int)Math.Round(off / framesPerTick);
            sinceGap++;
            // Once in a while a tick falls out; at every tick it is another tempo.
            if (missing is > 0 and < 12 && IsLocked && sinceGap > QuietTicks && Math.Abs(off - missing * framesPerTick) < StrangeSeconds * rate)
            {
                for (var n = 0; n < missing; n++) Put(LastFrame + framesPerTick * (n + 1));
                (ticks, sinceGap) = (missing + 1, 0);
            }
            else if (missing == 0 || Math.Abs(off) > 0) NoteStrange(off);
        }
        Put(frame);
        if (strange >= StrangeTicks) KeepLast(strange + 1);
        Fit();
        return ticks;
    }

    // Ticks that are off to the same side again and again belong to another tempo.
    void NoteStrange(double off)
    {
        if (Math.Abs(off) < StrangeSeconds * rate) strange = 0;
        else
        {
            strange = strange > 0 && isLate == off > 0 ? strange + 1 : 1;
            isLate = off > 0;
        }
    }

    void KeepLast(int ticks)
    {
        ticks = Math.Min(ticks, count);
        (first, count, strange) = ((first + count - ticks) % Window, ticks, 0);
    }

    void Put(double frame)
    {
        if (count == Window) first = (first + 1) % Window;
        else count++;
        frames[(first + count - 1) % Window] = frame;
    }

    double At(int place) => frames[place % Window];

    // Least squares over 0..n-1, heights against the first tick so that doubles keep fractions of a frame.
    void Fit()
    {
        if (count < 2) return;
        double sum = 0, moment = 0;
        var origin = At(first);
        for (var i = 0; i < count; i++)
        {
            var y = At(first + i) - origin;
            sum += y;
            moment += y * i;
        }
        double n = count;
        framesPerTick = (moment - sum * (n - 1) / 2) * 12 / (n * (n * n - 1));
        height = sum / n - framesPerTick * (n - 1) / 2;
    }
}
