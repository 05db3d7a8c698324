namespace OscLooper.Server.Realm;

/// <content>[main] What one imp says to another that is on its way to playing waits until that plays: imps come side by side, and nobody knows who is first.</content>
public sealed partial class Realm
{
    const int MostLetters = 4096;

    /// <summary>[main] Sends, now or when whoever the address belongs to plays (or will not for now: then it is told why).</summary>
    internal void Deliver(string address, Action send)
    {
        var end = address.Length < 2 ? -1 : address.IndexOf('/', 1);
        var imp = end < 0 ? null : imps.Find(i => address.AsSpan(1, end - 1).SequenceEqual(i.Name));
        if (imp is null || imp.Letters.Count == 0 && !IsComing(imp) || imp.Letters.Count >= MostLetters) send();
        else imp.Letters.Enqueue(send);
    }

    static bool IsComing(Imp imp) => imp is { IsBusy: true, WantsFrozen: false, State: ImpState.Absent or ImpState.Loading or ImpState.Frozen };

    // After everything that may happen to an imp. Not here and now: whoever reads a letter may change the realm.
    void DeliverLetters(Imp imp)
    {
        if (imp.Letters.Count > 0 && !IsComing(imp)) server.Workers.Post(() => Read(imp));
    }

    // Only what lies there now, so that a letter that is answered by a letter does not keep main; and what one throws does not keep the next.
    void Read(Imp imp)
    {
        try
        {
            for (var left = imp.Letters.Count; left > 0 && !IsComing(imp) && imp.Letters.TryDequeue(out var send); left--) send();
        }
        finally
        {
            DeliverLetters(imp);
        }
    }
}
