using System.Diagnostics;

namespace OscLooper.Bench;

/// <summary>[main] The program as a user runs it, on ports of its own, ended by its pid; with a jackd on the dummy driver when asked.</summary>
sealed class RunningServer : IDisposable
{
    readonly Process process;
    readonly Process? jack;

    public RunningServer(bool withJack, params string[] options) : this(Program, withJack, options) { }

    /// <summary>The same of another place.</summary>
    public RunningServer(string program, bool withJack, params string[] options)
    {
        Port = FreePort();
        string[] audio = ["--audio", "none"];
        if (withJack)
        {
            var name = JackName = $"bench{Environment.ProcessId}";
            jack = Start("jackd", "-n", name, "-p", "4096", "-R", "-d", "dummy", "-r", "48000", "-p", "128");
            Thread.Sleep(1000);
            if (jack.HasExited) throw new InvalidOperationException("jackd did not start (Debian: apt install jackd2)");
            audio = ["--audio", "jack", "--device", name];
        }
        process = Start(program, ["serve", "--osc-port", $"{Port}", .. options.Contains("--vault") ? [] : new[] { "--vault", "none" }, .. audio, .. options]);
        using var line = new Line(Port);
        var start = Stopwatch.GetTimestamp();
        while (line.Ask("/server/ping", "/server/pong") is null)
            if (Stopwatch.GetElapsedTime(start).TotalSeconds > 60 || process.HasExited) throw new InvalidOperationException("the server did not start; build it with ./osclooper --help first");
    }

    public int Port { get; }
    public string? JackName { get; }
    public int ProcessId => process.Id;

    /// <summary>The server as it was built here.</summary>
    public static string Program => Path.Combine(Root, "artifacts/bin/OscLooper.Server/release/OscLooper.Server");

    public static string Root
    {
        get
        {
            var folder = AppContext.BaseDirectory;
            while (!File.Exists(Path.Combine(folder, "OscLooper.sln"))) folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("OscLooper.sln");
            return folder;
        }
    }

    public long ResidentBytes
    {
        get
        {
            process.Refresh();
            return process.WorkingSet64;
        }
    }

    static int FreePort()
    {
        using var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.InterNetwork, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
        socket.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));
        return ((System.Net.IPEndPoint)socket.LocalEndPoint!).Port;
    }

    static Process Start(string program, params string[] arguments)
    {
        var info = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        var started = Process.Start(info)!;
        started.OutputDataReceived += (_, _) => { };
        started.ErrorDataReceived += (_, _) => { };
        started.BeginOutputReadLine();
        started.BeginErrorReadLine();
        return started;
    }

    public void Dispose()
    {
        End(process);
        if (jack is null) return;
        // Asked to end: a jackd that is killed stays in JACK's registry, which holds eight.
        Process.Start("kill", ["-TERM", $"{jack.Id}"]).WaitForExit();
        jack.WaitForExit(3000);
        End(jack);
    }

    static void End(Process one)
    {
        if (!one.HasExited) one.Kill();
        one.WaitForExit();
        one.Dispose();
    }
}
