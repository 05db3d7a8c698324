using System.Runtime.InteropServices;

namespace OscLooper.Server.Addressing;

/// <summary>
/// [main] The way to the audio side. When the inbox is full, events wait here in order: those of clients that may not lose anything
/// (which are not read on meanwhile), and the latest value of each parameter that came by UDP. Nothing overtakes what waits.
/// </summary>
sealed class AudioGate(Ring<Event> inbox)
{
    /// <summary>More than this never waits, whatever one packet asks for.</summary>
    public const int MostWaiting = 1 << 16;
    const int MostKept = 1 << 12;

    readonly List<Event> waiting = [];
    readonly Dictionary<int, int> latestAt = [];
    readonly List<Event> bundle = [];
    int head;

    /// <summary>[main] Nothing waits: clients that may not lose anything can be read.</summary>
    public bool IsClear => head == waiting.Count;

    /// <summary>[main] Events that wait.</summary>
    public int Waiting => waiting.Count - head;

    /// <summary>[main] True while the messages of one bundle are being collected.</summary>
    public bool IsCollecting { get; private set; }

    /// <summary>[main] From now on events are kept together until <see cref="Commit"/>.</summary>
    public void Collect() => IsCollecting = true;

    /// <summary>[main] The collected events become readable at once; where the inbox is too full they wait like others.</summary>
    public void Commit()
    {
        IsCollecting = false;
        if (bundle.Count > 0 && !(IsClear && inbox.TryWriteAll(CollectionsMarshal.AsSpan(bundle))))
            foreach (var e in CollectionsMarshal.AsSpan(bundle)) Wait(e);
        Empty(bundle);
    }

    /// <summary>[main] Whether so many events of a client can be taken; false means busy.</summary>
    public bool HasRoom(int count, bool isReliable, bool keepsLatest)
    {
        var pending = bundle.Count + count;
        if (IsClear && inbox.Capacity - inbox.Count >= pending) return true;
        return (isReliable || keepsLatest) && Waiting + pending <= MostWaiting;
    }

    /// <summary>[main] Sends an event after all earlier ones. It is never lost; ask <see cref="HasRoom"/> first for what clients send.</summary>
    public void Send(in Event e)
    {
        if (IsCollecting) bundle.Add(e);
        else if (!(IsClear && inbox.TryWrite(e))) Wait(e);
    }

    /// <summary>[main] The same for a parameter's value that may take the place of an earlier one of the same leaf that still waits.</summary>
    public void SendLatest(in Event e)
    {
        if (IsCollecting) bundle.Add(e);
        else if (IsClear && inbox.TryWrite(e)) return;
        else if (latestAt.TryGetValue(e.Target, out var place) && place >= head) waiting[place] = e;
        else
        {
            latestAt[e.Target] = waiting.Count;
            Wait(e);
        }
    }

    /// <summary>[main] Passes on what waits, as far as there is room.</summary>
    public void Flush()
    {
        if (IsClear) return;
        var all = CollectionsMarshal.AsSpan(waiting);
        while (head < all.Length && inbox.TryWrite(all[head])) head++;
        if (!IsClear && head < MostWaiting) return;
        waiting.RemoveRange(0, head);
        if (waiting.Count == 0) Empty(waiting);
        latestAt.Clear();
        head = 0;
    }

    // What a burst needed is not kept.
    static void Empty(List<Event> some)
    {
        some.Clear();
        if (some.Capacity > MostKept) some.Capacity = 0;
    }

    void Wait(in Event e) => waiting.Add(e);
}
