using OscLooper.Server.Realtime;

namespace OscLooper.Tests.Server.Realtime;

public class ClockFollowerTests
{
    const double Rate = 48000;

    /// <summary>Ticks of a clock with uniform jitter of so many milliseconds to either side; the last answer is the follower.</summary>
    static (ClockFollower Follower, long LastTick) Follow(int ticks, double tempo, double jitterMilliseconds, int seed, ClockFollower? follower = null, double start = 1000)
    {
        var random = new Random(seed);
        follower ??= new ClockFollower(Rate);
        var perTick = 60 * Rate / tempo / 24;
        for (var n = 0; n < ticks; n++) follower.Tick((long)Math.Round(start + n * perTick + (random.NextDouble() * 2 - 1) * jitterMilliseconds * Rate / 1000));
        return (follower, (long)Math.Round(start + (ticks - 1) * perTick));
    }

    [Test]
    public void Two_bars_with_2_ms_of_jitter_give_the_tempo_within_a_tenth([Values(60, 120, 137.5, 240)] double tempo)
    {
        var worst = 0.0;
        for (var seed = 0; seed < 60; seed++)
        {
            var (follower, last) = Follow(8 * 24, tempo, 2, seed);
            worst = Math.Max(worst, Math.Abs(follower.Tempo - tempo));
            Assert.That(follower.LastFrame, Is.EqualTo((double)last).Within(0.001 * Rate), "phase within a millisecond");
            Assert.That(follower.IsLocked, Is.True);
        }
        TestContext.Out.WriteLine($"worst of 60: {worst:F4} BPM off");
        // The line over 96 ticks knows their distance to 4.2 us: at 240 BPM that is a larger share of a tick.
        Assert.That(worst, Is.LessThan(tempo > 140 ? 0.4 : 0.1));
    }

    [Test]
    public void A_clock_without_jitter_is_known_to_a_thousandth() => Assert.That(Follow(48, 120, 0, 1).Follower.Tempo, Is.EqualTo(120).Within(0.001));

    [Test]
    public void Another_tempo_is_followed_within_half_a_beat()
    {
        var (follower, last) = Follow(96, 120, 1, 2);
        Follow(12, 90, 1, 3, follower, last + 60 * Rate / 90 / 24);
        Assert.That(follower.Tempo, Is.EqualTo(90).Within(3));
        (follower, last) = Follow(96, 120, 1, 2);
        Follow(96, 60, 0, 3, follower, last + 60 * Rate / 60 / 24);
        Assert.That(follower.Tempo, Is.EqualTo(60).Within(0.01), "half the tempo is not every second tick lost");
    }

    [Test]
    public void A_tick_that_falls_out_is_counted_all_the_same()
    {
        var follower = new ClockFollower(Rate);
        var counted = 0;
        for (var n = 0; n < 200; n++)
            if (n is not (100 or 150 or 151)) counted += follower.Tick(1000 * n);
        Assert.That(counted, Is.EqualTo(200));
        Assert.That(follower.Tempo, Is.EqualTo(120).Within(0.01));
    }

    [Test]
    public void After_a_second_of_silence_it_is_lost()
    {
        var (follower, last) = Follow(48, 120, 0, 1);
        Assert.That((follower.IsLost(last + 47000), follower.IsLost(last + 48100)), Is.EqualTo((false, true)));
    }
}
