using OscLooper.Server.Realtime;

namespace OscLooper.Tests.Server.Realtime;

public class SampleClockTests
{
    [Test]
    public void Frames_and_times_map_to_each_other_exactly()
    {
        var clock = new SampleClock(48000);
        clock.Anchor(1_000_000, 5_000_000_000_123, 1e9 / 44100);
        Assert.That(clock.FrameAtMonotonic(5_000_000_000_123 + 3_600_000_000_000), Is.EqualTo(1_000_000 + 3600.0 * 44100).Within(1e-6));
        Assert.That(clock.MonotonicAt(1_000_000 + 44100), Is.EqualTo(5_001_000_000_123));
        var unix = clock.UnixAt(123456789);
        Assert.That(clock.FrameAt(unix), Is.EqualTo(123456789));
        Assert.That(clock.ExactFrameAt(unix), Is.EqualTo(123456789).Within(1e-4));
    }

    [Test]
    public void A_wall_clock_that_was_set_is_noticed_and_followed()
    {
        var clock = new SampleClock(48000);
        var (unix, frame) = (clock.UnixNow, clock.ExactFrameAt(clock.UnixNow));
        Assert.That(clock.WatchWallClock(), Is.False, "nobody set it");
        var offset = clock.UnixAt(0) - clock.MonotonicAt(0);
        Assert.That(clock.Follow(offset + 3_600_000_000_000), Is.True);
        Assert.That(clock.ExactFrameAt(unix + 3_600_000_000_000), Is.EqualTo(frame).Within(4800), "the new time of the same moment is the same frame");
        Assert.That(clock.WallClockSteps, Is.EqualTo(1));
    }

    /// <summary>Callbacks that are late by a random time, now and then by much, with a device that runs fast by some millionths.</summary>
    [TestCase(0, 128)]
    [TestCase(80, 128)]
    [TestCase(-80, 1024)]
    public void From_late_callbacks_the_line_is_found_and_then_hardly_moves(double millionths, int block)
    {
        var (clock, random) = (new SampleClock(48000), new Random(9));
        var estimator = new ClockEstimator(clock, 48000);
        var perFrame = 1e9 / 48000 * (1 - millionths / 1e6);
        const long start = 123_456_789_000;
        var (worstLine, worstPromise) = (0.0, 0.0);
        var promises = new Queue<(long Due, double Frame, long Time)>();
        for (var frame = 0L; frame < 48000 * 60; frame += block)
        {
            var exact = start + frame * perFrame;
            // Median 20 us late, one in a hundred 0.3 ms, one in a thousand 3 ms.
            var late = 5_000 - 20_000 * Math.Log(1 - random.NextDouble()) + (random.Next(100) == 0 ? 300_000 : 0) + (random.Next(1000) == 0 ? 3_000_000 : 0);
            var now = (long)(exact + late);
            estimator.Observe(frame, now);
            if (frame < 48000 * 6) continue;

            worstLine = Math.Max(worstLine, Math.Abs(clock.FrameAtMonotonic((long)exact) - frame));
            var ahead = 100_000_000 + random.Next(400_000_000);
            promises.Enqueue((now + ahead - 50_000_000, clock.FrameAtMonotonic(now) + ahead / 1e9 * clock.FramesPerSecond, now + ahead));
            while (promises.Count > 0 && promises.Peek().Due <= now)
            {
                var promise = promises.Dequeue();
                worstPromise = Math.Max(worstPromise, Math.Abs(clock.FrameAtMonotonic(promise.Time) - promise.Frame));
            }
        }
        TestContext.Out.WriteLine($"line off by {worstLine:F2} frames at most, promises broken by {worstPromise:F2}; {clock.FramesPerSecond:F3} frames a second");
        Assert.That(worstLine, Is.LessThan(2));
        Assert.That(worstPromise, Is.LessThan(0.5));
        Assert.That(estimator.Jumps, Is.Zero);
        Assert.That(clock.FramesPerSecond, Is.EqualTo(1e9 / perFrame).Within(0.5));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void Lost_frames_make_the_line_jump_once(bool isTold)
    {
        var clock = new SampleClock(48000);
        var (estimator, random) = (new ClockEstimator(clock, 48000), new Random(2));
        for (var block = 0L; block < 8000; block++)
        {
            var lost = block >= 4000 ? 20_000_000 : 0;
            if (isTold && block == 4000) estimator.Lost();
            estimator.Observe(block * 128, (long)(block * 128 * 1e9 / 48000) + lost + random.Next(30_000));
            if (block == 3999) Assert.That(clock.FrameAtMonotonic((long)(1e9 * 3999 * 128 / 48000)), Is.EqualTo(3999 * 128).Within(1.5));
        }
        Assert.That(estimator.Jumps, Is.EqualTo(1));
        Assert.That(clock.FrameAtMonotonic((long)(1e9 * 8000 * 128 / 48000) + 20_000_000), Is.EqualTo(8000 * 128).Within(1.5));
    }

    [Test]
    public void Readers_never_see_half_a_line()
    {
        var clock = new SampleClock(48000);
        var end = false;
        var writer = new Thread(() =>
        {
            // Every line goes through frame = 1000 x time, from anchors far apart.
            for (var i = 0L; !Volatile.Read(ref end); i = (i + 1) % 1000) clock.Anchor(1000 * i * 1_000_000, i * 1_000_000, 0.001);
        });
        clock.Anchor(0, 0, 0.001);
        writer.Start();
        for (var i = 0; i < 300_000; i++)
            if (Math.Abs(clock.FrameAtMonotonic(500_000_000) - 500_000_000_000) > 1) Assert.Fail("torn");
        Volatile.Write(ref end, true);
        writer.Join();
    }
}
