namespace OscLooper.Server.Realtime;

/// <summary>
/// [audio] Finds the line between a device's frames and time from the moments of its callbacks. A callback is never early, only late,
/// so the line lies under all points: it is the edge of their lower convex hull across the middle of the window (Moon, Skelly, Towsley,
/// "Estimation and Removal of Clock Skew from Network Delay Measurements", INFOCOM 1999). The published line bends so slowly
/// that what a client computed from /server/clock stays true.
/// </summary>
public sealed class ClockEstimator
{
    const long BucketNanoseconds = 250_000_000;
    const int Buckets = 64, SettlingBuckets = 16;        // 16 s remembered; 4 s until the line only bends
    const int FewestBuckets = 8;                         // for two seconds the rate that the device names is better than what was seen
    const double LostNanoseconds = 200_000;              // a quarter second in which nothing came nearer than this: frames were lost
    const double EarlyNanoseconds = 100_000;             // a callback can not be that early: the line is wrong
    const double BendPerNanosecond = 5e-6, BendSeconds = 4;

    readonly SampleClock clock;
    double nominal;
    readonly double[] frames = new double[Buckets], lates = new double[Buckets];
    readonly int[] hull = new int[Buckets];
    int first, count, settled;
    long originFrame, originNanoseconds;
    long lineFrame;
    double lineNanoseconds, nanosecondsPerFrame;
    double bucketFrame, bucketLate;
    long bucketEnds;
    bool isEmpty = true, wasLost;

    /// <summary>[main] For a device of this rate, telling this clock.</summary>
    public ClockEstimator(SampleClock clock, int rate) => (this.clock, nominal, nanosecondsPerFrame) = (clock, 1e9 / rate, 1e9 / rate);

    /// <summary>[audio] How often the line had to jump (the device lost frames, or another device took over).</summary>
    public int Jumps { get; private set; }

    /// <summary>[audio] Forgets all; the next callback begins anew.</summary>
    public void Restart() => isEmpty = true;

    /// <summary>[audio] The device says that it lost frames: time went on, frames did not. The next callback begins a new line of the same slope.</summary>
    public void Lost() => wasLost = true;

    /// <summary>[audio] A callback for the block that begins at this frame was entered at this time.</summary>
    public void Observe(long frame, long monotonicNanoseconds)
    {
        if (isEmpty)
        {
            Begin(frame, monotonicNanoseconds);
            return;
        }
        if (wasLost)
        {
            Jumps++;
            Begin(frame, monotonicNanoseconds);
            return;
        }
        // How late against the nominal line through the origin: small numbers, so that doubles keep nanoseconds.
        var late = monotonicNanoseconds - originNanoseconds - (frame - originFrame) * nominal;
        if (late < bucketLate) (bucketFrame, bucketLate) = (frame - originFrame, late);

        var early = LineAt(frame) - (monotonicNanoseconds - originNanoseconds);
        if (early > (settled < SettlingBuckets ? 0 : EarlyNanoseconds))
        {
            // While settling the first blocks may all have been late; then the line follows the earliest at once.
            lineNanoseconds -= early;
            Publish();
        }
        if (monotonicNanoseconds < bucketEnds) return;

        var nearest = bucketFrame * nominal + bucketLate - LineAt(originFrame + (long)bucketFrame);
        if (settled >= 2 && nearest > LostNanoseconds)
        {
            Jumps++;
            Begin(frame, monotonicNanoseconds);
            return;
        }
        CloseBucket(monotonicNanoseconds);
        Bend(frame);
    }

    void Begin(long frame, long now)
    {
        if (settled > SettlingBuckets) nominal = nanosecondsPerFrame;
        (originFrame, originNanoseconds, lineFrame, lineNanoseconds, nanosecondsPerFrame) = (frame, now, frame, 0, nominal);
        (first, count, settled, isEmpty, wasLost) = (0, 0, 0, false, false);
        (bucketFrame, bucketLate, bucketEnds) = (0, 0, now + BucketNanoseconds);
        Publish();
    }

    void CloseBucket(long now)
    {
        if (count == Buckets) first = (first + 1) % Buckets;
        else count++;
        var place = (first + count - 1) % Buckets;
        (frames[place], lates[place]) = (bucketFrame, bucketLate);
        (bucketLate, bucketEnds) = (double.PositiveInfinity, now + BucketNanoseconds);
        settled++;
    }

    void Bend(long frame)
    {
        if (count < FewestBuckets) return;
        var (slope, height) = LowerEdge();
        var x = frame - originFrame;
        var wanted = x * nominal + height + slope * x;
        var present = LineAt(frame);
        if (settled <= SettlingBuckets) (lineFrame, lineNanoseconds, nanosecondsPerFrame) = (frame, wanted, nominal + slope);
        else
        {
            // Goes on from where the line is; what is wrong is made good over some seconds.
            var correction = Math.Clamp((wanted - present) / (BendSeconds * 1e9), -BendPerNanosecond, BendPerNanosecond);
            (lineFrame, lineNanoseconds, nanosecondsPerFrame) = (frame, present, (nominal + slope) * (1 + correction));
        }
        Publish();
    }

    /// <summary>[audio] The edge of the lower hull that crosses the middle of the window, as slope and height of the lateness.</summary>
    (double Slope, double Height) LowerEdge()
    {
        var size = 0;
        for (var i = 0; i < count; i++)
        {
            var at = (first + i) % Buckets;
            while (size >= 2 && IsAbove(hull[size - 1], hull[size - 2], at)) size--;
            hull[size++] = at;
        }
        var middle = (frames[hull[0]] + frames[hull[size - 1]]) / 2;
        var edge = 1;
        while (edge < size - 1 && frames[hull[edge]] < middle) edge++;
        var (a, b) = (hull[edge - 1], hull[edge]);
        var slope = (lates[b] - lates[a]) / (frames[b] - frames[a]);
        return (slope, lates[a] - slope * frames[a]);
    }

    bool IsAbove(int middle, int left, int right) =>
        (lates[middle] - lates[left]) * (frames[right] - frames[left]) >= (lates[right] - lates[left]) * (frames[middle] - frames[left]);

    double LineAt(long frame) => lineNanoseconds + (frame - lineFrame) * nanosecondsPerFrame;

    void Publish() => clock.Anchor(lineFrame, originNanoseconds + (long)Math.Round(lineNanoseconds), nanosecondsPerFrame);
}
