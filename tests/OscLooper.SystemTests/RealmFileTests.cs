namespace OscLooper.SystemTests;

/// <summary>Who is wanted is remembered beside everything else.</summary>
public class RealmFileTests
{
    [Test]
    public void What_was_loaded_and_unloaded_is_so_at_the_next_start()
    {
        using var folder = new Folder();
        using (var server = new RunningServer(folder.Path, "--vault", folder.Of("vault")))
        {
            Assert.That(server.Ctl("/realm/load", "gain", "knob").Output, Does.Contain("/done"));
            Assert.That(server.Ctl("/realm/unload", "bard").Output, Does.Contain("/done"));
            server.Stop(15);
        }
        Assert.That(File.ReadAllText(folder.Of("vault/realm.json")), Does.Contain("\"knob\"").And.Not.Contain("\"bard\""));
        using var again = new RunningServer(folder.Path, "--vault", folder.Of("vault"));
        Assert.That(again.Ctl("/realm/imp/knob/state").Output, Does.Contain("active"));
        Assert.That(again.Ctl("/realm/imps").Output, Does.Not.Contain("bard").And.Contain("synth"));
    }
}
