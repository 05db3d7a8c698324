using Newtonsoft.Json.Linq;
using OscLooper.Dsp;
using OscLooper.Server.Realm;
using OscLooper.Server.Realtime;

namespace OscLooper.Server.Vault;

// Asking the imps, and giving back to them. The realm speaks with modules; the server's own imps (transport, audio ...) are asked here.
sealed partial class Vault : IRemember
{
    readonly List<ImpData> gone = [];

    IEnumerable<ImpSlot> OwnImps => server.Imps.Where(i => server.Realm?.Find(i.Tree.Name) is null);

    // Every imp that has something of its own writes it into folder/NAME, each with a budget; one that cannot keeps its last good data.
    void Gather(string folder, Action<IReadOnlyList<ImpData>> then)
    {
        var imps = OwnImps.Select(imp => (Slot: imp, Values: values.Read(imp.Slot))).Where(i => i.Values.Count > 0 || i.Slot.Module is IPersist).ToArray();
        var own = new List<ImpData>();
        OnWorker(() =>
        {
            foreach (var (slot, told) in imps) own.Add(Ask(slot, told, folder));
        }, trouble =>
        {
            if (trouble is not null) server.Log(LogLevel.Error, trouble.ToString());
            server.Realm.Gather(folder, modules => then([.. own, .. modules]), isLast ? LastGatherSeconds : GatherSeconds);
        });
    }

    ImpData Ask(ImpSlot imp, IReadOnlyDictionary<string, object[]> told, string folder)
    {
        var data = new ImpData(imp.Tree.Name, imp.Tree.Name, imp.Module.GetType().Assembly.GetName().Version?.ToString(3) ?? "", 1, told, null);
        if (imp.Module is not IPersist keeper) return data;
        try
        {
            var own = Disk.CreatePrivateFolder(Path.Combine(folder, imp.Tree.Name));
            keeper.Save(own);
            return data with { Folder = own.FullName, DataVersion = keeper.DataVersion };
        }
        catch (Exception e)
        {
            return data with { IsFresh = false, Why = e.Message, IsDiskFull = DiskTrouble.IsIn(e) };
        }
    }

    // What the realm has of an imp that cannot be asked counts when it is younger than what is kept here (or nothing is).
    static ImpData Settled(ImpData imp, JObject before, VaultFolder place, VaultFolder into, string data)
    {
        if (imp.IsFresh || imp.Folder is null || !Directory.Exists(imp.Folder)) return imp.IsFresh || before["imps"]?[imp.Imp] is not null ? imp : imp with { Folder = null, IsFresh = true };
        if (imp.Folder.StartsWith(place.Path + Path.DirectorySeparatorChar, StringComparison.Ordinal) && before["imps"]?[imp.Imp] is not null) return imp;
        var own = into.Full(FolderIn(data, imp.Imp));
        if (Directory.Exists(own)) Directory.Delete(own, recursive: true);
        Disk.LinkFolder(imp.Folder, own);
        return imp with { Folder = own, IsFresh = true };
    }

    /// <summary>[main] Gives the server's own imps what is known of them, before the first block is played and before the modules wake.</summary>
    public void RestoreOwn()
    {
        if (!IsOpen) return;
        isRestoring = true;
        GiveOwn(known, place, replacesAll: false, line => Findings.Add((LogLevel.Error, line)));
        server.Workers.Pump();
        ApplyOwn(known, place, replacesAll: false);
        isRestoring = false;
    }

    /// <summary>[main] When the modules are awake (which of them, the realm's own file says): the connections are as they were.</summary>
    public void RestoreRest()
    {
        if (!IsOpen) return;
        TakePatch(known);
        firstChange = -1;
        // Takes that are recorded from now on belong to this run; so one document of this run is there before long.
        if (!server.Timing.IsOffline) (firstChange, lastChange) = (Now - LongestLagNanoseconds, Now - QuietNanoseconds);
        SessionChanged?.Invoke(session);
        Changed?.Invoke();
        isAwake = true;
    }

    void GiveOwn(JObject document, VaultFolder from, bool replacesAll, Action<string> failed)
    {
        foreach (var imp in OwnImps)
        {
            if (imp.Module is not IPersist keeper) continue;
            var data = Recall(document, from, imp.Tree.Name);
            if (data?.Folder is null && !replacesAll) continue;
            try
            {
                if (data?.Folder is { } folder && data.DataVersion <= keeper.DataVersion) keeper.Load(new DirectoryInfo(folder), data.DataVersion);
                else keeper.Load(new DirectoryInfo(from.Path), 0);
            }
            catch (Exception e)
            {
                failed($"{imp.Tree.Name}: {e.Message}");
            }
        }
    }

    void ApplyOwn(JObject document, VaultFolder from, bool replacesAll)
    {
        foreach (var imp in OwnImps)
            if (Recall(document, from, imp.Tree.Name) is { } data || replacesAll)
                values.Apply(imp.Slot, imp.Tree.Name, Recall(document, from, imp.Tree.Name)?.Values ?? new Dictionary<string, object[]>(), replacesAll);
    }

    /// <summary>[main] The imps of what is open that are not there yet, and their modules.</summary>
    public IEnumerable<(string Name, string Module)> Imps => ImpsOf(known);

    IEnumerable<(string Name, string Module)> ImpsOf(JObject document) =>
        [.. from imp in (document["imps"] as JObject)?.Properties() ?? []
            where RealmModule.IsName(imp.Name) && !server.Space.IsTaken(imp.Name)
            select (imp.Name, VaultDocument.ModuleOf(document, imp.Name) ?? imp.Name)];

    // Also one whose module is not there: it is absent, and comes when the DLL does.
    void BringMissing(JObject document)
    {
        foreach (var (imp, module) in ImpsOf(document)) server.Realm.Want(imp, module);
    }

    // Gives all imps what a document says, and their first state where it says nothing. All or nothing: told null, or why it was not done.
    async Task<string?> Restore(JObject document, VaultFolder from, bool isNew)
    {
        isRestoring = true;
        var failed = new List<string>();
        // A session is a whole: who is not in it goes (a new one begins with whoever is there). What they have was saved with what was open.
        var leaving = isNew ? [] : server.Realm.Imps.Where(i => VaultDocument.ModuleOf(document, i.Name) != i.ModuleName).ToList();
        // One whose module is not there cannot be made anew; what it has waits for it.
        var absent = server.Realm.Imps.Except(leaving).Where(i => i.Module is null && server.Realm.Library.Find(i.ModuleName) is null).ToList();
        var living = server.Realm.Imps.Except(leaving).Except(absent).ToList();
        // Of a thousand channels this is 45,000 values.
        var instead = new Dictionary<string, ImpData>();
        await OnWorker(() =>
        {
            foreach (var i in living) instead[i.Name] = Recall(document, from, i.Name) ?? new ImpData(i.Name, i.ModuleName, i.Version, 1, new Dictionary<string, object[]>(), null);
        });
        GiveOwn(document, from, replacesAll: true, failed.Add);
        if (failed.Count == 0 && await server.Realm.Respawn(living, instead) is { } why) failed.Add(why);
        if (failed.Count > 0) GiveOwn(known, place, replacesAll: true, _ => { });
        else
        {
            (known, place) = (document, from);
            gone.Clear();
            foreach (var imp in absent) imp.LastGood = Recall(document, from, imp.Name);
            ApplyOwn(document, from, replacesAll: true);
            await Task.WhenAll(leaving.Select(server.Realm.Drop));
            BringMissing(document);
            server.Realm.WantedChanged();
            TakePatch(document);
        }
        isRestoring = false;
        return failed.Count > 0 ? string.Join("; ", failed) : null;
    }

    /// <summary>[main] What an imp said while it took its data.</summary>
    public void Complained(string imp, string text, bool isLoss)
    {
        if (isRestoring) damages.Add(new(imp, text, isLoss));
        else if (!isAwake) Findings.Add((LogLevel.Warning, $"{imp}: {text}"));
    }

    /// <summary>[main] Tells a module where it may write while it records.</summary>
    public void Introduce(string imp, Module module)
    {
        if (!IsOpen || module is not IStreamTakes taker) return;
        // While a session is loaded nothing that lies about belongs to it; afterwards all are told again.
        taker.StreamTo(isRestoring ? null : new DirectoryInfo(place.Full($"takes/{Names.FolderOf(imp)}")));
    }

    /// <summary>[main] What is known of an imp: of one that is there, or of the last one of that name that was removed.</summary>
    public ImpData? Recall(string imp, string module)
    {
        if (!IsOpen) return null;
        if (gone.FindLast(g => g.Imp == imp && g.Module == module) is { } last) return last;
        return Recall(known, place, imp) is { } data && data.Module == module ? data : Entry(VaultDocument.Grave(known, imp, module), place, imp);
    }

    static ImpData? Recall(JObject document, VaultFolder from, string imp) => Entry(document["imps"]?[imp] as JObject, from, imp);

    static ImpData? Entry(JObject? entry, VaultFolder from, string imp) =>
        entry is null ? null : VaultDocument.Read(imp, entry, VaultFolder.FolderOf(entry) is { } folder ? from.Full(folder) : null);

    /// <summary>[main] An imp was removed for good: it goes to the graveyard with the next save.</summary>
    public void Gone(ImpData last)
    {
        if (!IsOpen) return;
        gone.Add(last);
        MarkDirty();
    }

    /// <summary>[main] What an imp could not read stays in the graveyard; the imp begins anew.</summary>
    public void Unreadable(ImpData data, string why)
    {
        if (!IsOpen) return;
        var line = $"{data.Imp} could not take its data ({why}); they are kept in the vault's graveyard";
        Findings.Add((LogLevel.Error, line));
        server.Log(LogLevel.Error, line);
        VaultDocument.Bury(known, data.Imp, why);
        MarkDirty();
    }

    void IRemember.Changed() => MarkDirty();
}
