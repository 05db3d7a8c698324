using OscLooper.Server.Realtime;

namespace OscLooper.Tests.Server.Realtime;

public class NotePortTests
{
    /// <summary>Sends one note-on per "on" and one off per "off"; a flood sends 10,000 ons, then all offs.</summary>
    sealed class Maker(Branch at) : Module
    {
        readonly NotesOut output = at.NotesOut("out/1");
        readonly Command on = at.Command("on", "On.", Spec.Count(0, 127)), off = at.Command("off", "Off.", Spec.Count(0, 127)), flood = at.Command("flood", "Many."), fall = at.Command("fall", "Throws.");
        readonly List<(long Frame, int Status, int Pitch)> waiting = [];

        public override void Handle(in Event e)
        {
            if (e.Is(on)) waiting.Add((e.Frame, 0x90, (int)e.A));
            if (e.Is(off)) waiting.Add((e.Frame, 0x80, (int)e.A));
            if (e.Is(fall)) throw new InvalidOperationException("fell");
            if (!e.Is(flood)) return;
            for (var i = 0; i < 10000; i++) waiting.Add((e.Frame, 0x90 | i / 128 % 16, i % 128));
            for (var i = 0; i < 2048; i++) waiting.Add((e.Frame, 0x80 | i / 128, i % 128));
        }

        public override void Process(in Block block)
        {
            foreach (var (frame, status, pitch) in waiting) block.Send(output, frame, status, pitch, 100);
            waiting.Clear();
        }
    }

    sealed class Hearer(Branch at) : Module
    {
        readonly NotesIn notes = at.NotesIn("notes");
        readonly Command cut = at.Command("cut", "Cuts the block.");
        public List<NoteEvent> Heard { get; } = [];
        public bool Knows(in Event e) => e.Is(cut);

        public override void Process(in Block block)
        {
            foreach (var note in block.Notes(notes)) Heard.Add(note);
        }
    }

    static (Stage Stage, Hearer Hearer) Made(params string[] makers)
    {
        Hearer? hearer = null;
        var stage = new Stage().With("hearer", at => hearer = new Hearer(at));
        foreach (var name in makers) stage.With(name, at => new Maker(at));
        return (stage, hearer!);
    }

    [Test]
    public void Notes_arrive_on_their_frame_at_every_block_size([Values(1, 7, 64, 256)] int block)
    {
        var (stage, hearer) = Made("a", "b");
        using var _ = stage.Load();
        stage.Fire(5, "a", "on", 60);
        stage.Fire(100, "b", "on", 60);
        stage.Fire(100, "hearer", "cut");
        stage.Fire(100, "a", "off", 60);
        stage.Fire(255, "b", "off", 60);
        stage.Play(256, block);
        Assert.That(hearer.Heard, Is.EqualTo(new NoteEvent[] { new(5, 0x90, 60, 100, 0), new(100, 0x80, 60, 100, 0), new(100, 0x90, 60, 100, 1), new(255, 0x80, 60, 100, 1) }));
    }

    [Test]
    public void A_connection_that_goes_takes_its_own_notes_along()
    {
        var (stage, hearer) = Made("a", "b");
        using var _ = stage.Load();
        stage.Fire(0, "a", "on", 60);
        stage.Fire(0, "b", "on", 60);
        stage.Play(64, 64);
        var patch = new Patch();
        patch.ConnectNotes(new("b", "out/1"), new("hearer", "notes"), out var _);
        hearer.Heard.Clear();
        stage.Load(patch);
        stage.Fire(70, "b", "off", 60);
        stage.Play(64, 64);
        Assert.That(hearer.Heard, Is.EqualTo(new NoteEvent[] { new(64, 0x80, 60, 64, 0), new(70, 0x80, 60, 100, 1) }));
    }

    [Test]
    public void An_imp_that_falls_leaves_no_note_on()
    {
        var (stage, hearer) = Made("a");
        using var _ = stage.Load();
        stage.Fire(0, "a", "on", 60);
        stage.Fire(32, "a", "fall");
        stage.Play(64, 64);
        Assert.That(hearer.Heard.Select(n => (n.Frame, n.IsOff)), Is.EqualTo(new[] { (0L, false), (32L, true) }));
    }

    [Test]
    public void A_flood_loses_ons_but_never_the_off_of_a_note_that_was_let_through()
    {
        var (stage, hearer) = Made("a");
        using var _ = stage.Load();
        stage.Fire(0, "a", "flood");
        stage.Play(64, 64);
        var on = new HashSet<(int, int)>();
        foreach (var note in hearer.Heard)
            if (note.IsOn) on.Add((note.Channel, note.Pitch));
            else on.Remove((note.Channel, note.Pitch));
        Assert.That(hearer.Heard.Count(n => n.IsOn), Is.InRange(1000, 4095));
        Assert.That(on, Is.Empty);
    }

    [Test]
    public void A_cycle_of_notes_and_sound_is_refused_by_name()
    {
        var patch = new Patch();
        Assert.That(patch.ConnectNotes(new("bard", "out/1"), new("synth", "notes"), out var _), Is.True);
        Assert.That(patch.Connect(new("synth", "out", 0), new("tracker", "in", 0), out var _), Is.True);
        Assert.That(patch.ConnectNotes(new("tracker", "notes"), new("bard", "notes"), out var why), Is.False);
        Assert.That(why, Is.EqualTo("cycle: bard -> synth -> tracker -> bard"));
        Assert.That(NotePort.Parse("bard:out/1"), Is.EqualTo(new NotePort("bard", "out/1")));
    }
}
