namespace OscLooper.Server.Realm.Isolation;

/// <summary>[any] In the child: what comes from the server, as a module that others hear.</summary>
sealed class HostSource(Branch at, SharedSound shared, IReadOnlyList<(string Name, int Lanes)> ports, int notePorts) : Module
{
    readonly AudioSide audio = at.Audio;
    readonly AudioOut[] outs = [.. ports.Select((p, i) => at.AudioOut($"in{i}", p.Lanes))];
    readonly NotesOut[] notes = [.. Enumerable.Range(0, notePorts).Select(i => at.NotesOut($"notes{i}"))];

    /// <summary>[audio] The server's sound and notes of these frames.</summary>
    public override void Process(in Block block)
    {
        if (shared.IsIdle) return;
        var first = shared.Base;
        Follow(block.Frame);
        var lane = 0;
        foreach (var port in outs)
            for (var i = 0; i < port.Lanes; i++) shared.ReadIn(lane++, first + block.Frame, block.Out(port, i));
        while (shared.TryPeekIn(out var next) && next.Note.Frame < first + block.Frame + block.Frames)
        {
            shared.TakeIn();
            if ((uint)next.Port < (uint)notes.Length) block.Send(notes[next.Port], next.Note.Frame - first, next.Note.Status, next.Note.Pitch, next.Note.Velocity);
        }
    }

    // The server's transport: close enough, it is corrected at every block.
    void Follow(long frame)
    {
        var transport = audio.Transport;
        if (shared.Tempo >= 20 && shared.Tempo != transport.Tempo) transport.SetTempo(frame, shared.Tempo);
        if (shared.IsPlaying && !transport.IsPlaying)
        {
            transport.Locate(frame, shared.Beat);
            transport.Play(frame);
        }
        else if (!shared.IsPlaying && transport.IsPlaying) transport.Stop(frame);
    }
}

/// <summary>[any] In the child: what goes to the server, as a module that hears.</summary>
sealed class HostSink(Branch at, SharedSound shared, IReadOnlyList<(string Name, int Lanes)> ports, int notePorts) : Module
{
    readonly AudioIn[] ins = [.. ports.Select((p, i) => at.AudioIn($"out{i}", p.Lanes))];
    readonly NotesIn[] notes = [.. Enumerable.Range(0, notePorts).Select(i => at.NotesIn($"notes{i}"))];

    /// <summary>[audio] The module's sound and notes of these frames.</summary>
    public override void Process(in Block block)
    {
        if (shared.IsIdle) return;
        var first = shared.Base;
        var lane = 0;
        foreach (var port in ins)
            for (var i = 0; i < port.Lanes; i++) shared.WriteOut(lane++, first + block.Frame, block.In(port, i));
        for (var port = 0; port < notes.Length; port++)
            foreach (ref readonly var note in block.Notes(notes[port]))
                shared.SendOut(new SharedSound.PortNote { Port = port, Note = note with { Frame = first + note.Frame } });
    }
}
