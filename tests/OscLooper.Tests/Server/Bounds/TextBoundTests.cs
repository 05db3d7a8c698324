using OscLooper.Osc;
using OscLooper.Server.Describe;
using OscLooper.Testing;

namespace OscLooper.Tests.Server.Bounds;

/// <summary>Texts: as long as the leaf says and no longer, said with the figure.</summary>
public sealed class TextBoundTests
{
    static Rig Everything(string folder) => new(new() { Channels = 1, MemoryMib = 64, Folders = [folder] },
        ("looper", at => new OscLooper.Looper.LooperModule(at)), ("reaper", at => new OscLooper.Reaper.ReaperModule(at)), ("bard", at => new OscLooper.Bard.BardModule(at)),
        ("controller", at => new OscLooper.Enchanter.ControllerModule(at)), ("enchanter", at => new OscLooper.Enchanter.EnchanterModule(at)), ("synth", at => new OscLooper.Synth.SynthModule(at)));

    [Test]
    public void A_text_that_is_longer_than_its_leaf_takes_is_refused_with_the_figure()
    {
        using var folder = new OscLooper.Tests.Dsp.TemporaryFolder();
        using var rig = Everything(folder[""]);
        var (wrong, count) = (new List<string>(), 0);
        foreach (var entry in AddressBook.Of(rig.Server).Where(e => !e.Declaration.IsReadOnly))
            for (var place = 0; place < entry.Declaration.Specs.Count; place++)
            {
                var spec = entry.Declaration.Specs[place];
                if (spec.Kind is not (SpecKind.Text or SpecKind.Rest) || spec.MostBytes >= Spec.LongestMessage) continue;
                var address = entry.Address.Replace("/N/", "/1/").Replace("NAME", "synth");
                // Two bytes each: it is bytes that count.
                OscValue[] arguments = [.. entry.Declaration.Specs.Where(s => s == spec || !s.Optional && s.Kind != SpecKind.Rest).Select(s => s.Kind == SpecKind.Number ? (OscValue)s.Initial : "x")];
                arguments[Math.Min(place, arguments.Length - 1)] = new string('é', spec.MostBytes / 2 + 1);
                var answer = rig.Call(address, arguments).FirstOrDefault(m => m.Address == "/fail");
                if (answer is null || answer.Arguments[1].Text != "out of range" || !answer.Arguments[2].Text.Contains($"{spec.MostBytes} is the most")) wrong.Add($"{address} {place}: {answer}");
                count++;
            }
        Assert.That(wrong, Is.Empty, string.Join('\n', wrong));
        Assert.That(count, Is.GreaterThan(25));
        Assert.That(rig.Call("/server/ping", 1), Has.Count.EqualTo(1));
    }

    [Test]
    public void Names_of_256_bytes_and_patterns_of_1024_are_taken_and_told()
    {
        using var folder = new OscLooper.Tests.Dsp.TemporaryFolder();
        using var rig = Everything(folder[""]);
        var name = string.Concat(Enumerable.Repeat("né", 85)) + "x";
        Assert.That(System.Text.Encoding.UTF8.GetByteCount(name), Is.EqualTo(256));
        rig.Send("/looper/channel/1/name", name);
        Assert.That(rig.Value("/looper/channel/1/name"), Is.EqualTo(name));
        Assert.That(rig.Call("/looper/channels")[0].Arguments[3].Text, Is.EqualTo(name));
        Assert.That(rig.Call("/enchanter/preset/store", name, "/looper/channel/1/volume")[^1].Address, Is.EqualTo("/done"));
        Assert.That(rig.Call("/enchanter/presets")[0].Arguments[0].Text, Is.EqualTo(name));
        var imp = "i" + new string('m', 255);
        Assert.That(rig.Call("/realm/load", "synth", imp)[^1].Address, Is.EqualTo("/done"));
        Assert.That(rig.Value($"/{imp}/gain"), Is.EqualTo(rig.Value("/synth/gain")));

        var pattern = "/looper/channel/1/{volume,pan" + new string('x', 1024 - 30) + "}";
        Assert.That(pattern, Has.Length.EqualTo(1024));
        var subscribed = rig.Call("/server/subscribe", pattern);
        Assert.That(subscribed[^1].ToString(), Does.StartWith("/done"));
        Assert.That(subscribed.Select(m => m.Address), Does.Contain("/looper/channel/1/volume"));
        Assert.That(rig.Call(pattern).Select(m => m.Address), Does.Contain("/looper/channel/1/volume"), "a question");
        Assert.That(rig.Call("/server/subscribe", pattern + "x")[^1].Arguments[2].Text, Does.Contain("1025 bytes; 1024 is the most"));
        Assert.That(rig.Call("/enchanter/preset/store", "p", pattern)[^1].Address, Is.EqualTo("/done"));
    }

    [Test]
    public void A_session_and_an_imp_with_the_longest_names_are_saved_and_come_back()
    {
        using var folder = new OscLooper.Tests.Dsp.TemporaryFolder();
        var options = new OscLooper.Server.ServerOptions { Vault = folder["vault"], Channels = 1 };
        var (session, imp) = (new string('é', 128), "l" + new string('o', 255));
        using (var rig = new Rig(options, (imp, at => new OscLooper.Looper.LooperModule(at))))
        {
            rig.Send($"/{imp}/channel/1/name", "kept");
            Assert.That(rig.Call("/session/save", session)[^1].ToString(), Does.StartWith("/done"));
            Assert.That(rig.Call("/session/save", session + "x")[^1].Arguments[1].Text, Is.EqualTo("out of range"));
            rig.Send($"/{imp}/channel/1/name", "lost");
            Assert.That(rig.Call("/session/list").Select(m => m.Arguments[0].Text), Does.Contain(session));
        }
        using (var rig = new Rig(options, (imp, at => new OscLooper.Looper.LooperModule(at))))
        {
            rig.Send("/session/load", session);
            for (var n = 0; n < 1000 && !rig.Replies.Any(r => r.Message.Address is "/done" or "/fail"); n++) rig.Render(128);
            Assert.That(rig.TakeReplies()[^1].ToString(), Does.StartWith("/done"));
            Assert.That(rig.Value("/session/name"), Is.EqualTo(session));
            Assert.That(rig.Value($"/{imp}/channel/1/name"), Is.EqualTo("kept"));
        }
    }
}
