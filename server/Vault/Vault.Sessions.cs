using Newtonsoft.Json.Linq;

namespace OscLooper.Server.Vault;

// Sessions: a folder each, with what was saved on purpose (session.json) and what is saved by itself since (vault.json).
sealed partial class Vault
{
    /// <summary>[main] Told when another session is open.</summary>
    public Action<string>? SessionChanged { get; set; }

    string SessionsFolder => Path.Combine(root, "sessions");

    /// <summary>[worker] Every session: its name, when it was saved, and whether by itself only.</summary>
    public IReadOnlyList<(string Name, string Saved, bool IsAutomatic)> List()
    {
        var found = new List<(string, string, bool)>();
        if (!Directory.Exists(SessionsFolder)) return found;
        foreach (var folder in Directory.GetDirectories(SessionsFolder).Order(StringComparer.OrdinalIgnoreCase))
        {
            var (chosen, automatic) = (Path.Combine(folder, Chosen + ".json"), Path.Combine(folder, Automatic + ".json"));
            var file = File.Exists(chosen) ? chosen : automatic;
            if (Names.IsSafe(Path.GetFileName(folder)) && File.Exists(file)) found.Add((Path.GetFileName(folder), $"{File.GetLastWriteTimeUtc(file):yyyy-MM-ddTHH:mm:ssZ}", file == automatic));
        }
        return found;
    }

    /// <summary>[main] Saves everything as a session, which is the open one from then on; told null, or why not.</summary>
    public void SaveSession(string name, Action<string?> then) => Exclusively(then, done =>
    {
        var into = name == session ? place : PlaceOf(name);
        OnWorker(() =>
        {
            Directory.CreateDirectory(into.Path);
            // What is there already is counted on from, and stays as generations.
            if (into != place) Newest(into, line => server.Workers.Post(() => server.Log(LogLevel.Warning, line)));
        }, trouble =>
        {
            if (trouble is not null) done(trouble.Message);
            else Write(into, Chosen, name, (why, _) =>
            {
                if (why is null) Enter(name, into);
                done(why);
            });
        });
    });

    /// <summary>[main] Opens a session as it was saved on purpose (or, if it never was, by itself). What was open is saved before; when anything cannot be read all stays as it is.</summary>
    public void LoadSession(string name, Action<string?> then) => Exclusively(then, done =>
    {
        var from = PlaceOf(name);
        JObject? document = null;
        Leave(left =>
        {
            if (left is not null) done(left);
            else OnWorker(() =>
            {
                void Trouble(string line) => server.Workers.Post(() => server.Log(LogLevel.Warning, line));
                var automatic = from.Load(Automatic, Trouble);
                document = from.Load(Chosen, Trouble) ?? automatic;
                if (automatic is not null && document != automatic && VaultText.Seq(automatic) > VaultText.Seq(document))
                    server.Workers.Post(() => server.Log(LogLevel.Info, $"session {name}: an autosave is newer than what was saved; osclooper --session \"{name}\" goes on with that"));
            }, trouble =>
            {
                if (trouble is not null) done(trouble.Message);
                else if (document is null) done($"session {name} holds nothing that can be read");
                else Replace(document, from, name, done);
            });
        });
    });

    /// <summary>[main] Everything as at the first start. What was open is saved before.</summary>
    public void NewSession(string name, Action<string?> then) => Exclusively(then, done => Leave(left =>
    {
        if (left is not null) done(left);
        else
        {
            var into = PlaceOf(name);
            var fresh = VaultDocument.Empty();
            OnWorker(() =>
            {
                Directory.CreateDirectory(into.Path);
                Newest(into, _ => { });
            }, trouble =>
            {
                if (trouble is not null) done(trouble.Message);
                else Replace(fresh, into, name, done);
            });
        }
    }));

    // Saves and loads take turns; one that comes meanwhile waits.
    readonly Queue<Action> waitingTurns = new();
    bool isTaken;

    void Exclusively(Action<string?> then, Action<Action<string?>> work)
    {
        if (!IsOpen)
        {
            then("this server keeps no vault (--vault)");
            return;
        }
        if (isTaken || isSaving)
        {
            waitingTurns.Enqueue(() => Exclusively(then, work));
            return;
        }
        isTaken = true;
        work(why =>
        {
            isTaken = false;
            then(why);
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
            Write(place, Automatic, session, (why, _) => then(why));
            return;
        }
        var name = $"unsaved {DateTime.UtcNow:yyyy-MM-dd HH-mm-ss}";
        for (var (plain, n) = (name, 2); Directory.Exists(PlaceOf(name).Path); n++) name = $"{plain} ({n})";
        var into = PlaceOf(name);
        OnWorker(() => Directory.CreateDirectory(into.Path), trouble =>
        {
            if (trouble is not null) then(trouble.Message);
            else Write(into, Automatic, name, (why, _) =>
            {
                if (why is null) server.Log(LogLevel.Info, $"what was open is kept as session \"{name}\"");
                then(why);
            });
        });
    }

    void Replace(JObject document, VaultFolder from, string name, Action<string?> then)
    {
        // What had no name has one now, and goes by it when the other cannot be had.
        if (known["session"] is JValue { Value: string old } && old != session) Enter(old, PlaceOf(old));
        async Task Go()
        {
            var why = await Restore(document, from, isNew: VaultText.Seq(document) == 0);
            if (why is null)
            {
                Seq = from.Seq;
                Enter(name, from);
            }
            then(why);
        }
        Go().ContinueWith(over => server.Workers.Post(() =>
        {
            isRestoring = false;
            server.Log(LogLevel.Error, $"{over.Exception!.InnerException}");
            then(over.Exception.InnerException!.Message);
        }), TaskContinuationOptions.OnlyOnFaulted);
    }

    void Enter(string name, VaultFolder folder)
    {
        (session, place) = (name, folder);
        foreach (var imp in server.Imps) Introduce(imp.Tree.Name, imp.Module);
        MarkDirty();
        SessionChanged?.Invoke(name);
        Changed?.Invoke();
    }
}
