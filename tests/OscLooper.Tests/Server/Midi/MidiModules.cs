namespace OscLooper.Tests.Server.Midi;

/// <summary>Writes down what it hears.</summary>
sealed class Hearer(Branch at) : Module
{
    readonly NotesIn notes = at.NotesIn("notes");
    public List<NoteEvent> Heard { get; } = new(65536);

    public override void Process(in Block block)
    {
        foreach (var note in block.Notes(notes))
            lock (Heard) Heard.Add(note);
    }
}

/// <summary>Hears and passes on, as the bard does.</summary>
sealed class Through(Branch at) : Module
{
    readonly NotesIn first = at.NotesIn("in/1"), second = at.NotesIn("in/2");
    readonly NotesOut output = at.NotesOut("out/1");

    public override void Process(in Block block)
    {
        foreach (var note in block.Notes(first)) block.Send(output, note.Frame, note.Status, note.Pitch, note.Velocity);
        foreach (var note in block.Notes(second)) block.Send(output, note.Frame, note.Status, note.Pitch, note.Velocity);
    }
}
