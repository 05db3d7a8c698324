namespace OscLooper.Server.Realm;

/// <summary>[main] What one imp remembers.</summary>
/// <param name="Imp">Its name.</param>
/// <param name="Module">Name of its module.</param>
/// <param name="Version">Version of the module's DLL.</param>
/// <param name="DataVersion">Version of what lies in the folder.</param>
/// <param name="Values">Declared values by their path below the imp, e.g. "channel/1/volume", as on the wire; only those that can be set and are not fleeting.</param>
/// <param name="Folder">What <see cref="IPersist.Save"/> wrote; null when the module has nothing of its own.</param>
/// <param name="IsFresh">False when the imp could not be asked: then this is what was last good.</param>
/// <param name="Why">Why it is not fresh.</param>
/// <param name="IsLate">It is not fresh because it did not answer in time, or was being changed: it has more to say than this.</param>
/// <param name="IsDiskFull">It is not fresh because there was no room for it: nobody's fault but the disk's.</param>
public sealed record ImpData(string Imp, string Module, string Version, int DataVersion, IReadOnlyDictionary<string, object[]> Values, string? Folder, bool IsFresh = true, string Why = "", bool IsDiskFull = false, bool IsLate = false);

/// <summary>[main] Whoever remembers for the realm between two runs: the vault.</summary>
public interface IRemember
{
    /// <summary>[main] Asked before an imp is made that nobody in the realm remembers; null when nothing is known.</summary>
    ImpData? Recall(string imp, string module);

    /// <summary>[main] A module was made and prepared; it has not been given its data yet.</summary>
    void Introduce(string imp, Module module);

    /// <summary>[main] An imp could not read these data and begins anew.</summary>
    void Unreadable(ImpData data, string why);

    /// <summary>[main] What an imp said while it took its data; a loss when something of them is not there again.</summary>
    void Complained(string imp, string text, bool isLoss);

    /// <summary>[main] An imp was removed for good; this is the last it said.</summary>
    void Gone(ImpData last);

    /// <summary>[main] Which imps there are, how they are connected or what they are has changed.</summary>
    void Changed();
}
