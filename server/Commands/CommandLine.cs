using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using OscLooper.Server.Realm.Isolation;

namespace OscLooper.Server.Commands;

using Command = System.CommandLine.Command;

/// <summary>[main] The command line of addresses.md section 9: which word does what, with a help that teaches.</summary>
static class CommandLine
{
    public const int Well = 0, Failed = 1, WrongArguments = 2, NotAvailable = 3;

    /// <summary>[main] Reads the arguments and does what they say; the answer is the exit code.</summary>
    public static int Run(string[] args, Func<ServerOptions, int> serve)
    {
        var root = new Command("osclooper", "A looper and synth server you play over OSC. Without a command it serves.");
        var serveOptions = new ServeCommand();
        var serving = new Command("serve", "Runs the server (what happens without a command, too).");
        foreach (var command in (Command[])[root, serving])
        {
            serveOptions.AddTo(command);
            command.SetAction(result => serveOptions.Run(result, serve));
        }
        root.Subcommands.Add(serving);
        root.Subcommands.Add(RenderCommand.Make());
        foreach (var command in ShowCommands.Make()) root.Subcommands.Add(command);
        root.Subcommands.Add(NewModuleCommand.Make());
        root.Subcommands.Add(CheckCommand.Make());
        root.Subcommands.Add(DemoCommand.Make());
        root.Options.Add(new VersionOption());
        root.Options.Add(new HelpOption { Action = new TeachingHelp() });

        // What many type first.
        if (args is ["help", ..]) args = [.. args[1..], "--help"];
        if (args is [ModuleHost.Word, ..]) return ModuleHost.Run(args);
        if (ModuleCall.IsOne(args, root)) return ModuleCall.Run(args);
        var parsed = root.Parse(args);
        if (parsed.Errors.Count == 0) return parsed.Invoke();
        foreach (var error in parsed.Errors) Console.Error.WriteLine($"osclooper: {Plain(error.Message)}");
        var about = parsed.CommandResult.Command == root ? "" : parsed.CommandResult.Command.Name + " ";
        Console.Error.WriteLine($"osclooper {about}--help shows what there is");
        return WrongArguments;
    }

    // The parser speaks of its types; a player knows options and numbers.
    static string Plain(string message) =>
        message.Split('\'') is ["Cannot parse argument ", var word, " for option ", var option, " as expected type ", var type, ..]
            ? $"{option} takes {(type is "System.Int32" ? "a whole number" : "a number")}, not {word}"
            : message.ReplaceLineEndings(" ").TrimEnd();

    /// <summary>[main] One line on standard error, and the exit code to return.</summary>
    public static int Complain(string what, int exitCode)
    {
        Console.Error.WriteLine($"osclooper: {what}");
        return exitCode;
    }

    sealed class TeachingHelp : SynchronousCommandLineAction
    {
        readonly HelpAction plain = new();

        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult result)
        {
            var exitCode = plain.Invoke(result);
            if (Examples.Of(result.CommandResult.Command.Name) is { } examples) Console.WriteLine(examples);
            return exitCode;
        }
    }
}
