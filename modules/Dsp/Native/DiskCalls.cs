using System.Runtime.InteropServices;

namespace OscLooper.Dsp.Native;

/// <summary>What the base library lacks: hard links, which file a name stands for, flushing a folder, opening without waiting and asking what was opened (POSIX; CreateHardLinkW of Windows).</summary>
[NativeCalls("libc", NativeCallers.Any)]
static unsafe partial class DiskCalls
{
    // open(2), errno(3).
    internal const int ReadOnly = 0, WriteOnly = 1;
    internal const int NotPermitted = 1, NoSuchEntry = 2, NoSuchDevice = 6, AccessDenied = 13, NoFolder = 20, IsFolder = 21;
    internal static readonly int WouldBlock = OperatingSystem.IsMacOS() ? 35 : 11;
    // O_NONBLOCK | O_CLOEXEC | O_NOCTTY.
    static readonly int WithoutWaiting = OperatingSystem.IsMacOS() ? 0x4 | 0x1000000 | 0x20000 : 0x800 | 0x80000 | 0x100;
    const int KindMask = 0xF000;

    internal static int OpenWithoutWaiting(string path, int access) => open(path, access | WithoutWaiting);

    /// <summary>The kind of what is open (S_IFMT of stat(2)); 0 when the system does not say.</summary>
    internal static int KindOf(int file)
    {
        var about = stackalloc byte[512];
        if (OperatingSystem.IsLinux()) return statx(file, "", EmptyPath, TypeAndMode, about) == 0 ? *(ushort*)(about + 28) & KindMask : 0;
        var answer = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? fstat64(file, about) : fstat(file, about);
        return answer == 0 ? *(ushort*)(about + 4) & KindMask : 0;
    }

    /// <summary>The kind of what a name means (links followed); null when there is nothing.</summary>
    internal static int? KindOf(string path)
    {
        if (!OperatingSystem.IsLinux()) return Directory.Exists(path) ? 0x4000 : null;
        var about = stackalloc byte[512];
        return statx(WorkingFolder, path, 0, TypeAndMode, about) == 0 ? *(ushort*)(about + 28) & KindMask : null;
    }

    /// <summary>How many names a file has, its number, and the bytes that it takes; null where the system is not asked.</summary>
    internal static (long Links, ulong Number, long Bytes)? About(string path)
    {
        if (!OperatingSystem.IsLinux()) return null;
        var about = stackalloc byte[512];
        return statx(WorkingFolder, path, NoFollow, Basic, about) == 0 ? (*(uint*)(about + 16), *(ulong*)(about + 32), *(long*)(about + 48) * 512) : null;
    }

    const int NoFollow = 0x100, Basic = 0x7FF;      // AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS
    const int WorkingFolder = -100, EmptyPath = 0x1000, TypeAndMode = 3;   // AT_FDCWD, AT_EMPTY_PATH, STATX_TYPE | STATX_MODE of statx(2)

    [LibraryImport("c", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int statx(int folder, string path, int flags, uint mask, byte* about);

    [LibraryImport("c")]
    private static partial int fstat(int file, byte* about);

    [LibraryImport("c", EntryPoint = "fstat$INODE64")]
    private static partial int fstat64(int file, byte* about);

    [LibraryImport("c", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int link(string from, string to);

    [LibraryImport("c", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    internal static partial int open(string path, int flags);

    [LibraryImport("c")]
    internal static partial int fsync(int file);

    [LibraryImport("c")]
    internal static partial int close(int file);

    [LibraryImport("kernel32", StringMarshalling = StringMarshalling.Utf16)]
    internal static partial int CreateHardLinkW(string to, string from, nint security);
}
