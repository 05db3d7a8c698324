namespace OscLooper.Bard;

/// <summary>
/// [audio] Carries notes through the stages and remembers, for every held key, all that came of it: a tree of nodes whose leaves are
/// keys of the <see cref="Ledger"/>. A release follows that memory and never the present settings (facts/bard.md 3.4, R1..R15).
/// </summary>
sealed partial class Performer
{
    internal const int Sources = 16, OwnSource = 255;
    readonly int[] held = new int[Sources * 16 * 128];
    readonly Stage nothing = new Drop();

    internal Performer(Stage first, Stage drums, Arrangement arrangement, int nodeCount = 1 << 16)
    {
        (First, Drums, Arrangement) = (first, drums, arrangement);
        nodes = new Node[nodeCount];
        Array.Fill(held, None);
    }

    /// <summary>[audio] Where notes begin, and where those of the drum channel do.</summary>
    internal Stage First { get; }
    internal Stage Drums { get; }
    internal Ledger Ledger { get; } = new();
    internal Timetable Timetable { get; } = new();
    internal Transport Transport { get; set; } = new();
    internal bool IsFrozen { get; private set; }

    /// <summary>[audio] No key is down or sounds, nothing is to come, nothing waits to be sent.</summary>
    internal bool IsStill => Alive == 0 && Timetable.Count == 0 && Ledger.Sounding == 0 && Ledger.Sent.Length == 0;

    /// <summary>[audio] One message of a player.</summary>
    internal void Hear(long frame, int source, int status, int first, int second)
    {
        if (IsFrozen) return;
        var (kind, channel) = (status & 0xF0, status & 15);
        (first, second) = (first & 127, second & 127);
        var key = (source * 16 + channel) * 128 + first;
        if (kind == NoteEvent.Off || (kind == NoteEvent.On && second == 0))
        {
            if (held[key] != None) Release(held[key], frame);   // R1, R2; R6: strays are dropped
        }
        else if (kind == NoteEvent.On) KeyDown(key, source, channel, first, second, frame);
        else if (kind == NoteEvent.PolyPressure)
        {
            if (held[key] != None) Press(held[key], second, frame);   // R14
        }
        else First.Message(this, source, channel, kind, first, second, frame);
    }

    void KeyDown(int key, int source, int channel, int pitch, int velocity, long frame)
    {
        if (held[key] != None) Release(held[key], frame);   // R4
        var note = new Note { Pitch = pitch, Source = (byte)source, Channel = (byte)channel, Velocity = (byte)velocity };
        var root = Add(None, NodeKind.Root, note, First);
        if (root == None) return;
        nodes[root].Key = key;
        held[key] = root;
        (channel == Note.DrumChannel ? Drums : First).On(this, note, root, frame);
    }

    /// <summary>[audio] Sends a note; nothing is remembered when it lies outside 0..127 (R5).</summary>
    internal void Play(in Note note, int output, int parent, long frame)
    {
        if (note.Pitch is < 0 or > 127) return;
        var leaf = Add(parent, NodeKind.Leaf, note, nothing);
        if (leaf == None) return;
        var key = nodes[leaf].Key = Ledger.KeyOf(output, note.Channel, note.Pitch);
        if (!Ledger.On(key, note.Velocity, frame)) Remove(leaf);
    }

    /// <summary>[audio] A note that begins later (or now), goes on at the stage, and ends closeDelay after its parent does, or after its length (0 = only then).</summary>
    internal int Later(in Note note, Stage stage, int parent, long frame, long begin, long closeDelay, long length)
    {
        var node = Add(parent, NodeKind.Timed, note, stage);
        if (node == None) return None;
        (nodes[node].CloseDelay, nodes[node].Length) = (closeDelay, length);
        if (begin <= frame) Open(node, frame);
        else if (!Timetable.Add(begin, true, node, nodes[node].Generation))
        {
            Remove(node);
            return None;
        }
        return node;
    }

    void Open(int node, long frame)
    {
        ref var n = ref nodes[node];
        var generation = n.Generation;
        // Without room for its end it does not begin (R11).
        if (n.Length > 0 && !Timetable.Add(frame + n.Length, false, node, generation)) Remove(node);
        else n.Stage.On(this, n.Note, node, frame);
    }

    /// <summary>[audio] Plays what is due before the frame: ends and beginnings that were entered, then steps, frame by frame.</summary>
    internal void RunUntil(long until)
    {
        while (true)
        {
            var frame = Timetable.NextFrame;
            IStepper? next = null;
            foreach (var stepper in Arrangement.Steppers)
                if (stepper.NextFrame < frame) (next, frame) = (stepper, stepper.NextFrame);
            if (frame >= until) return;
            if (next is not null)
            {
                next.Step(this, frame);
                continue;
            }
            var entry = Timetable.Take();
            if (nodes[entry.Node].Generation != entry.Generation) continue;
            if (entry.IsOpening) Open(entry.Node, frame);
            else Finish(entry.Node, frame);
        }
    }

    /// <summary>[audio] At the first frame of a stretch: the transport may have changed.</summary>
    internal void Begin(Transport transport, long frame)
    {
        Transport = transport;
        foreach (var stepper in Arrangement.Steppers) stepper.Sync(transport, frame);
    }

    /// <summary>[audio] Everything ends at once, also what was to come (R7).</summary>
    internal void Panic(long frame)
    {
        ForgetAll();
        held.AsSpan().Fill(None);
        Timetable.Clear();
        foreach (var stepper in Arrangement.Steppers) stepper.Silence();
        for (var stage = First; stage is not null; stage = stage.Next) stage.Silence();
        Arrangement.Silence();
        Ledger.Panic(frame);
    }

    /// <summary>[audio] R8: panic, then deaf until unfrozen.</summary>
    internal void Freeze(long frame)
    {
        Panic(frame);
        IsFrozen = true;
    }

    internal void Unfreeze() => IsFrozen = false;

    /// <summary>[audio] A source is gone: only what came from it ends (R9).</summary>
    internal void Unplug(int source, long frame)
    {
        for (var node = 0; node < made; node++)
            if (nodes[node].Kind != NodeKind.Free && nodes[node].Note.Source == source) End(node, frame);
        Arrangement.Unplug(source);
        for (var stage = First; stage is not null; stage = stage.Next) stage.Unplug(source);
    }

    /// <summary>[audio] Every key that is down (drums stay) is struck again as everything is now.</summary>
    internal void Retrigger(long frame)
    {
        foreach (var node in held)
            while (node != None && IsHeldKey(node) && nodes[node].FirstChild is var child && child != None) End(child, frame);
        foreach (var node in held)
            if (node != None && IsHeldKey(node)) First.On(this, nodes[node].Note, node, frame);
    }

    bool IsHeldKey(int node) => nodes[node].Kind == NodeKind.Root && nodes[node].Note.Channel != Note.DrumChannel;

    /// <summary>[audio] The keys that are down as semitones above the lowest of them, a bit each; 0 = none is.</summary>
    internal long HeldChord()
    {
        var (lowest, chord) = (int.MaxValue, 0L);
        for (var node = 0; node < made; node++)
            if (IsHeldKey(node)) lowest = Math.Min(lowest, nodes[node].Note.Pitch);
        for (var node = 0; node < made; node++)
            if (IsHeldKey(node) && nodes[node].Note.Pitch - lowest is < Words.ChordRange and var above) chord |= 1L << above;
        return chord;
    }

    /// <summary>[audio] The arrangement in force; what the old one's stages were to play ends, keys that sound go on until they are released.</summary>
    internal Arrangement Arrangement { get; private set; }

    internal Arrangement Take(Arrangement fresh, long frame)
    {
        var old = Arrangement;
        for (var node = 0; node < made; node++)
            if (nodes[node].Kind is NodeKind.Timed or NodeKind.Held && nodes[node].Stage.IsArranged) End(node, frame);
        old.Silence();
        Ledger.Lift(frame);
        Arrangement = fresh;
        foreach (var stepper in fresh.Steppers) stepper.Sync(Transport, frame);
        return old;
    }
}
