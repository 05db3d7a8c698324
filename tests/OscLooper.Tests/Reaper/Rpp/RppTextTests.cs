using System.Text;
using FsCheck;
using FsCheck.Fluent;
using OscLooper.Reaper.Rpp;

namespace OscLooper.Tests.Reaper.Rpp;

public class RppTextTests
{
    static readonly string[] Pieces = ["\"", "'", "`", " ", "\t", "\n", "\r\n", "\r", "|", "<", ">", "<NAME", "#", ";", "\\", "a", "hel\"lo", "é", "字", "🎸", "\u2028", "\u0001", new string('x', 1100)];

    static readonly Arbitrary<string> AnyText = Gen.OneOf(
        ArbMap.Default.GeneratorFor<string>().Select(s => new string([.. (s ?? "").Where(c => c != 0 && !char.IsSurrogate(c))])),
        Gen.Elements(Pieces).ListOf().Select(l => string.Concat(l))).ToArbitrary();

    [Test]
    public void Any_text_written_as_a_name_is_read_back() =>
        Prop.ForAll(AnyText, text =>
        {
            var plain = RppText.WithPlainLineEnds(text);
            if (plain.Split('\n').Any(l => Encoding.UTF8.GetByteCount(l) > 3900)) return true;
            var document = new RppDocument();
            var track = new RppBlock(RppLine.Of("<TRACK"));
            document.Roots.Add(track);
            track.AddString("NAME", text).Add("AFTER", 1);

            var back = (RppBlock)RppDocument.Parse(document.ToBytes()).Roots.Single();
            return back.String("NAME") == plain && back.Line("AFTER")?.At(1) == "1" && back.Children.Count <= 3;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500 * Soak.Times));

    [Test]
    public void Any_text_set_into_a_read_file_is_read_back() =>
        Prop.ForAll(AnyText, AnyText, (first, second) =>
        {
            if ((first + second).Length > 3000) return true;
            var document = RppDocument.Parse("<TRACK\r\n  NAME \"\"\r\n  VU 2\r\n>\r\n"u8.ToArray());
            var track = (RppBlock)document.Roots[0];
            foreach (var text in new[] { first, second })
            {
                track.SetString("NAME", text);
                var back = (RppBlock)RppDocument.Parse(document.ToBytes()).Roots.Single();
                if (back.String("NAME") != RppText.WithPlainLineEnds(text) || back.Line("VU")?.At(1) != "2") return false;
            }
            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300 * Soak.Times));

    [Test]
    public void Any_one_line_token_is_read_back_where_one_quote_is_free() =>
        Prop.ForAll(AnyText, text =>
        {
            if (RppText.NeedsBlock(text)) return true;
            var document = RppDocument.Parse(Encoding.UTF8.GetBytes($"X {RppText.Quote(text)} {RppText.QuoteAlways(text)} 7\n"));
            var line = (RppLine)document.Roots.Single();
            return line.At(1) == text && line.At(2) == text && line.At(3) == "7";
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500 * Soak.Times));

    [Test]
    public void All_tricky_names_of_the_sample_are_read()
    {
        SharedFolder.Need("rpp-third-party");
        var file = SharedFolder.RealProjects().Single(f => f.EndsWith("rppp_tricky-strings.RPP", StringComparison.Ordinal));
        var names = RppDocument.Parse(File.ReadAllBytes(file)).Project!.Blocks("TRACK").Select(t => t.String("NAME")!).ToList();
        Assert.That(names, Is.EqualTo(new[]
        {
            "", "\"", "\"\"", "\"\"\"", "'", "''", "'''", "`", "``", "```", "'''```\"\"\"", "NAME", "hel\"lo", "hello\"", "<HELLO world >", "<>", "<",
        }));
    }

    [TestCase("", "\"\"")]
    [TestCase("plain", "plain")]
    [TestCase("two words", "\"two words\"")]
    [TestCase("#1", "\"#1\"")]
    [TestCase("say \"hi\"", "'say \"hi\"'")]
    [TestCase("it's \"so\"", "`it's \"so\"`")]
    [TestCase("a '\"` b", "`a '\"' b`")]
    [TestCase("hel\"lo", "hel\"lo")]
    public void A_string_is_quoted_as_REAPER_quotes_it(string value, string written) => Assert.That(RppText.Quote(value), Is.EqualTo(written));

    [Test]
    public void A_line_REAPER_would_split_is_refused_with_its_length() =>
        Assert.That(Assert.Throws<RppError>(() => RppLine.Of("NAME", new string('x', 5000)))!.Message, Does.Contain("5005 bytes"));

    [Test]
    public void A_line_break_cannot_be_smuggled_into_a_raw_line() => Assert.Throws<RppError>(() => RppLine.Raw("A\n>"));

    [Test]
    public void What_is_not_text_is_refused()
    {
        foreach (var value in new[] { "a\0b", "a" + (char)0xd800 + "b", "" + (char)0xdc00 })
            Assert.Throws<RppError>(() => RppText.Quote(value));
    }

    [Test]
    public void An_unclosed_quote_voids_its_line() =>
        Assert.That(RppLine.Read("NAME \"abc\r\n"u8.ToArray()).Tokens(), Is.Empty);

    [TestCase(1, "1")]
    [TestCase(0.5, "0.5")]
    [TestCase(18.22784810126582, "18.22784810126582")]
    [TestCase(-0.0, "0")]
    [TestCase(1e-20, "0")]
    [TestCase(165.338, "165.338")]
    [TestCase(12345678901234567, "12345678901234568")]
    [TestCase(1e20, "100000000000000000000")]
    [TestCase(1 / 3.0, "0.33333333333333")]
    [TestCase(123456789.25, "123456789.25")]
    public void Numbers_are_written_as_REAPER_writes_them(double value, string written) => Assert.That(RppNumber.Format(value), Is.EqualTo(written));

    [Test]
    public void Base64_of_any_length_is_read_back([Values(0, 1, 95, 96, 97, 1000)] int length)
    {
        var data = Enumerable.Range(0, length).Select(i => (byte)(i * 7)).ToArray();
        var block = RppBlock.Of("VST");
        block.AddBytes(data);
        Assert.That(block.Children.OfType<RppLine>().All(l => l.Text.Length <= 128));
        Assert.That(block.TryBytes(out var back), Is.True);
        Assert.That(back, Is.EqualTo(data));
    }
}
