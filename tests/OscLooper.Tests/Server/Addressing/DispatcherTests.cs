using OscLooper.Osc;
using OscLooper.Testing;

namespace OscLooper.Tests.Server.Addressing;

public class DispatcherTests
{
    OddsModule odds = null!;
    Rig rig = null!;

    [SetUp]
    public void Begin()
    {
        rig = Rig.With(at => odds = new OddsModule(at).Listening(at));
        odds.Heard.Clear();
    }

    [TearDown]
    public void End() => rig.Dispose();

    string Told(string address, params OscValue[] arguments) => string.Join(" | ", rig.Call(address, arguments).Select(m => m.ToString()));

    [Test]
    public void A_question_answers_with_the_same_address_and_the_value()
    {
        rig.Send("/odds/level", 0.25f);
        Assert.That(Told("/odds/level"), Is.EqualTo("/odds/level 0.25"));
        Assert.That(rig.Call("/odds/level")[0].Tags, Is.EqualTo("f"));
        Assert.That(Told("/odds/pair"), Is.EqualTo("/odds/pair idle 0"));
        Assert.That(rig.Call("/odds/pair")[0].Tags, Is.EqualTo("sh"));
        Assert.That(Told("/odds/peak"), Is.EqualTo("/odds/peak -200.0"));
    }

    [Test]
    public void A_client_reads_what_it_has_just_written_even_before_it_has_taken_effect()
    {
        rig.Replies.Clear();
        rig.Client.Send("/odds/level", 0.5f);
        rig.Client.Send("/odds/level");
        Assert.That(rig.Replies, Is.Empty);
        rig.Server.Settle();
        Assert.That(rig.TakeReplies().Single().ToString(), Is.EqualTo("/odds/level 0.5"));
    }

    [TestCase("i", 2, 2.0)]
    [TestCase("d", 1.5, 1.5)]
    public void A_number_leaf_takes_every_number(string tag, double sent, double stored)
    {
        rig.Send("/odds/level", tag == "i" ? (int)sent : sent);
        Assert.That(rig.Number("/odds/level"), Is.EqualTo(stored));
        rig.Send("/odds/level", true);
        Assert.That(rig.Number("/odds/level"), Is.EqualTo(1));
        rig.Send("/odds/level", OscValue.Char(3));
        Assert.That(rig.Number("/odds/level"), Is.EqualTo(3));
        rig.Send("/odds/level", 2L);
        Assert.That(rig.Number("/odds/level"), Is.EqualTo(2));
    }

    [Test]
    public void A_fader_may_overshoot_but_an_index_may_not()
    {
        Assert.That(Told("/odds/level", 9f), Is.Empty);
        Assert.That(rig.Number("/odds/level"), Is.EqualTo(4));
        Assert.That(Told("/odds/index", 9), Does.StartWith("/fail /odds/index \"out of range\""));
        Assert.That(rig.Number("/odds/index"), Is.EqualTo(1));
    }

    [TestCase(float.NaN)]
    [TestCase(float.PositiveInfinity)]
    [TestCase(float.NegativeInfinity)]
    public void What_is_not_finite_is_refused(float number)
    {
        Assert.That(Told("/odds/level", number), Does.StartWith("/fail /odds/level \"out of range\""));
        Assert.That(Told("/odds/press", number), Does.StartWith("/fail /odds/press \"out of range\""));
        Assert.That(odds.Heard, Is.Empty);
    }

    [Test]
    public void A_choice_takes_its_word_or_its_index_and_answers_with_the_word()
    {
        rig.Send("/odds/word", "auto");
        Assert.That(Told("/odds/word"), Is.EqualTo("/odds/word auto"));
        rig.Send("/odds/word", 2);
        Assert.That(Told("/odds/word"), Is.EqualTo("/odds/word on"));
        Assert.That(Told("/odds/word", "loud"), Does.StartWith("/fail /odds/word \"out of range\""));
        Assert.That(Told("/odds/word", 3), Does.StartWith("/fail /odds/word \"out of range\""));
    }

    [Test]
    public void A_press_acts_and_a_release_does_nothing()
    {
        foreach (OscValue pressed in (OscValue[])[1, 0.5f, true, 3L]) rig.Send("/odds/press", pressed);
        rig.Send("/odds/press", OscValue.Impulse);
        Assert.That(rig.Number("/odds/counted"), Is.EqualTo(5));
        Assert.That(Told("/odds/press", 0) + Told("/odds/press", 0f) + Told("/odds/press", false), Is.Empty);
        Assert.That(rig.Number("/odds/counted"), Is.EqualTo(5));
        rig.Send("/odds/press");
        Assert.That(rig.Number("/odds/counted"), Is.EqualTo(6));
    }

    [TestCase("/nothing", "no such address")]
    [TestCase("/odds", "no such address")]
    [TestCase("/odds/level/", "no such address")]
    [TestCase("/odds/nothing*", "no such address")]
    [TestCase("/odds/[", "no such address")]
    [TestCase("/odds/counted", "read only", 1)]
    [TestCase("/odds/shown", "read only", "x")]
    [TestCase("/odds/level", "wrong type", "loud")]
    [TestCase("/odds/level", "wrong type", 1, 2)]
    [TestCase("/odds/press", "wrong type", "now")]
    [TestCase("/odds/press", "wrong type", 1, 1)]
    [TestCase("/odds/shift", "wrong type")]
    [TestCase("/odds/shift", "wrong type", 1, 1, 1)]
    [TestCase("/odds/title", "wrong type", 1)]
    [TestCase("/odds/title", "refused", "bad")]
    [TestCase("/odds/count", "out of range", 10)]
    [TestCase("/odds/add", "wrong type")]
    [TestCase("/odds/add", "wrong type", "1")]
    [TestCase("/odds/add", "wrong type", 1, 2)]
    [TestCase("/odds/add", "wrong type", 1, "x", 3)]
    [TestCase("/odds/add", "out of range", 101)]
    [TestCase("/odds/throw", "failed")]
    [TestCase("/odds/strange", "out of range", 7)]
    [TestCase("/odds/ask", "failed", 6)]
    [TestCase("/server/reply_port", "refused", 9000)]
    [TestCase("/server/reply_port", "out of range", 0)]
    [TestCase("/server/unsubscribe", "not found", "/x")]
    [TestCase("/server/subscribe", "out of range", "x")]
    public void Whatever_cannot_be_carried_out_gets_exactly_one_fail(string address, string reason, params object[] arguments)
    {
        var told = rig.Call(address, [.. arguments.Select(a => a is int i ? (OscValue)i : (string)a)]);
        Assert.That(told, Has.Count.EqualTo(1));
        Assert.That(told[0].Address, Is.EqualTo("/fail"));
        Assert.That(told[0].Tags, Is.EqualTo("sss"));
        Assert.That(told[0].Arguments[0].Text, Is.EqualTo(address));
        Assert.That(told[0].Arguments[1].Text, Is.EqualTo(reason));
    }

    [Test]
    public void Bytes_that_do_not_decode_refuse_the_whole_packet()
    {
        var good = new OscMessage("/odds/press").ToBytes();
        var bundle = new OscBundle(OscTimeTag.Immediate, new OscMessage("/odds/press")).ToBytes();
        foreach (var bytes in (byte[][])[[], [1, 2, 3], good[..^1], bundle[..^4], [.. bundle, 0, 0, 0, 5]])
        {
            rig.Replies.Clear();
            rig.SendBytes(bytes);
            Assert.That(rig.TakeReplies().Single().ToString(), Does.StartWith("/fail ? malformed"));
        }
        Assert.That(odds.Heard, Is.Empty);
    }

    [Test]
    public void Of_a_bundle_only_the_refused_message_is_missing()
    {
        rig.Replies.Clear();
        rig.SendBytes(new OscBundle(OscTimeTag.Immediate, new OscMessage("/odds/press"), new OscMessage("/odds/nothing"), new OscMessage("/odds/level", 2)).ToBytes());
        Assert.That(rig.TakeReplies().Single().ToString(), Does.StartWith("/fail /odds/nothing \"no such address\""));
        Assert.That(rig.Number("/odds/counted"), Is.EqualTo(1));
        Assert.That(rig.Number("/odds/level"), Is.EqualTo(2));
    }

    [Test]
    public void A_setting_is_applied_before_its_bundle_and_a_job_is_started_after_it()
    {
        rig.Replies.Clear();
        rig.Client.Send(new OscBundle(OscTimeTag.Immediate,
            new OscMessage("/odds/ask"), new OscMessage("/odds/level", 3), new OscMessage("/odds/title", "new"), new OscMessage("/odds/title")));
        Assert.That(rig.Server.Space.TryFind("/odds/title", out var title) ? title.Text : "", Is.EqualTo("new"));
        rig.Server.Settle();
        var told = rig.TakeReplies().Select(m => m.ToString()).ToArray();
        Assert.That(told, Is.EqualTo(new[] { "/odds/title new", "/done /odds/ask 0 3.0" }));
    }

    [Test]
    public void Patterns_reach_every_leaf_that_they_match()
    {
        for (var i = 0; i < 5; i++) rig.Send("/odds/grow");
        rig.Send("/odds/row/*/volume", 2);
        rig.Send("/odds/row/{1,3}/volume", 3);
        rig.Send("/odds/row/[45]/volume", 0);
        Assert.That(Enumerable.Range(1, 5).Select(i => rig.Number($"/odds/row/{i}/volume")), Is.EqualTo(new[] { 3, 2, 3, 0, 0 }));
        Assert.That(rig.Call("//volume").Select(m => m.Address), Is.EqualTo(Enumerable.Range(1, 5).Select(i => $"/odds/row/{i}/volume")));
        rig.Send("/odds/shrink", 2);
        Assert.That(Told("/odds/row/2/volume"), Does.StartWith("/fail /odds/row/2/volume \"no such address\""));
        Assert.That(rig.Call("/odds/row/?/volume"), Has.Count.EqualTo(4));
        Assert.That(Told("/odds/row/*/volume", "x"), Does.StartWith("/fail /odds/row/*/volume \"wrong type\""));
        Assert.That(Told("/odds/grow"), Is.EqualTo("/done /odds/grow 6"), "a number is never given twice");
    }

    [Test]
    public void A_job_answers_items_and_then_done()
    {
        Assert.That(Told("/odds/add", 3, "x"), Is.EqualTo("/odds/add.item 1 one | /done /odds/add 3.5 x"));
        Assert.That(Told("/odds/add", 3), Is.EqualTo("/odds/add.item 1 one | /done /odds/add 3.5 \"\""));
        Assert.That(Told("/odds/work"), Does.StartWith("/done /odds/work"));
    }

    [Test]
    public void A_module_gives_its_own_setting_a_value()
    {
        odds.Desk.Publish(odds.Shown, -1, "shown");
        Assert.That(rig.Value("/odds/shown"), Is.EqualTo("shown"));
    }

    [Test]
    public void Pong_carries_what_ping_carried()
    {
        Assert.That(Told("/server/ping", 1, "x", 2.5f, true, OscValue.Nil), Is.EqualTo("/server/pong 1 x 2.5 true nil"));
        Assert.That(Told("/server/ping"), Is.EqualTo("/server/pong"));
    }

    [Test]
    public void Synced_comes_after_everything_that_was_sent_before()
    {
        rig.Replies.Clear();
        rig.Client.Send("/odds/ask");
        rig.Client.Send("/odds/work");
        rig.Client.Send("/server/sync", 7);
        Assert.That(rig.Replies, Is.Empty);
        rig.Server.Settle();
        var told = rig.TakeReplies().Select(m => m.Address).ToArray();
        Assert.That(told, Is.EqualTo(new[] { "/done", "/done", "/server/synced" }));
    }

    [Test]
    public void Synced_waits_for_what_is_still_ahead()
    {
        rig.Client.Send(new OscMessage("/odds/level", 3), 1000);
        rig.Client.Send(new OscMessage("/server/sync", 8));
        rig.Server.Settle();
        Assert.That(rig.Replies, Is.Empty);
        rig.Render(999);
        Assert.That(rig.Replies, Is.Empty);
        rig.Render(10);
        Assert.That(rig.Replies.Single().Message.ToString(), Is.EqualTo("/server/synced 8"));
    }

    [Test]
    public void A_value_changes_on_its_own_sample([Values(1, 7, 64, 256)] int blockSize)
    {
        rig.SendAt(100, "/odds/level", 3);
        rig.SendAt(333, "/odds/level", 2);
        var output = rig.Render(400, blockSize);
        Assert.That((output[99], output[100], output[332], output[333]), Is.EqualTo((1f, 3f, 3f, 2f)));
    }

    [Test]
    public void A_job_of_a_later_frame_asks_on_that_frame([Values(1, 7, 64, 256)] int blockSize)
    {
        rig.SendAt(100, new OscBundle(OscTimeTag.Immediate, new OscMessage("/odds/ask"), new OscMessage("/odds/level", 3)));
        rig.SendAt(150, new OscMessage("/odds/ask"));
        rig.SendAt(150, new OscMessage("/odds/title", "late"));
        rig.Render(149, blockSize);
        Assert.That(rig.Server.Space.TryFind("/odds/title", out var title) ? title.Text : "?", Is.Empty);
        rig.Render(100, blockSize);
        Assert.That(rig.TakeReplies().Select(m => m.ToString()), Is.EqualTo(new[] { "/done /odds/ask 100 3.0", "/done /odds/ask 150 3.0" }));
        Assert.That(rig.Value("/odds/title"), Is.EqualTo("late"));
    }

    [Test]
    public void A_question_of_a_later_frame_is_answered_then([Values(1, 7, 64, 256)] int blockSize)
    {
        rig.SendAt(100, new OscBundle(OscTimeTag.Immediate, new OscMessage("/odds/level", 3), new OscMessage("/odds/level")));
        rig.SendAt(100, new OscBundle(OscTimeTag.Immediate, new OscMessage("/odds/title", "late"), new OscMessage("/odds/title")));
        rig.SendAt(200, "/odds/level", 2);
        rig.Client.Send(new OscMessage("/odds/level"), 150);
        rig.Render(99, blockSize);
        Assert.That(rig.Replies, Is.Empty);
        rig.Render(300, blockSize);
        Assert.That(rig.Replies.Select(r => $"{r.Frame} {r.Message}"), Is.EquivalentTo(new[] { "100 /odds/level 3.0", "100 /odds/title late", "150 /odds/level 3.0" }));
    }

    [Test]
    public void What_the_audio_side_refuses_is_told_with_what_the_leaf_takes() =>
        Assert.That(Told("/odds/strange", 6), Is.EqualTo("/fail /odds/strange \"out of range\" \"takes f 0..10 = 0: Refused above 5 by the audio side.\""));

    [Test]
    public void Panic_reaches_every_imp()
    {
        rig.Send("/server/panic", 1);
        Assert.That(odds.Heard.Select(h => h.Kind), Is.EqualTo(new[] { EventKind.Panic }));
    }
}
