using System.Runtime.InteropServices;

namespace OscLooper.Server.Commands;

/// <summary>[any] Ctrl-C, SIGTERM and a closed terminal ask for the end; asked twice, the system ends the program.</summary>
[NativeCalls("libc", NativeCallers.Any)]
sealed partial class EndSignal : IDisposable
{
    readonly CancellationTokenSource end = new();
    readonly PosixSignalRegistration[] kept;

    public EndSignal() =>
        kept = [.. ((PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP]).Select(signal => PosixSignalRegistration.Create(signal, Asked))];

    /// <summary>[any] Cancelled when the end is asked for.</summary>
    public CancellationToken Token => end.Token;

    void Asked(PosixSignalContext context)
    {
        if (end.IsCancellationRequested) return;
        context.Cancel = true;
        end.Cancel();
    }

    /// <summary>[any] Ends the program here and now, whatever its threads are at (_exit(2)).</summary>
    public static void EndNow(int code)
    {
        Console.Out.Flush();
        Console.Error.Flush();
        if (!OperatingSystem.IsWindows()) _exit(code);
        System.Diagnostics.Process.GetCurrentProcess().Kill();
    }

    [LibraryImport("libc")] private static partial void _exit(int code);

    public void Dispose()
    {
        foreach (var registration in kept) registration.Dispose();
        end.Dispose();
    }
}
