using OscLooper.Osc;
using OscLooper.Server.Addressing;
using OscLooper.Testing;

namespace OscLooper.Tests.Server.Addressing;

public class SubscriptionsTests
{
    OddsModule odds = null!;
    Rig rig = null!;
    LocalClient screen = null!;

    [SetUp]
    public void Begin()
    {
        rig = Rig.With(at => odds = new OddsModule(at).Listening(at));
        screen = rig.Server.Connect("screen");
    }

    [TearDown]
    public void End() => rig.Dispose();

    void Ask(string address, params OscValue[] arguments)
    {
        screen.Send(address, arguments);
        rig.Server.Settle();
    }

    string[] Told(string address) => [.. screen.Replies.Select(r => r.Message).Where(m => m.Address == address).Select(m => m.ToString())];

    [Test]
    public void Numbers_come_at_once_and_then_at_the_pace_that_was_asked_for_ending_with_the_last()
    {
        Ask("/server/subscribe", "/odds/level", 10f);
        screen.Replies.Clear();
        // Ten a second are one in 4,800 frames; this fader moves a hundred times in 9,600.
        for (var i = 1; i <= 100; i++) rig.SendAt(i * 96, "/odds/level", i / 100f);
        rig.Render(24000, 64);
        Assert.That(screen.Replies.Select(r => r.Frame).First(), Is.EqualTo(96));
        Assert.That(Told("/odds/level"), Has.Length.InRange(3, 4));
        Assert.That(Told("/odds/level")[^1], Is.EqualTo("/odds/level 1.0"));
    }

    [TestCase("/looper/channel/9/volume", ExpectedResult = 1)]
    [TestCase("/looper/channel/9/volum", ExpectedResult = 0)]
    [TestCase("/looper/channel/9/volumes", ExpectedResult = 0)]
    [TestCase("/looper/channel/9/vol*", ExpectedResult = 1)]
    [TestCase("/looper/channel/8*/volume", ExpectedResult = 1, Description = "Channel 8, which is there at once")]
    [TestCase("/looper/channel/?/volume", ExpectedResult = 9)]
    [TestCase("//volume", ExpectedResult = 9)]
    [TestCase("/looper/{channel/9/volume", ExpectedResult = 0)]
    public int Whoever_listens_hears_of_what_comes_later_if_its_address_fits(string pattern)
    {
        using var loops = Rig.With(at => new OscLooper.Looper.LooperModule(at));
        var client = loops.Server.Connect("early");
        client.Send("/server/subscribe", pattern);
        loops.Server.Settle();
        client.Send("/looper/add_channel");
        loops.Server.Settle();
        loops.Render(256, 64);
        return client.Replies.Select(r => r.Message).Count(m => m.Address.EndsWith("/volume", StringComparison.Ordinal));
    }

    [Test]
    public void Words_come_every_one()
    {
        Ask("/server/subscribe", "/odds/word", 1f);
        screen.Replies.Clear();
        for (var i = 1; i <= 30; i++) rig.SendAt(i * 10, "/odds/word", i % 3);
        rig.Render(400, 64);
        Assert.That(Told("/odds/word"), Has.Length.EqualTo(30));
        Assert.That(screen.Replies.Select(r => r.Frame), Is.EqualTo(Enumerable.Range(1, 30).Select(i => i * 10L)));
    }

    [Test]
    public void What_the_module_does_is_told_to_everyone_also_to_who_caused_it()
    {
        Ask("/server/subscribe", "/odds/{pair,counted}");
        screen.Replies.Clear();
        Ask("/odds/word", "on");
        Ask("/odds/press");
        Assert.That(screen.Replies.Select(r => r.Message.ToString()), Is.EqualTo(new[] { "/odds/pair busy 0", "/odds/counted 1.0" }));
    }

    [Test]
    public void A_change_is_told_once_to_a_client_that_asked_for_it_several_times()
    {
        Ask("/server/subscribe", "/odds/*", 1f);
        Ask("/server/subscribe", "/odds/level", 100f);
        Ask("/server/subscribe", "//{level,word,volume}", 10f);
        screen.Replies.Clear();
        rig.Send("/odds/word", "on");
        rig.Send("/odds/title", "new");
        rig.SendAt(10, "/odds/level", 2);
        rig.SendAt(1000, "/odds/level", 3);
        rig.Render(2400, 64);
        Assert.That(Told("/odds/word"), Has.Length.EqualTo(1));
        Assert.That(Told("/odds/title"), Has.Length.EqualTo(1));
        Assert.That(Told("/odds/level"), Is.EqualTo(new[] { "/odds/level 2.0", "/odds/level 3.0" }), "at the pace of the fastest");
        Ask("/server/subscribe", "/odds/row/*/volume");
        screen.Replies.Clear();
        rig.Send("/odds/grow");
        Assert.That(Told("/odds/row/1/volume"), Has.Length.EqualTo(1), "what is new, too");
    }

    [Test]
    public void When_one_of_several_subscriptions_ends_the_others_go_on()
    {
        Ask("/server/subscribe", "/odds/level", 1f);
        Ask("/server/subscribe", "/odds/*", 10f);
        Ask("/server/subscribe", "//level", 100f);
        screen.Replies.Clear();
        rig.SendAt(0, "/odds/level", 2);
        rig.SendAt(100, "/odds/level", 3);
        rig.Render(200, 64);
        Assert.That(Told("/odds/level"), Is.EqualTo(new[] { "/odds/level 2.0" }));
        // What is held back is not lost with the subscription that held it.
        Ask("/server/unsubscribe", "//level");
        rig.Render(9600, 64);
        Assert.That(Told("/odds/level"), Is.EqualTo(new[] { "/odds/level 2.0", "/odds/level 3.0" }));
        Ask("/server/unsubscribe", "/odds/*");
        rig.Render(48000, 4800);
        rig.Send("/odds/level", 1);
        Assert.That(Told("/odds/level")[^1], Is.EqualTo("/odds/level 1.0"));
        Assert.That(Told("/odds/level"), Has.Length.EqualTo(3));
        Ask("/server/unsubscribe", "/odds/level");
        rig.Send("/odds/level", 2);
        Assert.That(Told("/odds/level"), Has.Length.EqualTo(3));
    }

    [Test]
    public void A_lease_ends_by_itself_and_may_be_renewed()
    {
        Ask("/server/subscribe", "/odds/level", 30f, 1f);
        rig.Render(40000, 4000);
        Ask("/server/subscribe", "/odds/level", 30f, 1f);
        screen.Replies.Clear();
        rig.Render(40000, 4000);
        rig.Send("/odds/level", 2);
        Assert.That(Told("/odds/level"), Has.Length.EqualTo(1));
        rig.Render(20000, 4000);
        rig.Send("/odds/level", 3);
        Assert.That(Told("/odds/level"), Has.Length.EqualTo(1));
        Assert.That(rig.Server.Subscriptions.Count, Is.Zero);
    }

    [Test]
    public void Rows_that_come_later_are_heard_and_those_that_go_are_not()
    {
        Ask("/server/subscribe", "/odds/row/*/volume");
        rig.Send("/odds/grow");
        rig.Send("/odds/grow");
        Assert.That(screen.Replies.Select(r => r.Message.Address).Skip(1), Is.EqualTo(new[] { "/odds/row/1/volume", "/odds/row/2/volume" }));
        screen.Replies.Clear();
        rig.Send("/odds/shrink", 1);
        rig.Send("/odds/row/2/volume", 3);
        Assert.That(screen.Replies.Select(r => r.Message.ToString()), Is.EqualTo(new[] { "/odds/row/2/volume 3.0" }));
    }

    [Test]
    public void Gauges_are_looked_at_at_the_pace_of_the_subscription()
    {
        Ask("/server/subscribe", "/server/frame", 10f);
        screen.Replies.Clear();
        rig.Render(48000, 480);
        Assert.That(Told("/server/frame"), Has.Length.InRange(5, 11));
    }

    [Test]
    public void Nobody_may_have_more_than_256()
    {
        for (var i = 0; i < 256; i++) Ask("/server/subscribe", $"/x/{i}");
        screen.Replies.Clear();
        Ask("/server/subscribe", "/x/0");
        Ask("/server/subscribe", "/x/more");
        Assert.That(screen.Replies.Select(r => r.Message.Address), Is.EqualTo(new[] { "/done", "/fail" }));
    }

    [Test]
    public void A_module_may_watch_its_neighbours()
    {
        var seen = new List<string>();
        using (odds.Desk.Watch("/odds/{word,level}", (address, values) => seen.Add($"{address} {values[0]}")))
            rig.Send("/odds/word", "on");
        rig.Send("/odds/word", "off");
        Assert.That(seen, Is.EqualTo(new[] { "/odds/level 1", "/odds/word off", "/odds/word on" }));
    }

    [Test]
    public void Log_and_trace_lines_go_to_those_who_listen()
    {
        Ask("/server/subscribe", "/server/{log,trace}");
        rig.Send("/odds/throw");
        rig.Send("/server/trace", 1);
        rig.Send("/odds/level", 0.5f);
        Assert.That(Told("/server/log.line").Single(), Does.StartWith("/server/log.line error").And.Contain("as asked"));
        Assert.That(Told("/server/trace.line").Single(), Is.EqualTo("/server/trace.line rig \"/odds/level 0.5\""));
    }

    [Test]
    public void Leaves_that_come_and_go_in_any_order_leave_the_others_listed()
    {
        Declaration Leaf(bool isSampled) => new() { Name = "leaf", Kind = LeafKind.Parameter, Specs = [Spec.Range(0, 1, 0)], Summary = "", Traits = isSampled ? Traits.ReadOnly | Traits.Sampled : Traits.None };
        var (random, model) = (new Random(1), new Dictionary<int, bool>());
        var one = new Subscription(screen, "//*"u8.ToArray(), 1, 0, null);
        for (var step = 0; step < 20_000; step++)
        {
            var target = random.Next(200);
            if (model.Remove(target)) one.Remove(target);
            else one.Add(target, Leaf(model[target] = random.Next(2) == 0));
            if (step % 50 > 0) continue;
            Assert.That(one.Sampled.Select(p => one.All[p].Target), Is.EquivalentTo(model.Where(m => m.Value).Select(m => m.Key)));
            Assert.That(one.Count, Is.EqualTo(model.Count));
            Assert.That(model.Keys.All(t => one.TryFind(t, out var place) && one.All[place].Target == t));
        }
    }
}
