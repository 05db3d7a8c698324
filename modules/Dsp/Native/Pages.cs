using System.Runtime.InteropServices;

namespace OscLooper.Dsp.Native;

/// <summary>[worker] Pages of memory that are not needed for now (madvise(2)): they read as zero when they are touched again.</summary>
[NativeCalls("libc", NativeCallers.Any)]
static unsafe partial class Pages
{
    const int DoNotNeed = 4;   // MADV_DONTNEED

    /// <summary>[worker] Pieces of this size can be given back one by one.</summary>
    public static bool CanGiveBack(int bytes) => OperatingSystem.IsLinux() && bytes % Environment.SystemPageSize == 0;

    /// <summary>[worker] The system may use the pages otherwise; the addresses stay ours.</summary>
    public static void GiveBack(nint start, int bytes) => madvise((void*)start, (nuint)bytes, DoNotNeed);

    [LibraryImport("libc")] private static partial int madvise(void* start, nuint length, int advice);
}
