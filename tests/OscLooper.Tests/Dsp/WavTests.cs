using System.Buffers.Binary;
using System.Text;
using OscLooper.Dsp;

namespace OscLooper.Tests.Dsp;

public class WavTests
{
    readonly TemporaryFolder folder = new();

    [TearDown]
    public void Clean() => folder.Dispose();

    static float[] Noise(int count) => [.. Enumerable.Range(0, count).Select(i => (float)(new Random(i).NextDouble() * 1.9 - 0.95))];

    string Written(SoundFormat format, int lanes, float[] frames, int rate = 48000)
    {
        var path = folder[$"{format}-{lanes}.wav"];
        using var writer = SoundFile.Create(path, format, lanes, rate);
        writer.Write(frames);
        writer.Commit();
        return path;
    }

    [TestCase(SoundFormat.WavFloat, 0.0, "WAV, 32-bit float")]
    [TestCase(SoundFormat.Wav24, 0.5 / 8388608, "WAV, 24 bit")]
    [TestCase(SoundFormat.Wav16, 0.5 / 32768, "WAV, 16 bit")]
    public void What_was_written_is_read(SoundFormat format, double tolerance, string words)
    {
        foreach (var lanes in new[] { 1, 2, 3, 8 })
        {
            var frames = Noise(1001 * lanes);
            using var reader = SoundFile.Open(Written(format, lanes, frames, 44100));
            Assert.That(reader.Info, Is.EqualTo(new SoundInfo(1001, lanes, 44100, words)));

            var read = new float[1001 * lanes + 50];
            Assert.That(reader.Read(read), Is.EqualTo(1001));
            Assert.That(read.Take(1001 * lanes).Zip(frames, (a, b) => Math.Abs(a - b)).Max(), Is.LessThanOrEqualTo(tolerance));
            Assert.That(reader.Read(read), Is.Zero, "the end");
        }
    }

    [Test]
    public void Integers_come_back_bit_by_bit_and_overs_are_clipped()
    {
        var every16 = Enumerable.Range(-32768, 65536).Select(i => i / 32768f).ToArray();
        using (var reader = SoundFile.Open(Written(SoundFormat.Wav16, 1, every16)))
        {
            var read = new float[every16.Length];
            reader.Read(read);
            Assert.That(read, Is.EqualTo(every16));
        }
        using (var reader = SoundFile.Open(Written(SoundFormat.Wav24, 1, [2f, -2f, float.NaN, 1f, -1f])))
        {
            var read = new float[5];
            reader.Read(read);
            Assert.That(read, Is.EqualTo(new[] { 8388607 / 8388608f, -1f, 0f, 8388607 / 8388608f, -1f }));
        }
    }

    [Test]
    public void Floats_beyond_full_scale_survive_and_what_is_not_a_number_is_silence()
    {
        using var reader = SoundFile.Open(Written(SoundFormat.WavFloat, 1, [3.5f, float.NaN, float.PositiveInfinity, -7f]));
        var read = new float[4];
        reader.Read(read);
        Assert.That(read, Is.EqualTo(new[] { 3.5f, 0f, 0f, -7f }));
    }

    [Test]
    public void Seeking_goes_to_a_frame()
    {
        var frames = Noise(3000);
        using var reader = SoundFile.Open(Written(SoundFormat.WavFloat, 3, frames));
        var read = new float[6];
        reader.Seek(700);
        reader.Read(read);
        Assert.That(read, Is.EqualTo(frames[2100..2106]));
        reader.Seek(99999);
        Assert.That(reader.Read(read), Is.Zero);
        reader.Seek(-3);
        reader.Read(read);
        Assert.That(read, Is.EqualTo(frames[..6]));
    }

    [Test]
    public unsafe void Planar_lanes_are_written_and_read()
    {
        float[] left = Noise(10_000), right = [.. left.Select(x => -x)];
        fixed (float* l = left, r = right)
        {
            var lanes = stackalloc float*[] { l, r };
            using var writer = SoundFile.Create(folder["planar.wav"], SoundFormat.WavFloat, 2, 48000);
            writer.Write(lanes, 10_000);
            Assert.That(writer.Frames, Is.EqualTo(10_000));
            writer.Commit();
        }
        float[] left2 = new float[10_000], right2 = new float[10_000];
        using var reader = SoundFile.Open(folder["planar.wav"]);
        fixed (float* l = left2, r = right2)
        {
            var lanes = stackalloc float*[] { l, r };
            Assert.That(reader.Read(lanes, 10_000), Is.EqualTo(10_000));
        }
        Assert.That((left2, right2), Is.EqualTo((left, right)));
    }

    [Test]
    public void Nothing_appears_before_commit_and_nothing_remains_without_it()
    {
        var path = folder["take.wav"];
        using (var writer = SoundFile.Create(path, SoundFormat.WavFloat, 1, 48000))
        {
            writer.Write([1f, 2f]);
            Assert.That(folder.Names, Is.EqualTo(new[] { "take.wav.part" }));
        }
        Assert.That(folder.Names, Is.Empty);

        File.WriteAllText(path, "an older take");
        using (var writer = SoundFile.Create(path, SoundFormat.WavFloat, 1, 48000)) writer.Write([1f, 2f]);
        Assert.That(File.ReadAllText(path), Is.EqualTo("an older take"), "the older one is untouched");
    }

    [Test]
    public void A_killed_writers_sound_can_be_read([Values] bool flushed)
    {
        var frames = Noise(200_000);
        using var writer = SoundFile.Create(folder["take.wav"], SoundFormat.WavFloat, 2, 48000);
        writer.Write(frames);
        if (flushed) writer.Flush();

        // What another process finds at this moment is what a killed one would leave.
        using var reader = SoundFile.Open(writer.TemporaryPath);
        Assert.That(reader.Info.Warning, Does.Contain("never finished"));
        Assert.That(reader.Info.Frames, flushed ? Is.EqualTo(100_000) : Is.InRange(50_000, 100_000));
        var read = new float[2000];
        reader.Read(read);
        Assert.That(read, Is.EqualTo(frames[..2000]));
    }

    [Test]
    public void A_take_whose_place_is_taken_is_not_lost()
    {
        using (var writer = SoundFile.Create(folder["take.wav"], SoundFormat.WavFloat, 1, 48000))
        {
            Directory.CreateDirectory(folder["take.wav"]);
            writer.Write([0.5f]);
            Assert.That(writer.Commit, Throws.InstanceOf<SoundFileException>().With.Message.EndsWith("The sound was kept as take.wav.part"));
        }
        Assert.That(ReadBack(folder["take.wav.part"]).Frames, Is.EqualTo(new[] { 0.5f }));
    }

    [Test]
    public void A_second_writer_on_the_same_name_is_refused()
    {
        using (SoundFile.Create(folder["take.wav"], SoundFormat.WavFloat, 1, 48000))
            Assert.That(() => SoundFile.Create(folder["take.wav"], SoundFormat.Wav16, 1, 48000),
                Throws.InstanceOf<SoundFileException>().With.Message.EqualTo("take.wav: is being written already"));
        Assert.That(() => SoundFile.Create(folder["take.wav"], SoundFormat.Wav16, 1, 48000).Dispose(), Throws.Nothing);
    }

    /// <summary>A file made by hand, chunk by chunk.</summary>
    string Made(string head, uint riffSize, params byte[][] chunks)
    {
        var path = folder[$"made-{Guid.NewGuid():N}.wav"];
        File.WriteAllBytes(path, [.. Encoding.ASCII.GetBytes(head), .. Little(riffSize), .. "WAVE"u8, .. chunks.SelectMany(chunk => chunk)]);
        return path;
    }

    static byte[] Little(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return bytes;
    }

    static byte[] Chunk(string name, byte[] body, uint? size = null, bool pad = true) =>
        [.. Encoding.ASCII.GetBytes(name), .. Little(size ?? (uint)body.Length), .. body, .. pad && body.Length % 2 == 1 ? [0] : Array.Empty<byte>()];

    static byte[] Format(int tag, int lanes, int bits, int? align = null) =>
        Chunk("fmt ", [(byte)tag, (byte)(tag >> 8), (byte)lanes, 0, .. Little(48000), .. Little(0), (byte)(align ?? lanes * bits / 8), 0, (byte)bits, 0]);

    (SoundInfo Info, float[] Frames) ReadBack(string path)
    {
        using var reader = SoundFile.Open(path);
        var frames = new float[reader.Info.Frames * reader.Info.Lanes];
        Assert.That(reader.Read(frames), Is.EqualTo(reader.Info.Frames));
        return (reader.Info, frames);
    }

    [Test]
    public void Every_sample_format_is_decoded()
    {
        Assert.That(ReadBack(Made("RIFF", 99, Format(1, 1, 8), Chunk("data", [0, 128, 255, 64]))).Frames, Is.EqualTo(new[] { -1f, 0, 127 / 128f, -0.5f }));
        Assert.That(ReadBack(Made("RIFF", 99, Format(1, 1, 16), Chunk("data", [0, 0x80, 0, 0x40]))).Frames, Is.EqualTo(new[] { -1f, 0.5f }));
        Assert.That(ReadBack(Made("RIFF", 99, Format(1, 1, 24), Chunk("data", [0, 0, 0x80, 0, 0, 0x40]))).Frames, Is.EqualTo(new[] { -1f, 0.5f }));
        Assert.That(ReadBack(Made("RIFF", 99, Format(1, 1, 32), Chunk("data", [0, 0, 0, 0x80, 0, 0, 0, 0x40]))).Frames, Is.EqualTo(new[] { -1f, 0.5f }));
        Assert.That(ReadBack(Made("RIFF", 99, Format(3, 1, 64), Chunk("data", BitConverter.GetBytes(0.25)))).Frames, Is.EqualTo(new[] { 0.25f }));
        Assert.That(ReadBack(Made("RIFF", 99, Format(1, 1, 20, 3), Chunk("data", [0, 0, 0x40]))).Frames, Is.EqualTo(new[] { 0.5f }), "20 bits lie in 24");
    }

    [Test]
    public void Chunks_in_the_way_are_skipped()
    {
        var odd = Made("RIFF", 99, Chunk("LIST", [1, 2, 3]), Format(1, 1, 16), Chunk("cue ", new byte[7]), Chunk("data", [0, 0x40]), Chunk("id3 ", [9]));
        Assert.That(ReadBack(odd).Frames, Is.EqualTo(new[] { 0.5f }));
        var unpadded = Made("RIFF", 99, Format(1, 1, 16), Chunk("LIST", [1, 2, 3], pad: false), Chunk("data", [0, 0x40]));
        Assert.That(ReadBack(unpadded).Frames, Is.EqualTo(new[] { 0.5f }), "a forgotten pad byte");
        var late = Made("RIFF", 99, Chunk("data", [0, 0x40]), Format(1, 1, 16));
        Assert.That(ReadBack(late).Frames, Is.EqualTo(new[] { 0.5f }), "the format after the sound");
    }

    [Test]
    public void Rf64_takes_its_size_from_ds64()
    {
        byte[] ds64 = [.. BitConverter.GetBytes(5_000_000_000L), .. BitConverter.GetBytes(4L), .. BitConverter.GetBytes(2L), 0, 0, 0, 0];
        var path = Made("RF64", uint.MaxValue, Chunk("ds64", ds64), Format(1, 1, 16), Chunk("data", [0, 0x40, 0, 0xC0, 7, 7, 7, 7], uint.MaxValue));
        var (info, frames) = ReadBack(path);
        Assert.That(frames, Is.EqualTo(new[] { 0.5f, -0.5f }));
        Assert.That(info.Warning, Is.Empty);
    }

    [Test]
    public void Damage_is_tolerated_and_reported()
    {
        var cut = ReadBack(Made("RIFF", 99, Format(1, 2, 16), Chunk("data", [0, 0x40, 0, 0x40, 1, 2, 3], 4_000_000, pad: false)));
        Assert.That((cut.Info.Frames, cut.Info.Warning), Is.EqualTo((1L, "the file is cut off: 7 of 4000000 bytes of sound are there")));

        foreach (var (riff, size) in new[] { (0u, 0u), (uint.MaxValue, 0u), (36u, 0u), (99u, uint.MaxValue) })
        {
            var (info, frames) = ReadBack(Made("RIFF", riff, Format(1, 1, 16), Chunk("data", [0, 0x40], size)));
            Assert.That(frames, Is.EqualTo(new[] { 0.5f }), $"{riff} {size}");
            Assert.That(info.Warning, Does.Contain("never finished"));
        }
        var empty = ReadBack(Made("RIFF", 60, Format(1, 1, 16), Chunk("data", []), Chunk("LIST", [1, 2, 3, 4])));
        Assert.That((empty.Info.Frames, empty.Info.Warning), Is.EqualTo((0L, "")), "an empty sound is not an unfinished one");
    }

    [Test]
    public void Past_four_gigabytes_the_file_becomes_rf64()
    {
        var path = folder["long.wav"];
        var writer = (WavWriter)SoundFile.Create(path, SoundFormat.Wav16, 2, 48000);
        writer.Write([0.5f, -0.5f]);
        writer.Leap(5L << 30);             // a hole in the file: nothing is written to the disk
        writer.Write([0.25f, -0.25f]);
        writer.Commit();

        using var reader = SoundFile.Open(path);
        Assert.That(reader.Info, Is.EqualTo(new SoundInfo((5L << 30) / 4 + 2, 2, 48000, "WAV, 16 bit")));
        var read = new float[2];
        reader.Seek(reader.Info.Frames - 1);
        reader.Read(read);
        Assert.That(read, Is.EqualTo(new[] { 0.25f, -0.25f }));
    }
}
