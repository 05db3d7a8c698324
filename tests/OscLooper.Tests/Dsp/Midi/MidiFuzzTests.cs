using System.Globalization;
using OscLooper.Dsp;

namespace OscLooper.Tests.Dsp.Midi;

public class MidiFuzzTests
{
    static readonly byte[] evil = [0x00, 0x7F, 0x80, 0xFF, 0xF0, 0xF7, 0xF1, 0x90, 0x2F, 0x51, 0x58, 0x81];

    [Test]
    public void Whatever_the_bytes_say_there_is_a_song_or_a_sentence()
    {
        var seeds = MidiCorpusTests.Files.Select(File.ReadAllBytes).Where(bytes => bytes.Length > 0).ToArray();
        var random = new Random(21);
        int read = 0, refused = 0;
        long most = 0;
        for (var rounds = 30_000 * Soak.Times; rounds > 0; rounds--)
        {
            var bytes = Mutate(seeds[random.Next(seeds.Length)], random);
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                var file = MidiFile.Read(bytes, random.Next(4) == 0 ? MidiReading.Strict : MidiReading.Lenient);
                most = Math.Max(most, GC.GetAllocatedBytesForCurrentThread() - before);
                read++;
                Use(file);
            }
            catch (MidiFileException) { refused++; }
        }
        TestContext.Out.WriteLine($"{read} read, {refused} refused, at most {most} bytes allocated");
        Assert.That(most, Is.LessThan(1 << 20));
        Assert.That(Math.Min(read, refused), Is.GreaterThan((read + refused) / 10), "both ways are met");
    }

    /// <summary>What was read can be written, read strictly, played and quantised.</summary>
    static void Use(MidiFile file)
    {
        var written = file.ToBytes();
        Assert.That(MidiFile.Read(written, MidiReading.Strict).ToBytes(), Is.EqualTo(written));
        var map = file.GetTempoMap();
        foreach (var note in file.GetNotes())
        {
            Assert.That(note.Length, Is.GreaterThanOrEqualTo(0));
            Assert.That(map.SecondsAt(note.EndTick), Is.GreaterThanOrEqualTo(map.SecondsAt(note.Tick)));
            Assert.That(new Quantizer(120).Quantize(note).Tick, Is.GreaterThanOrEqualTo(0));
            Assert.That(map.BarAt(note.Tick).Bar, Is.Positive);
        }
    }

    static byte[] Mutate(byte[] seed, Random random)
    {
        var bytes = seed.ToList();
        for (var i = random.Next(1, 6); i > 0 && bytes.Count > 1; i--)
        {
            // Mostly behind the header, which refuses too much.
            var at = random.Next(random.Next(5) == 0 ? 0 : Math.Min(14, bytes.Count - 1), bytes.Count);
            switch (random.Next(5))
            {
                case 0: bytes[at] = (byte)random.Next(256); break;
                case 1: bytes[at] = evil[random.Next(evil.Length)]; break;
                case 2: bytes.Insert(at, evil[random.Next(evil.Length)]); break;
                case 3: bytes.RemoveAt(at); break;
                default: bytes.InsertRange(at, bytes.Slice(at, Math.Min(random.Next(1, 30), bytes.Count - at))); break;
            }
        }
        return random.Next(8) == 0 ? [.. bytes.Take(random.Next(bytes.Count))] : [.. bytes];
    }

    static IEnumerable<TestCaseData> Greedy()
    {
        byte[] Song(params byte[] repeated)
        {
            byte[] head = [.. "MThd"u8, 0, 0, 0, 6, 0, 1, 0xFF, 0xFF, 1, 0xE0, .. "MTrk"u8, 0xFF, 0xFF, 0xFF, 0xFF];
            return [.. head, .. Enumerable.Range(0, (99_000 - head.Length) / repeated.Length).SelectMany(_ => repeated)];
        }
        yield return new TestCaseData(Song(0, 0xC0, 0)).SetArgDisplayNames("short events");
        yield return new TestCaseData((byte[])[.. Song(0, 0xC0)[..22], 0, 0xC0, 0, .. new byte[98_000]]).SetArgDisplayNames("running status");
        yield return new TestCaseData(Song(0, 0xF8)).SetArgDisplayNames("foreign messages");
        yield return new TestCaseData(Song(0, 0x90, 0xFF, 0xFF)).SetArgDisplayNames("values too large");
        yield return new TestCaseData(Song(0, 0xFF, 0x51, 0)).SetArgDisplayNames("wrong tempos");
        yield return new TestCaseData(Song(0xFF, 0xFF, 0xFF, 0x7F, 0xF8)).SetArgDisplayNames("long distances to nothing");
        yield return new TestCaseData((byte[])[.. Song(0)[..14], .. Song([.. "MTrk"u8, 0, 0, 0, 0])[22..]]).SetArgDisplayNames("empty tracks");
        yield return new TestCaseData((byte[])[.. Song(0)[..14], .. Song([.. "MTrk"u8, 0, 0, 0, 1, 0xFF])[22..]]).SetArgDisplayNames("damaged tracks");
        yield return new TestCaseData((byte[])[.. Song(0)[..14], .. Song([.. "MTrk"u8, 0, 0, 0, 0, 1, 2, 3])[22..]]).SetArgDisplayNames("lost again and again");
    }

    [TestCaseSource(nameof(Greedy))]
    public void A_file_below_100_kilobytes_takes_less_than_a_megabyte(byte[] bytes)
    {
        Assert.That(bytes, Has.Length.InRange(90_000, 100_000));
        _ = MidiFile.Read(bytes);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var file = MidiFile.Read(bytes);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        TestContext.Out.WriteLine($"{allocated} bytes, {file.Tracks.Count} tracks, {file.Tracks.Sum(track => (long)track.Count())} events");
        Assert.That(allocated, Is.LessThan(1 << 20));
        Assert.That(file.Warnings, Has.Count.InRange(1, 33));
        Assert.That(MidiFile.Read(file.ToBytes(), MidiReading.Strict).Tracks, Has.Count.EqualTo(file.Tracks.Count));
    }
}
