using System.Runtime.InteropServices;

namespace OscLooper.Server.Audio;

/// <summary>[any] Asks the system for what makes audio steadier: memory that stays, a thread that goes first. Tried and reported, never required.</summary>
static unsafe partial class RealtimeRights
{
    const int LockCurrent = 1, LockFuture = 2, LockOnFault = 4;   // mlockall(2)
    const int FirstInFirstOut = 1, Priority = 65;                 // sched(7); below jackd's own 70

    /// <summary>[main] Keeps all memory that is touched from being swapped out; false when the system does not allow it.</summary>
    internal static bool LockMemory() => OperatingSystem.IsLinux() && mlockall(LockCurrent | LockFuture | LockOnFault) == 0;

    /// <summary>[any] Lets the calling thread go before ordinary ones; false when the system does not allow it.</summary>
    internal static bool GoFirst()
    {
        if (!OperatingSystem.IsLinux()) return false;
        var priority = Priority;
        return sched_setscheduler(0, FirstInFirstOut, &priority) == 0;
    }

    [LibraryImport("libc")] private static partial int mlockall(int flags);
    [LibraryImport("libc")] private static partial int sched_setscheduler(int process, int policy, int* priority);
}
