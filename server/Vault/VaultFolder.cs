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
    readonly Dictionary<string, HashSet<string>> namedBy = [];

    /// <summary>[worker] A folder whose documents have these names (what one of them names is kept for all).</summary>
    public VaultFolder(string path, params string[] names) => (Path, this.names) = (path, names);

    /// <summary>[any] Where it is.</summary>
    public string Path { get; }
    /// <summary>[any] The highest number that was read or written.</summary>
    public long Seq { get; private set; }

    /// <summary>[any] The file of a document; its generations count from 1.</summary>
    public string FileOf(string name, int generation = 0) => System.IO.Path.Combine(Path, generation == 0 ? $"{name}.json" : $"{name}.{generation}.json");

    /// <summary>[worker] The newest document of a name that is whole; null when there is none. Bad ones are put aside, never deleted; each is a line.</summary>
    public JObject? Load(string name, Action<string> trouble)
    {
        JObject? found = null;
        for (var generation = 0; generation <= Generations; generation++)
        {
            var file = FileOf(name, generation);
            if (!File.Exists(file)) continue;
            try
            {
                var document = VaultText.Read(RegularFile.ReadAllBytes(file));
                namedBy[file] = Named(document);
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
                File.Move(file, aside);
                trouble($"{file} is damaged ({e.Message}); it is kept as {System.IO.Path.GetFileName(aside)}, and the generation before it is taken");
            }
        }
        return found;
    }

    /// <summary>[worker] An empty folder for what the imps write under the next number; the path within this folder.</summary>
    public string MakeData(long seq)
    {
        var relative = $"{DataFolder}/{seq}";
        var folder = Full(relative);
        // Left over by a save that was never finished.
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(folder);
        return relative;
    }

    /// <summary>[any] A path that a document names.</summary>
    public string Full(string relative) => System.IO.Path.Combine(Path, relative);

    /// <summary>[worker] Puts a document in place: beside, to the disk, then under its name; the ones before become generations.</summary>
    public void Write(string name, JObject document)
    {
        var seq = VaultText.Seq(document);
        var bytes = VaultText.Write(document);
        var (file, fresh) = (FileOf(name), FileOf(name) + ".tmp");
        using (var stream = new FileStream(fresh, FileMode.Create, FileAccess.Write, FileShare.None, 1))
        {
            stream.Write(bytes);
            stream.Flush(flushToDisk: true);
        }
        Rotate(name);
        File.Move(fresh, file, overwrite: true);
        Disk.FlushFolder(Path);
        namedBy[file] = Named(document);
        Seq = Math.Max(Seq, seq);
    }

    /// <summary>[worker] Takes away what no document names any more, except the folder that is being filled.</summary>
    public void Tidy(long filling)
    {
        var root = Full(DataFolder);
        if (!Directory.Exists(root)) return;
        var kept = namedBy.Values.SelectMany(n => n).ToHashSet();
        foreach (var save in Directory.GetDirectories(root))
        {
            if (System.IO.Path.GetFileName(save) == filling.ToString(System.Globalization.CultureInfo.InvariantCulture)) continue;
            foreach (var imp in Directory.GetDirectories(save))
                if (!kept.Contains($"{DataFolder}/{System.IO.Path.GetFileName(save)}/{System.IO.Path.GetFileName(imp)}")) Directory.Delete(imp, recursive: true);
            if (!Directory.EnumerateFileSystemEntries(save).Any()) Directory.Delete(save);
        }
    }

    // Hard links: at every moment the newest lies under its own name. Without links it is copied.
    void Rotate(string name)
    {
        if (!File.Exists(FileOf(name))) return;
        for (var generation = Generations - 1; generation >= 1; generation--)
        {
            var (from, to) = (FileOf(name, generation), FileOf(name, generation + 1));
            if (!File.Exists(from)) continue;
            File.Move(from, to, overwrite: true);
            if (namedBy.Remove(from, out var named)) namedBy[to] = named;
        }
        var first = FileOf(name, 1);
        File.Delete(first);
        Disk.Link(FileOf(name), first);
        if (namedBy.TryGetValue(FileOf(name), out var newest)) namedBy[first] = newest;
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
