using OscLooper.Server.Realtime;

namespace OscLooper.Server.Realm;

/// <summary>
/// [main] Keeps the wanted imps alive: makes, freezes, replaces and removes them, and brings them back when they fail. All of it happens on main,
/// in small steps; a module's own code runs on the imp's own thread with a budget, so no module can stop the realm.
/// </summary>
public sealed partial class Realm : IDisposable
{
    internal const double UnfreezeSeconds = 2, FreezeSeconds = 1, DataSeconds = 0.5, TokenSeconds = 0.5, LoadSeconds = 5, ApartSeconds = 15;
    /// <summary>Imps that clients may have made; what is wanted by a file or a session is made all the same.</summary>
    internal const int MostImps = 128;
    const int MostFaults = 5, EndMilliseconds = 1500;
    const double FaultWindowSeconds = 60, WellAfterSeconds = 60;
    static readonly double[] backoffSeconds = [1, 2, 4, 8, 16, 30];

    readonly Server server;
    readonly List<Imp> imps = [];
    // Removed, but not buried yet: their calls have budgets, too.
    readonly List<Imp> leaving = [];
    readonly Stage stage;
    readonly LeakWatch leaks;
    readonly Random random = new();
    // For what is temporary, named by the process; others' are theirs.
    readonly string scratch = Path.Combine(Path.GetTempPath(), $"osclooper-{Environment.ProcessId}-{Guid.NewGuid():N}");
    RealmModule? own;
    double nextTick;
    bool isDisposed;

    internal Realm(Server server, string folder)
    {
        this.server = server;
        server.Workers.Hangs = Hangs;
        Library = new ModuleLibrary(folder, line => server.Workers.Post(() => server.Log(LogLevel.Warning, line)));
        stage = new Stage(server);
        leaks = new LeakWatch(line => server.Log(LogLevel.Error, line));
        Seconds = () => server.Timing.Now / 1e9;
        Jitter = random.NextDouble;
    }

    /// <summary>[main] The imps, in the order in which they came.</summary>
    public IReadOnlyList<Imp> Imps => imps;
    /// <summary>[main] Who remembers between two runs; null = nobody.</summary>
    public IRemember? Memory { get; set; }
    /// <summary>[main] How often it looks after everybody.</summary>
    public double PeriodSeconds { get; set; } = 1;
    /// <summary>[main] Told when an imp's state changes.</summary>
    public Action<Imp>? StateChanged { get; set; }
    /// <summary>[main] Told of every look after everybody, with the time in seconds.</summary>
    internal Action<double>? Ticked { get; set; }
    /// <summary>[main] What is connected to what.</summary>
    public Patch Patch => stage.Patch;
    /// <summary>[main] ok, or degraded and why.</summary>
    public string Health =>
        Hangs.Lines is { Count: > 0 } hanging ? $"degraded: {string.Join("; ", hanging)}"
        : leaks.Leaked.Count > 0 ? $"degraded: {leaks.Leaked.Count} unloaded modules are still held"
        : imps.FirstOrDefault(i => i.State is ImpState.Quarantined or ImpState.Faulted) is { } bad ? $"degraded: {bad.Name} is {bad.State.ToString().ToLowerInvariant()}: {bad.Reason}" : "ok";

    /// <summary>[any] What does not come back.</summary>
    internal Hangs Hangs { get; } = new();
    internal ModuleLibrary Library { get; }
    internal Stage Stage => stage;
    internal LeakWatch Leaks => leaks;
    /// <summary>[main] The clock of ticks, backoff and quarantine.</summary>
    internal Func<double> Seconds { get; set; }

    /// <summary>[main] By how much a retry is early or late, 0..1; half is neither.</summary>
    internal Func<double> Jitter { get; set; }

    /// <summary>[main] The realm's own addresses.</summary>
    internal Module Declare(Branch at) => own = new RealmModule(at, this, server);

    /// <summary>[main] The imp of a name; null when there is none.</summary>
    public Imp? Find(string name) => imps.Find(i => i.Name == name);

    /// <summary>[main] At the start: makes all that are wanted at the same time, and waits until each plays or has told why not.</summary>
    internal void Wake(IReadOnlyList<(string Name, Func<Branch, Module> Make)>? linked)
    {
        if (linked is null) WakeFromFolder();
        else
            foreach (var (name, make) in linked)
            {
                Library.Add(name, make);
                Want(name, name);
            }
        var patience = SampleClock.MonotonicNow + (long)(LoadSeconds * 1e9);
        while (imps.Exists(i => i.IsBusy) && SampleClock.MonotonicNow < patience)
        {
            foreach (var imp in imps) imp.Thread.Look();
            if (!server.Workers.Pump()) server.Workers.WaitForPost(5);
        }
        stage.Flush();
        own?.Refresh();
        nextTick = Seconds() + PeriodSeconds;
        isAwake = true;
    }

    /// <summary>[main] A round of the main loop; true when something moved.</summary>
    internal bool Round()
    {
        foreach (var imp in imps) LookAt(imp);
        foreach (var imp in leaving) imp.Thread.Look();
        if (hangsShown != Hangs.Count) ShowHangs();
        var moved = server.AudioHang.Length == 0 && stage.Round();
        server.RetireSlots();
        WriteWanted();
        if (Seconds() >= nextTick)
        {
            nextTick = Seconds() + PeriodSeconds;
            Tick();
        }
        return moved;
    }

    /// <summary>[main] When it has to look again, in nanoseconds of the server's time: the next look after everybody, or a call that is over its budget then.</summary>
    internal long NextDue
    {
        get
        {
            var due = (long)Math.Min(nextTick * 1e9, long.MaxValue / 2);
            var calls = long.MaxValue;
            foreach (var imp in imps) calls = Math.Min(calls, imp.Thread.Deadline);
            foreach (var imp in leaving) calls = Math.Min(calls, imp.Thread.Deadline);
            return calls == long.MaxValue ? due : Math.Min(due, server.Timing.Now + calls - SampleClock.MonotonicNow);
        }
    }

    /// <summary>[main] Looks after everybody once.</summary>
    internal void Tick()
    {
        leaks.Look();
        EndHeld();
        var now = Seconds();
        Ticked?.Invoke(now);
        if (server.AudioHang.Length > 0)
        {
            // Nobody can come or go now.
            own?.Refresh();
            return;
        }
        foreach (var imp in imps.Where(i => !i.IsBusy).ToList())
            switch (imp.State)
            {
                case ImpState.Frozen when !imp.WantsFrozen:
                    Begin(imp, () => Unfreeze(imp));
                    break;
                case ImpState.Faulted when now >= imp.RetrySecond:
                case ImpState.Absent when Library.Find(imp.ModuleName) is not null:
                    Begin(imp, () => Bring(imp));
                    break;
                case ImpState.Active when imp.Faults > 0 && now - imp.ActiveSince >= WellAfterSeconds:
                    imp.Faults = 0;
                    break;
            }
        own?.Refresh();
    }

    /// <summary>[main] DLLs have come or changed.</summary>
    internal void ModulesChanged(IReadOnlyList<string> names)
    {
        foreach (var name in names)
        {
            server.Log(LogLevel.Info, $"the module {name} has changed");
            var concerned = imps.Where(i => i.ModuleName == name).ToList();
            foreach (var imp in concerned) (imp.Faults, imp.RetrySecond) = (0, 0);
            foreach (var imp in concerned) imp.FaultSeconds.Clear();
            Watch(Respawn(concerned));
        }
    }

    /// <summary>[main] A new imp, or null when there is one of this name.</summary>
    internal Imp? Want(string name, string module, bool frozen = false, bool isolated = false)
    {
        if (Find(name) is not null) return null;
        var imp = new Imp(name, module, new ImpThread(name, server.Workers, Hangs, server.Timing.IsOffline, WatchesCalls)) { WantsFrozen = frozen, IsIsolated = isolated };
        imps.Add(imp);
        own?.Show(imp);
        if (server.Options.LeftOut.TryGetValue(name, out var why) && leftOut.Add(name)) Be(imp, ImpState.Quarantined, $"it is left out since the server was started again: {why}");
        else Begin(imp, () => Bring(imp));
        return imp;
    }

    // One thing after the other; what goes wrong in the realm itself is told and ends nothing.
    Task Begin(Imp imp, Func<Task> what)
    {
        async Task Do()
        {
            await imp.Enter();
            try
            {
                if (imp.State != ImpState.Removed) await what();
            }
            finally
            {
                imp.Leave();
                DeliverLetters(imp);
            }
        }
        var doing = Do();
        Watch(doing);
        return doing;
    }

    void Watch(Task doing) => doing.ContinueWith(over =>
        server.Workers.Post(() => server.Log(LogLevel.Error, $"realm: {over.Exception!.InnerException}")), TaskContinuationOptions.OnlyOnFaulted);

    void Be(Imp imp, ImpState state, string reason = "")
    {
        if (imp.State == state && imp.Reason == reason) return;
        var isFault = state is ImpState.Faulted or ImpState.Quarantined;
        if (imp.State != state || isFault) server.Log(isFault ? LogLevel.Error : LogLevel.Debug, $"{imp.Name}: {state.ToString().ToLowerInvariant()}{(reason.Length > 0 ? ", " + reason : "")}");
        (imp.State, imp.Reason) = (state, reason);
        MakeDeaf(imp);
        own?.Tell(imp);
        StateChanged?.Invoke(imp);
    }

    /// <summary>[main] Ends everything; no audio is processed any more.</summary>
    public void Dispose()
    {
        if (isDisposed) return;
        isDisposed = true;
        WriteWanted();
        watcherEnds = true;
        foreach (var imp in imps) imp.Now?.StopBackground(wait: false);
        // Side by side, and not for long: the program ends whatever a module does.
        var ending = imps.Where(i => i.Now is not null).Select(i => Task.Run(() => EndInstance(i.Now!))).ToArray();
        Task.WaitAll(ending, EndMilliseconds);
        foreach (var imp in imps) imp.Thread.Dispose();
        try
        {
            if (Directory.Exists(scratch)) Directory.Delete(scratch, recursive: true);
        }
        catch (IOException)
        {
            // Somebody reads there; it is a folder for what is temporary.
        }
    }

    static void EndInstance(Instance last)
    {
        try
        {
            last.StopBackground(wait: true);
            if (last.Module is ILive live) live.Freeze();
            last.Module.Dispose();
        }
        catch (Exception)
        {
            // It ends anyway.
        }
    }
}
