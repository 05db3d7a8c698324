using OscLooper.Dsp;

namespace OscLooper.Tests.Dsp;

public class SoundFileTests
{
    readonly TemporaryFolder folder = new();

    [TearDown]
    public void Clean() => folder.Dispose();

    static float[] Tone(int frames, int rate) => [.. Enumerable.Range(0, frames).Select(i => (float)(0.8 * Math.Sin(2 * Math.PI * 440 * i / rate)))];

    void Write(string name, SoundFormat format, int lanes, int rate, float[] frames)
    {
        using var writer = SoundFile.Create(folder[name], format, lanes, rate);
        writer.Write(frames);
        writer.Commit();
    }

    [Test]
    public void A_whole_file_is_read_planar_and_as_it_is()
    {
        var mono = Tone(20_000, 48000);
        Write("a.wav", SoundFormat.WavFloat, 2, 48000, [.. mono.SelectMany(x => new[] { x, -x })]);
        using var sound = SoundFile.ReadAll(folder["a.wav"]);
        Assert.That((sound.Frames, sound.Lanes, sound.Rate), Is.EqualTo((20_000, 2, 48000)));
        Assert.That(sound.Lane(0).ToArray(), Is.EqualTo(mono));
        Assert.That(sound.Lane(1).ToArray(), Is.EqualTo(mono.Select(x => -x)));
    }

    [Test]
    public void Another_rate_is_converted_on_the_way()
    {
        Write("a.wav", SoundFormat.WavFloat, 1, 44100, Tone(44100, 44100));
        var reports = new List<double>();
        using var sound = SoundFile.ReadAll(folder["a.wav"], 48000, new ResamplerTests.Direct(reports.Add));
        Assert.That((sound.Frames, sound.Rate), Is.EqualTo((48000, 48000)));
        var truth = Tone(48000, 48000);
        for (var i = 300; i < 47_700; i++) Assert.That(sound.Lane(0)[i], Is.EqualTo(truth[i]).Within(1e-4f));
        Assert.That(reports, Is.Ordered);
        Assert.That(reports[^1], Is.EqualTo(1));
    }

    [Test]
    public void What_would_fill_the_memory_is_refused()
    {
        Write("a.wav", SoundFormat.WavFloat, 1, 48000, new float[100_000]);
        Assert.That(() => SoundFile.ReadAll(folder["a.wav"], maxBytes: 300_000),
            Throws.InstanceOf<SoundFileException>().With.Message.EqualTo("a.wav: longer than the 0 MiB that may be loaded"));
    }

    [Test]
    public void A_rate_that_cannot_be_converted_is_said()
    {
        Write("a.wav", SoundFormat.WavFloat, 1, 1, [1f]);
        Assert.That(() => SoundFile.ReadAll(folder["a.wav"], 48000),
            Throws.InstanceOf<SoundFileException>().With.Message.EqualTo("a.wav: 1 frames per second cannot be converted to 48000"));
    }

    [TestCase("nothing.wav", "nothing.wav: no such file")]
    [TestCase("no/such/folder.wav", "folder.wav: no such folder")]
    [TestCase("", "is a folder")]
    [TestCase("text.wav", "text.wav: not a sound file that is known here")]
    [TestCase("empty.wav", "empty.wav: not a sound file that is known here")]
    [TestCase("short.wav", "short.wav: damaged WAV file: no format in it")]
    [TestCase("nul\0.wav", "")]
    public void Errors_are_sentences(string name, string message)
    {
        File.WriteAllText(folder["text.wav"], "this is not a sound, however long it may be");
        File.WriteAllText(folder["empty.wav"], "");
        File.WriteAllText(folder["short.wav"], "RIFFxxxxWAVE");
        Assert.That(() => SoundFile.Open(folder[name]), Throws.InstanceOf<SoundFileException>().With.Message.Contains(message));
    }

    [TestCase("/proc/self/mem")]
    [TestCase("/dev/null")]
    public void Things_that_are_no_files_are_refused_too(string path)
    {
        if (!OperatingSystem.IsLinux()) Assert.Ignore("These exist on Linux only.");
        Assert.That(() => SoundFile.Open(path), Throws.InstanceOf<SoundFileException>());
    }

    [Test]
    public void A_folder_that_is_not_there_cannot_be_written_to() =>
        Assert.That(() => SoundFile.Create(folder["no/a.wav"], SoundFormat.WavFloat, 1, 48000), Throws.InstanceOf<SoundFileException>());

    [TestCase(0, 48000)]
    [TestCase(2000, 48000)]
    [TestCase(1, 0)]
    public void Impossible_sounds_cannot_be_written(int lanes, int rate) =>
        Assert.That(() => SoundFile.Create(folder["a.wav"], SoundFormat.WavFloat, lanes, rate), Throws.InstanceOf<SoundFileException>());

    [Test]
    public void Without_the_library_it_is_named()
    {
        if (SoundFile.HasLibrary) Assert.Ignore("libsndfile is installed here; its absence cannot be shown.");
        File.WriteAllBytes(folder["a.flac"], [.. "fLaC"u8, .. new byte[100]]);
        File.WriteAllBytes(folder["a.mp3"], [0xFF, 0xFB, .. new byte[100]]);
        Assert.That(() => SoundFile.Open(folder["a.flac"]),
            Throws.InstanceOf<SoundFileException>().With.Message.EqualTo("FLAC needs libsndfile (Debian: apt install libsndfile1)"));
        Assert.That(() => SoundFile.Open(folder["a.mp3"]), Throws.InstanceOf<SoundFileException>().With.Message.StartsWith("MP3 needs libsndfile"));
        Assert.That(() => SoundFile.Create(folder["a.flac"], SoundFormat.Flac24, 2, 48000),
            Throws.InstanceOf<SoundFileException>().With.Message.StartsWith("FLAC needs libsndfile"));
        Assert.That(folder.Names, Does.Not.Contain("a.flac.part"));
    }

    [Test]
    public void Flac_keeps_24_bits()
    {
        NeedsLibrary();
        float[] sound = [.. Tone(50_000, 44100).SelectMany(x => new[] { x, -x / 3 })];
        Write("a.flac", SoundFormat.Flac24, 2, 44100, sound);
        Assert.That(folder.Names, Is.EqualTo(new[] { "a.flac" }));

        using var reader = SoundFile.Open(folder["a.flac"]);
        Assert.That(reader.Info, Is.EqualTo(new SoundInfo(50_000, 2, 44100, "FLAC")));
        var read = new float[100_000];
        Assert.That(reader.Read(read), Is.EqualTo(50_000));
        Assert.That(read.Zip(sound, (a, b) => Math.Abs(a - b)).Max(), Is.LessThan(1.3e-7f));
        reader.Seek(49_999);
        Assert.That(reader.Read(read), Is.EqualTo(1));
    }

    [Test]
    public void Flac_clips_instead_of_wrapping()
    {
        NeedsLibrary();
        Write("a.flac", SoundFormat.Flac24, 1, 44100, [2f, -2f, 1f]);
        using var sound = SoundFile.ReadAll(folder["a.flac"]);
        Assert.That(sound.Lane(0).ToArray(), Is.EqualTo(new[] { 1f, -1f, 1f }).Within(1e-6f));
    }

    [Test]
    public void Flac_without_commit_leaves_nothing()
    {
        NeedsLibrary();
        using (var writer = SoundFile.Create(folder["a.flac"], SoundFormat.Flac24, 1, 44100)) writer.Write(new float[9999]);
        Assert.That(folder.Names, Is.Empty);
    }

    [TestCase("aiff", "AIFF", 1e-6)]
    [TestCase("caf", "CAF", 1e-6)]
    [TestCase("w64", "W64", 1e-6)]
    [TestCase("flac", "FLAC", 1e-6)]
    [TestCase("ogg", "OGG", 0.05)]
    [TestCase("wav", "WAV, 24 bit", 1e-6)]
    public void What_sox_wrote_is_read(string ending, string format, double tolerance)
    {
        NeedsLibrary();
        var tone = Tone(44100, 44100);
        Write("in.wav", SoundFormat.Wav24, 1, 44100, tone);
        Sox.Run("-D", folder["in.wav"], folder[$"a.{ending}"]);

        using var reader = SoundFile.Open(folder[$"a.{ending}"]);
        Assert.That(reader.Info, Is.EqualTo(new SoundInfo(44100, 1, 44100, format)));
        var read = new float[44100];
        Assert.That(reader.Read(read), Is.EqualTo(44100));
        Assert.That(read.Zip(tone, (a, b) => Math.Abs(a - b)).Max(), Is.LessThan(tolerance));
    }

    [Test]
    public void Sox_reads_what_we_wrote([Values(SoundFormat.WavFloat, SoundFormat.Wav16, SoundFormat.Wav24)] SoundFormat format, [Values(1, 2, 6)] int lanes)
    {
        var frames = Tone(3000 * lanes, 44100);
        Write("a.wav", format, lanes, 44100, frames);
        Sox.Run("-D", folder["a.wav"], "-t", "raw", "-e", "floating-point", "-b", "32", folder["a.raw"]);
        var theirs = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(folder["a.raw"])).ToArray();
        Assert.That(theirs, Is.EqualTo(frames).Within(format == SoundFormat.Wav16 ? 1.6e-5f : 1e-7f));
    }

    [Test]
    public void Aiff_made_by_hand_is_read()
    {
        NeedsLibrary();
        // 44100 as an 80-bit float, two 16-bit frames.
        byte[] comm = [.. "COMM"u8, 0, 0, 0, 18, 0, 1, 0, 0, 0, 2, 0, 16, 0x40, 0x0E, 0xAC, 0x44, 0, 0, 0, 0, 0, 0];
        byte[] ssnd = [.. "SSND"u8, 0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0x40, 0, 0xC0, 0];
        File.WriteAllBytes(folder["a.aif"], [.. "FORM"u8, 0, 0, 0, 50, .. "AIFF"u8, .. comm, .. ssnd]);
        using var sound = SoundFile.ReadAll(folder["a.aif"]);
        Assert.That((sound.Rate, sound.Lane(0).ToArray()), Is.EqualTo((44100, new[] { 0.5f, -0.5f })));
    }

    [Test]
    public void Damaged_flac_is_an_error_or_a_shorter_sound()
    {
        NeedsLibrary();
        Write("a.flac", SoundFormat.Flac24, 2, 44100, [.. Tone(20_000, 44100)]);
        var good = File.ReadAllBytes(folder["a.flac"]);
        var random = new Random(3);
        for (var round = 0; round < 60; round++)
        {
            var bytes = good.ToArray();
            for (var i = random.Next(1, 9); i > 0; i--) bytes[random.Next(random.Next(2) == 0 ? 60 : bytes.Length)] = (byte)random.Next(256);
            File.WriteAllBytes(folder["b.flac"], bytes[..random.Next(4, bytes.Length + 1)]);
            try
            {
                using var sound = SoundFile.ReadAll(folder["b.flac"], 48000, maxBytes: 64 << 20);
                Assert.That(sound.Lanes, Is.Positive);
            }
            catch (SoundFileException e) { Assert.That(e.Message, Is.Not.Empty); }
        }
    }

    static void NeedsLibrary()
    {
        if (!SoundFile.HasLibrary) Assert.Ignore("libsndfile is not installed (Debian: apt install libsndfile1).");
    }
}
