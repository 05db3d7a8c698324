using OscLooper.Dsp;

namespace OscLooper.Tests.Dsp;

public class LevelTests
{
    [TestCase(0, 1f)]
    [TestCase(20, 10f)]
    [TestCase(-6.020599913, 0.5f)]
    [TestCase(double.NegativeInfinity, 0f)]
    public void Decibels_become_linear(double decibels, float linear) =>
        Assert.That(Decibels.ToLinear(decibels), Is.EqualTo(linear).Within(1e-6f));

    [TestCase(1, 0)]
    [TestCase(0.1, -20)]
    [TestCase(0, -120)]
    [TestCase(-1, -120)]
    [TestCase(1e-9, -120)]
    [TestCase(double.NaN, -120)]
    public void Linear_becomes_decibels_and_never_an_infinity(double linear, double decibels) =>
        Assert.That(Decibels.FromLinear(linear), Is.EqualTo(decibels).Within(1e-9));

    [Test]
    public void The_centre_is_exactly_unity() =>
        Assert.That((Pan.Left(0), Pan.Right(0)), Is.EqualTo((1f, 1f)));

    [Test]
    public void The_ends_are_three_decibels_up_and_silent()
    {
        Assert.That((Pan.Left(-1), Pan.Right(-1)), Is.EqualTo((MathF.Sqrt(2), 0f)));
        Assert.That((Pan.Left(1), Pan.Right(1)), Is.EqualTo((0f, MathF.Sqrt(2))));
        Assert.That((Pan.Left(7), Pan.Right(-7)), Is.EqualTo((0f, 0f)), "beyond the ends");
    }

    [Test]
    public void The_power_is_the_same_everywhere([Range(-1.0, 1.0, 0.125)] double pan) =>
        Assert.That(Math.Pow(Pan.Left(pan), 2) + Math.Pow(Pan.Right(pan), 2), Is.EqualTo(2).Within(1e-6));

    [Test]
    public void Left_and_right_mirror_each_other([Range(-1.0, 1.0, 0.25)] double pan) =>
        Assert.That(Pan.Left(pan), Is.EqualTo(Pan.Right(-pan)).Within(1e-6f));
}
