using System.Globalization;
using OscLooper.Dsp;

namespace OscLooper.Tests.Dsp;

public class WavFuzzTests
{
    static readonly uint[] evil = [0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF, 3, 17];

    [Test]
    public void Whatever_the_header_says_there_is_a_sound_or_a_sentence()
    {
        using var folder = new TemporaryFolder();
        var seeds = new List<byte[]>();
        foreach (var (format, lanes) in new[] { (SoundFormat.WavFloat, 2), (SoundFormat.Wav16, 1), (SoundFormat.Wav24, 3) })
        {
            using (var writer = SoundFile.Create(folder["seed.wav"], format, lanes, 48000))
            {
                writer.Write(new float[60 * lanes]);
                writer.Commit();
            }
            seeds.Add(File.ReadAllBytes(folder["seed.wav"]));
        }
        seeds.Add([.. "RF64\xff\xff\xff\xff"u8, .. "WAVEds64"u8, 28, 0, 0, 0, .. new byte[28], .. seeds[1][48..]]);

        var random = new Random(11);
        int read = 0, refused = 0;
        var buffer = new float[1 << 17];
        var rounds = 20_000 * Soak.Times;
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var round = 0; round < rounds; round++)
        {
            var bytes = Mutate(seeds[random.Next(seeds.Count)], random);
            try
            {
                using var reader = new WavReader(new MemoryStream(bytes), "fuzz.wav");
                Assert.That(reader.Info.Frames * reader.Info.Lanes, Is.LessThanOrEqualTo(bytes.Length), "no more samples than bytes");
                Assert.That(reader.Read(buffer), Is.EqualTo(Math.Min(reader.Info.Frames, buffer.Length / reader.Info.Lanes)));
                read++;
            }
            catch (SoundFileException e)
            {
                Assert.That(e.Message, Does.StartWith("fuzz.wav: "));
                refused++;
            }
        }
        var perFile = (GC.GetAllocatedBytesForCurrentThread() - before) / rounds;
        TestContext.Out.WriteLine($"{read} read, {refused} refused, {perFile} bytes allocated per file");
        Assert.That(perFile, Is.LessThan(100_000), "one buffer and no more");
        Assert.That(Math.Min(read, refused), Is.GreaterThan(rounds / 10), "both ways are met");
    }

    static byte[] Mutate(byte[] seed, Random random)
    {
        var bytes = seed.ToArray();
        for (var i = random.Next(1, 6); i > 0; i--)
        {
            var at = random.Next(0, Math.Min(bytes.Length - 4, 120));
            if (random.Next(2) == 0) bytes[at] = (byte)random.Next(256);
            else BitConverter.TryWriteBytes(bytes.AsSpan(at), evil[random.Next(evil.Length)]);
        }
        return random.Next(3) == 0 ? bytes[..random.Next(bytes.Length)] : bytes;
    }
}
