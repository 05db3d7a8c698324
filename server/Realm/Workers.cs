using System.Collections.Concurrent;

namespace OscLooper.Server.Realm;

/// <summary>[main] Threads for what waits (disks), and the way back to main. In a render nothing runs beside main: work is done when asked for.</summary>
sealed class Workers : IDisposable
{
    readonly BlockingCollection<(Action Work, Action<Exception?> Then)> todo = [];
    readonly ConcurrentQueue<Action> posted = new();
    readonly SemaphoreSlim bell = new(0);
    readonly Thread[] threads;
    readonly Action wake;
    readonly Action<Exception> complain;
    readonly bool isOffline;
    readonly CancellationTokenSource end = new();
    int running;

    public Workers(bool isOffline, Action wake, Action<Exception> complain)
    {
        (this.isOffline, this.wake, this.complain) = (isOffline, wake, complain);
        threads = isOffline ? [] : [.. Enumerable.Range(1, 2).Select(i => new Thread(Work) { Name = $"worker {i}", IsBackground = true })];
        foreach (var thread in threads) thread.Start();
    }

    /// <summary>[any] Work that is not finished.</summary>
    public int Running => Volatile.Read(ref running);

    /// <summary>[any] What was posted and has not been done yet.</summary>
    public int Waiting => posted.Count;

    /// <summary>[any] Runs work on a worker, then continues on main.</summary>
    public void Run(Action work, Action<Exception?> then)
    {
        Interlocked.Increment(ref running);
        todo.Add((work, then));
    }

    /// <summary>[any] Continues on main.</summary>
    public void Post(Action action)
    {
        posted.Enqueue(action);
        bell.Release();
        wake();
    }

    /// <summary>[main] Does what came back; in a render the work itself, too. True when there was something.</summary>
    public bool Pump()
    {
        var any = false;
        // Only what is there now: an action that posts another one must not keep main for ever.
        for (var left = posted.Count; left > 0 && posted.TryDequeue(out var action); left--)
        {
            any = true;
            bell.Wait(0);
            Guard(action);
        }
        for (var left = todo.Count; isOffline && left > 0 && todo.TryTake(out var item); left--)
        {
            any = true;
            var trouble = Try(item.Work);
            Interlocked.Decrement(ref running);
            Guard(() => item.Then(trouble));
        }
        return any;
    }

    /// <summary>[main] Waits until something is posted, at most so long.</summary>
    public void WaitForPost(int milliseconds) => bell.Wait(milliseconds);

    /// <summary>[main] Lets the workers finish what they are at, for a moment.</summary>
    public void Dispose()
    {
        end.Cancel();
        foreach (var thread in threads) thread.Join(500);
    }

    void Work()
    {
        try
        {
            foreach (var (work, then) in todo.GetConsumingEnumerable(end.Token))
            {
                var trouble = Try(work);
                Post(() =>
                {
                    Interlocked.Decrement(ref running);
                    then(trouble);
                });
            }
        }
        catch (OperationCanceledException)
        {
            // The server ends.
        }
    }

    // What a module does on main must not end main.
    void Guard(Action action)
    {
        if (Try(action) is { } trouble) complain(trouble);
    }

    static Exception? Try(Action work)
    {
        try
        {
            work();
            return null;
        }
        catch (Exception trouble)
        {
            return trouble;
        }
    }
}
