using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using FsCheck.Fluent;
using OscLooper.Osc;

namespace OscLooper.Tests.Protocol;

public class PatternTests
{
    static bool Matches(string pattern, string address, out int steps) =>
        OscPattern.Matches(Encoding.UTF8.GetBytes(pattern), Encoding.UTF8.GetBytes(address), out steps);

    [TestCaseSource(typeof(Vectors), nameof(Vectors.Patterns))]
    public void A_pattern_matches_as_its_vector_says(JsonElement item) =>
        Assert.That(Matches(item.GetProperty("pattern").GetString()!, item.GetProperty("address").GetString()!, out _),
            Is.EqualTo(item.GetProperty("match").GetBoolean()));

    [TestCase("/[3-2]", "/3", true)]
    [TestCase("/[3-1]", "/2", false)]
    [TestCase("/[!3-1]", "/2", true)]
    [TestCase("/[0-~]", "/@", true)]
    [TestCase("/[!-~]", "/x", true)]
    [TestCase("/[?-@]", "/?", true)]
    [TestCase("/[?-@]", "/A", false)]
    [TestCase("/[~-0]", "/@", false)]
    [TestCase("/[a!]", "/!", true)]
    [TestCase("/[!!]", "/!", false)]
    [TestCase("/[!-a]", "/b", true)]
    [TestCase("/[!-a]", "/-", false)]
    [TestCase("/[a-c-e]", "/-", true)]
    [TestCase("/[a-c-e]", "/d", false)]
    [TestCase("/[]a", "/a", false)]
    [TestCase("/[!]", "/a", true)]
    [TestCase("/[.-0]b", "//b", false)] // '/' lies in the range, but is never matched
    [TestCase("/a[!x]b", "/a/b", false)]
    [TestCase("/a?b", "/a/b", false)]
    [TestCase("/[a", "/a", false)]
    [TestCase("/[a", "/[a", false)]
    [TestCase("/{a/b}", "/a", false)]
    [TestCase("/[a/b]", "/a/b]", false)]
    [TestCase("/*/{a", "/a/{a", false)]
    [TestCase("/a]", "/a]", true)]
    [TestCase("/{}", "/", true)]
    [TestCase("/a{,b}c", "/ac", true)]
    [TestCase("/a{,b}c", "/abc", true)]
    [TestCase("/{a*,b}", "/ab", false)]
    [TestCase("/{a,ab,abc}{c,bcd}", "/abcd", true)]
    [TestCase("//", "/a", false)]
    [TestCase("/a//*", "/a/b/c", true)]
    [TestCase("/a//b", "/a/b", true)]
    [TestCase("/a///b", "/a/x/b", true)]
    [TestCase("/a//b", "/ab", false)]
    [TestCase("/a//b//c", "/a/x/b/y/b/z/c", true)]
    [TestCase("//*/x", "/x", false)]
    [TestCase("//b/*", "/a/b/b/c", true)]
    [TestCase("/ab*ba", "/aba", false)]
    [TestCase("", "", false)]
    [TestCase("/*", "", false)]
    public void Corners(string pattern, string address, bool matches) => Assert.That(Matches(pattern, address, out _), Is.EqualTo(matches));

    [TestCaseSource(typeof(Vectors), nameof(Vectors.SpecificationPatterns))]
    public void A_pattern_matches_these_of_all_addresses_and_no_other(string pattern, string[] addresses, string[] matched) =>
        Assert.That(addresses.Where(a => Matches(pattern, a, out _)), Is.EqualTo(matched));

    [Test]
    public void Patterns_match_what_the_same_regular_expressions_match()
    {
        // Long enough to cross the 64-bit words in which places are kept.
        var address = Gen.Choose(1, 160).SelectMany(length => Gen.Elements("a", "a", "b", "/a").ArrayOf(length), (_, parts) => "/b" + string.Concat(parts));
        var pattern = Gen.Choose(1, 12).SelectMany(length =>
            Gen.Elements("a", "b", "/", "//", "*", "*", "?", "[ab]", "[!a]", "[a-]", "{a,b}", "{ab,a,}", "aaa", "{aab/", "[").ArrayOf(length),
            (_, parts) => "/" + string.Concat(parts));
        int matched = 0, unmatched = 0;
        Any.All(address.SelectMany(_ => pattern, (a, p) => (a, p)), pair =>
        {
            var expected = AsRegex(pair.p) is { } regex && regex.IsMatch(pair.a);
            _ = expected ? matched++ : unmatched++;
            return Matches(pair.p, pair.a, out _) == expected;
        }, tries: 20_000);
        Assert.That(matched, Is.GreaterThan(100), "else this shows nothing");
        Assert.That(unmatched, Is.GreaterThan(100), "else this shows nothing");
    }

    static Regex? AsRegex(string pattern)
    {
        var text = new StringBuilder("^");
        for (var i = 0; i < pattern.Length; i++)
        {
            var c = pattern[i];
            var end = c is '[' or '{' ? pattern.IndexOfAny([c == '[' ? ']' : '}', '/'], i) : i;
            if (end < 0 || (end > i && pattern[end] == '/')) return null;
            var list = end > i ? pattern[(i + 1)..end] : "";
            text.Append(c switch
            {
                '*' => "[^/]*",
                '?' => "[^/]",
                '[' => "(?!/)[" + list.Replace('!', '^') + "]",
                '{' => "(?:" + list.Replace(',', '|') + ")",
                '/' when i + 1 < pattern.Length && pattern[i + 1] == '/' => "/(?:[^/]*/)*",
                _ => Regex.Escape(c.ToString()),
            });
            if (c == '/') while (end + 1 < pattern.Length && pattern[end + 1] == '/') end++;
            i = end;
        }
        // Without backtracking: ours is compared, not timed, but the patterns would take the other engine for ever.
        return new(text.Append('$').Replace("(?!/)[^a]", "[^/a]").Replace("(?!/)", "").ToString(), RegexOptions.NonBacktracking);
    }

    static IEnumerable<TestCaseData> Adversaries()
    {
        static string Repeat(string text, int times) => string.Concat(Enumerable.Repeat(text, times));
        var a40 = "/" + Repeat("a", 40);
        var a1000 = "/" + Repeat("a", 1000);
        var names = "/" + string.Concat(Enumerable.Range(0, 1000).Select(i => (char)(0x30 + i % 78)));
        yield return Named("stars against 40 a's", "/" + Repeat("*a", 30) + "b*", a40);
        yield return Named("stars against 1000 a's", "/" + Repeat("*a", 30_000) + "b*", a1000);
        yield return Named("lists with one beginning", "/" + Repeat("{a,aa,aaa,aaaa}", 4000) + "[b]", a1000);
        yield return Named("lists with an empty word", "/" + Repeat("{,}", 21_000) + "[b]", a1000);
        yield return Named("one list of long words", "/{" + Repeat("aaaaaaaaaaaaaaaa,", 3800) + "}", a1000);
        yield return Named("long bracket ranges", "/[" + Repeat("\u0001-\u007f", 21_000) + "]", a1000);
        yield return Named("many brackets of ranges", "/" + Repeat("[\u0001-\u007f]*", 9_000), a1000);
        yield return Named("many brackets", "/" + Repeat("*[!b]", 13_000), a1000);
        yield return Named("many levels", Repeat("//a", 20_000) + "//?", Repeat("/a", 500));
        yield return Named("many levels and stars", Repeat("//*", 20_000) + "b?", Repeat("/a", 500));
        yield return Named("many letters", "/*" + Repeat("{" + names[1..79] + "}*", 800), names);
        yield return Named("an address longer than the limit", "/*b*", "/" + Repeat("a", 65_000));
        yield return Named("a pattern of opened brackets", "/" + Repeat("[", 65_000), a1000);

        static TestCaseData Named(string name, string pattern, string address) =>
            new TestCaseData(pattern, address).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(Adversaries))]
    public void No_pattern_takes_more_than_its_steps(string pattern, string address)
    {
        Matches(pattern, address, out var steps);
        // The last element may begin just below the limit: one list of ranges or one row of places more.
        Assert.That(steps, Is.LessThan(OscPattern.MaxSteps + 4096));
        TestContext.Out.WriteLine($"{steps} steps");
    }

    [Test]
    public void A_long_honest_pattern_is_far_below_the_limit()
    {
        var all = "/looper/channel/{" + string.Join(",", Enumerable.Range(1, 1000)) + "}/volume";
        Assert.That(Matches(all, "/looper/channel/1000/volume", out var steps));
        Assert.That(steps, Is.LessThan(OscPattern.MaxSteps / 20));
        Assert.That(Matches("/" + new string('*', 60_000) + "b", "/aab", out _));
    }

    [Test]
    public void Wildcards_are_seen()
    {
        foreach (var wild in (string[])["/a?", "/*", "/[a]", "/{a}", "//a", "/a//"]) Assert.That(OscPattern.HasWildcards(Encoding.UTF8.GetBytes(wild)), wild);
        Assert.That(OscPattern.HasWildcards("/looper/channel/3/next_scene"u8), Is.False);
    }

    [TestCase("/a", true)]
    [TestCase("/looper/channel/3/volume!", true)]
    [TestCase("", false)]
    [TestCase("/", false)]
    [TestCase("a", false)]
    [TestCase("/a/", false)]
    [TestCase("/a//b", false)]
    [TestCase("/a b", false)]
    [TestCase("/a,b", false)]
    [TestCase("/a*", false)]
    [TestCase("/a#", false)]
    [TestCase("/é", false)]
    public void Addresses_are_told_from_other_text(string address, bool valid) =>
        Assert.That(OscAddress.IsValid(Encoding.UTF8.GetBytes(address)), Is.EqualTo(valid));

    [TestCase("gain-2.b", true)]
    [TestCase("", false)]
    [TestCase("a/b", false)]
    public void Names_are_told_from_other_text(string name, bool valid) =>
        Assert.That(OscAddress.IsValidName(Encoding.UTF8.GetBytes(name)), Is.EqualTo(valid));
}
