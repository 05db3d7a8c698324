using OscLooper.Osc;

namespace OscLooper.Tests.Protocol;

public class TextTests
{
    static OscMessage Parse(string line) => OscText.TryParse(line, out var message, out var error) ? message : throw new AssertionException(error);

    [TestCase("/a", "")]
    [TestCase("  /a \t 1 ", "i")]
    [TestCase("/a 2147483647 2147483648 -2147483648 -2147483649 +5", "ihihi")]
    [TestCase("/a 1. .5 1e3 -1E-3 +2.5e+1", "fffff")]
    [TestCase("/a true false True TRUE", "TFss")]
    [TestCase("/a - + . e e5 1e 1e+ .e1 1.2.3 0x10 1_000 NaN Infinity", "sssssssssssss")]
    [TestCase("/a \"1\" \"true\" \"\" word a\"b C:\\new", "ssssss")]
    public void Words_are_typed_by_how_they_look(string line, string tags) => Assert.That(Parse(line).Tags, Is.EqualTo(tags));

    [Test]
    public void Escapes_are_undone_in_quotes_only()
    {
        var message = Parse("""/a "say \"hi\"\n\\" C:\new""");
        Assert.That(message.Arguments[0].Text, Is.EqualTo("say \"hi\"\n\\"));
        Assert.That(message.Arguments[1].Text, Is.EqualTo("C:\\new"));
    }

    [TestCase("", "empty line")]
    [TestCase("  ", "empty line")]
    [TestCase("volume 1", "an address begins with '/', not with v")]
    [TestCase("/é", "the address /é holds a character that OSC does not allow")]
    [TestCase("/a \"open", "the quotation mark before open is not closed")]
    [TestCase("/a \"open\\", "the quotation mark before open is not closed")]
    [TestCase("/a \"x\"y", "a space is missing after \"x\"")]
    [TestCase("/a \"\\t\"", "unknown escape \\t")]
    [TestCase("/a 99999999999999999999", "99999999999999999999 does not fit into 64 bits")]
    [TestCase("/a 1e99", "1e99 is too large")]
    [TestCase("/a b\0c", "OSC text holds no zero character")]
    public void A_bad_line_is_refused_with_a_reason(string line, string reason)
    {
        Assert.That(OscText.TryParse(line, out _, out var error), Is.False);
        Assert.That(error, Is.EqualTo(reason));
    }

    [Test]
    public void What_is_formatted_is_parsed_back() =>
        Any.All(Any.TextMessages, message => Parse(OscText.Format(message)).Equals(message), tries: 2000);

    [TestCase("1")]
    [TestCase("-1.5")]
    [TestCase("1e5")]
    [TestCase("true")]
    [TestCase("")]
    [TestCase("a b")]
    [TestCase("\"")]
    [TestCase("\\n\n")]
    public void Text_that_looks_like_something_else_is_quoted(string text)
    {
        var line = OscText.Format(new OscMessage("/a", text));
        Assert.That(line, Does.StartWith("/a \""));
        Assert.That(Parse(line).Arguments[0], Is.EqualTo((OscValue)text));
    }

    [Test]
    public void Numbers_keep_their_type_and_every_type_can_be_read()
    {
        Assert.That(new OscMessage("/a", 1, 1f, 0.1f, 1e20f, -0f, "word", true).ToString(), Is.EqualTo("/a 1 1.0 0.1 1e+20 -0.0 word true"));
        Assert.That(new OscMessage("/a", OscValue.Nil, OscValue.Impulse, OscValue.Color(0x8040C0FF), new byte[] { 1, 255 }, OscTimeTag.Immediate).ToString(),
            Is.EqualTo("/a nil impulse #8040C0FF 0x01ff immediately"));
        Assert.That(new OscMessage("/a", float.NaN, double.NegativeInfinity).ToString(), Is.EqualTo("/a NaN -Infinity"));
    }
}
