using OscLooper.Gain;
using OscLooper.Server.Audio;
using OscLooper.Tests.Server.Realtime;

namespace OscLooper.Tests.Server.Audio;

public class AudioModuleTests
{
    static Stage Open() => new Stage(2, 2).With("gain", at => new GainModule(at));

    static Stage WithAudio(Stage stage) => stage.With("audio", at => new AudioModule(at, stage.Engine)).Load();

    [TestCase(1)]
    [TestCase(64)]
    [TestCase(1024)]
    public void The_master_moves_along_a_raised_cosine_from_the_frame_of_the_event(int block)
    {
        using var stage = WithAudio(Open());
        stage.Set(100, "audio", "master/gain", 0.5);
        stage.Set(600, "audio", "master/mute", 1);
        var sound = stage.Play(1024, block, (_, _) => 1)[1];
        Assert.That(sound.Take(100), Is.All.EqualTo(1f));
        Assert.That(sound[100], Is.LessThan(1f), "the first sample that differs is the event's frame");
        for (var k = 1; k <= 96; k++)
            Assert.That(sound[99 + k], Is.EqualTo(1 - 0.5 * (1 - Math.Cos(Math.PI * k / 96)) / 2).Within(1e-6), $"frame {k} of the ramp");
        Assert.That(sound[195..600], Is.All.EqualTo(0.5f));
        Assert.That(sound[696..], Is.All.EqualTo(0f));
    }

    [Test]
    public void At_rest_the_master_changes_no_bit()
    {
        using var stage = WithAudio(Open());
        var noise = new Random(1);
        var input = Enumerable.Range(0, 2000).Select(_ => noise.NextSingle() * 6 - 3).ToArray();
        Assert.That(stage.Play(2000, 128, (_, frame) => input[frame])[0], Is.EqualTo(input));
    }

    [Test]
    public void Meters_show_the_same_at_every_block_size()
    {
        var seen = new HashSet<(double, double)>();
        foreach (var block in new[] { 1, 7, 64, 100, 1024 })
        {
            using var stage = WithAudio(Open());
            stage.Set(0, "gain", "level", -6);
            stage.Play(64 * 50, block, (lane, frame) => lane == 1 && frame == 130 ? -0.75f : 0);
            seen.Add((stage.Cell("audio", "meter/in/2"), stage.Cell("audio", "meter/out/2")));
            Assert.That(stage.Cell("audio", "meter/in/1"), Is.Zero);
        }
        var (heard, played) = seen.Single();
        // 47 steps of 64 frames after the peak's own, at 20 dB in 1.7 s.
        Assert.That(heard, Is.EqualTo(0.75 * Math.Pow(10, -47.0 * 64 / 48000 / 1.7)).Within(1e-9));
        Assert.That(played / heard, Is.EqualTo(Math.Pow(10, -6 / 20.0)).Within(1e-6));
    }
}
