namespace OscLooper.Server.Realm;

/// <content>[main] Making an imp compiles its module. At the start all are made side by side; later few at once, so that a burst keeps nobody else waiting.</content>
public sealed partial class Realm
{
    const int MostMaking = 2;
    readonly Queue<TaskCompletionSource> turns = new();
    int making;
    bool isAwake;

    /// <summary>[main] Imps that are being made now.</summary>
    internal int Making => making;

    Task TakeTurn()
    {
        if (!isAwake || making < MostMaking)
        {
            making++;
            return Task.CompletedTask;
        }
        var turn = new TaskCompletionSource();
        turns.Enqueue(turn);
        return turn.Task;
    }

    // Whoever waits takes the place of the one that has it now. Not here and now: many that fail at once would lie upon each other.
    void GiveTurn()
    {
        if (making <= MostMaking && turns.TryDequeue(out var next)) server.Workers.Post(next.SetResult);
        else making--;
    }
}
