using OscLooper.Looper;
using OscLooper.Reaper;
using OscLooper.Reaper.Rpp;
using OscLooper.Server;
using OscLooper.Testing;

namespace OscLooper.Tests.Reaper.Export;

/// <summary>A session is played by a script at known frames; what the exported project says is compared with what was played.</summary>
public class PerformanceTests
{
    const int Rate = 48000, Beat = 24000;
    readonly string folder = Directory.CreateTempSubdirectory("osclooper-").FullName;

    [TearDown]
    public void Clean() => Directory.Delete(folder, true);

    Rig Rig(string vault = "") => new(new ServerOptions { Folders = [folder], Channels = 2, Vault = vault, MemoryMib = 64 },
        ("looper", at => new LooperModule(at)), ("reaper", at => new ReaperModule(at)));

    /// <summary>Channel 1 records a bar, overdubs, goes to scene 2 and back; channel 2 records half a bar and is muted for a while.</summary>
    static float[] Play(Rig rig, int block = 256)
    {
        rig.Call("/looper/channel/1/add_scene");
        rig.Send("/looper/channel/1/name", "beat");
        rig.SendAt(10_000, "/looper/channel/1/record");
        rig.SendAt(10_000 + 4 * Beat, "/looper/channel/1/play");                    // a bar, sounds from 106000
        rig.SendAt(120_001, "/looper/channel/2/record");
        rig.SendAt(120_001 + 2 * Beat, "/looper/channel/2/play");                   // half a bar, sounds from 168001
        rig.SendAt(130_000, "/looper/channel/1/overdub");
        rig.SendAt(150_000, "/looper/channel/1/overdub");
        rig.SendAt(180_000, "/looper/channel/1/scene", 2);                          // silent
        rig.SendAt(190_000, "/looper/channel/1/record");
        rig.SendAt(190_000 + Beat, "/looper/channel/1/play");                       // a beat in scene 2, from 214000
        rig.SendAt(200_000, "/looper/channel/2/mute", 1);
        rig.SendAt(230_000, "/looper/channel/2/mute", 0);
        rig.SendAt(250_003, "/looper/channel/1/scene", 1);                          // back, in phase
        rig.SendAt(260_000, "/looper/channel/2/stop");
        var input = new float[300_000];
        for (var i = 0; i < input.Length; i++) input[i] = (float)Math.Sin(i * 0.02) * 0.25f;
        return rig.Render(input, block);
    }

    static RppBlock Project(string path) => RppDocument.Parse(File.ReadAllBytes(path)).Project!;

    /// <summary>Items as frames: start, length, offset in the source; file and mute.</summary>
    static IEnumerable<(double From, double Frames, double Offset, string File, bool IsMute)> Items(RppBlock track) => track.Blocks("ITEM").Select(i =>
        (i.Line("POSITION")!.Number(1) * Rate, i.Line("LENGTH")!.Number(1) * Rate, i.Line("SOFFS")!.Number(1) * Rate, i.Block("SOURCE")!.Line("FILE")!.At(1)!, i.Line("MUTE")!.At(1) == "1"));

    static void Check(RppBlock track, params (double From, double To, double Offset, string File)[] expected)
    {
        var items = Items(track).ToList();
        Assert.That(items.Select(i => (i.File, i.IsMute)), Is.EqualTo(expected.Select(e => (e.File, false))));
        Assert.That(items.Select(i => (i.From, i.From + i.Frames, i.Offset)), Is.EqualTo(expected.Select(e => (e.From, e.To, e.Offset))).Within(0.01));
    }

    static void CheckPerformance(RppBlock project)
    {
        var tracks = project.Blocks("TRACK").ToList();
        Assert.That(tracks.Select(t => t.String("NAME")), Is.EqualTo(new[] { "beat", "channel 2" }));
        var lower = Items(tracks[0]).First().File;
        Assert.That(lower, Does.Contain("beat scene 1 layer"), "what sounded before the overdub, and until its first sound came round, is the layer below it");
        Check(tracks[0], (106_000, 180_000, 0, lower), (214_000, 250_003, 0, "Media/01 beat scene 2.wav"),
            (250_003, 300_000, (250_003 - 106_000) % 96_000, "Media/01 beat scene 1.wav"));
        Check(tracks[1], (168_001, 200_000, 0, "Media/02 channel scene 1.wav"), (230_000, 260_000, (230_000 - 168_001) % 48_000, "Media/02 channel scene 1.wav"));
        Assert.That(tracks[0].Blocks("ITEM").Select(i => i.Line("LOOP")!.At(1)), Is.All.EqualTo("1"));
        Assert.That(tracks[0].Blocks("ITEM").Select(i => i.Line("PLAYRATE")!.Number(1)), Is.All.EqualTo(1));
        Assert.That(project.Lines("MARKER").Select(m => (Math.Round(m.Number(2) * Rate), m.At(3))), Is.EqualTo(new[] { (180_000.0, "scene 2: beat"), (250_003, "scene 1: beat") }));
        Assert.That(project.Line("TEMPO")!.Text, Is.EqualTo("TEMPO 120 4 4 0"));
    }

    [TestCase(64)]
    [TestCase(1024)]
    public void A_recorded_performance_lies_exactly_where_it_sounded(int block)
    {
        using var rig = Rig();
        Assert.That(rig.Call("/reaper/performance_start", "gig")[^1].ToString(), Does.StartWith("/done").And.Contain("gig"));
        Assert.That(rig.Value("/reaper/performance"), Does.EndWith("gig"));
        Play(rig, block);
        var replies = rig.Call("/reaper/export", "out", "", 1);
        Assert.That(replies[^1].ToString(), Does.StartWith("/done").And.Contain("out.rpp"), string.Join("\n", replies));
        Assert.That(replies.Select(r => r.Address), Has.None.EqualTo("/reaper/export.warning"));
        CheckPerformance(Project(Path.Combine(folder, "out", "out.rpp")));
        Assert.That(Directory.GetFiles(Path.Combine(folder, "out", "Media")), Has.Length.EqualTo(4));
        Assert.That(Directory.GetDirectories(Path.Combine(folder, "out")).Select(Path.GetFileName), Is.EqualTo(new[] { "Media" }), "nothing is left behind");
    }

    [Test]
    public void The_items_played_as_REAPER_plays_them_sound_as_the_looper_did()
    {
        using var rig = Rig();
        rig.Call("/reaper/performance_start");
        var heard = Play(rig);
        rig.Call("/reaper/export", "out");
        var played = new double[heard.Length];
        foreach (var track in Project(Path.Combine(folder, "out", "out.rpp")).Blocks("TRACK"))
            foreach (var (from, frames, offset, file, _) in Items(track))
            {
                using var sound = OscLooper.Dsp.SoundFile.ReadAll(Path.Combine(folder, "out", file), Rate, null, 1 << 28);
                for (var i = 0L; i < Math.Round(frames); i++) played[(long)Math.Round(from) + i] += Sample(sound, ((long)Math.Round(offset) + i) % sound.Frames);
            }
        // Left out: fades of 96 frames.
        var counted = 0;
        foreach (var (from, to) in new[] { (106_096, 168_001), (168_097, 180_000), (180_096, 200_000), (214_096, 230_000), (230_096, 250_003), (250_099, 260_000), (260_096, 300_000) })
            for (var frame = from; frame < to; frame++, counted++)
                if (Math.Abs(played[frame] - heard[frame]) > 1e-6) Assert.Fail($"frame {frame}: {played[frame]} in the project, {heard[frame]} heard");
        Assert.That(counted, Is.GreaterThan(150_000));
        Assert.That(heard.Max(), Is.GreaterThan(0.2f));
    }

    static unsafe double Sample(OscLooper.Dsp.Sound sound, long frame) => sound.Pointer(0)[frame];

    [Test]
    public void A_performance_that_has_ended_is_a_folder_of_its_own()
    {
        using (var rig = Rig())
        {
            rig.Call("/reaper/performance_start", "gig");
            Play(rig);
            Assert.That(rig.Call("/reaper/performance_stop")[^1].ToString(), Does.StartWith("/done").And.Contain("gig"));
            Assert.That(rig.Value("/reaper/performance"), Is.Empty);
            Assert.That(rig.Call("/reaper/performance_stop")[^1].ToString(), Does.StartWith("/fail").And.Contain("not found"));
            // What happens afterwards is not part of it.
            rig.Send("/looper/channel/1/clear");
            rig.Render(1000);
        }
        using var other = Rig();
        Assert.That(other.Call("/reaper/export", "gig", "out")[^1].ToString(), Does.StartWith("/done"));
        CheckPerformance(Project(Path.Combine(folder, "out", "gig.rpp")));
    }

    [Test]
    public void A_second_performance_does_not_write_over_the_first()
    {
        using var rig = Rig();
        foreach (var expected in new[] { "performance", "performance-2" })
        {
            Assert.That(rig.Call("/reaper/performance_start")[^1].ToString(), Does.EndWith(expected));
            Assert.That(rig.Call("/reaper/performance_start")[^1].ToString(), Does.StartWith("/fail").And.Contain("busy"));
            rig.Call("/reaper/performance_stop");
        }
    }

    [Test]
    public void All_scenes_of_the_session_that_plays_follow_each_other_without_a_performance()
    {
        using var rig = Rig();
        Play(rig);
        Assert.That(rig.Call("/reaper/export", "out")[^1].ToString(), Does.StartWith("/done"));
        var project = Project(Path.Combine(folder, "out", "out.rpp"));
        CheckScenes(project);
        // The sounding mix is exported: what the file holds is what the looper plays.
        rig.Call("/looper/channel/1/save", "mix.wav");
        Assert.That(File.ReadAllBytes(Path.Combine(folder, "out", "Media", "01 beat scene 1.wav")), Is.EqualTo(File.ReadAllBytes(Path.Combine(folder, "mix.wav"))));
    }

    [Test]
    public void A_saved_session_is_exported_from_its_folder()
    {
        var vault = Path.Combine(folder, "vault");
        using (var rig = Rig(vault))
        {
            rig.Send("/transport/signature", 3, 4);
            rig.Send("/transport/signature", 4, 4);
            Play(rig);
            Assert.That(rig.Call("/session/save", "jam")[^1].ToString(), Does.StartWith("/done"));
        }
        using var other = Rig();
        var replies = other.Call("/reaper/export", "vault/sessions/jam", "out");
        Assert.That(replies[^1].ToString(), Does.StartWith("/done").And.Contain("jam.rpp"), string.Join("\n", replies));
        CheckScenes(Project(Path.Combine(folder, "out", "jam.rpp")));
    }

    static void CheckScenes(RppBlock project)
    {
        var tracks = project.Blocks("TRACK").ToList();
        Check(tracks[0], (0, 96_000, 0, "Media/01 beat scene 1.wav"), (96_000, 192_000, 0, "Media/01 beat scene 2.wav"));
        Check(tracks[1], (0, 96_000, 0, "Media/02 channel scene 1.wav"));
        Assert.That(project.Lines("MARKER").Select(m => (Math.Round(m.Number(2) * Rate), m.At(3))), Is.EqualTo(new[] { (0.0, "scene 1"), (96_000, "scene 2") }));
    }

    [Test]
    public void Tempo_and_play_lie_in_the_tempo_map_at_their_frames()
    {
        using var rig = Rig();
        rig.Call("/reaper/performance_start", "gig");
        rig.SendAt(10_000, "/looper/channel/1/record");
        rig.SendAt(58_000, "/looper/channel/1/play");
        rig.SendAt(60_000, "/transport/tempo", 90.0);
        rig.SendAt(100_000, "/transport/play");                                     // from beat 0: a bar begins here
        rig.Render(200_000, 128);
        rig.Call("/reaper/export", "out");
        var project = Project(Path.Combine(folder, "out", "out.rpp"));
        var points = project.Block("TEMPOENVEX")!.Lines("PT").Select(p => (Math.Round(p.Number(1) * Rate, 3), p.Number(2))).ToList();
        Assert.That(points, Is.EqualTo(new[] { (0.0, 120.0), (60_000, 90), (100_000, 90) }));
        Check(project.Blocks("TRACK").Single(), (58_000, 200_000, 0, "Media/01 channel scene 1.wav"));
    }

    [Test]
    public void A_loop_of_a_fraction_of_a_frame_has_not_drifted_after_a_minute()
    {
        using var rig = Rig();
        rig.Send("/transport/tempo", 97.3);
        rig.Send("/looper/channel/1/quantize", "bar");
        rig.Call("/reaper/performance_start");
        rig.Send("/looper/channel/1/record");
        rig.SendAt(130_000, "/looper/channel/1/play");
        rig.Render(60 * Rate, 1024);
        rig.Call("/reaper/export", "out");
        var item = Project(Path.Combine(folder, "out", "out.rpp")).Blocks("TRACK").Single().Block("ITEM")!;
        var (origin, frames) = (rig.Number("/looper/channel/1/origin"), rig.Number("/looper/channel/1/frames"));
        Assert.That(rig.Number("/looper/channel/1/length") * Rate, Is.EqualTo(2 * 4 * 60 * Rate / 97.3).Within(1e-6).And.Not.EqualTo(frames).Within(0.1));
        var played = item.Line("SOFFS")!.Number(1) * Rate + (origin - item.Line("POSITION")!.Number(1) * Rate) * item.Line("PLAYRATE")!.Number(1);
        Assert.That((origin, played / frames), Is.EqualTo((origin, Math.Round(played / frames))).Within(1 / frames), "a turn began at that frame, within a frame");
        Assert.That(origin, Is.GreaterThan(55 * Rate));
        Assert.That(item.Line("PLAYRATE")!.At(2), Is.EqualTo("0"), "no time-stretching for a hair's breadth");
        Assert.That(item.Line("POSITION")!.Number(1), Is.EqualTo(2 * 4 * 60 / 97.3).Within(1.0 / Rate), "on the bar of the project");
    }

    [Test]
    public void Loops_of_notes_are_midi_items_where_they_sounded()
    {
        // As the looper writes them: a tick is a frame, whatever the tempo is.
        var (loops, at) = (Path.Combine(folder, "gig", "loops"), "channel-3/scene-1");
        Directory.CreateDirectory(Path.Combine(loops, at));
        new OscLooper.Dsp.MidiFile(0, OscLooper.Dsp.MidiDivision.OfBeat(24_000), [new OscLooper.Dsp.MidiTrackBuilder().Tempo(0, 120).Add(new OscLooper.Dsp.Note(16_000, 8_000, 9, 38, 100, 0)).Build(64_000)]).Write(Path.Combine(loops, at, "loop.mid"));
        File.WriteAllText(Path.Combine(loops, "looper.json"), $$"""
            { "format": 1, "rate": 48000, "framesPerBeat": 32000, "channels": [ { "number": 3, "name": "kit", "lanes": 0, "scenes": [ { "state": "looping",
              "loop": { "file": "{{at}}/loop.mid", "frames": 64000, "period": 64000, "rate": 1, "tape": 7 } } ] } ] }
            """);
        using var rig = Rig();
        Assert.That(rig.Call("/reaper/export", "gig", "grid")[^1].ToString(), Does.StartWith("/done"));
        CheckNotes("grid/gig.rpp", 0, 4, 0);
        File.WriteAllText(Path.Combine(folder, "gig", "performance.jsonl"), """
            {"performance":1,"rate":48000,"frame":0}
            {"type":"grid","frame":0,"beat":0.0,"tempo":90.0,"beats":4,"unit":4}
            {"type":"sounding","channel":3,"frame":10000,"scene":1,"tape":7,"position":32000.0,"rate":1.0}
            {"type":"end","frame":200000}
            """);
        Assert.That(rig.Call("/reaper/export", "gig", "played")[^1].ToString(), Does.StartWith("/done"));
        CheckNotes("played/gig.rpp", 10_000 / 32_000.0, 190_000 / 32_000.0, 1);
    }

    [Test]
    public void A_channel_of_notes_is_exported_as_it_was_played()
    {
        new OscLooper.Dsp.MidiFile(0, OscLooper.Dsp.MidiDivision.OfBeat(480), [new OscLooper.Dsp.MidiTrackBuilder().Tempo(0, 120).Add(new OscLooper.Dsp.Note(240, 120, 9, 38, 100, 0)).Build(960)]).Write(Path.Combine(folder, "in.mid"));
        using var rig = Rig();
        Assert.That(rig.Call("/looper/add_channel", "midi")[^1].ToString(), Does.EndWith("3"));
        rig.Send("/transport/tempo", 90.0);
        rig.Call("/looper/channel/3/load", "in.mid");
        rig.Call("/reaper/performance_start");
        rig.SendAt(10_000, "/looper/channel/3/play");
        rig.SendAt(50_000, "/looper/channel/3/mute", 1);
        rig.SendAt(74_000, "/looper/channel/3/mute", 0);                            // a whole turn after it began: from 0 again
        rig.SendAt(90_000, "/looper/channel/3/stop");
        rig.Render(100_000, 128);
        Assert.That(rig.Call("/reaper/export", "out")[^1].ToString(), Does.StartWith("/done"));
        var items = Project(Path.Combine(folder, "out", "out.rpp")).Blocks("TRACK").Single().Blocks("ITEM").ToList();
        Assert.That(items.Select(i => (i.Line("POSITION")!.Number(1) * Rate, i.Line("LENGTH")!.Number(1) * Rate, i.Line("SOFFS")!.Number(1) * Rate)), Is.EqualTo(new[] { (10_000.0, 40_000.0, 0.0), (74_000, 16_000, 0) }).Within(0.01));
        Assert.That(OscLooper.Reaper.Midi.MidiSource.TryRead(items[0].Block("SOURCE")!, out var take, out _), Is.True);
        Assert.That(take.Events.Select(e => (e.Tick / (double)take.TicksPerBeat, Convert.ToHexString(e.Data))), Is.EqualTo(new[] { (0.5, "992664"), (0.75, "892600") }));
    }

    void CheckNotes(string path, double beat, double beats, double offset)
    {
        var item = Project(Path.Combine(folder, path)).Blocks("TRACK").Single().Block("ITEM")!;
        Assert.That((item.Line("POSITION")!.Number(1) * 1.5, item.Line("LENGTH")!.Number(1) * 1.5, item.Line("SOFFS")!.Number(2)), Is.EqualTo((beat, beats, offset)).Within(1e-9));
        Assert.That(item.Line("PLAYRATE")!.Number(1), Is.EqualTo(1));
        Assert.That(OscLooper.Reaper.Midi.MidiSource.TryRead(item.Block("SOURCE")!, out var take, out _), Is.True);
        Assert.That(take.LengthTicks, Is.EqualTo(2 * take.TicksPerBeat), "64000 frames are two beats at 90");
        Assert.That(take.Events.Select(e => (e.Tick / (double)take.TicksPerBeat, Convert.ToHexString(e.Data))), Is.EqualTo(new[] { (0.5, "992664"), (0.75, "892600") }));
    }

    [Test]
    public void Mutated_logs_and_descriptions_are_read_or_refused_with_the_declared_errors()
    {
        using (var rig = Rig())
        {
            rig.Call("/reaper/performance_start", "gig");
            Play(rig, 1024);
            rig.Call("/reaper/performance_stop");
        }
        var random = new Random(8);
        var (read, refused) = (0, 0);
        foreach (var name in new[] { "performance.jsonl", "loops/looper.json" })
        {
            var path = Path.Combine(folder, "gig", name);
            var whole = File.ReadAllBytes(path);
            for (var n = 0; n < 500 * Soak.Times; n++)
            {
                File.WriteAllBytes(path, Mutated(whole, random));
                try
                {
                    var (model, at) = OscLooper.Reaper.Export.SavedSession.Open(Path.Combine(folder, "gig"));
                    OscLooper.Reaper.Export.SessionSong.Of(model, l => Math.Max(1, l.Frames) / model.SampleRate, (_, _) => "x.wav");
                    read++;
                }
                catch (Exception e) when (e is RppError or OscLooper.Reaper.Song.SongException) { refused++; }
            }
            File.WriteAllBytes(path, whole);
        }
        TestContext.Out.WriteLine($"{read} read, {refused} refused, nothing else thrown");
        Assert.That(read, Is.GreaterThan(100));
        Assert.That(refused, Is.GreaterThan(100));
    }

    static byte[] Mutated(byte[] whole, Random random)
    {
        var bytes = whole.ToList();
        for (var times = random.Next(1, 4); times > 0; times--)
        {
            var at = random.Next(bytes.Count - 40);
            switch (random.Next(5))
            {
                case 0: bytes[at] = (byte)random.Next(256); break;
                case 1: bytes.RemoveRange(at, random.Next(1, 40)); break;
                case 2: bytes.InsertRange(at, bytes.GetRange(random.Next(bytes.Count - 40), 40)); break;
                // Numbers become others: the kind of damage that JSON does not notice.
                default:
                    while (at < bytes.Count && bytes[at] is < (byte)'0' or > (byte)'9') at++;
                    var strange = new[] { "-", "9", "0", "1e300", "99999999999999999999999", "0.0000001", "-1", "1e9" }[random.Next(8)];
                    if (at < bytes.Count) bytes.InsertRange(at, System.Text.Encoding.ASCII.GetBytes(strange));
                    break;
            }
        }
        return [.. bytes];
    }

    [Test]
    public void Half_a_loop_and_a_log_that_breaks_off_are_taken_as_far_as_they_go()
    {
        using var rig = Rig();
        rig.Call("/reaper/performance_start", "gig");
        Play(rig);
        rig.Call("/reaper/performance_stop");
        var log = Path.Combine(folder, "gig", "performance.jsonl");
        var lines = File.ReadAllLines(log);
        File.WriteAllText(log, string.Join('\n', lines[..^2]) + "\n" + lines[^2][..20]);
        Assert.That(rig.Call("/reaper/export", "gig", "out")[^1].ToString(), Does.StartWith("/done"));
        File.WriteAllText(log, string.Join('\n', lines[..3]) + "\n{\n" + string.Join('\n', lines[3..]));
        Assert.That(rig.Call("/reaper/export", "gig", "out")[^1].ToString(), Does.StartWith("/fail").And.Contain("line 4"));
    }
}
