using Newtonsoft.Json.Linq;

namespace OscLooper.Server.Realm;

/// <summary>[main] A module that lives in the realm under a name. What happens to it happens one thing after the other.</summary>
public sealed class Imp
{
    readonly Queue<TaskCompletionSource> waiting = new();
    bool isEntered;
    string reason = "";

    internal Imp(string name, string module, ImpThread thread) => (Name, ModuleName, Thread) = (name, module, thread);

    /// <summary>[main] Name: the first part of its addresses.</summary>
    public string Name { get; }
    /// <summary>[main] Name of its module.</summary>
    public string ModuleName { get; internal set; }
    /// <summary>[main] What it is doing.</summary>
    public ImpState State { get; internal set; } = ImpState.Absent;
    /// <summary>[main] Why it is in this state; empty when nothing is wrong.</summary>
    public string Reason { get => Overdue.Length > 0 ? Overdue : reason; internal set => reason = value; }
    /// <summary>[main] What of it has been waited for longer than is usual; empty when nothing is.</summary>
    internal string Overdue { get; set; } = "";
    /// <summary>[main] What of it main has left, since it did not come back; empty when it has.</summary>
    internal string MainOverdue { get; set; } = "";
    /// <summary>[main] The last thing that went wrong, with its stack; empty when nothing did.</summary>
    public string Fault { get; internal set; } = "";
    /// <summary>[main] Version of the DLL that lives; empty when none does.</summary>
    public string Version => Now?.File.Version ?? "";
    /// <summary>[main] The living module; null when there is none.</summary>
    public Module? Module => Now?.Module;
    /// <summary>[main] Slot of its addresses; -1 when there are none.</summary>
    public int Slot => Now?.Slot.Slot ?? -1;
    /// <summary>[main] Somebody froze it: it stays so.</summary>
    public bool WantsFrozen { get; internal set; }
    /// <summary>[main] It lives in a process of its own.</summary>
    public bool IsIsolated { get; internal set; }
    /// <summary>[main] Faults since it last ran well for a while.</summary>
    public int Faults { get; internal set; }
    /// <summary>[main] The last it said of itself; null when it never did.</summary>
    public ImpData? LastGood { get; internal set; }

    /// <summary>It is frozen, and the last it said is what it has: its audio side, which it would have to ask, is not played.</summary>
    internal bool IsToldAtRest { get; set; }
    /// <summary>The audio side is in its code and does not come back.</summary>
    internal bool IsHanging { get; set; }
    internal ImpThread Thread { get; }
    internal Instance? Now { get; set; }
    /// <summary>What other imps have said to it while it was coming.</summary>
    internal Queue<Action> Letters { get; } = new();
    internal List<double> FaultSeconds { get; } = [];
    internal double RetrySecond { get; set; }
    internal double ActiveSince { get; set; }
    internal int SaveNumber { get; set; }
    /// <summary>What the wanted file says of it.</summary>
    internal JObject? Wanted { get; set; }

    /// <summary>[main] True while something happens to it.</summary>
    internal bool IsBusy => isEntered;

    /// <summary>[main] Waits until nothing else happens to it.</summary>
    internal Task Enter()
    {
        if (!isEntered)
        {
            isEntered = true;
            return Task.CompletedTask;
        }
        var turn = new TaskCompletionSource();
        waiting.Enqueue(turn);
        return turn.Task;
    }

    /// <summary>[main] The next may.</summary>
    internal void Leave()
    {
        if (waiting.TryDequeue(out var next)) next.SetResult();
        else isEntered = false;
    }
}
