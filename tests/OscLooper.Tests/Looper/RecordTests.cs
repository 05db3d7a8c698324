using OscLooper.Looper;

namespace OscLooper.Tests.Looper;

public class RecordTests
{
    static float Counter(long frame) => frame / 65536f;

    [Test]
    public void A_loop_plays_what_came_in_between_record_and_play([Values(1, 7, 64, 128, 1024)] int block)
    {
        using var stage = new LoopStage();
        stage.Do(10_000, "record");
        stage.Do(15_000, "play");

        var output = stage.Play(30_000, Counter, block);

        Assert.That(output.Take(15_000), Has.All.Zero, "monitor is off");
        // Behind the fade-in of 96 frames and before the seam of 256.
        for (var i = 96; i < 5000 - 256; i++) Assert.That(output[15_000 + i], Is.EqualTo(Counter(10_000 + i)), $"first turn, frame {i}");
        for (var i = 0; i < 5000 - 256; i++) Assert.That(output[20_000 + i], Is.EqualTo(Counter(10_000 + i)), $"second turn, frame {i}");
        Assert.That(stage.Cell("frames"), Is.EqualTo(5000));
        Assert.That(stage.States(), Is.EqualTo(new[] { (10_000L, LoopState.Recording), (15_000L, LoopState.Looping) }));
    }

    [Test]
    public void A_constant_input_makes_a_seam_without_any_deviation([Values(0, 1000)] int recordFrame)
    {
        using var stage = new LoopStage();
        stage.Do(recordFrame, "record");
        stage.Do(recordFrame + 3001, "play");

        var output = stage.Play(20_000, _ => 0.5f);

        Assert.That(output.Skip(recordFrame + 3001 + 96), Has.All.EqualTo(0.5f).Within(1e-6));
    }

    [Test]
    public void A_sine_that_is_cut_anywhere_bends_no_more_than_twice_its_own_at_the_seam([Values(0, 4000)] int recordFrame, [Random(2000, 9000, 12)] int length)
    {
        using var stage = new LoopStage();
        static float Sine(long frame) => (float)Math.Sin(2 * Math.PI * 440 * frame / 48000);
        stage.Do(recordFrame, "record");
        stage.Do(recordFrame + length, "play");

        var output = stage.Play(recordFrame + 4 * length, Sine);

        var own = Math.Pow(2 * Math.PI * 440 / 48000, 2);
        var worst = 0.0;
        for (var i = recordFrame + length + 200; i < output.Length; i++)
            worst = Math.Max(worst, Math.Abs(output[i] - 2 * output[i - 1] + output[i - 2]));
        TestContext.Out.WriteLine($"second difference at the seam: {worst / own:F2} times the sine's own");
        Assert.That(worst / own, Is.LessThanOrEqualTo(2));
    }

    [Test]
    public void Every_start_and_stop_is_faded()
    {
        using var stage = new LoopStage();
        stage.Do(1000, "record");
        stage.Do(3000, "play");
        var random = new Random(3);
        string[] acts = ["pause", "stop", "play", "trigger", "pause", "undo", "redo"];
        for (var frame = 4000; frame < 60_000; frame += random.Next(1, 900)) stage.Do(frame, acts[random.Next(acts.Length)]);

        var output = stage.Play(62_000, _ => 0.5f);

        // A constant loop makes every step audible: the steepest part of a 96-frame raised cosine is pi/192 of the height.
        var steepest = 0f;
        for (var i = 3001; i < output.Length; i++) steepest = Math.Max(steepest, Math.Abs(output[i] - output[i - 1]));
        Assert.That(steepest, Is.LessThan(2 * 0.5f * Math.PI / 192 * 1.01));
        Assert.That(steepest, Is.GreaterThan(0.004), "nothing happened");
    }

    [Test]
    public void A_pool_that_runs_dry_ends_the_take_where_it_is_and_says_so()
    {
        using var stage = new LoopStage(memoryBytes: 80 * 8192);
        stage.Do(100, "record");
        stage.Play(300_000, Counter);

        var frames = stage.Cell("frames");
        Assert.That(frames, Is.GreaterThan(60 * 2048 / 2).And.LessThan(80 * 2048));
        Assert.That(stage.State(), Is.EqualTo(LoopState.Looping));
        Assert.That(stage.Heard.Count(e => e.Kind == EventKind.Refused && e.A == (int)Reason.Failed), Is.EqualTo(1));
    }

    [Test]
    public void Overdub_adds_and_feedback_keeps_less_of_the_old()
    {
        using var stage = new LoopStage();
        stage.Do(1000, "record");
        stage.Do(5000, "play");
        stage.Set(5000, "feedback", 0.5);
        stage.Do(9000, "overdub");
        stage.Do(17_000, "play");

        var output = stage.Play(24_000, frame => frame < 5000 ? 0.4f : frame is >= 9000 and < 17_000 ? 0.1f : 0);

        Assert.That(output[8000], Is.EqualTo(0.4f).Within(1e-6), "the loop");
        Assert.That(output[12_000], Is.EqualTo(0.4f).Within(1e-6), "what is being added is not heard from the loop yet");
        Assert.That(output[16_000], Is.EqualTo(0.3f).Within(1e-6), "0.4 * 0.5 + 0.1");
        Assert.That(output[20_000], Is.EqualTo(0.25f).Within(1e-6), "(0.4 * 0.5 + 0.1) * 0.5 + 0.1");
        Assert.That(stage.Cell("layers"), Is.EqualTo(1));
    }

    [Test]
    public void Undo_takes_back_the_pass_and_redo_brings_it()
    {
        using var stage = new LoopStage();
        stage.Do(1000, "record");
        stage.Do(5000, "overdub");
        stage.Do(9000, "play");
        stage.Do(14_000, "undo");
        stage.Do(20_000, "redo");

        var output = stage.Play(26_000, frame => frame < 5000 ? 0.4f : frame < 9000 ? 0.1f : 0);

        Assert.That(output[12_000], Is.EqualTo(0.5f).Within(1e-6));
        Assert.That(output[16_000], Is.EqualTo(0.4f).Within(1e-6));
        Assert.That(output[22_000], Is.EqualTo(0.5f).Within(1e-6));
    }

    [Test]
    public void Many_layers_are_kept_and_the_memory_of_dropped_ones_comes_back()
    {
        using var stage = new LoopStage(memoryBytes: 16 << 20);
        stage.Do(0, "record");
        stage.Do(20_000, "play");
        stage.Play(20_000, _ => 0.01f);
        long after20 = 0;
        for (var pass = 0; pass < 200; pass++)
        {
            stage.Do(stage.Frame, "overdub");
            stage.Do(stage.Frame + 20_000, "play");
            stage.Play(20_200, _ => 0.001f);
            if (pass == 20) after20 = stage.Looper.Pool.BytesInUse;
        }
        stage.Play(40_000);
        stage.Looper.Work();
        Assert.That(stage.Cell("layers"), Is.GreaterThanOrEqualTo(8));
        Assert.That(stage.Looper.Pool.BytesInUse, Is.LessThanOrEqualTo(after20 + (1 << 20)), "memory of dropped layers leaked");

        for (var i = 0; i < 20; i++) stage.Do(stage.Frame, "undo");
        stage.Do(stage.Frame, "clear");
        stage.Do(stage.Frame + 1, "record");
        stage.Do(stage.Frame + 2, "clear");
        stage.Play(1000);
    }
}
