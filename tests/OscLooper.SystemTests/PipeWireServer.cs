using System.Diagnostics;

namespace OscLooper.SystemTests;

/// <summary>A PipeWire of the test's own: a folder as its XDG_RUNTIME_DIR, a null sink, nothing of the user's. It can be ended and started, and made to hang.</summary>
sealed class PipeWireServer : IDisposable
{
    static readonly string[] needed = ["pipewire", "pw-cli", "pw-metadata", "jack_rec", "jack_lsp"];
    readonly Folder folder = new();
    Process? process;

    public PipeWireServer()
    {
        var path = (System.Environment.GetEnvironmentVariable("PATH") ?? "").Split(':');
        var missing = needed.Where(n => !path.Any(p => File.Exists(System.IO.Path.Combine(p, n)))).ToList();
        if (Library is null) missing.Add("PipeWire's libjack");
        // What is not written for JACK or PipeWire comes through ALSA.
        File.WriteAllText(folder.Of(".asoundrc"), "pcm.!default { type pipewire }\nctl.!default { type pipewire }\n");
        if (missing.Count > 0) Assert.Ignore($"not installed: {string.Join(", ", missing)} (apt-get install pipewire pipewire-bin pipewire-jack jackd2)");
        try
        {
            Start();
        }
        catch (Exception)
        {
            Dispose();
            throw;
        }
    }

    static string? Library => new[] { "/usr/lib", "/usr/lib64" }.Where(Directory.Exists).SelectMany(d => Directory.EnumerateDirectories(d, "*-linux-*").Append(d))
        .Select(d => $"{d}/pipewire-0.3/jack").FirstOrDefault(d => File.Exists($"{d}/libjack.so.0"));

    /// <summary>What a program needs to find it: what a player's session has, too. No jackd answers under the name given here.</summary>
    public (string Name, string Value)[] Surroundings =>
    [
        ("XDG_RUNTIME_DIR", folder.Path), ("HOME", folder.Path), ("PIPEWIRE_RUNTIME_DIR", folder.Path), ("PIPEWIRE_REMOTE", "pipewire-0"),
        ("JACK_DEFAULT_SERVER", "osclooper-no-such-server"), ("JACK_NO_START_SERVER", "1"),
    ];

    public void Start()
    {
        process = Programs.Start("pipewire", folder.Path, Surroundings, []);
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        for (var watch = Stopwatch.StartNew(); watch.Elapsed.TotalSeconds < 20; Thread.Sleep(50))
        {
            if (process.HasExited) Assert.Ignore($"pipewire does not run here (exit code {process.ExitCode})");
            if (!File.Exists(folder.Of("pipewire-0"))) continue;
            Run("pw-cli", "create-node", "adapter", "{ factory.name=support.null-audio-sink node.name=nullsink media.class=Audio/Sink object.linger=true audio.position=[FL FR] }");
            if (Run("pw-cli", "ls", "Node").Contains("nullsink")) return;
        }
        Assert.Ignore("pipewire did not answer within 20 s");
    }

    /// <summary>Says a value of the settings, as a player would: clock.force-rate, clock.force-quantum.</summary>
    public void Set(string name, int value) => Run("pw-metadata", "-n", "settings", "0", name, $"{value}");

    public void Hang(bool hangs) => Programs.kill(process!.Id, hangs ? 19 : 18);

    public void End(bool kill = false)
    {
        if (!process!.HasExited) Programs.kill(process.Id, kill ? 9 : 15);
        if (!process.WaitForExit(10_000)) process.Kill();
        process.WaitForExit();
        process.Dispose();
        process = null;
    }

    /// <summary>Sound of a port as the graph carries it, at the graph's rate; null when nothing could be recorded.</summary>
    public Dsp.Sound? Record(string port, int seconds)
    {
        var file = folder.Of("recorded.wav");
        File.Delete(file);
        Run("jack_rec", "-f", file, "-d", $"{seconds}", "-b", "24", port);
        return File.Exists(file) && new FileInfo(file).Length > 50_000 ? Dsp.SoundFile.ReadAll(file) : null;
    }

    public string Run(string tool, params string[] arguments)
    {
        var environment = Surroundings;
        if (tool.StartsWith("jack_", StringComparison.Ordinal)) environment = [.. environment, ("LD_LIBRARY_PATH", Library!)];
        using var run = Programs.Start(tool, folder.Path, environment, arguments);
        var (text, errors) = (run.StandardOutput.ReadToEndAsync(), run.StandardError.ReadToEndAsync());
        if (!run.WaitForExit(20_000)) run.Kill();
        return text.GetAwaiter().GetResult() + errors.GetAwaiter().GetResult();
    }

    public void Dispose()
    {
        if (process is not null)
        {
            if (!process.HasExited) Hang(false);
            End();
        }
        folder.Dispose();
    }
}
