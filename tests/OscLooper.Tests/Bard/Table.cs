using OscLooper.Bard;

namespace OscLooper.Tests.Bard;

/// <summary>A bard without a server: keys go in, the time is moved by hand, and what comes out is written down, e.g. "on 60@1 off 60@1".</summary>
sealed class Table
{
    internal const int Beat = 24000;   // 120 bpm at 48 kHz
    readonly List<OutEvent> heard = [];

    internal SharedStages Stages { get; } = new();
    internal Performer Performer => Stages.Performer;
    internal Transport Transport { get; } = new();
    internal long Now { get; private set; }
    internal IReadOnlyList<OutEvent> Heard => heard;

    internal Table()
    {
        Performer.Transport = Transport;
        Stages.Quantize.Mask = (int)Words.ScaleMask("major")!;
    }

    internal Table On(int pitch, int velocity = 100, int source = 0, int channel = 0) => Hear(NoteEvent.On | channel, pitch, velocity, source);
    internal Table Off(int pitch, int source = 0, int channel = 0) => Hear(NoteEvent.Off | channel, pitch, 64, source);

    internal Table Hear(int status, int first, int second, int source = 0)
    {
        Performer.Hear(Now, source, status, first, second);
        return this;
    }

    internal Table Arrange(string json)
    {
        var fresh = ArrangementReader.Read(json, Stages.Drum, Stages.Steppers, out var why);
        Assert.That(fresh, Is.Not.Null, why);
        Performer.Take(fresh!, Now);
        return this;
    }

    /// <summary>One arrangement for all sources.</summary>
    internal Table With(string stages) => Arrange("""{"sources": {"*": "a"}, "arrangements": {"a": [""" + stages + "]}}");

    internal Table Wait(long frames, int block = 128)
    {
        for (var until = Now + frames; Now < until;)
        {
            var end = Math.Min(until, Now + block);
            Performer.Begin(Transport, Now);
            Performer.RunUntil(end);
            Take();
            Now = end;
        }
        return this;
    }

    /// <summary>What went out since the last call.</summary>
    internal string Said()
    {
        Take();
        var text = string.Join(' ', heard.Select(e => $"{Word(e)}@{(e.Status & 15) + 1}{(e.Output > 0 ? $"/{e.Output + 1}" : "")}"));
        heard.Clear();
        return text;
    }

    internal IReadOnlyList<OutEvent> TakeAll()
    {
        Take();
        OutEvent[] all = [.. heard];
        heard.Clear();
        return all;
    }

    /// <summary>Pitches of the notes that began.</summary>
    internal string Pitches() => string.Join(' ', TakeAll().Where(e => (e.Status & 0xF0) == NoteEvent.On).Select(e => e.First));

    void Take()
    {
        heard.AddRange(Performer.Ledger.Sent);
        Performer.Ledger.Clear();
    }

    static string Word(OutEvent e) => (e.Status & 0xF0) switch
    {
        NoteEvent.On => $"on {e.First}",
        NoteEvent.Off => $"off {e.First}",
        NoteEvent.Control => $"control {e.First} {e.Second}",
        NoteEvent.Bend => $"bend {e.Second << 7 | e.First}",
        var kind => $"{kind:x} {e.First} {e.Second}",
    };
}
