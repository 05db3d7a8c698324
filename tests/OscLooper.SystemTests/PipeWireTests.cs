using System.Diagnostics;
using OscLooper.Client;
using OscLooper.Dsp;

namespace OscLooper.SystemTests;

/// <summary>What most Linux players have: the server on PipeWire, without a jackd and without a sound card.</summary>
[NonParallelizable]
public class PipeWireTests
{
    const int LoopFrames = 24000, ClickFrames = 48, Hertz = 1000, WrongRateHertz = 1088;

    /// <summary>A server there with a loop of half a second in channel 1: a click, then 1000 Hz.</summary>
    sealed class Player : IDisposable
    {
        readonly Folder folder = new();
        readonly Process process;
        readonly List<string> said = [];

        public Player(PipeWireServer pipeWire, params string[] more)
        {
            Directory.CreateDirectory(folder.Of("files"));
            System.IO.File.WriteAllText(folder.Of("apart.json"), """{ "imps": { "looper": {}, "synth": { "isolation": "process" } } }""");
            using (var writer = SoundFile.Create(folder.Of("files/loop.wav"), SoundFormat.WavFloat, 1, 48000))
            {
                var loop = new float[LoopFrames];
                for (var i = 0; i < loop.Length; i++) loop[i] = i < ClickFrames ? 0.8f : (float)(0.2 * Math.Sin(2 * Math.PI * Hertz * i / 48000));
                writer.Write(loop);
                writer.Commit();
            }
            var port = Programs.FreePort();
            process = Programs.Start(Programs.Server, folder.Path, pipeWire.Surroundings,
                ["--osc-port", $"{port}", "--vault", "none", "--modules", "looper", "--channels", "1", "--folder", folder.Of("files"), .. more]);
            process.ErrorDataReceived += (_, line) => Keep(line.Data);
            process.OutputDataReceived += (_, line) => Keep(line.Data);
            process.BeginErrorReadLine();
            process.BeginOutputReadLine();
            try
            {
                Await(() => Text.Contains("OscLooper ready:"), "the server to be ready");
                Begin(port);
            }
            catch (Exception)
            {
                Dispose();
                throw;
            }
        }

        void Begin(int port)
        {
            Client = OscLooperClient.Connect("127.0.0.1", port, OscTransport.Tcp);
            Client.Patience = TimeSpan.FromSeconds(30);
            Client.Call("/looper/channel/1/load", "loop.wav");
            Client.Send("/looper/channel/1/play");
            Client.Sync();
        }

        public OscLooperClient Client { get; private set; } = null!;
        public string Text
        {
            get { lock (said) return string.Join("\n", said); }
        }
        public string Backend => Client.Ask("/audio/backend")[0].Text;
        public long Frame => Client.Ask("/server/frame")[0].Whole;

        public long Number(string address) => Client.Ask(address)[0].Whole;
        public string File(string name) => folder.Of($"files/{name}");

        void Keep(string? line)
        {
            lock (said) said.Add(line ?? "");
        }

        public void Play(double seconds)
        {
            var end = Frame + (long)(seconds * 48000);
            Await(() => Frame >= end, $"{seconds} s to be played");
        }

        public void Await(Func<bool> done, string what, int seconds = 120)
        {
            for (var watch = Stopwatch.StartNew(); !done(); Thread.Sleep(20))
                if (watch.Elapsed.TotalSeconds > seconds) Assert.Fail($"waited {seconds} s for {what}; the server said:\n{Text}");
        }

        public void Dispose()
        {
            Client?.Dispose();
            if (!process.HasExited)
            {
                Programs.kill(process.Id, 15);
                if (!process.WaitForExit(15_000)) process.Kill();
            }
            process.Dispose();
            folder.Dispose();
            TestContext.Out.WriteLine(Text);
        }
    }

    // Where the clicks of the loop begin.
    static List<int> Clicks(ReadOnlySpan<float> sound)
    {
        var found = new List<int>();
        for (var i = 0; i < sound.Length; i++)
            if (sound[i] > 0.5f && (found.Count == 0 || i - found[^1] > LoopFrames / 4)) found.Add(i);
        return found;
    }

    // How much of a tone there is (Goertzel), over windows of a fiftieth of a second; holes of a busy machine spoil few of them. Longer ones tell finer.
    static double Power(ReadOnlySpan<float> sound, int rate, double hertz, int windowsInSecond = 50)
    {
        var (frames, sum) = (rate / windowsInSecond, 0.0);
        for (var at = 0; at + frames <= sound.Length; at += frames)
        {
            double re = 0, im = 0;
            for (var i = 0; i < frames; i++)
            {
                var (s, c) = Math.SinCos(2 * Math.PI * hertz * i / rate);
                (re, im) = (re + sound[at + i] * c, im + sound[at + i] * s);
            }
            sum += Math.Sqrt(re * re + im * im) / frames;
        }
        return sum;
    }

    // What the graph carries: the tone at its pitch, and the loop in its time. Tried again where the machine starves the recorder.
    static void HearAt(PipeWireServer pipeWire, int rate)
    {
        var seen = "nothing was recorded";
        for (var attempt = 0; attempt < 4; attempt++)
        {
            using var sound = pipeWire.Record("osclooper:out_1", 3);
            if (sound is null) continue;
            var lane = sound.Lane(0);
            var clicks = Clicks(lane);
            var expected = LoopFrames * rate / 48000;
            var right = clicks.Zip(clicks.Skip(1), (a, b) => b - a).Count(d => Math.Abs(d - expected) <= 2);
            var (tone, wrong, reverse) = (Power(lane, rate, Hertz), Power(lane, rate, WrongRateHertz), Power(lane, rate, Hertz * 44100.0 / 48000));
            seen = $"{sound.Rate} Hz: clicks at {string.Join(' ', clicks)}, {right} as far apart as {expected}; tone {tone:F3} at 1000 Hz, {wrong:F3} at 1088 Hz, {reverse:F3} at 919 Hz";
            TestContext.Out.WriteLine(seen);
            if (sound.Rate != rate || clicks.Count < 3) continue;
            Assert.That(tone, Is.GreaterThan(4 * Math.Max(wrong, reverse)), seen);
            if (right >= 2) return;
        }
        Assert.Ignore($"this machine is too busy to record what PipeWire plays: {seen}");
    }

    [Test]
    public void It_is_found_by_itself_and_when_it_is_started_again_in_mid_loop_the_loop_has_gone_on_in_phase()
    {
        using var pipeWire = new PipeWireServer();
        using var player = new Player(pipeWire);
        Assert.That(player.Backend, Is.EqualTo("pipewire"), player.Text);
        Assert.That(player.Number("/audio/block"), Is.EqualTo(128), "what --block says by default");
        Assert.That(pipeWire.Run("jack_lsp"), Does.Contain("osclooper:in_1").And.Contain("osclooper:out_2").And.Contain("osclooper:midi_out"));
        player.Client.Call("/audio/record", "master.wav");
        player.Play(1.2);

        foreach (var kill in new[] { false, true })
        {
            var watch = Stopwatch.StartNew();
            pipeWire.End(kill);
            player.Await(() => player.Backend == "none", "the timer clock to take over");
            TestContext.Out.WriteLine($"noticed within {watch.ElapsedMilliseconds} ms of the end");
            player.Play(1.3);
            pipeWire.Start();
            player.Await(() => player.Backend == "pipewire", "PipeWire to be used again");
            player.Play(1.1);
        }
        player.Client.Call("/audio/record_stop");
        using (var master = SoundFile.ReadAll(player.File("master.wav")))
        {
            var clicks = Clicks(master.Lane(0));
            TestContext.Out.WriteLine($"clicks at {string.Join(' ', clicks)}");
            Assert.That(clicks, Has.Count.GreaterThan(10));
            Assert.That(clicks.Select(c => (c - clicks[0]) % LoopFrames), Is.All.Zero, "before, between and after in one phase");
        }
        HearAt(pipeWire, 48000);
        Assert.That(player.Client.Call("/server/status")[9].Whole, Is.Zero, "bytes allocated on the audio side");
    }

    [Test]
    public void A_forced_rate_and_block_are_followed_and_told_and_tones_and_times_stay_right()
    {
        using var pipeWire = new PipeWireServer();
        using var player = new Player(pipeWire, "--audio", "pipewire");
        HearAt(pipeWire, 48000);
        foreach (var rate in new[] { 44100, 48000 })
        {
            pipeWire.Set("clock.force-rate", rate);
            player.Await(() => player.Number("/audio/rate") == rate, $"/audio/rate {rate}");
            HearAt(pipeWire, rate);
            Assert.That(player.Number("/audio/engine_rate"), Is.EqualTo(48000), "loops and frames keep theirs");
        }
        foreach (var block in new[] { 512, 64 })
        {
            pipeWire.Set("clock.force-quantum", block);
            player.Await(() => player.Number("/audio/block") == block, $"/audio/block {block}");
            player.Play(0.3);
        }
        // It comes back at another rate, too.
        pipeWire.End();
        player.Await(() => player.Backend == "none", "the timer clock to take over");
        pipeWire.Start();
        pipeWire.Set("clock.force-rate", 44100);
        player.Await(() => player.Backend == "pipewire" && player.Number("/audio/rate") == 44100, "PipeWire at 44100 Hz");
        HearAt(pipeWire, 44100);
        Assert.That(player.Client.Call("/server/status")[9].Whole, Is.Zero, "bytes allocated on the audio side");
    }

    [Test]
    public void An_imp_in_a_process_of_its_own_and_a_take_under_way_go_through_a_change_of_rate()
    {
        using var pipeWire = new PipeWireServer();
        using var player = new Player(pipeWire, "--audio", "pipewire", "--realm", "apart.json");
        var client = player.Client;
        for (var watch = Stopwatch.StartNew(); State("synth") != "active"; Thread.Sleep(50))
            if (watch.Elapsed.TotalSeconds > 120)
                Assert.Ignore($"this machine is too busy: after {watch.Elapsed.TotalSeconds:0} s the synth's own process is not ready ({client.Ask("/realm/imp/synth/reason")[0].Text}); missed: a change of rate under it and under a take");
        client.Call("/looper/add_channel");
        client.Call("/realm/connect", "synth:out", "looper:in");
        client.Send("/looper/channel/2/sync", "none");
        client.Send("/synth/note", 69, 100f);
        player.Await(() => client.Ask("/looper/channel/2/level/in")[0].Number > -50, "its sound at the looper");
        client.Send("/looper/channel/2/record");
        client.Sync();
        player.Await(() => client.Ask("/looper/channel/2/state")[0].Text == "recording", "the take");
        var began = client.Ask("/looper/channel/2/state")[1].Whole;
        foreach (var rate in new[] { 44100, 48000 })
        {
            player.Play(0.5);
            pipeWire.Set("clock.force-rate", rate);
            player.Await(() => player.Number("/audio/rate") == rate, $"/audio/rate {rate}");
            Assert.That((State("synth"), client.Ask("/looper/channel/2/state")[0].Text), Is.EqualTo(("active", "recording")), $"at {rate} Hz");
        }
        player.Play(0.5);
        client.Send("/looper/channel/2/play");
        client.Sync();
        player.Await(() => client.Ask("/looper/channel/2/state")[0].Text == "looping", "the loop");
        var frames = player.Number("/looper/channel/2/frames");
        Assert.That(frames, Is.EqualTo(client.Ask("/looper/channel/2/state")[1].Whole - began), "every frame between the two presses");
        Assert.That((State("synth"), client.Ask("/realm/imp/synth/fault")[0].Text), Is.EqualTo(("active", "")), "nothing happened to it");

        client.Call("/looper/channel/2/save", "take.wav");
        using var take = SoundFile.ReadAll(player.File("take.wav"));
        Assert.That((take.Rate, take.Frames), Is.EqualTo((48000, (int)frames)));
        // Where the machine keeps its process from computing it is silent for a moment.
        var silent = 0;
        for (var at = 0; at + 480 <= take.Frames; at += 480)
            if (take.Lane(0).Slice(at, 480).IndexOfAnyExceptInRange(-1e-4f, 1e-4f) < 0) silent++;
        TestContext.Out.WriteLine($"{silent} of {frames / 480} hundredths of a second are silent");
        if (silent > frames / 480 / 4) Assert.Ignore($"this machine is too busy: {silent} of {frames / 480} hundredths of a second of the synth are missing");
        // Its pitch is that of the take's own frames throughout.
        Assert.That(Power(take.Lane(0), 48000, 440, 10), Is.GreaterThan(2 * Power(take.Lane(0), 48000, 440 * 1.088, 10)));

        string State(string imp) => client.Ask($"/realm/imp/{imp}/state")[0].Text;
    }

    [Test]
    public void PortAudio_whose_callback_stays_away_is_stood_in_for_and_used_again()
    {
        using var pipeWire = new PipeWireServer();
        // PortAudio speaks to ALSA, and ALSA's default device is this PipeWire.
        if (!pipeWire.Run(Programs.Server, "devices").Contains("portaudio")) Assert.Ignore("PortAudio has no device here (apt-get install libportaudio2 pipewire-alsa); missed: its callback that stays away");
        using var player = new Player(pipeWire, "--audio", "portaudio");
        player.Await(() => player.Backend == "portaudio", "PortAudio to play");
        player.Client.Call("/audio/record", "master.wav");
        player.Play(1.2);
        foreach (var seconds in new[] { 1, 7 })
        {
            pipeWire.Hang(true);
            var watch = Stopwatch.StartNew();
            player.Await(() => player.Backend == "none", "the timer clock to take over");
            TestContext.Out.WriteLine($"noticed within {watch.ElapsedMilliseconds} ms");
            player.Play(seconds);
            pipeWire.Hang(false);
            player.Await(() => player.Backend == "portaudio", "PortAudio to play again");
            player.Play(0.6);
        }
        player.Client.Call("/audio/record_stop");
        using var master = SoundFile.ReadAll(player.File("master.wav"));
        var clicks = Clicks(master.Lane(0));
        TestContext.Out.WriteLine($"clicks at {string.Join(' ', clicks)}");
        Assert.That(clicks, Has.Count.GreaterThan(10));
        Assert.That(clicks.Select(c => (c - clicks[0]) % LoopFrames), Is.All.Zero, "before, between and after in one phase");
    }

    [Test]
    public void One_that_hangs_is_stood_in_for_and_plays_again_when_it_goes_on()
    {
        using var pipeWire = new PipeWireServer();
        using var player = new Player(pipeWire);
        foreach (var seconds in new[] { 1, 7 })
        {
            player.Await(() => player.Backend == "pipewire", "PipeWire to play");
            pipeWire.Hang(true);
            var watch = Stopwatch.StartNew();
            player.Await(() => player.Backend == "none", "the timer clock to take over");
            TestContext.Out.WriteLine($"noticed within {watch.ElapsedMilliseconds} ms");
            player.Play(seconds);
            pipeWire.Hang(false);
        }
        player.Await(() => player.Backend == "pipewire", "PipeWire to play again");
        HearAt(pipeWire, 48000);
    }
}
