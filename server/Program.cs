using OscLooper.Dsp;
using OscLooper.Server.Audio;
using OscLooper.Server.Commands;
using OscLooper.Server.Midi;
using OscLooper.Server.Network;
using OscLooper.Server.Realtime;

namespace OscLooper.Server;

/// <summary>[main] The program osclooper.</summary>
public static class Program
{
    /// <summary>[main] Reads the command line and does what it says.</summary>
    public static int Main(string[] args)
    {
        var code = CommandLine.Run(args, Serve);
        // All is saved. A thread that a module forgot must not keep the program.
#pragma warning disable RS0030
        Environment.Exit(code);
#pragma warning restore RS0030
        return code;
    }

    /// <summary>[main] The life of a server: choose the sound, wake the modules, open the ports, play, wait, end in reverse.</summary>
    static int Serve(ServerOptions options)
    {
        Supervisor.EndWithParent();
        options = options with { LeftOut = Supervisor.LeftOut };
        using var end = new EndSignal();
        Compiling.BeginWithOwn();
        // All is collected beside those who play and ask, also when much is made at once; what that leaves is GarbageKeeper's affair.
        System.Runtime.GCSettings.LatencyMode = System.Runtime.GCLatencyMode.SustainedLowLatency;
        var last = new LastLine(options);
        try
        {
            using var audio = AudioChoice.Open(options, out var choice, line => Say(options, line));
            Say(options, choice);

            // The device decides at which rate everything lives.
            options = options with { Rate = audio.Rate, Block = audio.Block };
            using var input = options.InputFiles.Count > 0 ? new InputFiles(options.InputFiles, options.Rate) : null;
            using var server = new Server(options) { Logged = Warn, LeaveOut = Supervisor.LeaveOut };
            server.LastResort = left => LastResort(options, last, left, server.WantsSuccessor || !Supervisor.IsSupervised ? CommandLine.Failed : Supervisor.EndedWithLoss);
            last.Of(server);
            server.Engine.Feed = input;
            server.Listen();
            foreach (var (level, line) in server.Vault.Findings)
                if (level >= LogLevel.Warning) Warn(line);
                else Say(options, line);
            using var fifo = Fifo.Open(server, options.Fifo, Warn);
            using var playing = new Playing(audio, server.Engine);
            using var midi = MidiChoice.Open(server.Engine, audio.Backend, out var midiChoice);
            Say(options, midiChoice);

            Say(options, $"OscLooper ready: OSC {Where(server, options)}, audio {audio.Backend} {audio.Rate}/{audio.Block}, {Count(server.Realm.Imps.Count(i => i.Module is not null))}{(server.Vault.Standing.Length > 0 ? ", " + server.Vault.Standing : "")}");
            server.Run(end.Token);
        }
        catch (Exception e) when (e is PortTakenException or AudioUnavailableException or Vault.VaultException) { return CommandLine.Complain(e.Message, CommandLine.NotAvailable); }
        catch (Exception e) when (e is IOException or SoundFileException) { return CommandLine.Complain(e.Message, CommandLine.Failed); }
        Say(options, last.Text);
        return last.ExitCode;
    }

    // What does not come back cannot be waited for, nor its memory be given back: the program ends as it stands, and says what is left.
    static void LastResort(ServerOptions options, LastLine last, IReadOnlyList<string> left, int code)
    {
        foreach (var line in left) Warn($"left behind at the end: {line}");
        Say(options, last.Text);
        EndSignal.EndNow(code);
    }

    static string Count(int modules) => modules == 1 ? "1 module" : $"{modules} modules";

    static string Where(Server server, ServerOptions options) => server.Port == 0 ? "off" : $"{HostPort.Bracketed(options.Bind)}:{server.Port} (UDP, TCP)";

    static void Say(ServerOptions options, string line)
    {
        if (!options.Quiet) Console.WriteLine(line);
    }

    static void Warn(LogLevel level, string line)
    {
        if (level >= LogLevel.Warning) Warn(line);
    }

    static void Warn(string line) => Console.Error.WriteLine($"osclooper: {line}");
}
