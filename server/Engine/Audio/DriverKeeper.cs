using OscLooper.Server.Realtime;

namespace OscLooper.Server.Audio;

/// <summary>
/// [main] Keeps the engine playing when its device goes away: a timer clock takes over, so frames, loops and clients go on. A device that says that
/// it is over is closed and looked for about once a second until it is back; one that just stays away plays again as soon as it calls again.
/// </summary>
public sealed class DriverKeeper : IAudioDriver
{
    const int LookMilliseconds = 100, RetryMilliseconds = 1000, PatienceMilliseconds = 5000, MostCloseMilliseconds = 1000;

    enum State { Plays, Awaited, Missing }

    readonly Func<IAudioDriver?> reopen;
    readonly Action<string> say;
    readonly ManualResetEventSlim end = new(false, spinCount: 0);   // waiting long, it does not look around first
    volatile IAudioDriver current;
    IAudioDriver? awaited;
    Thread? thread;

    /// <summary>[main] Keeps this driver; reopen looks for its device, say gets one line for each change.</summary>
    public DriverKeeper(IAudioDriver driver, Func<IAudioDriver?> reopen, Action<string> say) => (current, this.reopen, this.say) = (driver, reopen, say);

    /// <inheritdoc/>
    public string Backend => current.Backend;
    /// <inheritdoc/>
    public string Device => current.Device;
    /// <inheritdoc/>
    public int Rate => current.Rate;
    /// <inheritdoc/>
    public int Block => current.Block;
    /// <inheritdoc/>
    public string Rights => current.Rights;
    /// <inheritdoc/>
    public string? Trouble => null;
    /// <inheritdoc/>
    public bool IsAway => false;
    /// <inheritdoc/>
    public bool IsBack => false;
    /// <inheritdoc/>
    public int QuietMilliseconds => Timeout.Infinite;
    /// <summary>[any] How often it has looked after its device.</summary>
    internal int Looks { get; private set; }

    /// <inheritdoc/>
    public void Start(Engine engine)
    {
        current.Start(engine);
        thread = new Thread(() => Keep(engine)) { Name = "audio keeper", IsBackground = true };
        thread.Start();
    }

    /// <inheritdoc/>
    public bool Suspend() => current.Suspend();

    /// <inheritdoc/>
    public void Resume() => current.Resume();

    /// <inheritdoc/>
    public void Stop()
    {
        end.Set();
        // It may be waiting for a server that hangs.
        if (thread is { } keeping && !keeping.Join(MostCloseMilliseconds)) return;
        thread = null;
        if (awaited is { } waiting) Close(waiting);
        awaited = null;
        Close(current);
    }

    /// <inheritdoc/>
    public void Dispose() => Stop();

    void Keep(Engine engine)
    {
        var (state, elapsed, knownRate) = (State.Plays, 0, current.Rate);
        // A device that plays is looked after when it could be away at the earliest.
        for (var wait = current.QuietMilliseconds; !end.Wait(wait); wait = state switch { State.Plays => current.QuietMilliseconds, State.Missing => RetryMilliseconds, _ => LookMilliseconds })
        {
            elapsed += wait;
            Looks++;
            switch (state)
            {
                case State.Plays:
                    if (current.Trouble is { } trouble && StandIn(engine, trouble)) (state, elapsed) = (Give(), 0);
                    else if (current.Trouble is null && current.IsAway && StandIn(engine, $"{current.Backend} ({current.Device}) does not call any more")) (state, elapsed) = (State.Awaited, 0);
                    else if (current.Rate != knownRate && awaited is null)
                        say($"{current.Backend} ({current.Device}) runs at {knownRate = current.Rate} Hz now{Resampled(engine, current)}");
                    break;
                case State.Awaited:
                    if (awaited!.IsBack) state = TakeBack();
                    else if (awaited.Trouble is not null || elapsed >= PatienceMilliseconds) (state, elapsed) = (Give(), 0);
                    break;
                case State.Missing:
                    if (elapsed < RetryMilliseconds) break;
                    elapsed = 0;
                    if (reopen() is not { } back) break;
                    current.Stop();
                    current = back;
                    back.Start(engine);
                    (state, knownRate) = (State.Plays, back.Rate);
                    say($"{back.Backend} ({back.Device}) is back{(back.Rate == engine.Format.Rate ? "" : $" at {back.Rate} Hz")}{Resampled(engine, back)}");
                    break;
            }
        }
    }

    static string Resampled(Engine engine, IAudioDriver driver) => driver.Rate == engine.Format.Rate ? "" : $"; the server stays at {engine.Format.Rate} Hz and is resampled";

    // The device has left the engine before the timer enters it.
    bool StandIn(Engine engine, string trouble)
    {
        var device = current;
        if (!device.Suspend()) return false;
        awaited = device;
        var timer = new TimerDriver(engine.Format.Rate, (int)Math.Clamp((long)device.Block * engine.Format.Rate / device.Rate, 1, Engine.MaxFrames));
        current = timer;
        timer.Start(engine);
        say($"{trouble}; the timer clock goes on at {timer.Rate} Hz until it is back");
        return true;
    }

    State TakeBack()
    {
        current.Stop();
        current = awaited!;
        awaited = null;
        current.Resume();
        say($"{current.Backend} ({current.Device}) is back");
        return State.Plays;
    }

    State Give()
    {
        Close(awaited!);
        awaited = null;
        return State.Missing;
    }

    // A server that hangs may never answer: then whoever closes waits for it, and nobody else.
    static void Close(IAudioDriver driver)
    {
        var closing = new Thread(driver.Dispose) { Name = "closing a device", IsBackground = true };
        closing.Start();
        closing.Join(MostCloseMilliseconds);
    }
}
