using FsCheck;
using FsCheck.Fluent;
using OscLooper.Looper;

namespace OscLooper.Tests.Looper;

/// <summary>Turns of a loop, also of one that is a frame long and begins between two frames: a turn that begins before it begins makes an endless block.</summary>
public sealed class PhaseTests
{
    static void Check(double origin, double period, long from, int frames)
    {
        var phase = Phase.From((long)Math.Round(origin), origin, 1, period);
        // Every turn that there is, by the definition: turn k begins at the frame nearest to origin + k * period.
        double Begin(double turn) => Math.Round(origin + turn * period);
        for (var frame = from; frame < from + frames; frame++)
        {
            var turn = Math.Floor((frame - origin) / period) - 3;
            while (Begin(turn) < frame) turn++;
            Assert.That(Math.Round(phase.NextZero(frame)), Is.EqualTo(Begin(turn)), $"the next turn at or after {frame}, origin {origin}, period {period}");
            var (start, end) = phase.TurnAt(frame);
            Assert.That(start <= frame && frame < end, Is.True, $"{frame} lies in {start}..{end}, origin {origin}, period {period}");
        }
    }

    [TestCase(-0.5, 1, 378_624, Description = "What stopped a block for ever in a soak")]
    [TestCase(0.5, 1, 0)]
    [TestCase(0.5, 2, 0)]
    [TestCase(-0.5, 1.5, 0)]
    [TestCase(0, 1, 0)]
    [TestCase(1234.5, 3, 10_000_000_001)]
    [TestCase(0.25, 1.25, 5)]
    public void The_next_turn_is_never_before_the_frame_that_asks(double origin, double period, long from) => Check(origin, period, from, 300);

    [Test]
    public void Turns_of_any_length_go_on()
    {
        var origins = Gen.Choose(-4000, 4000).Select(n => n / 8.0);
        var periods = Gen.OneOf(Gen.Choose(8, 40).Select(n => n / 8.0), Gen.Choose(1, 100_000).Select(n => 1 + n / 7.0));
        var frames = Gen.OneOf(Gen.Choose(-2000, 2000).Select(n => (long)n), Gen.Choose(0, int.MaxValue).Select(n => n * 8L));
        var all = from origin in origins from period in periods from frame in frames select (origin, period, frame);
        Prop.ForAll(all.ToArbitrary(), at => Check(at.origin, at.period, at.frame, 40)).QuickCheckThrowOnFailure();
    }
}
