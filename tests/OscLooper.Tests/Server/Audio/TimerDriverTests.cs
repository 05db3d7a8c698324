using System.Diagnostics;
using OscLooper.Dsp;
using OscLooper.Gain;
using OscLooper.Server;
using OscLooper.Server.Audio;
using OscLooper.Tests.Server.Realtime;

namespace OscLooper.Tests.Server.Audio;

public class TimerDriverTests
{
    [Test]
    public void Frames_follow_the_clock_and_the_clock_says_which()
    {
        using var stage = new Stage(2, 2, isOffline: false).With("gain", at => new GainModule(at)).Load();
        using var driver = AudioChoice.Open(new ServerOptions { Audio = "none" }, out var line);
        TestContext.Out.WriteLine(line);
        driver.Start(stage.Engine);
        var (watch, clock) = (Stopwatch.StartNew(), stage.Engine.Clock);
        while (stage.Engine.Status.Frame < 24000 && watch.Elapsed.TotalSeconds < 90) Thread.Sleep(5);
        var (frame, computed) = (stage.Engine.Status.Frame, clock.ExactFrameAt(clock.UnixNow));
        driver.Stop();
        Assert.That(frame, Is.GreaterThanOrEqualTo(24000));
        Assert.That(computed, Is.GreaterThan(frame - 256), "a block is played at its time, not before");
        Assert.That(clock.FramesPerSecond, Is.EqualTo(48000));
        Assert.That(stage.Engine.Status.AudioSideAllocatedBytes, Is.Zero);
    }

    [Test]
    public void Files_lie_side_by_side_beside_what_the_inputs_hear_and_end_in_silence()
    {
        var folder = Directory.CreateTempSubdirectory("osclooper-");
        try
        {
            var (mono, stereo) = (Path.Combine(folder.FullName, "mono.wav"), Path.Combine(folder.FullName, "stereo.wav"));
            using (var writer = SoundFile.Create(mono, SoundFormat.WavFloat, 1, 48000))
            {
                writer.Write([1f, 2f, 3f]);
                writer.Commit();
            }
            using (var writer = SoundFile.Create(stereo, SoundFormat.WavFloat, 2, 48000))
            {
                writer.Write([10f, 20f, 11f, 21f]);
                writer.Commit();
            }
            using var files = new InputFiles([mono, stereo], 48000);
            Assert.That((files.Lanes, files.Frames), Is.EqualTo((3, 3)));

            float[][] lanes = [[1f, 1f, 1f], [0f, 0f, 0f], [0f, 0f, 0f], [5f, 5f, 5f]];
            for (var i = 0; i < 4; i++) files.Add(i, lanes[i], 1);
            Assert.That(lanes, Is.EqualTo(new[] { new[] { 3f, 4f, 1f }, [11f, 0f, 0f], [21f, 0f, 0f], [5f, 5f, 5f] }));
        }
        finally
        {
            folder.Delete(true);
        }
    }
}
