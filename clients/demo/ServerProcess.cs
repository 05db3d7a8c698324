using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace OscLooper.Demo;

/// <summary>A server of the demo's own, on a free port.</summary>
sealed partial class ServerProcess : IDisposable
{
    readonly Process process;

    public ServerProcess(string program, params string[] arguments)
    {
        process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        while (process.StandardOutput.ReadLine() is { } line)
        {
            if (Ready().Match(line) is not { Success: true } match) continue;
            Port = int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
            Audio = match.Groups[2].Value;
            return;
        }
        process.WaitForExit();
        throw new InvalidOperationException($"the server did not start (exit code {process.ExitCode})");
    }

    public int Port { get; }

    /// <summary>What plays: jack, portaudio or none.</summary>
    public string Audio { get; } = "";

    [GeneratedRegex("^OscLooper ready: OSC .*:([0-9]+) .* audio ([a-z]+) ")]
    private static partial Regex Ready();

    public void Dispose()
    {
        // It has been asked to end; only a hung one is ended by force.
        if (!process.WaitForExit(3000)) process.Kill();
        process.Dispose();
    }
}
