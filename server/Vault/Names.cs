namespace OscLooper.Server.Vault;

/// <summary>[any] Names that may become folders: of sessions and imps.</summary>
static class Names
{
    public const int Longest = Spec.LongestName;
    // File systems take 255 bytes, and something is added to it here and there.
    const int LongestFolder = 200, KeptOfLong = 160;

    static readonly HashSet<string> reserved = new(["con", "prn", "aux", "nul", .. Enumerable.Range(1, 9).SelectMany(i => new[] { $"com{i}", $"lpt{i}" })], StringComparer.OrdinalIgnoreCase);

    /// <summary>[any] The folder of a name: the name itself, or of a long one its beginning and what tells it from others.</summary>
    public static string FolderOf(string name)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(name);
        if (bytes.Length <= LongestFolder) return name;
        var start = name.Length;
        while (System.Text.Encoding.UTF8.GetByteCount(name.AsSpan(0, start)) > KeptOfLong || char.IsHighSurrogate(name[start - 1])) start--;
        return $"{name[..start].TrimEnd(' ', '.')}~{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes).AsSpan(0, 8))}";
    }

    /// <summary>[any] The folder is that of a long name, which stands in its document.</summary>
    public static bool IsLong(string folder) => folder.Contains('~');

    /// <summary>[any] A plain word or several: no way out of the folder, nothing that a file system reads otherwise.</summary>
    public static bool IsSafe(string name) =>
        name.Length > 0 && System.Text.Encoding.UTF8.GetByteCount(name) <= Longest && name[0] is not ('.' or ' ' or '-') && name[^1] is not ('.' or ' ')
        && name.All(c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '_' or '.' or '(' or ')' or '+' or '\'' or ',' or '~')
        && !reserved.Contains(name.Split('.')[0]);
}
