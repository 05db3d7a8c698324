using System.Formats.Tar;
using System.IO.Compression;
using OscLooper.Client;
using OscLooper.Tests;

namespace OscLooper.SystemTests;

/// <summary>Which session a real server goes on with, and with what.</summary>
public class SessionTests
{
    readonly Folder folder = new();

    [TearDown]
    public void GoAway() => folder.Dispose();

    RunningServer Start(params string[] more) => new(folder.Path, ["--vault", folder.Of("vault"), "--channels", "2", .. more]);

    static OscLooperClient Connect(RunningServer server)
    {
        var client = OscLooperClient.Connect("127.0.0.1", server.Port, OscTransport.Tcp);
        client.Patience = TimeSpan.FromSeconds(30);
        return client;
    }

    static string Session(OscLooperClient client) => client.Ask("/session/name")[0].Text;

    [Test]
    public void The_session_that_was_open_last_goes_on_after_kill_9_and_brings_its_imps()
    {
        using (var server = Start("--modules", "all"))
        using (var client = Connect(server))
        {
            client.Call("/session/save", "small");
            client.Call("/realm/load", "gain", "extra");
            client.Send("/extra/level", -7.5f);
            client.Call("/session/save", "large");
            client.Send("/extra/level", -8.5f);
            client.Call("/vault/save");
            server.Kill();
        }
        using (var server = Start())
        using (var client = Connect(server))
        {
            Assert.That(server.ReadyLine, Does.EndWith(", session large"));
            Assert.That(Session(client), Is.EqualTo("large"));
            Assert.That(() => client.Ask("/extra/level")[0].Number, Is.EqualTo(-8.5).After(20_000, 50));
            server.Kill();
        }
        using (var server = Start("--session", "small"))
        using (var client = Connect(server))
        {
            Assert.That(Session(client), Is.EqualTo("small"));
            Assert.Throws<OscFailException>(() => client.Ask("/extra/level"), "it belongs to the other session");
            server.Kill();
        }
        using (var server = Start("--session", "large"))
        using (var client = Connect(server))
        {
            Assert.That(() => client.Ask("/extra/level")[0].Number, Is.EqualTo(-8.5).After(20_000, 50), "a session that is named at the start brings its imps");
            client.Call("/session/load", "small");
            Assert.Throws<OscFailException>(() => client.Ask("/extra/level"));
            server.Kill();
        }
        using (var server = Start("--session", ""))
        using (var client = Connect(server)) Assert.That((Session(client), server.ReadyLine.Contains("session")), Is.EqualTo(("", false)));
        using (var server = new RunningServer(folder.Path, "--vault", "none", "--channels", "2")) Assert.That(server.ReadyLine, Does.Not.Contain("session"));
    }

    [Test]
    public void A_vault_of_an_earlier_program_goes_on_with_all_its_imps()
    {
        using (var packed = new GZipStream(File.OpenRead(Path.Combine(Checkout.Root, "tests/OscLooper.Tests/Server/Vault/Fixtures/vault.tar.gz")), CompressionMode.Decompress))
            TarFile.ExtractToDirectory(packed, folder.Path, overwriteFiles: true);
        using var server = Start();
        using var client = Connect(server);
        Assert.That(server.ReadyLine, Does.EndWith(", session jam"));
        Assert.That(() => client.Ask("/looper/channel/1/layers")[0].Whole, Is.EqualTo(16).After(30_000, 50));
        Assert.That(client.Ask("/looper/channel/2/redo_layers")[0].Whole, Is.EqualTo(2));
        Assert.That(() => client.Call("/session/load", "beyond"), Throws.Nothing);
        Assert.That(() => client.Ask("/g63/level")[0].Number, Is.EqualTo(-7.5).After(30_000, 50));
        Assert.That(() => client.Ask("/looper/channel/1100/frames")[0].Whole, Is.Positive.After(30_000, 50));
        Assert.That(client.Ask("/looper/channel/1/name")[0].Text, Has.Length.EqualTo(3000));
        Assert.That(() => client.Call("/session/load", "many"), Throws.Nothing);
        Assert.That(() => client.Ask("/looper/channel/1024/frames")[0].Whole, Is.Positive.After(30_000, 50));
        Assert.That(server.StopWell(15).ExitCode, Is.Zero);
    }
}
