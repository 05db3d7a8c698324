using System.CommandLine;
using OscLooper.Osc;
using OscLooper.Server.Addressing;
using OscLooper.Server.Describe;
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
        if (ModuleLibrary.List(_ => { }).FirstOrDefault(m => m.Name == module) is not { } file)
            return CommandLine.Complain($"there is neither a command nor a module {module} (osclooper --help shows the commands, osclooper modules the modules)", CommandLine.WrongArguments);
        if (args.Length < 2) return CommandLine.Complain($"say what {module} shall do: osclooper {module} VERB ARG... (osclooper {module} --help shows the verbs)", CommandLine.WrongArguments);
        if (args[1] is "--help" or "-h" or "-?") return Help(file);
        if (!OscText.TryParse($"/{module}/{args[1]}", out var message, out var error)) return CommandLine.Complain(error, CommandLine.WrongArguments);
        message = new OscMessage(message.Address, [.. args.Skip(2).Select(ToValue)]);

        using var server = ServerWith(module);
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
            client.Send(TextNumbers.For(server.Space, message));
            server.Settle();
            return 0;
        });
        return failed ? CommandLine.Failed : CommandLine.Well;
    }

    static Server ServerWith(string module) => new(new ServerOptions { OscPort = 0, Audio = "none", Offline = true, AnyPath = true, Modules = [module], SessionsFolder = Vault.Vault.SessionsIn(Vault.Vault.DefaultFolder) })
    {
        Logged = (level, line) => { if (level >= LogLevel.Warning) Console.Error.WriteLine($"osclooper: {line}"); },
    };

    // Its jobs are what makes sense in a server that ends at once; the rest is in the book of addresses.
    static int Help(ModuleFile module)
    {
        using var server = ServerWith(module.Name);
        Console.WriteLine($"{module.Name}: {module.Summary}\n\nUsage:\n  osclooper {module.Name} VERB ARG...    sends /{module.Name}/VERB ARG... to a server with this module alone, shows what it answers and ends\n\nVerbs:");
        var start = $"/{module.Name}/";
        var jobs = AddressBook.Of(server).Where(e => e.Address.StartsWith(start, StringComparison.Ordinal) && e.Declaration.Kind == LeafKind.Job).ToList();
        if (jobs.Count == 0) Console.WriteLine("  none: what it understands is played while a server runs");
        foreach (var job in jobs) Console.WriteLine($"{$"  {job.Address[start.Length..]}  {AddressBook.Arguments(job.Declaration)}".TrimEnd()}\n      {job.Declaration.Summary}");
        Console.WriteLine("\nN is a number from 1; [ ] may be left out; s is a text, i a whole number, f and d are numbers. Everything else it understands: osclooper addresses");
        return CommandLine.Well;
    }

    // The shell has taken quotation marks away: a word that is no number is a text, spaces and all.
    static OscValue ToValue(string word) => OscText.TryParse("/a " + word, out var one, out _, doubles: true) && one.Arguments is [var value] ? value : word;
}
