using System.CommandLine;
using System.Diagnostics;

namespace OscLooper.Server.Commands;

using Command = System.CommandLine.Command;

/// <summary>[main] <c>osclooper demo</c>: starts the demo, a client program beside this one, which in turn plays this server.</summary>
static class DemoCommand
{
    public static Command Make()
    {
        var demo = new Command("demo", "Hear and see it in 20 seconds: leaves demo.wav and demo.png.");
        demo.SetAction(_ => Run());
        return demo;
    }

    static int Run()
    {
        var program = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "OscLooper.Demo", new DirectoryInfo(AppContext.BaseDirectory).Name,
            OperatingSystem.IsWindows() ? "OscLooper.Demo.exe" : "OscLooper.Demo"));
        if (!File.Exists(program)) return CommandLine.Complain($"the demo is not built ({program} is missing): ./osclooper builds it", CommandLine.Failed);
        using var demo = Process.Start(new ProcessStartInfo(program) { ArgumentList = { Environment.ProcessPath! } })!;
        // Ctrl-C reaches the demo as well; it ends by itself and cleans up.
        Console.CancelKeyPress += (_, pressed) => pressed.Cancel = true;
        demo.WaitForExit();
        return demo.ExitCode;
    }
}
