using System.Text.RegularExpressions;
using OscLooper.Server;
using OscLooper.Server.Realm;
using OscLooper.Testing;
using OscLooper.Tests.House;

namespace OscLooper.Tests.Server.Realm;

/// <summary>What the page for module authors says is true.</summary>
public partial class AuthorTests
{
    [Test]
    public void The_module_of_the_page_is_the_one_that_is_compiled_here()
    {
        var page = File.ReadAllText(Path.Combine(Checkout.Root, "modules", "README.md"));
        var code = Code().Matches(page).Select(m => m.Groups[1].Value).Single(c => c.Contains("namespace OscLooper.Tremolo"));
        Assert.That(code.Trim(), Is.EqualTo(File.ReadAllText(Path.Combine(Checkout.Root, "tests", "Modules", "Tremolo", "TremoloModule.cs")).ReplaceLineEndings("\n").Trim()));
    }

    [Test]
    public void The_module_of_the_page_sounds_the_same_at_every_block_size_from_its_dll()
    {
        float[]? expected = null;
        foreach (var block in new[] { 7, 64, 256 })
        {
            using var rig = Rig.FromFolder(new ServerOptions { Inputs = 1, Outputs = 1, ModulesFolder = RealmStage.TestModules, Modules = ["tremolo"] });
            rig.SendAt(1000, "/tremolo/depth", 1f);
            rig.SendAt(3000, "/tremolo/reset");
            var output = rig.Render([.. Enumerable.Repeat(1f, 9600)], block);
            expected ??= output;
            Assert.That(output, Is.EqualTo(expected).Within(1e-6), $"block size {block}");
            Assert.That(output.Max(), Is.GreaterThan(0.99));
            Assert.That(output.Min(), Is.LessThan(0.01));
        }
    }

    [Test]
    public void The_modules_of_a_folder_are_read_without_being_loaded()
    {
        var library = new ModuleLibrary(RealmStage.TestModules, line =>
        {
            // One of them is there to be told of.
            if (!line.Contains("NoName", StringComparison.Ordinal)) Assert.Fail(line);
        });
        library.ReadAll();
        Assert.That(library.All.Select(m => m.Name), Is.SupersetOf(new[] { "tone", "tremolo", "trip", "f1", "f9" }));
        Assert.That(library.Find("tremolo"), Has.Property("OnlyWhenNamed").True.And.Property("Version").EqualTo("0.1.0"));
        Assert.That(AppDomain.CurrentDomain.GetAssemblies().Any(a => a.GetName().Name == "OscLooper.Tremolo" && !a.IsCollectible), Is.False);
    }

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Code();
}
