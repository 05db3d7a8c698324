namespace OscLooper.Server.Vault;

/// <summary>[any] What one imp remembers.</summary>
/// <param name="Imp">Its name.</param>
/// <param name="Module">The module it is an instance of.</param>
/// <param name="Version">Version of the module.</param>
/// <param name="DataVersion">Version of what lies in the folder.</param>
/// <param name="Values">Declared values by path below the imp, as they go over the wire.</param>
/// <param name="Folder">What IPersist.Save wrote; null when the module has nothing of its own.</param>
/// <param name="IsFresh">False: it could not be asked; its last good data are kept word for word.</param>
/// <param name="Why">Why it is not fresh.</param>
public sealed record ImpData(string Imp, string Module, string Version, int DataVersion,
    IReadOnlyDictionary<string, object[]> Values, string? Folder, bool IsFresh, string Why);
