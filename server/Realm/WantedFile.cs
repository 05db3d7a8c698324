using System.Text;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using OscLooper.Dsp;

namespace OscLooper.Server.Realm;

/// <summary>
/// [any] Which imps are wanted, as a file that a person may edit while the server runs:
/// { "period": 1, "imps": { "synth": { "module": "synth", "frozen": false, "isolation": "none" } } }. What is not understood is kept word for word.
/// </summary>
sealed class WantedFile(string path, bool isPrivate = false)
{
    const int MostBytes = 1 << 20;

    /// <summary>[any] One wanted imp.</summary>
    public sealed record Wanted(string Name, string Module, bool IsFrozen, bool IsIsolated);

    JObject document = [];
    (long Length, DateTime Written) read, seen;

    /// <summary>[any] Where it is.</summary>
    public string Path => path;

    /// <summary>[any] Seconds between two looks after everybody, 0.1..60.</summary>
    public double PeriodSeconds => document["period"] is { Type: JTokenType.Float or JTokenType.Integer } period && double.IsFinite((double)period) ? Math.Clamp((double)period, 0.1, 60) : 1;

    /// <summary>[any] The wanted imps in the order of the file; entries that say nothing of use are left out.</summary>
    public IReadOnlyList<Wanted> All => document["imps"] is not JObject imps ? [] :
        [.. from entry in imps.Properties()
            where RealmModule.IsName(entry.Name)
            let its = entry.Value as JObject ?? []
            select new Wanted(entry.Name, (string?)(its["module"] as JValue) ?? entry.Name, its["frozen"] is JValue { Value: true }, its["isolation"] is JValue { Value: "process" })];

    /// <summary>[any] Reads it; false when it is not there. What is no such document throws.</summary>
    public bool Read()
    {
        if (StampNow() is not { } stamp) return false;
        seen = read = stamp;
        if (stamp.Length > MostBytes) throw new JsonException($"it is larger than {MostBytes} bytes");
        using var json = new JsonTextReader(new StringReader(RegularFile.ReadAllText(path))) { MaxDepth = 32, DateParseHandling = DateParseHandling.None };
        document = JObject.Load(json);
        return true;
    }

    /// <summary>[worker] True when it was changed by somebody else and has lain still since the last look.</summary>
    public bool HasChanged()
    {
        if (StampNow() is not { } stamp || stamp == read) return false;
        var isStill = stamp == seen;
        seen = stamp;
        return isStill;
    }

    /// <summary>[main] Writes what is wanted now: a file beside it first, then in one step.</summary>
    public void Write(IEnumerable<Imp> wanted)
    {
        var old = document["imps"] as JObject ?? [];
        var imps = new JObject();
        foreach (var imp in wanted)
        {
            var entry = old[imp.Name]?.DeepClone() as JObject ?? [];
            entry["module"] = imp.ModuleName;
            if (imp.WantsFrozen || entry["frozen"] is not null) entry["frozen"] = imp.WantsFrozen;
            if (imp.IsIsolated || entry["isolation"] is not null) entry["isolation"] = imp.IsIsolated ? "process" : "none";
            imps[imp.Name] = entry;
        }
        foreach (var other in old.Properties().Where(p => !RealmModule.IsName(p.Name))) imps[other.Name] = other.Value.DeepClone();
        document["imps"] = imps;
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!);
        File.Delete(path + ".tmp");
        using (var file = isPrivate ? Disk.OpenPrivate(path + ".tmp", FileMode.Create, FileAccess.Write, FileShare.None) : File.Create(path + ".tmp"))
        {
            // One that is there keeps its mode.
            if (!OperatingSystem.IsWindows() && File.Exists(path)) File.SetUnixFileMode(file.SafeFileHandle, File.GetUnixFileMode(path));
            file.Write(new UTF8Encoding(false).GetBytes(document.ToString(Formatting.Indented) + "\n"));
        }
        File.Move(path + ".tmp", path, overwrite: true);
        if (StampNow() is { } stamp) read = seen = stamp;
    }

    (long Length, DateTime Written)? StampNow() => new FileInfo(path) is { Exists: true } info ? (info.Length, info.LastWriteTimeUtc) : null;
}
