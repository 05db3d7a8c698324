using OscLooper.Dsp;
using OscLooper.Server;
using OscLooper.Server.Vault;
using OscLooper.Testing;
using OscLooper.Tests.Dsp;

namespace OscLooper.Tests.Server.Vault;

/// <summary>How much of the disk a vault takes after an evening of overdubs and saves.</summary>
public class DiskUseTests
{
    const int LoopFrames = 24_000, Lanes = 2, LayerBytes = LoopFrames * Lanes * sizeof(float), Undo = 16;
    const long MostOlder = 1 << 20;

    [Test]
    public void Overdubs_and_saves_without_end_take_no_more_than_was_promised()
    {
        using var folder = new TemporaryFolder();
        var usual = VaultFolder.MostOlderBytes;
        VaultFolder.MostOlderBytes = MostOlder;
        try
        {
            using var rig = Rig.Looper(new ServerOptions { Vault = folder["vault"], Channels = 1 });
            var random = new Random(1);
            var noise = Enumerable.Range(0, LoopFrames).Select(_ => random.NextSingle() - 0.5f).ToArray();
            rig.Send("/looper/channel/1/sync", "none");
            rig.Send("/looper/channel/1/record");
            rig.Render(noise, 512);
            rig.Send("/looper/channel/1/play");
            Assert.That(rig.Call("/session/save", "jam")[^1].Address, Is.EqualTo("/done"));
            var most = 0L;
            for (var round = 0; round < 24 * Soak.Times; round++)
            {
                for (var pass = 0; pass < 8; pass++)
                {
                    rig.Send("/looper/channel/1/overdub");
                    rig.Render(noise, 512);
                    rig.Send("/looper/channel/1/play");
                    rig.Render(256, 256);
                }
                Assert.That(rig.Call(round % 3 == 2 ? "/session/save" : "/vault/save")[^1].Address, Is.EqualTo("/done"));
                // A failed or broken save must not add up, either.
                Directory.CreateDirectory(folder["vault/sessions/jam/data/999999/looper"]);
                File.WriteAllBytes(folder["vault/sessions/jam/data/999999/looper/left.wav"], new byte[LayerBytes]);
                most = Math.Max(most, Disk.BytesOf([folder["vault"]]) - LayerBytes);
            }
            // The newest of both names and the one before, each with all its undo layers; documents and the take are small.
            var promised = 3L * (Undo + 1) * LayerBytes + MostOlder + 3 * LayerBytes;
            TestContext.Out.WriteLine($"at most {most / 1e6:0.0} MB, promised are {promised / 1e6:0.0} MB");
            Assert.That(most, Is.LessThan(promised));
            Assert.That(Directory.GetFiles(folder["vault/sessions/jam"], "*.json"), Has.Length.GreaterThanOrEqualTo(3), "there is something to go back to");
        }
        finally
        {
            VaultFolder.MostOlderBytes = usual;
        }
    }

    [Test]
    public void An_overdub_that_stays_on_takes_no_more_than_twice_its_loop()
    {
        using var folder = new TemporaryFolder();
        using var rig = Rig.Looper(new ServerOptions { Vault = folder["vault"], Channels = 1 });
        var random = new Random(1);
        var noise = Enumerable.Range(0, LoopFrames).Select(_ => random.NextSingle() * 1e-3f).ToArray();
        rig.Send("/looper/channel/1/sync", "none");
        rig.Send("/looper/channel/1/record");
        rig.Render(noise, 512);
        rig.Send("/looper/channel/1/overdub");
        var most = 0L;
        for (var turn = 0; turn < 100 * Soak.Times; turn++)
        {
            rig.Render(noise, 512);
            if (Directory.Exists(folder["vault/takes"])) most = Math.Max(most, Directory.GetFiles(folder["vault/takes"], "*.pass", SearchOption.AllDirectories).Sum(f => new FileInfo(f).Length));
        }
        TestContext.Out.WriteLine($"at most {most} bytes for a loop of {LayerBytes}");
        // Whole segments, each with a few numbers.
        Assert.That(most, Is.GreaterThan(LayerBytes).And.LessThan(2 * LayerBytes * 1.05 + 40_000));
    }

    [Test]
    public void Small_sessions_keep_all_their_generations()
    {
        using var stage = new VaultStage();
        using var rig = stage.Start();
        for (var n = 0; n < 10; n++) VaultStage.Save(rig);
        Assert.That(Directory.GetFiles(stage.Folder, "vault*.json"), Has.Length.EqualTo(VaultFolder.Generations + 1));
    }
}
