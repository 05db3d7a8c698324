using System.Runtime.InteropServices;

namespace OscLooper.Dsp.Native;

/// <summary>
/// [worker] Memory in whole pages, straight from the system (mmap(2)), so that it goes back there when it is freed: what malloc(3) is given back
/// it may keep for its thread, and a looper's memory is far too much for that. Pages that are not needed for now can go back, too (madvise(2)).
/// </summary>
[NativeCalls("libc", NativeCallers.Any)]
static unsafe partial class Pages
{
    const int DoNotNeed = 4, DoNotNeedLocked = 24;   // MADV_DONTNEED, MADV_DONTNEED_LOCKED (Linux 5.18)

    const int ReadWrite = 3, PrivateAnonymous = 0x22, PrivateAnonymousMac = 0x1002;   // PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS

    /// <summary>[worker] So many bytes, all zero, at the begin of a page; 0 when there is no more memory.</summary>
    public static nint Take(long bytes)
    {
        if (OperatingSystem.IsWindows()) return TakeFromHeap(bytes);
        var start = mmap(null, (nuint)bytes, ReadWrite, OperatingSystem.IsMacOS() ? PrivateAnonymousMac : PrivateAnonymous, -1, 0);
        return start == -1 ? 0 : start;
    }

    /// <summary>[worker] Gives back all that <see cref="Take"/> gave.</summary>
    public static void Free(nint start, long bytes)
    {
        if (OperatingSystem.IsWindows()) NativeMemory.AlignedFree((void*)start);
        else munmap((void*)start, (nuint)bytes);
    }

    // The heap of Windows takes large pieces straight from the system.
    static nint TakeFromHeap(long bytes)
    {
        try
        {
            var start = (nint)NativeMemory.AlignedAlloc((nuint)bytes, (nuint)Environment.SystemPageSize);
            NativeMemory.Clear((void*)start, (nuint)bytes);
            return start;
        }
        catch (OutOfMemoryException)
        {
            return 0;
        }
    }

    /// <summary>[worker] Pieces of this size can be given back one by one.</summary>
    public static bool CanGiveBack(int bytes) => OperatingSystem.IsLinux() && bytes % Environment.SystemPageSize == 0;

    /// <summary>[worker] The system may use the pages otherwise; the addresses stay ours. False when it does not take them: those of a program
    /// that has locked its memory (mlockall(2)) go only with the newer word.</summary>
    public static bool GiveBack(nint start, int bytes) => madvise((void*)start, (nuint)bytes, DoNotNeedLocked) == 0 || madvise((void*)start, (nuint)bytes, DoNotNeed) == 0;

    [LibraryImport("libc")] private static partial nint mmap(void* start, nuint length, int protection, int flags, int file, long offset);
    [LibraryImport("libc")] private static partial int munmap(void* start, nuint length);
    [LibraryImport("libc")] private static partial int madvise(void* start, nuint length, int advice);
}
