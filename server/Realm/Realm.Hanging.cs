namespace OscLooper.Server.Realm;

/// <content>[main] Imps whose code does not come back: seen, named, and where it can be done without.</content>
public sealed partial class Realm
{
    readonly HashSet<string> leftOut = [];
    int hangsShown;

    // A module's own code, on its imp's thread; one in a process of its own is killed when it does not come back.
    static Task Call(Imp imp, Module? module, string what, double seconds, Action work, Func<long>? progress = null) =>
        imp.Thread.Run(what, seconds, work, progress, module is Isolation.IsolatedModule apart ? apart.KillHung : null);

    // Told once, when it is noticed.
    void LookAt(Imp imp)
    {
        imp.Thread.Look();
        var overdue = imp.Thread.Overdue is { Length: > 0 } late ? late : imp.Now?.OverdueWork(Hangs) is { Length: > 0 } work ? work
            : (imp.Now?.Module as Isolation.IsolatedModule)?.Overdue ?? "";
        if (imp.Overdue == overdue) return;
        imp.Overdue = overdue;
        if (overdue.Length > 0) server.Log(LogLevel.Warning, $"{imp.Name}: {overdue}");
        own?.Tell(imp);
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

    /// <summary>[main] Main was in this imp's code and did not come back: it is not called again.</summary>
    internal void MainHung(string name, string why)
    {
        if (Find(name) is { Now: { } one } imp)
        {
            one.Desk.Close();
            one.StopBackground(wait: false);
            if (server.AudioHang.Length == 0) _ = stage.Exit(one);
            imp.Fault = why;
            imp.RetrySecond = double.PositiveInfinity;
            Be(imp, ImpState.Quarantined, why);
        }
        else server.Log(LogLevel.Error, $"{name}: {why}");
        ShowHangs();
    }
}
