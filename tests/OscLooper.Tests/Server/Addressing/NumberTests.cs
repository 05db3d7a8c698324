using OscLooper.Osc;
using OscLooper.Server.Addressing;
using OscLooper.Testing;

namespace OscLooper.Tests.Server.Addressing;

/// <summary>Numbers reach their leaf as exactly as it can hold them; actions are refused out of range, not clipped.</summary>
public class NumberTests
{
    static OscMessage Typed(Rig rig, string line)
    {
        Assert.That(OscText.TryParse(line, out var message, out var error, doubles: true), error);
        return TextNumbers.For(rig.Server.Space, message);
    }

    [TestCase("/transport/tempo 97.3", "d", "97.3")]
    [TestCase("/transport/tempo 97.30000305", "d", "97.30000305")]
    [TestCase("/transport/metronome_gain 0.1", "f", "0.1")]
    public void What_is_typed_reaches_its_leaf_as_it_stands(string line, string tag, string shown)
    {
        using var rig = Rig.Looper();
        var message = Typed(rig, line);
        Assert.That(message.Tags, Is.EqualTo(tag));
        rig.SendBytes(message.ToBytes());
        Assert.That(rig.Value(message.Address), Is.EqualTo(shown));
    }

    [Test]
    public void A_beat_far_away_is_exact()
    {
        using var rig = Rig.Looper();
        rig.SendBytes(Typed(rig, "/transport/locate 1000000.3").ToBytes());
        Assert.That(rig.Value("/transport/position"), Is.EqualTo("1000000.3"));
    }

    [Test]
    public void Where_no_leaf_is_known_and_where_anything_goes_a_typed_number_is_f()
    {
        using var rig = Rig.Looper();
        Assert.That(Typed(rig, "/nowhere 0.1 1 x").Tags, Is.EqualTo("fis"));
        Assert.That(Typed(rig, "/server/ping 0.1").Tags, Is.EqualTo("f"));
        Assert.That(Typed(rig, "/transport/tem* 97.3").Tags, Is.EqualTo("d"), "a pattern that reaches a leaf of 64 bits");
        Assert.That(Typed(rig, "/looper/channel/*/volume 0.1").Tags, Is.EqualTo("f"));
    }

    [Test]
    public void Every_leaf_that_takes_a_number_takes_d_and_keeps_of_it_what_it_can_hold()
    {
        using var rig = Rig.With(at => new OddsModule(at).Listening(at));
        foreach (var address in new[] { "/odds/level", "/odds/index", "/odds/word", "/odds/count" })
        {
            Assert.That(rig.Call(address, 2.0), Is.Empty, address);
            Assert.That(rig.Server.Space.TryFind(address, out var leaf) ? leaf.Value.A : -1, Is.EqualTo(2), address);
        }
        rig.Send("/odds/level", 0.1);
        Assert.That(rig.Server.Space.TryFind("/odds/level", out var level) ? level.Value.A : -1, Is.EqualTo((double)0.1f), "what it answers is what it has");
        Assert.That(rig.Call("/odds/add", 7.0, "x").Last().ToString(), Is.EqualTo("/done /odds/add 7.5 x"));
        Assert.That(rig.Call("/odds/level", 1e300), Is.Empty, "a fader may overshoot");
        Assert.That(rig.Number("/odds/level"), Is.EqualTo(4));
    }

    [TestCase("/odds/add", 101)]
    [TestCase("/odds/add", -1)]
    [TestCase("/odds/ask", 10.5)]
    [TestCase("/odds/ask", -0.1)]
    [TestCase("/odds/shift", 11)]
    [TestCase("/odds/shift", 1, 1.5)]
    public void An_action_out_of_range_is_refused_and_does_not_act(string address, params object[] numbers)
    {
        OddsModule odds = null!;
        using var rig = Rig.With(at => odds = new OddsModule(at).Listening(at));
        odds.Heard.Clear();
        OscValue[] arguments = [.. numbers.Select(n => n is int i ? (OscValue)i : (OscValue)(double)n)];
        Assert.That(rig.Call(address, arguments).Single().ToString(), Does.StartWith($"/fail {address} \"out of range\""));
        Assert.That(odds.Heard, Is.Empty);
    }

    [TestCase("/odds/depth", 2.5)]
    [TestCase("/odds/depth", -0.001)]
    [TestCase("/odds/count", 10.0)]
    [TestCase("/server/trace", 2.0)]
    public void A_setting_out_of_range_is_refused_and_keeps_its_value(string address, double number)
    {
        using var rig = Rig.With(at => new OddsModule(at));
        var before = rig.Number(address);
        Assert.That(rig.Call(address, number).Single().ToString(), Does.StartWith($"/fail {address} \"out of range\""));
        Assert.That(rig.Number(address), Is.EqualTo(before));
        rig.Call(address, 1.0);
        Assert.That(rig.Number(address), Is.EqualTo(1), "within it is taken");
    }

    [Test]
    public void A_button_presses_a_job_and_its_release_does_nothing()
    {
        using var rig = Rig.With(at => new OddsModule(at).Listening(at));
        Assert.That(rig.Call("/odds/grow", 1f).Single().ToString(), Is.EqualTo("/done /odds/grow 1"));
        Assert.That(rig.Call("/odds/grow", 0f).Concat(rig.Call("/odds/grow", false)), Is.Empty);
        Assert.That(rig.Call("/odds/grow", true).Single().ToString(), Is.EqualTo("/done /odds/grow 2"));
        Assert.That(rig.Call("/odds/grow", "x").Single().ToString(), Does.Contain("wrong type"));
    }

    [Test]
    public void What_only_servers_send_is_never_answered_and_counted()
    {
        using var rig = Rig.Looper();
        rig.Render(480);
        foreach (var address in ServerMessages.Addresses.Concat(ServerMessages.Suffixes.Select(s => "/looper/channels" + s)))
            Assert.That(rig.Call(address, "/x", "refused", "y").Concat(rig.Call(address)), Is.Empty, address);
        Assert.That(rig.Number("/server/unanswered"), Is.EqualTo(2 * (ServerMessages.Addresses.Length + ServerMessages.Suffixes.Length)));
        Assert.That(rig.Call("/x.items").Single().Address, Is.EqualTo("/fail"), "others are");
    }

    [Test]
    public void Two_servers_that_are_made_to_speak_to_each_other_fall_silent()
    {
        using var first = Rig.Looper();
        using var second = Rig.Looper();
        // A packet with a forged source: the first one answers the second.
        first.Client.Send("/nope", 1);
        first.Client.Send("/server/ping", 1);
        first.Client.Send("/looper/channels");
        first.Client.Send("//*");
        var exchanged = 0;
        for (var (here, there, round) = (first, second, 0); round < 20; (here, there, round) = (there, here, round + 1))
        {
            here.Server.Settle();
            here.Render(48);
            var sent = here.TakeReplies();
            if (round > 3) exchanged += sent.Count;
            foreach (var message in sent) there.Client.Send(message);
        }
        Assert.That(exchanged, Is.Zero);
    }
}
