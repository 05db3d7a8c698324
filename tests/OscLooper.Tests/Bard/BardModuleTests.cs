using OscLooper.Bard;
using OscLooper.Osc;
using OscLooper.Testing;

namespace OscLooper.Tests.Bard;

public class BardModuleTests
{
    sealed class Hearer(Branch at) : Module
    {
        readonly NotesIn notes = at.NotesIn("notes");
        internal List<NoteEvent> Heard { get; } = new(4096);

        public override void Process(in Block block)
        {
            foreach (var note in block.Notes(notes))
                if (Heard.Count < Heard.Capacity) Heard.Add(note);
        }
    }

    Hearer hearer = null!;

    Rig Made() => new(new(), ("bard", at => new BardModule(at)), ("hearer", at => hearer = new Hearer(at)));

    string Said() => string.Join(' ', hearer.Heard.Select(n => $"{(n.IsOn ? "on" : n.IsOff ? "off" : "-")} {n.Pitch}"));

    [Test]
    public void Every_address_does_what_it_says()
    {
        using var rig = Made();
        rig.Send("/bard/chord", "m7");
        rig.Send("/bard/transpose", 2);
        rig.Send("/bard/note", 60, 100f);
        rig.Render(64);
        Assert.That(rig.Number("/bard/sounding"), Is.EqualTo(4));
        rig.Send("/bard/chord", "");
        rig.Send("/bard/transpose", 0);
        rig.Send("/bard/note", 60, 0f);
        rig.Render(64);
        Assert.That(Said(), Does.StartWith("on 62 on 65 on 69 on 72 off"));
        Assert.That(rig.Number("/bard/sounding"), Is.Zero);
        hearer.Heard.Clear();
        rig.Send("/bard/scale", "minor pentatonic");
        rig.Send("/bard/quantize", "nearest");
        rig.Send("/bard/note", 61, 100f);
        rig.Send("/bard/panic");
        rig.Render(64);
        Assert.That(Said(), Is.EqualTo("on 60 off 60 - 120 - 123"));
    }

    [Test]
    public void Held_keys_can_follow_a_transposition()
    {
        using var rig = Made();
        foreach (var (mode, heard) in new[] { ("next_note", "on 60 on 64"), ("retrigger", "on 60 on 64 off 60 off 64 on 67 on 71") })
        {
            rig.Send("/bard/transpose_mode", mode);
            rig.Send("/bard/note", 60, 100f);
            rig.Send("/bard/note", 64, 100f);
            rig.Render(64);
            rig.Send("/bard/transpose", 7);
            rig.Send("/bard/transpose", 7);
            rig.Render(64);
            Assert.That(Said(), Is.EqualTo(heard));
            hearer.Heard.Clear();
            rig.Send("/bard/note", 60, 0f);
            rig.Send("/bard/note", 64, 0f);
            rig.Render(64);
            Assert.That(rig.Number("/bard/sounding"), Is.Zero);
            rig.Send("/bard/transpose", 0);
            rig.Render(64);
            hearer.Heard.Clear();
        }
    }

    [Test]
    public void A_chord_that_looks_like_a_number_is_refused_with_a_way_out()
    {
        using var rig = Made();
        var refusal = rig.Call("/bard/chord", 7)[^1];
        Assert.That((refusal.Arguments[1].Text, refusal.Arguments[2].Text), Is.EqualTo(("wrong type", "a text; in quotation marks \"7\" is one")));
        rig.Send("/bard/chord", "7");
        rig.Send("/bard/note", 60, 100f);
        rig.Render(64);
        Assert.That(Said(), Is.EqualTo("on 60 on 64 on 67 on 70"));
    }

    [Test]
    public void Keys_that_are_held_become_the_chord()
    {
        using var rig = Made();
        Assert.That(rig.Call("/bard/learn_chord")[^1].ToString(), Does.StartWith("/fail").And.Contains("no key is held"));
        foreach (var pitch in new[] { 67, 60, 63, 70 }) rig.Send("/bard/note", pitch, 100f);
        rig.Render(64);
        Assert.That(rig.Call("/bard/learn_chord")[^1].ToString(), Is.EqualTo("/done /bard/learn_chord \"0 3 7 10\""));
        Assert.That(rig.Value("/bard/chord"), Is.EqualTo("\"0 3 7 10\"").Or.EqualTo("0 3 7 10"));
        rig.Send("/bard/panic");
        rig.Render(64);
        hearer.Heard.Clear();
        rig.Send("/bard/note", 50, 100f);
        rig.Render(64);
        Assert.That(Said(), Is.EqualTo("on 50 on 53 on 57 on 60"));
    }

    [Test]
    public void Unknown_words_and_circles_are_refused()
    {
        using var rig = Made();
        Assert.That(rig.Call("/bard/chord", "no such").Select(m => m.ToString()), Has.Some.Contains("/fail").And.Some.Contains("no chord is called"));
        Assert.That(rig.Call("/bard/arrangement", """{"arrangements":{"a":[{"style":"route","to":"a"}]}}""").Select(m => m.ToString()), Has.Some.Contains("cycle: a -> a"));
        Assert.That(rig.Call("/bard/arrangement", """{"sources":{"*":"a"},"arrangements":{"a":[{"style":"octave","octaves":1}]}}""").Select(m => m.ToString()), Has.Some.Contains("/done"));
        rig.Send("/bard/note", 60, 100f);
        rig.Render(64);
        Assert.That(Said(), Is.EqualTo("on 72"));
    }

    [Test]
    public void The_kit_is_shown_lane_by_lane()
    {
        using var rig = Made();
        rig.Render(64);
        Assert.That(Enumerable.Range(1, 4).Select(lane => rig.Number($"/bard/drum/lane/{lane}/note")), Is.EqualTo(new[] { 36, 38, 42, 46 }));
        rig.Send("/bard/drum/length", 12);
        Assert.That(rig.Number("/bard/drum/lane/16/length"), Is.EqualTo(12));
    }

    [Test]
    public void Server_panic_silences_the_bard()
    {
        using var rig = Made();
        rig.Send("/bard/note", 60, 100f);
        rig.Render(64);
        rig.Send("/server/panic");
        rig.Render(64);
        Assert.That(Said(), Does.StartWith("on 60 off 60"));
    }

    [Test]
    public void Arpeggio_and_drums_are_exact_at_every_block_size()
    {
        List<NoteEvent> Played(int block)
        {
            using var rig = Made();
            rig.SendAt(10, "/bard/arp/on", 1);
            rig.SendAt(10, "/bard/arp/rate", "1/16t");
            rig.SendAt(11, "/bard/drum/on", 1);
            rig.SendAt(12, "/bard/drum/step", 1, 1, 100f);
            rig.SendAt(12, "/bard/drum/step", 3, 3, 80f);
            rig.SendAt(100, "/bard/note", 60, 100f);
            rig.SendAt(130, "/bard/note", 67, 90f, 2);
            rig.SendAt(20001, "/transport/tempo", 133.0);
            rig.SendAt(25000, "/bard/note", 60, 0f);
            rig.SendAt(60000, "/bard/note", 67, 0f, 2);
            rig.Render(new float[96000], block);
            return hearer.Heard;
        }
        var expected = Played(64);
        Assert.That(expected, Has.Count.GreaterThan(30));
        foreach (var block in new[] { 1, 7, 1024 }) Assert.That(Played(block), Is.EqualTo(expected), $"{block} frames");
    }

    [Test]
    public void Ten_thousand_busy_blocks_allocate_nothing()
    {
        using var stage = new OscLooper.Tests.Server.Realtime.Stage(isOffline: false).With("bard", at => new BardModule(at)).With("hearer", at => hearer = new Hearer(at)).Load();
        var noteLeaf = stage.Imps[0].Tree.Declarations.Single(d => d.Name == "note" && d.Rows is null).Leaf;
        stage.Set(0, "bard", "arp/on", 1);
        stage.Set(0, "bard", "arp/rate", 14);
        stage.Set(0, "bard", "drum/on", 1);
        for (var lane = 1; lane <= 16; lane++) stage.Send(new Event(0, stage.Leaf("bard", "drum/step"), EventKind.Fire, 7, lane, lane, 100));
        for (var key = 50; key < 58; key++) stage.Send(new Event(0, noteLeaf, EventKind.Fire, 7, key, 100, 1));
        stage.Play(128 * 100, 128);
        // A collection of another test's garbage would take the rest of this thread's allocation buffer (up to 8 KiB) for allocated.
        Assert.That(GC.TryStartNoGCRegion(128 << 20), Is.True);
        var before = stage.Engine.Status.AudioSideAllocatedBytes;
        stage.Play(128 * 10000, 128);
        if (System.Runtime.GCSettings.LatencyMode == System.Runtime.GCLatencyMode.NoGCRegion) GC.EndNoGCRegion();
        Assert.That(hearer.Heard, Has.Count.GreaterThan(1000));
        Assert.That(stage.Engine.Status.AudioSideAllocatedBytes - before, Is.Zero);
    }
}
