using System.Diagnostics;

namespace OscLooper.SystemTests;

/// <summary>How late a thread of this process wakes while it lives: what a test may blame on others.</summary>
sealed class BusyMachine : IDisposable
{
    const int SleepMilliseconds = 10;
    readonly Thread thread;
    long latest;
    volatile bool ends;

    public BusyMachine()
    {
        thread = new Thread(() =>
        {
            for (var clock = Stopwatch.StartNew(); !ends; clock.Restart())
            {
                Thread.Sleep(SleepMilliseconds);
                latest = Math.Max(latest, clock.ElapsedMilliseconds - SleepMilliseconds);
            }
        }) { IsBackground = true };
        thread.Start();
    }

    /// <summary>The latest that it was.</summary>
    public long LatestMilliseconds => Volatile.Read(ref latest);

    public void Dispose()
    {
        ends = true;
        thread.Join();
    }
}
