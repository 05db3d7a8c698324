using Newtonsoft.Json.Linq;
using OscLooper.Looper;
using OscLooper.Osc;
using OscLooper.Testing;

namespace OscLooper.Tests.Server.Vault;

public class SessionTests
{
    readonly VaultStage stage = new();
    LooperModule looper = null!;
    MemoModule memo = null!;

    [TearDown]
    public void GoAway() => stage.Dispose();

    Rig Start(string session = "") => stage.Start(session, ("looper", at => looper = new LooperModule(at)), ("memo", at => memo = new MemoModule(at)));

    static float[] Sine(int frames, double hertz, int from = 0) => [.. Enumerable.Range(from, frames).Select(i => 0.5f * (float)Math.Sin(i * hertz * 2 * Math.PI / 48000))];

    static void Loop(Rig rig, int channel, double hertz, int frames)
    {
        rig.Send($"/looper/channel/{channel}/sync", "none");
        rig.Send($"/looper/channel/{channel}/record");
        rig.Render(Sine(frames, hertz));
        rig.Send($"/looper/channel/{channel}/play");
        rig.Render(480);
    }

    static OscMessage Last(Rig rig, string address, params OscValue[] arguments) => rig.Call(address, arguments)[^1];

    static void Do(Rig rig, string address, params OscValue[] arguments)
    {
        rig.Replies.Clear();
        rig.Send(address, arguments);
        rig.Render(1024);
        var reply = rig.TakeReplies()[^1];
        Assert.That(reply.Address, Is.EqualTo("/done"), reply.ToString());
    }

    static string State(Rig rig, int channel) => rig.Value($"/looper/channel/{channel}/state").Split(' ')[0];

    [Test]
    public void What_was_saved_comes_back_and_what_was_open_is_not_lost()
    {
        using var rig = Start();
        Loop(rig, 1, 480, 10_000);
        rig.Send("/memo/level", -5f);
        memo.Text = "first";
        Do(rig, "/session/save", "jam");
        Assert.That(rig.Value("/session/name"), Is.EqualTo("jam"));

        rig.Send("/looper/channel/1/clear");
        Loop(rig, 2, 960, 3000);
        rig.Send("/memo/level", -6f);
        rig.Send("/memo/name", "later");
        rig.Send("/looper/add_channel");
        memo.Text = "second";
        Do(rig, "/session/save", "other");
        Do(rig, "/session/load", "jam");
        Assert.That((State(rig, 1), State(rig, 2)), Is.EqualTo(("looping", "idle")));
        Assert.That((rig.Number("/memo/level"), rig.Value("/memo/name"), memo.Text), Is.EqualTo((-5.0, "", "first")));
        Assert.That(Last(rig, "/looper/channels").Arguments[1].Whole, Is.EqualTo(2), "the third channel belongs to the other session");
        Assert.That(Last(rig, "/looper/channel/3/play").ToString(), Does.Contain("no such address"));

        Do(rig, "/session/load", "other");
        Assert.That((State(rig, 1), State(rig, 2), memo.Text), Is.EqualTo(("idle", "looping", "second")));
        Assert.That(Last(rig, "/looper/channels").Arguments[1].Whole, Is.EqualTo(3), "and is there again under its number");
        Assert.That(State(rig, 3), Is.EqualTo("idle"));
        rig.Send("/looper/channel/1/undo");
        Assert.That(rig.Number("/looper/channel/1/frames"), Is.EqualTo(10_000), "undo goes back beyond the save");
        Assert.That(rig.Call("/session/list").Select(m => m.Arguments[0].Text), Is.EqualTo(new[] { "jam", "other", "/session/list" }));
    }

    [Test]
    public void A_new_session_is_empty_and_what_had_no_name_gets_one()
    {
        using var rig = Start();
        Loop(rig, 1, 480, 10_000);
        rig.Send("/transport/tempo", 99.0);
        memo.Text = "kept";
        Do(rig, "/session/new");
        Assert.That((State(rig, 1), rig.Number("/transport/tempo"), rig.Value("/session/name")), Is.EqualTo(("idle", 120.0, "")));
        var kept = rig.Call("/session/list")[0].Arguments;
        Assert.That(kept[0].Text, Does.StartWith("unsaved 20"));
        Assert.That(kept[2].Whole, Is.EqualTo(1));
        Do(rig, "/session/load", kept[0].Text);
        Assert.That((State(rig, 1), rig.Number("/transport/tempo"), memo.Text), Is.EqualTo(("looping", 99.0, "kept")));
    }

    [Test]
    public void Loading_fades_from_what_sounds_to_what_was_saved_without_a_step()
    {
        using var rig = Start();
        Loop(rig, 1, 480, 10_000);
        Do(rig, "/session/save", "a");
        rig.Send("/looper/channel/1/clear");
        Loop(rig, 1, 600, 8000);
        rig.Render(2000);
        var before = rig.Render(1000);
        rig.Send("/session/load", "a");
        var after = rig.Render(3000);
        float[] all = [.. before, .. after];
        var slope = 0.5 * 2 * Math.PI * 600 / 48000;
        // The steepest a 96 frame fade of two full sines can add.
        var steepest = slope + 1.0 * Math.PI / 2 / 96;
        for (var i = 1; i < all.Length; i++) Assert.That(Math.Abs(all[i] - all[i - 1]), Is.LessThan(steepest), $"frame {i}");
        for (var at = 0; at < all.Length - 200; at += 100) Assert.That(all.AsSpan(at, 200).ToArray().Max(), Is.GreaterThan(0.2f), $"silence at {at}");
    }

    [Test]
    public void Phases_between_loops_are_as_they_were()
    {
        using var rig = Start();
        Loop(rig, 1, 480, 10_007);
        Loop(rig, 2, 700, 7_001);
        rig.Render(12_345);
        double Apart()
        {
            rig.Render(1);
            var (one, two) = (rig.Number("/looper/channel/1/origin"), rig.Number("/looper/channel/2/origin"));
            return one - two;
        }
        Do(rig, "/session/save", "a");
        var apart = Apart();
        rig.Send("/looper/channel/2/trigger");
        rig.Render(3333);
        Do(rig, "/session/load", "a");
        // Apart by the same, give or take whole turns of either.
        var now = Apart();
        var isSame = (from i in Enumerable.Range(-3, 7) from k in Enumerable.Range(-3, 7) select Math.Abs(now - apart + i * 10_007 + k * 7_001)).Min() <= 1;
        Assert.That(isSame, $"{apart} then, {now} now");
    }

    [Test]
    public void A_session_that_cannot_be_read_leaves_all_as_it_is()
    {
        using var rig = Start();
        Loop(rig, 1, 480, 10_000);
        Do(rig, "/session/save", "good");
        rig.Send("/memo/level", -9f);
        Do(rig, "/session/save", "bad");
        Do(rig, "/session/load", "good");
        foreach (var file in Directory.GetFiles(stage["sessions/bad"], "looper.json", SearchOption.AllDirectories)) File.WriteAllText(file, "{");
        rig.Send("/memo/level", -2f);
        var reply = Last(rig, "/session/load", "bad");
        Assert.That(reply.ToString(), Does.StartWith("/fail /session/load failed"));
        rig.Render(256);
        Assert.That((State(rig, 1), rig.Number("/memo/level"), rig.Value("/session/name")), Is.EqualTo(("looping", -2.0, "good")));
    }

    [TestCase("/session/save", "../up")]
    [TestCase("/session/save", "/etc")]
    [TestCase("/session/save", "")]
    [TestCase("/session/load", "..")]
    [TestCase("/session/new", ".x")]
    public void Names_lead_nowhere_else(string address, string name)
    {
        using var rig = Start();
        Assert.That(Last(rig, address, name).ToString(), Does.Contain("out of range"));
        Assert.That(Directory.Exists(stage["sessions"]), Is.False);
    }

    [Test]
    public void What_is_not_there_is_not_found_and_without_a_name_nothing_is_saved()
    {
        using var rig = Start();
        Assert.That(Last(rig, "/session/load", "nix").ToString(), Does.Contain("not found"));
        Assert.That(Last(rig, "/session/save").ToString(), Does.Contain("refused"));
        using var none = Rig.With(at => new MemoModule(at));
        foreach (var address in new[] { "/session/save", "/session/list", "/session/new" }) Assert.That(Last(none, address).ToString(), Does.Contain("refused"));
    }

    [Test]
    public void A_server_with_a_session_goes_on_where_it_stopped()
    {
        using (var rig = Start("jam"))
        {
            Assert.That(stage.Greeting, Does.Contain("jam is new"));
            Loop(rig, 1, 480, 10_000);
            Do(rig, "/session/save");
            rig.Send("/memo/level", -3f);
            rig.Render(50_000);
        }
        using (var rig = Start("jam"))
        {
            Assert.That(stage.Greeting, Does.Contain("autosave"));
            rig.Render(256);
            Assert.That((State(rig, 1), rig.Number("/memo/level"), rig.Value("/session/name")), Is.EqualTo(("looping", -3.0, "jam")));
            Do(rig, "/session/load", "jam");
            Assert.That(rig.Number("/memo/level"), Is.EqualTo(-3), "what was saved by itself since is younger");
            rig.Send("/server/quit");
        }
        using var without = Start();
        without.Render(256);
        Assert.That(State(without, 1), Is.EqualTo("idle"), "it belongs to the session");
        without.Dispose();
        using var well = Start("jam");
        Assert.That(stage.Greeting, Does.Contain("goes on as of"));
    }

    [Test]
    public void What_absent_imps_left_goes_along_into_a_session()
    {
        using (var rig = Start())
        {
            memo.Text = "of the absent";
            VaultStage.Save(rig);
        }
        using (var rig = stage.Start("", ("looper", at => looper = new LooperModule(at))))
        {
            Do(rig, "/session/save", "jam");
            Do(rig, "/session/save", "again");
        }
        using var full = Start("again");
        Assert.That(memo.Text, Is.EqualTo("of the absent"));
    }
}
