using System.Runtime.Loader;
using System.Text;
using OscLooper.Server.Realm;
using OscLooper.Server.Realtime;
using OscLooper.Testing;

namespace OscLooper.Tests.Server.Realm;

/// <summary>Modules that are wrong in less usual ways, and folders with anything in them.</summary>
public class OddModuleTests
{
    [Test]
    public void Code_that_needs_an_assembly_that_is_not_there_is_not_compiled_ahead_and_harms_nobody()
    {
        var bytes = File.ReadAllBytes(typeof(OscLooper.Looper.LooperModule).Assembly.Location);
        var (name, other) = (Encoding.UTF8.GetBytes("OscLooper.Dsp\0"), Encoding.UTF8.GetBytes("OscLooper.Xsp\0"));
        var places = 0;
        for (int at; (at = bytes.AsSpan().IndexOf(name)) >= 0; places++) other.CopyTo(bytes, at);
        Assert.That(places, Is.GreaterThan(0));
        var context = new AssemblyLoadContext("without", isCollectible: true);
        Assert.That(() => new AudioReach(context.LoadFromStream(new MemoryStream(bytes))).Methods, Throws.Nothing);
        context.Unload();
    }

    [Test]
    public void An_imp_that_hangs_while_it_goes_is_gone_all_the_same()
    {
        using var stage = new RealmStage(null, "tone");
        stage.Well("/realm/load", "stay");
        stage.Well("/realm/unload", "stay");
        Assert.That(stage.Lines, Has.Some.Contains("Dispose needs more than"), "it was given up");
        stage.Well("/realm/load", "stay");
    }

    [Test]
    public void A_save_that_drips_keeps_nobody_waiting_and_is_not_asked_for_again_while_it_hangs()
    {
        using var stage = new RealmStage(null, "tone", "drip");
        IReadOnlyList<ImpData> Gather(string folder)
        {
            IReadOnlyList<ImpData>? saved = null;
            stage.Server.Realm.Gather(Path.Combine(stage.Folder, folder), all => saved = all);
            stage.Until(() => saved is not null, "all are asked", 15);
            return saved!;
        }

        Assert.That(Gather("first").Single(d => d.Imp == "tone").IsFresh, Is.True);
        Assert.That(stage.Imp("drip") is { State: ImpState.Active, Reason: var reason } ? reason : "", Does.Contain("could not be saved").And.Contains("Save needs more"));
        var hung = stage.Server.Realm.Hangs.Count;
        Gather("second");
        Assert.That(stage.Server.Realm.Hangs.Count, Is.LessThanOrEqualTo(hung), "one thread hangs, not one for each save");
    }

    [Test]
    public void A_module_without_a_good_name_is_told_and_the_others_of_its_dll_are_there()
    {
        using var folder = new OscLooper.Tests.Dsp.TemporaryFolder();
        foreach (var copy in new[] { "a.dll", "b.dll" }) File.Copy(Path.Combine(RealmStage.TestModules, "OscLooper.Faults.dll"), folder[copy]);
        var lines = new List<string>();
        var library = new ModuleLibrary(Path.GetDirectoryName(folder["a.dll"])!, lines.Add);
        library.ReadAll();
        Assert.That(lines, Has.Some.Contains("NoName has no good name"));
        Assert.That(lines, Has.Some.Contains("several modules are named f1").And.Contains("a.dll"));
        Assert.That(library.All.Select(m => m.Name), Has.Member("f1").And.None.Contains("/"));
        Assert.That(library.Find("f1")!.Path, Is.EqualTo(folder["a.dll"]));
        Assert.That(library.Find("nested")!.Make(new Tree("nested", null!, default).Root, out _), Is.InstanceOf<Module>());
    }

    [Test]
    public void Bytes_of_any_kind_are_no_module_and_nothing_else([Range(1, 4)] int seed)
    {
        using var folder = new OscLooper.Tests.Dsp.TemporaryFolder();
        var good = File.ReadAllBytes(Path.Combine(RealmStage.TestModules, "OscLooper.Tone.dll"));
        var (random, file) = (new Random(seed), folder["any.dll"]);
        var library = new ModuleLibrary(Path.GetDirectoryName(file)!, _ => { });
        for (var round = 0; round < 200; round++)
        {
            var bytes = good[..(random.Next(3) == 0 ? random.Next(good.Length) : good.Length)];
            for (var i = random.Next(1, 200); i > 0 && bytes.Length > 0; i--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            File.WriteAllBytes(file, bytes);
            Assert.That(library.ReadAll, Throws.Nothing, $"round {round}");
        }
    }

    [TestCase("")]
    [TestCase("a b")]
    [TestCase("a//b")]
    [TestCase("*")]
    [TestCase("#bundle")]
    [TestCase("{a,b}")]
    [TestCase("\u00e9")]
    [TestCase(null)]
    public void A_leaf_has_a_name_that_an_address_can_have(string? name)
    {
        using var rig = Rig.With(at =>
        {
            Assert.That(() => at.Parameter(name!, Spec.Switch(), "x"), Throws.ArgumentException.With.Message.Contains("visible ASCII"));
            Assert.That(() => at.Rows(name!), Throws.ArgumentException);
            return new Silent();
        });
    }

    sealed class Silent : Module
    {
        public override void Process(in Block block) { }
    }
}
