namespace OscLooper.Looper;

/// <content>[audio] The note ports that the channels of kind midi share.</content>
public sealed unsafe partial class LooperModule
{
    // Another place of the grid than it would have come to by itself, and by more than a clock is drawn to and fro.
    const double JumpBeats = 1 / 24.0;

    readonly NotesIn[] notesIn = new NotesIn[NoteMixer.Ports];
    readonly NotesOut[] notesOut = new NotesOut[NoteMixer.Ports];
    double expectedBeat = double.NaN;

    /// <summary>[audio] What sounds through the note ports.</summary>
    internal NoteMixer Notes { get; } = new();

    /// <summary>[main] Where its channels are made.</summary>
    internal ChannelDesk Desk => desk;

    /// <summary>[any] Whose beats a MIDI file's beats become.</summary>
    internal Transport Transport => at.Audio.Transport;

    /// <summary>[main] A channel of kind midi hears and sounds at note ports.</summary>
    internal void PublishNotePorts(int row)
    {
        at.Desk.Publish(leaves.Input, row, NotePortName.Of(NotePortName.In, (0, -1)));
        at.Desk.Publish(leaves.Output, row, NotePortName.Of(NotePortName.Out, (0, -1)));
    }

    void MakeNotePorts()
    {
        for (var i = 0; i < NoteMixer.Ports; i++) notesIn[i] = at.NotesIn(NotePortName.Of(NotePortName.In, (i, -1)));
        for (var i = 0; i < NoteMixer.Ports; i++) notesOut[i] = at.NotesOut(NotePortName.Of(NotePortName.Out, (i, -1)));
    }

    internal ReadOnlySpan<NoteEvent> HeardNotes(in Block block, int port) => block.Notes(notesIn[port]);

    // A jump of the transport ends what sounds: where it goes on, nobody meant those notes.
    void BeginNotes(in Block block)
    {
        var beat = block.Transport.GridAt(block.Frame);
        if (Math.Abs(beat - expectedBeat) > JumpBeats)
            for (var i = 0; i < orderCount; i++)
                if (channels[order[i]] is NoteChannel notes) notes.EndNotes(block.Frame);
        expectedBeat = block.Transport.GridAt(block.Frame + block.Frames);
    }
}
