using System.CommandLine;
using OscLooper.Osc;
using OscLooper.Server.Realm;

namespace OscLooper.Server.Commands;

using Command = System.CommandLine.Command;

/// <summary>[main] <c>osclooper MODULE VERB ARG...</c>: a server with that module alone and no sound card says one message to itself and ends.</summary>
static class ModuleCall
{
    /// <summary>[main] True when the line begins with a word that is no command.</summary>
    public static bool IsOne(string[] args, Command root) =>
        args is [var first, ..] && first.Length > 0 && first[0] is not ('-' or '/' or '@' or '[') && !root.Subcommands.Any(c => c.Name == first);

    public static int Run(string[] args)
    {
        var module = args[0];
        if (args.Length < 2) return CommandLine.Complain($"{module} is no command; of a module, say what it shall do: osclooper MODULE VERB ARG... (osclooper --help)", CommandLine.WrongArguments);
        if (!ModuleLibrary.List(_ => { }).Any(m => m.Name == module)) return CommandLine.Complain($"there is neither a command nor a module {module} (osclooper modules lists them)", CommandLine.WrongArguments);
        if (!OscText.TryParse($"/{module}/{args[1]}", out var message, out var error)) return CommandLine.Complain(error, CommandLine.WrongArguments);
        message = new OscMessage(message.Address, [.. args.Skip(2).Select(ToValue)]);

        using var server = new Server(new ServerOptions { OscPort = 0, Audio = "none", Offline = true, AnyPath = true, Modules = [module] });
        server.Logged = (level, line) => { if (level >= LogLevel.Warning) Console.Error.WriteLine($"osclooper: {line}"); };
        var client = server.Connect("command line");
        var failed = false;
        client.Heard = reply =>
        {
            var isFail = reply.Message.Address == "/fail";
            failed |= isFail;
            (isFail ? Console.Error : Console.Out).WriteLine(reply.Message.ToString());
        };
        Progress.Of(message.Address, bar =>
        {
            server.Progressed = (_, fraction) => bar?.Report(fraction);
            client.Send(message);
            server.Settle();
            return 0;
        });
        return failed ? CommandLine.Failed : CommandLine.Well;
    }

    // The shell has taken quotation marks away: a word that is no number is a text, spaces and all.
    static OscValue ToValue(string word) => OscText.TryParse("/a " + word, out var one, out _) && one.Arguments is [var value] ? value : word;
}
