using Newtonsoft.Json.Linq;
using OscLooper.Server.Realtime;

namespace OscLooper.Server.Vault;

// Asking the imps, and giving back to them.
sealed partial class Vault
{
    JObject? PatchNow() => null;

    // Every imp that has something of its own writes it into folder/NAME, each with a budget; one that cannot keeps its last good data.
    void Gather(string folder, Action<IReadOnlyList<ImpData>> then)
    {
        var imps = server.Imps.Select(imp => (Slot: imp, Values: values.Read(imp.Slot))).Where(i => i.Values.Count > 0 || i.Slot.Module is IPersist).ToArray();
        var found = new ImpData[imps.Length];
        server.Workers.Run(() =>
        {
            for (var i = 0; i < imps.Length; i++) found[i] = Ask(imps[i].Slot, imps[i].Values, folder);
        }, trouble =>
        {
            if (trouble is not null) server.Log(LogLevel.Error, trouble.ToString());
            foreach (var imp in found.Where(f => f is { IsFresh: false })) server.Log(LogLevel.Warning, $"{imp.Imp} could not be saved ({imp.Why}); its last good data are kept");
            then([.. found.Where(f => f is not null)]);
        });
    }

    ImpData Ask(ImpSlot imp, IReadOnlyDictionary<string, object[]> told, string folder)
    {
        var type = imp.Module.GetType();
        var module = (Attribute.GetCustomAttribute(type, typeof(ModuleAttribute)) as ModuleAttribute)?.Name ?? imp.Tree.Name;
        var data = new ImpData(imp.Tree.Name, module, type.Assembly.GetName().Version?.ToString(3) ?? "", 1, told, null, IsFresh: true, "");
        if (imp.Module is not IPersist keeper) return data;
        try
        {
            var own = Directory.CreateDirectory(Path.Combine(folder, imp.Tree.Name));
            Budget.Run(() => keeper.Save(own), SaveBudgetSeconds, server.Options.Offline);
            return data with { Folder = own.FullName, DataVersion = keeper.DataVersion };
        }
        catch (Exception e)
        {
            return data with { IsFresh = false, Why = e.Message };
        }
    }

    /// <summary>[main] Gives every imp what is known of it; before the first block is played.</summary>
    public void RestoreAll()
    {
        if (!IsOpen) return;
        isRestoring = true;
        foreach (var imp in server.Imps)
        {
            Introduce(imp.Tree.Name, imp.Module);
            if (Recall(imp.Tree.Name) is not { } data) continue;
            if (data.Folder is not null && imp.Module is IPersist keeper && !Load(keeper, data)) continue;
            server.Workers.Pump();
            values.Apply(imp.Slot, imp.Tree.Name, data.Values, replacesAll: false);
        }
        isRestoring = false;
        firstChange = -1;
        SessionChanged?.Invoke(session);
    }

    // Gives all imps what a document says, and their first state where it says nothing; told what could not be read.
    void Restore(JObject document, VaultFolder from, Action<List<string>> then)
    {
        isRestoring = true;
        var failed = new List<string>();
        var all = server.Imps.Select(imp => (Slot: imp, Data: Recall(document, from, imp.Tree.Name))).ToArray();
        server.Workers.Run(() =>
        {
            var nothing = Directory.CreateTempSubdirectory("osclooper-nothing-");
            foreach (var (imp, data) in all)
            {
                if (imp.Module is not IPersist keeper) continue;
                var version = data?.Folder is null ? 0 : data.DataVersion;
                try
                {
                    if (version > keeper.DataVersion) throw new VaultException($"its data are of version {version}, the module knows {keeper.DataVersion}");
                    Budget.Run(() => keeper.Load(version == 0 ? nothing : new DirectoryInfo(data!.Folder!), version), SaveBudgetSeconds, server.Options.Offline);
                }
                catch (Exception e)
                {
                    failed.Add($"{imp.Tree.Name}: {e.Message}");
                }
            }
            nothing.Delete(recursive: true);
        }, trouble => server.Workers.Post(() =>
        {
            // What the modules had to do on main (rows come and go) has been done: it was posted before this.
            if (trouble is not null) failed.Add(trouble.Message);
            foreach (var (imp, data) in failed.Count > 0 ? [] : all)
                if (server.Imps.Contains(imp)) values.Apply(imp.Slot, imp.Tree.Name, data?.Values ?? new Dictionary<string, object[]>(), replacesAll: true);
            if (failed.Count == 0) EndNotes();
            isRestoring = false;
            then(failed);
        }));
    }

    // A note whose key is held belongs to what was open before.
    void EndNotes()
    {
        foreach (var imp in server.Imps)
            if (imp.Slot > 0 && imp.Tree.Declarations.FirstOrDefault(d => d is { Kind: LeafKind.Command, Name: "panic" }) is { } panic)
                server.Gate.Send(new Event(server.Timing.PlainFrame(server.Timing.UnixNow), imp.Slot << Event.LeafBits | panic.Leaf, EventKind.Fire, 0, 0));
    }

    /// <summary>[main] Tells a module where it may write while it records.</summary>
    public void Introduce(string imp, Module module)
    {
        if (IsOpen && module is IStreamTakes taker) taker.StreamTo(new DirectoryInfo(place.Full($"takes/{imp}")));
    }

    ImpData? Recall(string imp) => Recall(known, place, imp);

    static ImpData? Recall(JObject document, VaultFolder from, string imp) =>
        document["imps"]?[imp] is JObject entry ? VaultDocument.Read(imp, entry, VaultFolder.FolderOf(entry) is { } folder ? from.Full(folder) : null) : null;

    bool Load(IPersist keeper, ImpData data)
    {
        try
        {
            if (data.DataVersion > keeper.DataVersion) throw new VaultException($"its data are of version {data.DataVersion}, the module knows {keeper.DataVersion}");
            keeper.Load(new DirectoryInfo(data.Folder!), data.DataVersion);
            return true;
        }
        catch (Exception e)
        {
            // It begins anew; what it could not read is not lost with that.
            Findings.Add((LogLevel.Error, $"{data.Imp} could not take its data ({e.Message}); they are kept in the vault's graveyard"));
            VaultDocument.Bury(known, data.Imp, e.Message);
            return false;
        }
    }
}
