using System.Text;
using OscLooper.Osc;
using OscLooper.Testing;

namespace OscLooper.Tests.Protocol;

public class ReaderTests
{
    [Test]
    public void Arguments_are_read_by_index_and_by_kind()
    {
        var bytes = new OscMessage("/a", 1, 2L, 3.5f, 4d, true, false, OscValue.Char('A'), "text", new byte[] { 9 }, new OscTimeTag(7)).ToBytes();
        Assert.That(OscPacket.TryRead(bytes, out var packet, out _));
        var message = packet.Message;
        Assert.That(Encoding.ASCII.GetString(message.Tags), Is.EqualTo("ihfdTFcsbt"));
        var numbers = new List<double>();
        for (var i = 0; message.TryNumber(i, out var number); i++) numbers.Add(number);
        Assert.That(numbers, Is.EqualTo(new[] { 1, 2, 3.5, 4, 1, 0, 65 }));
        Assert.That(message.TryWhole(2, out _), Is.False, "3.5 is not whole");
        Assert.That(message.TryWhole(3, out var whole));
        Assert.That(whole, Is.EqualTo(4));
        Assert.That(message.TryString(7, out var text));
        Assert.That(text, Is.EqualTo("text"));
        Assert.That(message.TryText(0, out _), Is.False);
        Assert.That(message.TryBlob(8, out var blob));
        Assert.That(blob.ToArray(), Is.EqualTo(new byte[] { 9 }));
        Assert.That(message.TryTime(9, out var time));
        Assert.That(time.Raw, Is.EqualTo(7));
        Assert.That(message.TryNumber(10, out _), Is.False, "there are ten");
        Assert.That(message.TryNumber(-1, out _), Is.False);
    }

    [Test]
    public void Whole_numbers_keep_all_64_bits_and_refuse_what_has_none([Values(double.NaN, double.PositiveInfinity, 0x8000_0000_0000_0000, 1e300, 0.5)] double no)
    {
        Assert.That(OscPacket.TryRead(new OscMessage("/a", long.MaxValue, no, -9223372036854775808.0).ToBytes(), out var packet, out _));
        Assert.That(packet.Message.TryWhole(0, out var whole));
        Assert.That(whole, Is.EqualTo(long.MaxValue));
        Assert.That(packet.Message.TryWhole(1, out _), Is.False);
        Assert.That(packet.Message.TryWhole(2, out whole));
        Assert.That(whole, Is.EqualTo(long.MinValue));
    }

    [Test]
    public void Random_and_damaged_packets_are_refused_or_read_to_the_end_and_never_throw()
    {
        var seeds = Vectors.PacketBytes();
        var random = new Random(1);
        int valid = 0, refused = 0;
        for (var i = 0; i < 100_000 * Soak.Times; i++)
        {
            var bytes = Damaged(seeds, random);
            if (!OscPacket.TryRead(bytes, out var packet, out var error))
            {
                Assert.That(error.Kind, Is.Not.EqualTo(OscErrorKind.None));
                Assert.That(error.Offset, Is.InRange(0, bytes.Length));
                Assert.That(error.ToString(), Is.Not.Empty);
                refused++;
                continue;
            }
            valid++;
            var walker = packet.Walk();
            while (walker.Next(out var message, out _, out _))
            {
                var count = 0;
                foreach (var argument in message) count += argument.ToValue().Tag == argument.Tag ? 1 : 0;
                Assert.That(count, Is.EqualTo(message.Count));
                for (var a = 0; a < Math.Min(message.Count, 8); a++) _ = message.TryNumber(a, out _) | message.TryString(a, out _);
            }
        }
        // Both ways must have been gone, else this shows nothing.
        Assert.That(valid, Is.GreaterThan(1000));
        Assert.That(refused, Is.GreaterThan(1000));
    }

    static byte[] Damaged(byte[][] seeds, Random random)
    {
        if (random.Next(4) == 0)
        {
            var noise = new byte[random.Next(16) * 4];
            random.NextBytes(noise);
            if (noise.Length > 0) noise[0] = (byte)(random.Next(2) == 0 ? '/' : '#');
            return noise;
        }
        var bytes = (byte[])seeds[random.Next(seeds.Length)].Clone();
        for (var n = random.Next(4); n > 0 && bytes.Length > 0; n--)
        {
            var at = random.Next(bytes.Length);
            bytes[at] = random.Next(3) switch { 0 => (byte)random.Next(256), 1 => "ifsbhdtTFNI[]Scrm,/#\0"u8[random.Next(21)], _ => (byte)(bytes[at] ^ 1 << random.Next(8)) };
        }
        return random.Next(4) == 0 ? bytes[..(random.Next(bytes.Length + 1) & ~3)] : bytes;
    }

    [Test]
    public void Reading_and_writing_allocate_nothing()
    {
        var single = new OscMessage("/looper/channel/3/volume", 1, 0.5f, "name").ToBytes();
        var bundle = new OscBundle(OscTimeTag.Immediate, new OscMessage("/a", 1), new OscBundle(new(5), new OscMessage("/b", 2f, "x"))).ToBytes();
        var buffer = new OscBuffer();
        var sum = 0.0;
        Assert.That(Allocations.Least(() =>
        {
            for (var i = 0; i < 1000; i++)
            {
                OscPacket.TryRead(single, out var packet, out _);
                var message = packet.Message;
                message.TryNumber(0, out var first);
                message.TryNumber(1, out var second);
                message.TryText(2, out var text);
                sum += first + second + text.Length;

                OscPacket.TryRead(bundle, out packet, out _);
                var walker = packet.Walk();
                while (walker.Next(out message, out _, out var id)) sum += id + message.Count;

                var writer = new OscWriter(buffer);
                writer.BeginBundle(OscTimeTag.Immediate);
                writer.Begin("/server/pong");
                writer.Add(i);
                writer.Add("text");
                writer.AddAll(message);
                writer.End();
                writer.EndBundle();
                sum += writer.Written.Length;
                sum += OscPattern.Matches("/looper/channel/{1,*}/[a-v]olume"u8, "/looper/channel/3/volume"u8) ? 1 : 0;
            }
        }), Is.Zero);
        Assert.That(sum, Is.GreaterThan(0));
    }
}
