using OscLooper.Osc;

namespace OscLooper.Server.Addressing;

/// <summary>[main] Somebody who sends messages and gets answers: a UDP address, a TCP connection, or a part of this process.</summary>
public abstract class Client
{
    internal Client(int id, string name) => (Id, Name) = (id, name);

    /// <summary>[main] Number that events carry; never given twice.</summary>
    public int Id { get; }
    /// <summary>[main] Who it is, for people.</summary>
    public string Name { get; internal set; }
    /// <summary>[main] True once it has gone: nothing is sent to it any more.</summary>
    public bool IsGone { get; internal set; }

    /// <summary>[main] Nothing it sends may be lost: it waits instead (TCP, in process).</summary>
    internal virtual bool IsReliable => true;
    /// <summary>[main] No larger message reaches it.</summary>
    internal virtual int LargestMessage => OscStreamDecoder.DefaultMaxPacketBytes;
    /// <summary>[main] What it sends and what it is sent arrives in the order in which it was sent.</summary>
    internal virtual bool KeepsOrder => true;
    /// <summary>[main] It may name any frame and send as much ahead as it likes (scores, tests); nothing between it and main takes time.</summary>
    internal virtual bool IsTrusted => false;
    internal PacketQueue Queue { get; } = new();
    internal FailLimit Fails;
    /// <summary>Latest frame of anything it sent, and of anything outside time-tagged bundles.</summary>
    internal long LastFrame = -1, LastPlainFrame = -1;
    /// <summary>The frame of its latest packet outside time-tagged bundles, as the clock named it; -1 when it had to act at once.</summary>
    internal long LatestPlain = -1;
    internal long LastHeard;
    internal int Watched;
    internal bool IsDirty, IsListed, IsCutListed;
    /// <summary>Its port was found closed; what it listens to ends with the next round, unless it asks anew.</summary>
    internal bool IsUnreachable;
    /// <summary>It sends back what it is told.</summary>
    internal bool IsReflecting;
    /// <summary>When it last made something happen, other than by setting a value; and when it last sent anything that asks for something.</summary>
    internal long LastDeed, LastAsked;
    internal List<Subscription> Listening { get; } = [];
    internal int Subscriptions => Listening.Count;
    /// <summary>[main] A subscription has begun or ended.</summary>
    internal virtual void ListeningChanged() { }
    /// <summary>[main] So long after its last packet its subscriptions end; 0 = for no reason of time.</summary>
    internal virtual long LongestLease => 0;
    /// <summary>Jobs under way, and marks that wait for them.</summary>
    internal List<Call> Outstanding { get; } = [];

    /// <summary>[main] One of its packets is being carried out from now on.</summary>
    internal virtual void BeginPacket() { }
    /// <summary>[main] Takes one message to be sent at the end of this tick; feedback = no answer to its last packet, but a change.</summary>
    internal abstract void Post(ReadOnlySpan<byte> message, long frame, bool isFeedback);
    /// <summary>[main] More than it may be sent was left out, and it was not told yet.</summary>
    internal virtual bool HasCut => false;
    /// <summary>[main] When it may be told: how many messages were left out. The next message goes out whatever else it may be sent.</summary>
    internal virtual bool TakeCut(long now, out int count)
    {
        count = 0;
        return false;
    }
    /// <summary>[main] Sends what has been taken.</summary>
    internal abstract void Flush();
    /// <summary>[main] Answers go to this port of the same host from now on; false where that means nothing.</summary>
    internal virtual bool RedirectReplies(int port) => false;
}

/// <summary>[main] A reply or a change, with the frame it belongs to.</summary>
/// <param name="Frame">Frame of the change, or the engine's frame when the reply was made.</param>
/// <param name="Message">What was said.</param>
public readonly record struct Reply(long Frame, OscMessage Message);
