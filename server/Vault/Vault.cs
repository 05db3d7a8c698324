using Newtonsoft.Json.Linq;
using OscLooper.Dsp;
using OscLooper.Server.Realm;
using OscLooper.Server.Realtime;

namespace OscLooper.Server.Vault;

/// <summary>
/// [main] What is remembered (lifecycle: the vault): all declared values and each module's own data, saved by itself 1 s after the last
/// change, 5 s after the first at the latest. Main collects, workers write; nothing here is known to the audio side.
/// </summary>
sealed partial class Vault : IDisposable
{
    const long QuietNanoseconds = 1_000_000_000, LongestLagNanoseconds = 5_000_000_000, RetryNanoseconds = 5_000_000_000;
    const double WellAfterSeconds = 60, GatherSeconds = 5, LastGatherSeconds = 1, LastSaveSeconds = 1.8;
    const string Automatic = "vault", Chosen = "session";

    readonly Server server;
    readonly LeafValues values;
    readonly FileSums sums = new();
    readonly List<Action<Saved>> waiters = [];
    VaultLock? held;
    VaultFolder place = new("");
    JObject known = VaultDocument.Empty();
    long firstChange = -1, lastChange, notBefore;
    bool isSaving, isRestoring, isAwake;

    public Vault(Server server) => (this.server, values) = (server, new LeafValues(server));

    /// <summary>[main] It has a folder; without one nothing is remembered.</summary>
    public bool IsOpen => held is not null;
    /// <summary>[main] Changes wait to be saved.</summary>
    public bool IsDirty => firstChange >= 0;
    /// <summary>[main] Where it lies.</summary>
    public string Folder => IsOpen ? place.Path : "";
    /// <summary>[main] Number of the last document that is safe on disk.</summary>
    public long Seq { get; private set; }
    /// <summary>[main] When that was, by the monotonic clock; -1 = not yet.</summary>
    public long SavedAt { get; private set; } = -1;
    /// <summary>[main] Why the last save failed; empty when it did not.</summary>
    public string Trouble { get; private set; } = "";
    /// <summary>[main] What was found at the start, for whoever starts the server.</summary>
    public List<(LogLevel Level, string Text)> Findings { get; } = [];
    /// <summary>[main] Told of every end of a save.</summary>
    public Action? Changed { get; set; }

    long Now => server.Timing.Now;

    /// <summary>[main] A leaf has another value.</summary>
    public void Heard(int target, Declaration leaf)
    {
        if (!IsOpen || isRestoring || leaf.IsSampled) return;
        if (leaf.IsReadOnly && !(server.ImpOf(target) is { } imp && imp.Module is IPersist)) return;
        MarkDirty();
    }

    /// <summary>[main] Something worth keeping has changed.</summary>
    public void MarkDirty()
    {
        if (!IsOpen) return;
        lastChange = Now;
        if (firstChange < 0) firstChange = lastChange;
    }

    /// <summary>[main] Somebody plays: what happens now is no trouble of opening what is open.</summary>
    public void Played() => held?.Played();

    /// <summary>[main] Saves when it is time.</summary>
    public void Tick()
    {
        if (held is not null && Now - openedAt > WellAfterSeconds * 1e9) held.Well();
        if (!IsDirty || isSaving || isTaken || Now < notBefore) return;
        if (Now - lastChange >= QuietNanoseconds || Now - firstChange >= LongestLagNanoseconds) Save();
    }

    /// <summary>[any] How a save ended.</summary>
    /// <param name="Why">Why not all of it is safe on disk; null when it is.</param>
    /// <param name="Warnings">Imps that could not say what they have; what they said last is kept.</param>
    /// <param name="IsWritten">There is a new document, though perhaps not all is in it.</param>
    public readonly record struct Saved(string? Why, IReadOnlyList<string> Warnings, bool IsWritten)
    {
        public static Saved Not(string why) => new(why, [], false);
    }

    /// <summary>[main] Saves now; told how it went.</summary>
    public void Save(Action<Saved>? then = null)
    {
        if (!IsOpen)
        {
            then?.Invoke(Saved.Not("this server keeps no vault (--vault)"));
            return;
        }
        if (then is not null) waiters.Add(then);
        if (isSaving || isTaken)
        {
            // What changed while it was being collected may not be in it: once more, for whoever asked meanwhile.
            MarkDirty();
            notBefore = 0;
            return;
        }
        var asked = waiters.ToArray();
        waiters.Clear();
        Write(place, Automatic, session, saved =>
        {
            if (asked.Length > 0 && saved.Why is null) held?.Well();
            foreach (var waiter in asked) waiter(saved);
            NextTurn();
        });
    }

    /// <summary>[main] The last save, when the server ends: waits for it, as long as an ending server may.</summary>
    public void SaveAtEnd(Action round)
    {
        if (!IsOpen || IsLate || (!IsDirty && !isSaving && hasEndedWell)) return;
        var until = SampleClock.MonotonicNow + (long)(LastSaveSeconds * 1e9);
        var isOver = false;
        isLast = true;
        Save(saved =>
        {
            isOver = true;
            if (saved.Why is { } why) server.Losses.Add($"what changed since the last save: {why}");
        });
        while (!isOver && SampleClock.MonotonicNow < until)
        {
            round();
            if (!isOver) Thread.Sleep(1);
        }
        IsLate = !isOver;
        if (isOver) return;
        server.Losses.Add($"what changed since the last save: it took more than {LastSaveSeconds} s");
        server.Log(LogLevel.Error, $"the vault could not be saved within {LastSaveSeconds} s; what was saved before stays");
    }

    /// <summary>[any] The last save did not end in time.</summary>
    public bool IsLate { get; set; }

    bool isLast, hasEndedWell;

    /// <summary>[main] Saves before the end that somebody asked for; continues also when that fails, or takes too long.</summary>
    public void SaveLast(Action<Saved> then)
    {
        isLast = true;
        Save(then);
    }

    /// <summary>[main] What the vault's threads are at; null when nothing.</summary>
    public WorkItem? Doing { get; private set; }

    void OnWorker(Action work, Action<Exception?> then) => Doing = server.Workers.Run(work, then, WorkKind.Vault);

    // The same, awaited on main.
    Task OnWorker(Action work)
    {
        var over = new TaskCompletionSource();
        OnWorker(work, trouble =>
        {
            if (trouble is null) over.SetResult();
            else over.SetException(trouble);
        });
        return over.Task;
    }

    // Collect on main, write on a worker, conclude on main.
    void Write(VaultFolder into, string name, string sessionName, Action<Saved> then)
    {
        var (seq, endsWell) = (Math.Max(into.Seq, place.Seq) + 1, isLast);
        var (began, lag) = (lastChange, firstChange);
        (isSaving, firstChange) = (true, -1);
        var data = "";

        ImpData[] buried = [.. gone];     // known of until they are safe

        void Conclude(Exception? trouble, JObject? written, IReadOnlyList<ImpData> imps)
        {
            isSaving = false;
            if (trouble is not null)
            {
                firstChange = lag < 0 ? began : lag;
                notBefore = Now + RetryNanoseconds;
                if (Trouble != trouble.Message) server.Log(LogLevel.Error, $"the vault in {into.Path} could not be saved: {trouble.Message} What was saved before is whole; it is tried again");
                Trouble = trouble.Message;
            }
            else
            {
                if (Trouble.Length > 0) server.Log(LogLevel.Info, "the vault is saved again");
                (Trouble, Seq, SavedAt, known, hasEndedWell) = ("", seq, Now, written!, endsWell);
                gone.RemoveAll(g => buried.Contains(g));
            }
            Changed?.Invoke();
            // Who was too late for this save may be asked again; what is not in it was not saved.
            var late = imps.Where(i => i.IsLate).Select(i => $"{i.Imp} could not be asked ({i.Why}); what it said last is kept, all else is saved").ToArray();
            var failed = imps.Where(i => i is { IsFresh: false, IsLate: false, Why.Length: > 0 }).Select(i => $"{i.Imp} could not be saved ({i.Why}); what it said last is kept").ToArray();
            then(new(trouble is null && late.Length > 0 ? string.Join("; ", late) : trouble?.Message, failed, trouble is null));
        }

        OnWorker(() => data = into.MakeData(seq), trouble =>
        {
            if (trouble is not null) Conclude(trouble, null, []);
            else Gather(into.Full(data), imps =>
            {
                var (before, from, patch, rate) = (known, place, PatchNow(), server.Format.Rate);
                JObject? written = null;
                var lines = new List<string>();
                OnWorker(() => written = WriteOnWorker(into, name, sessionName, seq, data, before, from, imps, buried, patch, rate, endsWell, lines), failed =>
                {
                    foreach (var line in lines) server.Log(LogLevel.Warning, line);
                    Conclude(failed, written, imps);
                });
            });
        });
    }

    JObject WriteOnWorker(VaultFolder into, string name, string sessionName, long seq, string data, JObject before, VaultFolder from,
        IReadOnlyList<ImpData> imps, IReadOnlyList<ImpData> buried, JObject? patch, int rate, bool endsWell, List<string> lines)
    {
        try
        {
            // A module that fails keeps its last good data, and the others are saved. A disk that is full is the save's own failure: it is told, and tried again.
            if (imps.FirstOrDefault(i => i.IsDiskFull) is { } full) throw new IOException($"{full.Imp}: {full.Why}");
            imps = [.. imps.Select(imp => Settled(imp, before, from, into, data))];
            var prior = Interred(before, imps, buried, into, data, lines);
            var next = VaultDocument.Next(prior, seq, sessionName, rate, imps, patch, IsGone, imp => imp.Folder is null ? null : FolderIn(data, imp.Imp), lines.Add);
            next["clean"] = endsWell;
            next.Remove("seqEnd");
            next["seqEnd"] = seq;
            if (into.Path != from.Path) Bring(next, imps, from, into, data);
            Sum(next, imps, into, data);
            Disk.MakePrivate(into.Full(data), alsoLinked: false);
            VaultDisk.FlushAll(into.Full(data));
            into.Write(name, next);
            try { into.Tidy(seq); }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException) { lines.Add($"what is no longer needed in {into.Path} could not be removed: {e.Message}"); }
            return next;
        }
        catch (Exception)
        {
            try { VaultDisk.Delete(into.Full(data)); }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }     // the next save of that number begins with it
            throw;
        }
    }

    // Every file that was written has its length and checksum beside it.
    void Sum(JObject document, IReadOnlyList<ImpData> imps, VaultFolder into, string data)
    {
        var growing = FileSums.Growing(into.Full("takes"));
        if (into.Path != place.Path) growing = growing.Concat(FileSums.Growing(place.Full("takes"))).ToHashSet();
        foreach (var imp in imps.Where(i => i.IsFresh && i.Folder is not null))
            if (document["imps"]![imp.Imp]!["data"] is JObject entry) entry["sums"] = FileSums.ToJson(FolderIn(data, imp.Imp), sums.Of(into.Full(FolderIn(data, imp.Imp)), growing));
        sums.Forget();
    }

    // The last that removed imps said goes to the graveyard; so does what one of the same name, but of another module, had left.
    // Whoever came back meanwhile has taken it along.
    static JObject Interred(JObject before, IReadOnlyList<ImpData> imps, IReadOnlyList<ImpData> buried, VaultFolder into, string data, List<string> lines)
    {
        var document = (JObject)before.DeepClone();
        foreach (var last in buried.Where(b => !imps.Any(i => i.Imp == b.Imp && i.Module == b.Module)))
        {
            var own = $"{FolderIn(data, last.Imp)} removed";
            var isThere = last.Folder is { } folder && Directory.Exists(folder);
            if (isThere && !Directory.Exists(into.Full(own))) Disk.LinkFolder(last.Folder!, into.Full(own));
            VaultDocument.Take(document, last, isThere ? own : null, lines.Add);
            VaultDocument.Bury(document, last.Imp, "removed");
        }
        foreach (var imp in imps)
            if (imp.IsFresh && VaultDocument.ModuleOf(document, imp.Imp) is { } module && module != imp.Module) VaultDocument.Bury(document, imp.Imp, "removed");
        return document;
    }

    // What imps that are not there left behind comes along into another folder.
    static void Bring(JObject document, IReadOnlyList<ImpData> imps, VaultFolder from, VaultFolder into, string data)
    {
        document.Remove("graveyard");
        foreach (var (imp, entry) in (JObject)document["imps"]!)
        {
            if (imps.Any(i => i.IsFresh && i.Imp == imp) || VaultFolder.FolderOf(entry) is not { } folder || !Directory.Exists(from.Full(folder))) continue;
            Disk.LinkFolder(from.Full(folder), into.Full(FolderIn(data, imp)));
            entry!["data"]!["folder"] = FolderIn(data, imp);
            if (entry["data"]!["sums"] is JObject its && (string?)(its["folder"] as JValue) == folder) its["folder"] = FolderIn(data, imp);
        }
    }

    // Where an imp's data lie in a save: its name may be too long for a folder.
    static string FolderIn(string data, string imp) => $"{data}/{Names.FolderOf(imp)}";

    // Of a repeated branch of an imp that is there, a row that is not.
    bool IsGone(string imp, string key)
    {
        if (server.Imps.FirstOrDefault(i => i.Tree.Name == imp) is not { } one) return false;
        foreach (var leaf in one.Tree.Declarations)
            if (leaf.Rows is { } rows && key.StartsWith(rows.Name + "/", StringComparison.Ordinal) && key.EndsWith("/" + leaf.Name, StringComparison.Ordinal)) return true;
            else if (leaf.Rows is null && leaf.Name == key && !LeafValues.IsKept(leaf)) return true;
        return false;
    }

    /// <summary>[main] Lets others have the folder.</summary>
    public void Dispose()
    {
        held?.Dispose();
        held = null;
    }
}
