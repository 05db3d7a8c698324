namespace OscLooper.Faults;

/// <summary>[any] Code that does not come back, when told or when it is called.</summary>
public abstract class Endless(Branch at) : Faulty(at)
{
    /// <summary>[any] Computes for so long, by the time that its own thread has had (proc(5): schedstat).</summary>
    protected static void SpinFor(double seconds)
    {
        static long Nanoseconds() => long.Parse(File.ReadAllText("/proc/thread-self/schedstat").Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
        for (var begun = Nanoseconds(); Nanoseconds() - begun < seconds * 1e9;)
            for (var until = Environment.TickCount64 + 20; Environment.TickCount64 < until;) { }
    }

    /// <summary>[any] Computes for ever.</summary>
    protected static void Spin()
    {
        for (var i = 0L; ; i++)
            if (i < 0) return;
    }
}

/// <summary>[any] Plays, saves a word and sounds until it is told to stay somewhere.</summary>
[Module("endless", "Endless in Handle, Process, a Watch callback, a job, Save or Work when told.", OnlyWhenNamed = true)]
public sealed class EndlessWhenTold : Endless, IPersist, IBackground
{
    readonly Command handle, process;
    volatile bool inProcess, inSave, inWork;
    bool hasHeard;

    /// <summary>[main] Declares.</summary>
    public EndlessWhenTold(Branch at) : base(at)
    {
        handle = at.Command("handle", "Endless in Handle.");
        process = at.Command("process", "Endless in the next Process.");
        at.Job("job", [], "Endless on main.", _ => Spin());
        at.Job("worker", [], "Endless on a worker.", call => call.OnWorker(Spin, () => call.Done()));
        at.Job("slow", [Spec.Range(0, 60, 1).Named("seconds")], "So long on main.", call => { SpinFor(call.Number(0)); call.Done(); });
        at.Job("slow_worker", [Spec.Range(0, 60, 1).Named("seconds")], "So long on a worker.", call => call.OnWorker(() => SpinFor(call.Number(0)), () => call.Done()));
        at.Setting("signal", Spec.Text, "What it watches itself.");
        at.Job("watch", [], "From now on endless in a Watch callback.", call =>
        {
            at.Desk.Watch(call.Address[..^"watch".Length] + "signal", (_, _) =>
            {
                if (hasHeard) Spin();
                hasHeard = true;
            });
            call.Done();
        });
        at.Job("save", [], "From now on endless in Save.", call => { inSave = true; call.Done(); });
        at.Job("work", [], "From now on endless in Work.", call =>
        {
            inWork = true;
            at.Audio.WakeBackground();
            call.Done();
        });
    }

    /// <summary>[audio] Endless when told.</summary>
    public override void Handle(in Event e)
    {
        if (e.Is(handle)) Spin();
        if (e.Is(process)) inProcess = true;
    }

    /// <summary>[audio] Endless when told.</summary>
    public override void Process(in Block block)
    {
        base.Process(block);
        if (inProcess) Spin();
    }

    /// <summary>[worker] Endless when told.</summary>
    public void Save(DirectoryInfo folder)
    {
        if (inSave) Spin();
        File.WriteAllText(Path.Combine(folder.FullName, "kept.txt"), "kept");
    }

    /// <summary>[worker] Reads nothing.</summary>
    public void Load(DirectoryInfo folder, int version) { }

    /// <summary>[worker] Endless when told.</summary>
    public void Work()
    {
        if (inWork) Spin();
    }
}

/// <summary>[any] Endless in its constructor.</summary>
[Module("endless_constructor", "Endless in its constructor.", OnlyWhenNamed = true)]
public sealed class EndlessConstructor : Endless
{
    /// <summary>[main] Does not return.</summary>
    public EndlessConstructor(Branch at) : base(at) => Spin();
}

/// <summary>[any] Endless in Prepare.</summary>
[Module("endless_prepare", "Endless in Prepare.", OnlyWhenNamed = true)]
public sealed class EndlessPrepare(Branch at) : Endless(at)
{
    /// <summary>[main, frozen] Does not return.</summary>
    public override void Prepare(AudioFormat format) => Spin();
}

/// <summary>[any] Endless in Load.</summary>
[Module("endless_load", "Endless in Load.", OnlyWhenNamed = true)]
public sealed class EndlessLoad(Branch at) : Endless(at), IPersist
{
    /// <summary>[worker] A little.</summary>
    public void Save(DirectoryInfo folder) => File.WriteAllText(Path.Combine(folder.FullName, "little.txt"), "a little");
    /// <summary>[worker] Does not return.</summary>
    public void Load(DirectoryInfo folder, int version) => Spin();
}

/// <summary>[any] Endless in Unfreeze.</summary>
[Module("endless_unfreeze", "Endless in Unfreeze.", OnlyWhenNamed = true)]
public sealed class EndlessUnfreeze(Branch at) : Endless(at), ILive
{
    /// <summary>[worker] Does not return.</summary>
    public bool Unfreeze(out string reason)
    {
        reason = "";
        Spin();
        return true;
    }

    /// <summary>[worker] Nothing.</summary>
    public void Freeze() { }
}

/// <summary>[any] Endless in Freeze and in Dispose.</summary>
[Module("endless_end", "Endless in Freeze and in Dispose.", OnlyWhenNamed = true)]
public sealed class EndlessEnd(Branch at) : Endless(at), ILive
{
    /// <summary>[worker] Ready.</summary>
    public bool Unfreeze(out string reason)
    {
        reason = "";
        return true;
    }

    /// <summary>[worker] Does not return.</summary>
    public void Freeze() => Spin();

    /// <summary>[main, frozen] Does not return.</summary>
    public override void Dispose() => Spin();
}

/// <summary>[any] Endless in Dispose.</summary>
[Module("endless_dispose", "Endless in Dispose.", OnlyWhenNamed = true)]
public sealed class EndlessDispose(Branch at) : Endless(at)
{
    /// <summary>[main, frozen] Does not return.</summary>
    public override void Dispose() => Spin();
}
