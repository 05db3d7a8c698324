using System.Runtime.InteropServices;
using System.Text;

namespace OscLooper.Server.Addressing;

/// <summary>
/// [main] Feedback: words at once, every one; of numbers the first change at once, then the latest at the client's pace.
/// A client is told only what differs from what it last sent or was told (<see cref="Belief"/>), so that nothing fights a finger on a fader.
/// </summary>
sealed partial class Subscriptions
{
    /// <summary>One client may have so many.</summary>
    public const int MostPerClient = 256;
    /// <summary>And so many leaves in all of them.</summary>
    public const int MostWatched = 1 << 17;
    public const double DefaultHz = 30;

    readonly List<Subscription> all = [];
    Subscription[] allNow = [];
    // How many listen to a leaf: what nobody listens to, which is most of a flood, costs one look.
    readonly Dictionary<int, int> listeners = [];
    readonly AddressSpace space;
    readonly Timing timing;
    readonly Postman postman;
    readonly Action refresh;

    public Subscriptions(AddressSpace space, Timing timing, Postman postman, Action refresh)
    {
        (this.space, this.timing, this.postman, this.refresh) = (space, timing, postman, refresh);
        space.Merged += ImpMerged;
        space.Changed += AddressChanged;
    }

    /// <summary>[main] How many there are.</summary>
    public int Count => all.Count;

    /// <summary>[main] When the next number may be sent; long.MaxValue when nothing waits.</summary>
    public long NextDue
    {
        get
        {
            var due = long.MaxValue;
            foreach (var one in all) due = Math.Min(due, Math.Min(one.Due, EndOf(one)));
            return due;
        }
    }

    /// <summary>[main] Begins one (or renews it, when the client has the same pattern already); sends every value. Null when the client has too many.</summary>
    public Subscription? Begin(Client client, string pattern, double hertz, double leaseSeconds)
    {
        var bytes = Encoding.UTF8.GetBytes(pattern);
        var now = timing.Now;
        var leaseEnd = leaseSeconds > 0 ? now + (long)(leaseSeconds * 1e9) : 0;
        var old = all.Find(s => s.Client == client && s.Heard is null && s.Pattern.AsSpan().SequenceEqual(bytes));
        if (old is null && (client.Subscriptions >= MostPerClient || client.Watched + space.Match(bytes).Length > MostWatched)) return null;
        if (old is not null) End(old);
        return Begin(new Subscription(client, bytes, (long)(1e9 / hertz), leaseEnd, null));
    }

    /// <summary>[main] Calls back instead of sending.</summary>
    public IDisposable Watch(Client client, string pattern, double hertz, Action<string, object[]> heard)
    {
        var begun = Begin(new Subscription(client, Encoding.UTF8.GetBytes(pattern), (long)(1e9 / hertz), 0, heard));
        return new Ending(this, begun);
    }

    /// <summary>[main] Ends those of a client that have this pattern; how many they were.</summary>
    public int End(Client client, string pattern)
    {
        var bytes = Encoding.UTF8.GetBytes(pattern);
        var ended = all.FindAll(s => s.Client == client && s.Pattern.AsSpan().SequenceEqual(bytes));
        foreach (var one in ended) End(one);
        return ended.Count;
    }

    /// <summary>[main] Ends all of a client.</summary>
    public void End(Client client)
    {
        foreach (var one in client.Listening.ToArray()) End(one);
    }

    /// <summary>[main] Everybody who listens to a leaf.</summary>
    public IEnumerable<Client> Listeners(int target) => all.Where(s => s.TryFind(target, out _)).Select(s => s.Client).Distinct();

    /// <summary>[main] A value was set or has changed. The client is the one who set it (as events carry it), 0 for nobody.</summary>
    public void Changed(int target, int setBy, in Cell value, long frame)
    {
        if (!listeners.ContainsKey(target)) return;
        var (declaration, content, now) = (space.DeclarationOf(target)!, space.ContentOf(target), timing.Now);
        for (var i = 0; i < all.Count; i++)
        {
            var one = all[i];
            if (!one.TryFind(target, out var place)) continue;
            ref var entry = ref one.All[place];
            if (entry.IsShadowed) continue;
            var isOwn = setBy != 0 && !declaration.IsReadOnly && Event.IdOf(setBy) == one.Client.Id;
            if (!entry.IsHappening && (isOwn ? IsKnownToSetter(ref entry, one.Client, declaration, setBy, value, content) : entry.Belief.Is(declaration, value, content)))
            {
                // What was held back is overtaken; it stays in the list until its time comes.
                entry.IsPending = false;
                continue;
            }
            if (entry.IsWord || now - entry.LastSent >= one.Period) Send(one, ref entry, value, now, frame);
            else Hold(one, place, ref entry, frame);
        }
    }

    // Sent later, unless it is overtaken.
    static void Hold(Subscription one, int place, ref Subscription.Watched entry, long frame)
    {
        (entry.IsPending, entry.Frame) = (true, frame);
        LookLater(one, place, ref entry, entry.LastSent + one.Period);
    }

    static void LookLater(Subscription one, int place, ref Subscription.Watched entry, long at)
    {
        if (!entry.IsListed) one.Pending.Add(place);
        entry.IsListed = true;
        one.Due = Math.Min(one.Due, at);
    }

    /// <summary>[main] Sends what is due by now, and ends what has run out.</summary>
    public void Tick()
    {
        if (all.Count == 0) return;
        var now = timing.Now;
        for (var i = all.Count - 1; i >= 0; i--)
        {
            var one = all[i];
            if (one.Client.IsGone || now >= EndOf(one)) End(one);
            else if (now >= one.Due) SendDue(one, now);
        }
    }

    // A host that the user did not name must be heard of now and then, whatever it asked for.
    static long EndOf(Subscription one)
    {
        var end = one.LeaseEnd > 0 ? one.LeaseEnd : long.MaxValue;
        return one.Client.LongestLease > 0 ? Math.Min(end, one.Client.LastAsked + one.Client.LongestLease) : end;
    }

    void SendDue(Subscription one, long now)
    {
        var due = long.MaxValue;
        for (var i = one.Pending.Count - 1; i >= 0 && !one.HasEnded; i--)
        {
            var place = one.Pending[i];
            ref var entry = ref one.All[place];
            var next = Math.Min(entry.IsPending ? entry.LastSent + one.Period : long.MaxValue, entry.Belief.ReviewAt > 0 ? entry.Belief.ReviewAt : long.MaxValue);
            if (next <= now)
            {
                Look(one, ref entry, now);
                // A listener in this process may have changed what there is.
                if (one.HasEnded || i >= one.Pending.Count || one.Pending[i] != place) continue;
                entry = ref one.All[place];
                next = entry.Belief.ReviewAt > 0 ? entry.Belief.ReviewAt : long.MaxValue;
            }
            if (next < long.MaxValue)
            {
                due = Math.Min(due, next);
                continue;
            }
            entry.IsListed = false;
            one.Pending.RemoveAt(i);
        }
        if (one.Sampled.Count > 0)
        {
            if (now >= one.NextLook)
            {
                one.NextLook = now + one.Period;
                LookAtSampled(one, now);
            }
            due = Math.Min(due, one.NextLook);
        }
        one.Due = due;
    }

    // A number whose pace allows it, or a value that the client may not have.
    void Look(Subscription one, ref Subscription.Watched entry, long now)
    {
        var declaration = space.DeclarationOf(entry.Target)!;
        var (value, content) = (space.ValueOf(entry.Target), space.ContentOf(entry.Target));
        var mustTell = entry is { IsPending: true, IsHappening: true };
        if (entry.Belief.ReviewAt > 0 && now >= entry.Belief.ReviewAt)
        {
            mustTell |= entry.Belief.IsUncertain || entry.Belief.IsDisordered && MayLoseOrder(one.Client, entry.Target);
            entry.Belief.ReviewAt = 0;
        }
        var frame = entry.IsPending ? entry.Frame : timing.Frame;
        entry.IsPending = false;
        if (mustTell || !entry.Belief.Is(declaration, value, content)) Send(one, ref entry, value, now, frame);
    }

    void LookAtSampled(Subscription one, long now)
    {
        refresh();
        for (var i = 0; i < one.Sampled.Count && !one.HasEnded; i++)
        {
            ref var entry = ref one.All[one.Sampled[i]];
            if (entry.IsShadowed) continue;
            var value = space.ValueOf(entry.Target);
            if (!entry.Belief.Is(space.DeclarationOf(entry.Target)!, value, "")) Send(one, ref entry, value, now, timing.Frame);
        }
    }

    Subscription Begin(Subscription one)
    {
        all.Add(one);
        one.Client.Listening.Add(one);
        one.Client.IsUnreachable = false;
        one.Client.ListeningChanged();
        refresh();
        // Copied, because a listener in this process may ask for another match.
        foreach (var target in space.Match(one.Pattern).ToArray())
        {
            // The first of it may have shown that nobody is there.
            if (one.HasEnded || one.Client.IsUnreachable) break;
            if (space.DeclarationOf(target) is { IsState: true } declaration) Add(one, target, declaration);
        }
        return one;
    }

    void Add(Subscription one, int target, Declaration declaration, bool isTold = false)
    {
        ref var entry = ref one.Add(target, declaration);
        if (CollectionsMarshal.GetValueRefOrAddDefault(listeners, target, out _)++ == 0) space.Watch(target, true);
        // The first change is to be sent at once, so the value now does not count as sent.
        var value = space.ValueOf(target);
        entry.LastSent = long.MinValue / 2;
        entry.Belief.Tell(one.Client, declaration, value, space.ContentOf(target), timing.Now, isAnswer: true);
        if (!isTold) Post(one, target, value, timing.Frame, isFeedback: false);
        if (one.HasEnded) return;
        if (one.Client.Subscriptions > 1 && one.Heard is null) Lead(one, ref entry);
        if (!entry.IsSampled) return;
        one.NextLook = timing.Now + one.Period;
        one.Due = Math.Min(one.Due, one.NextLook);
    }

    void Send(Subscription one, ref Subscription.Watched entry, in Cell value, long now, long frame)
    {
        (entry.LastSent, entry.IsPending) = (now, false);
        entry.Belief.Tell(one.Client, space.DeclarationOf(entry.Target)!, value, space.ContentOf(entry.Target), now, isAnswer: false);
        if (entry.Belief.IsUncertain && one.TryFind(entry.Target, out var place)) Review(one, place, ref entry, now);
        Post(one, entry.Target, value, frame, isFeedback: true);
    }

    void Post(Subscription one, int target, in Cell value, long frame, bool isFeedback)
    {
        if (one.Heard is { } heard)
            heard(space.AddressOf(target), Wire.Values(space.DeclarationOf(target)!, value, space.ContentOf(target)));
        else
            postman.Value(one.Client, target, value, frame, isFeedback);
    }

    // Of several subscriptions of one client that name the same leaf the fastest tells of it. The value was told just now.
    void Lead(Subscription one, ref Subscription.Watched entry)
    {
        foreach (var other in one.Client.Listening)
        {
            if (other == one || !IsBeside(other, one) || !other.TryFind(entry.Target, out var place)) continue;
            ref var leading = ref other.All[place];
            if (leading.IsShadowed) continue;
            (leading.IsPending, leading.Belief, leading.LastSent) = (false, entry.Belief, entry.LastSent);
            if (one.Period < other.Period) leading.IsShadowed = true;
            else entry.IsShadowed = true;
            return;
        }
    }

    // What told of a leaf has ended: the fastest of the others goes on where it was.
    void HandOver(Subscription ended, in Subscription.Watched entry)
    {
        Subscription? heir = null;
        foreach (var other in ended.Client.Listening)
            if (IsBeside(other, ended) && (heir is null || other.Period < heir.Period) && other.TryFind(entry.Target, out _)) heir = other;
        if (heir is null || !heir.TryFind(entry.Target, out var place)) return;
        ref var leading = ref heir.All[place];
        (leading.IsShadowed, leading.LastSent, leading.Belief) = (false, entry.LastSent, entry.Belief);
        if (entry.IsPending) Hold(heir, place, ref leading, entry.Frame);
        if (entry.Belief.ReviewAt > 0) LookLater(heir, place, ref leading, entry.Belief.ReviewAt);
    }

    static bool IsBeside(Subscription a, Subscription b) => a.Client == b.Client && a.Heard is null && b.Heard is null;

    void End(Subscription one)
    {
        if (one.HasEnded) return;
        one.HasEnded = true;
        all.Remove(one);
        one.Client.Listening.Remove(one);
        one.Client.ListeningChanged();
        one.Client.Watched -= one.Count;
        if (one.Client is { IsGone: false, Subscriptions: > 0 })
            foreach (ref readonly var entry in one.All)
                if (entry is { Target: >= 0, IsShadowed: false }) HandOver(one, entry);
        foreach (ref readonly var entry in one.All)
            if (entry.Target >= 0 && --CollectionsMarshal.GetValueRefOrAddDefault(listeners, entry.Target, out _) == 0) Unwatch(entry.Target);
    }

    void Unwatch(int target)
    {
        listeners.Remove(target);
        space.Watch(target, false);
    }

    // Thousands of addresses come at once: so each pattern is tried on those of this imp, and most patterns cannot mean it.
    void ImpMerged(ImpSpace imp)
    {
        // A listener in this process may begin and end others meanwhile.
        foreach (var one in all.ToArray())
            foreach (var target in AddressSpace.MatchIn(imp, one.Pattern))
                Appear(one, target);
    }

    void Appear(Subscription one, int target)
    {
        if (one.HasEnded || one.TryFind(target, out _) || space.DeclarationOf(target) is not { IsState: true } declaration) return;
        Add(one, target, declaration, isTold: one.Client.Listening.Exists(other => IsBeside(other, one) && other.TryFind(target, out _)));
    }

    void AddressChanged(int target, bool added)
    {
        if (!added)
        {
            if (!listeners.ContainsKey(target)) return;
            foreach (var one in all) one.Remove(target);
            Unwatch(target);
            return;
        }
        if (all.Count == 0 || space.DeclarationOf(target) is not { IsState: true }) return;
        // (A row has many addresses.)
        if (allNow.Length != all.Count || !allNow.AsSpan().SequenceEqual(CollectionsMarshal.AsSpan(all))) allNow = [.. all];
        foreach (var one in allNow)
            if (space.Matches(one, target)) Appear(one, target);
    }

    sealed class Ending(Subscriptions all, Subscription one) : IDisposable
    {
        public void Dispose() => all.End(one);
    }
}
