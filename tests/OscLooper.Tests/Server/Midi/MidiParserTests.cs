using FsCheck;
using FsCheck.Fluent;
using OscLooper.Server.Midi;

namespace OscLooper.Tests.Server.Midi;

public class MidiParserTests
{
    static byte[] Bytes(string hex) => [.. hex.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(h => Convert.ToByte(h, 16))];

    static string Parsed(string hex)
    {
        var parser = new MidiParser();
        var all = new List<string>();
        foreach (var b in Bytes(hex))
            switch (parser.Push(b))
            {
                case MidiStep.Message:
                    var bytes = new byte[3];
                    all.Add(ByteModel.Text(bytes[..parser.Message.Write(bytes)]));
                    break;
                case MidiStep.SysEx: all.Add(ByteModel.Text(parser.SysEx.ToArray())); break;
            }
        return string.Join(" | ", all);
    }

    [TestCase("90 3C 64", "90 3C 64")]
    [TestCase("90 3C 64 3E 64 3C 00", "90 3C 64 | 90 3E 64 | 90 3C 00", Description = "running status")]
    [TestCase("C3 05 06 D0 7F", "C3 05 | C3 06 | D0 7F", Description = "one data byte")]
    [TestCase("90 3C F8 64 FE 3E F8 64", "F8 | 90 3C 64 | FE | F8 | 90 3E 64", Description = "realtime anywhere")]
    [TestCase("F0 47 F8 7F 4E F7", "F8 | F0 47 7F 4E F7", Description = "realtime inside system exclusive")]
    [TestCase("F0 47 7F 90 3C 64 F7 3C 64", "90 3C 64", Description = "a status breaks system exclusive off; F7 ends running status")]
    [TestCase("F2 08 00 08 00 90 3C 64", "F2 08 00 | 90 3C 64", Description = "song position does not run on")]
    [TestCase("3C 64 F7 F4 3C F5 64 F9 FD 90 3C 64", "90 3C 64", Description = "garbage before the first status")]
    [TestCase("90 3C 80 3C 00", "80 3C 00", Description = "a message that broke off")]
    [TestCase("F0 F7", "F0 F7")]
    [TestCase("F0 01 F0 02 F7", "F0 02 F7")]
    [TestCase("90 3C 64 F6 3C 64", "90 3C 64 | F6", Description = "system common ends running status")]
    public void Bytes_become_messages(string bytes, string expected) => Assert.That(Parsed(bytes), Is.EqualTo(expected));

    [Test]
    public void Any_stream_means_what_the_slow_model_says()
    {
        // Status bytes are rare among 256 values, so half of the bytes are drawn from those that matter.
        var ones = Gen.Frequency((2, Gen.Elements(0x90, 0x80, 0xB0, 0xC1, 0xD2, 0xE0, 0xF0, 0xF7, 0xF2, 0xF1, 0xF6, 0xF4, 0xF8, 0xFE, 0xFA, 0xFD)), (2, Gen.Choose(0, 127)), (1, Gen.Choose(0, 255)));
        var streams = Gen.ListOf(ones.Select(i => (byte)i)).Select(l => l.ToArray());
        Prop.ForAll(streams.ToArbitrary(), stream =>
        {
            var (realtime, others) = ByteModel.Parse(new MidiParser(16), stream);
            var model = ByteModel.Read(stream, 16);
            return realtime.SequenceEqual(model.Realtime) && others.SequenceEqual(model.Others);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000).WithEndSize(200));
    }

    /// <summary>A real session with bytes changed, lost and doubled: never an exception, the model's meaning, and after the next status all is well.</summary>
    [Test]
    public void A_million_mutated_bytes_are_survived()
    {
        var random = new Random(11);
        byte[] session = Bytes("90 3C 64 3C 00 B0 07 7F F0 47 7F 4E 24 00 08 00 00 01 7F 00 00 00 00 F7 FE F8 F8 E0 00 40 F2 10 00 FB F8 C0 05 99 24 7F 89 24 00 F0 7E 00 06 01 F7 FC");
        var parser = new MidiParser(1024);
        long pushed = 0;
        while (pushed < 1_000_000)
        {
            var bytes = new List<byte>(session);
            for (var n = random.Next(1, 8); n > 0; n--)
            {
                var at = random.Next(bytes.Count);
                switch (random.Next(4))
                {
                    case 0: bytes[at] = (byte)random.Next(256); break;
                    case 1: bytes.RemoveAt(at); break;
                    case 2: bytes.Insert(at, (byte)random.Next(256)); break;
                    default: bytes.InsertRange(at, bytes.Skip(random.Next(bytes.Count)).Take(random.Next(40)).ToArray()); break;
                }
            }
            parser.Reset();
            var (realtime, others) = ByteModel.Parse(parser, bytes);
            var model = ByteModel.Read(bytes, 1024);
            Assert.That(others, Is.EqualTo(model.Others), ByteModel.Text([.. bytes]));
            Assert.That(realtime, Is.EqualTo(model.Realtime));
            // Whatever it is in the midst of, the next status byte puts it right.
            Assert.That(ByteModel.Parse(parser, [0x91, 0x40, 0x41]).Others, Is.EqualTo(new[] { "91 40 41" }));
            pushed += bytes.Count;
        }
    }

    [Test]
    public void Too_long_system_exclusive_is_dropped_whole_and_the_next_is_heard()
    {
        var parser = new MidiParser(64);
        Assert.That(ByteModel.Parse(parser, [0xF0, .. new byte[100_000], 0xF7]).Others, Is.Empty);
        Assert.That(parser.Dropped, Is.EqualTo(1));
        Assert.That(ByteModel.Parse(parser, [0xF0, .. new byte[62], 0xF7]).Others.Single().Length, Is.EqualTo(64 * 3 - 1));
        Assert.That(ByteModel.Parse(parser, [0xF0, .. new byte[63], 0xF7]).Others, Is.Empty);
    }

    [Test]
    public void Parsing_allocates_nothing()
    {
        var (parser, bytes) = (new MidiParser(), new byte[100_000]);
        new Random(5).NextBytes(bytes);
        var least = long.MaxValue;
        for (var round = 0; round < 5; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            foreach (var b in bytes) parser.Push(b);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        Assert.That(least, Is.Zero);
    }
}
