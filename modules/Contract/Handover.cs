namespace OscLooper;

/// <summary>
/// [any] Big things cross the boundary whole: one side offers, the other takes at a block start, and what it replaces goes back
/// the same way so that it is freed where freeing is allowed.
/// </summary>
public sealed class Handover<T>(int capacity = 64) where T : class
{
    readonly Ring<T> there = new(capacity);
    readonly Ring<T> back = new(capacity);

    /// <summary>[main] Offers a fresh object; false when too many are under way.</summary>
    public bool Offer(T fresh) => there.TryWrite(fresh);

    /// <summary>[audio] Takes the next offered object.</summary>
    public bool TryTake(out T fresh) => there.TryRead(out fresh);

    /// <summary>[audio] Gives back an object that is no longer used; false when main has not collected for long (keep it and try later).</summary>
    public bool Return(T old) => back.TryWrite(old);

    /// <summary>[main] Collects what came back.</summary>
    public bool TryCollect(out T old) => back.TryRead(out old);
}
