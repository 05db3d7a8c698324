using OscLooper.Server.Realm;

namespace OscLooper.Tests.Server.Realm;

/// <summary>realm.json as people write it.</summary>
public class WantedFileTests
{
    [TestCase("NaN", 1)]
    [TestCase("Infinity", 1)]
    [TestCase("1e400", 1)]
    [TestCase("-5", 0.1)]
    [TestCase("1000", 60)]
    [TestCase("\"often\"", 1)]
    public void A_period_is_always_one(string text, double expected)
    {
        using var folder = new OscLooper.Tests.Dsp.TemporaryFolder();
        File.WriteAllText(folder["realm.json"], $$"""{ "period": {{text}} }""");
        var file = new WantedFile(folder["realm.json"]);
        Assert.That(file.Read(), Is.True);
        Assert.That(file.PeriodSeconds, Is.EqualTo(expected));
    }

    [Test]
    public void What_is_not_understood_is_kept_and_a_broken_file_is_not_written_over()
    {
        using var stage = new RealmStage(new() { RealmFile = "realm.json" });
        var file = Path.Combine(stage.Folder, "realm.json");
        File.WriteAllText(file, """{ "imps": { "tone": { "colour": "red" }, "My Notes": "do not touch" } }""");
        stage.Until(() => stage.State("tone") == ImpState.Active, "it plays");
        stage.Well("/realm/load", "tone", "second");
        Assert.That(File.ReadAllText(file), Does.Contain("\"red\"").And.Contains("do not touch").And.Contains("second"));

        const string Broken = """{ "imps": { "tone": { } , }, my own thoughts """;
        File.WriteAllText(file, Broken);
        stage.Until(() => stage.Lines.Exists(l => l.Contains("everything stays as it is")), "it is told");
        stage.Well("/realm/load", "tone", "third");
        Assert.That(File.ReadAllText(file), Is.EqualTo(Broken));
        Assert.That(stage.State("second"), Is.EqualTo(ImpState.Active));

        File.WriteAllText(file, """{ "imps": { "tone": { }, "fourth": { "module": "tone" } } }""");
        stage.Until(() => stage.State("fourth") == ImpState.Active && stage.Server.Realm.Imps.Count == 2, "it is taken when it is mended");
    }
}
