using System.Diagnostics;

namespace OscLooper.Server.Realtime;

/// <summary>
/// [any] How frames and time map to each other: a straight line through an anchor, replaced whole by the audio side.
/// Monotonic time is Stopwatch's (CLOCK_MONOTONIC on Linux); unix time is nanoseconds since 1970, as in bundles and kernel time stamps.
/// </summary>
public sealed class SampleClock
{
    // A wall clock that moved more than this against the monotonic one was set; less is how well the difference can be read.
    const long StepNanoseconds = 50_000;
    // A time service moves it by less than this between two looks.
    const long SetNanoseconds = 10_000_000;

    int version;
    long anchorFrame, anchorNanoseconds;
    double nanosecondsPerFrame;
    long unixOffset;

    /// <summary>[main] Frame 0 is now, until a driver knows better.</summary>
    public SampleClock(int rate)
    {
        (anchorNanoseconds, nanosecondsPerFrame) = (MonotonicNow, 1e9 / rate);
        unixOffset = ReadUnixOffset();
    }

    /// <summary>[any] Monotonic nanoseconds now.</summary>
    public static long MonotonicNow => Stopwatch.Frequency == 1_000_000_000
        ? Stopwatch.GetTimestamp()
        : (long)(Stopwatch.GetTimestamp() * (1e9 / Stopwatch.Frequency));

    /// <summary>[main] How often the wall clock was set while the server ran.</summary>
    public int WallClockSteps { get; private set; }

    /// <summary>[any] Frames in a second of wall time, as measured.</summary>
    public double FramesPerSecond => 1e9 / Read().NanosecondsPerFrame;

    /// <summary>[audio] Replaces the line: this frame is at this time, and frames last so long. One thread at a time.</summary>
    public void Anchor(long frame, long monotonicNanoseconds, double nanosecondsPerFrame)
    {
        // A seqlock: odd while writing. Readers try again; the writer never waits.
        Volatile.Write(ref version, version + 1);
        Interlocked.MemoryBarrier();
        (anchorFrame, anchorNanoseconds, this.nanosecondsPerFrame) = (frame, monotonicNanoseconds, nanosecondsPerFrame);
        Volatile.Write(ref version, version + 1);
    }

    /// <summary>[any] The frame, with its fraction, at a monotonic time.</summary>
    public double FrameAtMonotonic(long nanoseconds)
    {
        var line = Read();
        return line.Frame + (nanoseconds - line.Nanoseconds) / line.NanosecondsPerFrame;
    }

    /// <summary>[any] Monotonic time of a frame.</summary>
    public long MonotonicAt(double frame)
    {
        var line = Read();
        return line.Nanoseconds + (long)Math.Round((frame - line.Frame) * line.NanosecondsPerFrame);
    }

    /// <summary>[main] The frame, with its fraction, at a unix time.</summary>
    public double ExactFrameAt(long unixNanoseconds) => FrameAtMonotonic(unixNanoseconds - unixOffset);

    /// <summary>[main] The frame nearest to a unix time.</summary>
    public long FrameAt(long unixNanoseconds) => (long)Math.Round(ExactFrameAt(unixNanoseconds));

    /// <summary>[main] Unix time of a frame: what /server/clock answers.</summary>
    public long UnixAt(double frame) => MonotonicAt(frame) + unixOffset;

    /// <summary>[main] Unix nanoseconds now, by the monotonic clock: two readings never run backwards.</summary>
    public long UnixNow => MonotonicNow + unixOffset;

    /// <summary>[main] Looks whether the wall clock moved; call it now and then: time tags are read by the new time. True when somebody set it, not when it is only being kept right bit by bit.</summary>
    public bool WatchWallClock()
    {
        var before = unixOffset;
        return Follow(ReadUnixOffset()) && Math.Abs(unixOffset - before) >= SetNanoseconds;
    }

    internal bool Follow(long offsetNow)
    {
        if (Math.Abs(offsetNow - unixOffset) <= StepNanoseconds) return false;
        unixOffset = offsetNow;
        WallClockSteps++;
        return true;
    }

    // The tightest of several bracketed readings, so that being interrupted between two clocks does not look like a step.
    static long ReadUnixOffset()
    {
        var (best, narrowest) = (0L, long.MaxValue);
        for (var i = 0; i < 8; i++)
        {
            var before = MonotonicNow;
            var unix = (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100;
            var after = MonotonicNow;
            if (after - before >= narrowest) continue;
            (best, narrowest) = (unix - (before + (after - before) / 2), after - before);
        }
        return best;
    }

    (long Frame, long Nanoseconds, double NanosecondsPerFrame) Read()
    {
        while (true)
        {
            var before = Volatile.Read(ref version);
            var line = (anchorFrame, anchorNanoseconds, nanosecondsPerFrame);
            Interlocked.MemoryBarrier();
            if ((before & 1) == 0 && before == Volatile.Read(ref version)) return line;
        }
    }
}
