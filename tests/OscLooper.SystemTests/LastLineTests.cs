using OscLooper.Client;

namespace OscLooper.SystemTests;

/// <summary>What a server says last is true, and its exit code, too.</summary>
public class LastLineTests
{
    const int Terminate = 15;
    readonly Folder folder = new();

    [TearDown]
    public void GoAway() => folder.Dispose();

    [Test]
    public void Without_a_vault_nothing_is_said_to_be_kept()
    {
        using var server = new RunningServer(folder.Path, "--vault", "none");
        Assert.That(server.Stop(Terminate), Is.EqualTo(new Ended(0, "OscLooper has ended; nothing is remembered (--vault none)\n", "")));
    }

    [Test]
    public void A_last_save_that_failed_is_said_and_is_exit_code_1([Values("signal", "quit", "supervised")] string way)
    {
        if (way == "supervised")
        {
            Supervised();
            return;
        }
        using var server = SmallDisk.Start(folder, 2048, "--vault", folder.Of("disk/vault"), "--modules", "looper,gain");
        Fill(server);
        Ended ended;
        if (way == "quit")
        {
            using var client = OscLooperClient.Connect("127.0.0.1", server.Port, OscTransport.Tcp);
            client.Send("/server/quit");
            ended = server.WaitForEnd();
        }
        else ended = server.Stop(Terminate);
        Assert.That(ended.ExitCode, Is.EqualTo(1), ended.Output + ended.Error);
        Assert.That(ended.Output.Trim(), Does.StartWith("OscLooper has ended; not all is kept; lost: what changed since the last save: ").And.Contain("No space left"));
    }

    void Supervised()
    {
        using var server = SmallDisk.Start(folder, 2048, "--vault", folder.Of("disk/vault"), "--modules", "looper,gain", "--supervise");
        Fill(server);
        using var client = OscLooperClient.Connect("127.0.0.1", server.Port, OscTransport.Tcp);
        client.Send("/server/quit");
        var ended = server.WaitForEnd();
        Assert.That(ended.ExitCode, Is.EqualTo(1), ended.Output + ended.Error);
        Assert.That(ended.Output, Does.Contain("not all is kept"));
        Assert.That(ended.Error, Does.Not.Contain("started again"));
    }

    // To the last byte: a save of anything fails from now on.
    void Fill(RunningServer server)
    {
        using (var client = OscLooperClient.Connect("127.0.0.1", server.Port, OscTransport.Tcp))
        {
            client.Patience = TimeSpan.FromSeconds(60);
            Assert.That(() => client.Call("/vault/save"), Throws.Nothing);
            client.Send("/looper/channel/1/volume", 0.25f);
            client.Sync();
        }
        FullDiskTests.FillUp(server.Seen(folder, "full"));
    }
}
