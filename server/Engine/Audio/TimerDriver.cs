using System.Runtime.InteropServices;
using OscLooper.Server.Realtime;

namespace OscLooper.Server.Audio;

/// <summary>[main] Plays without a device: a clock with absolute deadlines, so that no wake-up, however late, shifts the next.</summary>
[NativeCalls("libc", NativeCallers.Any)]
public sealed unsafe partial class TimerDriver : IAudioDriver
{
    // A machine that slept or stood still this long does not catch up block by block.
    const long GiveUpNanoseconds = 1_000_000_000;

    Thread? thread;
    Engine? engine;
    volatile bool isStopping;
    float** outs;

    /// <summary>[main] A clock of this rate and block.</summary>
    public TimerDriver(int rate, int block) => (Rate, Block) = (rate, block);

    /// <inheritdoc/>
    public string Backend => "none";
    /// <inheritdoc/>
    public string Device => "timer";
    /// <inheritdoc/>
    public int Rate { get; }
    /// <inheritdoc/>
    public int Block { get; }
    /// <inheritdoc/>
    public string? Trouble => null;
    /// <inheritdoc/>
    public bool IsAway => false;
    /// <inheritdoc/>
    public int QuietMilliseconds => Timeout.Infinite;
    /// <inheritdoc/>
    public bool IsBack => false;
    /// <inheritdoc/>
    public string Rights { get; private set; } = "";

    /// <inheritdoc/>
    public void Start(Engine engine)
    {
        (this.engine, isStopping) = (engine, false);
        outs = Buffers(engine.Format.Outputs);
        engine.WarmUp();
        engine.Announce(this);
        thread = new Thread(Run) { Name = "audio timer", IsBackground = true, Priority = ThreadPriority.Highest };
        thread.Start();
    }

    /// <inheritdoc/>
    public bool Suspend()
    {
        Stop();
        return true;
    }

    /// <inheritdoc/>
    public void Resume() => Start(engine!);

    /// <inheritdoc/>
    public void Stop()
    {
        if (thread is null) return;
        isStopping = true;
        thread.Join();
        thread = null;
        Free(outs, engine!.Format.Outputs);
    }

    /// <inheritdoc/>
    public void Dispose() => Stop();

    void Run()
    {
        Engine.EnterThread();
        Rights = RealtimeRights.Ask();
        var engine = this.engine!;
        var nanosecondsPerFrame = 1e9 / Rate;
        var (start, firstFrame) = (SampleClock.MonotonicNow, engine.Status.Frame);
        engine.Clock.Anchor(firstFrame, start, nanosecondsPerFrame);

        while (!isStopping)
        {
            var frame = engine.Status.Frame;
            var deadline = start + (long)((frame - firstFrame) * nanosecondsPerFrame);
            SleepUntil(deadline);
            var now = SampleClock.MonotonicNow;
            if (now - deadline > GiveUpNanoseconds)
            {
                (start, firstFrame) = (now, frame);
                engine.Clock.Anchor(frame, now, nanosecondsPerFrame);
            }
            Volatile.Write(ref engine.Status.DeviceBlockNow, Block);
            Volatile.Write(ref engine.Status.DeviceRateNow, Rate);
            engine.Process(null, outs, Block);
        }
    }

    static void SleepUntil(long nanoseconds)
    {
        if (!OperatingSystem.IsLinux())
        {
            // Windows and macOS: sleep most of the way, then look often.
            for (long left; (left = nanoseconds - SampleClock.MonotonicNow) > 0;) Thread.Sleep(left > 2_000_000 ? 1 : 0);
            return;
        }
        var time = new TimeSpec { Seconds = nanoseconds / 1_000_000_000, Nanoseconds = nanoseconds % 1_000_000_000 };
        while (SampleClock.MonotonicNow < nanoseconds && clock_nanosleep(Monotonic, AbsoluteTime, &time, null) != 0) { }
    }

    float** Buffers(int lanes)
    {
        var table = (float**)NativeMemory.AllocZeroed((nuint)(lanes + 1), (nuint)sizeof(float*));
        for (var lane = 0; lane < lanes; lane++) table[lane] = (float*)NativeMemory.AllocZeroed((nuint)Block, sizeof(float));
        return table;
    }

    static void Free(float** table, int lanes)
    {
        for (var lane = 0; lane < lanes; lane++) NativeMemory.Free(table[lane]);
        NativeMemory.Free(table);
    }

    const int Monotonic = 1, AbsoluteTime = 1;   // CLOCK_MONOTONIC, TIMER_ABSTIME

    struct TimeSpec
    {
        public long Seconds, Nanoseconds;
    }

    [LibraryImport("libc")] private static partial int clock_nanosleep(int clock, int flags, TimeSpec* time, TimeSpec* left);
}
