using System.Runtime.InteropServices;

namespace OscLooper.Server.Audio;

/// <summary>[any] While one lives, nothing reaches the terminal's error output: ALSA prints a page for every device it does not find.</summary>
[NativeCalls("libc", NativeCallers.Any)]
sealed partial class QuietLibraries : IDisposable
{
    const int ErrorOutput = 2, WriteOnly = 1;
    // The error output is the whole process's: the first who wants quiet takes it away, the last gives it back.
    static readonly Lock counting = new();
    static int count, kept = -1;
    bool isOver;

    internal QuietLibraries()
    {
        if (OperatingSystem.IsWindows()) return;
        lock (counting)
        {
            if (count++ > 0) return;
            var nowhere = open("/dev/null", WriteOnly);
            if (nowhere < 0) return;
            kept = dup(ErrorOutput);
            dup2(nowhere, ErrorOutput);
            close(nowhere);
        }
    }

    public void Dispose()
    {
        if (isOver || OperatingSystem.IsWindows()) return;
        isOver = true;
        lock (counting)
        {
            if (--count > 0 || kept < 0) return;
            dup2(kept, ErrorOutput);
            close(kept);
            kept = -1;
        }
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)] private static partial int open(string path, int flags);
    [LibraryImport("libc")] private static partial int dup(int handle);
    [LibraryImport("libc")] private static partial int dup2(int from, int to);
    [LibraryImport("libc")] private static partial int close(int handle);
}
