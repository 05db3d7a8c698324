using OscLooper.Gain;
using OscLooper.Osc;
using OscLooper.Server;
using OscLooper.Testing;

namespace OscLooper.Tests.Server.Realm;

/// <summary>Connections by OSC, and what becomes of sound and notes when anything changes.</summary>
public class PatchingTests
{
    static readonly float[] Ones = [.. Enumerable.Repeat(1f, 512)];

    /// <summary>Holds a note from its first block on.</summary>
    sealed class Holder(Branch at) : Module
    {
        readonly NotesIn through = at.NotesIn("through");
        readonly NotesOut notes = at.NotesOut("notes");
        readonly Command fall = at.Command("fall", "Throws.");
        bool isHeld;

        public override void Handle(in Event e)
        {
            if (e.Is(fall)) throw new InvalidOperationException("fell");
        }

        public override void Process(in Block block)
        {
            if (!isHeld) isHeld = block.Send(notes, block.Frame, NoteEvent.On, 60, 100);
            foreach (ref readonly var note in block.Notes(through)) block.Send(notes, note.Frame, note.Status, note.Pitch, note.Velocity);
        }
    }

    /// <summary>Knows what sounds.</summary>
    sealed class Ears(Branch at) : Module
    {
        readonly NotesIn notes = at.NotesIn("notes");
        public int Sounding, Heard;

        public override void Process(in Block block)
        {
            foreach (ref readonly var note in block.Notes(notes))
            {
                Heard++;
                Sounding += note.IsOn ? 1 : note.IsOff ? -1 : 0;
            }
        }
    }

    static OscMessage Do(Rig rig, string address, params string[] words)
    {
        rig.Replies.Clear();
        rig.Send(address, [.. words.Select(w => (OscValue)w)]);
        for (var blocks = 0; blocks < 100; blocks++)
        {
            if (rig.TakeReplies().FirstOrDefault(r => r.Address is "/done" or "/fail") is { } answer) return answer;
            rig.Render(Ones);
        }
        throw new AssertionException($"{address}: no answer");
    }

    static void Well(Rig rig, string address, params string[] words) => Assert.That(Do(rig, address, words).Address, Is.EqualTo("/done"));

    [TestCase("freeze")]
    [TestCase("unload")]
    [TestCase("respawn")]
    [TestCase("fault")]
    [TestCase("disconnect")]
    public void A_held_note_ends_at_every_change(string change)
    {
        Ears? ears = null;
        using var rig = new Rig(new ServerOptions { Inputs = 1, Outputs = 1 }, ("holder", at => new Holder(at)), ("ears", at => ears = new Ears(at)));
        rig.Render(Ones);
        Assert.That(ears!.Sounding, Is.EqualTo(1));
        switch (change)
        {
            case "unload": Well(rig, "/realm/unload", "holder"); break;
            case "fault": rig.Send("/holder/fall"); break;
            case "disconnect": Well(rig, "/realm/disconnect", "holder:notes", "ears:notes"); break;
            default: Well(rig, $"/realm/imp/holder/{change}"); break;
        }
        rig.Render(Ones);
        Assert.That(ears.Sounding, Is.EqualTo(change == "respawn" ? 1 : 0), "the old note has ended; a successor holds its own");
        if (change == "respawn") Assert.That(ears.Heard, Is.EqualTo(3));
        if (change != "freeze") return;
        Well(rig, "/realm/imp/holder/unfreeze");
        rig.Render(Ones);
        Assert.That(ears.Sounding, Is.Zero, "nothing sounds that nobody struck");
    }

    [Test]
    public void Connections_fade_in_and_out_from_a_block_start()
    {
        using var rig = new Rig(new ServerOptions { Inputs = 1, Outputs = 1 }, ("a", at => new GainModule(at)), ("b", at => new GainModule(at)));
        var sound = rig.Render(Ones).ToList();
        Assert.That(sound[^1], Is.EqualTo(2));
        void Change(string address, string from, string to)
        {
            Well(rig, address, from, to);
            for (var i = 0; i < 3; i++) sound.AddRange(rig.Render(Ones, 64));
        }
        Change("/realm/disconnect", "a:out", "audio:out");
        Assert.That(sound[^1], Is.EqualTo(1));
        Change("/realm/disconnect", "audio:in/1", "b:in/1");
        Assert.That(sound[^1], Is.EqualTo(0));
        Change("/realm/connect", "a:out/1", "b:in/1");
        Assert.That(sound[^1], Is.EqualTo(1));
        Change("/realm/connect", "audio:in", "b:in");
        Assert.That(sound[^1], Is.EqualTo(2));
        var largest = sound.Zip(sound.Skip(1), (x, y) => Math.Abs(x - y)).Max();
        Assert.That(largest, Is.LessThan(Math.PI / 2 / 240 * 1.01), "no step steeper than the fade");
    }

    [Test]
    public void A_circle_is_refused_by_name_and_turning_a_connection_round_waits_for_its_fade()
    {
        using var rig = new Rig(new ServerOptions { Inputs = 1, Outputs = 1 }, ("a", at => new GainModule(at)), ("b", at => new GainModule(at)), ("c", at => new GainModule(at)));
        Well(rig, "/realm/connect", "a:out", "b:in");
        Well(rig, "/realm/connect", "b:out", "c:in");
        Assert.That(Do(rig, "/realm/connect", "c:out", "a:in").ToString(), Does.Contain("refused").And.Contains("cycle: a -> b -> c -> a"));
        var sound = rig.Render(Ones).ToList();
        rig.Send("/realm/disconnect", "a:out", "b:in");
        rig.Send("/realm/connect", "b:out", "a:in");
        for (var i = 0; i < 4; i++) sound.AddRange(rig.Render(Ones));
        Assert.That(rig.TakeReplies().Count(r => r.Address == "/done"), Is.EqualTo(2), "both are done");
        Assert.That(sound.Zip(sound.Skip(1), (x, y) => Math.Abs(x - y)).Max(), Is.LessThan(2 * Math.PI / 2 / 240 * 2.01), "no click");
        var items = rig.Call("/realm/patch").Where(m => m.Address == "/realm/patch.item").Select(m => $"{m.Arguments[0].Text} {m.Arguments[1].Text}").ToList();
        Assert.That(items, Does.Contain("b:out/1 a:in/1").And.Not.Contain("a:out/1 b:in/1"));
    }

    [TestCase("/realm/connect", "a:out/9", "audio:out/1", "a:out has 1 lanes")]
    [TestCase("/realm/connect", "nobody:out", "audio:out", "there is no imp named nobody")]
    [TestCase("/realm/connect", "a:sound", "audio:out", "a has outputs out/1..1")]
    [TestCase("/realm/connect", "a", "audio:out", "is no port")]
    [TestCase("/realm/connect", "midi:loopback", "a:in", "notes lead to notes")]
    [TestCase("/realm/disconnect", "a:out", "a:in", "not connected")]
    public void What_is_no_connection_is_told(string address, string from, string to, string why)
    {
        using var rig = new Rig(new ServerOptions { Inputs = 1, Outputs = 1 }, ("a", at => new GainModule(at)));
        var answer = Do(rig, address, from, to);
        Assert.That(answer.ToString(), Does.StartWith("/fail").And.Contains(why));
    }
}
