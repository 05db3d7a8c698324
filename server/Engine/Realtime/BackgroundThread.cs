using OscLooper.Dsp.Native;

namespace OscLooper.Server.Realtime;

/// <summary>[main] The thread on which modules work behind the scenes: it sleeps until it is woken or something is due.</summary>
sealed class BackgroundThread : Wakeable
{
    // Whoever wakes it all the time does not keep it busy all the time.
    const int PauseMilliseconds = 5;
    const double LongestSeconds = 3600;

    readonly WakeEvent wake = new();
    readonly Thread thread;
    long calls, workNumber, workBegun, workComputed;
    volatile int threadNumber;
    volatile bool ends;

    /// <summary>[main] Works for these imps until it ends; a fault is told on its thread, and whether to go on is the answer.</summary>
    public BackgroundThread(string name, IEnumerable<ImpSlot> imps, Func<Exception, bool> fault)
    {
        var all = imps.Where(i => i.Module is IBackground).ToArray();
        foreach (var imp in all) imp.Tree.Audio.Background = this;
        thread = new Thread(() => Run([.. all.Select(i => (IBackground)i.Module)], fault)) { Name = name, IsBackground = true };
    }

    /// <summary>[any] How often it has worked.</summary>
    public long Calls => Volatile.Read(ref calls);

    /// <summary>[any] Odd while a module is at work.</summary>
    public long WorkNumber => Volatile.Read(ref workNumber);

    /// <summary>[any] When the present work began, in monotonic nanoseconds, and what the thread had computed until then; holds while the number stays.</summary>
    public (long Begun, long Computed) WorkBegin => (Volatile.Read(ref workBegun), Volatile.Read(ref workComputed));

    /// <summary>[any] Where the system tells of its thread; empty where it does not.</summary>
    public string ThreadPath => threadNumber > 0 ? $"/proc/self/task/{threadNumber}" : "";

    /// <summary>[main] Begins, with one call of each.</summary>
    public void Start() => thread.Start();

    /// <summary>[any] Wakes it.</summary>
    public override void Signal() => wake.Signal();

    /// <summary>[any] Asks it to end, and waits as long as that; false when it has not ended by then.</summary>
    public bool End(int milliseconds)
    {
        ends = true;
        wake.Signal();
        return (thread.ThreadState & ThreadState.Unstarted) != 0 || thread.Join(milliseconds);
    }

    void Run(IBackground[] all, Func<Exception, bool> fault)
    {
        threadNumber = ThreadClock.ThreadNumber;
        while (!ends)
        {
            Volatile.Write(ref workBegun, SampleClock.MonotonicNow);
            Volatile.Write(ref workComputed, ThreadClock.Nanoseconds);
            Volatile.Write(ref workNumber, workNumber + 1);
            var seconds = LongestSeconds;
            wake.Reset();
            foreach (var one in all)
                try
                {
                    one.Work();
                    seconds = Math.Min(seconds, one.DueSeconds);
                }
                catch (Exception trouble)
                {
                    if (!fault(trouble)) return;
                }
            Volatile.Write(ref workNumber, workNumber + 1);
            Volatile.Write(ref calls, calls + 1);
            if (ends) return;
            Thread.Sleep(PauseMilliseconds);
            wake.Wait(Math.Max(0, (int)Math.Ceiling(seconds * 1000) - PauseMilliseconds));
        }
    }
}
