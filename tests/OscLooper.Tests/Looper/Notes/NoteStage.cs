using OscLooper.Looper;
using OscLooper.Server.Realtime;
using OscLooper.Tests.Server.Realtime;

namespace OscLooper.Tests.Looper.Notes;

/// <summary>A looper of kind midi on an engine between two players and an ear.</summary>
sealed class NoteStage : IDisposable
{
    sealed class Player(Branch at) : Module
    {
        readonly NotesOut output = at.NotesOut("out");
        public readonly List<NoteEvent> Waiting = [];

        public override void Process(in Block block)
        {
            if (Waiting.Count > 0) Say(block);
        }

        void Say(in Block block)
        {
            var (start, end) = (block.Frame, block.Frame + block.Frames);
            foreach (var note in Waiting.Where(n => n.Frame >= start && n.Frame < end).OrderBy(n => n.Frame).ToArray()) block.Send(output, note.Frame, note.Status, note.Pitch, note.Velocity);
            Waiting.RemoveAll(n => n.Frame < end);
        }
    }

    sealed class Ear(Branch at) : Module
    {
        readonly NotesIn first = at.NotesIn("first"), second = at.NotesIn("second");
        public readonly List<NoteEvent> Heard = [], HeardElsewhere = [];

        public override void Process(in Block block)
        {
            foreach (var note in block.Notes(first)) Heard.Add(note);
            foreach (var note in block.Notes(second)) HeardElsewhere.Add(note);
        }
    }

    readonly Stage stage = new(1, 1);
    readonly Player[] players = new Player[2];
    readonly LooperModule looper;
    readonly Patch patch = new();
    readonly Ear ear;

    public NoteStage(int channels = 1, long memoryBytes = 16 << 20)
    {
        (LooperModule? made, Ear? listens) = (null, null);
        stage.With("transport", at => new TransportModule(at));
        stage.With("a", at => players[0] = new Player(at));
        stage.With("b", at => players[1] = new Player(at));
        stage.With("looper", at =>
        {
            made = new LooperModule(at);
            for (var n = 0; n < channels; n++) made.Desk.AddRow(0);
            return made;
        }, new ModuleSettings(0, memoryBytes, false));
        stage.With("ear", at => listens = new Ear(at));
        (looper, ear) = (made!, listens!);
        patch.ConnectNotes(new("a", "out"), new("looper", "notes/1"), out _);
        patch.ConnectNotes(new("b", "out"), new("looper", "notes/1"), out _);
        patch.ConnectNotes(new("looper", "played/1"), new("ear", "first"), out _);
        patch.ConnectNotes(new("looper", "played/2"), new("ear", "second"), out _);
        stage.Load(patch);
        stage.Settle();
    }

    public LooperModule Looper => looper;
    public List<Event> Told => stage.Heard;
    public List<NoteEvent> Heard => ear.Heard;
    public List<NoteEvent> HeardElsewhere => ear.HeardElsewhere;
    public long Frame => stage.Engine.Status.Frame;

    int Leaf(string name, int channel) => 3 << Event.LeafBits
        | Rows.LeafAt(stage.Imps[3].Tree.Declarations.First(d => d.Name == name && d.Rows is not null).Leaf, channel - 1);

    public void Do(long frame, string command, int channel = 1) => stage.Send(new Event(frame, Leaf(command, channel), EventKind.Fire, 7, 0));
    public void Set(long frame, string parameter, double a, double b = 0, int channel = 1) => stage.Send(new Event(frame, Leaf(parameter, channel), EventKind.Set, 7, a, b));
    public void Ask(long frame, string job, double b = 0, double c = 0, int channel = 1) => stage.Send(new Event(frame, Leaf(job, channel), EventKind.Ask, 7, 1, b, c));
    public void Panic(long frame) => stage.Send(new Event(frame, 0, EventKind.Panic, 0, 0));
    public void Transport(long frame, string name, double a) => stage.Send(new Event(frame, stage.Leaf("transport", name), stage.Imps[0].Tree.Declarations.Single(d => d.Name == name).Kind == LeafKind.Command ? EventKind.Fire : EventKind.Set, 7, a));

    public void AddScene(long frame, int channel = 1)
    {
        looper.FreshScenes.Offer(new Scene());
        Ask(frame, "add_scene", channel: channel);
    }

    public void Send(long frame, int status, int first, int second, int player = 0) => players[player].Waiting.Add(new NoteEvent(frame, (byte)status, (byte)first, (byte)second));

    /// <summary>A key that is held for so many frames.</summary>
    public void Key(long frame, int frames, int pitch = 60, int velocity = 100, int player = 0, int channel = 0)
    {
        Send(frame, NoteEvent.On | channel, pitch, velocity, player);
        Send(frame + frames, NoteEvent.Off | channel, pitch, 64, player);
    }

    public double Cell(string name, int channel = 1) => stage.Imps[3].Tree.Audio.Cells[Leaf(name, channel) & ((1 << Event.LeafBits) - 1)].A;
    public LoopState State(int channel = 1) => (LoopState)(int)Cell("state", channel);

    /// <summary>Plays; the worker is awaited between blocks, as in a render.</summary>
    public void Play(long frames, int block = 128)
    {
        for (long done = 0; done < frames; done += block)
        {
            looper.Work();
            stage.Play((int)Math.Min(block, frames - done), block);
        }
    }

    /// <summary>The engine alone: nothing around it allocates.</summary>
    public unsafe void PlayQuietly(int frames) => stage.Engine.Process(null, null, frames);

    public void PlayUntil(long frame, int block = 128) => Play(frame - Frame, block);

    /// <summary>The looper is not in the schedule for a while.</summary>
    public void Without(long frames)
    {
        var less = new Patch();
        stage.Load(less);
        Play(frames);
        stage.Load(patch);
    }

    /// <summary>Ons and offs alternate on every key, beginning with an on; gives the keys that still sound.</summary>
    public static HashSet<int> Sounding(IEnumerable<NoteEvent> heard)
    {
        var on = new HashSet<int>();
        foreach (var e in heard)
        {
            if (e.Kind is not (NoteEvent.On or NoteEvent.Off)) continue;
            var key = e.Channel * 128 + e.Pitch;
            if (e.IsOn) Assert.That(on.Add(key), Is.True, $"{e}: it sounds already");
            else Assert.That(on.Remove(key), Is.True, $"{e}: it does not sound");
        }
        return on;
    }

    /// <summary>What was heard as text: frame, on (+velocity) or off (-), key.</summary>
    public string[] Notes => [.. Heard.Where(e => e.Kind is NoteEvent.On or NoteEvent.Off).Select(e => e.IsOn ? $"{e.Frame} +{e.Pitch} {e.Velocity}" : $"{e.Frame} -{e.Pitch}")];

    public void Dispose() => stage.Dispose();
}
