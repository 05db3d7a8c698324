using OscLooper.Dsp;

namespace OscLooper.Tests.Dsp;

public class InterpolationTests
{
    [Test]
    public void A_constant_stays_exactly_itself([Values(0.1f, -0.7f, 1e-3f, 12345.678f)] float constant, [Range(0f, 1f, 0.1f)] float fraction) =>
        Assert.That(Interpolation.Hermite(constant, constant, constant, constant, fraction), Is.EqualTo(constant));

    [Test]
    public void It_passes_through_its_points()
    {
        Assert.That(Interpolation.Hermite(3, 5, -2, 9, 0), Is.EqualTo(5f));
        Assert.That(Interpolation.Hermite(3, 5, -2, 9, 1), Is.EqualTo(-2f));
    }

    [Test]
    public void A_parabola_is_followed_exactly([Range(0f, 1f, 0.125f)] float x)
    {
        // Central differences are exact for second-order polynomials, so the result is too.
        static float P(float x) => 2 * x * x - 3 * x + 1;
        Assert.That(Interpolation.Hermite(P(-1), P(0), P(1), P(2), x), Is.EqualTo(P(x)).Within(1e-6f));
    }

    [Test]
    public void The_weights_sum_to_one([Range(0f, 1f, 0.0625f)] float fraction)
    {
        var sum = Interpolation.Hermite(1, 0, 0, 0, fraction) + Interpolation.Hermite(0, 1, 0, 0, fraction)
            + Interpolation.Hermite(0, 0, 1, 0, fraction) + Interpolation.Hermite(0, 0, 0, 1, fraction);
        Assert.That(sum, Is.EqualTo(1f).Within(3e-7f));
    }

    [Test]
    public void The_slope_does_not_jump_from_one_pair_to_the_next()
    {
        float[] y = [0.3f, -0.8f, 0.5f, 0.9f, -0.4f];
        const float Step = 1e-3f;
        var leaving = (y[2] - Interpolation.Hermite(y[0], y[1], y[2], y[3], 1 - Step)) / Step;
        var entering = (Interpolation.Hermite(y[1], y[2], y[3], y[4], Step) - y[2]) / Step;
        Assert.That(leaving, Is.EqualTo(entering).Within(0.02f));
    }
}
