using Newtonsoft.Json;

namespace OscLooper.Server.Realm;

/// <content>[main] Who is wanted: by the command line, by the file, by clients; and what changes on disk meanwhile.</content>
public sealed partial class Realm
{
    const int LookMilliseconds = 500, SettleMilliseconds = 150;
    WantedFile? wantedFile;
    Thread? watcher;
    volatile bool watcherEnds;
    bool isFileBroken;

    void WakeFromFolder()
    {
        Library.ReadAll();
        if (!server.Timing.IsOffline) wantedFile = FileOf(server.Options);
        if (!WantBySession() && !WantByFile()) WantByName(server.Options.Modules);
        if (!server.Timing.IsOffline) StartWatching();
    }

    // Modules that are named on the command line are for this run only, unless a file is named, too.
    WantedFile? FileOf(ServerOptions options) =>
        options.RealmFile.Length > 0 ? new WantedFile(options.RealmFile)
        : options.Modules is [] or ["all"] && server.Vault.IsOpen ? new WantedFile(Path.Combine(options.Vault, "realm.json"), isPrivate: true)
        : null;

    // Another session than the last one brings its imps, as /session/load does; how they live (frozen, apart) is as the file has it.
    bool WantBySession()
    {
        if (wantedFile is null || server.Options.RealmFile.Length > 0 || !server.Vault.IsAnother) return false;
        var known = new List<WantedFile.Wanted>();
        try
        {
            if (wantedFile.Read()) known.AddRange(wantedFile.All);
        }
        catch (Exception trouble) when (trouble is JsonException or IOException or UnauthorizedAccessException)
        {
            return false;
        }
        PeriodSeconds = wantedFile.PeriodSeconds;
        foreach (var (name, module) in server.Vault.Imps)
        {
            var like = known.Find(k => k.Name == name && k.Module == module);
            Want(name, module, like?.IsFrozen ?? false, like?.IsIsolated ?? false);
        }
        WantedChanged();
        return true;
    }

    bool WantByFile()
    {
        try
        {
            if (wantedFile?.Read() != true) return false;
            PeriodSeconds = wantedFile.PeriodSeconds;
            foreach (var one in wantedFile.All) Want(one.Name, one.Module, one.IsFrozen, one.IsIsolated);
            return true;
        }
        catch (Exception trouble) when (trouble is JsonException or IOException or UnauthorizedAccessException)
        {
            server.Log(LogLevel.Error, $"{wantedFile!.Path}: {trouble.Message}; all modules are loaded, the file is left as it is until it is mended");
            isFileBroken = true;
            return false;
        }
    }

    void WantByName(IReadOnlyList<string> wanted)
    {
        var all = wanted.Count == 0 || wanted.Contains("all");
        foreach (var module in Library.All)
            if (wanted.Contains(module.Name) || (all && !module.OnlyWhenNamed)) Want(module.Name, module.Name);
        foreach (var name in wanted.Where(w => w != "all" && Library.Find(w) is null)) server.Log(LogLevel.Warning, $"there is no module named {name} in {Library.Folder}");
    }

    // By looking, not by being told: a few file times every now and then cost nothing and work everywhere.
    void StartWatching()
    {
        watcher = new Thread(() =>
        {
            while (!watcherEnds)
            {
                Thread.Sleep(Library.IsSettling ? SettleMilliseconds : LookMilliseconds);
                try
                {
                    if (Library.Look() is { Count: > 0 } changed) server.Workers.Post(() => ModulesChanged(changed));
                    if (wantedFile?.HasChanged() == true) server.Workers.Post(TakeFile);
                }
                catch (Exception trouble) when (trouble is IOException or UnauthorizedAccessException)
                {
                    // A folder that cannot be read now may be readable later.
                }
            }
        }) { Name = "realm watcher", IsBackground = true };
        watcher.Start();
    }

    /// <summary>[main] The file was edited: what is new is made, what is gone is removed, the rest stays as it is.</summary>
    internal void TakeFile()
    {
        IReadOnlyList<WantedFile.Wanted> wanted;
        try
        {
            if (wantedFile?.Read() != true) return;
            (wanted, isFileBroken) = (wantedFile.All, false);
            PeriodSeconds = wantedFile.PeriodSeconds;
        }
        catch (Exception trouble) when (trouble is JsonException or IOException or UnauthorizedAccessException)
        {
            server.Log(LogLevel.Warning, $"{wantedFile!.Path}: {trouble.Message}; everything stays as it is");
            isFileBroken = true;
            return;
        }
        foreach (var imp in imps.ToList())
            if (!wanted.Any(w => w.Name == imp.Name && w.Module == imp.ModuleName && w.IsIsolated == imp.IsIsolated)) Begin(imp, () => Remove(imp));
        foreach (var one in wanted)
        {
            if (Find(one.Name) is not { } imp || imp.ModuleName != one.Module || imp.IsIsolated != one.IsIsolated) Watch(WantAfter(one));
            else if (imp.WantsFrozen != one.IsFrozen)
            {
                imp.WantsFrozen = one.IsFrozen;
                Begin(imp, () => one.IsFrozen ? Freeze(imp) : Unfreeze(imp));
            }
        }
    }

    // Another one of the same name has to be gone first.
    async Task WantAfter(WantedFile.Wanted one)
    {
        if (Find(one.Name) is { } old) await Begin(old, () => Task.CompletedTask);
        Want(one.Name, one.Module, one.IsFrozen, one.IsIsolated);
    }

    /// <summary>[main] A client changed who is wanted, or another session did.</summary>
    internal void WantedChanged()
    {
        Memory?.Changed();
        isWantedChanged = wantedFile is not null;
    }

    bool isWantedChanged;

    // Once a round: a burst of loads is one file.
    void WriteWanted()
    {
        if (!isWantedChanged || wantedFile is null) return;
        isWantedChanged = false;
        if (isFileBroken)
        {
            server.Log(LogLevel.Warning, $"{wantedFile.Path} cannot be read and is not written over: what was changed holds until it is mended, or the server ends");
            return;
        }
        try
        {
            wantedFile.Write(imps);
        }
        catch (Exception trouble) when (trouble is IOException or UnauthorizedAccessException)
        {
            server.Log(LogLevel.Warning, $"{wantedFile.Path}: {trouble.Message}");
        }
    }
}
