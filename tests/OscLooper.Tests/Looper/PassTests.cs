using OscLooper.Looper;

namespace OscLooper.Tests.Looper;

/// <summary>Overdubs that end or turn anywhere: no edge is written on the tape, none is heard.</summary>
public class PassTests
{
    const double Step = 2 * Math.PI * 50 / 48000;

    // Never 0 at any edge, and so slow that every step stands out.
    static float Slow(long frame) => (float)(0.1 + 0.1 * Math.Sin(Step * frame));

    static LoopStage Looping(float feedback = 0.3f)
    {
        var stage = new LoopStage();
        stage.Set(0, "feedback", feedback);
        stage.Do(1000, "record");
        stage.Do(9215, "play");
        stage.Do(30_000, "overdub");
        return stage;
    }

    static double WorstBend(float[] output, int from = 9500)
    {
        var (worst, where) = (0.0, 0);
        for (var i = from; i < output.Length; i++)
            if (Math.Abs(output[i] - 2 * output[i - 1] + output[i - 2]) is var bend && bend > worst) (worst, where) = (bend, i);
        TestContext.Out.WriteLine($"second difference at most {worst:F5}, at {where}");
        return worst;
    }

    [Test]
    public void A_pass_that_is_ended_by_anything_comes_back_without_an_edge([Values("clear undo", "undo redo", "stop play", "trigger play", "record play", "play record undo undo")] string acts)
    {
        using var stage = Looping();
        var frame = 40_000L;
        foreach (var act in acts.Split(' '))
        {
            stage.Do(frame, act);
            frame += act == "play" ? 40 : 9000;
        }
        var output = stage.Play(120_000, Slow);
        Assert.That(WorstBend(output), Is.LessThan(0.001));
        Assert.That(stage.State(), Is.EqualTo(LoopState.Looping));
        Assert.That(output.Skip(100_000).Max(), Is.GreaterThan(0.15f), "nothing sounds");
    }

    [Test]
    public void A_pass_that_begins_while_another_still_fades_out_elsewhere_leaves_no_edge_on_either([Values(1, 20, 60)] int later, [Values] bool isTakenBack)
    {
        using var stage = Looping();
        stage.Do(40_000, "trigger");
        stage.Do(40_000 + later, "overdub");
        stage.Do(52_000, "play");
        if (isTakenBack) stage.Do(60_000, "undo");
        Assert.That(WorstBend(stage.Play(100_000, Slow)), Is.LessThan(0.01));
    }

    [Test]
    public void The_input_may_change_while_it_is_written([Values] bool isTake, [Values("1", "0.5")] string rate)
    {
        using var stage = Looping();
        stage.Set(29_000, "rate", double.Parse(rate, System.Globalization.CultureInfo.InvariantCulture));
        if (isTake) stage.Do(36_000, "play");
        if (isTake) stage.Do(37_000, "record");
        stage.Connect(40_000, "input", -2, -2);
        stage.Connect(43_000, "input", 0, 0);
        stage.Do(48_000, "play");
        Assert.That(WorstBend(stage.Play(120_000, Slow)), Is.LessThan(0.002));
    }

    [Test]
    public void The_rate_may_change_while_a_pass_is_written(
        [Values("1.416", "0.5 1", "-1 1", "0 1", "2 -2 1", "0.5 3 0.7 -0.7 1", "1.0001 0.5 1")] string rates, [Values(1, 700)] int block)
    {
        using var stage = Looping();
        var frame = 40_000L;
        foreach (var rate in rates.Split(' '))
        {
            stage.Set(frame, "rate", double.Parse(rate, System.Globalization.CultureInfo.InvariantCulture));
            frame += 7000;
        }
        stage.Do(frame, "play");
        var output = stage.Play(200_000, Slow, block);
        // Three times the speed bends what was steep nine times as much; an edge bends 0.04 to 0.4.
        Assert.That(WorstBend(output), Is.LessThan(0.005));
    }

    [Test]
    public void A_pass_at_any_rate_reads_what_was_there_and_writes_what_comes_in([Values(0.5, -0.5, 1.416, -1, 2, 3.7, 0.3)] double rate)
    {
        using var stage = Looping();
        stage.Set(20_000, "rate", rate);
        stage.Do(30_000 + (long)(8215 * 2.3 / Math.Abs(rate)), "play");
        Assert.That(WorstBend(stage.Play(160_000, Slow)), Is.LessThan(0.002));
    }

    [Test]
    public void A_slow_pass_has_no_edge_when_it_is_played_fast([Values(0.25, 0.1, -0.1)] double rate)
    {
        using var stage = Looping();
        stage.Set(29_000, "rate", rate);
        stage.Do(60_000, "play");
        stage.Set(70_000, "rate", 1);
        Assert.That(WorstBend(stage.Play(120_000, Slow)), Is.LessThan(0.001));
    }

    [Test]
    public void At_a_varied_rate_a_constant_is_added_everywhere_once([Values(0.5, -0.5, 1.416, -1, 2, 0.25)] double rate)
    {
        using var stage = Looping(feedback: 1);
        stage.Set(20_000, "rate", rate);
        // One turn and the fade: every place got 0.1 once, those of the fade in and out together once more.
        stage.Do(30_000 + (long)Math.Round(8215 / Math.Abs(rate)), "play");
        var output = stage.Play(30_000 + (int)(8215 * 4 / Math.Abs(rate)), frame => frame < 9215 ? 0.5f : 0.1f);
        var end = output.TakeLast((int)(8215 / Math.Abs(rate))).ToArray();
        Assert.That(end.Max(), Is.EqualTo(0.6f).Within(0.002));
        Assert.That(end.Min(), Is.EqualTo(0.6f).Within(0.002), "a place was left out or written twice");
    }
}
