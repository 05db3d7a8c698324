using System.Runtime.CompilerServices;

namespace OscLooper.Server.Addressing;

// What each client last sent or was told of the leaves that it listens to.
sealed partial class Subscriptions
{
    /// <summary>What a client set has acted, and what crossed it has arrived, before the value is compared with what the client sent.</summary>
    const long ReviewDelay = 30_000_000;

    /// <summary>[main] A client sets a value. True when it only sends back what it was told a moment ago: then nothing acts.</summary>
    public bool IsReflection(Client client, int target, Declaration declaration, in Cell sent, object content)
    {
        if (client.IsTrusted || client.Subscriptions == 0) return false;
        ref var entry = ref FindLeading(client, target, out var one, out var place);
        if (one is null || !entry.Belief.Reflects(client, declaration, sent, content, timing.Now)) return false;
        client.IsReflecting = true;
        if (entry.Belief.IsSent) Review(one, place, ref entry, timing.Now);
        return true;
    }

    /// <summary>[main] A client has set a value, which acts a little later; altered = pulled into range.</summary>
    public void Sent(Client client, int target, Declaration declaration, in Cell sent, object content, bool isAltered)
    {
        if (client.IsTrusted || client.Subscriptions == 0) return;
        ref var entry = ref FindLeading(client, target, out var one, out var place);
        if (one is null) return;
        entry.IsPending = false;
        entry.Belief.Send(declaration, sent, content, isAltered, timing.Now);
        Review(one, place, ref entry, timing.Now);
    }

    /// <summary>[main] What a client sent was refused: it holds a wrong value and is told the right one, unless that is what it sent.</summary>
    public void Refused(Client client, int target, Declaration declaration, in Cell sent, object content, bool isReadable)
    {
        if (client.IsTrusted || client.Subscriptions == 0) return;
        ref var entry = ref FindLeading(client, target, out var one, out var place);
        if (one is null) return;
        var now = timing.Now;
        if (isReadable && (entry.Belief.Is(declaration, sent, content) || entry.Belief.Reflects(client, declaration, sent, content, now))) return;
        entry.Belief.Send(declaration, sent, content, isUnknownNow: true, now);
        if (!entry.IsSampled) Review(one, place, ref entry, now);
    }

    /// <summary>[main] A question was answered: that is told, too.</summary>
    public void Answered(Client client, int target, in Cell value)
    {
        if (client.Subscriptions == 0) return;
        ref var entry = ref FindLeading(client, target, out var one, out _);
        if (one is null) return;
        entry.Belief.Tell(client, space.DeclarationOf(target)!, value, space.ContentOf(target), timing.Now, isAnswer: true);
    }

    // Whether whoever set it need not be told.
    static bool IsKnownToSetter(ref Subscription.Watched entry, Client client, Declaration declaration, int setBy, in Cell value, object content)
    {
        var isAltered = (setBy & Event.AlteredBit) != 0;
        var isUnderWay = entry.Belief is { IsSent: true, ReviewAt: > 0 };
        // In this process nothing crosses; and of what was sent ahead with its time the client learns nothing new.
        if (client.IsTrusted || (setBy & Event.TaggedBit) != 0 && !isUnderWay)
        {
            if (isAltered) return false;
            entry.Belief.Know(value, content);
            return true;
        }
        if (entry.Belief.Is(declaration, value, content)) return true;
        // It has sent another one since, which is still under way: to be told this one would only pull it back.
        return isUnderWay && !(isAltered && entry.Belief.IsUnknown);
    }

    void Review(Subscription one, int place, ref Subscription.Watched entry, long now)
    {
        // Blocks count: what is set acts one block later, and is heard of when that has been played.
        entry.Belief.ReviewAt = now + ReviewDelay + 2 * timing.BlockNanoseconds;
        LookLater(one, place, ref entry, entry.Belief.ReviewAt);
    }

    // Who sends back what it is told answers with values that are on their way for longer than those of others.
    bool MayLoseOrder(Client client, int target) =>
        !client.KeepsOrder || all.Exists(s => s.Client != client && s.Client.IsReflecting && s.TryFind(target, out _));

    static ref Subscription.Watched FindLeading(Client client, int target, out Subscription? one, out int place)
    {
        foreach (var each in client.Listening)
        {
            if (each.Heard is not null || !each.TryFind(target, out place) || each.All[place].IsShadowed) continue;
            one = each;
            return ref each.All[place];
        }
        (one, place) = (null, -1);
        return ref Unsafe.NullRef<Subscription.Watched>();
    }
}
