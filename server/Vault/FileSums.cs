using System.Collections.Concurrent;
using System.Globalization;
using Newtonsoft.Json.Linq;
using OscLooper.Dsp;

namespace OscLooper.Server.Vault;

/// <summary>
/// [worker] Length and checksum of every file that an imp wrote, kept in the document that names the folder. A file that is linked from save to
/// save is read once. One that is still being recorded into has no checksum: it is at least that long.
/// </summary>
sealed class FileSums
{
    /// <summary>What is known of a file; no checksum: it went on growing.</summary>
    public readonly record struct Sum(long Length, uint? Checksum);

    ConcurrentDictionary<FileIdentity, uint> known = new();

    /// <summary>[worker] Of all files in a folder, by their path in it; those that are written on meanwhile are named by what they are.</summary>
    public IReadOnlyDictionary<string, Sum> Of(string folder, IReadOnlySet<(ulong, ulong)> growing)
    {
        var sums = new ConcurrentDictionary<string, Sum>();
        Parallel.ForEach(Directory.GetFiles(folder, "*", SearchOption.AllDirectories), Abreast, file => sums[Path.GetRelativePath(folder, file).Replace('\\', '/')] = OfFile(file, growing));
        return sums;
    }

    /// <summary>[worker] Files that are being recorded into.</summary>
    public static IReadOnlySet<(ulong, ulong)> Growing(string takes) =>
        Directory.Exists(takes) ? Directory.EnumerateFiles(takes, "*", SearchOption.AllDirectories).Select(Disk.IdentityOf).OfType<FileIdentity>().Select(f => (f.Device, f.Number)).ToHashSet() : [];

    /// <summary>[worker] What was linked before and is linked no more is forgotten.</summary>
    public void Forget()
    {
        known = used;
        used = new();
    }

    ConcurrentDictionary<FileIdentity, uint> used = new();

    Sum OfFile(string file, IReadOnlySet<(ulong, ulong)> growing)
    {
        var before = Disk.IdentityOf(file);
        if (before is { } its)
        {
            if (growing.Contains((its.Device, its.Number))) return new(its.Length, null);
            if (known.TryGetValue(its, out var sum))
            {
                used[its] = sum;
                return new(its.Length, sum);
            }
        }
        var (length, fresh) = Checksum.OfFile(file);
        if (before is { } same && Disk.IdentityOf(file) == same) used[same] = fresh;
        return new(length, fresh);
    }

    /// <summary>[worker] A file was read and is as it was saved.</summary>
    public void Knows(string file, Sum sum)
    {
        if (sum.Checksum is { } checksum && Disk.IdentityOf(file) is { } its && its.Length == sum.Length) known[its] = checksum;
    }

    /// <summary>[any] As much at once as the machine has processors.</summary>
    public static ParallelOptions Abreast => new() { MaxDegreeOfParallelism = Math.Clamp(Environment.ProcessorCount, 1, 8) };

    /// <summary>[any] As it stands in the entry of an imp; it names the folder, so that it is not taken for that of another.</summary>
    public static JObject ToJson(string folder, IReadOnlyDictionary<string, Sum> sums)
    {
        var files = new JObject();
        foreach (var (file, sum) in sums.OrderBy(s => s.Key, StringComparer.Ordinal))
            files[file] = sum.Checksum is { } checksum ? new JArray(sum.Length, checksum.ToString("x8", CultureInfo.InvariantCulture)) : new JArray(sum.Length);
        return new JObject { ["folder"] = folder, ["files"] = files };
    }

    /// <summary>[any] What an entry says of its folder; null when it says nothing (earlier programs did not).</summary>
    public static IReadOnlyDictionary<string, Sum>? Read(JToken? entry)
    {
        if (VaultFolder.FolderOf(entry) is not { } folder || entry!["data"]!["sums"] is not JObject sums || sums["folder"] is not JValue { Value: string of } || of != folder || sums["files"] is not JObject files) return null;
        var read = new Dictionary<string, Sum>();
        foreach (var (file, sum) in files)
            if (file.Split('/').All(part => part is not ("" or "." or "..")) && !file.Contains('\\') && !Path.IsPathRooted(file) && sum is JArray { Count: 1 or 2 } its && its[0] is JValue { Value: long length })
                read[file] = new(length, its.Count == 2 && its[1] is JValue { Value: string text } && uint.TryParse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var checksum) ? checksum : null);
        return read;
    }
}
