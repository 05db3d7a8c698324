namespace OscLooper.Server.Commands;

/// <summary>[main] What a server says last, and its exit code: both are true, whatever became of the saves and recordings.</summary>
sealed class LastLine(ServerOptions options)
{
    bool hasVault;
    Losses losses = new();

    /// <summary>[main] Of this server; read when it is disposed of.</summary>
    public void Of(Server server) => (hasVault, losses) = (server.Vault.IsOpen, server.Losses);

    /// <summary>[main] The line.</summary>
    public string Text
    {
        get
        {
            var what = options.Vault.Length == 0 ? "; nothing is remembered (--vault none)"
                : !hasVault ? "; nothing is remembered (it had no vault)"
                : losses.All.Count == 0 ? ", takes are kept"
                : "; not all is kept";
            return $"OscLooper has ended{what}{string.Concat(losses.All.Select(l => $"; lost: {l.ReplaceLineEndings(" ")}"))}";
        }
    }

    /// <summary>[main] 1 when something was lost. To the one who supervises, that is another number than that of a server that died.</summary>
    public int ExitCode => losses.All.Count == 0 ? CommandLine.Well : Supervisor.IsSupervised ? Supervisor.EndedWithLoss : CommandLine.Failed;
}
