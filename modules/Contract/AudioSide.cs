namespace OscLooper;

/// <summary>[audio] What a module may use while it sounds: the frame, the transport, its cells, and the way back to main.</summary>
public sealed class AudioSide
{
    internal Cells Cells { get; } = new();
    internal Ring<Event>? Outbox;
    /// <summary>[audio] Raised when main is to be woken at the end of the block.</summary>
    internal WakeRequest? Request;
    /// <summary>[any] Leaves of which somebody is told as they change; main reads the others when it is awake.</summary>
    internal LeafMarks Watched { get; } = new();
    /// <summary>[audio] Set when an event could not be written because main was away for long: main then reads every cell again.</summary>
    internal bool OutboxOverflowed;
    internal int ImpBits;
    internal Wakeable? Background;
    internal bool MustProcess;
    internal LeafTraits? Traits;

    /// <summary>[audio] The frame at which the event being handled acts, or at which the current stretch begins.</summary>
    public long Frame { get; internal set; }

    /// <summary>[audio] Tempo, bars and beats.</summary>
    public Transport Transport { get; internal set; } = new();

    /// <summary>[audio] Answers a job or setting that asked; b and c reach its continuation.</summary>
    public void Answer(in Event ask, double b = 0, double c = 0) => Tell(ask with { Frame = Frame, Kind = EventKind.Answer, B = b, C = c });

    /// <summary>[audio] Tells the client why its message could not be carried out.</summary>
    public void Refuse(in Event e, Reason reason) =>
        Tell(e with { Frame = Frame, Kind = EventKind.Refused, A = (int)reason, B = e.Kind == EventKind.Ask ? e.A : 0 });

    /// <summary>[any] The module's <see cref="IBackground.Work"/> runs soon. It does not wait, and many calls before it runs are one.</summary>
    public void WakeBackground() => Background?.Signal();

    /// <summary>[any] Process is called with the next block, also where the module was idle: something was handed over to it.</summary>
    public void WakeProcess() => Volatile.Write(ref MustProcess, true);

    /// <summary>[any] First frame that has not been played yet: the time, for whoever is not on the audio side.</summary>
    public long NextFrame => Volatile.Read(ref Transport.NextFrame);

    /// <summary>[audio] A self-cutting module says where in the block it is, before it publishes.</summary>
    public void At(long frame) => Frame = frame;

    /// <summary>
    /// [audio] What the engine does with an event before Handle: goes to its frame, keeps and echoes what it sets (unless Managed).
    /// A self-cutting module calls it for each event of its span just before acting on it, so that cells change at their frame.
    /// </summary>
    public void Accept(in Event e)
    {
        Frame = e.Frame;
        if (e.Kind != EventKind.Set || Traits is not { } traits || (traits[e.Leaf] & OscLooper.Traits.Managed) != 0) return;
        Cells[e.Leaf] = new Cell { A = e.A, B = e.B, C = e.C };
        Tell(e);
    }

    /// <summary>[audio] Gives the transport another tempo at the present frame, for all imps, and tells the world. Only within Handle of a CutsAll leaf.</summary>
    public void ChangeTempo(double beatsPerMinute)
    {
        Transport.SetTempo(Frame, beatsPerMinute);
        if (Transport.Voice is not { } voice) return;
        voice.At(Frame);
        voice.Publish(Transport.TempoLeaf, Transport.Tempo, 0, 0, 0);
    }

    internal void Publish(int leaf, double a, double b, double c, int client)
    {
        if (double.IsNaN(a + b + c)) return;
        Cells[leaf] = new Cell { A = a, B = b, C = c };
        Tell(new Event(Frame, ImpBits | leaf, EventKind.Set, client, a, b, c));
    }

    internal void Tell(in Event e)
    {
        if (Outbox is { } outbox && !outbox.TryWrite(e)) Volatile.Write(ref OutboxOverflowed, true);
        if (Request is { } request && (e.Kind != EventKind.Set || Watched[e.Leaf])) request.IsRaised = true;
    }
}

/// <summary>[audio] Main is to be woken: one for all imps, read at the end of the block.</summary>
sealed class WakeRequest
{
    internal bool IsRaised;
}

/// <summary>[any] A mark for each leaf of an imp, set by main, read by the audio side.</summary>
sealed class LeafMarks
{
    const int PageBits = 10, PageSize = 1 << PageBits;
    bool[]?[] pages = [];

    /// <summary>[audio] Whether the leaf is marked.</summary>
    internal bool this[int leaf]
    {
        get
        {
            var all = Volatile.Read(ref pages);
            return leaf >> PageBits < all.Length && all[leaf >> PageBits] is { } page && Volatile.Read(ref page[leaf & (PageSize - 1)]);
        }
    }

    /// <summary>[main] Marks a leaf, or takes its mark away.</summary>
    internal void Set(int leaf, bool isMarked)
    {
        if (isMarked == this[leaf]) return;
        var page = leaf >> PageBits;
        if (page >= pages.Length)
        {
            var more = new bool[]?[page + 1];
            pages.CopyTo(more, 0);
            Volatile.Write(ref pages, more);
        }
        if (pages[page] is null) Volatile.Write(ref pages[page], new bool[PageSize]);
        Volatile.Write(ref pages[page]![leaf & (PageSize - 1)], isMarked);
    }
}

/// <summary>[any] A thread that waits. (A class, because the first call through an interface is looked up, and that may be on the audio side.)</summary>
abstract class Wakeable
{
    /// <summary>[any] Wakes it; never waits.</summary>
    public abstract void Signal();
}
