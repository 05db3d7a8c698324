using OscLooper.Dsp;

namespace OscLooper.Tests.Dsp;

public class ResamplerTests
{
    static float[] Tone(double hertz, int rate, int frames, double amplitude = 0.9) =>
        [.. Enumerable.Range(0, frames).Select(i => (float)(amplitude * Math.Sin(2 * Math.PI * hertz * i / rate)))];

    /// <summary>Decibels between the true tone and what deviates from it, away from the ends.</summary>
    static double SignalToNoise(float[] sound, double hertz, int rate)
    {
        double signal = 0, noise = 0;
        for (var i = 2000; i < sound.Length - 2000; i++)
        {
            var truth = 0.9 * Math.Sin(2 * Math.PI * hertz * i / rate);
            signal += truth * truth;
            noise += (sound[i] - truth) * (sound[i] - truth);
        }
        return 10 * Math.Log10(signal / noise);
    }

    [TestCase(44100, 48000, 997)]
    [TestCase(44100, 48000, 18000)]
    [TestCase(48000, 44100, 997)]
    [TestCase(48000, 44100, 18000)]
    [TestCase(96000, 48000, 15000)]
    [TestCase(48000, 96000, 15000)]
    [TestCase(22050, 48000, 9000)]
    [TestCase(192000, 44100, 10000)]
    [TestCase(44100, 48001, 10000)]
    [TestCase(48001, 44100, 10000)]
    public void A_tone_comes_out_90_decibels_clean_and_in_phase(int from, int to, double hertz)
    {
        var converted = Resampler.Convert([Tone(hertz, from, from)], from, to)[0];
        Assert.That(SignalToNoise(converted, hertz, to), Is.GreaterThan(90));
    }

    [TestCase(48000, 44100, 23000)]
    [TestCase(96000, 44100, 30000)]
    [TestCase(192000, 48000, 24500)]
    public void What_the_new_rate_cannot_hold_is_90_decibels_down(int from, int to, double hertz)
    {
        var converted = Resampler.Convert([Tone(hertz, from, from)], from, to)[0];
        Assert.That(Decibels.FromLinear(Mix.Peak(converted.AsSpan(2000, converted.Length - 4000))), Is.LessThan(-90));
    }

    [TestCase(44100, 44100, 48000, 48000)]
    [TestCase(1, 48000, 44100, 1)]
    [TestCase(1, 96000, 48000, 1)]
    [TestCase(0, 44100, 48000, 0)]
    [TestCase(441, 44100, 48000, 480)]
    [TestCase(1000, 44100, 48000, 1088)]
    [TestCase(long.MaxValue / 4, 48000, 96000, long.MaxValue / 4 * 2)]
    public void The_length_is_rounded(long frames, int from, int to, long expected)
    {
        Assert.That(Resampler.OutputFrames(frames, from, to), Is.EqualTo(expected));
        if (frames < 100_000) Assert.That(Resampler.Convert([new float[frames]], from, to)[0], Has.Length.EqualTo((int)expected));
    }

    [TestCase(44100, 48000)]
    [TestCase(48000, 44100)]
    [TestCase(192000, 8000)]
    [TestCase(8000, 192000)]
    [TestCase(44100, 48001)]
    public void The_result_does_not_depend_on_how_it_is_cut(int from, int to)
    {
        var random = new Random(5);
        float[][] lanes = [[.. Enumerable.Range(0, 9000).Select(_ => random.NextSingle() - 0.5f)], Tone(440, from, 9000)];
        var whole = Resampler.Convert(lanes, from, to);

        var resampler = new Resampler(from, to, 2);
        var result = new List<float>();
        var part = new float[2 * 313];
        for (int at = 0, count; at < 9000; at += count)
        {
            count = Math.Min(random.Next(1, 700), 9000 - at);
            resampler.Push([.. Enumerable.Range(at, count).SelectMany(i => new[] { lanes[0][i], lanes[1][i] })]);
            if (random.Next(3) > 0) Drain();
        }
        resampler.Finish();
        Drain();

        Assert.That(result, Is.EqualTo(whole[0].Zip(whole[1]).SelectMany(pair => new[] { pair.First, pair.Second })));

        void Drain()
        {
            for (int made; (made = resampler.Pull(part)) > 0;) result.AddRange(part[..(made * 2)]);
        }
    }

    [Test]
    public void A_constant_stays_itself_and_progress_ends_at_one()
    {
        var reports = new List<double>();
        var converted = Resampler.Convert([[.. Enumerable.Repeat(0.5f, 9000)]], 44100, 48000, new Direct(reports.Add))[0];
        Assert.That(converted[300..^300], Is.All.EqualTo(0.5f).Within(1e-6f));
        Assert.That(reports, Is.Ordered.And.Some.InRange(0.01, 0.99));
        Assert.That(reports[^1], Is.EqualTo(1));
    }

    [TestCase(1, 48000)]
    [TestCase(48000, 1)]
    [TestCase(0, 48000)]
    [TestCase(48000, int.MaxValue)]
    public void Rates_too_far_apart_are_refused(int from, int to)
    {
        Assert.That(Resampler.CanConvert(from, to), Is.False);
        Assert.That(() => new Resampler(from, to, 1), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void The_farthest_allowed_rates_still_fit_in_memory()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        _ = new Resampler(3_072_000, 12_001, 1);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(64 << 20));
    }

    [TestCase(44100, 48000)]
    [TestCase(48000, 44100)]
    public void Sox_hears_the_same(int from, int to)
    {
        using var folder = new TemporaryFolder();
        var random = new Random(9);
        // Band-limited material, since the two filters differ only near the band's end.
        var sound = new float[from];
        foreach (var hertz in new[] { 55.0, 440, 1234.5, 5000, 11000, 15000 })
            for (var i = 0; i < sound.Length; i++) sound[i] += (float)(0.12 * Math.Sin(2 * Math.PI * hertz * i / from + hertz));
        using (var writer = SoundFile.Create(folder["in.wav"], SoundFormat.WavFloat, 1, from))
        {
            writer.Write(sound);
            writer.Commit();
        }
        Sox.Run("-D", folder["in.wav"], "-e", "floating-point", "-b", "32", folder["out.wav"], "rate", "-v", $"{to}");

        using var theirs = SoundFile.ReadAll(folder["out.wav"]);
        using var ours = SoundFile.ReadAll(folder["in.wav"], to);
        Assert.That(ours.Frames, Is.EqualTo(theirs.Frames).Within(1));
        double signal = 0, difference = 0;
        for (var i = 2000; i < ours.Frames - 2000; i++)
        {
            signal += ours.Lane(0)[i] * ours.Lane(0)[i];
            difference += Math.Pow(ours.Lane(0)[i] - theirs.Lane(0)[i], 2);
        }
        Assert.That(10 * Math.Log10(signal / difference), Is.GreaterThan(90));
    }

    /// <summary>Reports at once; the framework's Progress posts to another thread.</summary>
    internal sealed class Direct(Action<double> report) : IProgress<double>
    {
        public void Report(double value) => report(value);
    }
}
