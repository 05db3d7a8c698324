using System.Reflection.Metadata;

namespace OscLooper.Server.Realm;

/// <summary>[any] The modules that are there: every DLL in a folder (and in its folders, one deep), by attribute; and what changes there while the server runs.</summary>
sealed class ModuleLibrary(string folder, Action<string> trouble)
{
    const double QuietSeconds = 0.3;

    readonly record struct Stamp(long Length, DateTime Written);

    readonly Dictionary<string, Stamp> read = [], unsettled = [];
    readonly Dictionary<string, IReadOnlyList<ModuleFile>> byFile = [];
    readonly Dictionary<string, ModuleFile> linked = [];
    readonly Lock gate = new();

    /// <summary>[main] Every module beside the program.</summary>
    public static IReadOnlyList<ModuleFile> List(Action<string> trouble)
    {
        var library = new ModuleLibrary(Beside, trouble);
        library.ReadAll();
        return library.All;
    }

    /// <summary>[any] Where the modules of the program lie.</summary>
    public static string Beside => Path.Combine(AppContext.BaseDirectory, "modules");

    /// <summary>[any] The folder.</summary>
    public string Folder => folder;

    /// <summary>[main] Modules of this program come first (tests).</summary>
    public void Add(string name, Func<Branch, Module> make) => linked[name] = ModuleFile.Linked(name, make);

    /// <summary>[any] The module of a name, as its DLL was last read; null when there is none. Of several the first in order of their files.</summary>
    public ModuleFile? Find(string name)
    {
        lock (gate) return linked.GetValueOrDefault(name) ?? byFile.OrderBy(f => f.Key, StringComparer.Ordinal).SelectMany(f => f.Value).FirstOrDefault(f => f.Name == name);
    }

    /// <summary>[any] All modules, in order of their files.</summary>
    public IReadOnlyList<ModuleFile> All
    {
        get { lock (gate) return [.. linked.Values, .. byFile.OrderBy(f => f.Key, StringComparer.Ordinal).SelectMany(f => f.Value)]; }
    }

    /// <summary>[worker] A file has changed, and may not be complete yet.</summary>
    public bool IsSettling => unsettled.Count > 0;

    /// <summary>[any] Reads everything now, settled or not: at the start.</summary>
    public void ReadAll()
    {
        foreach (var file in Files) Take(file, StampOf(file));
    }

    /// <summary>
    /// [worker] Looks for DLLs that came, changed or went; gives the names of the modules concerned. A file counts when its size and time were the
    /// same twice and it was last written a while ago, so that a copy in progress is left alone.
    /// </summary>
    public IReadOnlyList<string> Look()
    {
        var changed = new List<string>();
        var there = Files.ToHashSet();
        foreach (var file in there)
        {
            var stamp = StampOf(file);
            if (read.TryGetValue(file, out var known) && known == stamp) continue;
            var isQuiet = unsettled.TryGetValue(file, out var before) && before == stamp && Math.Abs((DateTime.UtcNow - stamp.Written).TotalSeconds) >= QuietSeconds;
            unsettled[file] = stamp;
            if (!isQuiet) continue;
            unsettled.Remove(file);
            changed.AddRange(Take(file, stamp));
        }
        foreach (var gone in read.Keys.Where(f => !there.Contains(f)).ToList())
        {
            read.Remove(gone);
            lock (gate) byFile.Remove(gone);
        }
        return changed;
    }

    IEnumerable<string> Files
    {
        get
        {
            if (!Directory.Exists(folder)) return [];
            try
            {
                return Directory.GetFiles(folder, "*.dll").Order(StringComparer.Ordinal)
                    .Concat(Directory.GetDirectories(folder).Order(StringComparer.Ordinal).SelectMany(d => Directory.GetFiles(d, "*.dll").Order(StringComparer.Ordinal))).ToList();
            }
            catch (IOException)
            {
                return read.Keys;
            }
        }
    }

    static Stamp StampOf(string file) => new FileInfo(file) is { Exists: true } info ? new(info.Length, info.LastWriteTimeUtc) : default;

    IEnumerable<string> Take(string file, Stamp stamp)
    {
        read[file] = stamp;
        try
        {
            var fresh = ModuleFile.Read(file, trouble);
            lock (gate)
            {
                var old = byFile.GetValueOrDefault(file) ?? [];
                byFile[file] = fresh;
                foreach (var one in fresh.Where(f => !old.Any(o => o.Name == f.Name) && All.Count(o => o.Name == f.Name) > 1))
                    trouble($"several modules are named {one.Name}; the one in {Find(one.Name)!.Path} counts");
                return [.. fresh.Where(f => !old.Any(o => o.Name == f.Name && o.Hash == f.Hash)).Select(f => f.Name)];
            }
        }
        catch (Exception reason)
        {
            // What was read from it before stays good. Any exception: the bytes may be anything, and the reader of them is not ours.
            trouble($"{Path.GetFileName(file)} cannot be read as a module: {reason.Message}");
            return [];
        }
    }
}
