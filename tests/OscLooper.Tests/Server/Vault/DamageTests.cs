using Newtonsoft.Json.Linq;
using OscLooper.Dsp;
using OscLooper.Looper;
using OscLooper.Osc;
using OscLooper.Server.Vault;
using OscLooper.Testing;

namespace OscLooper.Tests.Server.Vault;

/// <summary>What was damaged on the disk is told to whoever opens it, put aside, and replaced by the best there is.</summary>
public class DamageTests
{
    readonly VaultStage stage = new();
    MemoModule memo = null!;

    [TearDown]
    public void GoAway() => stage.Dispose();

    Rig Start(string? session = null) => stage.Start(session, ("looper", at => new LooperModule(at)), ("memo", at => memo = new MemoModule(at)));

    static void Loop(Rig rig, int channel, int frames, float level)
    {
        rig.Send($"/looper/channel/{channel}/sync", "none");
        rig.Send($"/looper/channel/{channel}/record");
        rig.Render([.. Enumerable.Range(0, frames).Select(i => level * MathF.Sin(i * 0.05f))]);
        rig.Send($"/looper/channel/{channel}/play");
        rig.Render(480);
    }

    // Modules come and go with a fade.
    static IReadOnlyList<OscMessage> Call(Rig rig, string address, params OscValue[] arguments)
    {
        rig.Replies.Clear();
        rig.Send(address, arguments);
        rig.Render(1024);
        return rig.TakeReplies();
    }

    static void Do(Rig rig, string address, params OscValue[] arguments)
    {
        var reply = Call(rig, address, arguments)[^1];
        Assert.That(reply.Address, Is.EqualTo("/done"), reply.ToString());
    }

    static string State(Rig rig, int channel) => rig.Value($"/looper/channel/{channel}/state").Split(' ')[0];

    // Two loops, saved as jam; another session is open then.
    Rig Jam(bool leaves = true)
    {
        var rig = Start("");
        Loop(rig, 1, 6000, 0.5f);
        Loop(rig, 2, 5000, 0.4f);
        memo.Text = "first";
        Do(rig, "/session/save", "jam");
        if (leaves)
        {
            Do(rig, "/session/new", "other");
        }
        return rig;
    }

    string[] Files(string name) => [.. Directory.GetFiles(stage["sessions/jam/data"], Path.GetFileName(name), SearchOption.AllDirectories).Where(f => f.EndsWith(name, StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    // One byte range of the file itself (all its names), or its end.
    static void Harm(string file, string how)
    {
        if (!File.Exists(file)) return;
        var bytes = File.ReadAllBytes(file);
        switch (how)
        {
            case "missing": File.Delete(file); return;
            case "empty": bytes = []; break;
            case "half": bytes = bytes[..(bytes.Length / 2)]; break;
            case "zero": Array.Clear(bytes); break;
            case "noise": bytes.AsSpan(bytes.Length / 2, 4000).Fill(0xFF); break;
            case "head": bytes.AsSpan(0, 40).Fill(0x55); break;
        }
        File.WriteAllBytes(file, bytes);
    }

    [Test]
    public void A_loop_that_is_damaged_is_told_put_aside_and_left_out([Values("missing", "empty", "half", "zero", "noise", "head")] string how, [Values] bool hasSums)
    {
        // Without checksums, what is in the middle of a file is not known.
        if (!hasSums && how == "noise") return;
        using var rig = Jam();
        if (!hasSums) ForgetSums();
        foreach (var file in Files("channel-1/scene-1/loop.wav")) Harm(file, how);
        var replies = Call(rig, "/session/load", "jam");
        Assert.That(replies[^1].ToString(), Does.StartWith("/fail /session/load failed").And.Contain("session jam is open").And.Contain("channel-1/scene-1/loop.wav"));
        Assert.That(replies.SkipLast(1).Select(r => r.ToString()), Has.Some.Contains("/session/load.damaged").And.Some.Contains("loop.wav"));
        rig.Render(512);
        Assert.That((State(rig, 1), State(rig, 2), rig.Number("/looper/channel/2/frames"), memo.Text, rig.Value("/session/name")), Is.EqualTo(("idle", "looping", 5000.0, "first", "jam")));
        if (how != "missing") Assert.That(Directory.GetFiles(stage["sessions/jam/damaged"], "loop.wav", SearchOption.AllDirectories), Is.Not.Empty);
        // And once it is told and saved, all is well.
        Do(rig, "/vault/save");
        Do(rig, "/session/load", "jam");
    }

    void ForgetSums()
    {
        foreach (var file in Directory.GetFiles(stage["sessions/jam"], "*.json"))
        {
            var document = VaultText.Read(File.ReadAllBytes(file));
            foreach (var imp in ((JObject)document["imps"]!).PropertyValues()) (imp["data"] as JObject)?.Remove("sums");
            File.WriteAllBytes(file, VaultText.Write(document));
        }
    }

    [Test]
    public void At_a_start_it_is_a_line([Values("missing", "half", "zero")] string how)
    {
        using (var rig = Jam(leaves: false)) { }
        foreach (var file in Files("channel-1/scene-1/loop.wav")) Harm(file, how);
        using var next = Start();
        next.Render(512);
        Assert.That(stage.Lines, Has.Some.Contains("channel-1/scene-1/loop.wav"));
        Assert.That((State(next, 1), State(next, 2)), Is.EqualTo(("idle", "looping")));
    }

    [Test]
    public void The_layer_below_sounds_instead_of_one_that_is_damaged()
    {
        using var rig = Start("");
        Loop(rig, 1, 6000, 0.5f);
        rig.Send("/looper/channel/1/overdub");
        rig.Render([.. Enumerable.Repeat(0.1f, 6000)]);
        rig.Send("/looper/channel/1/play");
        rig.Render(6000);
        Do(rig, "/session/save", "jam");
        Do(rig, "/session/new", "other");
        foreach (var file in Files("channel-1/scene-1/loop.wav")) Harm(file, "half");
        var reply = Call(rig, "/session/load", "jam")[^1];
        Assert.That(reply.ToString(), Does.StartWith("/fail").And.Contain("the layer before it sounds instead"));
        rig.Render(512);
        Assert.That((State(rig, 1), rig.Number("/looper/channel/1/layers")), Is.EqualTo(("looping", 0.0)));
        Assert.That(rig.Render(7000).Max(), Is.EqualTo(0.5f).Within(0.01f));
    }

    [Test]
    public void The_same_file_of_another_save_takes_the_place_of_one_that_is_gone()
    {
        using var rig = Jam(leaves: false);
        Do(rig, "/vault/save");
        var sound = rig.Render(30_000);
        Do(rig, "/session/new", "other");
        // The youngest folder loses its file; the ones before have it by another name.
        File.Delete(Files("channel-1/scene-1/loop.wav").MaxBy(f => int.Parse(Path.GetRelativePath(stage["sessions/jam/data"], f).Split('/')[0]))!);
        var replies = Call(rig, "/session/load", "jam");
        Assert.That(replies[^1].Address, Is.EqualTo("/done"), replies[^1].ToString());
        Assert.That(replies[0].ToString(), Does.StartWith("/session/load.changed").And.Contain("the same of another save is taken"));
        rig.Render(512);
        Assert.That((State(rig, 1), rig.Number("/looper/channel/1/frames")), Is.EqualTo(("looping", 6000.0)));
        Assert.That(sound, Is.Not.All.Zero);
    }

    [Test]
    public void A_whole_file_that_somebody_changed_is_taken_with_a_line()
    {
        using var rig = Jam();
        foreach (var file in Files("channel-1/scene-1/loop.wav").TakeLast(1))
        {
            File.Delete(file);
            using var writer = SoundFile.Create(file, SoundFormat.WavFloat, 2, 48000);
            writer.Write([.. Enumerable.Range(0, 8000).Select(i => 0.125f * MathF.Sin(i / 2 * 0.05f))]);
            writer.Commit();
        }
        var replies = Call(rig, "/session/load", "jam");
        Assert.That(replies[^1].Address, Is.EqualTo("/done"), replies[^1].ToString());
        Assert.That(replies[0].ToString(), Does.StartWith("/session/load.changed").And.Contain("channel-1/scene-1/loop.wav").And.Contain("somebody changed it"));
        Assert.That(stage.Lines, Has.Some.Contains("somebody changed it"));
        rig.Render(512);
        Assert.That(rig.Number("/looper/channel/1/frames"), Is.EqualTo(4000));
    }

    // As editors leave a text: a name is shorter, all in one line or in other lines, with a mark before it, without the last line's end.
    static string Edited(string text, string how)
    {
        var changed = text.Replace("a long name that will be shorter", "short").Replace("97.5", "98");
        return how switch
        {
            "lines" => changed.ReplaceLineEndings("\r\n"),
            "mark" => "\uFEFF" + changed,
            "one line" => string.Concat(changed.Split('\n').Select(l => l.Trim())),
            _ => changed,
        };
    }

    [Test]
    public void A_text_that_an_editor_made_shorter_is_taken_with_a_line([Values("vault.json", "looper.json", "transport.txt")] string which, [Values("short", "lines", "mark", "one line")] string how, [Values] bool atStart)
    {
        if (which == "transport.txt" && how is "mark" or "one line") return;
        using var rig = Jam(leaves: false);
        foreach (var address in (string[])["/memo/name", "/looper/channel/1/name"]) rig.Send(address, "a long name that will be shorter");
        rig.Send("/transport/tempo", 97.5);
        rig.Render(64);
        Do(rig, "/session/save", "jam");
        Do(rig, "/session/new", "other");
        var file = which == "vault.json" ? stage["sessions/jam/vault.json"] : Files(which).MaxBy(f => int.Parse(Path.GetRelativePath(stage["sessions/jam/data"], f).Split('/')[0]))!;
        var before = File.ReadAllText(file);
        File.WriteAllText(file, Edited(before, how));
        Assert.That(File.ReadAllText(file), Has.Length.LessThan(before.Length).Or.Contains("\r\n"));
        if (atStart)
        {
            stage.Crash();
            using var next = Start("jam");
            next.Render(512);
            Assert.That(stage.Lines, Has.Some.Contains(which).And.Contains("somebody changed it"));
            Check(next);
            return;
        }
        var replies = Call(rig, "/session/load", "jam");
        Assert.That(replies[^1].Address, Is.EqualTo("/done"), replies[^1].ToString());
        Assert.That(replies.SkipLast(1).Select(r => r.ToString()), Is.All.StartsWith("/session/load.changed").And.Some.Contains(which));
        rig.Render(512);
        Check(rig);

        void Check(Rig of)
        {
            if (which == "vault.json") Assert.That((of.Value("/memo/name"), of.Value("/looper/channel/1/name")), Is.EqualTo(("short", "short")));
            Assert.That((State(of, 1), State(of, 2), memo.Text), Is.EqualTo(("looping", "looping", "first")));
            Assert.That(Directory.Exists(stage["sessions/jam/damaged"]), Is.False);
        }
    }

    [Test]
    public void A_text_that_is_as_it_was_saved_is_no_line()
    {
        using var rig = Jam();
        var replies = Call(rig, "/session/load", "jam");
        Assert.That(replies, Has.Count.EqualTo(1), string.Join('\n', replies));
        Do(rig, "/vault/save");
        stage.Crash();
        using var next = Start("jam");
        Assert.That(stage.Lines, Has.None.Contains("changed"));
    }

    [Test]
    public void What_belongs_together_is_taken_from_the_save_before([Values("missing", "empty", "half", "zero")] string how, [Values("looper.json", "text.txt")] string which, [Values] bool atStart)
    {
        using var rig = Jam(leaves: false);
        rig.Send("/looper/channel/1/clear");
        rig.Send("/looper/channel/2/volume", 0.5f);
        memo.Text = "second";
        Do(rig, "/vault/save");
        Do(rig, "/session/new", "other");
        var youngest = Files(which).MaxBy(f => int.Parse(Path.GetRelativePath(stage["sessions/jam/data"], f).Split('/')[0]))!;
        Harm(youngest, how);
        string told;
        if (atStart)
        {
            stage.Crash();
            using var next = Start("jam");
            next.Render(512);
            told = string.Join('\n', stage.Lines);
            Check(next);
        }
        else
        {
            told = string.Join('\n', Call(rig, "/session/load", "jam"));
            rig.Render(512);
            Check(rig);
        }
        Assert.That(told, Does.Contain(which));

        void Check(Rig of) => Assert.That((State(of, 2), of.Number("/looper/channel/2/volume"), memo.Text), Is.EqualTo(("looping", 0.5, "second")), "the save before is the one of /vault/save");
    }

    [Test]
    public void An_error_of_the_disk_inside_others_is_the_saves_own_failure()
    {
        using var rig = Start("");
        memo.Text = "first";
        Do(rig, "/session/save", "jam");
        var before = Directory.GetFiles(stage["sessions/jam"], "*", SearchOption.AllDirectories).ToDictionary(f => f, File.ReadAllBytes);
        var full = new IOException("No space left on device", 28);
        Exception[] all = [full, new AggregateException(new InvalidOperationException(), new AggregateException(full)), new SoundFileException("x", full), new InvalidOperationException("x", new SoundFileException("y", new AggregateException(full)))];
        foreach (var trouble in all)
        {
            memo.OnSave = () => throw trouble;
            foreach (var job in (string[])["/session/save", "/vault/save"])
                Assert.That(Call(rig, job)[^1].ToString(), Does.StartWith($"/fail {job} failed").And.Contain("No space left on device"), trouble.GetType().Name);
            Assert.That(Call(rig, "/session/save", "new")[^1].ToString(), Does.StartWith("/fail").And.Contain("No space left"));
            Assert.That(Directory.Exists(stage["sessions/new"]), Is.False, "a failed save leaves nothing");
            Assert.That(rig.Value("/session/name"), Is.EqualTo("jam"));
        }
        foreach (var (file, bytes) in before) Assert.That(File.ReadAllBytes(file), Is.EqualTo(bytes), file);
        Assert.That(Call(rig, "/server/quit")[^1].ToString(), Does.StartWith("/fail /server/quit failed").And.Contain("No space left"));
    }

    [Test]
    public void A_disk_that_is_full_at_any_step_of_a_save_is_told_and_costs_no_generation()
    {
        using var rig = Start("");
        for (var i = 1; i <= 8; i++)
        {
            memo.Text = $"{i}";
            Do(rig, "/vault/save");
        }
        string[] Kept() => [.. Enumerable.Range(0, 6).Select(g => stage.Document(g == 0 ? "vault.json" : $"vault.{g}.json")).Select(d => $"{d["seq"]}: {File.ReadAllText(stage[(string)d.SelectToken("imps.memo.data.folder")! + "/text.txt"])}")];
        string[] Everything() => Directory.GetFileSystemEntries(stage["."], "*", SearchOption.AllDirectories);
        var steps = 0;
        for (var fails = 1; ; fails++)
        {
            var (before, there) = (Kept(), Everything());
            var step = 0;
            // What needs room: new files, folders and names. (Moving what is there needs none.)
            VaultDisk.Reached = what =>
            {
                if (what.Split(' ')[0] is "move" or "delete" or "flush" || ++step != fails) return;
                throw new IOException("No space left on device", 28);
            };
            memo.Text = $"failed {fails}";
            var reply = Call(rig, "/vault/save")[^1];
            VaultDisk.Reached = null;
            if (step < fails)
            {
                Assert.That(reply.Address, Is.EqualTo("/done"));
                break;
            }
            Assert.That(reply.ToString(), Does.StartWith("/fail /vault/save failed").And.Contain("No space left"), $"step {fails}");
            Assert.That(Kept(), Is.EqualTo(before), $"step {fails}");
            Assert.That(Everything(), Is.SubsetOf(there), $"step {fails} leaves nothing behind");
            steps++;
        }
        Assert.That(steps, Is.GreaterThanOrEqualTo(3));
    }
}
