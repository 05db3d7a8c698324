using System.Runtime.CompilerServices;
using OscLooper.Server.Realtime;

namespace OscLooper.Server.Realm;

/// <summary>[any] A module needed longer than it may.</summary>
sealed class HungException(string what, double seconds) : Exception($"{what} needs more than {seconds:0.#} s");

/// <summary>[any] An imp is being made; in a process of its own, that one is looked at as soon as it runs ("/proc/N", empty before).</summary>
sealed class Making
{
    volatile string process = "";

    /// <summary>[any] It gets a process of its own, which needs its time to begin.</summary>
    public bool IsApart { get; set; }
    /// <summary>[any] Since when; nothing was computed in its process before.</summary>
    public CodeBegin Begin { get; } = new(SampleClock.MonotonicNow, 0, 0);
    /// <summary>[any] Which process that is, as soon as it runs.</summary>
    public string Process { get => process; set => process = value; }
}

/// <summary>
/// [main] The thread on which one imp's own code runs (never main, never the audio side), one call after the other, each with a budget.
/// A call over its budget is given up: its thread is left to itself and counted as hung until it returns, the next call gets another.
/// </summary>
sealed class ImpThread(string name, Workers workers, Hangs hangs, bool isOffline, bool isWatched = true) : IDisposable
{
    sealed class Call
    {
        public required Action Work { get; init; }
        public object Number { get; } = new();
        public required string What { get; init; }
        public required double Seconds { get; init; }
        public Func<long>? Progress { get; init; }
        public TaskCompletionSource Done { get; } = new();
        public ManualResetEventSlim Over { get; } = new();
        public Exception? Trouble;
        public long Begun, Deadline, Seen;
        public Action? GaveUp;
        // Whose process does it; empty = ours.
        public required string Process { get; init; }
        public volatile string Thread = "";
        public volatile CodeBegin? Begin;
        public int State;   // 0 under way, 1 over, 2 given up, 3 back though it was given up
    }

    sealed class Runner
    {
        public readonly SemaphoreSlim Bell = new(0);
        public volatile Call? Next;
        public volatile bool Ends;
    }

    // Others wait for a save: what drips does not count as progress, and once it is enough.
    const double LongestSeconds = 60, LeastBytesPerSecond = 100_000;
    [ThreadStatic] static bool isInline;
    [ThreadStatic] static string? threadPath;
    bool isSavingStill;
    int abandoned;
    Runner? runner;
    volatile Call? current;
    volatile Making? making;
    CodeWatch? watch;

    /// <summary>[any] The name of the call that asks for data.</summary>
    public const string Saving = "Save";
    /// <summary>[any] The name of the call that gives them.</summary>
    public const string Loading = "Load";

    /// <summary>[any] A save that was given up has not come back: another one would only hang beside it, and write into the same files.</summary>
    public bool IsSavingStill => Volatile.Read(ref isSavingStill);

    /// <summary>[any] A call that was given up is still in the module's code: what it works with must stay.</summary>
    public bool IsAbandoned => Volatile.Read(ref abandoned) > 0;

    /// <summary>[main] The imp is being made: what is called until that is over belongs to it; null = it is not.</summary>
    public Making? Making { get => making; set => making = value; }

    /// <summary>[main] Calls are made on main itself, as long as this thread is main (tests of what follows from them).</summary>
    public static bool IsInline { get => isInline; set => isInline = value; }

    /// <summary>[main] Runs a module's code; the task ends on main. Progress, when given, prolongs the budget as long as it grows.</summary>
    public Task Run(string what, double seconds, Action work, Func<long>? progress = null, Action? gaveUp = null, string process = "")
    {
        var call = new Call { Work = work, What = what, Seconds = seconds, Progress = progress, GaveUp = gaveUp, Process = process };
        call.Begun = SampleClock.MonotonicNow;
        call.Deadline = call.Begun + (long)(seconds * 1e9);
        if (runner is null) Start();
        if (watch is null && isWatched && !isOffline && !IsInline) hangs.Watch(watch = new CodeWatch(Now));
        current = call;
        runner!.Next = call;
        if (IsInline) Do(runner);
        else runner.Bell.Release();
        if (isOffline)
            while (!call.Over.Wait(TimeSpan.FromSeconds(seconds)) && !Look()) { }
        return call.Done.Task;
    }

    /// <summary>[main] Gives up a call that is over its budget; true when none is under way (any more).</summary>
    public bool Look()
    {
        if (current is not { } call || SampleClock.MonotonicNow < call.Deadline) return current is null;
        var now = SampleClock.MonotonicNow;
        if (now - call.Begun < LongestSeconds * 1e9 && call.Progress?.Invoke() is { } grown && grown - call.Seen >= LeastBytesPerSecond * call.Seconds)
        {
            (call.Seen, call.Deadline) = (grown, now + (long)(call.Seconds * 1e9));
            return false;
        }
        if (call.What == Saving) Volatile.Write(ref isSavingStill, true);
        Interlocked.Increment(ref abandoned);
        if (Interlocked.CompareExchange(ref call.State, 2, 0) != 0)
        {
            Interlocked.Decrement(ref abandoned);
            Volatile.Write(ref isSavingStill, false);
            return true;
        }
        hangs.Note(call, $"{name}: {call.What} needs more than {call.Seconds:0.#} s");
        if (Volatile.Read(ref call.State) == 3) hangs.Forget(call);
        runner!.Ends = true;
        (runner, current) = (null, null);
        call.GaveUp?.Invoke();
        workers.Post(() => call.Done.SetException(new HungException($"{name}: {call.What}", call.Seconds)));
        return true;
    }

    Stay Now()
    {
        var (making, call) = (this.making, current);
        // From the start of its process on it is one stay, also between two calls.
        if (making is { Process.Length: > 0 }) return new(making, name, call?.What ?? "", making.Process, KindOf(call)) { Begun = making.Begin, IsStart = true, PatienceSeconds = Stay.StartNoticeSeconds };
        if (call is not { State: 0, Begin: { } begin }) return default;
        return new(call.Number, name, call.What, call.Process.Length > 0 ? call.Process : call.Thread, KindOf(call))
        {
            Begun = begin, IsStart = making is not null, PatienceSeconds = making is { IsApart: true } ? Stay.StartNoticeSeconds : Stay.NoticeSeconds,
        };
    }

    static StayKind KindOf(Call? call) => call?.What is Saving or Loading ? StayKind.Data : StayKind.Call;

    /// <summary>[main] When the present call is over its budget, in monotonic nanoseconds.</summary>
    public long Deadline => current?.Deadline ?? long.MaxValue;

    void Start()
    {
        var mine = runner = new Runner();
        if (!isInline) new Thread(() => Loop(mine)) { Name = $"imp {name}", IsBackground = true }.Start();
    }

    void Loop(Runner mine)
    {
        do mine.Bell.Wait();
        while (Do(mine) && !mine.Ends);
    }

    // A method of its own: while the thread waits, nothing on its stack may hold a module that was unloaded meanwhile.
    [MethodImpl(MethodImplOptions.NoInlining)]
    bool Do(Runner mine)
    {
        if (mine.Next is not { } call) return false;
        mine.Next = null;
        if (isWatched && !isOffline && !isInline) (call.Thread, call.Begin) = (threadPath ??= WorkItem.ThisThread, call.Process.Length > 0 ? CodeBegin.Of(call.Process) : CodeBegin.Here);
        try
        {
            call.Work();
        }
        catch (Exception trouble)
        {
            call.Trouble = trouble;
        }
        if (Interlocked.CompareExchange(ref call.State, 1, 0) != 0)
        {
            Interlocked.Decrement(ref abandoned);
            Volatile.Write(ref call.State, 3);
            if (call.What == Saving) Volatile.Write(ref isSavingStill, false);
        }
        else
            workers.Post(() =>
            {
                if (current == call) current = null;
                if (call.Trouble is { } trouble) call.Done.SetException(trouble);
                else call.Done.SetResult();
            });
        hangs.Forget(call);
        call.Over.Set();
        return true;
    }

    /// <summary>[main] Ends the thread when it has nothing to do (any more).</summary>
    public void Dispose()
    {
        if (watch is not null) hangs.End(watch);
        watch = null;
        if (runner is null) return;
        runner.Ends = true;
        runner.Bell.Release();
        runner = null;
    }
}
