using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace OscLooper.SystemTests;

/// <summary>Every sound that the product makes, by real renders, against tests/Scores/scores.tsv and a model that knows nothing of the product.</summary>
[Parallelizable(ParallelScope.Children)]
public partial class ScoreTests
{
    const double MostDifferenceDecibels = 0.1, LowestDecibels = -40;

    // Whole instruction sets less. (.NET 10 has one switch for AVX-512; the names of older runtimes do nothing and must do no harm.)
    static readonly (string, string)[][] Processors =
    [
        [],
        [("DOTNET_EnableAVX512", "0"), ("DOTNET_EnableAVX512F", "0")],
        [("DOTNET_EnableAVX2", "0")],
    ];

    static bool HasBits => OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64;

    [TestCaseSource(typeof(Score), nameof(Score.All))]
    public void A_score_sounds_as_in_the_table_on_every_processor(Score score)
    {
        string? bits = null;
        foreach (var processor in Processors)
        {
            var rendered = score.Render(128, processor);
            var name = $"{score.Name} with {string.Join(' ', processor)}, as rendered: {rendered}";
            Assert.That(rendered.Frames, Is.EqualTo(score.Frames), name);
            Assert.That(rendered.LevelDecibels, Is.EqualTo(score.LevelDecibels).Within(MostDifferenceDecibels), name);
            Assert.That(rendered.Peak, Is.EqualTo(score.Peak).Within(0.5).Percent, name);
            Assert.That(rendered.Hash, Is.EqualTo(bits ??= rendered.Hash), name);
            if (HasBits && score.Hash != "-") Assert.That(rendered.Hash, Is.EqualTo(score.Hash), name);
        }
    }

    [TestCase("voice_lead", 1)]
    [TestCase("scenes", 1)]
    [TestCase("arpeggio", 7)]
    [TestCase("everything", 7)]
    [TestCase("note_scenes", 64)]
    [TestCase("patch", 64)]
    [TestCase("drums", 1024)]
    [TestCase("everything", 1024)]
    public void A_score_is_the_same_at_every_block_size(string name, int block)
    {
        if (!HasBits) Assert.Ignore("the bits in the table are those of Linux on x64");
        var score = Score.All.Single(s => s.Name == name);
        var rendered = score.Render(block);
        Assert.That(rendered.Hash, Is.EqualTo(score.Hash), $"{rendered}");
    }

    [Test]
    public void The_levels_in_the_table_are_those_that_a_model_computes_without_the_product()
    {
        if (Score.Modelled() is not { } modelled)
        {
            Assert.Ignore("no python3 here: the levels were not computed anew");
            return;
        }
        Assert.Multiple(() =>
        {
            foreach (var score in Score.All)
            {
                Assert.That(score.LevelDecibels, Is.GreaterThan(LowestDecibels), $"{score.Name} would not be heard");
                if (score.Model != "model" && !modelled.ContainsKey(score.Name)) continue;
                Assert.That(modelled, Contains.Key(score.Name));
                if (modelled[score.Name] is { } level) Assert.That(score.LevelDecibels, Is.EqualTo(level).Within(MostDifferenceDecibels), score.Name);
                else TestContext.Out.WriteLine($"{score.Name}: its library is not installed, so its level was not computed anew");
            }
        });
        Assert.That(Score.All.Count(s => s.Model == "model"), Is.GreaterThanOrEqualTo(24));
    }

    [Test]
    public void Every_score_is_in_the_table_and_every_module_in_a_score()
    {
        var files = Directory.GetFiles(Score.Place, "*.txt").Select(Path.GetFileNameWithoutExtension);
        Assert.That(files, Is.EquivalentTo(Score.All.Select(s => s.Name)));
        var modules = Score.All.SelectMany(s => s.Modules.Split(',')).ToHashSet();
        foreach (var module in new[] { "looper", "bard", "synth", "fluid", "enchanter", "controller", "reaper", "gain" }) Assert.That(modules, Contains.Item(module));
    }

    // A render says on standard error what it compiled while it played, and a score may say nothing there; here the same live.
    [Test]
    public void Nothing_is_compiled_while_a_device_plays()
    {
        using var folder = new Folder();
        using var server = new RunningServer(folder.Path, "--vault", "none", "--modules", "all,gain,fluid");
        var messages = File.ReadLines(Path.Combine(Score.Place, "everything.txt")).Select(line => Address().Match(line)).Where(m => m.Success).Select(m => m.Value + m.Result("$'"));
        var told = Programs.Run(Programs.Ctl, folder.Path, string.Join('\n', [.. messages, "/gain/level -3", "/fluid/note 60 100", "/server/sync 1"]) + "\n", ["--port", $"{server.Port}", "-"]);
        Assert.That(told.ExitCode, Is.Zero, told.Error);
        var ended = server.Stop(2);
        Assert.That(ended.ExitCode, Is.Zero);
        Assert.That(ended.Error, Does.Not.Contain("were compiled while they played"));
    }

    // What can be turned or done while it plays; a channel of a pattern counts as any channel.
    [TestCase("looper")]
    [TestCase("synth")]
    [TestCase("gain")]
    public void Every_parameter_and_command_is_in_a_score(string module)
    {
        var played = Score.All.SelectMany(s => File.ReadLines(Path.Combine(Score.Place, $"{s.Name}.txt"))).Select(line => Address().Match(line).Value)
            .Select(address => Row().Replace(address, "/N")).ToHashSet();
        var book = File.ReadAllLines(Path.Combine(Tests.Checkout.Root, "protocol", "Addresses.md"));
        var declared = book.Select(line => line.Split('|')).Where(c => c.Length > 4 && c[2].Trim() is "parameter" or "command").Select(c => c[1].Trim())
            .Where(address => address.StartsWith($"/{module}/", StringComparison.Ordinal));
        Assert.That(declared.Where(address => !played.Contains(address)), Is.Empty);
    }

    [GeneratedRegex("/[^ ]+")] private static partial Regex Address();
    [GeneratedRegex(@"/(\d+|\*|\{[^}]*\})(?=/|$)")] private static partial Regex Row();
}
