using OscLooper.Looper;
using OscLooper.Reaper;
using OscLooper.Reaper.Rpp;
using OscLooper.Server;
using OscLooper.Testing;

namespace OscLooper.Tests.Reaper.Export;

/// <summary>What a pass of overdubbing adds is heard a turn later; an exported performance sounds so, too.</summary>
public class OverdubPerformanceTests
{
    const int Rate = 48000, Frames = 260_000;
    readonly string folder = Directory.CreateTempSubdirectory("osclooper-").FullName;

    [TearDown]
    public void Clean() => Directory.Delete(folder, true);

    [Test]
    public void Passes_of_overdubbing_sound_as_they_did()
    {
        using var rig = new Rig(new ServerOptions { Folders = [folder], Channels = 1, Vault = "", MemoryMib = 64 }, ("looper", at => new LooperModule(at)), ("reaper", at => new ReaperModule(at)));
        rig.Call("/reaper/performance_start");
        rig.SendAt(10_000, "/looper/channel/1/record");
        rig.SendAt(34_000, "/looper/channel/1/play");            // turns of 24000 frames
        rig.SendAt(50_000, "/looper/channel/1/overdub");
        rig.SendAt(60_000, "/looper/channel/1/overdub");         // heard from 74000 on
        rig.SendAt(65_000, "/looper/channel/1/overdub");
        rig.SendAt(70_000, "/looper/channel/1/overdub");         // a second pass before the first was heard: from 89000 on
        rig.SendAt(120_000, "/looper/channel/1/rate", 0.5);
        rig.SendAt(130_000, "/looper/channel/1/overdub");        // at half speed a turn takes twice as long: from 178000 on
        rig.SendAt(150_000, "/looper/channel/1/overdub");
        rig.SendAt(200_000, "/looper/channel/1/overdub");
        rig.SendAt(205_000, "/looper/channel/1/overdub");
        rig.SendAt(210_000, "/looper/channel/1/undo");           // never heard
        rig.SendAt(230_000, "/looper/channel/1/overdub");
        rig.SendAt(240_000, "/looper/channel/1/overdub");        // not heard before the end
        var input = new float[Frames];
        for (var i = 0; i < input.Length; i++) input[i] = (float)(Math.Sin(i * 0.02) * 0.2 + Math.Sin(i * 0.0037) * 0.1);
        var heard = rig.Render(input);
        Assert.That(rig.Call("/reaper/export", "out")[^1].ToString(), Does.StartWith("/done"));

        var items = RppDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "out", "out.rpp"))).Project!.Blocks("TRACK").Single().Blocks("ITEM").ToList();
        var sounding = items.Where(i => i.Line("MUTE")!.At(1) == "0").ToList();
        var seams = sounding.Skip(1).Select(i => Math.Round(i.Line("POSITION")!.Number(1) * Rate)).ToArray();
        Assert.That(seams, Is.EqualTo(new[] { 74_000.0, 89_000, 120_000, 178_000, 210_000 }));
        Assert.That(sounding.Select(i => i.Line("FADEIN")!.Number(2) > 0), Is.EqualTo(new[] { true, false, false, true, false, false }), "only where it began, and where the speed changed");
        Assert.That(items.Except(sounding).Count(), Is.EqualTo(1), "the layer that nobody heard yet follows, muted");

        var played = new double[Frames];
        foreach (var item in sounding)
        {
            using var sound = OscLooper.Dsp.SoundFile.ReadAll(Path.Combine(folder, "out", item.Block("SOURCE")!.Line("FILE")!.At(1)!), Rate, null, 1 << 28);
            var (from, frames) = ((long)Math.Round(item.Line("POSITION")!.Number(1) * Rate), (long)Math.Round(item.Line("LENGTH")!.Number(1) * Rate));
            for (var i = 0L; i < frames && from + i < Frames; i++) played[from + i] += Sample(sound, item.Line("SOFFS")!.Number(1) * Rate + i * item.Line("PLAYRATE")!.Number(1));
        }
        var most = 0.0;
        for (var frame = 34_096; frame < Frames; frame++)
            if (frame is < 120_000 or > 120_200) most = Math.Max(most, Math.Abs(played[frame] - heard[frame]));
        TestContext.Out.WriteLine($"most difference {most:0.000000}");
        Assert.That(most, Is.LessThan(2e-3), "as it was heard, but for the fades");
        Assert.That(heard.Max(), Is.GreaterThan(0.4f));
    }

    // Between two frames on a line: enough for tones as low as these.
    static unsafe double Sample(OscLooper.Dsp.Sound sound, double position)
    {
        position = Math.Round(position, 3) % sound.Frames;
        var (whole, part) = ((long)position, position - Math.Floor(position));
        return sound.Pointer(0)[whole] * (1 - part) + sound.Pointer(0)[(whole + 1) % sound.Frames] * part;
    }
}
