using OscLooper.Bard;
using OscLooper.Synth;
using OscLooper.Testing;

namespace OscLooper.Tests.Server.Vault;

/// <summary>Connections that nobody asked for, over evenings with other modules.</summary>
public class UnaskedTests
{
    readonly VaultStage stage = new();

    [TearDown]
    public void GoAway() => stage.Dispose();

    static string[] Ways(Rig rig) => [.. rig.Server.Realm.Patch.NoteConnections.Where(c => c.From.Imp is "midi" or "bard").Select(c => $"{c.From} {c.To}")];

    static (string, Func<Branch, Module>) Synth => ("synth", at => new SynthModule(at));
    static (string, Func<Branch, Module>) Bard => ("bard", at => new BardModule(at));

    [Test]
    public void A_bard_that_comes_on_another_evening_is_not_passed_by()
    {
        using (var rig = stage.Start("", Synth))
        {
            rig.Render(64);
            Assert.That(Ways(rig), Is.EqualTo(new[] { "midi:loopback synth:notes" }));
            VaultStage.Save(rig);
        }
        using var again = stage.Start("", Synth, Bard);
        again.Render(64);
        Assert.That(Ways(again), Is.EquivalentTo(new[] { "bard:out/1 synth:notes", "midi:loopback bard:in/1" }), "every key is heard once");
    }

    [Test]
    public void What_somebody_asked_for_stays_on_another_evening()
    {
        using (var rig = stage.Start("", Synth))
        {
            rig.Render(64);
            Assert.That(rig.Call("/realm/connect", "midi:loopback", "synth:notes")[^1].Address, Is.EqualTo("/done"));
            VaultStage.Save(rig);
        }
        using var again = stage.Start("", Synth, Bard);
        again.Render(64);
        Assert.That(Ways(again), Has.Some.EqualTo("midi:loopback synth:notes"));
    }

    [Test]
    public void A_keyboard_that_led_to_an_imp_that_goes_is_heard_by_those_who_stay()
    {
        using var rig = stage.Start("", Synth, Bard);
        rig.Render(64);
        Assert.That(Ways(rig), Is.EquivalentTo(new[] { "bard:out/1 synth:notes", "midi:loopback bard:in/1" }));
        rig.Send("/realm/unload", "bard");
        for (var n = 0; n < 200 && Ways(rig) is not ["midi:loopback synth:notes"]; n++) rig.Render(512);
        Assert.That(Ways(rig), Is.EqualTo(new[] { "midi:loopback synth:notes" }));
    }
}
