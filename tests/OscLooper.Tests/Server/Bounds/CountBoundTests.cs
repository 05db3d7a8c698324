using OscLooper.Looper;
using OscLooper.Osc;
using OscLooper.Server;
using OscLooper.Server.Realtime;
using OscLooper.Testing;

namespace OscLooper.Tests.Server.Bounds;

/// <summary>How many of each kind there may be: so many are made, saved and loaded; one more is refused with the figure.</summary>
public sealed class CountBoundTests
{
    static string Refused(Rig rig, string address, params OscValue[] arguments)
    {
        var answer = rig.Call(address, arguments)[^1];
        Assert.That(answer.Address, Is.EqualTo("/fail"), answer.ToString());
        Assert.That(answer.Arguments[1].Text, Is.EqualTo("refused"), answer.ToString());
        return answer.Arguments[2].Text;
    }

    static void Well(Rig rig, string address, params OscValue[] arguments)
    {
        var answer = rig.Call(address, arguments)[^1];
        Assert.That(answer.Address, Is.EqualTo("/done"), answer.ToString());
    }

    [Test]
    public void The_most_channels_with_names_loops_and_scenes_are_saved_and_come_back_and_one_more_is_refused()
    {
        using var folder = new OscLooper.Tests.Dsp.TemporaryFolder();
        var options = new ServerOptions { Vault = folder["vault"], Channels = 8, MemoryMib = 256 };
        var name = new string('n', 252);
        using (var rig = new Rig(options, ("looper", at => new LooperModule(at))))
        {
            // As a burst would: the audio side sees none of it in between.
            for (var n = 8; n < 1024; n++) rig.Client.Send("/looper/add_channel", n % 7 == 0 ? "midi" : "audio");
            rig.Server.Settle();
            var answers = rig.TakeReplies();
            Assert.That(answers.Count(m => m.Address == "/done"), Is.EqualTo(1016), answers.FirstOrDefault(m => m.Address == "/fail")?.ToString());
            Assert.That(Refused(rig, "/looper/add_channel"), Is.EqualTo("there are 1024 channels; 1024 is the most"));
            for (var n = 1; n <= 1024; n++) rig.Client.Send($"/looper/channel/{n}/name", name + n.ToString("0000"));
            for (var n = 1; n < 64; n++) rig.Client.Send("/looper/channel/1024/add_scene");
            rig.Server.Settle();
            Assert.That(Refused(rig, "/looper/channel/1024/add_scene"), Is.EqualTo("the channel has 64 scenes; that is the most"));
            rig.Send("/looper/channel/*/record");
            rig.Render([.. Enumerable.Range(0, 300).Select(i => i / 1000f)]);
            rig.Send("/looper/channel/*/play");
            rig.Render(16);
            Assert.That(rig.Call("/looper/channel/*/frames").Count(m => m.Arguments[0].Whole == 300), Is.EqualTo(1024));
            Well(rig, "/session/save", "many");
        }
        using (var rig = new Rig(options with { Session = "many" }, ("looper", at => new LooperModule(at))))
        {
            rig.Render(16);
            Assert.That(rig.Call("/looper/channels")[^1].Arguments[1].Whole, Is.EqualTo(1024));
            Assert.That(rig.Call("/looper/channel/*/frames").Count(m => m.Arguments[0].Whole == 300), Is.EqualTo(1024));
            Assert.That(rig.Call("/looper/channel/*/state").Count(m => m.Arguments[0].Text == "looping"), Is.EqualTo(1024));
            foreach (var n in new[] { 1, 7, 512, 1024 }) Assert.That(rig.Value($"/looper/channel/{n}/name"), Is.EqualTo(name + n.ToString("0000")));
            Assert.That(rig.Number("/looper/channel/1024/scenes"), Is.EqualTo(64));
            // A number is never given again, but its place is free.
            Well(rig, "/looper/channel/5/remove");
            rig.Render(4096);
            Well(rig, "/looper/add_channel");
        }
    }

    [Test]
    public void A_vault_with_more_channels_than_may_be_made_loses_none()
    {
        using var folder = new OscLooper.Tests.Dsp.TemporaryFolder();
        var options = new ServerOptions { Vault = folder["vault"], Channels = 1100, MemoryMib = 256 };
        using (var rig = new Rig(options, ("looper", at => new LooperModule(at)))) Well(rig, "/vault/save");
        using var again = new Rig(options with { Channels = 8 }, ("looper", at => new LooperModule(at)));
        Assert.That(again.Call("/looper/channels")[^1].Arguments[1].Whole, Is.EqualTo(1100));
        Assert.That(Refused(again, "/looper/add_channel"), Is.EqualTo("there are 1100 channels; 1024 is the most"));
    }

    [Test]
    public void A_thousand_presets_of_everything_are_kept_in_little_room_and_come_back()
    {
        using var folder = new OscLooper.Tests.Dsp.TemporaryFolder();
        var options = new ServerOptions { Vault = folder["vault"] };
        (string, Func<Branch, Module>)[] modules = [("looper", at => new LooperModule(at)), ("bard", at => new OscLooper.Bard.BardModule(at)), ("synth", at => new OscLooper.Synth.SynthModule(at)),
            ("controller", at => new OscLooper.Enchanter.ControllerModule(at)), ("enchanter", at => new OscLooper.Enchanter.EnchanterModule(at))];
        long count;
        using (var rig = new Rig(options, modules))
        {
            Well(rig, "/enchanter/preset/store", "p0", "//*");
            count = rig.Call("/enchanter/presets")[0].Arguments[1].Whole;
            Assert.That(count, Is.GreaterThan(500));
            var before = GC.GetTotalMemory(forceFullCollection: true);
            for (var n = 1; n < 1024; n++)
            {
                rig.Client.Send($"/looper/channel/{n % 8 + 1}/volume", n / 1024f);
                // Where it is asked for below, what was set has acted before it is stored.
                if (n is > 498 and < 502) rig.Server.Settle();
                rig.Client.Send("/enchanter/preset/store", $"p{n}", "//*");
                if (n % 64 == 0) rig.Server.Settle();
            }
            rig.Server.Settle();
            rig.TakeReplies();
            var perPreset = (GC.GetTotalMemory(forceFullCollection: true) - before) / 1024.0;
            TestContext.Out.WriteLine($"{count} addresses: {perPreset:0} bytes a preset");
            Assert.That(perPreset, Is.LessThan(count * 8 + 10_000));
            Assert.That(Refused(rig, "/enchanter/preset/store", "one more"), Is.EqualTo("there are 1024 presets; 1024 is the most"));
            Well(rig, "/enchanter/preset/store", "p700", "/looper/channel/1/volume");
            Well(rig, "/enchanter/preset/remove", "p500");
            Well(rig, "/vault/save");
            var file = Directory.GetFiles(folder["vault"], "enchanter.json", SearchOption.AllDirectories).MaxBy(File.GetLastWriteTimeUtc)!;
            Assert.That(new FileInfo(file).Length, Is.LessThan(1 << 20));
        }
        using (var rig = new Rig(options, modules))
        {
            var presets = rig.Call("/enchanter/presets");
            Assert.That(presets[^1].Arguments[1].Whole, Is.EqualTo(1023));
            Assert.That(presets.First(p => p.Arguments[0].Text == "p499").Arguments[1].Whole, Is.EqualTo(count));
            Assert.That(presets.First(p => p.Arguments[0].Text == "p700").Arguments[1].Whole, Is.EqualTo(1));
            // Before the first block: what is set now is not overwritten by what was saved.
            Well(rig, "/enchanter/preset/recall", "p501");
            rig.Render(8192);
            Assert.That(rig.Number($"/looper/channel/{501 % 8 + 1}/volume"), Is.EqualTo(501 / 1024f).Within(1e-6));
            Assert.That(rig.Number($"/looper/channel/{500 % 8 + 1}/volume"), Is.EqualTo(500 / 1024f).Within(1e-6));
        }
    }

    [Test]
    public void A_preset_of_more_addresses_than_one_may_hold_is_refused_and_not_cut_short()
    {
        using var rig = new Rig(new() { Channels = 300 }, ("looper", at => new LooperModule(at)), ("controller", at => new OscLooper.Enchanter.ControllerModule(at)), ("enchanter", at => new OscLooper.Enchanter.EnchanterModule(at)));
        Assert.That(Refused(rig, "/enchanter/preset/store", "all", "//*"), Is.EqualTo("more than 8192 addresses match; that is the most for a preset"));
        Assert.That(rig.Call("/enchanter/presets")[^1].Arguments[1].Whole, Is.Zero);
    }

    [Test]
    public void A_burst_of_imps_is_made_two_at_a_time()
    {
        using var server = new OscLooper.Server.Server(new() { OscPort = 0, Quiet = true }, [("gain", at => new OscLooper.Gain.GainModule(at))]);
        var client = server.Connect("fast");
        Go(server);
        for (var n = 1; n <= 20; n++) client.Send("/realm/load", "gain", $"g{n}");
        var (most, clock) = (0, System.Diagnostics.Stopwatch.StartNew());
        while (client.Replies.Count(r => r.Message.Address == "/done") < 20)
        {
            Go(server, 1);
            most = Math.Max(most, server.Realm.Making);
            Assert.That(clock.Elapsed.TotalSeconds, Is.LessThan(90), "all are made");
        }
        Assert.That(most, Is.InRange(1, 2));
    }

    [Test]
    public void The_most_imps_are_made_and_one_more_is_refused()
    {
        using var rig = new Rig(new(), ("gain", at => new OscLooper.Gain.GainModule(at)));
        for (var n = 1; n < 300; n++) rig.Client.Send("/realm/load", "gain", $"g{n}");
        rig.Server.Settle();
        var answers = rig.TakeReplies();
        Assert.That(answers.Count(m => m.Address == "/done"), Is.EqualTo(127));
        Assert.That(answers.Where(m => m.Address == "/fail").Select(m => m.Arguments[2].Text).Distinct(), Is.EqualTo(new[] { "there are 128 imps; 128 is the most" }));
        Assert.That(rig.Call("/realm/imps").Count(m => m.Arguments.Length > 3 && m.Arguments[3].Text == "active"), Is.EqualTo(128));
        for (var n = 1; n < 128; n++) rig.Client.Send("/realm/unload", $"g{n}");
        rig.Server.Settle();
        rig.Render(2000);
        Assert.That(rig.Server.Realm.Imps, Has.Count.EqualTo(1));
    }

    [Test]
    public void The_most_sessions_are_listed_and_opened_and_one_more_is_refused()
    {
        using var folder = new OscLooper.Tests.Dsp.TemporaryFolder();
        using var rig = new Rig(new() { Vault = folder["vault"] }, ("gain", at => new OscLooper.Gain.GainModule(at)));
        Well(rig, "/session/save", "first");
        for (var n = 1; n < 4096; n++)
        {
            Directory.CreateDirectory(folder[$"vault/sessions/s{n}"]);
            File.Copy(folder["vault/sessions/first/session.json"], folder[$"vault/sessions/s{n}/session.json"]);
        }
        Assert.That(rig.Call("/session/list")[^1].Arguments[1].Whole, Is.EqualTo(4096));
        foreach (var job in (string[])["/session/save", "/session/new"])
            Assert.That(rig.Call(job, "one more")[^1].ToString(), Does.StartWith($"/fail {job} failed").And.Contain("there are 4096 sessions; 4096 is the most"));
        Assert.That(rig.Value("/session/name"), Is.EqualTo("first"));
        Well(rig, "/session/save", "s7");
        // Modules come and go with a fade.
        rig.Send("/session/load", "first");
        rig.Render(4096);
        Assert.That((rig.TakeReplies()[^1].Address, rig.Value("/session/name")), Is.EqualTo(("/done", "first")));
        Directory.Delete(folder["vault/sessions/s9"], recursive: true);
        Well(rig, "/session/save", "one more");
    }

    [Test]
    public void Connections_have_a_bound()
    {
        using var rig = new Rig(new(), ("bard", at => new OscLooper.Bard.BardModule(at)));
        OscMessage last = null!;
        var made = 0;
        for (var n = 0; n < 5000; n++)
        {
            rig.Client.Send("/realm/connect", "bard:out/1", $"midi:port {n}");
            last = rig.Replies.Last().Message;
            if (last.Address != "/done") break;
            made++;
        }
        Assert.That(made, Is.InRange(4000, 4096));
        Assert.That(last.Arguments[2].Text, Is.EqualTo("there are 4096 connections; 4096 is the most"));
    }

    [Test]
    public void Changes_while_the_audio_side_stands_still_are_made_when_it_goes_on()
    {
        using var server = new OscLooper.Server.Server(new() { OscPort = 0, Quiet = true }, [("gain", at => new OscLooper.Gain.GainModule(at))]);
        var client = server.Connect("fast");
        Go(server);
        for (var n = 0; n < 500; n++)
        {
            client.Send(n % 2 == 0 ? "/realm/disconnect" : "/realm/connect", "gain:out", "audio:out");
            server.Pump();
        }
        Assert.That(client.Replies.Count(r => r.Message.Address == "/done"), Is.EqualTo(500));
        Go(server);
        Assert.That(server.Realm.Stage.IsStill, Is.True);
        Assert.That(server.Engine.Patch.Connections.Count(c => c.From.Imp == "gain"), Is.EqualTo(2));
    }

    static unsafe void Go(OscLooper.Server.Server server, int blocks = 200)
    {
        for (var n = 0; n < blocks; n++)
        {
            server.Engine.Process(null, null, 128);
            server.Pump();
        }
    }
}
