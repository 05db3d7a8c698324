using OscLooper.Looper;
using OscLooper.Osc;
using OscLooper.Reaper;
using OscLooper.Server;
using OscLooper.Testing;

namespace OscLooper.Tests.Server.Vault;

/// <summary>A server that starts goes on with what was open last, in its youngest state that was acknowledged.</summary>
public class LastSessionTests
{
    readonly VaultStage stage = new();

    [TearDown]
    public void GoAway() => stage.Dispose();

    static void Do(Rig rig, string address, params OscValue[] arguments)
    {
        var reply = rig.Call(address, arguments)[^1];
        Assert.That(reply.Address, Is.EqualTo("/done"), reply.ToString());
    }

    (string Session, double Level) Next(string? session = null)
    {
        stage.Crash();
        using var rig = stage.Start(session);
        rig.Render(256);
        return (rig.Value("/session/name"), rig.Number("/memo/level"));
    }

    [Test]
    public void What_was_open_goes_on_after_a_crash_with_what_was_saved_since()
    {
        using var rig = stage.Start();
        rig.Send("/memo/level", -1f);
        Do(rig, "/session/save", "jam");
        Assert.That(Next(), Is.EqualTo(("jam", -1.0)));
        rig.Send("/memo/level", -2f);
        // (The one that lives saves beside the images.)
        using var again = stage.Start(null);
        again.Send("/memo/level", -3f);
        Do(again, "/vault/save");
        Assert.That(Next(), Is.EqualTo(("jam", -3.0)), "and what is saved by itself is younger than what was saved on purpose");
        Assert.That(stage.Standing, Is.EqualTo("session jam"));
    }

    [Test]
    public void After_a_clean_end_it_goes_on_too()
    {
        using (var rig = stage.Start())
        {
            Do(rig, "/session/save", "jam");
            rig.Send("/memo/level", -4f);
            Do(rig, "/server/quit");
        }
        using var next = stage.Start(null);
        next.Render(256);
        Assert.That((next.Value("/session/name"), next.Number("/memo/level"), stage.Greeting), Is.EqualTo(("jam", -4.0, stage.Greeting)));
        Assert.That(stage.Greeting, Does.Contain("session jam goes on").And.Not.Contain("did not end"));
    }

    [Test]
    public void Load_and_new_are_what_is_open_when_they_are_done()
    {
        using var rig = stage.Start();
        rig.Send("/memo/level", -1f);
        Do(rig, "/session/save", "a");
        rig.Send("/memo/level", -2f);
        Do(rig, "/session/save", "b");
        Do(rig, "/session/load", "a");
        Assert.That(Next(), Is.EqualTo(("a", -1.0)));
        using var again = stage.Start(null);
        Do(again, "/session/new", "c");
        Assert.That(Next(), Is.EqualTo(("c", 0.0)));
        using var third = stage.Start(null);
        third.Send("/memo/level", -7f);
        Do(third, "/session/new");
        Assert.That(Next(), Is.EqualTo(("", 0.0)));
        Assert.That(Next("b"), Is.EqualTo(("b", -2.0)));
        Assert.That(Next(), Is.EqualTo(("b", -2.0)), "one that was named at the start was open, too");
        Assert.That(Next(""), Is.EqualTo(("", 0.0)), "and what has no name can be named");
        Assert.That(Next(), Is.EqualTo(("", 0.0)));
    }

    [Test]
    public void A_new_session_over_an_old_name_is_new_after_a_crash_as_well()
    {
        using var rig = stage.Start();
        rig.Send("/memo/level", -1f);
        Do(rig, "/session/save", "a");
        Do(rig, "/session/new", "a");
        Assert.That(Next(), Is.EqualTo(("a", 0.0)));
    }

    [Test]
    public void The_open_session_is_loaded_again_as_it_lies_on_the_disk_and_that_is_what_is_open_then()
    {
        using var rig = stage.Start();
        rig.Send("/memo/level", -1f);
        Do(rig, "/session/save", "a");
        rig.Send("/memo/level", -2f);
        Do(rig, "/session/load", "a");
        Assert.That(rig.Number("/memo/level"), Is.EqualTo(-1));
        Assert.That(Next(), Is.EqualTo(("a", -1.0)), "not what was left for it");
    }

    [Test]
    public void A_session_that_is_gone_is_said_and_what_has_no_name_is_open([Values] bool isThere)
    {
        using (var rig = stage.Start())
        {
            rig.Send("/memo/level", -9f);
            Do(rig, "/vault/save");
            Do(rig, "/session/save", "jam");
        }
        if (isThere) foreach (var file in Directory.GetFiles(stage["sessions/jam"], "*.json")) File.WriteAllText(file, "{");
        else Directory.Delete(stage["sessions/jam"], recursive: true);
        using var next = stage.Start(null);
        next.Render(256);
        Assert.That((next.Value("/session/name"), next.Number("/memo/level")), Is.EqualTo(("", -9.0)));
        Assert.That(stage.Standing, Does.StartWith("without a session (session jam is not opened: ").And.Contain(isThere ? "nothing that can be read" : "gone"));
        Assert.That(stage.Lines, Has.Some.Contains("session jam is not opened"));
    }

    [Test]
    public void A_second_server_on_the_same_vault_opens_nothing_and_says_that_nothing_is_kept()
    {
        using var rig = stage.Start();
        Do(rig, "/session/save", "jam");
        using var second = new Rig(new ServerOptions { Vault = stage.Folder, VaultIsNamed = false }, ("memo", at => new MemoModule(at)));
        Assert.That(second.Server.Vault.Standing, Does.StartWith("nothing is kept"));
        Assert.That(second.Value("/session/name"), Is.Empty);
        Assert.That(second.Call("/session/save", "x")[^1].ToString(), Does.Contain("refused"));
        Assert.That(Directory.GetDirectories(stage["sessions"]), Has.Length.EqualTo(1));
    }

    [Test]
    public void A_server_that_dies_three_times_over_a_session_starts_without_it_and_says_so()
    {
        using (var rig = stage.Start())
        {
            rig.Send("/memo/level", -9f);
            Do(rig, "/session/save", "jam");
        }
        for (var death = 1; death <= 3; death++)
        {
            using var dies = stage.Start(null);
            Assert.That((stage.Standing, dies.Number("/memo/level")), Is.EqualTo(("session jam", -9.0)), $"start {death}");
            stage.Crash();
        }
        using var next = stage.Start(null);
        next.Render(256);
        Assert.That(next.Value("/session/name"), Is.Empty);
        Assert.That(stage.Lines, Has.Some.Contains("session jam is not opened: the server died 3 times within 60 s"));
        Assert.That(stage.Standing, Does.Contain("died 3 times"));
        Do(next, "/session/load", "jam");
        next.Render(256);
        Assert.That(next.Number("/memo/level"), Is.EqualTo(-9), "it is there for whoever asks");
    }

    [Test]
    public void What_has_no_name_is_set_aside_under_one_when_the_server_dies_of_it()
    {
        using (var rig = stage.Start())
        {
            rig.Send("/memo/level", -9f);
            stage.Memo.Text = "kept";
            Do(rig, "/vault/save");
        }
        for (var death = 1; death <= 3; death++)
        {
            using var dies = stage.Start(null);
            Assert.That(dies.Number("/memo/level"), Is.EqualTo(-9), $"start {death}");
            stage.Crash();
        }
        using var next = stage.Start(null);
        next.Render(256);
        Assert.That((next.Number("/memo/level"), stage.Memo.Text), Is.EqualTo((0.0, "")));
        var name = next.Call("/session/list")[0].Arguments[0].Text;
        Assert.That(name, Does.StartWith("not opened 20"));
        Assert.That(stage.Lines, Has.Some.Contains($"it is kept as session \"{name}\""));
        Do(next, "/session/load", name);
        Assert.That((next.Number("/memo/level"), stage.Memo.Text), Is.EqualTo((-9.0, "kept")));
    }

    [Test]
    public void Deaths_of_a_server_that_saved_for_somebody_are_not_the_sessions()
    {
        using (var rig = stage.Start()) Do(rig, "/session/save", "jam");
        for (var death = 1; death <= 7; death++)
        {
            using var dies = stage.Start(null);
            Assert.That(dies.Value("/session/name"), Is.EqualTo("jam"), $"start {death}");
            if (death % 2 == 0) Do(dies, "/vault/save");
            stage.Crash();
        }
    }

    [Test]
    public void A_session_is_exported_by_its_name_in_its_youngest_state()
    {
        using var files = new OscLooper.Tests.Dsp.TemporaryFolder();
        using var rig = new Rig(new ServerOptions { Vault = stage.Folder, Session = "", Channels = 2, Folders = [files["own"]] }, ("looper", at => new LooperModule(at)), ("reaper", at => new ReaperModule(at)));
        void Loop(int channel)
        {
            rig.Send($"/looper/channel/{channel}/sync", "none");
            rig.Send($"/looper/channel/{channel}/record");
            rig.Render([.. Enumerable.Repeat(0.25f, 24_000)]);
            rig.Send($"/looper/channel/{channel}/play");
            rig.Render(480);
        }
        Loop(1);
        Do(rig, "/session/save", "jam");
        Loop(2);
        Do(rig, "/vault/save");
        var reply = rig.Call("/reaper/export", "jam", "proj")[^1];
        Assert.That(reply.Address, Is.EqualTo("/done"), reply.ToString());
        Assert.That(reply.Arguments[2].Whole, Is.EqualTo(2), "both loops");
        Assert.That(rig.Call("/reaper/export", stage["sessions/jam"], "proj2")[^1].ToString(), Does.Contain("refused").Or.Contain("outside"), "a path is the player's own");
    }
}
