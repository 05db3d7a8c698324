using Newtonsoft.Json.Linq;
using OscLooper.Server.Vault;
using OscLooper.Testing;

namespace OscLooper.Tests.Server.Vault;

/// <summary>What lies on the disk, whatever happens to it.</summary>
public class VaultFolderTests
{
    readonly VaultStage stage = new();

    [TearDown]
    public void GoAway() => stage.Dispose();

    double LevelAfter(Action<string> mischief, int saves = 3)
    {
        using (var rig = stage.Start())
            for (var i = 1; i <= saves; i++)
            {
                rig.Send("/memo/level", -i);
                VaultStage.Save(rig);
            }
        mischief(stage["vault.json"]);
        using var again = stage.Start();
        again.Render(256);
        return again.Number("/memo/level");
    }

    [Test]
    public void Five_generations_are_kept_and_no_more()
    {
        LevelAfter(_ => { }, saves: 9);
        var files = Directory.GetFiles(stage.Folder, "vault*").Select(Path.GetFileName).Order();
        Assert.That(files, Is.EqualTo(new[] { "vault.1.json", "vault.2.json", "vault.3.json", "vault.4.json", "vault.5.json", "vault.json" }));
        Assert.That(Enumerable.Range(1, 5).Select(i => stage.Document($"vault.{i}.json")["seq"]!.Value<int>()), Is.EqualTo(new[] { 8, 7, 6, 5, 4 }));
    }

    [TestCase("")]
    [TestCase("{")]
    [TestCase("not json at all")]
    [TestCase("{\"format\":1,\"seq\":7,\"imps\":{},\"seqEnd\":6}")]
    [TestCase("{\"format\":1,\"seq\":7,\"imps\":{}}")]
    [TestCase("{\"format\":1,\"seq\":7,\"imps\":{},\"seqEnd\":7}{}")]
    [TestCase("{\"format\":1,\"seq\":7,\"imps\":{\"memo\":{\"x\":NaN}},\"seqEnd\":7}")]
    [TestCase("{\"format\":1,\"seq\":7,\"seq\":7,\"imps\":{},\"seqEnd\":7}")]
    [TestCase("{\"format\":-1}")]
    [TestCase("[]")]
    public void A_bad_newest_is_put_aside_and_the_one_before_is_taken(string text)
    {
        Assert.That(LevelAfter(file => File.WriteAllText(file, text)), Is.EqualTo(-2));
        Assert.That(File.ReadAllText(Directory.GetFiles(stage.Folder, "vault.json.corrupt-*").Single()), Is.EqualTo(text));
        Assert.That(stage.Lines, Has.Some.Contains("damaged"));
    }

    [Test]
    public void A_missing_newest_is_no_harm() => Assert.That(LevelAfter(File.Delete), Is.EqualTo(-2));

    [Test]
    public void No_part_of_a_file_passes_for_the_whole()
    {
        using (var rig = stage.Start()) VaultStage.Save(rig);
        var whole = File.ReadAllBytes(stage["vault.json"]);
        for (var length = 0; length < whole.Length - 2; length++)
            Assert.That(() => VaultText.Read(whole[..length]), Throws.InstanceOf<VaultException>(), $"{length} of {whole.Length} bytes");
        Assert.That(VaultText.Read(whole), Is.Not.Null);
    }

    [Test]
    public void Random_bytes_and_hostile_documents_are_refused_and_nothing_else([Range(1, 5)] int seed)
    {
        var random = new Random(seed);
        using (var rig = stage.Start()) VaultStage.Save(rig);
        var whole = File.ReadAllBytes(stage["vault.json"]);
        for (var i = 0; i < 400; i++)
        {
            var bytes = (byte[])whole.Clone();
            for (var n = random.Next(1, 8); n > 0; n--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            try { VaultText.Read(bytes); }
            catch (VaultException) { }
        }
        foreach (var text in new[] { new string('[', 100_000), "{\"a\":" + new string('9', 400) + "}", "{\"format\":99999999999999999999999}", "{\"format\":1e999}", "{\"format\":\"1\"}", "\"\\ud800\"" })
            Assert.That(() => VaultText.Read(System.Text.Encoding.UTF8.GetBytes(text)), Throws.InstanceOf<VaultException>(), text[..Math.Min(20, text.Length)]);
    }

    [Test]
    public void Numbers_that_are_none_are_refused_with_their_path([Values(double.NaN, double.PositiveInfinity, double.NegativeInfinity)] double number)
    {
        var document = VaultDocument.Empty();
        document["imps"]!["gain"] = new JObject { ["deep"] = new JArray(1, number) };
        Assert.That(() => VaultText.Write(document), Throws.InstanceOf<VaultException>().With.Message.Contains("imps.gain.deep[1]"));
    }

    [Test]
    public void A_later_format_is_refused_and_left_untouched()
    {
        const string Later = "{\"format\":2,\"seq\":9,\"strange\":[]}";
        Directory.CreateDirectory(stage.Folder);
        File.WriteAllText(stage["vault.json"], Later);
        Assert.That(() => stage.Start(), Throws.InstanceOf<VaultTooNewException>().With.Message.Contains("format 2"));
        Assert.That(File.ReadAllText(stage["vault.json"]), Is.EqualTo(Later));
        Assert.That(Directory.GetFiles(stage.Folder, "vault*"), Has.Length.EqualTo(1));
    }

    [Test]
    public void The_format_before_is_read()
    {
        Directory.CreateDirectory(stage.Folder);
        File.WriteAllText(stage["vault.json"], "{\"format\":0,\"seq\":4,\"values\":{\"/memo/level\":-9.5,\"/memo/row/2/level\":3,\"/absent/x\":[1,2]}}");
        using var rig = stage.Start();
        rig.Render(256);
        Assert.That((rig.Number("/memo/level"), rig.Number("/memo/row/2/level")), Is.EqualTo((-9.5, 3.0)));
        Assert.That(VaultStage.Save(rig), Is.EqualTo(5), "the number goes on");
        Assert.That(stage.Document()["format"]!.Value<int>(), Is.EqualTo(1));
        Assert.That(stage.Document()["imps"]!["absent"]!["data"]!["values"]!["x"]!.ToString(Newtonsoft.Json.Formatting.None), Is.EqualTo("[1,2]"));
    }

    [Test]
    public void Two_servers_do_not_share_a_vault()
    {
        using (var rig = stage.Start())
        {
            Assert.That(() => stage.Start(), Throws.InstanceOf<VaultHeldException>().With.Message.Contains($"process {Environment.ProcessId} since 20"));
            VaultStage.Save(rig);
        }
        using var next = stage.Start();
        Assert.That(VaultStage.Save(next), Is.EqualTo(2));
    }

    [Test]
    public void A_default_folder_that_is_held_is_a_line_and_no_more()
    {
        using var rig = stage.Start();
        using var second = new Rig(new OscLooper.Server.ServerOptions { Vault = stage.Folder, VaultIsNamed = false }, ("memo", at => new MemoModule(at)));
        Assert.That(second.Server.Vault.IsOpen, Is.False);
        Assert.That(second.Server.Vault.Findings.Single().Text, Does.Contain("held").And.Contain("nothing is remembered"));
    }

    [Test]
    public void A_full_disk_is_told_the_old_file_stays_and_it_is_tried_again()
    {
        if (!File.Exists("/dev/full")) Assert.Ignore("this system has no /dev/full");
        using var rig = stage.Start();
        rig.Send("/memo/level", -1f);
        VaultStage.Save(rig);
        var before = File.ReadAllText(stage["vault.json"]);

        File.CreateSymbolicLink(stage["vault.json.tmp"], "/dev/full");
        rig.Send("/memo/level", -2f);
        Assert.That(rig.Call("/vault/save")[^1].ToString(), Does.StartWith("/fail /vault/save failed"));
        Assert.That(rig.Value("/vault/trouble"), Is.Not.Empty);
        Assert.That(stage.Lines, Has.Some.Contains("could not be saved"));
        Assert.That(File.ReadAllText(stage["vault.json"]), Is.EqualTo(before));
        Assert.That(stage.Document("vault.json")["seq"]!.Value<int>(), Is.EqualTo(1));

        // There is room again: it is saved without anybody asking.
        File.Delete(stage["vault.json.tmp"]);
        rig.Render(48000 * 6);
        Assert.That(rig.Value("/vault/trouble"), Is.Empty);
        Assert.That(stage.Document()["imps"]!["memo"]!["data"]!["values"]!["level"]!.Value<double>(), Is.EqualTo(-2));
    }

    [Test]
    public void A_place_that_cannot_be_written_is_told_the_old_file_stays_and_it_is_tried_again()
    {
        using var rig = stage.Start();
        rig.Send("/memo/level", -1f);
        VaultStage.Save(rig);
        // (A super-user writes into read-only folders, so the name itself is made unusable.)
        Directory.CreateDirectory(stage["vault.json.tmp"]);
        rig.Send("/memo/level", -2f);
        Assert.That(rig.Call("/vault/save")[^1].Address, Is.EqualTo("/fail"));
        Assert.That(stage.Document()["imps"]!["memo"]!["data"]!["values"]!["level"]!.Value<double>(), Is.EqualTo(-1));
        Directory.Delete(stage["vault.json.tmp"]);
        rig.Render(48000 * 6);
        Assert.That(stage.Document()["imps"]!["memo"]!["data"]!["values"]!["level"]!.Value<double>(), Is.EqualTo(-2));
    }

    [Test]
    public void What_a_module_wrote_goes_when_no_generation_names_it_any_more()
    {
        using var rig = stage.Start();
        for (var i = 1; i <= 12; i++)
        {
            stage.Memo.Text = $"{i}";
            VaultStage.Save(rig);
        }
        var kept = Directory.GetDirectories(stage["data"]).Select(d => int.Parse(Path.GetFileName(d))).Order();
        Assert.That(kept, Is.EqualTo(Enumerable.Range(7, 6)));
        foreach (var generation in Enumerable.Range(1, 5))
            Assert.That(File.Exists(stage[stage.Document($"vault.{generation}.json")["imps"]!["memo"]!["data"]!["folder"]!.Value<string>() + "/text.txt"]));
    }

    [Test]
    public void What_a_save_that_was_never_finished_left_is_no_part_of_the_next_one()
    {
        using (var rig = stage.Start()) VaultStage.Save(rig);
        // Killed while it wrote its second, with an imp that is gone since.
        foreach (var imp in (string[])["memo", "gone"])
        {
            Directory.CreateDirectory(stage[$"data/2/{imp}"]);
            File.WriteAllText(stage[$"data/2/{imp}/stray.txt"], "half of");
        }
        using var again = stage.Start();
        again.Send("/memo/level", -1f);
        VaultStage.Save(again);
        Assert.That(stage.Document()["imps"]!["memo"]!["data"]!["folder"]!.Value<string>(), Is.EqualTo("data/2/memo"));
        Assert.That(Directory.GetFiles(stage["data/2"], "stray.txt", SearchOption.AllDirectories), Is.Empty);
        Assert.That(Directory.Exists(stage["data/2/gone"]), Is.False);
    }

    [TestCase("jam", true)]
    [TestCase("Samstag, 3. Probe (neu)", true)]
    [TestCase("übung", true)]
    [TestCase("", false)]
    [TestCase("..", false)]
    [TestCase(".hidden", false)]
    [TestCase("a/b", false)]
    [TestCase("a\\b", false)]
    [TestCase("a:b", false)]
    [TestCase("a\0b", false)]
    [TestCase("end.", false)]
    [TestCase("con", false)]
    [TestCase("NUL.txt", false)]
    [TestCase("-rf", false)]
    public void A_name_is_a_name(string name, bool isSafe) => Assert.That(Names.IsSafe(name), Is.EqualTo(isSafe));

    [Test]
    public void A_document_names_no_place_outside() => Assert.Multiple(() =>
    {
        foreach (var folder in new[] { "/etc", "../x", "data/../x/y", "data/1/..", "data/x/looper", "data/1/a/b", "data//looper" })
            Assert.That(VaultFolder.FolderOf(new JObject { ["data"] = new JObject { ["folder"] = folder } }), Is.Null, folder);
        Assert.That(VaultFolder.FolderOf(new JObject { ["data"] = new JObject { ["folder"] = "data/12/looper" } }), Is.EqualTo("data/12/looper"));
    });
}
