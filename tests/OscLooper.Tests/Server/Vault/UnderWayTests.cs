using OscLooper.Looper;
using OscLooper.Server;
using OscLooper.Testing;

namespace OscLooper.Tests.Server.Vault;

/// <summary>A session that was saved while something was being recorded is loaded again, and saved again: each time all that came to the disk is there.</summary>
public class UnderWayTests
{
    const int Beat = 24_000, Frames = 4 * Beat;
    readonly VaultStage stage = new();
    readonly List<string> lines = [];

    [TearDown]
    public void GoAway() => stage.Dispose();

    Rig Open()
    {
        var rig = new Rig(new ServerOptions { Vault = stage.Folder, Channels = 2, Folders = [Path.GetTempPath()] }, ("looper", at => new LooperModule(at)));
        rig.Server.Logged = (level, line) => { if (level >= LogLevel.Warning) lines.Add(line); };
        lines.AddRange(rig.Server.Vault.Findings.Where(f => f.Level >= LogLevel.Warning).Select(f => f.Text));
        rig.Render(512);
        return rig;
    }

    static void Play(Rig rig, int frames) => rig.Render([.. Enumerable.Range(0, frames).Select(i => 0.3f * MathF.Sin(i * 0.031f))], 128);

    void Do(Rig rig, string address, params OscLooper.Osc.OscValue[] arguments)
    {
        rig.Replies.Clear();
        rig.Send(address, arguments);
        rig.Render(1024);
        var reply = rig.TakeReplies().Last(r => r.Address is "/done" or "/fail");
        Assert.That(reply.Address, Is.EqualTo("/done"), $"{reply}; {string.Join('\n', lines)}");
    }

    static string Loop(Rig rig) =>
        $"{rig.Value("/looper/channel/1/frames")} frames, {rig.Value("/looper/channel/1/layers")} layers, {rig.Call("/looper/channel/1/peaks", 64)[0]}";

    [Test]
    public void A_take_that_was_under_way_in_a_saved_session_outlives_the_next_save_and_restart()
    {
        using (var rig = Open())
        {
            rig.Send("/looper/channel/1/sync", "none");
            rig.Send("/looper/channel/1/record");
            Play(rig, Frames);
            Do(rig, "/session/save", "jam");
            Play(rig, Beat);
            Do(rig, "/session/load", "jam");
            var loaded = Loop(rig);
            Assert.That((int)rig.Number("/looper/channel/1/frames"), Is.GreaterThanOrEqualTo(Frames), "the take waits as a loop");
            // Another save between: then nobody but the saves has it.
            for (var n = 0; n < 4; n++) Do(rig, "/vault/save");
            Assert.That(Loop(rig), Is.EqualTo(loaded));
            stage.Crash();
            using var next = Open();
            Assert.That(Loop(next), Is.EqualTo(loaded), string.Join('\n', lines));
        }
        Assert.That(lines.Where(l => l.Contains("left out")), Is.Empty);
    }

    [Test]
    public void A_pass_that_was_under_way_in_a_saved_session_outlives_the_next_save_and_restart()
    {
        using var rig = Open();
        rig.Send("/looper/channel/1/sync", "none");
        rig.Send("/looper/channel/1/record");
        rig.Render(Frames);
        rig.Send("/looper/channel/1/play");
        rig.Render(300);
        rig.Send("/looper/channel/1/overdub");
        Play(rig, Beat);
        Do(rig, "/session/save", "jam");
        Play(rig, Beat);
        stage.Crash();
        // The server that comes after it takes what came to the disk after the save, and saves it by itself.
        using var second = Open();
        var loaded = Loop(second);
        TestContext.Out.WriteLine(loaded);
        for (var n = 0; n < 4; n++) Do(second, "/vault/save");
        Assert.That(Loop(second), Is.EqualTo(loaded));
        stage.Crash();
        using var third = Open();
        Assert.That(Loop(third), Is.EqualTo(loaded), string.Join('\n', lines));
        Assert.That(lines.Where(l => l.Contains("left out")), Is.Empty);
    }

    [Test]
    public void Channels_that_are_added_and_removed_right_behind_a_load_are_so_for_main_for_the_sound_and_after_a_restart()
    {
        using var rig = Open();
        Do(rig, "/session/save", "jam");
        for (var round = 0; round < 8; round++)
        {
            rig.Send("/looper/channel/1/remove");
            rig.Replies.Clear();
            rig.Send("/session/load", "jam");
            // In the block in which the load is announced, and in those around it.
            if (round > 0) rig.Render(16 * round, 16);
            rig.Send("/looper/add_channel", "audio", 1);
            rig.Send("/looper/channel/2/remove");
            rig.Render(4096, 64);
            var replies = rig.TakeReplies();
            Assert.That(replies.Where(r => r.Address == "/fail"), Is.Empty);
            var listed = rig.Call("/looper/channels").SkipLast(1).Select(r => (int)r.Arguments[0].Whole).ToArray();
            Assert.That(listed, Has.Length.EqualTo(2).And.Contains(1).And.Not.Contains(2), $"round {round}: 1 came back, 2 went, one was added");
            foreach (var number in listed) Assert.That(rig.Call($"/looper/channel/{number}/clear").Where(r => r.Address == "/fail"), Is.Empty, $"round {round}: channel {number} plays");
            rig.Send("/server/panic");
            using var copy = new OscLooper.Tests.Dsp.TemporaryFolder();
            Assert.That(Saved(rig, copy["all"]), Is.EqualTo(listed), $"round {round}: what is saved");
        }
    }

    [Test]
    public void A_frozen_looper_is_saved_as_it_was_and_can_be_respawned()
    {
        using var folder = new OscLooper.Tests.Dsp.TemporaryFolder();
        const string At = "/looper/channel/1/";
        string[] asked = [At + "frames", At + "layers", At + "volume"];
        Dictionary<string, string> before;
        using (var live = new Soaking.SoakStage(1, 2, folder))
        {
            live.Until(() => live.IsActive("looper"), "the looper plays");
            foreach (var action in new[] { "record", "play" })
            {
                live.Client.Send(At + action);
                var from = live.Seconds;
                live.Until(() => live.Seconds > from + 0.5, action);
            }
            live.Client.Send(At + "volume", 0.25f);
            live.Until(() => live.Values([At + "volume"])[At + "volume"] == "0.25", "the volume");
            before = live.Values(asked);
            Assert.That(live.Ask("/realm/imp/looper/freeze").Address, Is.EqualTo("/done"));
            // More than once: whoever is frozen cannot be asked anew.
            for (var n = 0; n < 2; n++) Assert.That(live.Ask("/vault/save").Address, Is.EqualTo("/done"));
            Assert.That(live.Ask("/realm/imp/looper/respawn").Address, Is.EqualTo("/done"));
            Assert.That(live.Ask("/vault/save").Address, Is.EqualTo("/done"));
            lock (live.Lines) Assert.That(live.Lines.Where(l => l.Contains("looper")), Is.Empty);
        }
        using var next = new Soaking.SoakStage(1, 2, folder);
        next.Until(() => next.IsActive("looper") && next.Seconds > 0.2, "the next one plays");
        var after = next.Values(asked);
        Assert.That(asked.Select(a => $"{a} {after.GetValueOrDefault(a)}"), Is.EqualTo(asked.Select(a => $"{a} {before.GetValueOrDefault(a)}")));
        Assert.That(next.Values([At + "state"])[At + "state"], Does.StartWith("looping"));
    }

    static int[] Saved(Rig rig, string folder)
    {
        rig.Replies.Clear();
        rig.Send("/looper/save", folder);
        rig.Render(1024);
        Assert.That(rig.TakeReplies()[^1].Address, Is.EqualTo("/done"));
        return [.. Newtonsoft.Json.Linq.JObject.Parse(File.ReadAllText(Path.Combine(folder, "looper.json")))["channels"]!.Select(c => (int)c["number"]!)];
    }
}
