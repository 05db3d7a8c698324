using OscLooper.Fluid;
using OscLooper.Server;
using OscLooper.Server.Realtime;
using OscLooper.Testing;

namespace OscLooper.Tests.Fluid;

public class FluidTests
{
    static string Font()
    {
        if (!FluidCalls.IsThere) Assert.Ignore("libfluidsynth is not installed (apt-get install libfluidsynth3)");
        if (SoundFonts.Usual() is not { } font) Assert.Ignore("there is no SoundFont (apt-get install timgm6mb-soundfont)");
        else return font;
        return "";
    }

    static Rig Made(string font = "", int outputs = 2) => Rig.With(at => new FluidModule(at), new ServerOptions { SoundFont = font, Outputs = outputs });

    static float Peak(float[] sound) => sound.Max(Math.Abs);

    [Test]
    public void A_key_sounds_and_ends_and_the_same_bit_for_bit_at_every_block_size()
    {
        Font();
        float[]? first = null;
        foreach (var block in new[] { 1, 7, 64, 250 })
        {
            using var rig = Made();
            rig.SendAt(1000, "/fluid/note", 60, 100);
            rig.SendAt(1010, "/fluid/note", 64, 100);
            rig.SendAt(6000, "/fluid/note", 60, 0);
            rig.SendAt(6000, "/fluid/note", 64, 0);
            var sound = rig.Render(12_000, block);
            Assert.That(Peak(sound[..1000]), Is.LessThan(1e-4f));
            Assert.That(Peak(sound), Is.InRange(0.02f, 1f));
            Assert.That(sound, Is.EqualTo(first ??= sound), $"blocks of {block}");
        }
    }

    [System.Runtime.InteropServices.DllImport("libc")] static extern int mkfifo(string path, uint mode);

    [Test]
    public void A_pipe_that_takes_the_place_of_a_soundfont_keeps_nobody_waiting()
    {
        var font = Font();
        if (!OperatingSystem.IsLinux()) Assert.Ignore("only Linux names open files");
        var folder = Directory.CreateTempSubdirectory("osclooper-test-");
        string Of(string name) => Path.Combine(folder.FullName, name);
        File.CreateSymbolicLink(Of("font"), font);
        Assert.That(mkfifo(Of("pipe"), 0x180), Is.Zero);
        File.CreateSymbolicLink(Of("now"), font);
        var isOver = false;
        // One moment it is the one, the next moment the other.
        var swapping = new Thread(() =>
        {
            for (var i = 0; !Volatile.Read(ref isOver); i++)
            {
                File.CreateSymbolicLink(Of("next"), (i & 1) == 0 ? Of("pipe") : font);
                File.Move(Of("next"), Of("now"), overwrite: true);
            }
        }) { IsBackground = true };
        swapping.Start();
        var (loaded, refused) = (0, 0);
        try
        {
            for (var i = 0; i < 400 && loaded < 20; i++)
            {
                var load = Task.Factory.StartNew(() => FontSynth.Load(Of("now"), 48000, out _), TaskCreationOptions.LongRunning);
                Assert.That(load.Wait(60_000), Is.True, $"a load hangs, after {loaded} that worked and {refused} that were refused");
                using var made = load.GetAwaiter().GetResult();
                if (made is null) refused++;
                else loaded++;
            }
        }
        finally
        {
            Volatile.Write(ref isOver, true);
            swapping.Join();
            // Whoever still waits is let go.
            using (new FileStream(Of("pipe"), FileMode.Open, FileAccess.ReadWrite)) folder.Delete(recursive: true);
        }
        TestContext.Out.WriteLine($"{loaded} loads worked, {refused} were refused");
        Assert.That(loaded, Is.GreaterThan(0));
    }

    [Test]
    public void A_key_lands_on_the_next_multiple_of_64()
    {
        Font();
        foreach (var frame in new[] { 640, 641, 700, 703, 704 })
        {
            // What the reverb hums before is the same in both.
            using var silent = Made();
            using var rig = Made();
            rig.SendAt(frame, "/fluid/note", 38, 127, 10);
            var (quiet, sound) = (silent.Render(2000), rig.Render(2000));
            var onset = Enumerable.Range(0, 2000).First(n => sound[n] != quiet[n]);
            Assert.That(onset, Is.InRange((frame + 63) / 64 * 64, (frame + 63) / 64 * 64 + 8));
        }
    }

    [Test]
    public void Programs_bends_and_gain_are_heard_and_a_program_survives_another_soundfont()
    {
        var font = Font();
        using var rig = Made();
        float[] Key(int channel)
        {
            rig.Send("/fluid/note", 60, 100, channel);
            var sound = rig.Render(9600);
            rig.Send("/fluid/note", 60, 0, channel);
            rig.Send("/server/panic");
            rig.Render(96_000);
            return sound;
        }
        var piano = Key(1);
        rig.Send("/fluid/program", 1, 56);
        var trumpet = Key(1);
        Assert.That(rig.Value("/fluid/channel/1/program"), Is.EqualTo("56 0"));
        Assert.That(Distance(piano, trumpet), Is.GreaterThan(0.5));
        Assert.That(Distance(piano, Key(2)), Is.LessThan(0.1), "another channel keeps its sound");
        Assert.That(rig.Value("/fluid/playing"), Is.EqualTo(font));
        rig.Send("/fluid/soundfont", Path.GetFileName(font));
        Assert.That(rig.Value("/fluid/soundfont"), Is.EqualTo(Path.GetFileName(font)));
        rig.Render(48_000);
        Assert.That(Distance(trumpet, Key(1)), Is.LessThan(0.1), "the fresh synth got the program");
        rig.Send("/fluid/gain", 0f);
        rig.Render(480);
        Assert.That(Peak(Key(1)), Is.Zero);

        // 0 = the same, 1 and more = nothing in common.
        static double Distance(float[] a, float[] b) => Math.Sqrt(a.Zip(b, (x, y) => (x - y) * (double)(x - y)).Sum() / (a.Sum(x => (double)x * x) + b.Sum(x => (double)x * x)));
    }

    [Test]
    public void What_sounds_is_faded_when_another_soundfont_comes()
    {
        var font = Font();
        using var rig = Made();
        rig.Send("/fluid/program", 1, 19);
        rig.Send("/fluid/note", 48, 100);
        var before = rig.Render(48_000);
        var step = Steepest(before[24_000..]);
        rig.Send("/fluid/soundfont", Path.GetFileName(font));
        var after = rig.Render(9600);
        Assert.That(Steepest([before[^1], .. after]), Is.LessThan(1.5f * step), "no click");
        Assert.That(Peak(after[4800..]), Is.LessThan(1e-3f));
        Assert.That(rig.Number("/fluid/voices"), Is.Zero);

        static float Steepest(float[] sound) => Enumerable.Range(1, sound.Length - 1).Max(n => Math.Abs(sound[n] - sound[n - 1]));
    }

    [Test]
    public void Voices_are_counted_limited_and_silenced()
    {
        Font();
        using var rig = Made();
        rig.Send("/fluid/program", 1, 16);
        for (var key = 0; key < 40; key++) rig.Send("/fluid/note", 30 + key, 100);
        rig.Render(1024);
        Assert.That(rig.Number("/fluid/voices"), Is.InRange(40, 256));
        rig.Send("/fluid/polyphony", 10);
        rig.Render(96_000);
        for (var key = 0; key < 40; key++) rig.Send("/fluid/note", 30 + key, 100);
        rig.Render(1024);
        Assert.That(rig.Number("/fluid/voices"), Is.LessThanOrEqualTo(10));
        rig.Send("/server/panic");
        rig.Render(1024);
        Assert.That(rig.Number("/fluid/voices"), Is.Zero);
    }

    [Test]
    public void What_is_no_soundfont_is_refused_and_without_one_it_is_silent_and_says_so()
    {
        using (var rig = Made())
        {
            Assert.That(rig.Call("/fluid/soundfont", "nothing.sf2")[^1].ToString(), Does.StartWith("/fail /fluid/soundfont \"not found\""));
            Directory.CreateDirectory("osclooper-files");
            File.WriteAllBytes("osclooper-files/garbage.sf2", [.. "RIFF....sfbk"u8, .. new byte[500]]);
            var said = new List<string>();
            rig.Server.Logged = (level, line) => said.Add(line);
            rig.Send("/fluid/soundfont", "garbage.sf2");
            if (FluidCalls.IsThere) Assert.That(said, Has.One.Contains("does not take"));
        }
        var lines = new List<string>();
        using var silent = Made(Path.Combine(Path.GetTempPath(), "no-such-font.sf2"), 1);
        silent.Server.Logged = (level, line) => lines.Add(line);
        silent.Send("/fluid/note", 60, 100);
        Assert.That(Peak(silent.Render(4800)), Is.Zero);
    }

    [Test]
    public void Notes_and_rendering_allocate_nothing()
    {
        Font();
        using var server = new OscLooper.Server.Server(new ServerOptions { OscPort = 0, Quiet = true }, [("fluid", at => new FluidModule(at))]);
        server.Engine.WarmUp();
        var client = server.Connect("test");
        Assert.That(JackPeer.Await(() =>
        {
            server.Pump();
            server.Engine.Process128();
            return server.Space.TryFind("/fluid/playing", out var leaf) && leaf.Text.Length > 0;
        }), Is.True, "a worker loads");
        var random = new Random(6);
        var most = 0.0;
        for (var round = 0; round < 400; round++)
        {
            client.Send("/fluid/note", random.Next(30, 90), random.Next(2) * 100, random.Next(1, 17));
            server.Pump();
            server.Engine.Process128();
            if (server.Space.TryFind("/fluid/voices", out var leaf)) most = Math.Max(most, server.Space.LiveValueOf(leaf.Target).A);
        }
        Assert.That(server.Engine.Status.AudioSideAllocatedBytes, Is.Zero, "from the first call of the library on");
        Assert.That(most, Is.GreaterThan(10), "it played");
    }
}

static class EngineBlocks
{
    internal static unsafe void Process128(this Engine engine) => engine.Process(null, null, 128);
}
