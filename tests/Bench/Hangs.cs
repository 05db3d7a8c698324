using System.Diagnostics;
using OscLooper.Osc;

namespace OscLooper.Bench;

/// <summary>[main] From what leads into a module's endless code to what a subscriber is told of it over UDP: in our process, and in one of its own.</summary>
static class Hangs
{
    const double AskedSeconds = 1, PatienceSeconds = 60;

    // Only those kinds whose name contains this.
    static readonly string only = Environment.GetEnvironmentVariable("OSCLOOPER_BENCH_ONLY") ?? "";

    sealed record Way(string Name, string Module, string Before, string Begin, string Word = "");

    static readonly Way[] ways =
    [
        new("Handle", "endless", "", "/x/handle"),
        new("Process", "endless", "", "/x/process"),
        new("Save", "endless", "/x/save", "/vault/save"),
        new("Dispose", "endless_dispose", "", "/realm/unload", "x"),
        new("constructor", "endless_constructor", "", ""),
        new("Watch", "endless", "/x/watch", "/x/signal", "x"),
        new("Work", "endless", "", "/x/work"),
        new("job", "endless", "", "/x/job"),
        new("Load", "endless_load", "", "/realm/imp/x/respawn"),
        new("worker", "endless", "", "/x/worker"),
        new("Prepare", "endless_prepare", "", ""),
        new("Unfreeze", "endless_unfreeze", "", "/realm/imp/x/unfreeze"),
        new("Freeze", "endless_end", "", "/realm/imp/x/freeze"),
    ];

    public static void Run(string[] _)
    {
        var folder = Directory.CreateTempSubdirectory("osclooper-bench-").FullName;
        var program = ServerWithFaults(Path.Combine(folder, "bin"));
        foreach (var home in (string[])["none", "process"])
        {
            Console.WriteLine($"{(home == "none" ? "in our process" : "in a process of its own")}: seconds until /realm/hung, a reason or fault, and the health say so (asked: both of the last within {AskedSeconds:0})");
            foreach (var way in ways)
                if (way.Name.Contains(only, StringComparison.Ordinal)) Measure(folder, program, home, way);
        }
        Directory.Delete(folder, recursive: true);
    }

    // A copy of the server, with the faulty modules beside the others.
    static string ServerWithFaults(string bin)
    {
        static void Copy(string from, string to)
        {
            Directory.CreateDirectory(to);
            foreach (var file in Directory.GetFiles(from)) File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
            foreach (var inside in Directory.GetDirectories(from)) Copy(inside, Path.Combine(to, Path.GetFileName(inside)));
        }
        Copy(Path.GetDirectoryName(RunningServer.Program)!, bin);
        File.Copy(Path.Combine(RunningServer.Root, "artifacts/bin/OscLooper.Faults/release/OscLooper.Faults.dll"), Path.Combine(bin, "modules", "OscLooper.Faults.dll"));
        return Path.Combine(bin, Path.GetFileName(RunningServer.Program));
    }

    static void Measure(string folder, string program, string home, Way way)
    {
        var (realm, vault) = (Path.Combine(folder, $"{home} {way.Name}.json"), Path.Combine(folder, $"{home} {way.Name}"));
        var (without, with) = ("{ \"imps\": { \"looper\": {} } }", $"{{ \"imps\": {{ \"looper\": {{}}, \"x\": {{ \"module\": \"{way.Module}\", \"isolation\": \"{home}\", \"frozen\": {(way.Name == "Unfreeze" ? "true" : "false")} }} }} }}");
        File.WriteAllText(realm, way.Begin.Length == 0 ? without : with);
        using var server = new RunningServer(program, withJack: false, "--vault", vault, "--realm", realm);
        using var line = new Line(server.Port);
        var values = new Dictionary<string, string>();
        bool Until(Func<bool> isSo)
        {
            var clock = Stopwatch.StartNew();
            while (!isSo() && clock.Elapsed.TotalSeconds < PatienceSeconds)
                line.Wait(m => { Note(m); return isSo(); }, 1);
            return isSo();
        }
        void Note(OscMessage message)
        {
            if (message.Arguments.Length > 0) values[message.Address] = message.Arguments[0].Tag == 's' ? message.Arguments[0].Text : $"{message.Arguments[0].Number}";
        }
        string Value(string address) => values.GetValueOrDefault(address, "");
        line.Send("/server/subscribe", "/realm//*");
        if (way.Begin.Length > 0 && !Until(() => Value("/realm/imp/x/state") is "active" or "frozen")) Console.WriteLine($"  {way.Name}: it does not play, {Value("/realm/imp/x/reason")}");
        // What is remembered by itself after the start is over, and once more what was asked for meanwhile.
        for (var saves = 0; saves < 2; saves++)
        {
            line.Send("/vault/save");
            line.Wait(m => m.Address is "/done" or "/fail", 20);
            line.Wait(m => { Note(m); return false; }, 1.5);
        }
        if (way.Before.Length > 0) line.Ask(way.Before, "/done");
        line.Wait(m => { Note(m); return false; }, 0.3);
        values.Clear();

        if (way.Begin.Length > 0) line.Send(way.Begin, way.Word.Length > 0 ? [way.Word] : []);
        else
        {
            // The file is looked at now and then: time is measured from when the imp is there.
            File.WriteAllText(realm, with);
            Until(() => values.ContainsKey("/realm/imp/x/state"));
        }
        var begun = Stopwatch.StartNew();
        double hung = double.NaN, named = double.NaN, health = double.NaN;
        string says = "", saysHealth = "";
        Until(() =>
        {
            var now = begun.Elapsed.TotalSeconds;
            if (double.IsNaN(hung) && Value("/realm/hung") is not ("" or "0")) hung = now;
            var why = Value("/realm/imp/x/reason") is { Length: > 0 } reason ? reason : Value("/realm/imp/x/fault");
            if (double.IsNaN(named) && why.Length > 0) (named, says) = (now, why);
            if (double.IsNaN(health) && Value("/realm/health") is { } said && said.StartsWith("degraded", StringComparison.Ordinal) && said.Contains("x")) (health, saysHealth) = (now, said);
            return !double.IsNaN(health) && (!double.IsNaN(named) || way.Name == "Dispose");
        });
        line.Wait(m => { Note(m); return Value("/realm/hung") is not ("" or "0"); }, 0.1);
        if (double.IsNaN(hung) && Value("/realm/hung") is not ("" or "0")) hung = begun.Elapsed.TotalSeconds;
        var last = double.IsNaN(named) ? health : Math.Max(named, health);
        Console.WriteLine($"  {way.Name,-12} {hung,5:0.00} {named,5:0.00} {health,5:0.00}  {(last <= AskedSeconds ? "ok      " : "TOO LATE")}  {(says.Length > 0 ? says.Split('\n')[0] : saysHealth)}");
    }
}
