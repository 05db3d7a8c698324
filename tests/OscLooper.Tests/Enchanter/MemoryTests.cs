using Newtonsoft.Json;
using OscLooper.Enchanter;
using OscLooper.Tests.Dsp;

namespace OscLooper.Tests.Enchanter;

public class MemoryTests
{
    static Studio Made(out EnchanterModule module)
    {
        EnchanterModule? made = null;
        var studio = new Studio(("looper", at => new OscLooper.Looper.LooperModule(at)), ("enchanter", at => made = new EnchanterModule(at)));
        module = made!;
        return studio;
    }

    static string Bindings(Studio studio) => string.Join("\n", studio.Rig.Call("/enchanter/bindings").Select(m => m.ToString()).Order());

    [Test]
    public void Bindings_presets_and_pages_of_the_grid_come_back_word_for_word()
    {
        using var folder = new TemporaryFolder();
        string before;
        using (var studio = Made(out var module))
        {
            studio.Rig.Send("/enchanter/bind", "p85/reverb", "/looper/channel/1/rate", 0.5f, 2f, "exponential jump");
            studio.Rig.Send("/enchanter/bind", "apc_key_25_mk2/pad/1/1", "/looper/channel/1/scene 2");
            studio.Rig.Send("/enchanter/unbind", "mpk_mini_mk3/knob/1");
            studio.Rig.Send("/enchanter/preset/store", "one", "/looper/channel/{1,2}/volume");
            before = Bindings(studio);
            module.Save(new DirectoryInfo(folder[""]));
        }
        var text = File.ReadAllText(Path.Combine(folder[""], "enchanter.json"));
        Assert.That(text, Does.Contain("\"control\": \"p85/reverb\"").And.Contains("/looper/channel/2/volume"));
        using (var studio = Made(out var module))
        {
            module.Load(new DirectoryInfo(folder[""]), 1);
            studio.Rig.Server.Settle();
            Assert.That(Bindings(studio), Is.EqualTo(before));
            Assert.That(before, Does.Not.Contain("mpk_mini_mk3/knob/1 "));
            studio.Rig.Send("/looper/channel/2/volume", 0.1f);
            studio.Rig.Send("/enchanter/preset/recall", "one");
            studio.Rig.Render(64);
            Assert.That(studio.Rig.Number("/looper/channel/2/volume"), Is.EqualTo(1));
            using var again = new TemporaryFolder();
            module.Save(new DirectoryInfo(again[""]));
            Assert.That(File.ReadAllText(Path.Combine(again[""], "enchanter.json")), Is.EqualTo(text));
        }
    }

    [TestCase("")]
    [TestCase("{")]
    [TestCase("[]")]
    [TestCase("""{"bindings":[{"control":"a","address":"no address"}]}""")]
    [TestCase("""{"bindings":[{"control":"a","address":"/a","low":"x"}]}""")]
    public void A_file_that_is_not_ours_changes_nothing(string text)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(Path.Combine(folder[""], "enchanter.json"), text);
        using var studio = Made(out var module);
        var before = Bindings(studio);
        Assert.That(() => module.Load(new DirectoryInfo(folder[""]), 1), Throws.InstanceOf<JsonException>().Or.InstanceOf<FormatException>());
        studio.Rig.Server.Settle();
        Assert.That(Bindings(studio), Is.EqualTo(before));
    }

    [Test]
    public void A_frozen_enchanter_does_nothing_and_knows_everything_afterwards()
    {
        using var studio = Made(out var module);
        var (device, lights) = studio.PlugBoth("APC Key 25 mk2 C");
        studio.Rig.Send("/enchanter/bind", "apc_key_25_mk2/pad/1/2", "/looper/channel/3/record");
        studio.Wait();
        module.Freeze();
        studio.Rig.Server.Settle();
        Studio.Sent(lights);
        studio.Play(device, 0x90, 33, 127, 0x80, 33, 0);
        studio.Wait();
        Assert.That(studio.Rig.Value("/looper/channel/3/state"), Does.StartWith("idle"));
        Assert.That(module.Unfreeze(out _), Is.True);
        studio.Rig.Server.Settle();
        studio.Wait();
        // All lights anew; a bound pad that switches nothing shows that it is bound.
        Assert.That(Studio.Sent(lights), Does.StartWith("F0 7E 00 06 01 F7").And.Contains("96 21 17"));
        studio.Play(device, 0x90, 33, 127, 0x80, 33, 0);
        studio.Wait();
        Assert.That(studio.Rig.Value("/looper/channel/3/state"), Does.StartWith("recording"));
    }

    [Test]
    public void A_respawn_keeps_bindings_and_paints_all_lights_anew()
    {
        using var studio = Made(out _);
        var lights = studio.PlugBoth("APC Key 25 mk2 C").Out;
        studio.Rig.Send("/enchanter/bind", "apc_key_25_mk2/pad/1/2", "/looper/channel/3/record");
        studio.Rig.Render(4800, 480);
        var before = Bindings(studio);
        Studio.Sent(lights);
        Assert.That(studio.Rig.Call("/realm/imp/enchanter/respawn").Select(m => m.ToString()), Has.Some.StartWith("/done"));
        studio.Rig.Render(9600, 480);
        Assert.That(Bindings(studio), Is.EqualTo(before));
        Assert.That(Studio.Sent(lights), Does.StartWith("F0 7E 00 06 01 F7").And.Contains("96 20 00").And.Contains("90 5D 00"));
    }

    [Test]
    public void The_column_of_a_channel_that_is_removed_goes_dark()
    {
        using var studio = Made(out _);
        var lights = studio.PlugBoth("APC Key 25 mk2 C").Out;
        studio.Rig.Send("/looper/channel/2/record");
        studio.Rig.Render(4800, 480);
        Assert.That(Studio.Sent(lights), Does.Contain("96 21 05"));
        studio.Rig.Send("/looper/channel/2/remove");
        studio.Rig.Render(96000, 480);
        Assert.That(Studio.Sent(lights), Is.EqualTo("96 21 00"));
    }
}
