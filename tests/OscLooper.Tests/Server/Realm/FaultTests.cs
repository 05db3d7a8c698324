using OscLooper.Server.Realm;

namespace OscLooper.Tests.Server.Realm;

/// <summary>Nine ways to go wrong, as real DLLs, beside three healthy imps that must not notice.</summary>
public class FaultTests
{
    [TestCase("f1", ImpState.Faulted, "F1 cannot be made")]
    [TestCase("f2", ImpState.Faulted, "F2 does not unfreeze")]
    [TestCase("f3", ImpState.Frozen, "F3 does not freeze")]
    [TestCase("f4", ImpState.Active, "")]
    [TestCase("f5", ImpState.Faulted, "Unfreeze needs more than 2 s")]
    [TestCase("f6", ImpState.Active, "")]
    [TestCase("f7", ImpState.Active, "")]
    [TestCase("f8", ImpState.Active, "")]
    [TestCase("f9", ImpState.Active, "")]
    public void Whatever_one_module_does_the_others_go_on(string fault, ImpState becomes, string reason)
    {
        using var stage = new RealmStage(null, "tone");
        stage.Server.Realm.PeriodSeconds = 0.1;
        foreach (var name in new[] { "tone_2", "tone_3" }) stage.Well("/realm/load", "tone", name);
        string[] healthy = ["tone", "tone_2", "tone_3"];
        stage.Wait(0.05);
        stage.TakeLargestStep();
        var (lateTicks, last) = (new List<double>(), double.NaN);
        stage.Server.Realm.Ticked = now =>
        {
            if (!double.IsNaN(last)) lateTicks.Add(now - last);
            last = now;
        };
        var overruns = stage.Server.Engine.Status.Overruns;

        stage.Ask("/realm/load", fault);
        if (fault == "f3") stage.Ask("/realm/imp/f3/freeze");
        stage.Until(() => stage.State(fault) == becomes && stage.Imp(fault).Reason.Contains(reason), $"it is {becomes}");
        Provoke(stage, fault);

        var before = healthy.Select(h => (stage.Number($"/{h}/blocks"), stage.Number($"/{h}/work"))).ToArray();
        stage.Until(() => healthy.Select((h, i) => stage.Number($"/{h}/blocks") > before[i].Item1 + 20 && stage.Number($"/{h}/work") > before[i].Item2).All(x => x), "the healthy ones go on");
        foreach (var name in healthy) Assert.That(stage.State(name), Is.EqualTo(ImpState.Active));

        IReadOnlyList<ImpData>? saved = null;
        stage.Server.Realm.Gather(Path.Combine(stage.Folder, "save"), all => saved = all);
        stage.Until(() => saved is not null, "all are saved");
        foreach (var name in healthy) Assert.That(saved!.Single(d => d.Imp == name).IsFresh && File.Exists(Path.Combine(stage.Folder, "save", name, "count.txt")), Is.True);
        if (fault == "f4") Assert.That(saved!.Single(d => d.Imp == "f4") is { IsFresh: false, Folder: { } good } && File.ReadAllText(Path.Combine(good, "good.txt")) == "the last good data", Is.True);
        if (fault == "f6") Assert.That(new FileInfo(Path.Combine(stage.Folder, "save", "f6", "much.bin")).Length, Is.EqualTo(100 << 20));

        stage.Until(() => lateTicks.Count >= 4, "it ticks on");
        var step = stage.TakeLargestStep();
        Assert.That(step, Is.LessThanOrEqualTo(3 * 2 * Math.PI * 660 / 48000 * 0.1 * 1.02), "three tones and nothing else");
        var p99 = lateTicks.Order().ElementAt((int)(lateTicks.Count * 0.99));
        TestContext.Out.WriteLine($"{fault}: {stage.State(fault)} \"{stage.Imp(fault).Reason}\"; tick p99 {p99:0.000} s of 0.1; overruns {stage.Server.Engine.Status.Overruns - overruns}; largest step {step:0.0000}");
        Assert.That(p99, Is.LessThan(1.5), "whoever waits for a module that hangs waits 2 s");
        Assert.That(stage.Server.Realm.Find(fault)!.State.ToString().ToLowerInvariant(), Is.EqualTo(stage.Server.Space.TryFind($"/realm/imp/{fault}/state", out var state) ? state.Declaration.Specs[0].Choices[(int)state.Value.A] : ""), "as it is shown");
    }

    [Test]
    public void A_module_whose_library_is_missing_fails_alone()
    {
        Assert.That(Directory.GetFiles(RealmStage.TestModules, "OscLooper.Absent.dll"), Is.Empty);
        using var stage = new RealmStage(null, "tone");
        stage.Ask("/realm/load", "needy");
        stage.Until(() => stage.State("needy") == ImpState.Faulted && stage.Imp("needy").Reason.Contains("OscLooper.Absent"), "it says what is missing");
        var blocks = stage.Number("/tone/blocks");
        stage.Until(() => stage.Number("/tone/blocks") > blocks + 20, "the tone goes on");
        Assert.That(stage.State("tone"), Is.EqualTo(ImpState.Active));
    }

    static void Provoke(RealmStage stage, string fault)
    {
        switch (fault)
        {
            case "f4":
                IReadOnlyList<ImpData>? first = null;
                stage.Server.Realm.Gather(Path.Combine(stage.Folder, "first"), all => first = all);
                stage.Until(() => first is not null, "the first save");
                Assert.That(first!.Single(d => d.Imp == "f4").IsFresh, Is.True);
                Assert.That(stage.Ask("/realm/imp/f4/respawn").ToString(), Does.StartWith("/fail").And.Contains("F4 does not save"));
                Assert.That(stage.State("f4"), Is.EqualTo(ImpState.Active), "the old one stays");
                break;
            case "f5":
                Assert.That(stage.Server.Realm.Hangs.Count, Is.GreaterThan(0));
                break;
            case "f7":
                Assert.That(stage.Ask("/realm/imp/f7/respawn").ToString(), Does.StartWith("/fail").And.Contains("F7 does not take it"));
                break;
            case "f8":
                stage.Well("/realm/unload", "f8");
                stage.Until(() => stage.Server.Realm.Leaks.Leaked.Count > 0, "the leak is named", 60);
                Assert.That(stage.Server.Realm.Leaks.Leaked.Single().Holder, Does.Contain("Console").And.Contains("F8.Heard"));
                Assert.That(stage.Server.Realm.Health, Does.StartWith("degraded"));
                stage.Well("/realm/load", "f8");
                break;
            case "f9":
                stage.Until(() => stage.Lines.Exists(l => l.Contains("were dropped")), "the flood is told");
                break;
        }
    }

    [Test]
    public void A_successor_that_does_not_take_the_data_leaves_the_old_one_playing()
    {
        using var stage = new RealmStage(null, "f7", "tone");
        var blocks = stage.Number("/f7/blocks");
        Assert.That(stage.Ask("/realm/imp/f7/respawn").ToString(), Does.Contain("F7 does not take it"));
        Assert.That(stage.State("f7"), Is.EqualTo(ImpState.Active));
        stage.Until(() => stage.Number("/f7/blocks") > blocks, "it plays on");
    }

    [TestCase("handle")]
    [TestCase("process")]
    public void A_module_that_throws_while_it_plays_fades_and_comes_back_with_what_it_knew(string way)
    {
        using var stage = new RealmStage(null, "trip");
        stage.Wait(0.05);
        stage.Server.Restore(LeafOf(stage, "/trip/word"), ["kept"], stage.Imp("trip").Now!);
        stage.TakeLargestStep();
        stage.Server.Realm.PeriodSeconds = 0.1;
        stage.Server.Engine.Inbox.TryWrite(new Event(-1, LeafOf(stage, $"/trip/{way}").Target, EventKind.Fire, 0, 0));
        stage.Until(() => stage.State("trip") == ImpState.Faulted, "it is faulted");
        Assert.That(stage.Imp("trip").Reason, Does.Contain("tripped in"));
        Assert.That(stage.Ask("/trip/handle").ToString(), Does.StartWith("/fail").And.Contains("faulted"));
        stage.Until(() => stage.State("trip") == ImpState.Active, "it is back", 20);
        stage.Wait(0.05);
        Assert.That(stage.TakeLargestStep(), Is.LessThan(0.25 * Math.PI / 2 / 240 * 1.05), "no step larger than the fade's");
        Assert.That(stage.Text("/trip/word"), Is.EqualTo("kept"));
    }

    static OscLooper.Server.Addressing.Leaf LeafOf(RealmStage stage, string address) => stage.Server.Space.TryFind(address, out var leaf) ? leaf : throw new AssertionException(address);
}
