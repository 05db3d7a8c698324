using System.Runtime.InteropServices;

namespace OscLooper.Server.Realtime;

/// <summary>[any] How the audio side wakes main without waiting: an eventfd (eventfd(2)) that main polls together with its sockets.</summary>
public sealed unsafe partial class Doorbell : IDisposable
{
    const int NonBlockingCloseOnExec = 0x800 | 0x80000;   // EFD_NONBLOCK | EFD_CLOEXEC
    readonly int handle = OperatingSystem.IsLinux() ? eventfd(0, NonBlockingCloseOnExec) : -1;
    bool isClosed;

    /// <summary>[main] What to poll for reading; null where there is no eventfd (then main looks every millisecond).</summary>
    public int? FileDescriptor => handle >= 0 && !isClosed ? handle : null;

    /// <summary>[audio] Wakes main; does not wait, whatever main does.</summary>
    public void Ring()
    {
        ulong one = 1;
        if (handle >= 0 && !isClosed) write(handle, &one, 8);
    }

    /// <summary>[main] Hears it: polling sleeps again until the next ring.</summary>
    public void Silence()
    {
        ulong rings;
        if (handle >= 0 && !isClosed) read(handle, &rings, 8);
    }

    /// <summary>[main, frozen] Closes the handle.</summary>
    public void Dispose()
    {
        if (handle >= 0 && !isClosed) close(handle);
        isClosed = true;
    }

    [LibraryImport("libc")] private static partial int eventfd(uint initial, int flags);
    [LibraryImport("libc")] private static partial nint write(int handle, void* bytes, nuint count);
    [LibraryImport("libc")] private static partial nint read(int handle, void* bytes, nuint count);
    [LibraryImport("libc")] private static partial int close(int handle);
}
