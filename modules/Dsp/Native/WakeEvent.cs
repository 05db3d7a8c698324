using System.Runtime.InteropServices;

namespace OscLooper.Dsp.Native;

/// <summary>
/// [any] Wakes a thread that waits, without ever waiting itself: an eventfd (eventfd(2)) that can also be polled together with sockets.
/// Where there is none, whoever waits looks every millisecond. Many signals before the waiting thread has looked are one, and one call of the system.
/// </summary>
[NativeCalls("libc", NativeCallers.Any)]
public sealed unsafe partial class WakeEvent : IDisposable
{
    const int NonBlockingCloseOnExec = 0x800 | 0x80000;   // EFD_NONBLOCK | EFD_CLOEXEC
    const short PollIn = 1;
    readonly int handle = OperatingSystem.IsLinux() ? eventfd(0, NonBlockingCloseOnExec) : -1;
    int isSet;
    volatile bool isClosed;

    /// <summary>[any] What to poll for reading; null where there is no eventfd.</summary>
    public int? FileDescriptor => handle >= 0 && !isClosed ? handle : null;

    /// <summary>[any] Wakes whoever waits; does not wait, whatever others do.</summary>
    public void Signal()
    {
        if (Interlocked.Exchange(ref isSet, 1) != 0) return;
        ulong one = 1;
        if (handle >= 0 && !isClosed) write(handle, &one, 8);
    }

    /// <summary>[any] The waiting thread's call, before it looks for what there is to do: the next signal wakes it again.</summary>
    public void Reset()
    {
        if (Volatile.Read(ref isSet) == 0) return;
        ulong signals;
        if (handle >= 0 && !isClosed) read(handle, &signals, 8);
        // After the read: a signal that comes in between is not written, but what it is about is found by the look that follows.
        Interlocked.Exchange(ref isSet, 0);
    }

    /// <summary>[any] Waits for a signal, at most so long (below 0: without end), and resets; true when one came.</summary>
    public bool Wait(int milliseconds)
    {
        if (Volatile.Read(ref isSet) == 0)
            if (FileDescriptor is { } descriptor)
            {
                var entry = new PollEntry { Handle = descriptor, Events = PollIn };
                poll(&entry, 1, milliseconds);
            }
            else
                for (var waited = 0; Volatile.Read(ref isSet) == 0 && !isClosed && waited != milliseconds; waited++) Thread.Sleep(1);
        var came = Volatile.Read(ref isSet) != 0;
        Reset();
        return came;
    }

    /// <summary>[any] Closes the handle; nobody may use it any more. Where somebody might, leave it to the garbage collector.</summary>
    public void Dispose()
    {
        if (isClosed) return;
        isClosed = true;
        if (handle >= 0) close(handle);
        GC.SuppressFinalize(this);
    }

    /// <summary>[any] Nobody can use it any more.</summary>
    ~WakeEvent() => Dispose();

    [StructLayout(LayoutKind.Sequential)]
    struct PollEntry
    {
        public int Handle;
        public short Events, Returned;
    }

    [LibraryImport("libc")] private static partial int eventfd(uint initial, int flags);
    [LibraryImport("libc")] private static partial int poll(PollEntry* entries, nuint count, int milliseconds);
    [LibraryImport("libc"), AudioSafe] private static partial nint write(int handle, void* bytes, nuint count);
    [LibraryImport("libc")] private static partial nint read(int handle, void* bytes, nuint count);
    [LibraryImport("libc")] private static partial int close(int handle);
}
