namespace OscLooper.Server.Vault;

/// <summary>[any] Names that may become folders: of sessions and imps.</summary>
static class Names
{
    public const int Longest = 100;

    static readonly HashSet<string> reserved = new(["con", "prn", "aux", "nul", .. Enumerable.Range(1, 9).SelectMany(i => new[] { $"com{i}", $"lpt{i}" })], StringComparer.OrdinalIgnoreCase);

    /// <summary>[any] A plain word or several: no way out of the folder, nothing that a file system reads otherwise.</summary>
    public static bool IsSafe(string name) =>
        name.Length > 0 && System.Text.Encoding.UTF8.GetByteCount(name) <= Longest && name[0] is not ('.' or ' ' or '-') && name[^1] is not ('.' or ' ')
        && name.All(c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '_' or '.' or '(' or ')' or '+' or '\'' or ',')
        && !reserved.Contains(name.Split('.')[0]);
}
