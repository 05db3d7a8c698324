using OscLooper.Osc;

namespace OscLooper.Tests.Protocol;

public class ScoreTests
{
    static OscScore Read(string text, int rate = 48000)
    {
        Assert.That(OscScore.TryParse(text, rate, out var score, out var errors), Is.True, string.Join("\n", errors));
        return score;
    }

    static IReadOnlyList<string> Errors(string text)
    {
        Assert.That(OscScore.TryParse(text, 48000, out var score, out var errors), Is.False);
        Assert.That(score.Moments, Is.Empty);
        return errors;
    }

    [Test]
    public void Seconds_and_frames_name_the_same_moment()
    {
        var score = Read("1.5 /a\n72000f /b\n0 /c");
        Assert.That(score.Moments.Select(m => (m.Frame, m.Lines[0].Message.Address)), Is.EqualTo(new[] { (0L, "/c"), (72000L, "/a"), (72000L, "/b") }));
    }

    [Test]
    public void An_indented_line_belongs_to_the_bundle_above()
    {
        var score = Read("1 /a 1\n  /b 2.5 \"x # y\"\n\t/c # not this\n2 /d");
        Assert.That(score.Moments, Has.Count.EqualTo(2));
        Assert.That(score.Moments[0].Lines.Select(l => l.Message.ToString()), Is.EqualTo(new[] { "/a 1", "/b 2.5 \"x # y\"", "/c" }));
        Assert.That(score.Moments[0].Lines.Select(l => l.Number), Is.EqualTo(new[] { 1, 2, 3 }));
    }

    [Test]
    public void A_score_that_is_indented_as_a_whole_means_the_same()
    {
        Assert.That(OscScore.TryParse("\n    # as in a README\n    0 /a\n    2.0   /b 1\n          /c 2\n    3f /d", 48000, out var score, out var errors), Is.True, string.Join(';', errors));
        Assert.That(score.Moments.Select(m => (m.Frame, m.Lines.Count)), Is.EqualTo(new[] { (0L, 1), (3L, 1), (96000L, 2) }));
    }

    [Test]
    public void Comments_and_empty_lines_mean_nothing()
    {
        var score = Read("# a song\n\n   # indented\n0.25 /a # why\r\n\r\n");
        Assert.That(score.Moments.Single().Lines.Single().Message, Is.EqualTo(new OscMessage("/a")));
        Assert.That(score.LastFrame, Is.EqualTo(12000));
        Assert.That(Read("").LastFrame, Is.EqualTo(-1));
    }

    [Test]
    public void All_errors_are_told_at_once_with_their_lines()
    {
        var errors = Errors("  /early\nx /a\n-1 /a\n1\n2 /fine\n3 a\n1.5f /a\n4 /a \"open\n99999999999999999 /a\n  b");
        Assert.That(errors.Select(e => e.Split(':')[0]), Is.EqualTo(new[] { 1, 2, 3, 4, 6, 7, 8, 9, 10 }.Select(n => $"line {n}")), string.Join("\n", errors));
    }

    [Test]
    public void A_broken_file_of_many_lines_gives_a_short_answer()
    {
        var errors = Errors(string.Concat(Enumerable.Repeat("nonsense\n", 5000)));
        Assert.That(errors, Has.Count.EqualTo(101));
        Assert.That(errors[^1], Is.EqualTo("... and 4900 more"));
    }

    [Test]
    public void What_is_written_is_read_back_the_same()
    {
        OscMessage[] messages = [new("/a", 1, 2.5f, "x y", true), new("/b", "#ff0000", "say \"#\"", ""), new("/c", "a\nb", -3), new("/d", "# \\ \" x")];
        var text = string.Concat(messages.Select((m, i) => (i % 2 == 0 ? OscScore.Format(i * 0.5, m) : OscScore.Format(i * 24000L, m)) + "\n"));
        var score = Read(text);
        Assert.That(score.Moments.Select(m => m.Frame), Is.EqualTo(new[] { 0, 24000, 48000, 72000 }));
        Assert.That(score.Moments.Select(m => m.Lines.Single().Message), Is.EqualTo(messages));
    }
}
