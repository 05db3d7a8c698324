using System.Collections.Concurrent;
using Newtonsoft.Json.Linq;

namespace OscLooper.Server.Vault;

/// <summary>
/// [worker] Holds what a document names against what lies there. A damaged file is put aside (never deleted); the same one from another save
/// takes its place where there is one. Without it sound is left out, by the module; what belongs together is taken from the youngest save in which it is whole.
/// </summary>
sealed class VaultRepair(VaultFolder place, FileSums sums)
{
    readonly List<Damage> found = [];
    readonly string aside = $"damaged/{DateTime.UtcNow:yyyyMMdd-HHmmss-fff}";
    IReadOnlyList<(string File, JObject Document)>? all;

    /// <summary>[worker] Changes the document so that everything it names is there, as far as that can be had.</summary>
    public IReadOnlyList<Damage> Mend(JObject document)
    {
        foreach (var imp in (document["imps"] as JObject)?.Properties().Select(p => p.Name).ToArray() ?? [])
            if (!Mend(document["imps"]![imp]!, imp, out var why)) Older(document, imp, why);
        return found;
    }

    // False: what belongs together is damaged, and why; nothing of it can be used.
    bool Mend(JToken entry, string imp, out string why)
    {
        why = "";
        if (VaultFolder.FolderOf(entry) is not { } folder) return true;
        var states = States(entry, folder);
        var leftOut = new List<Damage>();
        var broken = states.Where(s => s.State.IsDamaged && !FileState.IsMedia(s.File)).Select(s => (s.File, s.State.Why)).ToList();
        foreach (var (file, state) in states)
        {
            if (state.IsAsSaved) continue;
            if (!state.IsDamaged) found.Add(Damage.Changed($"{folder}/{file}"));
            else if (Same(entry, imp, file) is { } same && Replace(folder, file, same))
            {
                broken.RemoveAll(b => b.File == file);
                found.Add(new($"{folder}/{file}", $"{state.Why}; the same of another save is taken", false));
            }
            else
            {
                Replace(folder, file, null);
                if (FileState.IsMedia(file)) leftOut.Add(new($"{folder}/{file}", $"{state.Why}; no other save has it, it is left out", true));
            }
        }
        if (broken.Count == 0 && Directory.Exists(place.Full(folder)))
        {
            found.AddRange(leftOut);
            return true;
        }
        why = broken.Count > 0 ? string.Join(", ", broken.Select(b => $"{folder}/{b.File} {b.Why}")) : $"{folder} is missing";
        return false;
    }

    List<(string File, FileState State)> States(JToken entry, string folder)
    {
        var full = place.Full(folder);
        var saved = FileSums.Read(entry);
        var files = saved?.Keys ?? (Directory.Exists(full) ? Directory.GetFiles(full, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(full, f).Replace('\\', '/')) : []);
        var states = new ConcurrentBag<(string File, FileState State)>();
        Parallel.ForEach(files, FileSums.Abreast, file =>
        {
            FileSums.Sum? sum = saved is null ? null : saved[file];
            var state = FileState.Of(Path.Combine(full, file), sum);
            if (state.IsAsSaved && sum is { } known) sums.Knows(Path.Combine(full, file), known);
            states.Add((file, state));
        });
        return [.. states.OrderBy(s => s.File, StringComparer.Ordinal)];
    }

    // The youngest save before this one in which the imp is whole.
    void Older(JObject document, string imp, string why)
    {
        var seq = VaultText.Seq(document);
        foreach (var (_, older) in All().Where(d => VaultText.Seq(d.Document) < seq))
        {
            if (older["imps"]?[imp] is not JObject entry || VaultDocument.ModuleOf(older, imp) != VaultDocument.ModuleOf(document, imp)) continue;
            if (VaultFolder.FolderOf(entry) is not { } folder || folder == VaultFolder.FolderOf(document["imps"]![imp])) continue;
            var before = found.Count;
            if (Mend(entry, imp, out _))
            {
                document["imps"]![imp] = entry.DeepClone();
                found.Add(new(imp, $"is as it was saved {older["saved"]} (save {VaultText.Seq(older)}), because {why}", true));
                return;
            }
            found.RemoveRange(before, found.Count - before);
        }
        found.Add(new(imp, $"begins anew, because {why} and no other save has it", true));
    }

    // A file of the same length and checksum that is whole.
    string? Same(JToken entry, string imp, string file)
    {
        if (FileSums.Read(entry) is not { } saved || !saved.TryGetValue(file, out var wanted) || wanted.Checksum is null) return null;
        foreach (var (_, other) in All())
        {
            if (other["imps"]?[imp] is not JObject its || VaultFolder.FolderOf(its) is not { } folder || FileSums.Read(its) is not { } sums) continue;
            foreach (var (name, sum) in sums)
                if (sum == wanted && FileState.Of(place.Full($"{folder}/{name}"), sum).IsAsSaved) return place.Full($"{folder}/{name}");
        }
        return null;
    }

    // False when the disk does not allow it: then it stays where it is, and is read by nobody who looks.
    bool Replace(string folder, string file, string? by)
    {
        var (from, to) = (place.Full($"{folder}/{file}"), place.Full($"{aside}/{folder}/{file}"));
        try
        {
            if (File.Exists(from))
            {
                VaultDisk.MakeFolder(Path.GetDirectoryName(to)!);
                VaultDisk.Move(from, to);
            }
            if (by is null) return true;
            VaultDisk.MakeFolder(Path.GetDirectoryName(from)!);
            VaultDisk.Link(by, from);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            found.Add(new($"{folder}/{file}", $"could not be put aside: {e.Message}", false));
            return false;
        }
    }

    IReadOnlyList<(string File, JObject Document)> All() => all ??= place.All();
}
