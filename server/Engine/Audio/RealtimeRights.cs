using System.Runtime.InteropServices;

namespace OscLooper.Server.Audio;

/// <summary>[any] Asks the system for what makes audio steadier: memory that stays, a thread that goes first. Tried and reported, never required.</summary>
[NativeCalls("libc", NativeCallers.Any)]
static unsafe partial class RealtimeRights
{
    const int LockCurrent = 1, LockFuture = 2, LockOnFault = 4;   // mlockall(2)
    const int FirstInFirstOut = 1, RoundRobin = 2, Priority = 65; // sched(7); below jackd's own 70

    /// <summary>[any] For the calling thread, which is to play: what was granted, for people.</summary>
    internal static string Ask()
    {
        if (!OperatingSystem.IsLinux()) return "ordinary rights";
        var priority = Priority;
        var goesFirst = sched_getscheduler(0) is FirstInFirstOut or RoundRobin || sched_setscheduler(0, FirstInFirstOut, &priority) == 0;
        var stays = mlockall(LockCurrent | LockFuture | LockOnFault) == 0;
        return (goesFirst, stays) switch
        {
            (true, true) => "realtime thread, memory locked",
            (true, false) => "realtime thread, memory not locked (limits.d: memlock unlimited)",
            (false, true) => "ordinary thread (limits.d: rtprio 95), memory locked",
            _ => "ordinary thread, memory not locked (limits.d: rtprio 95, memlock unlimited)",
        };
    }

    [LibraryImport("libc")] private static partial int mlockall(int flags);
    [LibraryImport("libc")] private static partial int sched_getscheduler(int process);
    [LibraryImport("libc")] private static partial int sched_setscheduler(int process, int policy, int* priority);
}
