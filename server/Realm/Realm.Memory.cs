using OscLooper.Dsp;
using OscLooper.Server.Addressing;

namespace OscLooper.Server.Realm;

/// <content>[main] What imps remember: asked, kept, given back.</content>
public sealed partial class Realm
{
    const double BytesPerSecond = 50e6;
    const string Unsaved = "its data could not be saved";

    /// <summary>[main] The declared values of an imp, by their path below it; empty when it does not live.</summary>
    public IReadOnlyDictionary<string, object[]> Values(Imp imp, bool withFleeting = false)
    {
        var values = new Dictionary<string, object[]>();
        if (imp.Now is not { IsMerged: true } one) return values;
        foreach (var leaf in server.Space.LeavesOf(one.Slot.Slot))
        {
            if (leaf.Declaration is not { IsState: true, IsReadOnly: false } declaration || (!withFleeting && (declaration.Traits & Traits.Fleeting) != 0)) continue;
            values[leaf.Address[(imp.Name.Length + 2)..]] = Wire.Values(declaration, leaf.Value, server.Space.ContentOf(leaf.Target));
        }
        return values;
    }

    /// <summary>[main] Sets values of a living imp: settings by their handlers, parameters on the audio side. What it does not have (any more) is left out.</summary>
    public void Restore(Imp imp, IReadOnlyDictionary<string, object[]> values)
    {
        if (imp.Now is not { IsMerged: true } one) return;
        // Of a thousand channels these are 45,000: no text is made for each.
        var all = (values as Dictionary<string, object[]> ?? new(values)).GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var target in server.Space.TargetsOf(one.Slot.Slot))
            if (server.Space.DeclarationOf(target) is { IsState: true, IsReadOnly: false } && all.TryGetValue(server.Space.CharactersOf(target)[(imp.Name.Length + 2)..], out var value))
                server.Restore(server.Space[target], value, one);
    }

    /// <summary>
    /// [main] Asks every imp for all it remembers; each writes its own data into FOLDER/NAME, on its own thread, with a budget that lasts as long as
    /// the folder grows. Imps that cannot be asked give what was last good. Continues on main.
    /// </summary>
    public void Gather(string folder, Action<IReadOnlyList<ImpData>> then, double budgetSeconds = DataSeconds) => Watch(GatherAll(folder, then, budgetSeconds));

    async Task GatherAll(string folder, Action<IReadOnlyList<ImpData>> then, double budgetSeconds)
    {
        var all = imps.ToList();
        var asked = all.ConvertAll(imp => Ask(imp, Path.Combine(folder, Vault.Names.FolderOf(imp.Name)), budgetSeconds));
        var answers = new List<ImpData>();
        foreach (var one in asked)
            if (await one is { } data) answers.Add(data);
        then(answers);
    }

    async Task<ImpData?> Ask(Imp imp, string folder, double budgetSeconds)
    {
        // Whoever has fallen, or is not there, has nothing to say beyond what it said.
        if (!imp.IsBusy && imp.State is not (ImpState.Active or ImpState.Frozen)) return Old(imp, "");
        if (!await Enter(imp, budgetSeconds)) return (Old(imp, "it is being changed") ?? Unsaid(imp, new TimeoutException("it is being changed"))) with { IsLate = true };
        try
        {
            if (imp.State is not (ImpState.Active or ImpState.Frozen)) return Old(imp, "");
            var data = await Save(imp, folder, budgetSeconds);
            if (imp.State == ImpState.Active && imp.Reason.StartsWith(Unsaved, StringComparison.Ordinal)) Be(imp, imp.State);
            return data;
        }
        catch (Exception trouble)
        {
            // It may play on: to take it down would lose what it has and cannot say.
            var reason = $"{Unsaved}: {FaultText.Line(trouble)}";
            if (reason != imp.Reason)
            {
                server.Log(LogLevel.Warning, $"{imp.Name}: {reason}; the last good is kept");
                Note(imp, trouble, LogLevel.Warning);
            }
            if (imp.State == ImpState.Active) Be(imp, imp.State, reason);
            // One that could not say it before it was frozen cannot now: to ask again is of no use.
            var isLate = trouble is HungException || trouble is TimeoutException && imp.State != ImpState.Frozen;
            return Old(imp, FaultText.Line(trouble)) is { } last ? last with { IsDiskFull = DiskTrouble.IsIn(trouble), IsLate = isLate, Why = (DiskTrouble.Find(trouble) ?? trouble).Message } : Unsaid(imp, trouble);
        }
        finally
        {
            imp.Leave();
            DeliverLetters(imp);
        }
    }

    // Nothing is known of it: that it could not be kept is known.
    ImpData Unsaid(Imp imp, Exception trouble) =>
        new(imp.Name, imp.ModuleName, imp.Version, 1, Values(imp), null, false, (DiskTrouble.Find(trouble) ?? trouble).Message, DiskTrouble.IsIn(trouble), trouble is HungException or TimeoutException);

    // Whoever is being changed is waited for as long as a save may last: what it is afterwards was there before anybody asked.
    async Task<bool> Enter(Imp imp, double budgetSeconds)
    {
        var turn = imp.Enter();
        if (turn.IsCompleted || server.Timing.IsOffline)
        {
            await turn;
            return true;
        }
        var first = new TaskCompletionSource<bool>();
        _ = turn.ContinueWith(_ =>
        {
            if (!first.TrySetResult(true)) imp.Leave();
        }, TaskContinuationOptions.ExecuteSynchronously);
        _ = Task.Delay(TimeSpan.FromSeconds(budgetSeconds)).ContinueWith(_ => server.Workers.Post(() => first.TrySetResult(false)), TaskContinuationOptions.ExecuteSynchronously);
        return await first.Task;
    }

    ImpData? Old(Imp imp, string why) => (imp.LastGood ?? Memory?.Recall(imp.Name, imp.ModuleName)) is { } last ? last with { IsFresh = false, Why = why } : null;

    // Asks a living imp; what it threw comes out.
    async Task<ImpData> Save(Imp imp, string folder, double budgetSeconds)
    {
        var one = imp.Now!;
        var (version, values) = (1, Values(imp));
        // Its folder is another than the one that was asked for: whoever keeps it takes it from there.
        if (imp.IsToldAtRest && imp.LastGood is { } rest) return rest with { Values = values, IsFresh = rest.Folder is null, Why = "" };
        string? written = null;
        if (one.Module is IPersist persist)
        {
            if (imp.Thread.IsSavingStill) throw new HungException($"{imp.Name}: an earlier {ImpThread.Saving}", budgetSeconds);
            await Call(imp, one.Module, ImpThread.Saving, budgetSeconds, () =>
            {
                if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
                var place = Disk.CreatePrivateFolder(folder);
                version = persist.DataVersion;
                persist.Save(place);
            }, () => SizeOf(folder));
            written = folder;
        }
        return imp.LastGood = new ImpData(imp.Name, imp.ModuleName, imp.Version, version, values, written);
    }

    /// <summary>Whoever does not play cannot ask its audio side any more: what it has is taken while it still does.</summary>
    async Task TellBeforeRest(Imp imp)
    {
        try
        {
            await TakeData(imp);
            imp.IsToldAtRest = true;
        }
        catch (Exception trouble)
        {
            server.Log(LogLevel.Warning, $"{imp.Name}: frozen, and {Unsaved} before: {FaultText.Line(trouble)}; the last good is kept");
            Note(imp, trouble, LogLevel.Warning);
        }
    }

    /// <summary>The data that a successor gets; a failure is the transaction's.</summary>
    Task<ImpData> TakeData(Imp imp) => Save(imp, Scratch(imp), DataSeconds);

    /// <summary>What an imp still says that failed or goes; else what was last good, or what is remembered of it.</summary>
    async Task<ImpData?> LastWords(Imp imp)
    {
        if (imp.Now is not { } one) return imp.LastGood ?? Memory?.Recall(imp.Name, imp.ModuleName);
        try
        {
            return await Save(imp, Scratch(imp), DataSeconds);
        }
        catch (Exception trouble)
        {
            var last = imp.LastGood ?? Memory?.Recall(imp.Name, imp.ModuleName);
            server.Log(LogLevel.Warning, $"{imp.Name}: it does not say what it remembers ({FaultText.Line(trouble)}); {(last is null ? "only its values are kept" : "what was last good is used")}");
            if (trouble is not (HungException or ApartException)) server.Log(LogLevel.Warning, $"{imp.Name}: where it failed: {FaultText.Stack(trouble)}");
            var values = Values(imp);
            return last is null ? new ImpData(imp.Name, imp.ModuleName, one.File.Version, 1, values, null, false, FaultText.Line(trouble)) : last with { Values = values };
        }
    }

    string Scratch(Imp imp) => Path.Combine(scratch, Vault.Names.FolderOf(imp.Name), $"{imp.SaveNumber++ & 3}");

    static double SecondsFor(long bytes) => bytes / BytesPerSecond;

    static long SizeOf(string folder)
    {
        try
        {
            return new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(f => f.Length);
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
