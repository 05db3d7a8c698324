namespace OscLooper.Bard;

/// <summary>[audio] What plays by itself on the grid.</summary>
interface IStepper
{
    /// <summary>[audio] Frame of the next step.</summary>
    long NextFrame { get; }
    /// <summary>[audio] The transport may have changed at this frame.</summary>
    void Sync(Transport transport, long frame);
    /// <summary>[audio] Plays the step that is due.</summary>
    void Step(Performer to, long frame);
    /// <summary>[audio] Panic: forgets what it plays.</summary>
    void Silence();
}

/// <summary>[audio] One place that a note comes through. Built on main, with all its memory; from then on the audio side's alone.</summary>
abstract class Stage
{
    /// <summary>[audio] The stage behind it; null behind the last.</summary>
    internal Stage? Next { get; set; }

    /// <summary>[any] It belongs to an arrangement and goes with it.</summary>
    internal bool IsArranged { get; set; }

    /// <summary>[any] At most so many notes come of one.</summary>
    internal virtual int Fan => 1;

    /// <summary>[audio] A note begins here; what comes of it becomes a child of the parent.</summary>
    internal abstract void On(Performer to, in Note note, int parent, long frame);

    /// <summary>[audio] A node of kind Held is let go: the stage removes it, or detaches and keeps it.</summary>
    internal virtual void Released(Performer to, int node, long frame) => to.Finish(node, frame);

    /// <summary>[audio] A message that is no note goes the same way.</summary>
    internal virtual void Message(Performer to, int source, int channel, int kind, int first, int second, long frame) =>
        Next?.Message(to, source, channel, kind, first, second, frame);

    /// <summary>[audio] A node of kind Held is ended from outside (its source is gone): forgets it.</summary>
    internal virtual void Ended(int node) { }

    /// <summary>[audio] All nodes are gone: forgets them.</summary>
    internal virtual void Silence() { }

    /// <summary>[audio] All nodes of a source are gone.</summary>
    internal virtual void Unplug(int source) { }

    /// <summary>[any] On to the next stage.</summary>
    protected void Pass(Performer to, in Note note, int parent, long frame) => Next?.On(to, note, parent, frame);
}

/// <summary>[audio] The end: nothing comes out.</summary>
sealed class Drop : Stage
{
    internal override void On(Performer to, in Note note, int parent, long frame) { }
    internal override void Message(Performer to, int source, int channel, int kind, int first, int second, long frame) { }
}

/// <summary>[audio] Out of an output, on a channel of its own (-1 = the note's); what stands behind it hears the note too.</summary>
sealed class Out(int output, int toChannel) : Stage
{
    internal override void On(Performer to, in Note note, int parent, long frame)
    {
        to.Play(toChannel < 0 ? note : note with { Channel = (byte)toChannel }, output, parent, frame);
        Pass(to, note, parent, frame);
    }

    internal override void Message(Performer to, int source, int channel, int kind, int first, int second, long frame)
    {
        to.Ledger.Message(output, toChannel < 0 ? channel : toChannel, kind, first, second, frame);
        base.Message(to, source, channel, kind, first, second, frame);
    }
}

/// <summary>[audio] From the stages that all notes share into the arrangement.</summary>
sealed class Enter : Stage
{
    internal override void On(Performer to, in Note note, int parent, long frame) =>
        to.Arrangement.StartOf(note.Source, note.Channel).On(to, note, parent, frame);

    internal override void Message(Performer to, int source, int channel, int kind, int first, int second, long frame) =>
        to.Arrangement.StartOf(source, channel).Message(to, source, channel, kind, first, second, frame);
}
