using Newtonsoft.Json.Linq;
using OscLooper.Server.Realm;
using OscLooper.Server.Vault;
using OscLooper.Tests.Server.Realm;

namespace OscLooper.Tests.Server.Vault;

/// <summary>Imps that come and go, and what is remembered of them, under sound.</summary>
public class SessionImpTests
{
    readonly OscLooper.Tests.Dsp.TemporaryFolder folder = new();
    RealmStage stage = null!;

    [SetUp]
    public void Start() => stage = new RealmStage(new() { Vault = folder["vault"] }, "tone");

    [TearDown]
    public void End()
    {
        stage.Dispose();
        folder.Dispose();
    }

    JObject Document => VaultText.Parse(File.ReadAllBytes(Path.Combine(folder["vault"], "vault.json")));

    [Test]
    public void A_session_brings_its_imps_and_those_that_are_not_in_it_go_with_a_fade()
    {
        stage.Well("/session/save", "one");
        stage.Well("/realm/load", "tone", "wobble");
        stage.Send("/wobble/word", "kept");
        stage.Well("/session/save", "two");
        stage.Well("/realm/load", "tone", "later");
        stage.Send("/later/word", "since then");
        stage.Wait(0.1);
        stage.TakeLargestStep();

        stage.Well("/session/load", "one");
        Assert.That(stage.Server.Realm.Imps.Select(i => i.Name), Is.EqualTo(new[] { "tone" }));
        stage.Well("/session/load", "two");
        stage.Until(() => stage.State("wobble") == ImpState.Active, "it is back");
        stage.Until(() => stage.State("later") == ImpState.Active, "what came after the save was saved when the session was left");
        Assert.That((stage.Text("/wobble/word"), stage.Text("/later/word")), Is.EqualTo(("kept", "since then")));
        stage.Wait(0.1);
        Assert.That(stage.TakeLargestStep(), Is.LessThanOrEqualTo(4 * 2 * Math.PI * 660 / 48000 * 0.1 * 1.02), "four tones and nothing else");
        var saves = Directory.GetFiles(Path.Combine(folder["vault"], "sessions", "two"), "vault*.json").Select(f => VaultText.Parse(File.ReadAllBytes(f)));
        Assert.That(saves.Select(d => (string?)d.SelectToken("imps.later.data.values.word")), Has.Some.EqualTo("since then"), "what was open was saved whole");
    }

    [Test]
    public void A_session_whose_imp_is_another_module_gets_that_module()
    {
        stage.Well("/realm/load", "tone", "x");
        stage.Send("/x/word", "of the tone");
        stage.Well("/session/save", "one");
        stage.Well("/realm/unload", "x");
        stage.Well("/realm/load", "trip", "x");
        stage.Send("/x/word", "of the trip");
        stage.Well("/session/save", "two");
        stage.Well("/session/load", "one");
        stage.Until(() => stage.State("x") == ImpState.Active, "it is back");
        Assert.That((stage.Imp("x").ModuleName, stage.Text("/x/word")), Is.EqualTo(("tone", "of the tone")));
    }

    [Test]
    public void An_imp_whose_module_is_not_there_is_in_the_session_and_comes_with_its_dll()
    {
        stage.Well("/session/save", "one");
        var file = Path.Combine(folder["vault"], "sessions", "one", "session.json");
        var document = VaultText.Parse(File.ReadAllBytes(file));
        document["imps"]!["far"] = new JObject { ["module"] = "nowhere", ["odd"] = 12345678901234567890m };
        File.WriteAllBytes(file, VaultText.Write(document));
        stage.Well("/session/load", "one");
        stage.Until(() => stage.State("far") == ImpState.Absent && stage.Imp("far").Reason.Contains("nowhere"), "it is listed");
    }

    [Test]
    public void What_is_unloaded_and_loaded_again_at_once_has_all_it_had()
    {
        stage.Well("/realm/load", "tone", "x");
        stage.Well("/vault/save");
        stage.Send("/x/word", "after the save");
        stage.Well("/realm/unload", "x");
        stage.Well("/realm/load", "tone", "x");
        Assert.That(stage.Text("/x/word"), Is.EqualTo("after the save"));
        stage.Well("/vault/save");
        Assert.That((string?)Document.SelectToken("imps.x.data.values.word"), Is.EqualTo("after the save"), "it is no grave's");
    }

    [Test]
    public void Another_module_of_the_same_name_neither_gets_nor_loses_what_the_first_one_had()
    {
        stage.Well("/realm/load", "tone", "x");
        stage.Send("/x/word", "of the tone");
        stage.Well("/realm/unload", "x");
        stage.Well("/realm/load", "trip", "x");
        Assert.That(stage.Text("/x/word"), Is.Empty);
        stage.Send("/x/word", "of the trip");
        stage.Well("/vault/save");
        stage.Well("/realm/unload", "x");
        stage.Well("/vault/save");
        stage.Well("/realm/load", "tone", "x");
        Assert.That(stage.Text("/x/word"), Is.EqualTo("of the tone"));
        stage.Well("/vault/save");
        stage.Well("/realm/unload", "x");
        stage.Well("/realm/load", "trip", "x");
        Assert.That(stage.Text("/x/word"), Is.EqualTo("of the trip"));
    }

    [Test]
    public void A_disk_that_is_full_for_one_imp_is_the_saves_own_failure_and_is_tried_again()
    {
        using var vault = new VaultStage();
        using var rig = vault.Start();
        vault.Memo.Text = "first";
        VaultStage.Save(rig);
        var before = File.ReadAllText(vault["vault.json"]);
        // ENOSPC of errno(3), as .NET gives it.
        vault.Memo.OnSave = () => throw new IOException("No space left on device", 28);
        Assert.That(rig.Call("/vault/save")[^1].ToString(), Does.StartWith("/fail").And.Contains("No space left"));
        Assert.That(File.ReadAllText(vault["vault.json"]), Is.EqualTo(before));
        vault.Memo.OnSave = null;
        vault.Memo.Text = "second";
        VaultStage.Save(rig);
        Assert.That(File.ReadAllText(vault[(string)vault.Document().SelectToken("imps.memo.data.folder")! + "/text.txt"]), Is.EqualTo("second"));
    }
}
