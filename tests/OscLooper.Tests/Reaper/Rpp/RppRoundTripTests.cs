using System.Text;
using OscLooper.Reaper.Rpp;

namespace OscLooper.Tests.Reaper.Rpp;

public class RppRoundTripTests
{
    [Test]
    public void Every_real_file_is_written_as_it_was_read()
    {
        SharedFolder.Need("rpp-third-party");
        var files = SharedFolder.RealProjects().Append(Path.Combine(SharedFolder.Need("rpp"), "golden-minimal.rpp")).ToList();
        Assert.That(files, Has.Count.GreaterThan(20));
        foreach (var file in files)
        {
            var bytes = File.ReadAllBytes(file);
            Assert.That(RppDocument.Parse(bytes).ToBytes(), Is.EqualTo(bytes), Path.GetFileName(file));
        }
    }

    [Test]
    public void One_changed_volume_changes_one_line_of_every_real_file()
    {
        SharedFolder.Need("rpp-third-party");
        var edited = 0;
        foreach (var file in SharedFolder.RealProjects())
        {
            var bytes = File.ReadAllBytes(file);
            var document = RppDocument.Parse(bytes);
            if (document.Project?.Blocks("TRACK").LastOrDefault()?.Line("VOLPAN") is not { } volume) continue;
            volume.Set(1, 0.123456);

            var before = Encoding.Latin1.GetString(bytes).Split('\n');
            var after = Encoding.Latin1.GetString(document.ToBytes()).Split('\n');
            Assert.That(after, Has.Length.EqualTo(before.Length));
            var different = Enumerable.Range(0, before.Length).Where(i => before[i] != after[i]).ToList();
            Assert.That(different, Has.Count.EqualTo(1), Path.GetFileName(file));
            Assert.That(after[different[0]].Trim(), Does.StartWith("VOLPAN 0.123456 "));
            Assert.That(after[different[0]].EndsWith('\r'), Is.EqualTo(before[different[0]].EndsWith('\r')));
            edited++;
        }
        Assert.That(edited, Is.GreaterThan(10));
    }

    [Test]
    public void The_quoting_rule_alone_reproduces_nearly_all_lines_of_real_files()
    {
        SharedFolder.Need("rpp-third-party");
        int same = 0, all = 0;
        foreach (var file in SharedFolder.RealProjects())
            foreach (var line in Lines(RppDocument.Parse(File.ReadAllBytes(file)).Roots))
            {
                var tokens = line.Tokens();
                if (tokens.Count == 0 || line.Text.StartsWith('|')) continue;
                all++;
                if (string.Join(' ', tokens.Select((t, i) => i == 0 ? t : RppText.Quote(t))) == line.Text) same++;
            }
        TestContext.Out.WriteLine($"{same} of {all} lines are the same by the rule alone");
        Assert.That(same / (double)all, Is.GreaterThan(0.95));
    }

    [TestCase("<A\r\n>\r\n<B\r\n>\r\n", 2, TestName = "Several_roots_stay")]
    [TestCase("\n\n<A\n\n  \n x\n>\n\n", 2, TestName = "Blank_lines_and_odd_indents_stay")]
    [TestCase("BYPASS 0 0\n<VST \"a b\"\n  AAAA\n>\nWAK 0 0", 3, TestName = "A_chain_without_a_last_line_end_stays")]
    [TestCase("\ufeff<A 1\r\n  B 2\r\n>\r\n", 1, TestName = "A_mark_of_UTF8_before_the_first_line_stays")]
    [TestCase("", 0, TestName = "An_empty_file_stays_empty")]
    public void Odd_files_survive(string text, int roots)
    {
        var document = RppDocument.Parse(Encoding.UTF8.GetBytes(text));
        Assert.That(document.Roots, Has.Count.EqualTo(roots));
        Assert.That(Encoding.UTF8.GetString(document.ToBytes()), Is.EqualTo(text));
    }

    [Test]
    public void Everything_REAPER_writes_survives_in_every_form(
        [Values("\n", "\r\n")] string end, [Values("", "\ufeff")] string mark, [Values("  ", "\t", "")] string indent, [Values] bool endsOpen)
    {
        var text = mark + (endsOpen ? EverythingProject.Text.TrimEnd() : EverythingProject.Text).Replace("  ", indent).Replace("\n", end);
        var bytes = Encoding.UTF8.GetBytes(text);
        var document = RppDocument.Parse(bytes);
        Assert.That(document.ToBytes(), Is.EqualTo(bytes));
        var track = document.Project!.Blocks("TRACK").First();
        Assert.That((document.Project.Blocks("TRACK").Count(), track.String("NAME"), track.Blocks("ITEM").Count()), Is.EqualTo((2, "'''```\"\"\"", 1)));
    }

    [Test]
    public void A_changed_token_changes_its_line_and_no_other()
    {
        var bytes = Encoding.UTF8.GetBytes(EverythingProject.Text.Replace("\n", "\r\n"));
        var before = Encoding.UTF8.GetString(bytes).Split('\n');
        var (lines, changed) = (Lines(RppDocument.Parse(bytes).Roots).Count(), 0);
        for (var n = 0; n < lines; n++)
        {
            var edited = RppDocument.Parse(bytes);
            var line = Lines(edited.Roots).ElementAt(n);
            if (line.Tokens().Count < 2 || line.Text.StartsWith('|')) continue;
            line.Set(1, "new \"value\" \ud83c\udfb8");
            var after = Encoding.UTF8.GetString(edited.ToBytes()).Split('\n');
            Assert.That(Enumerable.Range(0, before.Length).Count(i => before[i] != after[i]), Is.EqualTo(1), line.Text);
            Assert.That((after.Length, Lines(RppDocument.Parse(edited.ToBytes()).Roots).ElementAt(n).At(1)), Is.EqualTo((before.Length, "new \"value\" \ud83c\udfb8")));
            changed++;
        }
        Assert.That(changed, Is.GreaterThan(120));
    }

    [Test]
    public void A_mark_of_UTF8_hides_neither_the_project_nor_its_tokens()
    {
        var document = RppDocument.Parse("\ufeff<REAPER_PROJECT 0.1 \"7.1/x\" 5\r\n>\r\n"u8.ToArray());
        Assert.That(document.Project!.Open.At(2), Is.EqualTo("7.1/x"));
        document.Project.Open.Set(3, 6);
        Assert.That(document.ToBytes(), Is.EqualTo("\ufeff<REAPER_PROJECT 0.1 \"7.1/x\" 6\r\n>\r\n"u8.ToArray()));
    }

    [Test]
    public void What_is_added_behind_a_file_without_a_last_line_end_begins_a_line()
    {
        var document = RppDocument.Parse("BYPASS 0\r\n<B\r\n>"u8.ToArray());
        document.Roots.Add(RppLine.Of("WAK", 0));
        Assert.That(Encoding.UTF8.GetString(document.ToBytes()), Is.EqualTo("BYPASS 0\r\n<B\r\n>\r\nWAK 0\r\n"));
    }

    [Test]
    public void Bytes_that_are_not_utf8_survive_an_edit_on_their_line()
    {
        byte[] file = [.. "NAME a "u8, 0xff, 0xfe, .. " z\r\n"u8];
        var document = RppDocument.Parse(file);
        ((RppLine)document.Roots[0]).Set(1, "b");
        Assert.That(document.ToBytes(), Is.EqualTo((byte[])[.. "NAME b "u8, 0xff, 0xfe, .. " z\r\n"u8]));
    }

    [Test]
    public void What_is_built_is_indented_and_ends_as_the_file_does()
    {
        var document = RppDocument.Parse("<A\n  <B\n  >\n>\n"u8.ToArray());
        ((RppBlock)document.Roots[0]).Block("B")!.Add(RppBlock.Of("C", 1, "x y", 0.5)).Add("D", "");
        Assert.That(Encoding.UTF8.GetString(document.ToBytes()), Is.EqualTo("<A\n  <B\n    <C 1 \"x y\" 0.5\n      D \"\"\n    >\n  >\n>\n"));
    }

    [TestCase("<A\n", 1, TestName = "An_open_block_is_refused")]
    [TestCase("<A\n>\n>\n", 3, TestName = "A_close_without_a_block_is_refused")]
    public void Broken_structure_is_refused_by_line(string text, int line) =>
        Assert.That(Assert.Throws<RppError>(() => RppDocument.Parse(Encoding.UTF8.GetBytes(text)))!.Line, Is.EqualTo(line));

    static IEnumerable<RppLine> Lines(IEnumerable<RppNode> nodes) => nodes.SelectMany(n => n switch
    {
        RppLine line => [line],
        RppBlock block => Lines(block.Children).Prepend(block.Open),
        _ => [],
    });
}
