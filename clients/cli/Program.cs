using System.Runtime.InteropServices;
using OscLooper.Client;
using OscLooper.Osc;

namespace OscLooper.Cli;

/// <summary>The program osclooper-ctl: one line from a shell.</summary>
static class Program
{
    static readonly CancellationTokenSource End = new();
    static readonly List<PosixSignalRegistration> Kept = [];

    static int Main(string[] args)
    {
        if (Arguments.Read(args, out var wrong) is not { } said) return Complain(wrong, 2);
        if (said.Mode == Mode.Help)
        {
            Console.WriteLine(Arguments.Help);
            return 0;
        }
        try
        {
            return Run(said);
        }
        catch (OscUnreachableException e) { return Complain(e.Message, 3); }
        catch (TimeoutException e) { return Complain(e.Message, 1); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { return Complain(e.Message, 1); }
    }

    static int Run(Arguments said)
    {
        // What is wrong with a line or a file is said before anything is sent.
        OscMessage? message = null;
        if (said.Mode == Mode.Say && (message = Talk.FromWords(said.Words, !said.IsFloat, out var error)) is null) return Complain(error, 2);
        if (said.Mode == Mode.Replay && !File.Exists(said.File)) return Complain($"there is no file {said.File}", 2);

        using var client = OscLooperClient.Connect(said.Host, said.Port, OscTransport.Tcp);
        client.Patience = TimeSpan.FromMilliseconds(said.Timeout);
        return said.Mode switch
        {
            Mode.Say => Talk.Say(client, message!),
            Mode.Lines => Talk.Lines(client, Console.In, !said.IsFloat),
            Mode.Watch => Listening.Watch(client, said.Pattern, Signals()),
            Mode.Record => Listening.Record(client, said.Pattern, said.File, Signals()),
            _ => Replay.Play(client, said.File, !said.IsFloat, Signals()),
        };
    }

    static CancellationToken Signals()
    {
        foreach (var signal in (PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM])
            Kept.Add(PosixSignalRegistration.Create(signal, context => { context.Cancel = true; End.Cancel(); }));
        return End.Token;
    }

    static int Complain(string what, int exitCode)
    {
        Console.Error.WriteLine($"osclooper-ctl: {what}");
        return exitCode;
    }
}
