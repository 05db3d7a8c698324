using OscLooper.Dsp;

namespace OscLooper.Looper;

/// <summary>[audio] The writing head for notes: a note comes onto the tape when its key is released, with its length. A release whose key went down
/// before the writing began is nothing.</summary>
sealed class NoteWriter(SegmentPool pool)
{
    /// <summary>[any] Keys that are down at once; more are not noted.</summary>
    public const int Most = 256;

    struct Open
    {
        public byte Source, Channel, Pitch, Velocity;
        public uint Position;
    }

    readonly Open[] open = new Open[Most];
    int count;

    /// <summary>[audio] Begins anew: no key is down.</summary>
    public void Clear() => count = 0;

    /// <summary>[audio] Writes down what was played at a position; false when there is no room.</summary>
    public bool Hear(in Tape tape, in NoteEvent e, long position)
    {
        if (e.Kind is NoteEvent.On or NoteEvent.Off)
        {
            var isKept = true;
            for (var i = 0; i < count; i++)
                if (open[i].Source == e.Source && open[i].Channel == e.Channel && open[i].Pitch == e.Pitch)
                {
                    isKept = Close(tape, open[i], position, e.IsOn ? (byte)64 : e.Velocity);
                    open[i] = open[--count];
                    break;
                }
            if (e.IsOn && count < Most) open[count++] = new Open { Source = e.Source, Channel = (byte)e.Channel, Pitch = e.Pitch, Velocity = e.Velocity, Position = (uint)position };
            return isKept;
        }
        return e.Kind == 0xF0 || NoteTape.Insert(tape, pool, new NoteRecord { Position = (uint)position, Status = e.Status, First = e.Pitch, Second = e.Velocity });
    }

    /// <summary>[audio] Every key that is down ends at a position; false when there was no room for all of them.</summary>
    public bool CloseAll(in Tape tape, long position)
    {
        var isKept = true;
        for (var i = 0; i < count; i++) isKept &= Close(tape, open[i], position, 64);
        count = 0;
        return isKept;
    }

    /// <summary>[audio] The keys that are down, as if they came up at a position; how many there was room for.</summary>
    public int Show(Span<NoteRecord> into, long position)
    {
        var shown = Math.Min(count, into.Length);
        for (var i = 0; i < shown; i++) into[i] = Closed(open[i], position, 64);
        return shown;
    }

    bool Close(in Tape tape, in Open note, long position, byte release) => NoteTape.Insert(tape, pool, Closed(note, position, release));

    static NoteRecord Closed(in Open note, long position, byte release) => new()
    {
        Position = note.Position, Length = (uint)Math.Max(1, position - note.Position), Velocity = note.Velocity,
        Status = (byte)(NoteEvent.On | note.Channel), First = note.Pitch, Second = release,
    };
}
