using OscLooper.Looper;
using OscLooper.Reaper;
using OscLooper.Reaper.Rpp;
using OscLooper.Server;
using OscLooper.Testing;

namespace OscLooper.Tests.Reaper.Export;

/// <summary>The server ends, or dies, while a performance is recorded: what was written until then is a performance.</summary>
public class BrokenPerformanceTests
{
    const int Rate = 48000;
    readonly string folder = Directory.CreateTempSubdirectory("osclooper-").FullName;

    [TearDown]
    public void Clean() => Directory.Delete(folder, true);

    Rig Rig() => new(new ServerOptions { Folders = [folder], Channels = 1, Vault = "", MemoryMib = 64 }, ("looper", at => new LooperModule(at)), ("reaper", at => new ReaperModule(at)));

    string Gig(string file = "") => Path.Combine(folder, "gig", file);

    void Play(Rig rig)
    {
        rig.Call("/reaper/performance_start", "gig");
        rig.SendAt(10_000, "/looper/channel/1/record");
        rig.SendAt(58_000, "/looper/channel/1/play");
        rig.SendAt(120_000, "/looper/channel/1/overdub");
        rig.SendAt(140_000, "/looper/channel/1/overdub");
        Render(rig, 150_000);
        // As on a stage: between one press and the next there is time to save.
        for (var n = 0; n < 600 && !IsSaved(); n++)
        {
            Thread.Sleep(100);
            Render(rig, 3_000);
        }
        Assert.That(IsSaved(), Is.True, "the loops lie beside the log");
        while (rig.Frame < 250_000) Render(rig, 3_000);
    }

    static void Render(Rig rig, int frames)
    {
        var input = new float[frames];
        for (var i = 0; i < frames; i++) input[i] = (float)Math.Sin((rig.Frame + i) * 0.02) * 0.25f;
        rig.Render(input);
    }

    // Two layers: the loop and what was played onto it.
    bool IsSaved() => Directory.Exists(Gig()) && Directory.GetFiles(Gig(), "*.wav", SearchOption.AllDirectories).Length >= 2 &&
        Directory.GetFiles(Gig(), "looper.json", SearchOption.AllDirectories).Any(f => File.ReadAllText(f).Contains("\"looping\""));

    (double From, double To, string File)[] Exported(string warnings = "")
    {
        using var other = Rig();
        var replies = other.Call("/reaper/export", "gig", "out");
        Assert.That(replies[^1].ToString(), Does.StartWith("/done"), string.Join("\n", replies));
        Assert.That(string.Join("\n", replies.Where(r => r.Address.EndsWith(".warning"))), Is.EqualTo(warnings));
        var items = RppDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "out", "gig.rpp"))).Project!.Blocks("TRACK").Single().Blocks("ITEM");
        return [.. items.Select(i => (Math.Round(i.Line("POSITION")!.Number(1) * Rate), Math.Round((i.Line("POSITION")!.Number(1) + i.Line("LENGTH")!.Number(1)) * Rate), i.Block("SOURCE")!.Line("FILE")!.At(1)!))];
    }

    [Test]
    public void A_performance_survives_the_end_of_its_server()
    {
        long end;
        using (var rig = Rig())
        {
            Play(rig);
            end = rig.Frame;
        }
        Assert.That(File.ReadAllLines(Gig("performance.jsonl"))[^1], Does.Contain("\"end\""));
        var items = Exported();
        Assert.That(items.Select(i => i.From), Is.EqualTo(new[] { 58_000.0, 168_000 }));
        Assert.That(items.Select(i => i.To), Is.EqualTo(new[] { 168_000.0, end }).Within(Rate / 4));
        Assert.That(items[0].File, Does.Contain("layer"));
    }

    [Test]
    public void A_performance_whose_server_was_killed_counts_as_far_as_it_was_written()
    {
        using var rig = Rig();
        Play(rig);
        // Killed now: what is on the disk is all there is, and the last line was not finished.
        Directory.Move(Gig(), Gig() + "-killed");
        Directory.CreateDirectory(Gig());
        foreach (var file in Directory.GetFiles(Gig() + "-killed", "*", SearchOption.AllDirectories))
        {
            var to = Gig(Path.GetRelativePath(Gig() + "-killed", file));
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(file, to);
        }
        File.AppendAllText(Gig("performance.jsonl"), "{\"type\":\"soun");
        var items = Exported();
        Assert.That(items.Select(i => i.From), Is.EqualTo(new[] { 58_000.0, 168_000 }));
        Assert.That(items[1].To, Is.EqualTo((double)rig.Frame).Within(1.5 * Rate), "a second before the end at worst");
    }

    [Test]
    public void Layers_that_undo_no_longer_keeps_stay_in_the_performance()
    {
        using (var rig = Rig())
        {
            Play(rig);
            rig.Send("/looper/channel/1/undo");
            Render(rig, 5_000);
            // Recorded over after an undo: the layer that was heard from 120000 on is gone in the looper.
            rig.Send("/looper/channel/1/overdub");
            Render(rig, 5_000);
            rig.Send("/looper/channel/1/overdub");
            Render(rig, 5_000);
            Assert.That(rig.Call("/reaper/performance_stop")[^1].ToString(), Does.StartWith("/done"));
            rig.Render(1000);
        }
        Assert.That(Exported().Length, Is.EqualTo(4));
        Assert.That(Directory.GetDirectories(Gig(), "loops-*").SelectMany(d => Directory.GetFiles(d, "*.wav", SearchOption.AllDirectories)).Count(), Is.EqualTo(1), "of the earlier saves only what is nowhere else stays");
    }
}
