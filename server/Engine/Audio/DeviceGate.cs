using OscLooper.Server.Realtime;

namespace OscLooper.Server.Audio;

/// <summary>
/// [any] Where a device's callback enters the engine: one at a time, not while another driver plays it, and at the engine's rate. It knows when the
/// device called last: one that was pulled out, or whose server hangs, often says nothing and just stays away.
/// </summary>
sealed unsafe class DeviceGate : IDisposable
{
    const int Closed = 0, Idle = 1, Playing = 2;
    // Noticed within half a second.
    const long AwayNanoseconds = 400_000_000;

    readonly Handover<RateAdapter> adapters = new();
    Engine? engine;
    ClockEstimator? estimator;
    RateAdapter? adapter;
    int state, deviceRate;
    long lastCall, callsSinceClosing;

    /// <summary>[main] From now on callbacks play this engine; the device has this rate. Before the device starts.</summary>
    internal void Open(Engine engine, int rate)
    {
        this.engine = engine;
        estimator = new ClockEstimator(engine.Clock, engine.Format.Rate);
        deviceRate = rate;
        adapter = AdapterFor(rate);
        Reopen();
    }

    /// <summary>[main] The same engine again, after <see cref="Close"/>.</summary>
    internal void Reopen()
    {
        Volatile.Write(ref lastCall, SampleClock.MonotonicNow);
        estimator!.Restart();
        Volatile.Write(ref state, Idle);
    }

    /// <summary>[main] When it returns, no callback is in the engine, and none enters it any more; those that come play silence. False when one does not come out.</summary>
    internal bool Close(int milliseconds = 1000)
    {
        for (var end = SampleClock.MonotonicNow + milliseconds * 1_000_000L; Interlocked.CompareExchange(ref state, Closed, Idle) == Playing; Thread.Sleep(1))
            if (SampleClock.MonotonicNow > end) return false;
        Volatile.Write(ref callsSinceClosing, 0);
        return true;
    }

    /// <summary>[any] No callback has come for so long that the device must be taken for gone. (One that is still in the engine has come.)</summary>
    internal bool IsAway(int block) => Volatile.Read(ref state) == Idle && SampleClock.MonotonicNow - Volatile.Read(ref lastCall) > AwayAfter(block);

    /// <summary>[any] Until then it is not away; never less than what is worth waiting for.</summary>
    internal int QuietMilliseconds(int block) => (int)Math.Max(10, (AwayAfter(block) + Volatile.Read(ref lastCall) - SampleClock.MonotonicNow) / 1_000_000 + 1);

    long AwayAfter(int block) => Math.Max(AwayNanoseconds, 4_000_000_000L * block / Math.Max(1, deviceRate));

    /// <summary>[main] Closed, and callbacks come again.</summary>
    internal bool IsCalling => Volatile.Read(ref callsSinceClosing) > 2 && SampleClock.MonotonicNow - Volatile.Read(ref lastCall) < AwayNanoseconds;

    /// <summary>[any] The device has another rate from now on. Never on the audio side: memory is taken.</summary>
    internal void SetRate(int rate)
    {
        if (engine is null || rate == deviceRate) return;
        deviceRate = rate;
        while (adapters.TryCollect(out var old)) old.Dispose();
        adapters.Offer(AdapterFor(rate) ?? none);
    }

    // Stands for "no adapter is needed" in the handover.
    readonly RateAdapter none = new(new AudioFormat(8000, 1, 0, 0, false), 8000);

    RateAdapter? AdapterFor(int rate) => rate == engine!.Format.Rate ? null : new RateAdapter(engine.Format, rate);

    /// <summary>[audio] A callback has come; false when it may not play. One that may must <see cref="Leave"/>.</summary>
    internal bool TryEnter(long now)
    {
        Volatile.Write(ref lastCall, now);
        if (Interlocked.CompareExchange(ref state, Playing, Idle) != Idle)
        {
            Volatile.Write(ref callsSinceClosing, callsSinceClosing + 1);
            return false;
        }
        while (adapters.TryTake(out var next))
        {
            if (adapter is not null) adapters.Return(adapter);
            adapter = next == none ? null : next;
            estimator!.Lost();
        }
        estimator!.Observe(engine!.Status.Frame, now);
        return true;
    }

    /// <summary>[audio] Frames were lost: time went on, frames did not.</summary>
    internal void Lost() => estimator?.Lost();

    /// <summary>[audio] Frames of the engine that the next so many frames of the device take.</summary>
    internal int EngineFrames(int frames) => adapter?.EngineFrames(frames) ?? frames;

    /// <summary>[audio] One block of the device, once entered.</summary>
    internal void Process(float** ins, float** outs, int frames)
    {
        Volatile.Write(ref engine!.Status.DeviceBlockNow, frames);
        Volatile.Write(ref engine.Status.DeviceRateNow, deviceRate);
        if (adapter is { } other) other.Process(engine, ins, outs, frames);
        else engine.Process(ins, outs, frames);
    }

    /// <summary>[audio] The callback is over.</summary>
    internal void Leave()
    {
        Volatile.Write(ref lastCall, SampleClock.MonotonicNow);
        Volatile.Write(ref state, Idle);
    }

    /// <summary>[main, frozen] The device calls no more: gives the memory back.</summary>
    public void Dispose()
    {
        adapter?.Dispose();
        while (adapters.TryTake(out var next) || adapters.TryCollect(out next))
            if (next != none) next.Dispose();
        none.Dispose();
    }
}
