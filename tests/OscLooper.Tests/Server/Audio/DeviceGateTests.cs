using OscLooper.Server.Audio;
using OscLooper.Server.Realtime;
using OscLooper.Tests.Server.Realtime;

namespace OscLooper.Tests.Server.Audio;

/// <summary>When a device counts as away, and who may enter the engine. Each time is held against a clock read before and after it, so a busy machine makes nothing wrong.</summary>
public class DeviceGateTests
{
    const double Milliseconds = 1e6;

    [Test]
    public void A_device_that_stays_away_is_noticed_within_half_a_second_and_one_that_calls_is_not()
    {
        using var stage = new Stage(1, 1, isOffline: false).Load();
        using var gate = new DeviceGate();
        gate.Open(stage.Engine, Stage.Rate);
        for (var call = 0; call < 3; call++)
        {
            var before = SampleClock.MonotonicNow;
            Assert.That(gate.TryEnter(before), Is.True);
            gate.Leave();
            var after = SampleClock.MonotonicNow;
            Assert.That(gate.QuietMilliseconds(128), Is.LessThanOrEqualTo(500), "whoever looks then sees it in time");
            for (var isAway = false; !isAway; Thread.Sleep(5))
            {
                var asked = SampleClock.MonotonicNow;
                isAway = gate.IsAway(128);
                if (isAway) Assert.That((SampleClock.MonotonicNow - before) / Milliseconds, Is.GreaterThan(300), "a block that comes late is no device that is gone");
                else Assert.That((asked - after) / Milliseconds, Is.LessThan(500), "it is away, and that is not seen");
            }
        }
    }

    [Test]
    public void Of_long_blocks_some_may_be_missing_before_it_is_away()
    {
        using var stage = new Stage(1, 1, isOffline: false).Load();
        using var gate = new DeviceGate();
        var before = SampleClock.MonotonicNow;
        gate.Open(stage.Engine, 8000);
        // A block lasts a second.
        var quiet = gate.QuietMilliseconds(8192);
        Assert.That(quiet + (SampleClock.MonotonicNow - before) / Milliseconds, Is.GreaterThan(3000));
    }

    [Test]
    public void Nobody_enters_while_another_plays_or_it_is_closed_and_a_closed_one_knows_that_its_device_calls()
    {
        using var stage = new Stage(1, 1, isOffline: false).Load();
        using var gate = new DeviceGate();
        gate.Open(stage.Engine, Stage.Rate);
        Assert.That(gate.TryEnter(SampleClock.MonotonicNow), Is.True);
        Assert.That(gate.TryEnter(SampleClock.MonotonicNow), Is.False, "one at a time");
        Assert.That(gate.Close(milliseconds: 20), Is.False, "a callback is in the engine");
        gate.Leave();
        Assert.That(gate.Close(), Is.True);
        Assert.That(gate.IsCalling, Is.False);
        for (var n = 0; n < 3; n++) Assert.That(gate.TryEnter(SampleClock.MonotonicNow), Is.False);
        Assert.That(() =>
        {
            // A device that calls all the time.
            Assert.That(gate.TryEnter(SampleClock.MonotonicNow), Is.False);
            return gate.IsCalling;
        }, Is.True.After(30_000, 1));
        gate.Reopen();
        Assert.That(gate.TryEnter(SampleClock.MonotonicNow), Is.True);
        gate.Leave();
    }
}
