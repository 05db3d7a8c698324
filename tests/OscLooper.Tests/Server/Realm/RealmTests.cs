using OscLooper.Server;
using OscLooper.Server.Realm;
using OscLooper.Testing;

namespace OscLooper.Tests.Server.Realm;

/// <summary>Imps come, freeze, are replaced and go, in a server without network and sound card.</summary>
public class RealmTests
{
    static readonly float[] Ones = [.. Enumerable.Repeat(1f, 512)];

    static Rig Stage(params (string, Func<Branch, Module>)[] modules) => new(new ServerOptions { Inputs = 1, Outputs = 1 }, modules);

    static Rig WithGain() => Stage(("gain", at => new OscLooper.Gain.GainModule(at)));

    static string State(Rig rig, string imp) => rig.Value($"/realm/imp/{imp}/state");

    // A render goes on until the job has answered: fades take frames.
    static OscLooper.Osc.OscMessage Do(Rig rig, string address, params OscLooper.Osc.OscValue[] arguments)
    {
        rig.Replies.Clear();
        rig.Send(address, arguments);
        for (var blocks = 0; blocks < 100; blocks++)
        {
            if (rig.TakeReplies().FirstOrDefault(r => r.Address is "/done" or "/fail") is { } answer) return answer;
            rig.Render(Ones);
        }
        throw new AssertionException($"{address}: no answer");
    }

    static void Well(Rig rig, string address, params OscLooper.Osc.OscValue[] arguments)
    {
        var answer = Do(rig, address, arguments);
        Assert.That(answer.Address, Is.EqualTo("/done"), answer.ToString());
    }

    [Test]
    public void An_imp_can_be_loaded_under_another_name_and_unloaded()
    {
        using var rig = WithGain();
        Assert.That(rig.Render(Ones)[^1], Is.EqualTo(1));
        Well(rig, "/realm/load", "gain", "second");
        Assert.That(State(rig, "second"), Is.EqualTo("active"));
        rig.Render(Ones);
        Assert.That(rig.Render(Ones)[^1], Is.EqualTo(2));
        Well(rig, "/realm/unload", "second");
        Assert.That(rig.Render(Ones)[^1], Is.EqualTo(1));
        Assert.That(rig.Call("/second/level")[0].ToString(), Does.Contain("no such address"));
        Assert.That(rig.Call("/realm/imp/second/state")[0].ToString(), Does.Contain("no such address"));
    }

    [TestCase("/second/level")]
    [TestCase("/s?cond/*")]
    [TestCase("/second/*", "/second/level", "//level")]
    public void Who_subscribed_before_an_imp_came_hears_of_its_values_once(params string[] patterns)
    {
        using var rig = WithGain();
        var screen = rig.Server.Connect("screen");
        string[] Told() => [.. screen.Replies.Select(r => r.Message).Where(m => m.Address == "/second/level").Select(m => m.ToString())];
        foreach (var pattern in patterns) screen.Send("/server/subscribe", pattern);
        rig.Server.Settle();
        Well(rig, "/realm/load", "gain", "second");
        Assert.That(Told(), Is.EqualTo(new[] { "/second/level 0.0" }));
        screen.Replies.Clear();
        rig.Send("/second/level", -6f);
        rig.Render(4800);
        Assert.That(Told(), Is.EqualTo(new[] { "/second/level -6.0" }));
    }

    [Test]
    public void A_frozen_imp_is_silent_and_answers_frozen()
    {
        using var rig = WithGain();
        rig.Send("/gain/level", 6f);
        Well(rig, "/realm/imp/gain/freeze");
        Assert.That(State(rig, "gain"), Is.EqualTo("frozen"));
        Assert.That(rig.Render(Ones), Is.All.Zero);
        Assert.That(rig.Call("/gain/level", 3f)[0].ToString(), Does.StartWith("/fail /gain/level frozen"));
        Assert.That(rig.Number("/gain/level"), Is.EqualTo(6), "a question is answered");
        Well(rig, "/realm/imp/gain/unfreeze");
        rig.Render(Ones);
        Assert.That(rig.Render(Ones)[^1], Is.EqualTo((float)Math.Pow(10, 6 / 20.0)));
    }

    [Test]
    public void Values_survive_a_respawn()
    {
        var made = 0;
        using var rig = Stage(("gain", at => { made++; return new OscLooper.Gain.GainModule(at); }));
        rig.Send("/gain/level", 6f);
        rig.Render(Ones);
        Well(rig, "/realm/imp/gain/respawn");
        Assert.That(made, Is.EqualTo(2));
        Assert.That(rig.Number("/gain/level"), Is.EqualTo(6));
        rig.Render(Ones);
        Assert.That(rig.Render(Ones)[^1], Is.EqualTo((float)Math.Pow(10, 6 / 20.0)));
    }

    [TestCase("freeze")]
    [TestCase("respawn")]
    [TestCase("unload")]
    public void No_change_clicks(string what)
    {
        using var rig = WithGain();
        var sound = rig.Render(Ones).ToList();
        if (what == "unload") rig.Send("/realm/unload", "gain");
        else rig.Send($"/realm/imp/gain/{what}");
        for (var i = 0; i < 8; i++) sound.AddRange(rig.Render(Ones, 64));
        var largest = sound.Zip(sound.Skip(1), (a, b) => Math.Abs(a - b)).Max();
        Assert.That(largest, Is.LessThan(Math.PI / 2 / 240 * 1.01), "the steepest step of a raised cosine of 5 ms");
        Assert.That(sound[^1], Is.EqualTo(what == "respawn" ? 1 : 0));
        if (what == "respawn") Assert.That(sound, Is.All.EqualTo(1).Within(1e-6), "one falls as the other rises");
    }

    [Test]
    public void What_cannot_be_is_refused()
    {
        using var rig = WithGain();
        Assert.That(Do(rig, "/realm/load", "nothing").ToString(), Does.Contain("not found"));
        Assert.That(Do(rig, "/realm/load", "gain", "gain").ToString(), Does.Contain("refused"));
        Assert.That(Do(rig, "/realm/load", "gain", "server").ToString(), Does.Contain("refused"));
        Assert.That(Do(rig, "/realm/load", "gain", "A/b").ToString(), Does.Contain("out of range"));
        Assert.That(Do(rig, "/realm/unload", "nobody").ToString(), Does.Contain("not found"));
    }

    [Test]
    public void The_words_of_the_states_are_those_of_the_address_book() =>
        Assert.That(Enum.GetNames<ImpState>().Select(n => n.ToLowerInvariant()),
            Is.EqualTo(new[] { "absent", "loading", "frozen", "active", "freezing", "faulted", "quarantined", "respawning", "removed" }));
}
