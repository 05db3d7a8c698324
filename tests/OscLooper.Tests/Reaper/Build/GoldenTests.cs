using System.Text;
using System.Text.RegularExpressions;
using Newtonsoft.Json.Linq;
using OscLooper.Reaper.Build;
using OscLooper.Reaper.Rpp;
using OscLooper.Reaper.Song;

namespace OscLooper.Tests.Reaper.Build;

public partial class GoldenTests
{
    /// <summary>Blocks whose lines are data or text, not fields.</summary>
    static readonly string[] data = ["NOTES", "RECORD_CFG", "RENDER_CFG", "APPLYFX_CFG", "VST", "X", "NAME"];

    [Test]
    public void Every_line_has_a_token_count_seen_in_real_files()
    {
        var seen = JObject.Parse(File.ReadAllText(Path.Combine(SharedFolder.Need("rpp"), "fields.json")));
        var wrong = new List<string>();
        var lines = 0;
        Visit(Golden.Build().Document.Roots, "ROOT");
        TestContext.Out.WriteLine($"{lines} lines compared with fields.json");
        Assert.That(wrong, Is.Empty);
        Assert.That(lines, Is.GreaterThan(200));

        void Visit(IEnumerable<RppNode> nodes, string parent)
        {
            foreach (var node in nodes)
            {
                var line = node as RppLine ?? ((RppBlock)node).Open;
                var tokens = line.Tokens();
                // Our own section of the project's store: one value a key, as all sections have it.
                var key = parent is "OSCLOOPER" ? "GUI_STATEMANAGER/_ULTRASCHALL_TOGGLE_FOLLOW" : tokens[0] is "<OSCLOOPER" ? "EXTSTATE/<GUI_STATEMANAGER"
                    : parent == "JS" ? "JS/0" : $"{parent}/{tokens[0]}";
                lines++;
                if (seen[key]?[0]?[(tokens.Count - 1).ToString()] is null) wrong.Add($"{key} with {tokens.Count - 1}: {line.Text}");
                if (node is RppBlock block && !data.Contains(block.Name)) Visit(block.Children, block.Name == "SOURCE" ? $"SOURCE {tokens[1]}" : block.Name);
            }
        }
    }

    [Test]
    public void Lines_stand_in_the_order_of_the_sample_project()
    {
        var sample = RppDocument.Parse(File.ReadAllBytes(Path.Combine(SharedFolder.Need("rpp"), "golden-minimal.rpp"))).Project!;
        var order = Names(sample);
        var built = Names(Golden.Build().Document.Project!).Where(n => n != "<MASTERFXLIST").ToList();
        Assert.That(built, Is.EqualTo(order.Where(built.Contains)));
        Assert.That(built, Does.Contain("<TRACK").And.Contain("TEMPO"));

        static List<string> Names(RppBlock project) => [.. project.Children.Select(c => (c as RppLine ?? ((RppBlock)c).Open).Name).Distinct()];
    }

    [Test]
    public void One_seed_gives_the_same_bytes_and_another_gives_other_guids()
    {
        var (one, again, other) = (Golden.Build(7).Document.ToBytes(), Golden.Build(7).Document.ToBytes(), Golden.Build(8).Document.ToBytes());
        Assert.That(again, Is.EqualTo(one));
        var (first, second) = (Guids(one), Guids(other));
        Assert.That(first, Is.Not.Empty.And.Count.EqualTo(second.Count));
        Assert.That(first.Intersect(second), Is.Empty);
    }

    [Test]
    public void The_bytes_of_a_seed_never_change()
    {
        // Changes only when the format of built projects changes: then look at the difference and set it anew.
        var hash = Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(Golden.Build(1).Document.ToBytes()));
        Assert.That(hash[..16], Is.EqualTo("A758FA8B1CEE425B"));
    }

    [Test]
    public void Markers_without_a_number_take_none_that_another_asked_for()
    {
        var song = SongJson.Read("""
            { "version": 1, "markers": [ { "beat": 0, "number": 2 }, { "beat": 1 }, { "beat": 2 } ],
              "regions": [ { "beat": 0, "end": 8, "number": 2 }, { "beat": 4, "end": 12 }, { "beat": 5, "end": 6 } ] }
            """, Golden.Registry);
        var lines = SongBuilder.Build(song, Golden.Registry, 1).Document.Project!.Lines("MARKER").ToList();
        Assert.That(lines.Where(l => l.Number(4) == 0).Select(l => l.At(1)), Is.EqualTo(new[] { "2", "1", "3" }));
        Assert.That(lines.Where(l => l.Number(4) == 1).Select(l => l.At(1)), Is.EqualTo(new[] { "2", "2", "1", "1", "3", "3" }));
    }

    [Test]
    public void Guids_are_of_version_4_and_unique()
    {
        var source = new GuidSource(1);
        var all = Enumerable.Range(0, 100_000).Select(_ => source.Next()).ToList();
        Assert.That(all.Distinct().Count(), Is.EqualTo(all.Count));
        Assert.That(all.All(g => Version4().IsMatch(g)));
    }

    [Test]
    public void A_built_project_reads_back_as_it_was_written()
    {
        var bytes = Golden.Build().Document.ToBytes();
        Assert.That(RppDocument.Parse(bytes).ToBytes(), Is.EqualTo(bytes));
        Assert.That(Encoding.UTF8.GetString(bytes).Split("\r\n").SkipLast(1).All(l => !l.Contains('\n')));
    }

    [Test]
    public void Effects_of_the_master_stand_in_its_list_and_not_in_a_track()
    {
        var project = Golden.Build().Document.Project!;
        Assert.That(project.Block("MASTERFXLIST")!.Blocks("VST").Select(v => v.Open.At(4)), Is.EqualTo(new[] { "", "ceiling" }));
        Assert.That(project.Blocks("TRACK").Count(), Is.EqualTo(4));
    }

    [Test]
    public void A_plug_in_line_has_the_form_of_a_real_one()
    {
        var chain = Golden.Build().Document.Project!.Blocks("TRACK").ElementAt(1).Block("FXCHAIN")!;
        Assert.That(chain.Block("VST")!.Open.Text, Is.EqualTo("<VST \"VST3: FabFilter Pro-Q 3 (FabFilter)\" \"FabFilter Pro-Q 3.vst3\" 0 \"\" 756089518{72C4DB717A4D459AB97E51745D84B39D} \"\""));
        Assert.That(chain.Block("JS")!.Children.OfType<RppLine>().Single().Tokens(), Has.Count.EqualTo(64).And.ItemAt(0).EqualTo("-3"));
    }

    static List<string> Guids(byte[] project) => [.. Guid().Matches(Encoding.UTF8.GetString(project)).Select(m => m.Value).Distinct().Where(g => !g.StartsWith("{72C4"))];

    [GeneratedRegex(@"\{[0-9A-F]{8}-[0-9A-F-]{27}\}")]
    private static partial Regex Guid();

    [GeneratedRegex(@"^\{[0-9A-F]{8}-[0-9A-F]{4}-4[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}\}$")]
    private static partial Regex Version4();
}
