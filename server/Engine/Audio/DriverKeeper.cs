using OscLooper.Server.Realtime;

namespace OscLooper.Server.Audio;

/// <summary>
/// [main] Keeps the engine playing when its device goes away: a timer clock takes over, so frames, loops and clients go on, and about
/// once a second the device is looked for until it is back.
/// </summary>
public sealed class DriverKeeper : IAudioDriver
{
    const int LookMilliseconds = 50, RetryMilliseconds = 1000;

    readonly Func<IAudioDriver?> reopen;
    readonly Action<string> say;
    readonly ManualResetEventSlim end = new(false, spinCount: 0);   // waiting long, it does not look around first
    volatile IAudioDriver current;
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
    public void Start(Engine engine)
    {
        current.Start(engine);
        thread = new Thread(() => Keep(engine)) { Name = "audio keeper", IsBackground = true };
        thread.Start();
    }

    /// <inheritdoc/>
    public void Stop()
    {
        end.Set();
        thread?.Join();
        thread = null;
        current.Stop();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Stop();
        current.Dispose();
        end.Dispose();
    }

    void Keep(Engine engine)
    {
        var untilRetry = RetryMilliseconds;
        var standsIn = false;
        while (!end.Wait(LookMilliseconds))
        {
            if (!standsIn && current.Trouble is { } trouble)
            {
                var (rate, block) = (current.Rate, current.Block);
                Change(engine, new TimerDriver(rate, block));
                (standsIn, untilRetry) = (true, RetryMilliseconds);
                say($"{trouble}; the timer clock goes on at {rate} Hz until it is back");
            }
            else if (standsIn && (untilRetry -= LookMilliseconds) <= 0)
            {
                untilRetry = RetryMilliseconds;
                if (reopen() is not { } back) continue;
                if (back.Rate != engine.Format.Rate)
                {
                    say($"{back.Backend} is back at {back.Rate} Hz instead of {engine.Format.Rate}; it is not used");
                    untilRetry = 30 * RetryMilliseconds;
                    back.Dispose();
                    continue;
                }
                Change(engine, back);
                standsIn = false;
                say($"{back.Backend} ({back.Device}) is back");
            }
        }
    }

    // The old one must have left the engine before the next enters it.
    void Change(Engine engine, IAudioDriver next)
    {
        current.Dispose();
        current = next;
        next.Start(engine);
    }
}
