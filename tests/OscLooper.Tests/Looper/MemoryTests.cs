using System.Text.Json.Nodes;
using Newtonsoft.Json.Linq;
using OscLooper.Dsp;
using OscLooper.Looper;
using OscLooper.Testing;
using OscLooper.Tests.Server.Vault;

namespace OscLooper.Tests.Looper;

/// <summary>Loops that come back: bit for bit, in phase, with their history.</summary>
public class MemoryTests
{
    readonly VaultStage stage = new();
    LooperModule looper = null!;

    [TearDown]
    public void GoAway() => stage.Dispose();

    Rig Start() => stage.Start("", ("looper", at => looper = new LooperModule(at)));

    static float[] Noise(int frames, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, frames).Select(_ => random.NextSingle() - 0.5f)];
    }

    // Two channels with a history each, one of them with two scenes; odd lengths, so that phases run apart.
    static void Play(Rig rig)
    {
        rig.Send("/looper/channel/1/sync", "none");
        rig.Send("/looper/channel/2/sync", "none");
        rig.Send("/looper/channel/1/add_scene");
        rig.Send("/looper/channel/1/record");
        rig.Render(Noise(9001, 1));
        rig.Send("/looper/channel/1/overdub");
        rig.Render(Noise(5000, 2));
        rig.Send("/looper/channel/1/overdub");
        rig.Send("/looper/channel/2/record");
        rig.Render(Noise(7003, 3));
        rig.Send("/looper/channel/2/play");
        rig.Send("/looper/channel/2/overdub");
        rig.Render(Noise(2000, 4));
        rig.Send("/looper/channel/2/play");
        rig.Render(1000);
        rig.Send("/looper/channel/2/undo");
        rig.Send("/looper/channel/1/scene", 2);
        rig.Render(200);
        rig.Send("/looper/channel/1/record");
        rig.Render(Noise(3301, 5));
        rig.Send("/looper/channel/1/play");
        rig.Send("/looper/channel/1/volume", 0.7f);
        rig.Send("/looper/channel/2/pan", -0.4f);
        rig.Send("/looper/channel/1/name", "Gitarre");
        rig.Render(1234);
    }

    static readonly string[] states =
        [.. from n in new[] { 1, 2 } from leaf in new[] { "volume", "pan", "state", "scene", "scenes", "layers", "redo_layers", "frames", "name", "sync" } select $"/looper/channel/{n}/{leaf}"];

    static string[] Ask(Rig rig) => [.. states.Select(s => s.EndsWith("state") ? rig.Value(s).Split(' ')[0] : rig.Value(s))];

    [Test]
    public void After_a_restart_the_same_samples_follow_and_everything_says_the_same()
    {
        string[] before;
        float[][] goesOn;
        using (var rig = Start())
        {
            Play(rig);
            VaultStage.Save(rig);
            before = Ask(rig);
            goesOn = rig.Render([new float[40_000]]);
        }
        using var again = Start();
        var restored = again.Render([new float[40_000]]);
        Assert.That(Ask(again), Is.EqualTo(before));
        Assert.That(stage.Lines, Is.Empty);
        for (var lane = 0; lane < 2; lane++)
            Assert.That(restored[lane].AsSpan(200).SequenceEqual(goesOn[lane].AsSpan(200)), $"lane {lane}");
        Assert.That(restored[0].Max(), Is.GreaterThan(0.3f), "it sounds");
    }

    [Test]
    public void Undo_redo_and_the_other_scene_come_back_too()
    {
        string[] moves = ["/looper/channel/2/redo", "/looper/channel/1/prev_scene", "/looper/channel/1/undo", "/looper/channel/2/undo", "/looper/channel/2/undo", "/looper/channel/1/redo"];
        var heard = new List<float[]>();
        var said = new List<string[]>();
        for (var run = 0; run < 2; run++)
        {
            using var rig = Start();
            if (run == 0)
            {
                Play(rig);
                VaultStage.Save(rig);
            }
            rig.Render(300);
            var place = 0;
            foreach (var move in moves)
            {
                rig.Send(move);
                var samples = rig.Render(12_000);
                if (run == 0)
                {
                    heard.Add(samples);
                    said.Add(Ask(rig));
                }
                else
                {
                    Assert.That(Ask(rig), Is.EqualTo(said[place]), move);
                    Assert.That(samples.AsSpan(300).SequenceEqual(heard[place].AsSpan(300)), move);
                    place++;
                }
            }
        }
    }

    [Test]
    public void What_is_saved_again_is_the_same_and_is_not_written_twice()
    {
        using (var rig = Start())
        {
            Play(rig);
            VaultStage.Save(rig);
            var first = Files();
            VaultStage.Save(rig);
            Assert.That(Files().Keys, Is.EqualTo(first.Keys));
            foreach (var (name, file) in Files()) Assert.That(Links(file), Is.EqualTo(2), $"{name} is linked");
            Assert.That(first.Keys, Is.SupersetOf(new[] { "channel-1/scene-1/loop.wav", "channel-1/scene-1/undo-1.wav", "channel-1/scene-2/loop.wav", "channel-2/scene-1/loop.wav", "channel-2/scene-1/redo-1.wav" }));
        }
        var bytes = Files().ToDictionary(f => f.Key, f => File.ReadAllBytes(f.Value));
        using var again = Start();
        again.Render(128);
        VaultStage.Save(again);
        foreach (var (name, file) in Files())
        {
            Assert.That(File.ReadAllBytes(file), Is.EqualTo(bytes[name]), name);
            Assert.That(Links(file), Is.EqualTo(3), $"{name} is linked from what was loaded");
        }
    }

    string Data => stage[stage.Document()["imps"]!["looper"]!["data"]!.Value<string>("folder")!];

    SortedDictionary<string, string> Files() =>
        new(Directory.GetFiles(Data, "*.wav", SearchOption.AllDirectories).ToDictionary(f => Path.GetRelativePath(Data, f)));

    static int Links(string file)
    {
        using var stat = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("stat", ["-c", "%h", file]) { RedirectStandardOutput = true })!;
        return int.Parse(stat.StandardOutput.ReadToEnd());
    }

    [Test]
    public void Layers_share_memory_again_as_they_did_when_they_were_played()
    {
        long before;
        using (var rig = Start())
        {
            rig.Send("/looper/channel/1/sync", "none");
            rig.Send("/looper/channel/1/record");
            rig.Render(Noise(480_000, 1));
            rig.Send("/looper/channel/1/play");
            for (var pass = 0; pass < 6; pass++)
            {
                rig.Send("/looper/channel/1/overdub");
                rig.Render(Noise(4000, 2 + pass));
                rig.Send("/looper/channel/1/play");
                rig.Render(2000);
            }
            before = looper.Pool.BytesInUse;
            VaultStage.Save(rig);
        }
        using var again = Start();
        again.Render(128);
        Assert.That(again.Number("/looper/channel/1/layers"), Is.EqualTo(6));
        Assert.That(looper.Pool.BytesInUse, Is.LessThan(before * 1.2), "seven layers of 10 s, each rewritten for 0.1 s");

        // What is shared is given back once and not twice.
        again.Send("/looper/channel/1/remove");
        again.Render(48_000);
        Assert.That(looper.Pool.BytesInUse, Is.LessThan(1 << 16));
    }

    [Test]
    public void A_take_under_way_is_kept_and_waits_at_its_beginning()
    {
        using (var rig = Start())
        {
            rig.Send("/looper/channel/2/record");
            rig.Render(Noise(5000, 7));
            VaultStage.Save(rig);
        }
        using var again = Start();
        again.Render(128);
        Assert.That(again.Value("/looper/channel/2/state"), Does.StartWith("paused"));
        Assert.That(again.Number("/looper/channel/2/frames"), Is.EqualTo(5000));
        again.Send("/looper/channel/2/play");
        Assert.That(again.Render(1000).AsSpan(200, 800).SequenceEqual(Noise(5000, 7).AsSpan(200, 800)));
    }

    [Test]
    public void Loops_keep_their_place_in_the_bar()
    {
        double position, beat;
        using (var rig = Start())
        {
            rig.Send("/transport/tempo", 130.0);
            rig.Send("/transport/signature", 3, 4);
            rig.Send("/transport/play");
            rig.Render(10_000);
            rig.Send("/looper/channel/1/quantize", "bar");
            rig.Send("/looper/channel/1/record");
            rig.Render(Noise(200_000, 1));
            rig.Send("/looper/channel/1/play");
            rig.Render(150_000);
            Assert.That(rig.Value("/looper/channel/1/state"), Does.StartWith("looping"));
            VaultStage.Save(rig);
            rig.Render(5000);
            (position, beat) = (rig.Number("/looper/channel/1/position"), rig.Number("/transport/position"));
        }
        using var again = Start();
        again.Render(5000);
        var length = again.Number("/looper/channel/1/frames");
        Assert.That(again.Number("/looper/channel/1/position") * length, Is.EqualTo(position * length).Within(1));
        Assert.That(again.Number("/transport/position"), Is.EqualTo(beat).Within(1e-3));
        Assert.That(again.Value("/transport/playing"), Is.EqualTo("1"));
    }

    [Test]
    public void A_loop_at_another_speed_and_one_that_follows_another_come_back()
    {
        float[] goesOn;
        using (var rig = Start())
        {
            Play(rig);
            rig.Send("/looper/channel/1/rate", -0.5f);
            rig.Send("/looper/channel/1/monitor", "auto");
            rig.Send("/looper/channel/2/sync", "channel", 1);
            rig.Render(777);
            VaultStage.Save(rig);
            goesOn = rig.Render(20_000);
        }
        using var again = Start();
        var restored = again.Render(20_000);
        for (var i = 200; i < 20_000; i++) Assert.That(restored[i], Is.EqualTo(goesOn[i]).Within(1e-4), $"frame {i}");
        Assert.That(again.Value("/looper/channel/2/sync"), Is.EqualTo("channel 1"));
        Assert.That(again.Call("/looper/channel/1/sync", "channel", 2)[^1].ToString(), Does.Contain("refused"), "the circle is seen");
    }

    [Test]
    public void At_another_rate_the_loops_keep_their_length()
    {
        using (var rig = Start())
        {
            Play(rig);
            VaultStage.Save(rig);
        }
        using var other = new Rig(new OscLooper.Server.ServerOptions { Vault = stage.Folder, Rate = 44100 }, ("looper", at => new LooperModule(at)));
        other.Render(128);
        Assert.That(other.Number("/looper/channel/1/length"), Is.EqualTo(3301 / 48000.0).Within(1e-4));
        Assert.That(other.Value("/looper/channel/1/state"), Does.StartWith("looping"));
        VaultStage.Save(other);
    }

    [Test]
    public void What_is_damaged_costs_its_layer_only_and_nothing_outside_is_read()
    {
        using (var rig = Start())
        {
            Play(rig);
            VaultStage.Save(rig);
        }
        var file = Path.Combine(Data, "looper.json");
        File.WriteAllText(Path.Combine(Data, "channel-2/scene-1/loop.wav"), "RIFF, but not for long");
        var json = JsonNode.Parse(File.ReadAllText(file))!;
        var scenes = json["channels"]![0]!["scenes"]!;
        scenes[0]!["undo"]![0]!["file"] = "../../../lock";
        scenes[1]!["loop"]!["position"] = -1e300;
        scenes[1]!["loop"]!["period"] = 5;
        json["channels"]!.AsArray().Add(JsonNode.Parse("""{"number":1,"scenes":[]}"""));
        json["channels"]!.AsArray().Add(JsonNode.Parse("""{"number":900000}"""));
        json["channels"]!.AsArray().Add(7);
        File.Delete(file);
        File.WriteAllText(file, json.ToJsonString());
        using var again = Start();
        again.Render(2000);
        Assert.That(again.Value("/looper/channel/2/state"), Does.StartWith("idle"));
        Assert.That(again.Number("/looper/channel/2/redo_layers"), Is.EqualTo(1));
        Assert.That(again.Number("/looper/channel/1/frames"), Is.EqualTo(3301));
        again.Send("/looper/channel/1/scene", 1);
        Assert.That(again.Number("/looper/channel/1/layers"), Is.EqualTo(0));
        Assert.That(again.Number("/looper/channel/1/frames"), Is.EqualTo(9001));
    }

    [TestCase("")]
    [TestCase("{")]
    [TestCase("[]")]
    [TestCase("{\"format\":2,\"channels\":[]}")]
    public void A_document_that_cannot_be_read_is_not_taken_and_not_lost(string text)
    {
        using (var rig = Start())
        {
            Play(rig);
            VaultStage.Save(rig);
        }
        var file = Path.Combine(Data, "looper.json");
        File.Delete(file);
        File.WriteAllText(file, text);
        using var again = Start();
        Assert.That(stage.Lines, Has.Some.Contains("graveyard"));
        again.Render(128);
        Assert.That(again.Value("/looper/channel/1/state"), Does.StartWith("idle"));
        VaultStage.Save(again);
        Assert.That(stage.Document()["graveyard"]!.HasValues);
    }
}
