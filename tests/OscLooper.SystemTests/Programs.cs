using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace OscLooper.SystemTests;

/// <summary>What a program said, and how it ended.</summary>
sealed record Ended(int ExitCode, string Output, string Error);

/// <summary>The built programs, started as a player would.</summary>
static partial class Programs
{
    static readonly string Bin = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", ".."));
    static readonly string Flavour = new DirectoryInfo(AppContext.BaseDirectory).Name;

    public static string Server => Path.Combine(Bin, "OscLooper.Server", Flavour, "OscLooper.Server");
    public static string Ctl => Path.Combine(Bin, "OscLooper.Cli", Flavour, "osclooper-ctl");

    public static Process Start(string program, string folder, params string[] arguments) => Start(program, folder, [], arguments);

    public static Process Start(string program, string folder, (string Name, string Value)[] environment, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        // The runtime that runs this test runs the programs, wherever it is installed.
        start.Environment["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        // What a server remembers lies in the test's own folder.
        start.Environment["XDG_STATE_HOME"] = Path.Combine(folder, ".state");
        foreach (var (name, value) in environment) start.Environment[name] = value;
        return Process.Start(start)!;
    }

    public static Ended Run(string program, string folder, params string[] arguments) => Run(program, folder, "", arguments);

    public static Ended Run(string program, string folder, string input, string[] arguments)
    {
        using var process = Start(program, folder, arguments);
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        return End(process, 300_000);
    }

    /// <summary>Waits for the end; a hung program is killed and the test fails.</summary>
    public static Ended End(Process process, int milliseconds)
    {
        var error = "";
        var reader = new Thread(() => error = process.StandardError.ReadToEnd());
        reader.Start();
        using var watchdog = new Timer(_ => process.Kill(), null, milliseconds, Timeout.Infinite);
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        reader.Join();
        return new(process.ExitCode, output, error);
    }

    public static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    [LibraryImport("libc")]
    public static partial int kill(int process, int signal);
}

/// <summary>A server in a folder of its own, without a sound card; killed by its number when the test has not ended it.</summary>
sealed class RunningServer : IDisposable
{
    readonly Process process;

    public RunningServer(string folder, params string[] more) : this(folder, [Programs.Server], more) { }

    /// <summary>The same started by another program, which becomes it: the server's own path ends its words.</summary>
    public RunningServer(string folder, IReadOnlyList<string> words, params string[] more)
    {
        Port = Programs.FreePort();
        var clock = Stopwatch.StartNew();
        process = Programs.Start(words[0], folder, [.. words.Skip(1), "--osc-port", $"{Port}", "--audio", "none", .. more]);
        while (process.StandardOutput.ReadLine() is { } line)
        {
            Lines.Add(line);
            if (!line.StartsWith("OscLooper ready:", StringComparison.Ordinal)) continue;
            ReadyLine = line;
            TestContext.Out.WriteLine($"ready after {clock.ElapsedMilliseconds} ms");
            return;
        }
        Assert.Fail($"the server did not start: {process.StandardError.ReadToEnd()}");
    }

    public int Port { get; }
    public string ReadyLine { get; } = "";

    /// <summary>What it said until it was ready.</summary>
    public List<string> Lines { get; } = [];

    /// <summary>Waits until it says this on its error output while it runs; what it said before is skipped.</summary>
    public string ErrorThatHolds(string text, TimeSpan patience)
    {
        var found = "";
        var reader = new Thread(() =>
        {
            while (found.Length == 0 && process.StandardError.ReadLine() is { } line)
                if (line.Contains(text, StringComparison.Ordinal)) found = line;
        });
        reader.Start();
        if (!reader.Join(patience)) Assert.Fail($"it did not say \"{text}\" within {patience.TotalSeconds} s");
        return found;
    }

    public Ended Stop(int signal)
    {
        var clock = Stopwatch.StartNew();
        Programs.kill(process.Id, signal);
        var ended = Programs.End(process, 120_000);
        TestContext.Out.WriteLine($"ended after {clock.ElapsedMilliseconds} ms");
        return ended;
    }

    /// <summary>
    /// The same where all is to be kept. Where others take so much of this machine that the last save needs longer than an end may take, the test is
    /// skipped with what was said.
    /// </summary>
    public Ended StopWell(int signal)
    {
        const int Busy = 30;
        using var machine = new BusyMachine();
        var ended = Stop(signal);
        if (ended.ExitCode == 1 && ended.Output.Contains("it took more than") && machine.LatestMilliseconds > Busy)
            Assert.Ignore($"this machine is busy, threads woke up to {machine.LatestMilliseconds} ms late: {ended.Output.Trim()}; missed: that the end keeps all");
        return ended;
    }

    public int ProcessId => process.Id;

    /// <summary>As if the power of this one process had gone.</summary>
    public void Kill()
    {
        process.Kill();
        process.WaitForExit();
    }

    public Ended WaitForEnd() => Programs.End(process, 120_000);

    public Ended Ctl(params string[] arguments) => Programs.Run(Programs.Ctl, Path.GetTempPath(), ["--port", $"{Port}", "--timeout", "60000", .. arguments]);

    public void Dispose()
    {
        if (!process.HasExited) process.Kill();
        process.Dispose();
    }
}

/// <summary>A folder that goes when the test is over.</summary>
sealed class Folder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("osclooper-test-").FullName;

    public string Of(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
