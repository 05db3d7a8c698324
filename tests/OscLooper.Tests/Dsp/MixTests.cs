using OscLooper.Dsp;
using OscLooper.Testing;

namespace OscLooper.Tests.Dsp;

public class MixTests
{
    static readonly int[] blocks = [1, 7, 8, 64, 256, 500];
    readonly float[] source = Noise(500, 1);
    readonly float[] start = Noise(500, 2);

    static float[] Noise(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() * 2 - 1)];
    }

    /// <summary>Runs a kernel over the whole sound, cut into blocks.</summary>
    float[] Run(int block, Action<int, int, float[]> kernel)
    {
        var target = start.ToArray();
        for (var at = 0; at < target.Length; at += block) kernel(at, Math.Min(block, target.Length - at), target);
        return target;
    }

    [TestCaseSource(nameof(blocks))]
    public void Adding_gives_the_plain_loops_bits(int block)
    {
        var result = Run(block, (at, count, target) => Mix.AddScaled(target.AsSpan(at, count), source.AsSpan(at, count), 0.3f));
        Assert.That(result, Is.EqualTo(start.Select((x, i) => x + source[i] * 0.3f)));
    }

    [TestCaseSource(nameof(blocks))]
    public void Scaling_gives_the_plain_loops_bits(int block)
    {
        var result = Run(block, (at, count, target) => Mix.Scale(target.AsSpan(at, count), 0.3f));
        Assert.That(result, Is.EqualTo(start.Select(x => x * 0.3f)));
    }

    [TestCaseSource(nameof(blocks))]
    public void A_ramp_gives_the_plain_loops_bits_at_every_block_size(int block)
    {
        // The move begins inside a block and ends inside another: before, on the way and after are all met.
        var ramp = new Ramp(RaisedCosine.Rise(96), 0.2f);
        ramp.Start(5000 + 103, 0.9f);

        var added = Run(block, (at, count, target) =>
            Mix.AddRamped(target.AsSpan(at, count), source.AsSpan(at, count), ramp, 5000 + at));
        var scaled = Run(block, (at, count, target) => Mix.ScaleRamped(target.AsSpan(at, count), ramp, 5000 + at));

        Assert.That(added, Is.EqualTo(start.Select((x, i) => x + source[i] * ramp.At(5000 + i))));
        Assert.That(scaled, Is.EqualTo(start.Select((x, i) => x * ramp.At(5000 + i))));
    }

    [Test]
    public void A_resting_ramp_is_its_value_even_when_the_clock_stands_at_its_ends([Values(0L, long.MaxValue / 4)] long frame)
    {
        var ramp = new Ramp(RaisedCosine.Rise(96), 0.5f);
        var target = new float[20];
        Mix.AddRamped(target, source, ramp, frame);
        Assert.That(target, Is.EqualTo(source.Take(20).Select(x => x * 0.5f)));
    }

    [Test]
    public void The_peak_is_found_wherever_it_lies([Values(0, 3, 8, 31, 32, 36)] int where, [Values(2f, -2f)] float peak)
    {
        var sound = Noise(37, 3);
        sound[where] = peak;
        Assert.That(Mix.Peak(sound), Is.EqualTo(2f));
        Assert.That(Mix.Peak([]), Is.EqualTo(0f));
    }

    [Test]
    public void A_peak_over_not_a_number_says_so([Values(2, 36)] int where)
    {
        var sound = Noise(37, 3);
        sound[where] = float.NaN;
        Assert.That(Mix.Peak(sound), Is.NaN);
    }

    [Test]
    public void The_shorter_span_decides()
    {
        var target = new float[3];
        Mix.AddScaled(target, [1, 1, 1, 1, 1, 1, 1, 1, 1, 1], 2);
        Assert.That(target, Is.EqualTo(new float[] { 2, 2, 2 }));
        Mix.Copy(target, [5]);
        Assert.That(target, Is.EqualTo(new float[] { 5, 2, 2 }));
        Mix.Clear(target);
        Assert.That(target, Is.All.EqualTo(0f));
    }

    [Test]
    public void The_audio_side_allocates_nothing()
    {
        var target = new float[500];
        var ramp = new Ramp(RaisedCosine.Rise(96), 0);
        void Play(long frame)
        {
            ramp.Start(frame, frame % 3);
            Mix.AddRamped(target, source, ramp, frame);
            Mix.ScaleRamped(target, ramp, frame);
            Mix.AddScaled(target, source, Mix.Peak(target) > 1 ? 0 : 1);
        }
        var played = 0L;
        Assert.That(Allocations.Least(() =>
        {
            for (var block = 0; block < 5000; block++) Play(played++ * 500);
        }), Is.Zero);
    }
}
