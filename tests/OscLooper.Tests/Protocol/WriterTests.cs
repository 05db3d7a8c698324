using OscLooper.Osc;

namespace OscLooper.Tests.Protocol;

public class WriterTests
{
    static readonly OscValue[] Everything =
    [
        1, 2L, 3f, 4d, "five", OscValue.Symbol("six"), new byte[] { 7, 8, 9 }, OscValue.Char('c'), OscValue.Color(0x11223344),
        OscValue.Midi(0x01904565), new OscTimeTag(12), true, false, OscValue.Nil, OscValue.Impulse,
        OscValue.ArrayBegin, "é", OscValue.ArrayEnd, "", new byte[] { },
    ];

    [Test]
    public void What_is_written_is_read_back() => Any.All(Any.Packets(3), packet =>
        OscPacket.TryParse(packet.ToBytes(), out var back, out _) && back.Equals(packet));

    [Test]
    public void A_message_fits_into_a_span_of_its_own_size_and_into_no_smaller_one() => Any.All(Any.Messages, message =>
    {
        var bytes = message.ToBytes();
        for (var size = 0; size < bytes.Length; size++)
        {
            var small = new OscWriter(new byte[size]);
            if (message.WriteTo(ref small) || !small.Written.IsEmpty) return false;
        }
        for (var size = bytes.Length; size < bytes.Length + 40; size++)
        {
            var writer = new OscWriter(new byte[size]);
            if (!message.WriteTo(ref writer) || !writer.Written.SequenceEqual(bytes)) return false;
        }
        return true;
    }, tries: 100);

    [Test]
    public void A_buffer_grows_and_is_reused_and_old_bytes_never_show()
    {
        var buffer = new OscBuffer(1);
        var message = new OscMessage("/everything", Everything);
        for (var i = 0; i < 3; i++)
        {
            var writer = new OscWriter(buffer);
            Assert.That(message.WriteTo(ref writer));
            Assert.That(buffer.Written.ToArray(), Is.EqualTo(message.ToBytes()));
            buffer.Append([.. Enumerable.Repeat((byte)0xFF, 300)]);
        }
    }

    [Test]
    public void A_message_that_does_not_fit_is_taken_back_and_the_bundle_stays_whole()
    {
        var writer = new OscWriter(new byte[60]);
        Assert.That(writer.BeginBundle(OscTimeTag.Immediate));
        Assert.That(writer.Begin("/first") && writer.Add(1) && writer.End());
        Assert.That(writer.Begin("/second") && writer.Add("far too long for the rest of the span"), Is.False);
        Assert.That(writer.End(), Is.False);
        Assert.That(writer.Begin("/third") && writer.Add(3) && writer.End());
        Assert.That(writer.EndBundle());
        Assert.That(OscPacket.TryParse(writer.Written, out var packet, out var error), error.ToString());
        Assert.That(packet, Is.EqualTo(new OscBundle(OscTimeTag.Immediate, new OscMessage("/first", 1), new OscMessage("/third", 3))));
    }

    [Test]
    public void What_cannot_be_said_in_OSC_is_not_written()
    {
        var writer = new OscWriter(new OscBuffer());
        Assert.That(writer.Begin("no_slash"), Is.False);
        Assert.That(writer.Begin("/zero\0inside"), Is.False);
        Assert.That(writer.Begin("/a") && writer.Add("b\0c"), Is.False);
        Assert.That(writer.Begin("/a") && writer.AddText("b\0c"u8), Is.False);
        Assert.That(writer.Begin("/a") && writer.ArrayEnd(), Is.False);
        Assert.That(writer.Begin("/a") && writer.ArrayBegin() && writer.End(), Is.False);
        Assert.That(writer.Add(1), Is.False, "no message is open");
        Assert.That(writer.End(), Is.False, "no message is open");
        Assert.That(writer.EndBundle(), Is.False, "no bundle is open");
        for (var i = 0; i < OscPacket.MaxDepth; i++) Assert.That(writer.BeginBundle(OscTimeTag.Immediate));
        Assert.That(writer.BeginBundle(OscTimeTag.Immediate), Is.False, "too deep");
        for (var i = 0; i < OscPacket.MaxDepth; i++) Assert.That(writer.EndBundle());
        Assert.That(OscPacket.TryRead(writer.Written, out _, out _));
        Assert.That(writer.Begin("/after"), Is.False, "a packet holds one message or one bundle");
        Assert.Throws<InvalidOperationException>(() => new OscMessage("no_slash").ToBytes());
    }

    [Test]
    public void Half_a_surrogate_pair_becomes_the_replacement_character()
    {
        var message = new OscMessage("/a", "x\uD800y");
        Assert.That(OscMessage.TryParse(message.ToBytes(), out var back, out _));
        Assert.That(back.Arguments[0].Text, Is.EqualTo("x\uFFFDy"));
    }

    [Test]
    public void Received_arguments_are_repeated_as_they_came()
    {
        Assert.That(OscPacket.TryRead(new OscMessage("/server/ping", Everything).ToBytes(), out var packet, out _));
        var writer = new OscWriter(new OscBuffer());
        Assert.That(writer.Begin("/server/pong"u8) && writer.AddAll(packet.Message) && writer.End());
        Assert.That(writer.Written.ToArray(), Is.EqualTo(new OscMessage("/server/pong", Everything).ToBytes()));
    }

    [Test]
    public void A_packer_sends_one_message_as_it_is_and_several_as_a_bundle_within_its_limit()
    {
        var one = new OscMessage("/level", 0.5f).ToBytes(); // 16 bytes, 20 as an element
        var packer = new BundlePacker(60);
        Assert.That(packer.Packet.IsEmpty);
        Assert.That(packer.TryAdd(one));
        Assert.That(packer.Packet.ToArray(), Is.EqualTo(one));
        Assert.That(packer.TryAdd(one));
        Assert.That(packer.TryAdd(one), Is.False);
        Assert.That(packer.Packet.Length, Is.EqualTo(56));
        Assert.That(OscPacket.TryParse(packer.Packet, out var packet, out _));
        Assert.That(((OscBundle)packet).Elements, Has.Length.EqualTo(2));
        packer.Clear();
        var large = new OscMessage("/large", new byte[100]).ToBytes();
        Assert.That(packer.TryAdd(large));
        Assert.That(packer.Packet.ToArray(), Is.EqualTo(large));
        Assert.That(packer.TryAdd(one), Is.False);
        packer.Clear();
        Assert.That(packer.TryAdd(new byte[OscPacket.MaxDatagramBytes + 1]), Is.False);
    }
}
