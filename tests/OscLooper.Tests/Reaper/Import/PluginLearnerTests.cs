using System.Text;
using OscLooper.Reaper.Build;
using OscLooper.Reaper.Import;
using OscLooper.Reaper.Plugins;
using OscLooper.Reaper.Rpp;
using OscLooper.Reaper.Song;

namespace OscLooper.Tests.Reaper.Import;

public class PluginLearnerTests
{
    const string Project = """
        <REAPER_PROJECT 0.1 "7.42/win64" 1
          <TRACK
            NAME Lead
            <FXCHAIN
              BYPASS 0 0 0
              <VST "VST3i: Serum 2 (Xfer Records)" Serum2.vst3 0 "" 123456{0123456789ABCDEF0123456789ABCDEF} ""
                AAAA
                BBBB
              >
              <VST "VST: Own Thing (Me)" own.dll 0 "" 7<00> ""
                CCCC
              >
              <JS my/effect ""
                1 - 0.5 "a b" - -
              >
            >
          >
        >
        """;

    [Test]
    public void What_was_learned_is_certain_and_brings_its_preset()
    {
        var registry = PluginRegistry.Load();
        Assert.That(registry.Find("Serum 2")!.Certain, Is.False);
        var learned = PluginLearner.Learn(RppDocument.Parse(Encoding.UTF8.GetBytes(Project)), registry, "lead").ToJson();

        var taught = PluginRegistry.Load();
        taught.Merge(learned, "learned");
        var entry = taught.Find("Serum2")!;
        Assert.That((entry.Key, entry.Certain, entry.IdText), Is.EqualTo(("Serum_2", true, "123456{0123456789ABCDEF0123456789ABCDEF}")));
        Assert.That(taught.Preset("Serum_2", "Lead")!.State, Is.EqualTo(new[] { "AAAA", "BBBB" }));
        Assert.That(taught.Preset("Serum_2", "bass"), Is.Null);
        Assert.That(taught.Find("Own_Thing_VST")!.File, Is.EqualTo("own.dll"));
        Assert.That(taught.Preset("js:my/effect", "lead")!.Params, Is.EqualTo(new object?[] { 1.0, null, 0.5, "a b" }));

        var built = SongBuilder.Build(SongJson.Read("""{"version":1,"tracks":[{"name":"x","role":"lead","plugins":["Serum 2"]}]}""", taught), taught, 1);
        Assert.That(built.Warnings, Is.Empty);
        Assert.That(built.Document.Project!.Block("TRACK")!.Block("FXCHAIN")!.Block("VST")!.Children, Has.Count.EqualTo(2));
    }

    [Test]
    public void A_plug_in_that_is_not_certain_is_warned_of_by_name_once()
    {
        var song = SongJson.Read("""{"version":1,"tracks":[{"name":"x","plugins":["Serum 2","Serum2","ReaEQ"]}]}""", Golden.Registry);
        Assert.That(SongBuilder.Build(song, Golden.Registry, 1).Warnings.Single(), Does.Contain("Serum_2").And.Contain("not known for certain"));
    }

    [Test]
    public void Presets_fall_back_from_the_role_to_every_role_to_the_fallback()
    {
        var registry = PluginRegistry.Load();
        registry.Merge("""{"version":1,"presets":[{"plugin":"ReaEQ","role":"fallback","state":["FFFF"]}]}""", "t");
        Assert.That(registry.Preset("ReaEQ", "bass")!.State, Is.EqualTo(new[] { "FFFF" }));
        registry.Merge("""{"version":1,"presets":[{"plugin":"ReaEQ","state":["EEEE"]}]}""", "t");
        Assert.That(registry.Preset("ReaEQ", "bass")!.State, Is.EqualTo(new[] { "EEEE" }));
        registry.Merge("""{"version":1,"presets":[{"plugin":"ReaEQ","role":"Bass","state":["BBBB"]}]}""", "t");
        Assert.That(registry.Preset("ReaEQ", "bass")!.State, Is.EqualTo(new[] { "BBBB" }));
        Assert.That(registry.Preset("ReaComp", "bass"), Is.Null);
    }

    [Test]
    public void Learning_twice_gives_the_same_file_and_keeps_what_was_there()
    {
        var document = RppDocument.Parse(Encoding.UTF8.GetBytes(Project));
        var first = PluginLearner.Learn(document, PluginRegistry.Load(), "lead");
        var text = first.ToJson();
        Assert.That(first.ToJson(text), Is.EqualTo(text));
        Assert.That(PluginLearner.Learn(document, PluginRegistry.Load(), "bass").ToJson(text), Does.Contain("\"lead\"").And.Contain("\"bass\""));
    }

    [Test]
    public void The_origin_s_names_lead_to_plug_ins()
    {
        foreach (var name in new[] { "Serum2", "FabFilter Pro-Q 3", "Pro-Q 3", "Pro-Q_3", "Valhalla Delay", "ValhallaDelay", "Decapitator", "Ozone 12 Maximizer", "Omnisphere", "Diva", "Pigments", "ShaperBox 3", "Kontakt 7", "VC 76", "ReaSamplOmatic5000", "Gullfoss Live", "The Glue", "Trackspacer 2.5", "Tone2 Electra", "js:utility/volume" })
            Assert.That(Golden.Registry.Find(name), Is.Not.Null, name);
        Assert.That(Golden.Registry.Keys.Count(), Is.GreaterThanOrEqualTo(97));
    }

    [Test]
    public void Ids_of_VST2_effects_follow_from_their_code_and_name()
    {
        foreach (var e in Golden.Registry.Keys.Select(k => Golden.Registry.Find(k)!).Where(e => e.Certain && e.Name.StartsWith("VST", StringComparison.Ordinal) && !e.Name.StartsWith("VST3", StringComparison.Ordinal)))
            Assert.That(e.Uid[..14], Is.EqualTo("565354" + e.Id.ToString("X8")), e.Key);
    }

    [TestCase("{")]
    [TestCase("[]")]
    [TestCase("{\"version\":2}")]
    [TestCase("{\"version\":1,\"plugins\":[{}]}")]
    [TestCase("{\"version\":1,\"plugins\":3}")]
    [TestCase("{\"version\":1,\"presets\":[3]}")]
    public void A_broken_plug_in_file_is_refused_by_its_name(string json) =>
        Assert.That(Assert.Throws<RppError>(() => PluginRegistry.Load().Merge(json, "mine.json"))!.Message, Does.Contain("mine.json").Or.Contain("a plug-in needs"));
}
