using Newtonsoft.Json.Linq;

namespace OscLooper.Server.Vault;

// Sessions: a folder each, with what was saved on purpose (session.json) and what is saved by itself since (vault.json).
sealed partial class Vault
{
    /// <summary>[main] Told when another session is open.</summary>
    public Action<string>? SessionChanged { get; set; }

    string SessionsFolder => SessionsIn(root);

    /// <summary>[any] Where the sessions of a vault lie.</summary>
    public static string SessionsIn(string root) => Path.Combine(Path.GetFullPath(root), "sessions");

    /// <summary>[worker] Every session: its name, when it was saved, and whether by itself only.</summary>
    public IReadOnlyList<(string Name, string Saved, bool IsAutomatic)> List()
    {
        var found = new List<(string, string, bool)>();
        if (!Directory.Exists(SessionsFolder)) return found;
        foreach (var folder in Directory.GetDirectories(SessionsFolder).Order(StringComparer.OrdinalIgnoreCase))
        {
            if (!Names.IsSafe(Path.GetFileName(folder))) continue;
            var files = new VaultFolder(folder, Chosen, Automatic).Files.ToList();
            if (files.Count > 0) found.Add((NameOf(folder, files[0]), $"{File.GetLastWriteTimeUtc(files[0]):yyyy-MM-ddTHH:mm:ssZ}", !Path.GetFileName(files[0]).StartsWith(Chosen, StringComparison.Ordinal)));
        }
        return found;
    }

    static string NameOf(string folder, string file)
    {
        var name = Path.GetFileName(folder);
        if (!Names.IsLong(name)) return name;
        try
        {
            return VaultText.Read(File.ReadAllBytes(file))["session"] is JValue { Value: string full } && Names.FolderOf(full) == name ? full : name;
        }
        catch (Exception e) when (e is VaultException or IOException)
        {
            return name;
        }
    }

    /// <summary>[any] Sessions that a vault holds; those that are there stay, however many they are.</summary>
    public const int MostSessions = 4096;

    // A new one only where there is room.
    void MakeSession(VaultFolder into)
    {
        if (!Directory.Exists(into.Path) && into.Path != root && Directory.Exists(SessionsFolder) && Directory.EnumerateDirectories(SessionsFolder).Count() is var count and >= MostSessions)
            throw new VaultException($"there are {count} sessions; {MostSessions} is the most");
        VaultDisk.MakeFolder(into.Path);
    }

    // What could not be saved leaves no session behind.
    void Unmake(VaultFolder into, Action then)
    {
        if (into.Path == place.Path || into.Path == root || into.Files.Any()) then();
        else OnWorker(() => VaultDisk.Delete(into.Path), _ => then());
    }

    /// <summary>[main] Saves everything as a session, which is the open one from then on; told how it went.</summary>
    public void SaveSession(string name, Action<Saved> then) => Exclusively(why => then(Saved.Not(why)), done =>
    {
        void End(Saved saved) => done(() => then(saved));
        var into = name == session ? place : PlaceOf(name);
        OnWorker(() =>
        {
            MakeSession(into);
            // What is there already is counted on from, and stays as generations.
            if (into != place) Count(into);
        }, trouble =>
        {
            if (trouble is not null) End(Saved.Not(trouble.Message));
            else Write(into, Chosen, name, saved =>
            {
                if (!saved.IsWritten) Unmake(into, () => End(saved));
                else Remember(name, why =>
                {
                    if (why is null) Enter(name, into);
                    if (why is null && saved.Why is null) held?.Well();
                    End(why is null ? saved : Saved.Not(why));
                });
            });
        });
    });

    /// <summary>[main] Opens a session in its youngest state that is safe on disk. What was open is saved before; when nothing can be read all stays as it is. Told of what is damaged in it.</summary>
    public void LoadSession(string name, Action<string?, IReadOnlyList<Damage>> then) => Exclusively(why => then(why, []), done =>
    {
        // The open one goes back to what is on the disk: that is read before it is saved.
        var from = name == session ? place : PlaceOf(name);
        JObject? document = null;
        damages.Clear();
        void End(string? why)
        {
            Damage[] found = [.. damages];
            damages.Clear();
            done(() => then(why, found));
        }
        OnWorker(() => document = Newest(from, damages), trouble =>
        {
            foreach (var damage in damages) server.Log(LogLevel.Warning, $"session {name}: {damage}");
            if (trouble is not null) End(trouble.Message);
            else if (document is null) End($"session {name} holds nothing that can be read");
            else Leave(left =>
            {
                if (left is not null) End(left);
                else Replace(document, from, name, isNew: false, End);
            });
        });
    });

    /// <summary>[main] Everything as at the first start. What was open is saved before.</summary>
    public void NewSession(string name, Action<string?> then) => Exclusively(why => then(why), done => Leave(left =>
    {
        void End(string? why)
        {
            damages.Clear();
            done(() => then(why));
        }
        if (left is not null) End(left);
        else
        {
            var into = name == session ? place : PlaceOf(name);
            OnWorker(() =>
            {
                MakeSession(into);
                Count(into);
            }, trouble =>
            {
                if (trouble is not null) End(trouble.Message);
                else Replace(VaultDocument.Empty(), into, name, isNew: true, End);
            });
        }
    }));

    readonly List<Damage> damages = [];

    // What lies there is counted on from.
    static void Count(VaultFolder folder)
    {
        folder.Load(Automatic, _ => { });
        folder.Load(Chosen, _ => { });
    }

    // The name is on the disk before anybody is told that it is open.
    void Remember(string name, Action<string?> then) =>
        OnWorker(() => LastSession.Write(root, name), trouble => then(trouble is null ? null : $"it could not be written down that {(name.Length == 0 ? "no session" : $"session {name}")} is open: {trouble.Message}"));

    // Saves and loads take turns; one that comes meanwhile waits.
    readonly Queue<Action> waitingTurns = new();
    bool isTaken;

    void Exclusively(Action<string> refuse, Action<Action<Action>> work)
    {
        if (!IsOpen)
        {
            refuse("this server keeps no vault (--vault)");
            return;
        }
        if (isTaken || isSaving)
        {
            waitingTurns.Enqueue(() => Exclusively(refuse, work));
            return;
        }
        isTaken = true;
        work(tell =>
        {
            isTaken = false;
            tell();
            NextTurn();
        });
    }

    void NextTurn()
    {
        if (isTaken || isSaving) return;
        if (waiters.Count > 0) Save();
        else if (waitingTurns.TryDequeue(out var next)) next();
    }

    // What is open is saved by itself; work without a name gets one, so that it is not overwritten by what comes.
    void Leave(Action<string?> then)
    {
        if (session.Length > 0 || Seq == 0 && !IsDirty)
        {
            Write(place, Automatic, session, saved => then(saved.Why));
            return;
        }
        var name = FreeName("unsaved");
        var into = PlaceOf(name);
        OnWorker(() => VaultDisk.MakeFolder(into.Path), trouble =>
        {
            if (trouble is not null) then(trouble.Message);
            else Write(into, Automatic, name, saved =>
            {
                if (saved.Why is null) server.Log(LogLevel.Info, $"what was open is kept as session \"{name}\"");
                then(saved.Why);
            });
        });
    }

    void Replace(JObject document, VaultFolder from, string name, bool isNew, Action<string?> then)
    {
        // What had no name has one now, and goes by it when the other cannot be had.
        if (known["session"] is JValue { Value: string old } && old != session) Enter(old, PlaceOf(old));
        async Task Go()
        {
            var why = await Restore(document, from, isNew);
            if (why is null) Settle(document, from, name, isNew, then);
            else then(why);
        }
        Go().ContinueWith(over => server.Workers.Post(() =>
        {
            isRestoring = false;
            server.Log(LogLevel.Error, $"{over.Exception!.InnerException}");
            then(over.Exception.InnerException!.Message);
        }), TaskContinuationOptions.OnlyOnFaulted);
    }

    // It is what is open: so it is the youngest on the disk, too, and the name is written down.
    void Settle(JObject document, VaultFolder from, string name, bool isNew, Action<string?> then) => OnWorker(() =>
    {
        if (isNew && Directory.Exists(from.Full("takes"))) VaultDisk.Delete(from.Full("takes"));
        if (isNew || from.Seq > VaultText.Seq(document))
        {
            var seq = from.Seq + 1;
            (document["seq"], document["session"], document["clean"]) = (seq, name, false);
            document["saved"] ??= VaultDocument.TimeNow;
            document.Remove("seqEnd");
            (document["sum"], document["seqEnd"]) = (VaultText.Sum(seq), seq);
            from.Write(Automatic, document);
        }
        LastSession.Write(root, name);
    }, trouble =>
    {
        Seq = from.Seq;
        Enter(name, from);
        then(trouble is null ? null : $"{(name.Length == 0 ? "all is new" : $"session {name} is open")}, but that could not be written down: {trouble.Message}");
    });

    long openedAt;

    void Enter(string name, VaultFolder folder)
    {
        (session, place, openedAt) = (name, folder, Now);
        held?.Begin(name, 0);
        held?.Played();
        foreach (var imp in server.Imps) Introduce(imp.Tree.Name, imp.Module);
        MarkDirty();
        SessionChanged?.Invoke(name);
        Changed?.Invoke();
    }
}
