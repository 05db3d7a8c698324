using System.Diagnostics;

namespace OscLooper.Tests.Server.Audio;

/// <summary>A jackd with the dummy driver under a name of its own, for as long as a test needs it.</summary>
sealed class JackServer : IDisposable
{
    readonly System.Collections.Concurrent.ConcurrentQueue<string> said = new();
    Process? process;

    readonly bool isRealtime, waits;

    /// <summary>Realtime only where steady cycles are the point: a shared machine must stay usable. One that waits for its clients loses no cycle's contents.</summary>
    public JackServer(int block = 128, bool isRealtime = false, bool waits = false)
    {
        if (!File.Exists("/usr/bin/jackd")) Assert.Ignore("jackd is not installed (apt-get install jackd2 libjack-jackd2-0)");
        // One name for all tests of a process: JACK's registry holds eight, and a killed server stays in it until its name is used again.
        Name = $"osclooper-test-{Environment.ProcessId}";
        (this.isRealtime, this.waits) = (isRealtime, waits);
        Start(block);
    }

    public string Name { get; }

    public void Start(int block = 128, int rate = 48000)
    {
        process = Process.Start(new ProcessStartInfo("/usr/bin/jackd", ["-n", Name, isRealtime ? "-R" : "-r", .. waits ? new[] { "-S", "-t", "5000" } : [], "-m", "-d", "dummy", "-r", $"{rate}", "-p", $"{block}"])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        process.OutputDataReceived += (_, line) => said.Enqueue(line.Data ?? "");
        process.ErrorDataReceived += (_, line) => said.Enqueue(line.Data ?? "");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        for (var tries = 0; tries < 400; tries++)
        {
            if (Run("jack_lsp", "") is { Length: > 0 } ports && ports.Contains("system:playback_1")) return;
            if (process.HasExited) Assert.Ignore($"jackd does not start here (exit code {process.ExitCode}): {string.Join(" / ", said.TakeLast(3))}");
            Thread.Sleep(50);
        }
        Assert.Ignore("jackd did not answer within 20 s and more: this machine is too busy");
    }

    /// <summary>It hangs from now on, or goes on.</summary>
    public void Hang(bool hangs) => Run("kill", hangs ? "-STOP" : "-CONT", $"{process!.Id}");

    public void Kill()
    {
        process!.Kill();
        process.WaitForExit();
        process.Dispose();
        process = null;
    }

    public string Run(string tool, params string[] arguments)
    {
        using var run = Process.Start(new ProcessStartInfo(tool, arguments.Where(a => a.Length > 0))
        {
            RedirectStandardOutput = true, RedirectStandardError = true, Environment = { ["JACK_DEFAULT_SERVER"] = Name, ["JACK_NO_START_SERVER"] = "1" },
        })!;
        var text = run.StandardOutput.ReadToEndAsync();
        if (!run.WaitForExit(30_000)) run.Kill();
        return text.GetAwaiter().GetResult();
    }

    public void Dispose()
    {
        if (process is null) return;
        // Asked to end, so that it leaves nothing in /dev/shm.
        Run("kill", "-TERM", $"{process.Id}");
        if (process.WaitForExit(30_000)) process.Dispose();
        else Kill();
    }
}
