using OscLooper.Looper;
using OscLooper.Reaper;
using OscLooper.Reaper.Rpp;
using OscLooper.Server;
using OscLooper.Testing;

namespace OscLooper.Tests.Reaper.Export;

/// <summary>Loops of notes in a performance whose tempo changes.</summary>
public class NotePerformanceTests
{
    const int Rate = 48000;
    readonly string folder = Directory.CreateTempSubdirectory("osclooper-").FullName;

    [TearDown]
    public void Clean() => Directory.Delete(folder, true);

    [Test]
    public void Notes_of_a_loop_stay_where_they_sounded_when_the_tempo_changes_under_it()
    {
        new OscLooper.Dsp.MidiFile(0, OscLooper.Dsp.MidiDivision.OfBeat(480), [new OscLooper.Dsp.MidiTrackBuilder().Tempo(0, 120).Add(new OscLooper.Dsp.Note(240, 120, 9, 38, 100, 0)).Build(960)]).Write(Path.Combine(folder, "in.mid"));
        using var rig = new Rig(new ServerOptions { Folders = [folder], Channels = 2, Vault = "", MemoryMib = 64 }, ("looper", at => new LooperModule(at)), ("reaper", at => new ReaperModule(at)));
        rig.Call("/looper/add_channel", "midi");
        rig.Call("/looper/channel/3/load", "in.mid");
        var turn = rig.Number("/looper/channel/3/length") * Rate;
        rig.Call("/reaper/performance_start");
        rig.SendAt(10_000, "/looper/channel/3/play");
        rig.SendAt(100_000, "/transport/tempo", 97.3);
        rig.SendAt(150_000, "/looper/channel/3/rate", 0.5);
        rig.SendAt(222_222, "/transport/tempo", 133.7);
        rig.SendAt(300_000, "/looper/channel/3/stop");
        rig.Render(310_000, 128);
        Assert.That(rig.Call("/reaper/export", "out")[^1].ToString(), Does.StartWith("/done"));

        // Where the note began: each turn a quarter of it after its beginning; at half speed from frame 150000 on.
        var expected = new List<double>();
        for (var (frame, position, before) = (10_000L, 0.0, -1.0); frame < 300_000; frame++)
        {
            if (position >= turn / 4 && before < turn / 4) expected.Add(frame);
            (before, position) = (position, position + (frame < 150_000 ? 1 : 0.5));
            if (position >= turn) (before, position) = (-1, position - turn);
        }
        var project = RppDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "out", "out.rpp"))).Project!;
        var map = OscLooper.Reaper.Build.TempoMap.Of(project);
        var found = new List<double>();
        foreach (var item in project.Blocks("TRACK").Single().Blocks("ITEM"))
        {
            Assert.That(OscLooper.Reaper.Midi.MidiSource.TryRead(item.Block("SOURCE")!, out var take, out _), Is.True);
            var (start, length, rate) = (item.Line("POSITION")!.Number(1), item.Line("LENGTH")!.Number(1), item.Line("PLAYRATE")!.Number(1));
            var (first, last, beats) = (map.BeatAt(start), map.BeatAt(start + length), take.LengthTicks / (double)take.TicksPerBeat);
            var note = take.Events[0].Tick / (double)take.TicksPerBeat;
            for (var at = note - item.Line("SOFFS")!.Number(2); first + at / rate < last - 1e-4; at += beats)
                if (at >= -1e-4) found.Add(map.SecondsAt(first + at / rate) * Rate);
        }
        TestContext.Out.WriteLine($"{string.Join(" ", expected)}\n{string.Join(" ", found.Select(f => Math.Round(f, 1)))}");
        Assert.That(expected, Has.Count.EqualTo(5));
        Assert.That(found, Is.EqualTo(expected).Within(3), "within the fineness of a tick");
    }
}
