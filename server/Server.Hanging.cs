using System.Runtime.ExceptionServices;
using OscLooper.Server.Addressing;
using OscLooper.Server.Realm;
using OscLooper.Server.Realtime;

namespace OscLooper.Server;

// Code of modules that does not come back: on the audio side, or on main. What else there is goes on as far as it can.
public sealed partial class Server
{
    const double QuitSeconds = 1.9, EndSeconds = 2.7, LongestEndSeconds = 8;
    /// <summary>[any] Main leaves code that is late, and another thread is main from then on; after that long the imp is done without.</summary>
    internal const double GiveUpSeconds = 2.5;

    HangWatch? watch;
    volatile MainCall? mainCall;
    volatile string mainThreadPath = "";
    Client? served;
    readonly ManualResetEventSlim mainIsOver = new();
    ExceptionDispatchInfo? mainTrouble;
    CancellationToken endOfRun;
    long endAsked;
    bool isLost;

    /// <summary>[any] Called instead of ending tidily when something does not come back: what is left, as lines. Must not return. Null = nobody can.</summary>
    internal Action<IReadOnlyList<string>>? LastResort { get; set; }

    /// <summary>[any] In the process of an isolated imp: told instead of going on without it.</summary>
    internal Action<string>? HangFound { get; set; }

    /// <summary>[any] Somebody starts the server again: told which imp to leave out, and why, before it ends itself.</summary>
    internal Action<string, string>? LeaveOut { get; set; }

    /// <summary>[any] It ends so that another one can do better.</summary>
    internal bool WantsSuccessor => isLost;

    internal MainCall? MainCall => mainCall;
    /// <summary>[any] What main has left and what has not come back.</summary>
    internal IReadOnlyList<MainCall> LeftCalls => leftCalls;
    volatile MainCall[] leftCalls = [];

    /// <summary>[any] Runs on a thread of its own as main: another one may take its place meanwhile.</summary>
    void BeMain(Action code) => new Thread(() =>
    {
        try
        {
            (MainThread, mainThreadPath, mainCall) = (Environment.CurrentManagedThreadId, WorkItem.ThisThread, null);
            code();
            GoRound();
            Finish();
        }
        catch (Exception trouble)
        {
            mainTrouble = ExceptionDispatchInfo.Capture(trouble);
        }
        mainIsOver.Set();
    }) { Name = "main", IsBackground = true }.Start();

    /// <summary>[main] Runs a module's code on main, later when main has left code of the same module. When it does not come back, another thread becomes main, and this one never returns.</summary>
    internal void CallOut(string imp, int slot, string what, Action code, bool mayBeLater = false)
    {
        if (leftCalls.Length > 0 && Array.Find(leftCalls, c => c.Slot == slot && !c.IsForgotten) is { } late)
        {
            if (!mayBeLater) throw new InvalidOperationException($"{imp}: {late.What} has not come back");
            late.Later.Add(() => CallOut(imp, slot, what, code));
            return;
        }
        var call = new MainCall(imp, slot, what, mainThreadPath) { Outer = mainCall };
        mainCall = call;
        try
        {
            code();
        }
        finally
        {
            if (!call.ComeBack())
            {
                Workers.Post(() => IsBackLate(call));
                Thread.Sleep(Timeout.Infinite);
            }
            mainCall = call.Outer;
        }
    }

    /// <summary>[any] Main does not come back from a module's code: another thread goes on in its place.</summary>
    internal void TakeOver(MainCall call)
    {
        if (mainThreadPath.Length == 0 && OperatingSystem.IsLinux() || !call.Leave()) return;
        BeMain(() =>
        {
            leftCalls = [.. leftCalls, call];
            // What main was at is left as it is: the packet that led there does not act a second time.
            if (Gate.IsCollecting) Gate.Commit();
            served?.Queue.Drop();
            served = null;
            var why = $"{call.What} has not come back for {Stay.NoticeSeconds:0.#} s";
            Realm.Hangs.Note(call, $"{call.Imp}: {why}");
            Realm.MainLeft(call.Imp, why);
            if (Realm.LeaveHalfway()) GiveUp(call);
        });
    }

    /// <summary>[main] What main has left has not come back for long: its imp is done without.</summary>
    internal void GiveUp(MainCall call)
    {
        if (call.IsGivenUp || !leftCalls.Contains(call)) return;
        call.IsGivenUp = true;
        if (call.IsForgotten) return;
        var why = $"{call.What} has not come back for {GiveUpSeconds:0.#} s";
        HangFound?.Invoke(why);
        Realm.Hangs.Note(call, $"{call.Imp}: {why}");
        Realm.MainHung(call.Imp, why);
        foreach (var job in clients.Values.SelectMany(c => c.Outstanding).Where(c => c.Target >> Event.LeafBits == call.Slot).ToList()) job.Fail(Reason.Failed, $"{call.Imp}: {why}");
        LoseTo(call.Imp, why);
    }

    // What was false alarm is forgotten.
    void IsBackLate(MainCall call)
    {
        leftCalls = [.. leftCalls.Where(c => c != call)];
        Realm.Hangs.Forget(call);
        Log(LogLevel.Warning, $"{call.Imp}: {call.What} has come back late");
        if (!call.IsForgotten) Realm.MainIsBack(call.Imp, call.What, call.IsGivenUp);
        if (call.IsForgotten || call.IsGivenUp) return;
        foreach (var later in call.Later) Workers.Post(later);
    }

    /// <summary>[main] The instance in this slot is done with: what main has left in it concerns nobody who comes after it.</summary>
    internal void ForgetLeft(int slot)
    {
        foreach (var call in leftCalls)
            if (call.Slot == slot) call.IsForgotten = true;
    }

    /// <summary>[main] Main has left code of the instance in this slot, and it has not come back.</summary>
    internal bool IsInLeft(int slot) => Array.Exists(leftCalls, c => c.Slot == slot);

    /// <summary>[main] The audio side stays in an imp's code.</summary>
    internal void AudioStands(int slot, bool isHandle)
    {
        var what = $"{(isHandle ? "Handle" : "Process")} has not come back for {HangWatch.AudioSeconds} s";
        var name = ImpOf(slot << Event.LeafBits)?.Tree.Name;
        HangFound?.Invoke(what);
        AudioHang = name is null ? "the audio side stands still" : $"{name}: {what}, the audio side stands still";
        Realm.Hangs.Note(Engine, AudioHang);
        Realm.AudioHung(slot, $"{what}; the audio side stands still until it does");
        if (slot < 0 || Realm.Find(name ?? "") is null) Log(LogLevel.Error, AudioHang);
        jobWatch.AudioHangs(clients.Values, AudioHang);
        foreach (var (client, target, waiter) in Tickets.ReturnAll())
            if (waiter is Call call) call.Fail(Reason.Failed, AudioHang);
            else if (waiter is SyncMark) Postman.Fail(client!, "/server/sync", Reason.Failed, AudioHang);
            else if (waiter is null && client is not null && Space.IsAlive(target)) Postman.Value(client, target, Space.ValueOf(target), Timing.Frame);
    }

    /// <summary>[main] It has come back after all.</summary>
    internal void AudioGoesOn()
    {
        Log(LogLevel.Warning, $"the audio side goes on: {AudioHang}, but now it has");
        AudioHang = "";
        Realm.Hangs.Forget(Engine);
        Realm.AudioIsBack();
    }

    /// <summary>[any] It has not come back for so long that a server that is started again would do better.</summary>
    internal void AudioIsLost() => Workers.Post(() =>
    {
        if (AudioHang.Length > 0 && Realm.Imps.FirstOrDefault(i => i.Slot >= 0 && AudioHang.StartsWith(i.Name + ": ", StringComparison.Ordinal)) is { } imp) LoseTo(imp.Name, imp.Reason);
    });

    void LoseTo(string imp, string why)
    {
        if (isLost || LeaveOut is null || Realm.Find(imp) is null) return;
        isLost = true;
        Log(LogLevel.Error, $"{imp} is left out when the server is started again: {why}");
        LeaveOut(imp, why);
        Quit();
    }

    /// <summary>[any] The end is asked for: from now on it is waited for, but not for ever.</summary>
    internal void AskForEnd()
    {
        Interlocked.CompareExchange(ref endAsked, SampleClock.MonotonicNow, 0);
        Engine.Wake.Signal();
    }

    /// <summary>[main] Quits soon, also when the last save does not come to its end.</summary>
    internal void QuitLater(JobCall call) => quitting = call;

    JobCall? quitting;

    void LookAtQuitting()
    {
        if (quitting is not { } call || (SampleClock.MonotonicNow - endAsked) / 1e9 < QuitSeconds) return;
        quitting = null;
        if (HasQuit) return;
        Vault.IsLate = true;
        call.Fail(Reason.Failed, $"not everything could be saved within {QuitSeconds} s; what was saved before stays");
        Quit();
    }

    /// <summary>[any] Ends the program when it does not come to its end.</summary>
    internal void LookAtEnd()
    {
        if (LastResort is null || Interlocked.Read(ref endAsked) is not (> 0 and var asked)) return;
        var seconds = (SampleClock.MonotonicNow - asked) / 1e9;
        if (seconds < EndSeconds || (seconds < LongestEndSeconds && !IsHanging)) return;
        LastResort(WhatIsLeft());
    }

    // What is only slow has until then to come back.
    void WaitForSlow()
    {
        while (IsHanging && (SampleClock.MonotonicNow - Interlocked.Read(ref endAsked)) / 1e9 < EndSeconds) Thread.Sleep(10);
    }

    bool IsHanging => Realm.Hangs.Count > 0 || Workers.Stuck > 0 || Vault.IsLate || mainCall is not null;

    /// <summary>[any] What the program leaves behind when it ends now.</summary>
    internal IReadOnlyList<string> WhatIsLeft()
    {
        var left = new List<string>(Realm.Hangs.Lines);
        if (mainCall is { } call) left.Add($"{call.Imp}: {call.What} has not come back");
        if (Workers.Stuck > 0) left.Add($"{Workers.Stuck} pieces of work on files that do not answer");
        if (Vault.IsLate) left.Add("the last save of the vault");
        return left;
    }
}
