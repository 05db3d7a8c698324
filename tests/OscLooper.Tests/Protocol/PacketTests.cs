using System.Text.Json;
using System.Text.Json.Nodes;
using OscLooper.Osc;

namespace OscLooper.Tests.Protocol;

public class PacketTests
{
    static byte[] Hex(JsonElement item) => Convert.FromHexString(item.GetProperty("hex").GetString()!);

    [TestCaseSource(typeof(Vectors), nameof(Vectors.Packets))]
    [TestCaseSource(typeof(Vectors), nameof(Vectors.SpecificationPackets))]
    public void A_packet_is_read_as_its_vector_says_or_refused_for_that_reason(JsonElement item)
    {
        var valid = OscPacket.TryParse(Hex(item), out var packet, out var error);
        Assert.That(valid, Is.EqualTo(item.GetProperty("valid").GetBoolean()), error.ToString());
        var decoded = item.GetProperty("decoded");
        if (!valid)
        {
            Assert.That(error.Reason, Is.EqualTo(decoded.GetProperty("error").GetString()));
            return;
        }
        var expected = JsonNode.Parse(decoded.GetRawText().Replace("\"tags\": null", "\"tags\": \"\""));
        var actual = JsonNode.Parse(Vectors.Describe(packet));
        Assert.That(JsonNode.DeepEquals(actual, expected), $"{actual!.ToJsonString()}\nis not\n{expected!.ToJsonString()}");
    }

    [TestCaseSource(typeof(Vectors), nameof(Vectors.Packets))]
    [TestCaseSource(typeof(Vectors), nameof(Vectors.SpecificationPackets))]
    public void A_valid_packet_is_written_as_it_was_read(JsonElement item)
    {
        var bytes = Hex(item);
        if (!OscPacket.TryParse(bytes, out var packet, out _))
        {
            Assert.That(item.GetProperty("valid").GetBoolean(), Is.False);
            return;
        }
        // The one thing we add: the empty type tags that an old sender left out.
        var expected = item.GetProperty("decoded").TryGetProperty("tags", out var tags) && tags.ValueKind == JsonValueKind.Null ? [.. bytes, (byte)',', 0, 0, 0] : bytes;
        Assert.That(packet.ToBytes(), Is.EqualTo(expected));
    }

    [Test]
    public void An_element_of_negative_size_is_refused_and_does_not_hang()
    {
        byte[] bytes = [.. "#bundle\0"u8, 0, 0, 0, 0, 0, 0, 0, 1, 0xFF, 0xFF, 0xFF, 0xFC, .. "/a\0\0,\0\0\0"u8];
        Assert.That(bytes, Has.Length.EqualTo(28));
        Assert.That(OscPacket.TryRead(bytes, out _, out var error), Is.False);
        Assert.That(error, Is.EqualTo(new OscError(OscErrorKind.NegativeElementSize, 16)));
        Assert.That(error.ToString(), Is.EqualTo("negative element size (byte 16)"));
    }

    [Test]
    public void An_error_names_the_byte()
    {
        Assert.That(OscPacket.TryRead("/SYNC\0\0\0,fx\0\x3F\0\0\0"u8, out _, out var error), Is.False);
        Assert.That(error.ToString(), Is.EqualTo("unknown type tag 'x' (byte 10)"));
        Assert.That(OscPacket.TryRead("hello\0\0\0"u8, out _, out error), Is.False);
        Assert.That(error.Kind, Is.EqualTo(OscErrorKind.NeitherMessageNorBundle));
        Assert.That(OscPacket.TryRead("#bundle\0"u8, out _, out error), Is.False);
        Assert.That(error.Kind, Is.EqualTo(OscErrorKind.BundleTooShort));
    }

    [TestCase("/a\0\0,]\0\0", OscErrorKind.ArrayNotOpened, 5)]
    [TestCase("/a\0\0,[]][\0\0\0", OscErrorKind.ArrayNotOpened, 7)]
    [TestCase("/a\0\0,[i\0\0\0\0\0", OscErrorKind.ArrayNotClosed, 7)]
    [TestCase("/a\0\0,iii", OscErrorKind.TagsNotTerminated, 8)]
    [TestCase("/a\0\0,\0i\0", OscErrorKind.TagsPadding, 5)]
    [TestCase("/a\0\0,s\0\0abcd", OscErrorKind.StringNotTerminated, 8)]
    [TestCase("/a\0\0,s\0\0", OscErrorKind.ArgumentBeyondEnd, 8)]
    [TestCase("/a\0\0,b\0\0", OscErrorKind.ArgumentBeyondEnd, 8)]
    [TestCase("/a\0\0,N\0\0abcd", OscErrorKind.BytesLeft, 8)]
    public void A_damaged_message_is_refused_at_the_byte(string bytes, OscErrorKind kind, int offset)
    {
        Assert.That(OscPacket.TryRead(System.Text.Encoding.ASCII.GetBytes(bytes), out _, out var error), Is.False);
        Assert.That((error.Kind, error.Offset), Is.EqualTo((kind, offset)));
    }

    [Test]
    public void Seventeen_bundles_inside_each_other_are_one_too_many([Range(15, 18)] int depth)
    {
        OscPacket packet = new OscMessage("/a", 1);
        byte[] bytes = packet.ToBytes();
        for (var i = 0; i < depth; i++)
        {
            byte[] size = i == 0 ? [0, 0, 0, (byte)bytes.Length] : [0, 0, (byte)(bytes.Length >> 8), (byte)bytes.Length];
            bytes = [.. "#bundle\0"u8, 0, 0, 0, 0, 0, 0, 0, 1, .. size, .. bytes];
        }
        Assert.That(OscPacket.TryRead(bytes, out var view, out var error), Is.EqualTo(depth <= 16));
        Assert.That(error.Kind, Is.EqualTo(depth <= 16 ? OscErrorKind.None : OscErrorKind.NestedTooDeep));
        var walker = view.Walk();
        Assert.That(walker.Next(out _, out _, out var id), Is.EqualTo(depth <= 16));
        Assert.That(id, Is.EqualTo(depth <= 16 ? depth : 0));
    }

    [Test]
    public void A_walk_gives_each_message_with_the_time_and_the_number_of_its_bundle()
    {
        var early = new OscTimeTag(1UL << 40);
        var late = new OscTimeTag(1UL << 50);
        var bytes = new OscBundle(late,
            new OscMessage("/a"),
            new OscBundle(early, new OscMessage("/b"), new OscBundle(OscTimeTag.Immediate)),
            new OscMessage("/c"),
            new OscBundle(new(late.Raw + 1), new OscMessage("/d")),
            new OscMessage("/e")).ToBytes();
        Assert.That(OscPacket.TryRead(bytes, out var packet, out _));
        var seen = new List<string>();
        var walker = packet.Walk();
        while (walker.Next(out var message, out var tag, out var id)) seen.Add($"{message.Address} {tag.Raw - late.Raw} {id}");
        // The inner bundle asks for a time before its outer one: it cannot come before it. The empty one is number 3.
        Assert.That(seen, Is.EqualTo(new[] { "/a 0 1", "/b 0 2", "/c 0 1", "/d 1 4", "/e 0 1" }));
    }

    [Test]
    public void A_message_alone_is_walked_too()
    {
        Assert.That(OscPacket.TryRead(new OscMessage("/a", 1).ToBytes(), out var packet, out _));
        var walker = packet.Walk();
        Assert.That(walker.Next(out var message, out var tag, out var id));
        Assert.That((message.Address, tag.IsImmediate, id), Is.EqualTo(("/a", true, 0)));
        Assert.That(walker.Next(out _, out _, out _), Is.False);
        Assert.That(default(OscPacketView).Walk().Next(out _, out _, out _), Is.False);
    }
}
