using System.Runtime.InteropServices;

namespace OscLooper.Dsp.Native;

/// <summary>[worker] Pages of memory that are not needed for now (madvise(2)): they read as zero when they are touched again.</summary>
[NativeCalls("libc", NativeCallers.Any)]
static unsafe partial class Pages
{
    const int DoNotNeed = 4, DoNotNeedLocked = 24;   // MADV_DONTNEED, MADV_DONTNEED_LOCKED (Linux 5.18)

    /// <summary>[worker] Pieces of this size can be given back one by one.</summary>
    public static bool CanGiveBack(int bytes) => OperatingSystem.IsLinux() && bytes % Environment.SystemPageSize == 0;

    /// <summary>[worker] The system may use the pages otherwise; the addresses stay ours. False when it does not take them: those of a program
    /// that has locked its memory (mlockall(2)) go only with the newer word.</summary>
    public static bool GiveBack(nint start, int bytes) => madvise((void*)start, (nuint)bytes, DoNotNeedLocked) == 0 || madvise((void*)start, (nuint)bytes, DoNotNeed) == 0;

    [LibraryImport("libc")] private static partial int madvise(void* start, nuint length, int advice);
}
