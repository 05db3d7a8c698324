using System.Collections.Concurrent;
using System.Diagnostics;
using OscLooper.Client;
using OscLooper.Osc;

namespace OscLooper.SystemTests;

/// <summary>What a client hears of code that does not come back, and when.</summary>
sealed class Told : IDisposable
{
    readonly OscLooperClient client;
    readonly ConcurrentDictionary<string, string> values = new();
    readonly Stopwatch clock = new();

    public Told(RunningServer server)
    {
        client = OscLooperClient.Connect(port: server.Port, transport: OscTransport.Tcp);
        // A busy machine answers late.
        client.Patience = TimeSpan.FromSeconds(60);
        client.Heard = message => { if (message.Address is "/done" or "/fail") values[$"{message.Address} {message.Arguments[0].Text}"] = string.Join(' ', message.Arguments.Skip(1)); };
        client.Subscribe("/realm//*", message => values[message.Address] = string.Join(' ', message.Arguments.Select(a => a.Tag == 's' ? a.Text : a.ToString())));
    }

    /// <summary>Says what leads into the endless code; from here on time is measured.</summary>
    public void Begin(string address, params OscValue[] arguments)
    {
        clock.Restart();
        client.Send(address, arguments);
    }

    public string this[string address] => values.GetValueOrDefault(address, "");

    public double Until(Func<bool> isSo, string what, double seconds = 60)
    {
        for (var patience = Stopwatch.StartNew(); !isSo(); Thread.Sleep(2))
            if (patience.Elapsed.TotalSeconds > seconds) Assert.Fail($"not within {seconds} s: {what}; {string.Join("; ", values.Where(v => !v.Key.EndsWith("fault", StringComparison.Ordinal)).Select(v => $"{v.Key} {v.Value}"))}");
        return clock.Elapsed.TotalSeconds;
    }

    /// <summary>Until it is noticed and named everywhere. The figure is printed and nothing is asked of it: other programs take their time from this machine.</summary>
    public void Until(string imp, string says)
    {
        var reason = Until(() => this[$"/realm/imp/{imp}/reason"].Contains(says) || this[$"/realm/imp/{imp}/fault"].Contains(says), $"{imp} says \"{says}\"");
        var health = Until(() => this["/realm/health"].Contains("degraded") && this["/realm/health"].Contains(imp) || this[$"/realm/imp/{imp}/fault"].Contains(says), $"health names {imp}");
        TestContext.Out.WriteLine($"{imp}: \"{says}\" after {reason:0.00} s, in the health after {health:0.00} s");
    }

    public void Dispose() => client.Dispose();
}

/// <summary>Endless code everywhere a module is called, in our process and in one of its own: noticed, named, and healed when it was only slow.</summary>
public class EndlessTests
{
    // On a busy machine the budget of a call may be over before it is seen to be endless: then that is said.
    // Each imp does its own kind of endless code: what brings it there, what leads into it, what is said.
    static readonly (string Imp, string Module, string Before, string Begin, string[] Words, string Says)[] ways =
    [
        ("in_worker", "endless", "", "/in_worker/worker", [], "/in_worker/worker on a worker has not come back"),
        ("in_job", "endless", "", "/in_job/job", [], "/in_job/job has not come back"),
        ("in_signal", "endless", "/in_signal/watch", "/in_signal/signal", ["x"], "its Watch of /in_signal/signal has not come back"),
        ("in_work", "endless", "/in_work/work", "", [], "Work has not come back"),
        ("in_load", "endless_load", "", "/realm/imp/in_load/respawn", [], "Load "),
        ("in_save", "endless", "/in_save/save", "/vault/save", [], "Save "),
    ];

    static string Realm(string home, bool withConstructor)
    {
        string Entry(string imp, string module) => $"\"{imp}\": {{ \"module\": \"{module}\", \"isolation\": \"{home}\" }}";
        string[] entries = ["\"looper\": {}", .. ways.Select(w => Entry(w.Imp, w.Module)), .. withConstructor ? [Entry("in_constructor", "endless_constructor")] : Array.Empty<string>()];
        return $"{{ \"imps\": {{ {string.Join(", ", entries)} }} }}";
    }

    [TestCase("none")]
    [TestCase("process")]
    public void Wherever_code_is_endless_it_is_noticed_and_named_and_the_others_go_on(string home)
    {
        using var folder = new Folder();
        File.WriteAllText(folder.Of("realm.json"), Realm(home, false));
        using var server = HangTests.Start(folder, "--realm", folder.Of("realm.json"));
        using var told = new Told(server);
        foreach (var (imp, _, before, begin, words, says) in ways)
        {
            told.Until(() => told[$"/realm/imp/{imp}/state"] == "active", $"{imp} plays");
            if (before.Length > 0) told.Begin(before);
            if (begin.Length > 0) told.Begin(begin, [.. words.Select(w => (OscValue)w)]);
            told.Until(imp, says);
        }
        File.WriteAllText(folder.Of("realm.json"), Realm(home, true));
        told.Until("in_constructor", "its constructor ");
        if (home == "none") Assert.That(int.Parse(told["/realm/hung"], System.Globalization.CultureInfo.InvariantCulture), Is.GreaterThanOrEqualTo(ways.Length));
        else
            foreach (var (imp, _, _, _, _, _) in ways)
                TestContext.Out.WriteLine($"{imp} is made anew after {told.Until(() => told[$"/realm/imp/{imp}/state"] == "active" && told[$"/realm/imp/{imp}/reason"].Length == 0, $"{imp} is made anew", 120):0.0} s");
        Assert.That(told["/realm/imp/looper/state"], Is.EqualTo("active"));

        var ended = server.Stop(15);
        if (home == "process") return;
        Assert.That(ended.ExitCode, Is.EqualTo(1), ended.Error);
        foreach (var (imp, _, _, _, _, _) in ways) Assert.That(ended.Error, Does.Contain($"left behind at the end: {imp}: "));
    }

    [TestCase("none")]
    [TestCase("process")]
    public void What_is_only_slow_is_named_and_then_all_is_well(string home)
    {
        using var folder = new Folder();
        File.WriteAllText(folder.Of("realm.json"), $$"""{ "imps": { "looper": {}, "endless": { "isolation": "{{home}}" } } }""");
        using var server = HangTests.Start(folder, "--realm", folder.Of("realm.json"));
        using var told = new Told(server);
        told.Until(() => told["/realm/imp/endless/state"] == "active", "it plays");
        foreach (var way in (string[])["slow", "slow_worker"])
        {
            // By the time of its own thread: it is slow, however busy the machine is.
            told.Begin($"/endless/{way}", 1.5f);
            told.Until("endless", $"/endless/{way}");
            told.Until(() => told["/realm/imp/endless/reason"] == "" && told["/realm/hung"] == "0" && told["/realm/health"] == "ok", "it is well again");
            Assert.That(told["/realm/imp/endless/state"], Is.EqualTo("active"));
        }
        if (home == "none")
        {
            // So slow that it was done without: it is made anew, with what it had.
            told.Begin("/endless/word", "kept");
            told.Begin("/endless/slow", 4f);
            told.Until(() => told["/realm/imp/endless/state"] == "quarantined", "it is done without");
            told.Until(() => told["/realm/imp/endless/state"] == "active" && told["/realm/health"] == "ok", "it is made anew");
            Assert.That(HangTests.Says(server, "/endless/word"), Does.Contain("kept"));
        }
        Assert.That(server.StopWell(15).ExitCode, Is.Zero, "nothing is left");
    }
}
