using System.Runtime.InteropServices;

namespace OscLooper.Server.Commands;

/// <summary>[any] Ctrl-C, SIGTERM and a closed terminal ask for the end; asked twice, the system ends the program.</summary>
sealed class EndSignal : IDisposable
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

    public void Dispose()
    {
        foreach (var registration in kept) registration.Dispose();
        end.Dispose();
    }
}
