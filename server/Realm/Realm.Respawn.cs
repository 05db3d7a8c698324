namespace OscLooper.Server.Realm;

/// <content>[main] The exchange of living imps for new ones, as one transaction.</content>
public sealed partial class Realm
{
    sealed class Exchange(Imp imp, ImpState before, Instance old)
    {
        public Imp Imp => imp;
        public ImpState Before => before;
        public Instance Old => old;
        public ImpData? Data { get; set; }
        public string? Token { get; set; }
        public Instance? Made { get; set; }
        public bool HasLetGo { get; set; }
        public bool WasAsked { get; set; }
    }

    /// <summary>
    /// [main] New instances take the places of these imps, all or none. The old ones play on until the new ones have taken their data;
    /// if anything goes wrong, the old ones stay. Null when it worked, else why not.
    /// </summary>
    internal async Task<string?> Respawn(IReadOnlyList<Imp> some, IReadOnlyDictionary<string, ImpData>? instead = null)
    {
        var all = some.Where(i => i.State != ImpState.Removed).OrderBy(i => i.Name, StringComparer.Ordinal).ToList();
        foreach (var imp in all) await imp.Enter();
        try
        {
            var alive = all.Where(i => i.Now is not null && i.State is ImpState.Active or ImpState.Frozen).Select(i => new Exchange(i, i.State, i.Now!)).ToList();
            var others = all.Where(i => i.State is ImpState.Absent or ImpState.Faulted or ImpState.Quarantined).ToList();
            var why = alive.Count == 0 ? null : await Replace(alive, instead);
            foreach (var imp in others)
            {
                if (instead?.GetValueOrDefault(imp.Name) is { } data) imp.LastGood = data;
                await Bring(imp);
                if (imp.State is ImpState.Absent or ImpState.Faulted or ImpState.Quarantined) why ??= $"{imp.Name}: {imp.Reason}";
            }
            return why;
        }
        finally
        {
            foreach (var imp in all) imp.Leave();
            foreach (var imp in all) DeliverLetters(imp);
        }
    }

    async Task<string?> Replace(List<Exchange> all, IReadOnlyDictionary<string, ImpData>? instead)
    {
        var reasons = all.ConvertAll(one => one.Imp.Reason);
        foreach (var one in all) Be(one.Imp, ImpState.Respawning);
        var failing = all[0].Imp;
        try
        {
            foreach (var one in all)
            {
                failing = one.Imp;
                var file = Library.Find(one.Imp.ModuleName) ?? throw new InvalidOperationException($"there is no module named {one.Imp.ModuleName}");
                // Whoever asked for it waits for all of it.
                var making = new Making();
                one.Data = instead?.GetValueOrDefault(one.Imp.Name) ?? await TakeData(one.Imp);
                if (one.Old.Module is ICarry carry)
                {
                    one.WasAsked = true;
                    await Call(one.Imp, one.Old.Module, "BeforeLoad", TokenSeconds, () => one.Token = carry.BeforeLoad());
                }
                one.Made = await Make(one.Imp, file, one.Data, one.Token, making);
            }
            foreach (var one in all.Where(o => o.Before == ImpState.Active))
            {
                failing = one.Imp;
                await Try(one);
            }
        }
        catch (Exception trouble)
        {
            var why = FaultText.Line(trouble);
            foreach (var (one, reason) in all.Zip(reasons)) await Undo(one, reason);
            server.Log(LogLevel.Error, $"{string.Join(", ", all.Select(o => o.Imp.Name))}: not respawned, the old one stays: {why}");
            Note(failing, trouble, LogLevel.Error);
            return why;
        }
        Commit(all, instead);
        foreach (var one in all) await Bury(one.Imp, one.Old);
        return null;
    }

    // What there is only once (a device, a port) the old one must let go before the new one can have it.
    async Task Try(Exchange one)
    {
        if (one.Old.Module is ILive held)
        {
            one.HasLetGo = true;
            await Call(one.Imp, one.Old.Module, "Freeze", FreezeSeconds, held.Freeze);
        }
        if (one.Made!.Module is not ILive live) return;
        var (ready, reason) = (false, "");
        await Call(one.Imp, one.Made.Module, "Unfreeze", UnfreezeSeconds, () => ready = live.Unfreeze(out reason));
        if (!ready) throw new InvalidOperationException($"the new one is not ready: {reason}");
    }

    void Commit(List<Exchange> all, IReadOnlyDictionary<string, ImpData>? instead)
    {
        foreach (var one in all)
        {
            var (imp, old, made) = (one.Imp, one.Old, one.Made!);
            imp.IsToldAtRest = true;
            // What was set meanwhile counts.
            var values = instead?.GetValueOrDefault(imp.Name)?.Values ?? Values(imp, withFleeting: true);
            Withdraw(old);
            Settle(imp, made, values);
            if (one.Before == ImpState.Active)
            {
                _ = stage.Exit(old);
                Play(imp, made);
            }
            else Be(imp, ImpState.Frozen);
            (imp.Faults, imp.LastGood) = (0, one.Data);
            imp.FaultSeconds.Clear();
        }
        stage.Flush();
    }

    async Task Undo(Exchange one, string reason)
    {
        var (imp, old) = (one.Imp, one.Old);
        if (one.Made is { } made) await Bury(imp, made);
        try
        {
            if (one.WasAsked && old.Module is ICarry carry) await Call(imp, old.Module, "AfterLoad", TokenSeconds, () => carry.AfterLoad(one.Token));
            if (one.HasLetGo && old.Module is ILive live)
            {
                var (ready, why) = (false, "");
                await Call(imp, old.Module, "Unfreeze", UnfreezeSeconds, () => ready = live.Unfreeze(out why));
                if (!ready)
                {
                    // What it held has gone elsewhere meanwhile: it waits, as if it had just been made.
                    await stage.Exit(old);
                    old.StopBackground(wait: true);
                    imp.IsToldAtRest = imp.LastGood == one.Data;
                    Be(imp, ImpState.Frozen, why);
                    return;
                }
            }
            Be(imp, one.Before, one.Before == ImpState.Active ? "" : reason);
        }
        catch (Exception trouble)
        {
            Fail(imp, trouble);
        }
    }
}
