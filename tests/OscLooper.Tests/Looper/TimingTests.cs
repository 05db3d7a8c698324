using OscLooper.Looper;

namespace OscLooper.Tests.Looper;

public class TimingTests
{
    [Test]
    public void A_loop_of_eight_beats_at_97_3_BPM_is_within_a_sample_after_an_hour()
    {
        using var stage = new LoopStage();
        stage.Transport(0, "tempo", 97.3);
        stage.Set(0, "quantize", (int)Quantize.Beat);
        stage.Do(100, "record");
        var beat = 48000 * 60 / 97.3;
        stage.Do((long)(beat * 8.5), "play");
        stage.Play((int)(beat * 12), frame => frame % 1000 / 1000f, 4096);

        Assert.That(stage.States().Select(s => s.Frame), Is.EqualTo(new[] { (long)Math.Round(beat), (long)Math.Round(9 * beat) }), "both act on the nearest frame of their beat");
        Assert.That(stage.Cell("length") * 48000, Is.EqualTo(8 * beat).Within(1e-6), "the fraction of a frame is carried");

        var worst = 0.0;
        long turns = 0;
        var lastOrigin = 0.0;
        while (stage.Frame < 48000L * 3600)
        {
            stage.Play(48_000, block: 8192);
            var origin = stage.Cell("origin");
            if (origin == lastOrigin) continue;
            lastOrigin = origin;
            turns++;
            var ideal = beat + Math.Round((origin - beat) / (8 * beat)) * 8 * beat;
            worst = Math.Max(worst, Math.Abs(origin - ideal));
        }
        TestContext.Out.WriteLine($"{turns} turns in an hour, furthest from the ideal: {worst:F3} frames");
        Assert.That(turns, Is.GreaterThan(700));
        Assert.That(worst, Is.LessThanOrEqualTo(1));
    }

    [Test]
    public void A_turn_that_is_a_frame_short_or_long_bends_a_sine_hardly_at_all()
    {
        using var stage = new LoopStage();
        stage.Transport(0, "tempo", 97.3);
        stage.Set(0, "quantize", (int)Quantize.Beat);
        stage.Do(0, "record");
        stage.Do(1000, "play");
        var output = stage.Play(1_500_000, frame => (float)Math.Sin(2 * Math.PI * 440 * frame / 48000), 1024);

        var own = Math.Pow(2 * Math.PI * 440 / 48000, 2);
        var worst = 0.0;
        for (var i = 60_000; i < output.Length; i++) worst = Math.Max(worst, Math.Abs(output[i] - 2 * output[i - 1] + output[i - 2]));
        TestContext.Out.WriteLine($"second difference {worst / own:F2} times the sine's own over {1_500_000 / (48000 * 60 / 97.3):F0} turns");
        Assert.That(worst / own, Is.LessThanOrEqualTo(2));
    }

    [Test]
    public void Quantised_to_the_bar_everything_waits_and_says_so()
    {
        using var stage = new LoopStage();
        stage.Set(0, "quantize", (int)Quantize.Bar);
        stage.AddScene(0);
        stage.Do(100, "record");
        stage.Play(200);
        Assert.That((Act)(int)stage.Cell("pending"), Is.EqualTo(Act.Record));
        stage.Do(100_000, "overdub");
        stage.Do(200_000, "play");
        stage.Do(300_000, "next_scene");
        stage.Do(300_001, "cancel");
        stage.Do(300_002, "next_scene");
        stage.Do(400_000, "prev_scene");
        stage.Do(480_001, "pause");
        stage.Do(480_002, "undo");
        stage.Play(600_000, _ => 0.1f, 1000);

        // A bar of four beats at 120 BPM: 96,000 frames.
        Assert.That(stage.States(), Is.EqualTo(new[]
        {
            (96_000L, LoopState.Recording), (192_000L, LoopState.Looping), (192_000L, LoopState.Overdubbing), (288_000L, LoopState.Looping),
            (384_000L, LoopState.Idle), (480_000L, LoopState.Looping),
        }));
        Assert.That(stage.State(), Is.EqualTo(LoopState.Looping), "undo took back the pending pause only");
        Assert.That(stage.Cell("layers"), Is.EqualTo(1));
    }

    [Test]
    public void Channels_that_follow_others_do_the_same_at_every_block_size([Range(1, 12)] int seed)
    {
        string[] commands = ["record", "play", "overdub", "pause", "stop", "trigger", "clear", "undo", "redo", "record", "play", "next_scene"];
        (float[] Sound, List<(long, LoopState)>[] States)? first = null;
        foreach (var block in new[] { 1, 7, 64, 1024 })
        {
            using var stage = new LoopStage(channels: 3);
            var random = new Random(seed);
            foreach (var channel in new[] { 1, 2, 3 })
            {
                stage.AddScene(0, channel);
                if (channel == 1) stage.Set(0, "sync", (int)(random.Next(2) == 0 ? SyncSource.None : SyncSource.Transport));
                else stage.Set(0, "sync", (int)SyncSource.Channel, channel - 1, channel);
                stage.Set(0, "quantize", channel == 1 ? random.Next(3) : (int)Quantize.Cycle, channel: channel);
            }
            stage.Transport(0, "tempo", 400);
            for (var frame = 100L; frame < 39_000; frame += random.Next(900))
                stage.Do(frame, commands[random.Next(commands.Length)], random.Next(1, 4));
            var sound = stage.Play(40_000, frame => MathF.Sin(frame * 0.01f) * 0.1f, block);
            var states = Enumerable.Range(1, 3).Select(stage.States).ToArray();
            first ??= (sound, states);
            for (var channel = 0; channel < 3; channel++) Assert.That(states[channel], Is.EqualTo(first.Value.States[channel]), $"block size {block}, channel {channel + 1}");
            Assert.That(sound.AsSpan().SequenceEqual(first.Value.Sound), Is.True, $"block size {block}");
        }
        Assert.That(first!.Value.States.Sum(s => s.Count), Is.GreaterThan(10));
    }

    [Test]
    public void A_channel_that_follows_another_acts_on_its_turns()
    {
        using var stage = new LoopStage(channels: 2);
        stage.Do(1000, "record", 2);
        stage.Do(6003, "play", 2);
        stage.Set(7000, "sync", (int)SyncSource.Channel, 2, channel: 1);
        stage.Set(7000, "quantize", (int)Quantize.Cycle, channel: 1);
        stage.Do(8000, "record", 1);
        stage.Do(21_000, "play", 1);
        stage.Play(60_000, _ => 0.1f, 700);

        Assert.That(stage.States(1), Is.EqualTo(new[] { (6003L + 5003, LoopState.Recording), (6003L + 3 * 5003, LoopState.Looping) }));
        Assert.That(stage.Cell("frames", 1), Is.EqualTo(2 * 5003));
    }

    [Test]
    public void A_circle_of_sync_is_refused()
    {
        using var stage = new LoopStage(channels: 3);
        stage.Set(0, "sync", (int)SyncSource.Channel, 2, channel: 1);
        stage.Set(1, "sync", (int)SyncSource.Channel, 3, channel: 2);
        stage.Set(2, "sync", (int)SyncSource.Channel, 1, channel: 3);
        stage.Set(3, "sync", (int)SyncSource.Channel, 1, channel: 1);
        stage.Set(4, "sync", (int)SyncSource.Channel, 9, channel: 1);
        stage.Play(100);
        Assert.That(stage.Heard.Where(e => e.Kind == EventKind.Refused).Select(e => (Reason)(int)e.A), Is.EqualTo(new[] { Reason.Refused, Reason.Refused, Reason.NotFound }));
        Assert.That(stage.Cell("sync", 3), Is.EqualTo((int)SyncSource.Transport));
    }

    [Test]
    public void The_tempo_is_taken_from_a_loop([Values(0, 8)] int beats)
    {
        using var stage = new LoopStage();
        stage.Do(0, "record");
        stage.Do(150_000, "play");
        stage.Own(160_000, "tempo_from_loop", 1, beats);
        stage.Play(170_000);
        // 3.125 s: 4 beats are 76.8, 8 are 153.6 (outside 70..140), so the bar of four is taken.
        var heard = stage.Heard.Last(e => e.Target == stage.TransportLeaf("tempo"));
        Assert.That(heard.A, Is.EqualTo((beats == 0 ? 4 : 8) * 60 / 3.125).Within(1e-9));
        Assert.That(heard.Frame, Is.EqualTo(160_000));
    }

    [Test]
    public void Every_block_size_gives_the_same_bits()
    {
        var random = new Random(11);
        var events = new List<(long Frame, string Name, double? A, double B, int Channel)>();
        string[] commands = ["record", "play", "overdub", "trigger", "pause", "stop", "undo", "redo", "next_scene", "clear", "record", "play", "overdub"];
        for (var i = 0; i < 400; i++)
        {
            var (frame, channel) = (random.Next(0, 200_000), random.Next(1, 4));
            var kind = random.Next(12);
            if (kind < 8) events.Add((frame, commands[random.Next(commands.Length)], null, 0, channel));
            else if (kind == 8) events.Add((frame, "volume", random.NextDouble() * 2, 0, channel));
            else if (kind == 9) events.Add((frame, "pan", random.NextDouble() * 2 - 1, 0, channel));
            else if (kind == 10) events.Add((frame, "rate", new[] { 1, 1, 0.5, 2, -1, 1.37, 0 }[random.Next(7)], 0, channel));
            else events.Add((frame, new[] { "solo", "mute", "monitor", "quantize", "feedback" }[random.Next(5)] is var name && name == "feedback" ? "feedback" : name, name == "feedback" ? random.NextDouble() : random.Next(2), 0, channel));
        }
        events.Add((3, "sync", 2, 3, 1));
        var sizes = new[] { 128, 1, 7, 64, 1024 };
        var outputs = new List<float[]>();
        foreach (var size in sizes)
        {
            using var stage = new LoopStage(channels: 3, lanes: 2, memoryBytes: 256 << 20);
            for (var c = 1; c <= 3; c++) stage.AddScene(0, c);
            stage.Transport(0, "tempo", 333.3);
            foreach (var (frame, name, a, b, channel) in events.OrderBy(e => e.Frame))
                if (a is null) stage.Do(frame, name, channel);
                else stage.Set(frame, name, a.Value, b, channel);
            outputs.Add(stage.Play(210_000, frame => (float)Math.Sin(frame * 0.05) * 0.3f + frame % 997 / 4000f, size));
        }
        Assert.That(outputs[0].Count(s => s != 0), Is.GreaterThan(100_000), "too little happened to prove anything");
        for (var i = 1; i < sizes.Length; i++)
        {
            var at = Enumerable.Range(0, 210_000).FirstOrDefault(f => BitConverter.SingleToInt32Bits(outputs[0][f]) != BitConverter.SingleToInt32Bits(outputs[i][f]), -1);
            Assert.That(at, Is.EqualTo(-1), $"block size {sizes[i]} differs from 128 at frame {at}");
        }
    }

    [Test]
    public void Varispeed_follows_a_sine_and_overdub_at_another_rate_lands_where_it_is_heard([Values(0.5, 2, -1, 1.5)] double rate)
    {
        using var stage = new LoopStage();
        stage.Do(0, "record");
        stage.Do(48_000, "play");
        stage.Set(48_000, "rate", rate);
        var output = stage.Play(200_000, frame => frame < 48_000 ? (float)Math.Sin(2 * Math.PI * 100 * frame / 48000) : 0);
        // 100 Hz fits the loop 100 times: the pitch follows the rate, without a step anywhere.
        var own = 2 * Math.PI * 100 * Math.Abs(rate) / 48000;
        for (var i = 48_200; i < output.Length; i++) Assert.That(Math.Abs(output[i] - output[i - 1]), Is.LessThan(own * 1.05), $"frame {i}");
        var crossings = 0;
        for (var i = 60_000; i < 156_000; i++) if (output[i - 1] < 0 && output[i] >= 0) crossings++;
        Assert.That(crossings, Is.EqualTo(200 * Math.Abs(rate)).Within(1.5));

        stage.Do(stage.Frame, "overdub");
        stage.Do(stage.Frame + 10_000, "play");
        stage.Play(10_200, _ => 0.25f);
        stage.Do(stage.Frame, "undo");
        stage.Play(10);
        stage.Do(stage.Frame, "redo");
        var turn = (int)(48_000 / Math.Abs(rate));
        stage.Play(Math.Max(0, turn - 10_210));
        var heard = stage.Play(10_000);
        var mean = heard.Skip(200).Take(9600).Average();
        Assert.That(mean, Is.EqualTo(0.25).Within(0.02), "what was added is heard a turn later, no frame left out");
    }
}
