using System.Runtime.Loader;
using OscLooper.Server.Realtime;

namespace OscLooper.Server.Realm;

/// <summary>[main] One living object of a module: an imp has one, two while it is respawned.</summary>
sealed class Instance(ModuleFile file, ImpSlot slot, ImpDesk desk, AssemblyLoadContext? context)
{
    const int PatienceMilliseconds = 1000;

    const double OverdueSeconds = ImpThread.OverdueSeconds;
    readonly Patience patience = new();
    BackgroundThread? background;
    bool isWorkOverdue;

    public ModuleFile File => file;
    public ImpSlot Slot => slot;
    public ImpDesk Desk => desk;
    public Module Module => slot.Module;
    public AssemblyLoadContext? Context => context;

    /// <summary>[main] Its events are delivered: it is in the schedule, or will be with the next one.</summary>
    public bool IsOnStage { get; set; }
    /// <summary>[main] Its addresses are in the space.</summary>
    public bool IsMerged { get; set; }
    /// <summary>[main] What it is told before its first sample.</summary>
    public List<Event> Firsts { get; } = [];

    /// <summary>[main] Starts what it does behind the scenes; the fault is told on main.</summary>
    public void StartBackground(Action<Exception> fault)
    {
        if (Module is not IBackground || background is not null) return;
        background = new BackgroundThread($"background {slot.Tree.Name}", [slot], trouble =>
        {
            fault(trouble);
            return false;
        });
        background.Start();
    }

    /// <summary>[main] How often it has worked behind the scenes.</summary>
    public long BackgroundCalls => background?.Calls ?? 0;

    /// <summary>[main] Nothing of it runs behind the scenes any more; asked when it has been told to end.</summary>
    public bool HasStopped => StopBackground(wait: true, patienceMilliseconds: 0);

    /// <summary>[main] What it does behind the scenes has not come back for long: says so; else empty.</summary>
    public string OverdueWork(Hangs hangs)
    {
        if (background is null) return "";
        // Odd while it is at work.
        var number = background.WorkNumber;
        var isOverdue = patience.Look((number & 1) == 0 ? null : number, background.ThreadPath) >= OverdueSeconds;
        var text = $"Work has not come back for {OverdueSeconds:0.#} s";
        if (isOverdue && !isWorkOverdue) hangs.Note(this, $"{slot.Tree.Name}: {text}");
        if (!isOverdue && isWorkOverdue) hangs.Forget(this);
        isWorkOverdue = isOverdue;
        return isOverdue ? text : "";
    }

    /// <summary>[main] Asks it to end; false when it does not.</summary>
    public bool StopBackground(bool wait, int patienceMilliseconds = PatienceMilliseconds)
    {
        if (background is null) return true;
        if (!background.End(wait ? patienceMilliseconds : 0)) return !wait;
        slot.Tree.Audio.Background = background = null;
        return true;
    }
}
