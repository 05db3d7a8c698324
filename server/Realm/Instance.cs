using System.Runtime.Loader;
using OscLooper.Server.Addressing;
using OscLooper.Server.Realtime;

namespace OscLooper.Server.Realm;

/// <summary>[main] One living object of a module: an imp has one, two while it is respawned.</summary>
sealed class Instance(ModuleFile file, ImpSlot slot, ImpDesk desk, AssemblyLoadContext? context)
{
    const int PatienceMilliseconds = 1000;

    BackgroundThread? background;
    CodeWatch? watch, apartWatch;
    Hangs? hangs;

    public ModuleFile File => file;
    public ImpSlot Slot => slot;
    public ImpDesk Desk => desk;
    public Module Module => slot.Module;
    public AssemblyLoadContext? Context => context;

    /// <summary>[main] Its events are delivered: it is in the schedule, or will be with the next one.</summary>
    public bool IsOnStage { get; set; }
    /// <summary>[main] Its addresses are in the space.</summary>
    public bool IsMerged { get; set; }
    /// <summary>[main] All its addresses, from the moment when it is made.</summary>
    public ImpSpace? Addresses { get; set; }
    /// <summary>[main] What it is told before its first sample.</summary>
    public Firsts Firsts { get; } = new();

    /// <summary>[main] Starts what it does behind the scenes; the fault is told on main.</summary>
    public void StartBackground(Action<Exception> fault, Hangs hangs)
    {
        if (Module is not IBackground || background is not null) return;
        background = new BackgroundThread($"background {slot.Tree.Name}", [slot], trouble =>
        {
            fault(trouble);
            return false;
        });
        // Odd while it is at work.
        var (started, number) = (background, new object());
        watch = new CodeWatch(() =>
        {
            var (calls, (begun, computed)) = (started.WorkNumber, started.WorkBegin);
            return (calls & 1) == 0 || started.WorkNumber != calls ? default : new(number, slot.Tree.Name, "Work", started.ThreadPath) { Slot = slot.Slot, Mark = calls, Begun = new(begun, computed) };
        });
        (this.hangs = hangs).Watch(watch);
        background.Start();
    }

    /// <summary>[main] What its process says of code that is late there is told here.</summary>
    public void WatchApart(Isolation.IsolatedModule apart, Hangs hangs)
    {
        apart.OverdueChanged = hangs.LookNow;
        (this.hangs = hangs).Watch(apartWatch = new CodeWatch(() => apart.Overdue is { Length: > 0 } late ? new(apart, slot.Tree.Name, "", "") { Slot = IsMerged ? slot.Slot : -1, Said = late } : default));
    }

    /// <summary>[main] Nothing of its process is told any more.</summary>
    public void EndWatch()
    {
        if (apartWatch is not null) hangs!.End(apartWatch);
    }

    /// <summary>[main] How often it has worked behind the scenes.</summary>
    public long BackgroundCalls => background?.Calls ?? 0;

    /// <summary>[main] Nothing of it runs behind the scenes any more; asked when it has been told to end.</summary>
    public bool HasStopped => StopBackground(wait: true, patienceMilliseconds: 0);

    /// <summary>[main] Asks it to end; false when it does not.</summary>
    public bool StopBackground(bool wait, int patienceMilliseconds = PatienceMilliseconds)
    {
        if (background is null) return true;
        if (!background.End(wait ? patienceMilliseconds : 0)) return !wait;
        slot.Tree.Audio.Background = background = null;
        if (watch is not null) hangs!.End(watch);
        return true;
    }
}
