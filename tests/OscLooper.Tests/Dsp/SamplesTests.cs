using FsCheck;
using FsCheck.Fluent;
using OscLooper.Dsp;

namespace OscLooper.Tests.Dsp;

public class SamplesTests
{
    static readonly float[] Bad = [float.NaN, -float.NaN, BitConverter.Int32BitsToSingle(0x7F800001), float.PositiveInfinity, float.NegativeInfinity, 1e30f, -1e30f, MathF.BitIncrement(Samples.Largest)];
    static readonly float[] Good = [0, -0f, 1, -1, Samples.Largest, -Samples.Largest, 1e-30f, 1.17549435e-38f];

    [Test]
    public void The_first_that_is_no_sound_is_found_wherever_it_is([ValueSource(nameof(Bad))] float bad)
    {
        for (var length = 1; length < 40; length++)
            for (var place = 0; place < length; place++)
            {
                var sound = Enumerable.Range(0, length).Select(i => Good[i % Good.Length]).ToArray();
                Assert.That(Samples.FirstBad(sound), Is.EqualTo(-1));
                sound[place] = bad;
                if (place + 3 < length) sound[place + 3] = bad;
                Assert.That(Samples.FirstBad(sound), Is.EqualTo(place), $"{length}");
                Assert.That(Samples.Clean(sound), Is.EqualTo(place + 3 < length ? 2 : 1));
                Assert.That(sound, Is.EqualTo(Enumerable.Range(0, length).Select(i => i == place || i == place + 3 ? 0 : Good[i % Good.Length])));
            }
        Assert.That((Samples.FirstBad([]), Samples.Clean([])), Is.EqualTo((-1, 0)));
    }

    [Test]
    public void Any_bits_are_judged_as_arithmetic_judges_them() => Prop.ForAll(ArbMap.Default.ArbFor<int[]>(), bits =>
    {
        var sound = bits.Select(b => BitConverter.Int32BitsToSingle(b * 2654435 + b)).ToArray();
        var isBad = sound.Select(x => !(MathF.Abs(x) <= Samples.Largest)).ToArray();
        Assert.That(Samples.FirstBad(sound), Is.EqualTo(Array.IndexOf(isBad, true)));
        var wanted = sound.Select(x => MathF.Abs(x) <= Samples.Largest && !float.IsSubnormal(x) ? x : 0).ToArray();
        Assert.That(Samples.Clean(sound), Is.EqualTo(isBad.Count(b => b)));
        Assert.That(sound, Is.EqualTo(wanted));
    }).QuickCheckThrowOnFailure();
}
