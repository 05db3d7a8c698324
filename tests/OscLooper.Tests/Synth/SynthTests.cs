using OscLooper.Osc;
using OscLooper.Synth;
using OscLooper.Testing;

namespace OscLooper.Tests.Synth;

public class SynthTests
{
    const int Rate = 48000;

    static Rig Made() => new(new() { Outputs = 2 }, ("synth", at => new SynthModule(at)));

    static float[][] Render(Rig rig, int frames, int block = 128) => rig.Render([new float[frames]], block);

    static double Rms(IEnumerable<float> sound) => Math.Sqrt(sound.Average(x => (double)x * x));

    /// <summary>Level of one frequency, over a Blackman-Harris window (side lobes below -92 dB).</summary>
    static double LevelAt(float[] sound, double hertz)
    {
        double re = 0, im = 0, sum = 0;
        for (var n = 0; n < sound.Length; n++)
        {
            var x = 2 * Math.PI * n / sound.Length;
            var window = 0.35875 - 0.48829 * Math.Cos(x) + 0.14128 * Math.Cos(2 * x) - 0.01168 * Math.Cos(3 * x);
            re += window * sound[n] * Math.Cos(2 * Math.PI * hertz * n / Rate);
            im += window * sound[n] * Math.Sin(2 * Math.PI * hertz * n / Rate);
            sum += window;
        }
        return 2 * Math.Sqrt(re * re + im * im) / sum;
    }

    static double Decibels(double level) => 20 * Math.Log10(Math.Max(level, 1e-12));

    /// <summary>A plain saw: one oscillator, everything open, no room.</summary>
    static void Plain(Rig rig, string wave = "saw")
    {
        rig.Send("/synth/voice", "organ");
        rig.Send("/synth/wave", wave);
        rig.Send("/synth/sub", 0f);
        rig.Send("/synth/vibrato", 0f);
        rig.Send("/synth/room", 0f);
        rig.Send("/synth/cutoff", 20000f);
        rig.Send("/synth/gain", 0.3f);
        Render(rig, 4800);
    }

    [Test]
    public void The_sound_is_the_same_bit_for_bit_at_every_block_size()
    {
        float[][] Played(int block)
        {
            using var rig = Made();
            rig.SendAt(0, "/synth/voice", "lead");
            rig.SendAt(100, "/synth/note", 60, 100f);
            rig.SendAt(101, "/synth/note", 64, 80f);
            rig.SendAt(333, "/synth/note", 36, 110f, 10);
            rig.SendAt(1000, "/synth/note", 46, 90f, 10);
            rig.SendAt(2001, "/synth/cutoff", 400f);
            rig.SendAt(3003, "/synth/note", 60, 0f);
            rig.SendAt(3500, "/synth/polyphony", 1);
            rig.SendAt(3600, "/synth/note", 67, 100f);
            rig.SendAt(4000, "/synth/room", 0.8f);
            rig.SendAt(5000, "/synth/note", 42, 90f, 10);
            return Render(rig, 9000, block);
        }
        var expected = Played(64);
        Assert.That(Rms(expected[0]), Is.GreaterThan(0.01));
        Assert.That(expected[0].Take(100), Is.All.Zero);
        foreach (var block in new[] { 1, 7, 256, 1024 })
            for (var lane = 0; lane < 2; lane++) Assert.That(Played(block)[lane], Is.EqualTo(expected[lane]), $"{block} frames, lane {lane}");
    }

    [Test]
    public void After_a_long_rest_it_sounds_as_at_first_at_every_block_size()
    {
        float[] Played(int block)
        {
            using var rig = Made();
            rig.SendAt(0, "/synth/room", 1f);
            rig.SendAt(0, "/synth/note", 38, 100f, 10);
            rig.SendAt(7 * Rate + 5, "/synth/note", 38, 100f, 10);
            return Render(rig, 8 * Rate, block)[0];
        }
        var expected = Played(64);
        Assert.That(expected[(6 * Rate)..(7 * Rate)], Is.All.Zero);
        Assert.That(Rms(expected[(7 * Rate)..]), Is.EqualTo(Rms(expected[..Rate])).Within(0.002));
        Assert.That(Played(1000), Is.EqualTo(expected));
        Assert.That(Played(7), Is.EqualTo(expected));
    }

    [Test]
    public void A_key_sounds_at_its_pitch([Values(45, 69, 93)] int key)
    {
        using var rig = Made();
        Plain(rig, "sine");
        rig.Send("/synth/note", key, 127f);
        var sound = Render(rig, Rate)[0][4800..];
        var hertz = 440 * Math.Pow(2, (key - 69) / 12.0);
        // A tone wrong by a cent would already be weaker at its neighbour's expense; compare both sides.
        var (low, right, high) = (LevelAt(sound, hertz * 0.998), LevelAt(sound, hertz), LevelAt(sound, hertz * 1.002));
        Assert.That(right, Is.GreaterThan(low).And.GreaterThan(high));
        Assert.That(Decibels(low / high), Is.EqualTo(0).Within(0.3));
    }

    [Test]
    public void Oscillators_are_band_limited([Values("saw", "square")] string wave)
    {
        using var rig = Made();
        Plain(rig, wave);
        rig.Send("/synth/note", 96, 127f);
        var sound = Render(rig, Rate / 2)[0][4800..];
        var hertz = 440 * Math.Pow(2, (96 - 69) / 12.0);
        var tone = LevelAt(sound, hertz);
        var worst = 0.0;
        // Partials above half the rate would fold back: the 12th at 25116 Hz to 22884, the 13th to 20791, and so on.
        for (var partial = 12; partial < 40; partial++)
        {
            var folded = Math.Abs(partial * hertz - Math.Round(partial * hertz / Rate) * Rate);
            if (folded is > 200 and < 15000) worst = Math.Max(worst, LevelAt(sound, folded));
        }
        TestContext.Out.WriteLine($"{wave} at {hertz:F0} Hz: loudest alias below 15 kHz {Decibels(worst / tone):F1} dB");
        Assert.That(Decibels(worst / tone), Is.LessThan(-55));
    }

    [Test]
    public void A_note_let_go_falls_silent_and_frees_its_voice([Values("keys", "pad", "bass", "lead", "pluck", "organ", "strings", "brass", "square")] string voice)
    {
        using var rig = Made();
        rig.Send("/synth/voice", voice);
        rig.Send("/synth/room", 0f);
        rig.Send("/synth/note", 60, 100f);
        Assert.That(Rms(Render(rig, Rate / 2)[0]), Is.GreaterThan(0.005));
        Assert.That(rig.Number("/synth/voices"), Is.EqualTo(1));
        rig.Send("/synth/note", 60, 0f);
        Render(rig, 4 * Rate);
        Assert.That(Rms(Render(rig, 4800)[0]), Is.LessThan(1e-6));
        Assert.That(rig.Number("/synth/voices"), Is.Zero);
    }

    [Test]
    public void Harder_is_louder_and_brighter()
    {
        double[] Levels(float velocity)
        {
            using var rig = Made();
            rig.Send("/synth/note", 60, velocity);
            var sound = Render(rig, Rate / 4)[0];
            return [Rms(sound), LevelAt(sound, 261.63 * 5) / LevelAt(sound, 261.63)];
        }
        var (soft, hard) = (Levels(30), Levels(120));
        Assert.That(hard[0], Is.GreaterThan(3 * soft[0]));
        Assert.That(hard[1], Is.GreaterThan(1.3 * soft[1]));
    }

    [Test]
    public void When_voices_run_out_the_oldest_gives_way_without_a_click()
    {
        using var rig = Made();
        Plain(rig, "sine");
        rig.Send("/synth/polyphony", 2);
        foreach (var key in new[] { 60, 64, 67 }) rig.Send("/synth/note", key, 100f);
        var sound = Render(rig, Rate / 2)[0][9600..];
        Assert.That(rig.Number("/synth/voices"), Is.EqualTo(2));
        Assert.That(Decibels(LevelAt(sound, 261.63) / LevelAt(sound, 329.63)), Is.LessThan(-40));
        Assert.That(sound.Zip(sound.Skip(1)).Max(p => Math.Abs(p.First - p.Second)), Is.LessThan(0.05));
    }

    [Test]
    public void Glide_comes_from_the_last_key()
    {
        using var rig = Made();
        Plain(rig, "sine");
        rig.Send("/synth/glide", 0.5f);
        rig.Send("/synth/note", 60, 100f);
        Render(rig, 4800);
        rig.Send("/synth/note", 60, 0f);
        rig.Send("/synth/note", 72, 100f);
        Render(rig, 2400);
        var early = Render(rig, 4800)[0];
        Render(rig, Rate);
        var late = Render(rig, 4800)[0];
        Assert.That(LevelAt(early, 523.25), Is.LessThan(0.5 * LevelAt(late, 523.25)));
    }

    [Test]
    public void Panic_is_silence_at_once()
    {
        using var rig = Made();
        rig.Send("/synth/voice", "pad");
        rig.Send("/synth/note", 60, 100f);
        rig.Send("/synth/note", 49, 100f, 10);
        Render(rig, Rate);
        rig.Send("/server/panic");
        Assert.That(Render(rig, 4800)[0], Is.All.Zero);
    }

    [Test]
    public void Every_drum_sounds_and_ends([Range(35, 59)] int key)
    {
        using var rig = Made();
        rig.Send("/synth/room", 0f);
        Render(rig, 4800);
        rig.Send("/synth/note", key, 110f, 10);
        var sound = Render(rig, Rate / 10)[0];
        Assert.That(sound.Max(Math.Abs), Is.InRange(0.03f, 0.95f));
        Render(rig, 3 * Rate);
        Assert.That(Rms(Render(rig, 4800)[0]), Is.LessThan(1e-6));
    }

    [Test]
    public void A_closed_hat_ends_an_open_one()
    {
        double Tail(bool closed)
        {
            using var rig = Made();
            rig.Send("/synth/room", 0f);
            rig.Send("/synth/note", 46, 100f, 10);
            rig.SendAt(9600, "/synth/note", closed ? 42 : 127, closed ? 100f : 0f, 10);
            return Rms(Render(rig, 18000)[0][15000..]);
        }
        Assert.That(Tail(true), Is.LessThan(0.2 * Tail(false)));
    }

    [Test]
    public void The_loudest_chord_stays_within_full_scale()
    {
        using var rig = Made();
        rig.Send("/synth/voice", "strings");
        for (var key = 36; key < 68; key++) rig.Send("/synth/note", key, 127f);
        Assert.That(Render(rig, Rate)[0].Max(Math.Abs), Is.InRange(0.5f, 1f));
    }

    [Test]
    public void Ten_thousand_blocks_of_32_voices_and_drums_allocate_nothing()
    {
        using var stage = new OscLooper.Tests.Server.Realtime.Stage(outputs: 2, isOffline: false).With("synth", at => new SynthModule(at)).Load();
        for (var key = 0; key < 32; key++) stage.Send(new Event(0, 0, EventKind.Note, 0, 0x90, 40 + key, 100));
        for (var key = 35; key < 60; key++) stage.Send(new Event(100 * key, 0, EventKind.Note, 0, 0x99, key, 100));
        stage.Play(128 * 100, 128);
        // A collection of another test's garbage would take the rest of this thread's allocation buffer (up to 8 KiB) for allocated.
        Assert.That(GC.TryStartNoGCRegion(128 << 20), Is.True);
        var before = stage.Engine.Status.AudioSideAllocatedBytes;
        for (var i = 0; i < 1000; i++) stage.Send(new Event(13000 + i * 1200, 0, EventKind.Note, 0, i % 2 == 0 ? 0x99 : 0x90, 40 + i % 20, 100));
        stage.Play(128 * 10000, 128);
        if (System.Runtime.GCSettings.LatencyMode == System.Runtime.GCLatencyMode.NoGCRegion) GC.EndNoGCRegion();
        Assert.That(stage.Engine.FaultOf(0), Is.Null);
        Assert.That(stage.Engine.Status.AudioSideAllocatedBytes - before, Is.Zero);
    }
}
