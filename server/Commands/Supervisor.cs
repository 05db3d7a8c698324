using System.Diagnostics;
using System.Runtime.InteropServices;

namespace OscLooper.Server.Commands;

/// <summary>[main] <c>--supervise</c>: runs the server as a child and starts it again when it dies; what it had is in its vault.</summary>
[NativeCalls("libc", NativeCallers.Any)]
static partial class Supervisor
{
    const int SigTerm = 15, ParentDeathSignal = 1;   // PR_SET_PDEATHSIG of prctl(2)
    const double WellAfterSeconds = 60, LongestPauseSeconds = 30;
    const string Word = "--supervise", Variable = "OSCLOOPER_SUPERVISED", LeftOutVariable = "OSCLOOPER_LEFT_OUT";
    static string leftOutFile = "";

    /// <summary>[main] Exit code of a child that ended as it was told, and could not keep everything: it is not started again.</summary>
    public const int EndedWithLoss = 4;

    /// <summary>[main] Somebody watches this process.</summary>
    public static bool IsSupervised { get; private set; }

    /// <summary>[main] In the child: ends with the one who watches it, so that nobody is left behind.</summary>
    public static void EndWithParent()
    {
        if (Environment.GetEnvironmentVariable(Variable) is null) return;
        IsSupervised = true;
        if (!OperatingSystem.IsLinux()) return;
        Environment.SetEnvironmentVariable(Variable, null);
        leftOutFile = Environment.GetEnvironmentVariable(LeftOutVariable) ?? "";
        Environment.SetEnvironmentVariable(LeftOutVariable, null);
        prctl(ParentDeathSignal, SigTerm, 0, 0, 0);
    }

    /// <summary>[main] In the child: imps that kept one before it from going on, and why.</summary>
    public static IReadOnlyDictionary<string, string> LeftOut
    {
        get
        {
            var all = new Dictionary<string, string>();
            if (leftOutFile.Length > 0 && File.Exists(leftOutFile))
                foreach (var line in File.ReadLines(leftOutFile))
                    if (line.Split('\t', 2) is [var name, var why]) all[name] = why;
            return all;
        }
    }

    /// <summary>[main] In the child: told which imp the next one is to leave out; null when nobody starts it again.</summary>
    public static Action<string, string>? LeaveOut => leftOutFile.Length == 0 ? null : (name, why) => File.AppendAllText(leftOutFile, $"{name}\t{why.ReplaceLineEndings(" ")}\n");

    /// <summary>[main] Watches until the server ends well or is told to end; the answer is the exit code.</summary>
    public static int Run()
    {
        using var end = new EndSignal();
        var pause = 0.2;
        var leftOut = Path.GetTempFileName();
        try
        {
            return Watch(end, pause, leftOut);
        }
        finally
        {
            File.Delete(leftOut);
        }
    }

    static int Watch(EndSignal end, double pause, string leftOut)
    {
        while (true)
        {
            var clock = Stopwatch.StartNew();
            var command = Command(Environment.GetCommandLineArgs()[1..].Where(a => a != Word));
            command.Environment[LeftOutVariable] = leftOut;
            using var server = Process.Start(command)!;
            Console.WriteLine($"OscLooper supervised: process {server.Id}");
            using var told = end.Token.Register(() => EndChild(server));
            server.WaitForExit();

            if (server.ExitCode == EndedWithLoss) return CommandLine.Failed;
            var hadStarted = clock.Elapsed.TotalSeconds > 2;
            if (end.Token.IsCancellationRequested || server.ExitCode == CommandLine.Well) return server.ExitCode;
            if (server.ExitCode is CommandLine.WrongArguments or CommandLine.NotAvailable && !hadStarted) return server.ExitCode;

            if (clock.Elapsed.TotalSeconds > WellAfterSeconds) pause = 0.2;
            Console.Error.WriteLine($"osclooper: the server died ({Describe(server.ExitCode)}) after {clock.Elapsed.TotalSeconds:0.0} s, it is started again");
            if (end.Token.WaitHandle.WaitOne(TimeSpan.FromSeconds(pause))) return CommandLine.Well;
            pause = Math.Min(pause * 2, LongestPauseSeconds);
        }
    }

    /// <summary>[any] This program once more: by its own name, or by dotnet and the name of its DLL.</summary>
    public static ProcessStartInfo Command(IEnumerable<string> arguments)
    {
        var library = typeof(Supervisor).Assembly.Location;
        var own = Path.ChangeExtension(library, OperatingSystem.IsWindows() ? ".exe" : null);
        var program = library.Length == 0 ? Environment.ProcessPath! : File.Exists(own) ? own : "dotnet";
        var start = new ProcessStartInfo(program, program == "dotnet" ? [library, .. arguments] : arguments) { UseShellExecute = false };
        start.Environment[Variable] = "1";
        return start;
    }

    static void EndChild(Process server)
    {
        try
        {
            if (OperatingSystem.IsWindows()) server.Kill();
            else kill(server.Id, SigTerm);
        }
        catch (InvalidOperationException)
        {
            // It has ended already.
        }
    }

    static string Describe(int code) => code > 128 ? $"signal {code - 128}" : $"exit code {code}";

    [LibraryImport("libc")] private static partial int kill(int process, int signal);
    [LibraryImport("libc")] private static partial int prctl(int option, nuint a, nuint b, nuint c, nuint d);
}
