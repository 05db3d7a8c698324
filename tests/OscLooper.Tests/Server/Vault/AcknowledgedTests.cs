using Newtonsoft.Json.Linq;
using OscLooper.Looper;
using OscLooper.Osc;
using OscLooper.Server;
using OscLooper.Server.Vault;
using OscLooper.Testing;

namespace OscLooper.Tests.Server.Vault;

/// <summary>Whatever was done, and wherever the server is killed: what was acknowledged is there, bit for bit, with undo and redo.</summary>
public class AcknowledgedTests
{
    readonly VaultStage stage = new();
    readonly OscLooper.Tests.Dsp.TemporaryFolder folder = new();
    readonly List<string> images = [];
    int number;
    MemoModule memo = null!;

    [TearDown]
    public void GoAway()
    {
        VaultDisk.Reached = null;
        stage.Dispose();
        folder.Dispose();
    }

    Rig Open(string vault, out List<string> lines)
    {
        var rig = new Rig(new ServerOptions { Vault = vault, Channels = 2, MemoryMib = 4, Folders = [folder["files"]] }, ("looper", at => new LooperModule(at)), ("memo", at => memo = new MemoModule(at)));
        lines = [.. rig.Server.Vault.Findings.Where(f => f.Level >= LogLevel.Warning).Select(f => f.Text)];
        rig.Render(512);
        return rig;
    }

    static OscMessage Call(Rig rig, string address, params OscValue[] arguments)
    {
        rig.Replies.Clear();
        rig.Send(address, arguments);
        rig.Render(1024);
        return rig.TakeReplies().Last(r => r.Address is "/done" or "/fail");
    }

    // All that can be told from outside: the session, values, and every layer of every scene, its samples as a checksum.
    string State(Rig rig)
    {
        var looper = folder[$"files/{++number}"];
        var reply = rig.Call("/looper/save", looper)[^1];
        Assert.That(reply.Address, Is.EqualTo("/done"), reply.ToString());
        var all = new List<string> { $"session {rig.Value("/session/name")}, memo {rig.Value("/memo/level")} {rig.Value("/memo/name")} {memo.Text}" };
        foreach (var channel in JObject.Parse(File.ReadAllText(Path.Combine(looper, "looper.json")))["channels"]!)
        {
            all.Add($"{channel["number"]} {channel["name"]} {channel["lanes"]} {channel["scene"]} {channel["volume"]} {channel["scenes"]!.Count()}");
            foreach (var (scene, n) in channel["scenes"]!.Select((s, n) => (s, n + 1)))
                foreach (var kind in (string[])["undo", "loop", "redo"])
                    foreach (var layer in scene[kind] is JArray many ? many.ToArray() : scene[kind] is { HasValues: true } one ? [one] : [])
                        all.Add(layer["file"] is { } file ? $"{channel["number"]}/{n} {kind} {layer["frames"]} {layer["period"]} {OscLooper.Dsp.Checksum.OfFile(Path.Combine(looper, (string)file!)).Sum:x8}" : $"{channel["number"]}/{n} {kind} empty");
        }
        Directory.Delete(looper, recursive: true);
        return string.Join('\n', all);
    }

    // Does something that is acknowledged; at these steps of it the vault is copied as a kill would leave it.
    (OscMessage Reply, int Steps) Save(Rig rig, Func<int, bool> isKilledAt, string address, params OscValue[] arguments)
    {
        var steps = 0;
        images.Clear();
        VaultDisk.Reached = _ =>
        {
            if (isKilledAt(++steps)) images.Add(stage.Image(folder[$"image {++number}"]));
        };
        try
        {
            return (Call(rig, address, arguments), steps);
        }
        finally
        {
            VaultDisk.Reached = null;
        }
    }

    void Look(string image, IReadOnlyList<string> allowed, string what, string? start = null)
    {
        var now = memo;
        using (var rig = Open(image, out var lines))
        {
            var state = State(rig);
            Assert.That(lines, Is.Empty, what);
            if (!allowed.Contains(state))
            {
                // What was saved by itself before that is younger than what was acknowledged to somebody.
                if (start is not null)
                {
                    using var before = Open(start, out _);
                    allowed = [.. allowed, State(before)];
                }
                if (!allowed.Contains(state)) Assert.That(state, Is.EqualTo(allowed[0]), what);
            }
        }
        memo = now;
        Directory.Delete(image, recursive: true);
    }

    [Test]
    public void A_kill_between_any_two_steps_of_a_save_a_load_and_a_new_one_loses_nothing()
    {
        var kills = 0;
        using var rig = Open(stage.Folder, out _);
        var acknowledged = "";
        Loop(rig, 1, 3000);
        foreach (var (address, name) in new[] { ("/vault/save", ""), ("/session/save", "a"), ("/vault/save", ""), ("/session/save", ""), ("/session/save", "b"), ("/session/load", "a"), ("/session/load", "a"), ("/session/new", "c"), ("/session/new", ""), ("/session/load", "b"), ("/session/new", "b") })
        {
            rig.Send("/memo/level", -1f - number % 50);
            memo.Text = $"text {number}";
            rig.Render(64);
            var before = State(rig);
            var start = stage.Image(folder[$"image {++number}"]);
            var (reply, steps) = Save(rig, _ => true, address, name.Length > 0 ? [name] : []);
            Assert.That(reply.Address, Is.EqualTo("/done"), reply.ToString());
            var after = State(rig);
            // What had no name is left under one.
            var left = before.Replace("session ,", $"session {Unsaved()},");
            foreach (var (image, step) in images.ToArray().Select((i, s) => (i, s + 1))) Look(image, [before, left, after, acknowledged], $"{address} {name}, step {step} of {steps}", start);
            Directory.Delete(start, recursive: true);
            kills += steps;
            acknowledged = after;
            Look(stage.Image(folder[$"image {++number}"]), [acknowledged], $"{address} {name}, when it was done");
        }
        TestContext.Out.WriteLine($"{kills} kills between two steps, nothing lost");
    }

    string Unsaved() => Directory.Exists(stage["sessions"]) ? Directory.GetDirectories(stage["sessions"], "unsaved*").Select(Path.GetFileName).Max(StringComparer.Ordinal) ?? "" : "";

    void Loop(Rig rig, int channel, int frames)
    {
        rig.Send($"/looper/channel/{channel}/sync", "none");
        rig.Send($"/looper/channel/{channel}/record");
        Play(rig, frames);
        rig.Send($"/looper/channel/{channel}/play");
        rig.Render(300);
    }

    void Play(Rig rig, int frames) => rig.Render([.. Enumerable.Range(0, frames).Select(i => 0.3f * MathF.Sin((i + ++number) * 0.031f))]);

    // One thing that a player does; it is over when this returns.
    void Act(Rig rig, Random random)
    {
        var channels = rig.Call("/looper/channels").SkipLast(1).Select(r => (Number: r.Arguments[0].Whole, IsAudio: r.Arguments[1].Text == "audio")).ToList();
        var of = channels.Where(c => c.IsAudio).ToList() is { Count: > 0 } audio ? audio[random.Next(audio.Count)].Number : 0;
        if (of == 0)
        {
            rig.Send("/looper/add_channel");
            return;
        }
        var at = $"/looper/channel/{of}";
        void Times(int times, Action<int> what) { for (var i = 0; i < times; i++) what(i); }
        void Overdub(int frames)
        {
            rig.Send($"{at}/overdub");
            Play(rig, frames);
            rig.Send($"{at}/play");
            rig.Render(200);
        }
        switch (random.Next(14))
        {
            case 0 or 1 or 2: Loop(rig, (int)of, random.Next(300, 9000)); break;
            case 3: Overdub(random.Next(200, 4000)); break;
            case 4: Times(18, _ => Overdub(random.Next(100, 700))); break;     // more than undo keeps
            case 5: Times(random.Next(1, 18), _ => rig.Send($"{at}/undo")); break;
            case 6: Times(random.Next(1, 4), _ => rig.Send($"{at}/redo")); break;
            case 7: rig.Send($"{at}/clear"); break;
            case 8: Times(random.Next(4) == 0 ? 64 : 2, _ => rig.Send($"{at}/add_scene")); break;
            case 9: rig.Send($"{at}/scene", random.Next(1, (int)rig.Number($"{at}/scenes") + 1)); break;
            case 10 when channels.Count < 12: rig.Send("/looper/add_channel", random.Next(3) == 0 ? "midi" : "audio", random.Next(1, 4)); break;
            case 10 or 11: if (channels.Count > 1) rig.Send($"{at}/remove"); break;
            case 12: rig.Send($"{at}/name", new string('é', random.Next(2) == 0 ? 128 : 3)); break;      // 256 bytes
            default:
                // Until loop memory is used up.
                if (random.Next(3) == 0) Loop(rig, (int)of, 600_000);
                break;
        }
        rig.Send("/memo/level", (float)-random.Next(1, 60));
        rig.Send($"{at}/volume", random.Next(1, 100) / 50f);
        memo.Text = $"{random.Next()}";
        rig.Render(1024);
    }

    [Test]
    public void Whatever_is_done_and_wherever_it_is_killed_what_was_acknowledged_is_there([Range(1, 3)] int seed)
    {
        var (kills, saves) = (0, 0);
        for (var run = 0; run < Soak.Times; run++)
        {
            var random = new Random(seed + 1000 * run);
            string? acknowledged = null;
            for (var life = 0; life < 2; life++)
            {
                using var rig = Open(stage.Folder, out var lines);
                var what = $"seed {seed}, run {run}, life {life}";
                Assert.That(lines, Is.Empty, what);
                if (acknowledged is not null) Assert.That(State(rig), Is.EqualTo(acknowledged), what);
                for (var turn = 0; turn < 4; turn++)
                {
                    for (var acts = random.Next(1, 5); acts > 0; acts--) Act(rig, random);
                    var before = State(rig);
                    string[] names = ["a", "b", "c"];
                    var (address, name) = random.Next(6) switch
                    {
                        0 or 1 => ("/vault/save", ""),
                        2 or 3 => ("/session/save", names[random.Next(3)]),
                        4 => ("/session/new", random.Next(2) == 0 ? "" : names[random.Next(3)]),
                        _ => ("/session/load", names[random.Next(3)]),
                    };
                    var killAt = random.Next(1, 24);
                    var start = stage.Image(folder[$"image {++number}"]);
                    var (reply, _) = Save(rig, step => step == killAt, address, name.Length > 0 ? [name] : []);
                    // (A session that was never saved is not there.)
                    Assert.That(reply.Address, Is.EqualTo("/done").Or.EqualTo(address == "/session/load" ? "/fail" : "/done"), $"{what}: {reply}");
                    var after = State(rig);
                    var left = before.Replace("session ,", $"session {Unsaved()},");
                    foreach (var image in images.ToArray()) Look(image, [before, left, after, acknowledged ?? before], $"{what}, turn {turn}: {address} {name}, step {killAt}", start);
                    Directory.Delete(start, recursive: true);
                    (kills, saves) = (kills + images.Count, saves + 1);
                    if (reply.Address == "/done") acknowledged = after;
                    else
                    {
                        Assert.That(after, Is.EqualTo(before), what);
                        acknowledged = Call(rig, "/vault/save").Address == "/done" ? State(rig) : acknowledged;
                    }
                }
                stage.Crash();
                kills++;
            }
            stage.Clear();
        }
        TestContext.Out.WriteLine($"seed {seed}: {saves} saves, loads and new ones, {kills} kills, nothing lost");
    }
}
