using System.Collections.Concurrent;
using OscLooper.Server.Realtime;

namespace OscLooper.Server.Realm;

/// <summary>
/// [main] Threads for what waits (disks), and the way back to main. Each kind of work has threads of its own, more of them while work is stuck, up to a bound.
/// In a render nothing runs beside main: work is done when asked for.
/// </summary>
sealed class Workers : IDisposable
{
    const int FewThreads = 2, MostThreads = 32, StuckMilliseconds = 300;

    sealed class Pool
    {
        public readonly BlockingCollection<WorkItem> Todo = [];
        public readonly List<Thread> Threads = [];
        public int Idle;
        public long LastGrown;
    }

    readonly Pool[] pools = [new(), new(), new()];
    readonly ConcurrentQueue<Action> posted = new();
    readonly ConcurrentDictionary<WorkItem, bool> underWay = new();
    readonly SemaphoreSlim bell = new(0);
    readonly Action wake;
    readonly Action<Exception> complain;
    readonly bool isOffline;
    readonly CancellationTokenSource end = new();
    int running;

    public Workers(bool isOffline, Action wake, Action<Exception> complain) => (this.isOffline, this.wake, this.complain) = (isOffline, wake, complain);

    /// <summary>[main] Where the modules' code on its threads is looked at.</summary>
    public Hangs? Hangs { get; set; }

    /// <summary>[any] Work that is not finished.</summary>
    public int Running => Volatile.Read(ref running);

    /// <summary>[any] Work that was given up and has not come back.</summary>
    public int Stuck => underWay.Keys.Count(i => i.IsGivenUp);

    /// <summary>[any] What was posted and has not been done yet.</summary>
    public int Waiting => posted.Count;

    /// <summary>[any] Runs work on a worker, then continues on main; a module's says whose it is (name, slot) and what.</summary>
    public WorkItem Run(Action work, Action<Exception?> then, WorkKind kind = WorkKind.Job, string imp = "", int slot = -1, string what = "")
    {
        var (item, pool) = (new WorkItem(work, then, imp, slot, what), pools[(int)kind]);
        Interlocked.Increment(ref running);
        pool.Todo.Add(item);
        if (!isOffline && Volatile.Read(ref pool.Idle) == 0) Grow(pool, FewThreads);
        return item;
    }

    /// <summary>[main] Now and then: where work waits because others do not come back, one thread more begins.</summary>
    public void Look()
    {
        if (isOffline) return;
        foreach (var pool in pools)
            if (pool.Todo.Count > 0 && Environment.TickCount64 - Volatile.Read(ref pool.LastGrown) >= StuckMilliseconds) Grow(pool, MostThreads);
    }

    void Grow(Pool pool, int most)
    {
        lock (pool.Threads)
        {
            if (pool.Threads.Count >= most || end.IsCancellationRequested) return;
            var thread = new Thread(() => Work(pool)) { Name = $"worker {pool.Threads.Count + 1}", IsBackground = true };
            pool.Threads.Add(thread);
            pool.LastGrown = Environment.TickCount64;
            thread.Start();
        }
    }

    /// <summary>[any] Continues on main.</summary>
    public void Post(Action action)
    {
        posted.Enqueue(action);
        bell.Release();
        wake();
    }

    /// <summary>[main] Not all that came back has been done: there is more for the next round.</summary>
    public bool IsBehind { get; private set; }

    /// <summary>[main] Does what came back, as long as that; in a render all of it and the work itself, too. True when there was something.</summary>
    public bool Pump(long nanoseconds = long.MaxValue)
    {
        var (any, begun) = (false, SampleClock.MonotonicNow);
        IsBehind = false;
        // Only what is there now: an action that posts another one must not keep main for ever.
        for (var left = posted.Count; left > 0 && !IsBehind && posted.TryDequeue(out var action); left--)
        {
            any = true;
            bell.Wait(0);
            Guard(action);
            IsBehind = left > 1 && !isOffline && SampleClock.MonotonicNow - begun > nanoseconds;
        }
        if (!isOffline) return any;
        foreach (var pool in pools)
            for (var left = pool.Todo.Count; left > 0 && pool.Todo.TryTake(out var item); left--)
            {
                any = true;
                var (work, then) = item.Take();
                var trouble = Try(work);
                Interlocked.Decrement(ref running);
                Guard(() => then(trouble));
            }
        return any;
    }

    /// <summary>[main] Waits until something is posted, at most so long.</summary>
    public void WaitForPost(int milliseconds) => bell.Wait(milliseconds);

    /// <summary>[main] Lets the workers finish what they are at, for a moment.</summary>
    public void Dispose()
    {
        end.Cancel();
        var until = Environment.TickCount64 + 500;
        foreach (var pool in pools)
            lock (pool.Threads)
                foreach (var thread in pool.Threads) thread.Join((int)Math.Max(0, until - Environment.TickCount64));
    }

    void Work(Pool pool)
    {
        var thread = WorkItem.ThisThread;
        WorkItem? present = null;
        var watch = new CodeWatch(() => Volatile.Read(ref present)?.Stay ?? default);
        Hangs?.Watch(watch);
        try
        {
            while (true)
            {
                Interlocked.Increment(ref pool.Idle);
                WorkItem item;
                try
                {
                    item = pool.Todo.Take(end.Token);
                }
                finally
                {
                    Interlocked.Decrement(ref pool.Idle);
                }
                Do(item, thread, ref present);
            }
        }
        catch (OperationCanceledException)
        {
            // The server ends.
        }
        finally
        {
            Hangs?.End(watch);
        }
    }

    // A method of its own: while the thread waits, nothing on its stack holds what it did last.
    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    void Do(WorkItem item, string thread, ref WorkItem? present)
    {
        underWay[item] = true;
        item.Begin(thread);
        Volatile.Write(ref present, item);
        var (work, then) = item.Take();
        var trouble = Try(work);
        Volatile.Write(ref present, null);
        item.IsOver = true;
        underWay.TryRemove(item, out _);
        Post(() =>
        {
            Interlocked.Decrement(ref running);
            then(trouble);
        });
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
