using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace OscLooper.Tests.House;

/// <summary>The plan of the house, held against the house.</summary>
public partial class PlanTests
{
    // Who may refer to whom. A module knows the contract and the sound arithmetic; the server knows no module.
    static readonly Dictionary<string, string[]> MayReferTo = new()
    {
        ["OscLooper.Osc"] = [],
        ["OscLooper.Contract"] = [],
        ["OscLooper.Dsp"] = ["OscLooper.Contract"],
        ["OscLooper.Gain"] = ["OscLooper.Contract"],
        ["OscLooper.Tone"] = ["OscLooper.Contract"],
        ["OscLooper.Faults"] = ["OscLooper.Contract"],
        ["OscLooper.Tremolo"] = ["OscLooper.Contract"],
        ["OscLooper.Absent"] = [],
        ["OscLooper.Needy"] = ["OscLooper.Contract", "OscLooper.Absent"],
        ["OscLooper.Looper"] = ["OscLooper.Contract", "OscLooper.Dsp"],
        ["OscLooper.Synth"] = ["OscLooper.Contract", "OscLooper.Dsp"],
        ["OscLooper.Fluid"] = ["OscLooper.Contract", "OscLooper.Dsp"],
        ["OscLooper.Bard"] = ["OscLooper.Contract", "OscLooper.Dsp", "Newtonsoft.Json"],
        ["OscLooper.Enchanter"] = ["OscLooper.Contract", "OscLooper.Dsp", "Newtonsoft.Json"],
        ["OscLooper.Reaper"] = ["OscLooper.Contract", "OscLooper.Dsp", "Newtonsoft.Json"],
        ["OscLooper.Engine"] = ["OscLooper.Contract", "OscLooper.Dsp"],
        ["OscLooper.Server"] = ["OscLooper.Osc", "OscLooper.Contract", "OscLooper.Dsp", "OscLooper.Engine", "Newtonsoft.Json", "Spectre.Console", "System.CommandLine"],
        ["OscLooper.Client"] = ["OscLooper.Osc"],
        ["OscLooper.Cli"] = ["OscLooper.Client"],
        ["OscLooper.Demo"] = ["OscLooper.Client", "OscLooper.Dsp"],
        ["OscLooper.Testing"] = ["OscLooper.Server"],
        ["OscLooper.JackCalls"] = ["OscLooper.Engine"],
    };

    [Test]
    public void Every_project_refers_only_to_whom_it_may()
    {
        var offences = new List<string>();
        foreach (var file in Checkout.Files("*.csproj"))
        {
            var name = Path.GetFileNameWithoutExtension(file);
            if (name.Contains("Test") && name != "OscLooper.Testing" || name.EndsWith("Bench")) continue;
            if (!MayReferTo.TryGetValue(name, out var allowed))
            {
                offences.Add($"{name} is not in the plan: add it to {nameof(MayReferTo)}");
                continue;
            }
            var items = XDocument.Load(file).Descendants();
            var refers = items.Where(i => i.Name.LocalName is "ProjectReference" or "PackageReference")
                .Select(i => (string)i.Attribute("Include")!).Select(i => i.EndsWith(".csproj") ? Path.GetFileNameWithoutExtension(i.Replace('\\', '/')) : i);
            offences.AddRange(refers.Where(r => !allowed.Contains(r)).Select(r => $"{name} must not know {r}"));
        }
        Assert.That(offences, Is.Empty);
    }

    [Test]
    public void No_file_is_longer_than_350_lines()
    {
        var long_ = Checkout.Files("*.cs").Select(f => (Lines: File.ReadLines(f).Count(), File: Path.GetRelativePath(Checkout.Root, f))).Where(f => f.Lines > 350);
        Assert.That(long_.Select(f => $"{f.File}: {f.Lines}"), Is.Empty);
    }

    [Test]
    public void Every_public_member_of_a_room_says_on_which_side_it_is()
    {
        string[] rooms = ["modules/Contract", "modules/Dsp", "modules/Gain", "modules/Looper", "server/Engine"];
        var offences = new List<string>();
        foreach (var file in rooms.Where(r => Directory.Exists(Path.Combine(Checkout.Root, r))).SelectMany(r => Checkout.Files("*.cs", r)))
        {
            var lines = File.ReadAllLines(file);
            for (var i = 0; i < lines.Length; i++)
            {
                if (!PublicMember().IsMatch(lines[i]) || lines[i].Contains(" override ") || lines[i].Contains("operator")) continue;
                var text = "";
                for (var k = i - 1; k >= 0 && (lines[k].TrimStart().StartsWith("///") || lines[k].TrimStart().StartsWith('[')); k--) text = lines[k] + text;
                // Members of internal types need no summary; those that have one say their side first.
                if (text.Contains("<summary>") && !Side().IsMatch(text)) offences.Add($"{Path.GetRelativePath(Checkout.Root, file)}:{i + 1} {lines[i].Trim()}");
            }
        }
        Assert.That(offences.Take(20), Is.Empty, $"{offences.Count} in all");
    }

    [Test]
    public void No_committed_text_names_a_place_on_somebodys_machine()
    {
        string[] places = ["/ho" + "me/", "/ro" + "ot/", "/wo" + "rk/", @"C:\Us" + "ers"];
        string[] endings = ["*.cs", "*.md", "*.csproj", "*.props", "*.json", "*.sh", "*.lua"];
        var offences = endings.SelectMany(e => Checkout.Files(e)).Where(f => File.ReadAllText(f) is var text && places.Any(text.Contains)).Select(f => Path.GetRelativePath(Checkout.Root, f));
        Assert.That(offences, Is.Empty);
    }

    [Test]
    public void The_words_that_mean_nothing_are_not_used_as_names()
    {
        var offences = Checkout.Files("*.cs").Select(Path.GetFileNameWithoutExtension).Where(n => Nothing().IsMatch(n!));
        Assert.That(offences, Is.Empty);
    }

    [GeneratedRegex(@"^\s+public (?!enum|delegate)")]
    private static partial Regex PublicMember();
    [GeneratedRegex(@"<summary>\s*(///\s*)?\[(main|audio|worker|any|main, frozen)\]")]
    private static partial Regex Side();
    [GeneratedRegex(@"(Utils?|Helpers?|Manager|Base)$")]
    private static partial Regex Nothing();
}
