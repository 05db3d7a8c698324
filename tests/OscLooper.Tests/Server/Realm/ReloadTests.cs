using System.Runtime.CompilerServices;
using OscLooper.Server.Realm;

namespace OscLooper.Tests.Server.Realm;

/// <summary>Real DLLs, replaced while they sound.</summary>
public class ReloadTests
{
    const double SteepestOfTheTone = 2 * Math.PI * 660 / 48000 * 0.1;

    static int Reloads => 200 * Soak.Times;

    [Test]
    public void Hundreds_of_reloads_under_sound_leave_no_context_no_click_and_no_gap_in_the_count()
    {
        using var stage = new RealmStage(null, "tone");
        Assert.That(stage.State("tone"), Is.EqualTo(ImpState.Active));
        stage.Until(() => stage.Number("/tone/blocks") > 3, "it plays");
        stage.TakeLargestStep();
        stage.Server.RestSeconds = 1;
        var (made, early, refused) = (0.0, 0L, 0);
        for (var i = 1; i <= Reloads; i++)
        {
            // A machine that is busy with other things may be slower than a call's budget: then the old one plays on, and nothing is lost.
            while (stage.Ask("/realm/imp/tone/respawn") is { Address: "/fail" } answer)
                Assert.That(answer.ToString(), Does.Contain("needs more than"), $"refused {++refused} times");
            Assert.That(refused, Is.LessThanOrEqualTo(Reloads / 10));
            Assert.That(stage.Number("/tone/made"), Is.GreaterThan(made), "the count only grows");
            made = stage.Number("/tone/made");
            if (i == Reloads / 4) early = GC.GetTotalMemory(true);
        }
        var step = stage.TakeLargestStep();
        Assert.That(made, refused == 0 ? Is.EqualTo(Reloads) : Is.InRange(Reloads, Reloads + 2 * refused));
        Assert.That(stage.Text("/tone/token"), Is.EqualTo($"after {made}"));
        stage.Until(() => AllGone(stage), "all old contexts are gone", 60);
        var heap = GC.GetTotalMemory(true);
        TestContext.Out.WriteLine($"{Reloads} reloads, {refused} more refused: largest step {step:0.00000} (the tone's own {SteepestOfTheTone:0.00000}), 0 contexts alive, heap {early / 1024} KB after a quarter, {heap / 1024} KB at the end");
        Assert.That(step, Is.LessThanOrEqualTo(SteepestOfTheTone * 1.02));
        Assert.That(stage.Server.Realm.Leaks.Leaked, Is.Empty);
        Assert.That(heap - early, Is.LessThan(1 << 20), "the heap is flat");
        Assert.That(stage.Number("/tone/blocks"), Is.GreaterThan(0));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static bool AllGone(RealmStage stage)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return stage.Server.Realm.Leaks.Pending == 0;
    }

    [Test]
    public void A_dll_copied_over_the_old_one_is_taken_and_half_a_dll_is_not()
    {
        using var stage = new RealmStage(null, "tone");
        var file = Path.Combine(stage.Modules, "OscLooper.Tone.dll");
        var bytes = File.ReadAllBytes(file);
        stage.Well("/realm/imp/tone/respawn");

        // Another build: what follows the end of a DLL's sections is not looked at, but it is another file.
        File.WriteAllBytes(file, [.. bytes, 1]);
        stage.Until(() => stage.Text("/tone/token") == "after 2", "the new build plays");
        Assert.That(stage.State("tone"), Is.EqualTo(ImpState.Active));

        var blocks = stage.Number("/tone/blocks");
        File.WriteAllBytes(file, bytes[..(bytes.Length / 2)]);
        stage.Until(() => stage.Lines.Exists(l => l.Contains("cannot be read") || l.Contains("the old one stays")), "the half is noticed");
        Assert.That(stage.State("tone"), Is.EqualTo(ImpState.Active));
        stage.Until(() => stage.Number("/tone/blocks") > blocks, "the old build plays on");

        File.WriteAllBytes(file, bytes);
        stage.Until(() => stage.Text("/tone/token") == "after 3", "the whole one is taken again");
    }

    [Test]
    public void A_module_that_comes_while_the_server_runs_wakes_an_imp_that_waits_for_it()
    {
        using var stage = new RealmStage(new() { RealmFile = "realm.json" });
        var (dll, away) = (Path.Combine(stage.Modules, "OscLooper.Tremolo.dll"), Path.Combine(stage.Folder, "away.dll"));
        stage.Until(() => stage.State("tone") == ImpState.Active || stage.Server.Realm.Imps.Count >= 0, "awake");
        File.Move(dll, away);
        stage.Until(() => stage.Server.Realm.Library.Find("tremolo") is null, "it is gone");
        File.WriteAllText(Path.Combine(stage.Folder, "realm.json"), """{ "mine": [1, 2], "imps": { "wobble": { "module": "tremolo", "note": "keep me" }, "tone": { "frozen": true } } }""");
        stage.Until(() => stage.State("wobble") == ImpState.Absent && stage.State("tone") == ImpState.Frozen, "as the file says");
        File.Copy(away, dll);
        stage.Until(() => stage.State("wobble") == ImpState.Active, "its module is there");

        stage.Well("/realm/load", "trip");
        var written = File.ReadAllText(Path.Combine(stage.Folder, "realm.json"));
        Assert.That(written, Does.Contain("\"trip\"").And.Contains("keep me").And.Contains("\"mine\""), "what a client loads is wanted, what a person wrote is kept");

        File.WriteAllText(Path.Combine(stage.Folder, "realm.json"), """{ "imps": { "tone": { "frozen": false } } }""");
        stage.Until(() => stage.Server.Realm.Imps.Count == 1 && stage.State("tone") == ImpState.Active, "only the tone is left");
        File.WriteAllText(Path.Combine(stage.Folder, "realm.json"), "{ this is no JSON");
        stage.Until(() => stage.Lines.Exists(l => l.Contains("everything stays as it is")), "a mistake is told");
        Assert.That(stage.State("tone"), Is.EqualTo(ImpState.Active));
    }
}
