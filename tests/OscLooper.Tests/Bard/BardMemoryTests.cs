using OscLooper.Bard;
using OscLooper.Testing;
using OscLooper.Tests.Server.Vault;

namespace OscLooper.Tests.Bard;

public class BardMemoryTests
{
    readonly VaultStage stage = new();

    [TearDown]
    public void GoAway() => stage.Dispose();

    Rig Start() => stage.Start("", ("bard", at => new BardModule(at)));

    static string Saved(VaultStage stage, string name) =>
        File.ReadAllText(stage[Path.Combine(stage.Document()["imps"]!["bard"]!["data"]!["folder"]!.ToString(), name)]);

    [Test]
    public void Drum_patterns_lengths_and_the_arrangement_come_back()
    {
        const string Json = """{"sources":{"keys":"lead"},"arrangements":{"lead":[{"style":"transpose","semitones":7},{"style":"out"}]}}""";
        string drums;
        using (var rig = Start())
        {
            rig.Send("/bard/drum/step", 1, 1, 120f);
            rig.Send("/bard/drum/step", 16, 64, 3f);
            rig.Send("/bard/drum/pattern", 7);
            rig.Send("/bard/drum/ratchet", 2, 5, 4);
            rig.Send("/bard/drum/chance", 2, 5, 33f);
            rig.Send("/bard/drum/condition", 2, 5, "2:3");
            rig.Send("/bard/drum/length", 32);
            rig.Send("/bard/drum/lane/3/length", 16);
            Assert.That(rig.Call("/bard/arrangement", Json)[^1].Address, Is.EqualTo("/done"));
            rig.Render(256);
            VaultStage.Save(rig);
            drums = Saved(stage, "drum.txt");
            Assert.That(drums, Does.Contain("\n1 1 velocity 120 0").And.Contain("\n7 2 ratchet 1 1 1 1 4").And.Contain("\n7 2 chance 100 100 100 100 33"));
        }
        using var again = Start();
        again.Render(256);
        VaultStage.Save(again);
        Assert.That(Saved(stage, "drum.txt"), Is.EqualTo(drums));
        Assert.That((again.Number("/bard/drum/lane/3/length"), again.Number("/bard/drum/lane/4/length"), again.Number("/bard/drum/pattern")), Is.EqualTo((16.0, 32.0, 7.0)));
        Assert.That(Saved(stage, "arrangement.json"), Is.EqualTo(Json));
        Assert.That(stage.Lines, Is.Empty);
    }

    [Test]
    public void Arpeggios_of_ones_own_come_back()
    {
        using (var rig = Start())
        {
            rig.Send("/bard/arp/step", 2, 3, -1);
            rig.Send("/bard/arp/steps", 2);
            rig.Send("/bard/arp/bank", 3);
            rig.Render(64);
            Assert.That(rig.Number("/bard/arp/steps"), Is.EqualTo(8));
            rig.Send("/bard/arp/record", 1);
            foreach (var pitch in new[] { 60, 67, 64, 60, 72 }) rig.Send("/bard/note", pitch, 127f);
            rig.Send("/bard/arp/record", 0);
            rig.Render(64);
            VaultStage.Save(rig);
            Assert.That(Saved(stage, "arp.txt"), Does.Contain("\npattern 1 0:0:1 2:-1:1\n").And.Contain("\npattern 3 0:0:1 2:0:1 1:0:1 0:0:1 3:0:1\n"));
        }
        using var again = Start();
        again.Render(64);
        Assert.That((again.Number("/bard/arp/bank"), again.Number("/bard/arp/steps")), Is.EqualTo((3.0, 5.0)));
        again.Send("/bard/arp/bank", 1);
        again.Render(64);
        Assert.That(again.Number("/bard/arp/steps"), Is.EqualTo(2));
    }

    [TestCase("pattern 9 0:0:1")]
    [TestCase("pattern 1 0:0 a:0:1 0:9:1 0:0:NaN 500:0:1")]
    [TestCase("\0\0 pattern")]
    public void Damaged_arpeggios_are_as_at_the_start(string text)
    {
        var contents = ArpContents.Read(text);
        Assert.That(contents.Lengths, Is.All.EqualTo(8));
        Assert.That(contents.Steps[0][0], Is.EqualTo(new ArpStep(0, 0, 1)));
    }

    [Test]
    public void What_is_damaged_in_the_text_is_left_out()
    {
        using (var rig = Start())
        {
            rig.Send("/bard/drum/step", 1, 1, 120f);
            VaultStage.Save(rig);
        }
        var file = stage[Path.Combine(stage.Document()["imps"]!["bard"]!["data"]!["folder"]!.ToString(), "drum.txt")];
        // Not shorter than it was, and no zeros: the vault itself puts those aside before the module reads them.
        File.WriteAllText(file, "1 1 velocity 900 7\n99 1 velocity 1\n1 1 nothing 1\nlane 99 length 3\n\u0001\u0002\n" + string.Concat(Enumerable.Repeat("# by hand\n", 100)));
        using var again = Start();
        again.Render(256);
        VaultStage.Save(again);
        Assert.That(Saved(stage, "drum.txt"), Does.Contain("\n1 1 velocity 0 7 0"));
    }
}
