using System.Diagnostics;
using System.Runtime.InteropServices;

namespace OscLooper.Server.Realtime;

/// <summary>[audio] The engine's own time: what the thread computed, not what it waited for other programs (clock_gettime(2)).</summary>
[NativeCalls("libc", NativeCallers.Any)]
static unsafe partial class ThreadClock
{
    const int ThreadCpuTime = 3;   // CLOCK_THREAD_CPUTIME_ID of Linux
    static readonly bool isThere = OperatingSystem.IsLinux();

    /// <summary>[audio] Nanoseconds that this thread has computed; wall time where the kernel does not say.</summary>
    internal static long Nanoseconds
    {
        get
        {
            if (!isThere) return SampleClock.MonotonicNow;
            TimeSpec time;
            clock_gettime(ThreadCpuTime, &time);
            return time.Seconds * 1_000_000_000 + time.Nanoseconds;
        }
    }

    /// <summary>[audio] The system's number of this thread (gettid(2)); 0 where it has none.</summary>
    internal static int ThreadNumber => isThere ? gettid() : 0;

    struct TimeSpec
    {
        public long Seconds, Nanoseconds;
    }

    [LibraryImport("libc"), AudioSafe] private static partial int gettid();
    [LibraryImport("libc"), AudioSafe] private static partial int clock_gettime(int clock, TimeSpec* time);
}
