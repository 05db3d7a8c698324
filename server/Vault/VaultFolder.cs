using Newtonsoft.Json.Linq;
using OscLooper.Dsp;

namespace OscLooper.Server.Vault;

/// <summary>
/// [worker] A folder with a document (vault.json, session.json), its five generations, and under data/ what the imps wrote beside it.
/// A document is replaced whole or not at all; what it names was brought to the disk before. One thread at a time.
/// </summary>
sealed class VaultFolder
{
    public const int Generations = 5;
    const string DataFolder = "data";

    readonly string[] names;
    readonly Dictionary<string, (long Seq, HashSet<string> Folders)> namedBy = [];

    /// <summary>[worker] A folder whose documents have these names (what one of them names is kept for all).</summary>
    public VaultFolder(string path, params string[] names) => (Path, this.names) = (path, names);

    /// <summary>[any] Where it is.</summary>
    public string Path { get; }
    /// <summary>[any] The highest number that was read or written.</summary>
    public long Seq { get; private set; }

    /// <summary>[any] Bytes that older generations may take beside what the newest documents and the one before them hold.</summary>
    public static long MostOlderBytes { get; set; } = 64L << 20;

    /// <summary>[any] The file of a document; its generations count from 1.</summary>
    public string FileOf(string name, int generation = 0) => System.IO.Path.Combine(Path, generation == 0 ? $"{name}.json" : $"{name}.{generation}.json");

    /// <summary>[worker] The newest document of a name that is whole; null when there is none. Bad ones are put aside, never deleted; each is told.</summary>
    public JObject? Load(string name, Action<Damage> trouble)
    {
        JObject? found = null;
        for (var generation = 0; generation <= Generations; generation++)
        {
            var file = FileOf(name, generation);
            if (!File.Exists(file))
            {
                if (generation == 0 && File.Exists(FileOf(name, 1))) trouble(new($"{name}.json", "is missing; the generation before it is taken", true));
                continue;
            }
            try
            {
                var bytes = RegularFile.ReadAllBytes(file);
                var document = VaultText.Read(bytes);
                if (found is null && VaultText.IsChanged(bytes, document)) trouble(Damage.Changed(System.IO.Path.GetFileName(file)));
                namedBy[file] = (VaultText.Seq(document), Named(document));
                Seq = Math.Max(Seq, VaultText.Seq(document));
                found ??= document;
            }
            catch (VaultTooNewException e)
            {
                throw new VaultTooNewException($"{file}: {e.Message}");
            }
            catch (VaultException e)
            {
                var aside = $"{file}.corrupt-{DateTime.UtcNow:yyyyMMdd-HHmmss-fff}";
                VaultDisk.Move(file, aside);
                var instead = found is null ? ", and the generation before it is taken" : "";
                trouble(new(System.IO.Path.GetFileName(file), $"is damaged ({e.Message}); it is kept as {System.IO.Path.GetFileName(aside)}{instead}", found is null));
            }
        }
        return found;
    }

    /// <summary>[worker] The documents that are there.</summary>
    public IEnumerable<string> Files => names.SelectMany(n => Enumerable.Range(0, Generations + 1).Select(g => FileOf(n, g))).Where(File.Exists);

    /// <summary>[worker] Every document that can be read, the youngest first.</summary>
    public IReadOnlyList<(string File, JObject Document)> All()
    {
        var all = new List<(string File, JObject Document)>();
        foreach (var file in Files)
            try
            {
                all.Add((file, VaultText.Read(File.ReadAllBytes(file))));
            }
            catch (Exception e) when (e is VaultException or IOException or UnauthorizedAccessException)
            {
                // What cannot be read helps nobody.
            }
        return [.. all.OrderByDescending(d => VaultText.Seq(d.Document))];
    }

    /// <summary>[worker] An empty folder for what the imps write under the next number; the path within this folder.</summary>
    public string MakeData(long seq)
    {
        var relative = $"{DataFolder}/{seq}";
        var folder = Full(relative);
        // Left over by a save that was never finished.
        if (Directory.Exists(folder)) VaultDisk.Delete(folder);
        VaultDisk.MakeFolder(folder);
        return relative;
    }

    /// <summary>[any] A path that a document names.</summary>
    public string Full(string relative) => System.IO.Path.Combine(Path, relative);

    /// <summary>[worker] Puts a document in place: beside, to the disk, then under its name; the ones before become generations.</summary>
    public void Write(string name, JObject document)
    {
        var seq = VaultText.Seq(document);
        var bytes = VaultText.Write(document);
        var (file, fresh, before) = (FileOf(name), FileOf(name) + ".tmp", FileOf(name, 1) + ".tmp");
        try
        {
            VaultDisk.WriteFlushed(fresh, bytes);
            // What may need room comes first; what follows are new names for what is there.
            if (File.Exists(before)) VaultDisk.Delete(before);
            if (File.Exists(file)) VaultDisk.Link(file, before);
        }
        catch (Exception)
        {
            foreach (var half in (string[])[fresh, before])
                if (File.Exists(half)) File.Delete(half);
            throw;
        }
        if (File.Exists(before)) Rotate(name, before);
        VaultDisk.Move(fresh, file);
        VaultDisk.FlushFolder(Path);
        namedBy[file] = (seq, Named(document));
        Seq = Math.Max(Seq, seq);
    }

    /// <summary>[worker] Takes away what no document names any more, except the folder that is being filled, and older generations that take too much.</summary>
    public void Tidy(long filling)
    {
        var root = Full(DataFolder);
        if (!Directory.Exists(root)) return;
        GiveUpOldest();
        var kept = namedBy.Values.SelectMany(n => n.Folders).ToHashSet();
        foreach (var save in Directory.GetDirectories(root))
        {
            if (System.IO.Path.GetFileName(save) == filling.ToString(System.Globalization.CultureInfo.InvariantCulture)) continue;
            foreach (var imp in Directory.GetDirectories(save))
                if (!kept.Contains($"{DataFolder}/{System.IO.Path.GetFileName(save)}/{System.IO.Path.GetFileName(imp)}")) VaultDisk.Delete(imp);
            if (!Directory.EnumerateFileSystemEntries(save).Any()) VaultDisk.Delete(save);
        }
    }

    // The newest of each name stays, and the youngest of those before; the others as long as there is room, each file counted once.
    void GiveUpOldest()
    {
        var counted = new HashSet<ulong>();
        long BytesOf(string file) => Disk.BytesOf(namedBy[file].Folders.Select(Full), counted);
        var newest = names.Select(n => FileOf(n)).ToHashSet();
        var older = namedBy.Keys.Where(f => !newest.Contains(f)).OrderByDescending(f => namedBy[f].Seq).ToArray();
        foreach (var file in namedBy.Keys.Where(newest.Contains).Concat(older.Take(1)).ToArray()) BytesOf(file);
        var (bytes, isOver) = (0L, false);
        foreach (var file in older.Skip(1))
        {
            bytes += isOver ? 0 : BytesOf(file);
            isOver |= bytes > MostOlderBytes;
            if (!isOver) continue;
            VaultDisk.Delete(file);
            namedBy.Remove(file);
        }
    }

    // At every moment the newest lies under its own name: the one before becomes a generation by a hard link (without links, a copy).
    void Rotate(string name, string before)
    {
        for (var generation = Generations - 1; generation >= 1; generation--)
        {
            var (from, to) = (FileOf(name, generation), FileOf(name, generation + 1));
            if (!File.Exists(from)) continue;
            VaultDisk.Move(from, to);
            if (namedBy.Remove(from, out var named)) namedBy[to] = named;
        }
        VaultDisk.Move(before, FileOf(name, 1));
        if (namedBy.TryGetValue(FileOf(name), out var newest)) namedBy[FileOf(name, 1)] = newest;
    }

    static HashSet<string> Named(JObject document) =>
        [.. from part in new[] { "imps", "graveyard" } from imp in (document[part] as JObject)?.PropertyValues() ?? [] where FolderOf(imp) is not null select FolderOf(imp)!];

    /// <summary>[any] The folder that an imp's entry names, when it is one of ours.</summary>
    public static string? FolderOf(JToken? imp) =>
        (imp as JObject)?["data"] is JObject data && data["folder"] is JValue { Value: string folder } && IsOurs(folder) ? folder : null;

    // data/NUMBER/NAME and nothing else: a document from elsewhere may name no other place.
    static bool IsOurs(string folder) =>
        folder.Split('/') is [DataFolder, var number, var imp] && long.TryParse(number, System.Globalization.NumberStyles.None, null, out _) && Names.IsSafe(imp);
}
