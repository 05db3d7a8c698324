using System.Globalization;
using System.Numerics;
using Newtonsoft.Json.Linq;
using OscLooper.Server.Realm;

namespace OscLooper.Server.Vault;

/// <summary>[any] What stands in a vault's document, and how the next one follows from the one before: what is not known here stays word for word.</summary>
static class VaultDocument
{
    /// <summary>A graveyard entry is kept that long, and so many of them.</summary>
    public const int MostGraveDays = 30, MostGraves = 20;

    /// <summary>[any] The time as it stands in a document.</summary>
    public static string TimeNow => DateTime.UtcNow.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);

    /// <summary>[any] A document without imps.</summary>
    public static JObject Empty() => new() { ["format"] = VaultText.Format, ["seq"] = 0L, ["imps"] = new JObject(), ["seqEnd"] = 0L };

    /// <summary>[any] The next document: the one before with fresh data. Told which values could not be kept.</summary>
    public static JObject Next(JObject before, long seq, string session, int rate, IReadOnlyList<ImpData> imps, JObject? patch, Func<string, string, bool> isGone, Func<ImpData, string?> folderOf, Action<string> trouble)
    {
        var next = (JObject)before.DeepClone();
        next["format"] = VaultText.Format;
        next["seq"] = seq;
        next["saved"] = TimeNow;
        next["session"] = session;
        next["rate"] = rate;
        var entries = next["imps"] as JObject;
        if (entries is null) next["imps"] = entries = [];
        foreach (var imp in imps)
            if (imp.IsFresh) Fill(EntryIn(entries, imp.Imp), imp, folderOf(imp), isGone, trouble);
        if (patch is not null) next["patch"] = patch;
        // Behind all else.
        next.Remove("sum");
        next.Remove("seqEnd");
        (next["sum"], next["seqEnd"]) = (VaultText.Sum(seq), seq);
        Forget(next);
        return next;
    }

    /// <summary>[any] Moves an imp's entry to the graveyard, where it is kept for a while.</summary>
    public static void Bury(JObject document, string imp, string why)
    {
        if (document["imps"]?[imp] is not JObject entry) return;
        var graves = document["graveyard"] as JObject;
        if (graves is null) document["graveyard"] = graves = [];
        var grave = (JObject)entry.DeepClone();
        grave["imp"] = imp;
        grave["buried"] = DateTime.UtcNow.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        grave["why"] = why;
        var name = $"{imp} {DateTime.UtcNow:yyyyMMdd-HHmmss-fff}";
        graves[name] = grave;
        ((JObject)document["imps"]!).Remove(imp);
    }

    /// <summary>[any] The module of an imp's entry; null when there is none.</summary>
    public static string? ModuleOf(JObject document, string imp) => document["imps"]?[imp] is JObject entry ? Text(entry["module"]) ?? imp : null;

    /// <summary>[any] What an imp said stands in its entry.</summary>
    public static void Take(JObject document, ImpData imp, string? folder, Action<string> trouble)
    {
        if (document["imps"] is not JObject entries) document["imps"] = entries = [];
        var kept = VaultFolder.FolderOf(entries[imp.Imp]);
        Fill(EntryIn(entries, imp.Imp), imp, folder ?? kept, (_, _) => false, trouble);
    }

    /// <summary>[any] The youngest grave of an imp; null when there is none.</summary>
    public static JObject? Grave(JObject document, string imp, string module) =>
        (document["graveyard"] as JObject)?.PropertyValues().OfType<JObject>().Where(g => Text(g["imp"]) == imp && (Text(g["module"]) ?? imp) == module && Text(g["why"]) == "removed").MaxBy(g => Text(g["buried"]), StringComparer.Ordinal);

    /// <summary>[any] What an entry says of an imp; the folder is made full by the caller.</summary>
    public static ImpData Read(string name, JObject entry, string? folder) => new(name, Text(entry["module"]) ?? name, Text(entry["moduleVersion"]) ?? "",
        entry["dataVersion"] is JValue { Value: long version } ? (int)Math.Clamp(version, 0, int.MaxValue) : 1, Values(entry), folder, IsFresh: true, "");

    static JObject EntryIn(JObject entries, string imp)
    {
        if (entries[imp] is JObject known) return known;
        var fresh = new JObject();
        entries[imp] = fresh;
        return fresh;
    }

    // (A token that has a parent already would be copied when it is put somewhere; so everything is changed where it is.)
    static void Fill(JObject entry, ImpData imp, string? folder, Func<string, string, bool> isGone, Action<string> trouble)
    {
        entry["module"] = imp.Module;
        entry["moduleVersion"] = imp.Version;
        entry["dataVersion"] = imp.DataVersion;
        var data = entry["data"] as JObject;
        if (data is null) entry["data"] = data = [];
        var values = data["values"] as JObject;
        if (values is null) data["values"] = values = [];
        // A value of a row that is gone goes; one that nobody here declares may belong to a later version, and stays.
        foreach (var name in values.Properties().Select(p => p.Name).Where(n => !imp.Values.ContainsKey(n) && isGone(imp.Imp, n)).ToArray()) values.Remove(name);
        foreach (var (name, value) in imp.Values)
            if (value.All(IsNumber)) values[name] = value is [var one] ? new JValue(one) : new JArray(value);
            else trouble($"imps.{imp.Imp}.data.values['{name}'] is no number that can be kept; its last value stays");
        if (folder is not null) data["folder"] = folder;
        else data.Remove("folder");
    }

    static bool IsNumber(object value) => value switch
    {
        float f => float.IsFinite(f),
        double d => double.IsFinite(d),
        _ => true,
    };

    static Dictionary<string, object[]> Values(JObject entry)
    {
        var all = new Dictionary<string, object[]>();
        foreach (var (name, value) in (entry["data"] as JObject)?["values"] as JObject ?? [])
        {
            object?[] parts = value is JArray array ? [.. array.Select(Plain)] : [Plain(value)];
            if (parts.Length > 0 && parts.All(p => p is not null)) all[name] = parts!;
        }
        return all;
    }

    static object? Plain(JToken? token) => (token as JValue)?.Value switch
    {
        string s => s,
        bool b => b,
        long h => h,
        // What has just been saved was not read from text.
        int i => i,
        float f => f,
        BigInteger big => (double)big,
        double d => d,
        _ => null,
    };

    static string? Text(JToken? token) => (token as JValue)?.Value as string;

    static void Forget(JObject document)
    {
        if (document["graveyard"] is not JObject graves) return;
        DateTime Age(JProperty grave) => DateTime.TryParse(Text((grave.Value as JObject)?["buried"]), CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out var at) ? at : DateTime.UtcNow;
        var old = graves.Properties().OrderByDescending(Age).Where((g, i) => i >= MostGraves || Age(g) < DateTime.UtcNow.AddDays(-MostGraveDays)).ToArray();
        foreach (var grave in old) grave.Remove();
    }
}
