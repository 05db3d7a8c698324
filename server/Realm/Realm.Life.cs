using System.Runtime.Loader;
using OscLooper.Server.Addressing;
using OscLooper.Server.Realm.Isolation;
using OscLooper.Server.Realtime;

namespace OscLooper.Server.Realm;

/// <content>[main] One imp's life: made, frozen, unfrozen, failing, removed.</content>
public sealed partial class Realm
{
    /// <summary>Absent or Faulted to Frozen, and on to Active: makes an instance, with the data of the one before or what is remembered.</summary>
    async Task Bring(Imp imp)
    {
        if (Library.Find(imp.ModuleName) is not { } file)
        {
            if (imp.Now is null) Be(imp, ImpState.Absent, $"there is no module named {imp.ModuleName} in {Library.Folder}");
            else Be(imp, ImpState.Faulted, $"{imp.Reason}; its module is gone");
            imp.RetrySecond = Seconds() + backoffSeconds[^1];
            return;
        }
        Be(imp, ImpState.Loading);
        var old = imp.Now;
        var data = await LastWords(imp);
        Instance made;
        await TakeTurn();
        try
        {
            made = await Make(imp, file, data, null, new Making());
        }
        catch (UnreadableException trouble) when (Memory is not null && imp.LastGood is null)
        {
            // What is remembered from another run cannot be read: it begins anew, and the vault keeps what it could not read.
            Memory.Unreadable(data!, trouble.Message);
            _ = Begin(imp, () => Bring(imp));
            return;
        }
        catch (Exception trouble)
        {
            Fail(imp, trouble);
            return;
        }
        finally
        {
            GiveTurn();
        }
        if (old is not null)
        {
            await LetGo(imp, old);
            Withdraw(old);
        }
        try
        {
            Settle(imp, made, data?.Values);
        }
        catch (ArgumentException taken)
        {
            await Bury(imp, made);
            Fail(imp, taken);
            return;
        }
        // Until it plays it has what it was given.
        (imp.LastGood, imp.IsToldAtRest) = (data ?? new ImpData(imp.Name, imp.ModuleName, imp.Version, 1, Values(imp), null), true);
        Be(imp, ImpState.Frozen);
        if (old is not null) await Bury(imp, old);
        if (!imp.WantsFrozen) await Unfreeze(imp);
    }

    /// <summary>Reads the DLL, makes the module, prepares it, gives it its data. What it threw comes out; then nothing is left of it.</summary>
    async Task<Instance> Make(Imp imp, ModuleFile file, ImpData? data, string? token, Making making)
    {
        var slot = server.TakeSlot();
        var desk = new ImpDesk(server, imp.Name, slot);
        var tree = new Tree(imp.Name, desk, server.Format, server.ModuleSettings);
        tree.Audio.ImpBits = slot << Event.LeafBits;
        AssemblyLoadContext? context = null;
        Module? module = null;
        Instance? made = null;
        try
        {
            // A part of the program, or of a render, needs no process of its own.
            var isApart = imp.IsIsolated && file.Path.Length > 0 && !server.Timing.IsOffline;
            making.IsApart = isApart;
            imp.Thread.Making = making;
            await imp.Thread.Run("its constructor", isApart ? ApartSeconds : LoadSeconds, () =>
            {
                module = isApart ? new IsolatedModule(tree.Root, file, imp.Name, server.Format, path => making.Process = path) : file.Make(tree.Root, out context);
                server.Engine.Prepare(new ImpSlot(slot, tree, module));
            });
            made = new Instance(file, new ImpSlot(slot, tree, module!), desk, context);
            desk.Instance = made;
            if (module is IsolatedModule apart)
            {
                var watched = made;
                apart.Died = trouble => server.Workers.Post(() => Fault(watched, trouble));
                apart.Heard = message => server.HearApart(watched, message);
                made.WatchApart(apart, Hangs);
            }
            server.Engine.Welcome(made.Slot);
            Memory?.Introduce(imp.Name, module!);
            if (module is IPersist persist && data?.Folder is { } folder && Directory.Exists(folder))
            {
                // Generous: a machine that is busy while it starts must not lose an instrument to that.
                var seconds = LoadSeconds + SecondsFor(SizeOf(folder));
                desk.Complained = (text, isLoss) => Memory?.Complained(imp.Name, text, isLoss);
                if (data.DataVersion > persist.DataVersion) throw new UnreadableException($"its data are of version {data.DataVersion}, the module knows {persist.DataVersion}");
                try
                {
                    await Call(imp, module, ImpThread.Loading, seconds, () => persist.Load(new DirectoryInfo(folder), data.DataVersion));
                }
                catch (Exception e) when (e is not HungException)
                {
                    throw new UnreadableException(FaultText.Line(e));
                }
                finally
                {
                    desk.Complained = null;
                }
            }
            if (module is ICarry carry) await Call(imp, module, "AfterLoad", TokenSeconds, () => carry.AfterLoad(token));
            await imp.Thread.Run("its addresses", LoadSeconds, () => made.Addresses = new ImpSpace(slot, tree));
            imp.Thread.Making = null;
            return made;
        }
        catch (Exception trouble)
        {
            imp.Thread.Making = null;
            if (made is not null && trouble is UnreadableException) await Bury(imp, made, wasHeard: false);
            else if (made is not null) await Bury(imp, made);
            else
            {
                desk.Close();
                server.ReturnSlot(slot);
                if (context is not null) leaks.Unload(imp.Name, context);
            }
            throw;
        }
    }

    /// <summary>An instance takes the place of the imp: its addresses are there, its values are as they were.</summary>
    void Settle(Imp imp, Instance made, IReadOnlyDictionary<string, object[]>? values)
    {
        server.Merge(made.Slot, made.Addresses!);
        made.IsMerged = true;
        made.Desk.Merged();
        imp.Now = made;
        restoring = imp;
        if (values is not null) Restore(imp, values);
        restoring = null;
        // After that: the texts that it tells are those it was given, not its first ones.
        (made.Module as IsolatedModule)?.Watch();
    }

    /// <summary>Frozen to Active; not ready leaves it frozen, to be tried again.</summary>
    async Task<bool> Unfreeze(Imp imp)
    {
        if (imp.State != ImpState.Frozen || imp.Now is not { } one) return imp.State == ImpState.Active;
        if (one.Module is ILive live)
        {
            var (ready, reason) = (false, "");
            try
            {
                await Call(imp, one.Module, "Unfreeze", UnfreezeSeconds, () => ready = live.Unfreeze(out reason));
            }
            catch (Exception trouble)
            {
                Fail(imp, trouble);
                return false;
            }
            if (!ready)
            {
                Be(imp, ImpState.Frozen, reason.Length > 0 ? reason : "not ready");
                return false;
            }
        }
        Play(imp, one);
        return true;
    }

    void Play(Imp imp, Instance one)
    {
        imp.IsToldAtRest = false;
        stage.Enter(one);
        imp.ActiveSince = Seconds();
        if (!server.Timing.IsOffline) one.StartBackground(trouble => server.Workers.Post(() => Fault(one, trouble)), Hangs);
        Be(imp, ImpState.Active);
    }

    /// <summary>Active to Frozen: it fades out, then lets go of what it holds.</summary>
    async Task Freeze(Imp imp)
    {
        if (imp.State != ImpState.Active || imp.Now is not { } one) return;
        Be(imp, ImpState.Freezing);
        await TellBeforeRest(imp);
        await stage.Exit(one);
        var trouble = await LetGo(imp, one);
        if (trouble is not null)
        {
            Count(imp);
            Note(imp, trouble, LogLevel.Warning);
        }
        Be(imp, ImpState.Frozen, trouble?.Message ?? "");
    }

    // What it does behind the scenes ends, and Freeze is called; what goes wrong comes back.
    async Task<Exception?> LetGo(Imp imp, Instance one)
    {
        var hangs = !one.StopBackground(wait: true);
        try
        {
            if (one.Module is ILive live) await Call(imp, one.Module, "Freeze", FreezeSeconds, live.Freeze);
        }
        catch (Exception trouble)
        {
            return trouble;
        }
        return hangs ? new HungException($"{imp.Name}: Work", 1) : null;
    }

    /// <summary>[main] An instance threw, on the audio side or behind the scenes.</summary>
    internal void Fault(Instance one, Exception trouble)
    {
        if (imps.Find(i => i.Now == one) is not { } imp) return;
        // Text from here on: what waits for its turn must not hold the module.
        var (line, stack) = (FaultText.Line(trouble), FaultText.Stack(trouble));
        Begin(imp, () =>
        {
            if (imp.Now == one && imp.State is not (ImpState.Faulted or ImpState.Quarantined)) Fail(imp, line, stack);
            return Task.CompletedTask;
        });
    }

    /// <summary>[main] The imp in a slot threw on the audio side; the engine has silenced it.</summary>
    internal bool Fault(int slot)
    {
        Fault(slot, server.Engine.FaultOf(slot) ?? new InvalidOperationException("it threw"));
        return imps.Exists(i => i.Slot == slot);
    }

    /// <summary>[main] The imp in a slot threw.</summary>
    internal void Fault(int slot, Exception trouble)
    {
        if (imps.Find(i => i.Slot == slot)?.Now is { } one) Fault(one, trouble);
    }

    void Fail(Imp imp, Exception trouble) => Fail(imp, FaultText.Line(trouble), FaultText.Stack(trouble));

    void Fail(Imp imp, string line, string stack)
    {
        if (imp.Now is { } one)
        {
            one.StopBackground(wait: false);
            _ = stage.Exit(one);
        }
        var isTooMuch = Count(imp);
        var seconds = backoffSeconds[Math.Min(imp.Faults, backoffSeconds.Length) - 1] * (0.9 + 0.2 * Jitter());
        imp.RetrySecond = Seconds() + seconds;
        imp.Fault = stack;
        Be(imp, isTooMuch ? ImpState.Quarantined : ImpState.Faulted, line);
        if (stack.Contains('\n')) server.Log(LogLevel.Error, $"{imp.Name}: where it failed: {stack}");
        own?.Refresh();
    }

    // What went wrong without ending it: the place is kept all the same.
    void Note(Imp imp, Exception trouble, LogLevel level)
    {
        imp.Fault = FaultText.Stack(trouble);
        if (imp.Fault.Contains('\n')) server.Log(level, $"{imp.Name}: where it failed: {imp.Fault}");
        own?.Tell(imp);
    }

    // True when there were too many of late.
    bool Count(Imp imp)
    {
        var now = Seconds();
        imp.Faults++;
        imp.FaultSeconds.Add(now);
        imp.FaultSeconds.RemoveAll(s => s <= now - FaultWindowSeconds);
        return imp.FaultSeconds.Count > MostFaults;
    }

    /// <summary>[main] The imp goes: it fades out, says its last words, its addresses go.</summary>
    async Task Remove(Imp imp, bool isRemembered = true)
    {
        if (imp.State == ImpState.Active) await Freeze(imp);
        var last = isRemembered ? await LastWords(imp) : null;
        var one = imp.Now;
        Be(imp, ImpState.Removed);
        if (one is not null) Withdraw(one);
        imp.Now = null;
        imps.Remove(imp);
        own?.Hide(imp);
        stage.Forget(imp.Name);
        if (last is not null) Memory?.Gone(last);
        leaving.Add(imp);
        if (one is not null) await Bury(imp, one);
        leaving.Remove(imp);
        imp.Thread.Dispose();
    }

    /// <summary>[main] An imp goes whose data are somewhere else already.</summary>
    internal Task Drop(Imp imp) => Begin(imp, () => Remove(imp, isRemembered: false));

    /// <summary>An instance's addresses go, and whoever waits for it is told.</summary>
    void Withdraw(Instance one)
    {
        if (!one.IsMerged) return;
        one.IsMerged = false;
        server.ForgetLeft(one.Slot.Slot);
        server.Unmerge(one.Slot);
    }

    /// <summary>An instance ends: out of the schedule, disposed, unloaded; its slot is free when nothing can come for it any more.</summary>
    async Task Bury(Imp imp, Instance one, bool wasHeard = true)
    {
        Withdraw(one);
        await stage.Exit(one);
        // At the start nothing plays yet; who was never heard need not wait for those who play.
        if (!one.IsOnStage && wasHeard) await stage.Settled();
        one.StopBackground(wait: true);
        one.EndWatch();
        server.Engine.Release(one.Slot);
        one.Desk.Close();
        server.ReturnSlot(one.Slot.Slot);
        if (!one.HasStopped || imp.Thread.IsAbandoned || server.IsInLeft(one.Slot.Slot))
        {
            // What somebody is still at work in must stay: freed, it would be written over, or write over what takes its place.
            server.Log(LogLevel.Warning, $"{imp.Name}: a call into the old one has not come back; its memory is kept until it has");
            held.Add((imp, one));
            return;
        }
        try
        {
            await Call(imp, one.Module, "Dispose", FreezeSeconds, one.Module.Dispose);
        }
        catch (Exception trouble)
        {
            server.Log(LogLevel.Warning, $"{imp.Name}: {FaultText.Stack(trouble)}");
        }
        if (one.Module is IsolatedModule { WasLate: true }) TellAfterwards($"{imp.Name}: Dispose has not come back, its process was ended");
        if (one.Context is { } context) leaks.Unload(imp.Name, context);
    }
}

/// <summary>[main] A module did not take its data.</summary>
sealed class UnreadableException(string message) : Exception(message);
