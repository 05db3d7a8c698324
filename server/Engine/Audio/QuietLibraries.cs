using System.Runtime.InteropServices;

namespace OscLooper.Server.Audio;

/// <summary>[main] While it lives, nothing reaches the terminal's error output: ALSA prints a page for every device it does not find.</summary>
sealed partial class QuietLibraries : IDisposable
{
    const int ErrorOutput = 2, WriteOnly = 1;
    readonly int kept = -1;

    internal QuietLibraries()
    {
        if (OperatingSystem.IsWindows()) return;
        var nowhere = open("/dev/null", WriteOnly);
        if (nowhere < 0) return;
        kept = dup(ErrorOutput);
        dup2(nowhere, ErrorOutput);
        close(nowhere);
    }

    public void Dispose()
    {
        if (kept < 0) return;
        dup2(kept, ErrorOutput);
        close(kept);
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)] private static partial int open(string path, int flags);
    [LibraryImport("libc")] private static partial int dup(int handle);
    [LibraryImport("libc")] private static partial int dup2(int from, int to);
    [LibraryImport("libc")] private static partial int close(int handle);
}
