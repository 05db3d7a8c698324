namespace OscLooper.Server.Realm;

/// <content>[main] Imps whose code does not come back: seen, named, and where it can be done without.</content>
public sealed partial class Realm
{
    readonly HashSet<string> leftOut = [];
    const int AfterwardsMilliseconds = 1000;
    int hangsShown;
    // Who is being given its values.
    Imp? restoring;

    /// <summary>[main] False in the process of an isolated imp: what its parent asks for, its parent looks at.</summary>
    internal bool WatchesCalls { get; set; } = true;

    // A module's own code, on its imp's thread; one in a process of its own is killed when it does not come back.
    static Task Call(Imp imp, Module? module, string what, double seconds, Action work, Func<long>? progress = null) => module is Isolation.IsolatedModule apart
        ? imp.Thread.Run(what, seconds, work, progress, apart.KillHung, apart.ProcessPath)
        : imp.Thread.Run(what, seconds, work, progress);

    // Told once, when it is noticed.
    void LookAt(Imp imp)
    {
        imp.Thread.Look();
        var overdue = imp.MainOverdue.Length > 0 ? imp.MainOverdue : Hangs.ToldOf(imp.Name, imp.Slot) is { } told ? told.Text : "";
        if (imp.Overdue == overdue) return;
        imp.Overdue = overdue;
        if (overdue.Length > 0) server.Log(LogLevel.Warning, $"{imp.Name}: {overdue}");
        own?.Tell(imp);
        own?.Refresh();
        StateChanged?.Invoke(imp);
    }

    void ShowHangs()
    {
        hangsShown = Hangs.Count;
        own?.Refresh();
    }

    /// <summary>[main] The audio side stays in this imp's code: nothing can be done about it here, but everybody is told.</summary>
    internal void AudioHung(int slot, string why)
    {
        if (imps.Find(i => i.Slot == slot) is { } imp)
        {
            imp.Fault = why;
            imp.RetrySecond = double.PositiveInfinity;
            imp.IsHanging = true;
            Be(imp, ImpState.Faulted, why);
        }
        ShowHangs();
    }

    /// <summary>[main] The audio side goes on: it plays who it played before.</summary>
    internal void AudioIsBack()
    {
        foreach (var imp in imps.Where(i => i.IsHanging).ToList())
        {
            imp.IsHanging = false;
            if (imp.State == ImpState.Faulted) Be(imp, ImpState.Active);
        }
        ShowHangs();
    }

    /// <summary>[main] Main has left this imp's code, which has not come back: nothing else of it is called on main until it has.</summary>
    internal void MainLeft(string name, string why)
    {
        if (Find(name) is { } imp)
        {
            imp.MainOverdue = why;
            MakeDeaf(imp);
            LookAt(imp);
        }
        else server.Log(LogLevel.Warning, $"{name}: {why}");
        ShowHangs();
    }

    /// <summary>[main] What happened to an imp when main was left will not go on; true when something did.</summary>
    internal bool LeaveHalfway()
    {
        if (restoring is not { } held) return false;
        restoring = null;
        held.Leave();
        return true;
    }

    /// <summary>[main] It has come back after all; an imp that was not given up meanwhile goes on, another one is made in its place.</summary>
    internal void MainIsBack(string name, string what, bool wasGivenUp)
    {
        if (Find(name) is { } imp)
        {
            imp.MainOverdue = "";
            if (wasGivenUp && imp.State == ImpState.Quarantined)
            {
                imp.RetrySecond = Seconds();
                Be(imp, ImpState.Faulted, $"{what} came back late; it is made anew");
            }
            MakeDeaf(imp);
            LookAt(imp);
        }
        ShowHangs();
    }

    /// <summary>[main] Main was in this imp's code and did not come back for long: it is not called again.</summary>
    internal void MainHung(string name, string why)
    {
        if (Find(name) is { Now: { } one } imp)
        {
            one.Desk.Close();
            one.StopBackground(wait: false);
            if (server.AudioHang.Length == 0) _ = stage.Exit(one);
            imp.Fault = why;
            imp.RetrySecond = double.PositiveInfinity;
            (imp.MainOverdue, imp.Overdue) = ("", "");
            Be(imp, ImpState.Quarantined, why);
        }
        else server.Log(LogLevel.Error, $"{name}: {why}");
        ShowHangs();
    }

    // What is over already when it is told stands there for a moment: on a busy machine nobody had the time to look meanwhile.
    void TellAfterwards(string line)
    {
        var note = new object();
        Hangs.Note(note, line);
        _ = Task.Delay(AfterwardsMilliseconds).ContinueWith(_ => server.Workers.Post(() => Hangs.Forget(note)), TaskContinuationOptions.ExecuteSynchronously);
    }

    // Buried, but a call into it had not come back.
    readonly List<(Imp Imp, Instance One)> held = [];

    void EndHeld()
    {
        foreach (var (imp, one) in held.Where(h => h.One.HasStopped && !h.Imp.Thread.IsAbandoned && !server.IsInLeft(h.One.Slot.Slot)).ToList())
        {
            held.RemoveAll(h => h.One == one);
            server.Workers.Run(one.Module.Dispose, trouble =>
            {
                if (trouble is not null) server.Log(LogLevel.Warning, $"{imp.Name}: {FaultText.Stack(trouble)}");
                if (one.Context is { } context) leaks.Unload(imp.Name, context);
            });
        }
    }

    void MakeDeaf(Imp imp) => server.MakeDeaf(imp.Slot, imp.State switch
    {
        ImpState.Active or ImpState.Respawning => imp.MainOverdue.Length > 0 ? (OscLooper.Reason.Busy, $"{imp.Name}: {imp.MainOverdue}") : null,
        ImpState.Faulted or ImpState.Quarantined => (OscLooper.Reason.Failed, $"{imp.Name} is {imp.State.ToString().ToLowerInvariant()}: {imp.Reason}"),
        _ => (OscLooper.Reason.Frozen, $"{imp.Name} is {imp.State.ToString().ToLowerInvariant()}"),
    });
}
