namespace OscLooper.Server.Addressing;

/// <summary>
/// [main] What one client takes for the value of a leaf: what it last sent or was told. A change is told only where it differs. Messages that cross on
/// the way, or change places, leave open which of two came last at the client: then the value is told once more when nothing has moved for a while.
/// </summary>
struct Belief
{
    /// <summary>A set that comes so soon after something else was told may have crossed it.</summary>
    const long Crossing = 50_000_000;
    /// <summary>So far apart messages do not change places.</summary>
    const long Disorder = 25_000_000;

    Cell value;
    object? content;
    bool isUnknown;
    long sentAt, toldAt, crossableAt;
    RecentlyTold? recent;

    /// <summary>[main] The client sent it; otherwise it was told.</summary>
    public bool IsSent { get; private set; }
    /// <summary>[main] The client may have been told something else after it sent this, or the other way round.</summary>
    public bool IsUncertain { get; private set; }
    /// <summary>[main] Two that it sent may have changed places; that counts where order is not kept.</summary>
    public bool IsDisordered { get; private set; }
    /// <summary>[main] When it is compared with the value again; 0 = it need not.</summary>
    public long ReviewAt { get; set; }

    /// <summary>[main] What it sent was refused or pulled into range.</summary>
    public readonly bool IsUnknown => isUnknown;

    /// <summary>[main] Whether the client has this value already.</summary>
    public readonly bool Is(Declaration declaration, in Cell now, object nowContent) => !isUnknown && Values.Same(declaration, value, content, now, nowContent);

    /// <summary>[main] The client was told: of a change, or because it has asked. Who asks waits for the answer before it sets, where nothing changes places.</summary>
    public void Tell(Client client, Declaration declaration, in Cell told, object toldContent, long now, bool isAnswer)
    {
        // Of two tellings in a row the first may arrive last; whatever crossed the one before is settled by this one.
        IsUncertain = !client.KeepsOrder && !declaration.IsReadOnly && now - toldAt < Disorder && !Is(declaration, told, toldContent);
        (value, content, isUnknown, IsSent, IsDisordered, toldAt) = (told, toldContent, false, false, false, now);
        if (!isAnswer || !client.KeepsOrder) crossableAt = now;
        if (!isAnswer && !declaration.IsSampled && !declaration.IsReadOnly && !client.IsTrusted) (recent ??= new()).Add(told, toldContent, now);
    }

    /// <summary>[main] It knows this without being told: it has set it itself, in this process.</summary>
    public void Know(in Cell known, object knownContent) => (value, content, isUnknown) = (known, knownContent, false);

    /// <summary>[main] The client has sent this of its own accord.</summary>
    public void Send(Declaration declaration, in Cell sent, object sentContent, bool isUnknownNow, long now)
    {
        recent?.Clear();
        Take(declaration, sent, sentContent, isUnknownNow, now);
    }

    /// <summary>[main] True when the client sends back what it was told a moment ago: that is no wish of its own.</summary>
    public bool Reflects(Client client, Declaration declaration, in Cell sent, object sentContent, long now)
    {
        var since = Math.Max(now - RecentlyTold.Window, client.LastDeed);
        if (!IsSent && !isUnknown && toldAt >= since && Values.Alike(declaration, value, content, sent, sentContent)) return true;
        if (recent is null || !recent.TryFind(declaration, sent, sentContent, since, out var told)) return false;
        Take(declaration, told.Value, told.Content, false, now);
        return true;
    }

    void Take(Declaration declaration, in Cell sent, object? sentContent, bool isUnknownNow, long now)
    {
        var differs = isUnknownNow || isUnknown || !Values.Same(declaration, value, content, sent, sentContent);
        IsUncertain = now - crossableAt < Crossing && (IsUncertain || differs && !IsSent);
        IsDisordered = now - sentAt < Disorder && (IsDisordered || differs && IsSent);
        (value, content, isUnknown, IsSent, sentAt) = (sent, sentContent, isUnknownNow, true, now);
    }
}

/// <summary>[main] What a client was told of one leaf within the last moments: some send it straight back, and that may arrive when the value has moved on.</summary>
sealed class RecentlyTold
{
    /// <summary>There and back, and the client's own time.</summary>
    public const long Window = 100_000_000;
    const int Capacity = 128;

    readonly List<(Cell Value, object? Content, long At)> told = [];

    public void Add(in Cell value, object? content, long now)
    {
        var past = 0;
        while (past < told.Count && (now - told[past].At > Window || told.Count - past >= Capacity)) past++;
        told.RemoveRange(0, past);
        told.Add((value, content, now));
    }

    public void Clear() => told.Clear();

    public bool TryFind(Declaration declaration, in Cell value, object? content, long since, out (Cell Value, object? Content, long At) found)
    {
        for (var i = told.Count - 1; i >= 0 && told[i].At >= since; i--)
        {
            if (!Values.Alike(declaration, told[i].Value, told[i].Content, value, content)) continue;
            found = told[i];
            return true;
        }
        found = default;
        return false;
    }
}

/// <summary>[main] When two values of a leaf are the same.</summary>
static class Values
{
    /// <summary>[main] They look the same on the wire.</summary>
    public static bool Same(Declaration declaration, in Cell a, object? contentOfA, in Cell b, object? contentOfB) => Compare(declaration, a, contentOfA, b, contentOfB, isExact: true);

    /// <summary>[main] The same for a client that knows 32 bits only.</summary>
    public static bool Alike(Declaration declaration, in Cell a, object? contentOfA, in Cell b, object? contentOfB) => Compare(declaration, a, contentOfA, b, contentOfB, isExact: false);

    static bool Compare(Declaration declaration, in Cell a, object? contentOfA, in Cell b, object? contentOfB, bool isExact)
    {
        for (var i = 0; i < declaration.Specs.Count; i++)
        {
            var spec = declaration.Specs[i];
            var same = spec.Kind switch
            {
                SpecKind.Number => Same(spec, i switch { 0 => a.A, 1 => a.B, _ => a.C }, i switch { 0 => b.A, 1 => b.B, _ => b.C }, isExact),
                _ => contentOfA is byte[] x && contentOfB is byte[] y ? x.AsSpan().SequenceEqual(y) : Equals(contentOfA, contentOfB),
            };
            if (!same) return false;
        }
        return true;
    }

    static bool Same(Spec spec, double a, double b, bool isExact) => a == b || (spec.Tag == 'f' || spec.Tag == 'd' && !isExact) && (float)a == (float)b;
}
