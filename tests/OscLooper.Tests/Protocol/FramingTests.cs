using System.Text;
using FsCheck.Fluent;
using OscLooper.Osc;

namespace OscLooper.Tests.Protocol;

public class FramingTests
{
    static readonly byte[] Message = new OscMessage("/a", 1).ToBytes();

    /// <summary>Feeds bytes in chunks and tells what came out: packets in hexadecimal, and reasons.</summary>
    static List<string> Feed(OscStreamDecoder decoder, ReadOnlySpan<byte> bytes, Func<int> chunkSize)
    {
        var seen = new List<string>();
        while (!bytes.IsEmpty)
        {
            // A fresh array each time, so that nothing can live on in the caller's memory.
            ReadOnlySpan<byte> chunk = bytes[..Math.Min(bytes.Length, chunkSize())].ToArray();
            bytes = bytes[chunk.Length..];
            for (var frame = OscFrame.Packet; frame != OscFrame.NeedMore;)
            {
                frame = decoder.Next(ref chunk, out var packet);
                if (frame == OscFrame.Packet) seen.Add(Convert.ToHexString(packet));
                if (frame is OscFrame.Malformed or OscFrame.Fatal) seen.Add(decoder.Reason);
                if (frame == OscFrame.Fatal) return seen;
            }
        }
        return seen;
    }

    [Test]
    public void Packets_come_out_as_they_went_in_however_the_stream_is_cut([Values] bool slip)
    {
        var random = new Random(1);
        var packet = Gen.Elements<byte>(0xC0, 0xDB, 0xDC, 0xDD, 0, 1).ArrayOf().Where(b => b.Length > 0).Select(b => (byte[])[.. b, .. new byte[-b.Length & 3]]);
        Any.All(packet.ArrayOf(), packets =>
        {
            var stream = new OscBuffer(0, 1 << 20);
            foreach (var bytes in packets)
            {
                if (!(slip ? SlipEncoder.Encode(bytes, stream) : LengthPrefixEncoder.Encode(bytes, stream))) return false;
            }
            return Feed(new(), stream.Written, () => random.Next(1, 20)).SequenceEqual(packets.Select(Convert.ToHexString))
                && Feed(new(), stream.Written, () => 1 << 20).SequenceEqual(packets.Select(Convert.ToHexString));
        });
    }

    [Test]
    public void SLIP_has_an_END_at_both_ends_and_escapes()
    {
        var buffer = new OscBuffer();
        Assert.That(SlipEncoder.Encode([1, 0xC0, 2, 0xDB], buffer));
        Assert.That(Convert.ToHexString(buffer.Written), Is.EqualTo("C001DBDC02DBDDC0"));
        buffer.Clear();
        Assert.That(LengthPrefixEncoder.Encode([1, 2, 3, 4], buffer));
        Assert.That(Convert.ToHexString(buffer.Written), Is.EqualTo("0000000401020304"));
        Assert.That(SlipEncoder.Encode([1, 2, 3, 4], new OscBuffer(0, 5)), Is.False);
        var full = new OscBuffer(0, 7);
        Assert.That(LengthPrefixEncoder.Encode([1, 2, 3, 4], full), Is.False);
        Assert.That(full.Length, Is.Zero);
    }

    [TestCase("2F610000C0C0C02F620000C0", "2F610000|2F620000")] // no END in front, empty frames
    [TestCase("23620000C0", "23620000")]
    [TestCase("C0C02F610000C0", "2F610000")]
    [TestCase("C02F61DB00FFFFC02F620000C0", "an escape is followed by neither DC nor DD|2F620000")]
    [TestCase("C02F61DBC02F620000C0", "an escape is followed by neither DC nor DD|2F620000")]
    [TestCase("C0112233445566778899C02F620000C0", "a frame is larger than 8 bytes|2F620000")]
    [TestCase("C01122334455667788DBDCC02F620000C0", "a frame is larger than 8 bytes|2F620000")]
    [TestCase("000000042F610000000000042F620000", "2F610000|2F620000")]
    [TestCase("00000000", "a packet of size 0")]
    [TestCase("000000042F610000FFFFFFFC2F", "2F610000|a packet of size -4")]
    [TestCase("00000006112233445566", "a packet of size 6, not a multiple of 4")]
    [TestCase("0000000C", "a packet of size 12, more than 8")]
    [TestCase("474554202F", "the first byte, 0x47, begins neither a SLIP frame nor a size")]
    public void A_damaged_stream_says_what_is_wrong(string hex, string expected)
    {
        foreach (var size in new[] { 1, 2, 3, 1000 })
            Assert.That(string.Join("|", Feed(new(8), Convert.FromHexString(hex), () => size)), Is.EqualTo(expected));
    }

    [Test]
    public void After_a_fatal_error_nothing_more_is_read()
    {
        foreach (var hex in new[] { "FFFFFFFC", "00000000", "47" })
        {
            var decoder = new OscStreamDecoder();
            Assert.That(Feed(decoder, Convert.FromHexString(hex), () => 100), Has.Count.EqualTo(1));
            ReadOnlySpan<byte> chunk = [0, 0, 0, 4, .. "/a\0\0"u8];
            Assert.That(decoder.Next(ref chunk, out _), Is.EqualTo(OscFrame.Fatal));
        }
    }

    [Test]
    public void Answers_are_framed_as_the_sender_frames()
    {
        foreach (var slip in new[] { true, false })
        {
            var decoder = new OscStreamDecoder();
            Assert.That(decoder.IsSlip, Is.Null);
            var stream = new OscBuffer();
            _ = slip ? SlipEncoder.Encode(Message, stream) : LengthPrefixEncoder.Encode(Message, stream);
            Feed(decoder, stream.Written, () => 5);
            Assert.That(decoder.IsSlip, Is.EqualTo(slip));
            var answer = new OscBuffer();
            Assert.That(decoder.Encode(Message, answer));
            Assert.That(answer.Written.ToArray(), Is.EqualTo(stream.Written.ToArray()));
        }
    }

    [Test]
    public void A_size_that_is_only_announced_takes_no_memory()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            ReadOnlySpan<byte> chunk = [0, 0x0F, 0xFF, 0xFC, 1, 2, 3];
            var decoder = new OscStreamDecoder();
            Assert.That(decoder.Next(ref chunk, out _) == OscFrame.NeedMore);
        }
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(1 << 20));
    }

    [Test]
    public void Random_streams_never_throw()
    {
        var random = new Random(1);
        var packets = 0;
        for (var i = 0; i < 20_000 * Soak.Times; i++)
        {
            var bytes = new byte[random.Next(1, 60)];
            for (var b = 0; b < bytes.Length; b++) bytes[b] = random.Next(3) == 0 ? (byte)random.Next(256) : (byte)(random.Next(2) == 0 ? 0xC0 : 0xDB + random.Next(3));
            bytes[0] = (byte)(random.Next(2) == 0 ? 0xC0 : 0);
            packets += Feed(new(16), bytes, () => random.Next(1, 8)).Count;
        }
        Assert.That(packets, Is.GreaterThan(100));
    }
}
