using System.Diagnostics;
using OscLooper.Gain;
using OscLooper.Server;
using OscLooper.Server.Audio;
using OscLooper.Server.Realtime;
using OscLooper.Tests.Server.Realtime;

namespace OscLooper.Tests.Server.Audio;

[Category("Live"), NonParallelizable]
public class JackDriverTests
{
    static ServerOptions On(JackServer server) => new() { Audio = "jack", Device = server.Name };

    static Stage Open() => new Stage(2, 2, isOffline: false).With("tone", at => new ToneModule(at)).Load();

    static void Await(Func<bool> done, string what, int seconds = 90)
    {
        for (var watch = Stopwatch.StartNew(); !done();)
        {
            Assert.That(watch.Elapsed.TotalSeconds, Is.LessThan(seconds), $"waited for {what}");
            Thread.Sleep(10);
        }
    }

    [Test]
    public void It_is_a_client_with_numbered_ports_connected_to_the_device_and_sound_passes()
    {
        using var server = new JackServer();
        using var stage = Open();
        using var driver = AudioChoice.Open(On(server), out var line);
        TestContext.Out.WriteLine(line);
        Assert.That((driver.Backend, driver.Rate, driver.Block), Is.EqualTo(("jack", 48000, 128)));
        driver.Start(stage.Engine);

        var ports = server.Run("jack_lsp", "-c");
        foreach (var port in new[] { "osclooper:in_1", "osclooper:in_2", "osclooper:out_1", "osclooper:out_2" }) Assert.That(ports, Does.Contain(port));
        Assert.That(ports.Replace("\n", " "), Does.Contain("osclooper:out_1    system:playback_1").And.Contain("osclooper:in_2    system:capture_2"));

        // What the tone plays goes out to a wire back in: out_1 -> in_1.
        server.Run("jack_disconnect", "system:capture_1", "osclooper:in_1");
        server.Run("jack_connect", "osclooper:out_1", "osclooper:in_1");
        var tone = (ToneModule)stage.Imps[0].Module;
        Await(() => tone.HeardFrames > 4800, "the tone to come back");
        driver.Stop();
        Assert.That(tone.HeardPeak, Is.EqualTo(0.25f));
        Assert.That(stage.Engine.Status.AudioSideAllocatedBytes, Is.Zero);
        TestContext.Out.WriteLine($"load {stage.Engine.Status.LoadPercent:F2} %, peak {stage.Engine.Status.PeakLoadPercent:F1} %, overruns {stage.Engine.Status.Overruns}, lost cycles {stage.Engine.Status.LostCycles}");
    }

    // What it says is kept.
    static IAudioDriver Start(JackServer server, Stage stage, List<string> said)
    {
        var driver = AudioChoice.Open(On(server), out _, line => { lock (said) said.Add(line); });
        driver.Start(stage.Engine);
        return driver;
    }

    [Test]
    public void A_jackd_that_is_killed_and_comes_back_does_not_stop_the_frames()
    {
        using var server = new JackServer();
        using var stage = Open();
        var said = new List<string>();
        using var driver = Start(server, stage, said);
        Await(() => stage.Engine.Status.Frame > 4800, "the first frames");

        server.Kill();
        Await(() => driver.Backend == "none", "the timer clock to take over");
        var frame = stage.Engine.Status.Frame;
        Await(() => stage.Engine.Status.Frame > frame + 9600, "frames by the timer clock");

        server.Start();
        Await(() => driver.Backend == "jack", "JACK to be used again");
        frame = stage.Engine.Status.Frame;
        Await(() => stage.Engine.Status.Frame > frame + 9600, "frames by JACK");
        Assert.That(server.Run("jack_lsp", ""), Does.Contain("osclooper:out_2"));
        lock (said) TestContext.Out.WriteLine(string.Join("\n", said));
        Assert.That(said, Has.Count.EqualTo(2));
    }

    [Test]
    public void A_jackd_that_comes_back_at_another_rate_is_used_and_tones_and_times_stay()
    {
        using var server = new JackServer();
        using var stage = new Stage(2, 2, isOffline: false).With("sine", at => new SineModule(at)).Load();
        var said = new List<string>();
        using var driver = Start(server, stage, said);
        Await(() => stage.Engine.Status.Frame > 4800, "the first frames");
        server.Kill();
        Await(() => driver.Backend == "none", "the timer clock to take over");
        server.Start(256, 44100);
        Await(() => driver.Backend == "jack", "JACK to be used again");
        Await(() => stage.Engine.Status.DeviceRate == 44100 && stage.Engine.Status.DeviceBlock == 256, "the new rate and block");

        server.Run("jack_disconnect", "system:capture_1", "osclooper:in_1");
        server.Run("jack_connect", "osclooper:out_1", "osclooper:in_1");
        var sine = (SineModule)stage.Imps[0].Module;
        sine.Forget();
        Await(() => sine.Cycles > 2000, "the sound to come back in");
        lock (said) TestContext.Out.WriteLine($"{string.Join("\n", said)}\n{sine.FramesOfCycle:F3} frames of the engine are a cycle that comes in (48 go out); lost cycles {stage.Engine.Status.LostCycles}");
        Assert.That(sine.FramesOfCycle, Is.EqualTo(48).Within(0.5), "44.1 would be a device whose rate is not known");
        Assert.That(stage.Engine.Status.AudioSideAllocatedBytes, Is.Zero);

        // By JACK's own clock: what goes out is a tone of 1000 Hz.
        var folder = Directory.CreateTempSubdirectory("osclooper-");
        try
        {
            var file = Path.Combine(folder.FullName, "out.wav");
            server.Run("jack_rec", "-f", file, "-d", "1", "osclooper:out_1");
            if (!File.Exists(file) || new FileInfo(file).Length < 20000) Assert.Ignore("jack_rec records nothing here");
            using var recorded = OscLooper.Dsp.SoundFile.ReadAll(file);
            var hertz = SineModule.Hertz(recorded.Lane(0), recorded.Rate);
            Assert.That(hertz, Is.EqualTo(1000).Within(10));
        }
        finally
        {
            folder.Delete(true);
        }
    }

    [Test]
    public void A_jackd_that_hangs_is_stood_in_for_and_plays_again_when_it_goes_on()
    {
        using var server = new JackServer();
        using var stage = Open();
        var said = new List<string>();
        using var driver = Start(server, stage, said);
        foreach (var seconds in new[] { 1, 7 })
        {
            Await(() => stage.Engine.Status.Frame > 4800 && driver.Backend == "jack", "JACK to play");
            server.Hang(true);
            try
            {
                var watch = Stopwatch.StartNew();
                Await(() => driver.Backend == "none", "the timer clock to take over");
                TestContext.Out.WriteLine($"noticed after {watch.ElapsedMilliseconds} ms");
                var frame = stage.Engine.Status.Frame;
                Await(() => stage.Engine.Status.Frame > frame + 48000 * seconds, $"{seconds} s by the timer clock", 60);
            }
            finally
            {
                server.Hang(false);
            }
            Await(() => driver.Backend == "jack", "JACK to play again", 30);
            var then = stage.Engine.Status.Frame;
            Await(() => stage.Engine.Status.Frame > then + 9600, "frames by JACK");
        }
        lock (said) TestContext.Out.WriteLine(string.Join("\n", said));
    }

    [Test]
    public void A_changed_block_size_is_followed()
    {
        using var server = new JackServer();
        using var stage = Open();
        using var driver = AudioChoice.Open(On(server), out _);
        driver.Start(stage.Engine);
        foreach (var block in new[] { 1024, 64, 256 })
        {
            Await(() => stage.Engine.Status.Frame > 4800, "the first frames");
            server.Run("jack_bufsize", $"{block}");
            Await(() => driver.Block == block && stage.Engine.Status.Block == block, $"blocks of {block}");
            var frame = stage.Engine.Status.Frame;
            Await(() => stage.Engine.Status.Frame > frame + 4800, "frames after the change");
        }
        Assert.That(stage.Engine.Status.AudioSideAllocatedBytes, Is.Zero);
    }

    [Test]
    public void A_block_that_takes_longer_than_it_lasts_is_counted()
    {
        using var server = new JackServer();
        using var stage = Open();
        using var driver = AudioChoice.Open(On(server), out _);
        driver.Start(stage.Engine);
        Await(() => stage.Engine.Status.Frame > 4800, "the first frames");
        var before = stage.Engine.Status.Overruns;
        stage.Fire(-1, "tone", "burn", 5);
        Await(() => stage.Engine.Status.Overruns > before, "an overrun");
        Assert.That(stage.Engine.Status.PeakLoadPercent, Is.GreaterThan(100));
    }

    [Test]
    public void Without_a_server_of_that_name_there_is_one_line_and_the_next_choice()
    {
        if (JackDriver.TryOpen(JackDriver.OfJack, "osclooper-no-such-server", out var why) is not null) Assert.Fail("there is none");
        TestContext.Out.WriteLine(why);
        Assert.That(why, Does.Contain("JACK").IgnoreCase);
        Assert.That(() => AudioChoice.Open(new ServerOptions { Audio = "jack", Device = "osclooper-no-such-server" }, out _), Throws.TypeOf<AudioUnavailableException>());
        using var driver = AudioChoice.Open(new ServerOptions { Audio = "auto", Device = "osclooper-no-such-server" }, out var line);
        TestContext.Out.WriteLine(line);
        Assert.That(line, Does.Not.Contain("\n").And.StartsWith("audio: "));
    }

    /// <summary>
    /// 40 times: ask the clock as a client would, stamp a message 100 to 500 ms ahead by wall time, and compare the frame that the server's
    /// clock gives at its arrival with the one the client computed.
    /// </summary>
    [Test]
    public void A_time_computed_from_the_clock_stays_on_its_frame()
    {
        using var server = new JackServer(isRealtime: true);
        using var stage = Open();
        using var driver = AudioChoice.Open(On(server), out _);
        driver.Start(stage.Engine);
        var clock = stage.Engine.Clock;
        Thread.Sleep(5000);

        var random = new Random(3);
        var (errors, lost) = (new List<double>(), 0);
        for (var i = 0; i < 80 && errors.Count < 40; i++)
        {
            // After a loss the clock finds its feet first.
            for (var (seen, still, patience) = (-1L, Stopwatch.StartNew(), Stopwatch.StartNew()); still.ElapsedMilliseconds < 300 && patience.ElapsedMilliseconds < 1500; Thread.Sleep(20))
                if (stage.Engine.Status.LostCycles is var count && count != seen)
                {
                    seen = count;
                    still.Restart();
                }
            var (lostBefore, now, perSecond) = (stage.Engine.Status.LostCycles, clock.UnixNow, clock.FramesPerSecond);
            var frame = clock.ExactFrameAt(now);
            var ahead = random.Next(100_000_000, 500_000_000);
            var computed = frame + ahead / 1e9 * perSecond;
            // The message may be on its way nearly as long as it is stamped ahead.
            Thread.Sleep(random.Next(0, ahead / 1_000_000 - 20));
            var error = Math.Abs(clock.ExactFrameAt(now + ahead) - computed);
            // Frames that JACK did not play make every computed frame wrong, whatever the clock says.
            if (stage.Engine.Status.LostCycles == lostBefore) errors.Add(error);
            else TestContext.Out.WriteLine($"not counted, cycle lost: {error:F3} frames ({++lost})");
        }
        if (errors.Count < 20) Assert.Ignore($"JACK lost cycles in {lost} of {lost + errors.Count} tries: this machine is too busy to tell");
        errors.Sort();
        TestContext.Out.WriteLine($"frames: median {errors[errors.Count / 2]:F3}, 95th percentile {errors[errors.Count * 95 / 100]:F3}, maximum {errors[^1]:F3} of {errors.Count}; {clock.FramesPerSecond:F3} frames a second; JACK lost {stage.Engine.Status.LostCycles} cycles");
        if (errors[errors.Count * 95 / 100] > 1 && stage.Engine.Status.LostCycles > 0) Assert.Ignore($"JACK lost {stage.Engine.Status.LostCycles} cycles: this machine is too busy to tell");
        Assert.That(errors[errors.Count * 95 / 100], Is.LessThanOrEqualTo(1));
    }
}

/// <summary>Plays a constant on its first lane and looks at what comes in on it; can waste time.</summary>
sealed class ToneModule(Branch at) : Module
{
    readonly AudioIn input = at.AudioIn("in");
    readonly AudioOut output = at.AudioOut("out");
    readonly Command burn = at.Command("burn", "Computes for so many milliseconds.", Spec.Range(0, 100, 0, "ms"));
    long heardFrames;
    float heardPeak;

    public long HeardFrames => Volatile.Read(ref heardFrames);
    public float HeardPeak => Volatile.Read(ref heardPeak);

    public override void Handle(in Event e)
    {
        if (!e.Is(burn)) return;
        for (var end = SampleClock.MonotonicNow + (long)(e.A * 4e6); SampleClock.MonotonicNow < end;) { }
    }

    public override void Process(in Block block)
    {
        block.Out(output, 0).Fill(0.25f);
        foreach (var sample in block.In(input, 0))
        {
            if (sample == 0.25f) heardFrames++;
            if (sample > heardPeak) heardPeak = sample;
        }
    }
}

/// <summary>Plays 1000 Hz at the engine's rate, and counts the cycles that come in.</summary>
sealed class SineModule(Branch at) : Module
{
    readonly AudioIn input = at.AudioIn("in");
    readonly AudioOut output = at.AudioOut("out");
    // A cycle that JACK lost makes one length wrong, not all: so they are counted by length.
    readonly int[] lengths = new int[128];
    long cycles, begun;
    float last;

    public long Cycles => Volatile.Read(ref cycles);
    public double FramesOfCycle => Typical(lengths);

    public void Forget()
    {
        Array.Clear(lengths);
        Volatile.Write(ref cycles, 0);
    }

    /// <summary>Cycles in a second, by the frames of each.</summary>
    public static double Hertz(ReadOnlySpan<float> sound, int rate)
    {
        var (lengths, begun) = (new int[128], -1);
        for (var i = 1; i < sound.Length; i++)
            if (sound[i - 1] < 0 && sound[i] >= 0)
            {
                if (begun >= 0) lengths[Math.Min(i - begun, lengths.Length - 1)]++;
                begun = i;
            }
        return rate / Typical(lengths);
    }

    // The mean of those that are nearly as long as most.
    static double Typical(int[] lengths)
    {
        var most = Array.IndexOf(lengths, lengths.Max());
        var near = Enumerable.Range(0, lengths.Length).Where(length => Math.Abs(length - most) <= 2).ToArray();
        return near.Sum(length => (double)length * lengths[length]) / Math.Max(1, near.Sum(length => lengths[length]));
    }

    public override void Process(in Block block)
    {
        var to = block.Out(output, 0);
        for (var i = 0; i < to.Length; i++) to[i] = (float)(0.5 * Math.Sin(2 * Math.PI * ((block.Frame + i) % 48) / 48));
        var from = block.In(input, 0);
        for (var i = 0; i < from.Length; i++)
        {
            if (last < 0 && from[i] >= 0)
            {
                if (cycles > 0) lengths[Math.Min(block.Frame + i - begun, lengths.Length - 1)]++;
                begun = block.Frame + i;
                Volatile.Write(ref cycles, cycles + 1);
            }
            last = from[i];
        }
    }
}
