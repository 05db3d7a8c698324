using OscLooper.Server.Realm;

namespace OscLooper.Tests.Server.Realm;

/// <summary>How the scripted module behaves at present.</summary>
sealed class Script
{
    public bool MakeThrows, SaveThrows, FreezeThrows, UnfreezeThrows, IsReady = true;
}

/// <summary>
/// The state machine of an imp, written from the table of states alone: names, transitions, backoff, quarantine. It knows no modules, no threads and no sound.
/// </summary>
sealed class RealmModel(Script script)
{
    sealed class One
    {
        public ImpState State = ImpState.Absent;
        public bool WantsFrozen;
        public int Faults;
        public readonly List<double> Times = [];
        public double Retry, ActiveSince;
        public bool Sounds => State == ImpState.Active;
    }

    static readonly double[] backoff = [1, 2, 4, 8, 16, 30];
    readonly SortedDictionary<string, One> all = new(StringComparer.Ordinal);
    double now;

    public IReadOnlyDictionary<string, ImpState> States => all.ToDictionary(a => a.Key, a => a.Value.State);

    public void Load(string name)
    {
        if (all.ContainsKey(name)) return;
        all[name] = new One();
        Bring(all[name]);
    }

    public void Unload(string name) => all.Remove(name);

    public void Freeze(string name)
    {
        if (!all.TryGetValue(name, out var one)) return;
        one.WantsFrozen = true;
        if (!one.Sounds) return;
        one.State = ImpState.Frozen;
        if (script.FreezeThrows) Count(one);
    }

    public void Unfreeze(string name)
    {
        if (!all.TryGetValue(name, out var one)) return;
        one.WantsFrozen = false;
        if (one.State == ImpState.Frozen) TryToPlay(one);
    }

    public void Fault(string name)
    {
        if (all.TryGetValue(name, out var one) && one.Sounds) Fail(one);
    }

    public void Respawn(params string[] names)
    {
        var some = names.Where(all.ContainsKey).Select(n => all[n]).ToList();
        foreach (var one in some) Forgive(one);
        var living = some.Where(o => o.State is ImpState.Active or ImpState.Frozen).ToList();
        var waiting = some.Except(living).ToList();
        // All or none: whoever sounds has to let go before its successor can be tried.
        var first = living.Find(o => o.Sounds);
        if (!script.SaveThrows && !script.MakeThrows)
        {
            if (first is not null && (script.FreezeThrows || script.UnfreezeThrows || !script.IsReady))
            {
                if (script.UnfreezeThrows) Fail(first);
                else if (!script.IsReady) first.State = ImpState.Frozen;
            }
            else
                foreach (var one in living.Where(o => o.Sounds)) one.ActiveSince = now;
        }
        foreach (var one in waiting) Bring(one);
    }

    public void Tick(double seconds)
    {
        now += seconds;
        foreach (var one in all.Values)
            if (one.State == ImpState.Frozen && !one.WantsFrozen) TryToPlay(one);
            else if (one.State == ImpState.Faulted && now >= one.Retry) Bring(one);
            else if (one.Sounds && now - one.ActiveSince >= 60) one.Faults = 0;
    }

    void Bring(One one)
    {
        if (script.MakeThrows)
        {
            Fail(one);
            return;
        }
        one.State = ImpState.Frozen;
        if (!one.WantsFrozen) TryToPlay(one);
    }

    void TryToPlay(One one)
    {
        if (script.UnfreezeThrows) Fail(one);
        else if (script.IsReady) (one.State, one.ActiveSince) = (ImpState.Active, now);
    }

    void Fail(One one)
    {
        Count(one);
        one.Retry = now + backoff[Math.Min(one.Faults, backoff.Length) - 1];
        one.State = one.Times.Count > 5 ? ImpState.Quarantined : ImpState.Faulted;
    }

    void Count(One one)
    {
        one.Faults++;
        one.Times.Add(now);
        one.Times.RemoveAll(t => t <= now - 60);
    }

    static void Forgive(One one)
    {
        one.Faults = 0;
        one.Times.Clear();
    }
}
