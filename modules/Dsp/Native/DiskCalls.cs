using System.Runtime.InteropServices;

namespace OscLooper.Dsp.Native;

/// <summary>What the base library lacks: hard links, and flushing a folder (POSIX; CreateHardLinkW of Windows).</summary>
static partial class DiskCalls
{
    [LibraryImport("c", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int link(string from, string to);

    [LibraryImport("c", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int open(string path, int flags);

    [LibraryImport("c")]
    internal static partial int fsync(int file);

    [LibraryImport("c")]
    internal static partial int close(int file);

    [LibraryImport("kernel32", StringMarshalling = StringMarshalling.Utf16)]
    internal static partial int CreateHardLinkW(string to, string from, nint security);
}
