using OscLooper.Dsp;

namespace OscLooper.Tests.Dsp;

public class RampTests
{
    static readonly RaisedCosine curve = RaisedCosine.Rise(96);

    [Test]
    public void The_curve_follows_its_formula([Values(1, 2, 3, 96, 1000)] int frames)
    {
        var rise = RaisedCosine.Rise(frames);
        for (var k = 1; k <= frames; k++)
            Assert.That(rise.At(k), Is.EqualTo((1 - Math.Cos(Math.PI * k / frames)) / 2).Within(1e-7));
        Assert.That(rise.At(0), Is.EqualTo(0f));
        Assert.That(rise.At(frames), Is.EqualTo(1f));
        Assert.That(rise.At(frames + 5L), Is.EqualTo(1f));
        Assert.That(rise.At(-5), Is.EqualTo(0f));
    }

    [Test]
    public void A_curve_is_made_once_per_length()
    {
        Assert.That(RaisedCosine.Rise(321), Is.SameAs(RaisedCosine.Rise(321)));
        Assert.That(RaisedCosine.Rise(int.MaxValue).Frames, Is.EqualTo(RaisedCosine.MaxFrames), "no message may ask for more");
        Assert.That(RaisedCosine.Rise(0).Frames, Is.EqualTo(1));
    }

    [Test]
    public void The_events_own_frame_already_differs_and_the_last_is_the_target_exactly()
    {
        var ramp = new Ramp(curve, 0.25f);
        ramp.Start(1000, 0.7f);

        Assert.That(ramp.At(999), Is.EqualTo(0.25f));
        Assert.That(ramp.At(1000), Is.GreaterThan(0.25f));
        Assert.That(ramp.At(1094), Is.Not.EqualTo(0.7f));
        Assert.That(ramp.At(1095), Is.EqualTo(0.7f));
        Assert.That(ramp.At(long.MaxValue / 2), Is.EqualTo(0.7f));
    }

    [Test]
    public void It_is_moving_until_its_last_frame()
    {
        var ramp = new Ramp(curve, 0);
        Assert.That(ramp.IsMoving(0), Is.False);
        ramp.Start(1000, 1);

        Assert.That(ramp.IsMoving(999), Is.True, "its move still lies ahead");
        Assert.That(ramp.IsMoving(1094), Is.True);
        Assert.That(ramp.IsMoving(1095), Is.False);
        Assert.That(ramp.Target, Is.EqualTo(1f));
    }

    [Test]
    public void A_move_to_where_it_is_does_not_move()
    {
        var ramp = new Ramp(curve, 0.5f);
        ramp.Start(10, 0.5f);
        Assert.That(ramp.IsMoving(10), Is.False);
        Assert.That(ramp.At(12), Is.EqualTo(0.5f));
    }

    [Test]
    public void Restarted_on_its_way_it_goes_on_from_where_it_is()
    {
        var ramp = new Ramp(curve, 0);
        ramp.Start(0, 1);
        var here = ramp.At(49);
        ramp.Start(50, 0);

        Assert.That(ramp.At(49), Is.EqualTo(here));
        Assert.That(ramp.At(50), Is.LessThan(here).And.GreaterThan(here - 0.01f), "no jump");
        Assert.That(ramp.At(145), Is.EqualTo(0f));
    }

    [Test]
    public void A_reset_and_a_new_shape_take_effect_at_once()
    {
        var ramp = new Ramp(curve, 0);
        ramp.Start(0, 1);
        ramp.Shape(RaisedCosine.Rise(4));
        Assert.That(ramp.At(1), Is.EqualTo(1f), "a move in progress is finished");
        ramp.Start(10, 0);
        Assert.That(ramp.At(13), Is.EqualTo(0f));
        ramp.Reset(0.3f);
        Assert.That((ramp.At(0), ramp.Target), Is.EqualTo((0.3f, 0.3f)));
    }

    [Test]
    public void No_step_is_larger_than_the_steepest_of_the_curve()
    {
        var ramp = new Ramp(curve, 0);
        ramp.Start(0, 1);
        for (var frame = -1; frame < 100; frame++)
            Assert.That(ramp.At(frame + 1) - ramp.At(frame), Is.InRange(0f, (float)(Math.PI / 2 / 96) + 1e-6f));
    }
}
