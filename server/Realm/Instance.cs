using System.Runtime.Loader;
using OscLooper.Server.Realtime;

namespace OscLooper.Server.Realm;

/// <summary>[main] One living object of a module: an imp has one, two while it is respawned.</summary>
sealed class Instance(ModuleFile file, ImpSlot slot, ImpDesk desk, AssemblyLoadContext? context)
{
    const int WorkMilliseconds = 5, PatienceMilliseconds = 1000;

    Thread? background;
    volatile bool backgroundEnds;

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
        if (Module is not IBackground module || background is not null) return;
        backgroundEnds = false;
        background = new Thread(() =>
        {
            try
            {
                while (!backgroundEnds)
                {
                    module.Work();
                    Thread.Sleep(WorkMilliseconds);
                }
            }
            catch (Exception trouble)
            {
                fault(trouble);
            }
        }) { Name = $"background {slot.Tree.Name}", IsBackground = true };
        background.Start();
    }

    /// <summary>[main] Asks it to end; false when it does not.</summary>
    public bool StopBackground(bool wait)
    {
        backgroundEnds = true;
        if (background is null || !wait) return true;
        if (!background.Join(PatienceMilliseconds)) return false;
        background = null;
        return true;
    }
}
