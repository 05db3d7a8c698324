using Newtonsoft.Json.Linq;
using OscLooper.Server.Vault;
using OscLooper.Testing;

namespace OscLooper.Tests.Server.Vault;

public class VaultTests
{
    readonly VaultStage stage = new();

    [TearDown]
    public void GoAway() => stage.Dispose();

    static readonly string[] kept = ["level", "exact", "mode", "pair", "name", "trace", "row/1/level", "row/2/level"];

    static void Change(Rig rig)
    {
        rig.Send("/memo/level", -7.3f);
        rig.Send("/memo/exact", 123456789.0123);
        rig.Send("/memo/mode", "on");
        rig.Send("/memo/pair", 7, 8);
        rig.Send("/memo/name", "ein Wort \"mit\" Zeichen\n");
        rig.Send("/memo/trace", 1);
        rig.Send("/memo/row/2/level", 0.1f);
        rig.Send("/memo/passing", 1);
        rig.Send("/transport/tempo", 97.3);
        rig.Send("/audio/master/gain", 0.5f);
    }

    [Test]
    public void What_was_told_is_there_again_after_a_restart()
    {
        string[] before;
        using (var rig = stage.Start())
        {
            Change(rig);
            stage.Memo.Text = "its own";
            before = [.. kept.Select(k => rig.Value($"/memo/{k}"))];
            VaultStage.Save(rig);
        }
        using var again = stage.Start();
        again.Render(256);
        Assert.That(kept.Select(k => again.Value($"/memo/{k}")), Is.EqualTo(before));
        Assert.That(again.Value("/memo/passing"), Is.EqualTo("0.0"), "a fleeting value is not kept");
        Assert.That(again.Value("/transport/tempo"), Is.EqualTo("97.3"));
        Assert.That(again.Value("/audio/master/gain"), Is.EqualTo("0.5"));
        Assert.That(stage.Memo.Text, Is.EqualTo("its own"));
        Assert.That(stage.Lines, Is.Empty);
    }

    [Test]
    public void It_saves_by_itself_a_second_after_the_last_change_and_after_five_at_most()
    {
        using var rig = stage.Start();
        rig.Render(48000 * 6);
        Assert.That(File.Exists(stage["vault.json"]), Is.False, "nothing has changed");
        rig.Send("/memo/level", -1f);
        rig.Render(47000);
        Assert.That(File.Exists(stage["vault.json"]), Is.False);
        rig.Render(2000);
        Assert.That(stage.Document()["seq"]!.Value<long>(), Is.EqualTo(1));

        // A fader that never rests.
        for (var i = 0; i < 9; i++)
        {
            rig.Send("/memo/level", -2f - i);
            rig.Render(24000);
        }
        Assert.That(stage.Document()["seq"]!.Value<long>(), Is.EqualTo(1));
        rig.Send("/memo/level", -12f);
        rig.Render(24000 + 1000);
        Assert.That(stage.Document()["seq"]!.Value<long>(), Is.EqualTo(2));
    }

    [Test]
    public void Imps_and_fields_that_are_not_known_stay_word_for_word()
    {
        using (var rig = stage.Start()) VaultStage.Save(rig);
        const string Strange = """{"zz":1,"aa":[123456789012345678901234567890,-0.5,1e-7,null,true,"2026-11-21T06:32:00Z"],"data":{"values":{"b":2,"a":1},"more":{}}}""";
        var document = stage.Document();
        ((JObject)document["imps"]!).AddFirst(new JProperty("gone", VaultText.Parse(System.Text.Encoding.UTF8.GetBytes(Strange))));
        document["later"] = new JObject { ["word"] = "kept" };
        document["imps"]!["memo"]!["data"]!["values"]!["not/declared"] = 42;
        document["imps"]!["memo"]!["colour"] = "red";
        var end = document.Property("seqEnd")!;
        end.Remove();
        document.Add(end);
        File.WriteAllBytes(stage["vault.json"], VaultText.Write(document));
        var (gone, text) = (document["imps"]!["gone"]!.ToString(), File.ReadAllText(stage["vault.json"]));
        for (var i = 0; i < 3; i++)
        {
            using var rig = stage.Start();
            rig.Send("/memo/level", -i);
            VaultStage.Save(rig);
            var now = stage.Document();
            Assert.That(now["imps"]!["gone"]!.ToString(), Is.EqualTo(gone));
            Assert.That(File.ReadAllText(stage["vault.json"]), Does.Contain("123456789012345678901234567890"));
            Assert.That(now["later"]!["word"]!.Value<string>(), Is.EqualTo("kept"));
            Assert.That(now["imps"]!["memo"]!["data"]!["values"]!["not/declared"]!.Value<int>(), Is.EqualTo(42));
            Assert.That(now["imps"]!["memo"]!["colour"]!.Value<string>(), Is.EqualTo("red"));
            Assert.That(((JObject)now["imps"]!).Properties().First().Name, Is.EqualTo("gone"), "the order is kept");
        }
        Assert.That(text, Is.Not.Empty);
    }

    [Test]
    public void A_row_that_is_removed_is_forgotten()
    {
        using var rig = stage.Start();
        VaultStage.Save(rig);
        Assert.That(stage.Document()["imps"]!["memo"]!["data"]!["values"]!["row/2/level"], Is.Not.Null);
        rig.Send("/memo/drop");
        VaultStage.Save(rig);
        Assert.That(stage.Document()["imps"]!["memo"]!["data"]!["values"]!["row/2/level"], Is.Null);
        Assert.That(stage.Document()["imps"]!["memo"]!["data"]!["values"]!["row/1/level"], Is.Not.Null);
    }

    [Test]
    public void A_value_that_is_no_number_is_refused_with_its_path_and_the_last_good_one_stays()
    {
        using var rig = stage.Start();
        VaultStage.Save(rig);
        rig.Send("/memo/nan");
        VaultStage.Save(rig);
        Assert.That(stage.Lines, Has.Some.Contains("imps.memo.data.values['broken']"));
        Assert.That(stage.Document()["imps"]!["memo"]!["data"]!["values"]!["broken"]!.Value<double>(), Is.EqualTo(0.25));
    }

    [Test]
    public void An_imp_that_cannot_be_saved_keeps_its_last_good_data()
    {
        using var rig = stage.Start();
        stage.Memo.Text = "good";
        rig.Send("/memo/level", -3f);
        VaultStage.Save(rig);
        var before = stage.Document()["imps"]!["memo"]!.ToString();
        stage.Memo.OnSave = () => throw new InvalidOperationException("planted");
        rig.Send("/memo/level", -4f);
        rig.Send("/transport/tempo", 99.0);
        for (var i = 0; i < 8; i++) VaultStage.Save(rig);
        Assert.That(stage.Document()["imps"]!["memo"]!.ToString(), Is.EqualTo(before));
        Assert.That(stage.Document()["imps"]!["transport"]!["data"]!["values"]!["tempo"]!.Value<double>(), Is.EqualTo(99));
        Assert.That(stage.Lines, Has.Some.Contains("planted"));
        rig.Dispose();
        using var again = stage.Start();
        Assert.That(stage.Memo.Text, Is.EqualTo("good"), "what its entry names is still there");
    }

    [Test]
    public void Data_of_an_imp_that_fell_stay_word_for_word_until_it_is_back()
    {
        using var rig = stage.Start();
        stage.Memo.Text = "good";
        rig.Send("/memo/level", -3f);
        VaultStage.Save(rig);
        var before = stage.Document()["imps"]!["memo"]!.ToString();
        rig.Send("/memo/exact", 666.0);
        rig.Render(2000);
        Assert.That(rig.Value("/realm/imp/memo/state"), Is.EqualTo("faulted"));
        for (var i = 0; i < 8; i++)
        {
            rig.Send("/transport/tempo", 90.0 + i);
            VaultStage.Save(rig);
            Assert.That(stage.Document()["imps"]!["memo"]!.ToString(), Is.EqualTo(before), $"save {i}");
        }
        rig.Dispose();
        using var again = stage.Start();
        again.Render(128);
        Assert.That((stage.Memo.Text, again.Number("/memo/level")), Is.EqualTo(("good", -3.0)));
    }

    [Test]
    public void A_count_never_goes_back_whatever_happens_to_its_module()
    {
        var last = 0;
        for (var run = 0; run < 3; run++)
        {
            using var rig = stage.Start();
            for (var turn = 0; turn < 4; turn++)
            {
                rig.Render(2000);
                var now = stage.Memo.Text.Length > 0 ? int.Parse(stage.Memo.Text) : 0;
                Assert.That(now, Is.GreaterThanOrEqualTo(last), $"run {run}, turn {turn}");
                stage.Memo.Text = $"{last = now + 1}";
                if (turn % 2 == 0) VaultStage.Save(rig);
                if (turn < 3) rig.Send("/realm/imp/memo/respawn");
            }
            VaultStage.Save(rig);
        }
        Assert.That(last, Is.EqualTo(12));
    }

    [Test]
    public void Data_of_a_later_module_are_not_given_to_it_and_not_lost()
    {
        using (var rig = stage.Start("", ("memo", at => new MemoModule(at) { DataVersion = 2, Text = "new" }))) VaultStage.Save(rig);
        using (var rig = stage.Start())
        {
            Assert.That(stage.Lines, Has.Some.Contains("version 2"));
            Assert.That(stage.Memo.Text, Is.Empty);
            for (var i = 0; i < 8; i++) VaultStage.Save(rig);
        }
        var grave = (JObject)((JObject)stage.Document()["graveyard"]!).PropertyValues().Single();
        Assert.That(grave["imp"]!.Value<string>(), Is.EqualTo("memo"));
        Assert.That(File.ReadAllText(stage[grave["data"]!["folder"]!.Value<string>()! + "/text.txt"]), Is.EqualTo("new"));
    }

    [Test]
    public void Its_state_can_be_asked_for()
    {
        using var rig = stage.Start();
        rig.Send("/memo/level", -3f);
        var waiting = rig.Call("/vault/status")[^1];
        Assert.That(waiting.Address, Is.EqualTo("/vault/status.reply"));
        Assert.That(waiting.Arguments[0].Text, Is.EqualTo(stage.Folder));
        Assert.That(waiting.Arguments[4].Whole, Is.EqualTo(1), "changes wait");
        var seq = VaultStage.Save(rig);
        var saved = rig.Call("/vault/status")[^1];
        Assert.That((saved.Arguments[2].Whole, saved.Arguments[4].Whole, saved.Arguments[5].Text), Is.EqualTo((seq, 0L, "")));
        Assert.That(rig.Value("/vault/seq"), Is.EqualTo($"{seq}"));
    }

    [Test]
    public void Without_a_folder_it_says_so()
    {
        using var rig = Rig.With(at => new MemoModule(at));
        Assert.That(rig.Call("/vault/save")[^1].ToString(), Does.Contain("refused"));
        rig.Render(480000);
        Assert.That(rig.Server.Vault.Folder, Is.Empty);
    }
}
