namespace OscLooper.Reaper.Song;

/// <summary>Finds the names a mistyped one may have meant.</summary>
static class Nearest
{
    /// <summary>A few known names nearest to this one, or none when nothing is near.</summary>
    public static IReadOnlyList<string> To(string name, IEnumerable<string> known, int most = 3)
    {
        var plain = Plain(name);
        if (plain.Length is 0 or > 200) return [];
        return [.. known
            .Select(k => (Name: k, Far: Distance(plain, Plain(k))))
            .Where(k => k.Far <= Math.Max(2, plain.Length / 3))
            .OrderBy(k => k.Far).ThenBy(k => k.Name, StringComparer.Ordinal)
            .Take(most).Select(k => k.Name)];
    }

    /// <summary>A tail for an error line: what may have been meant.</summary>
    public static string Hint(string name, IEnumerable<string> known) =>
        To(name, known) is { Count: > 0 } near ? $"; nearest: {string.Join(", ", near)}" : "";

    /// <summary>Letters and digits only, small: "FabFilter Pro-Q 3" and "fabfilter_pro_q3" are alike.</summary>
    public static string Plain(string name) => new([.. name.Where(char.IsLetterOrDigit).Select(char.ToLowerInvariant)]);

    /// <summary>Edits from one to the other (Levenshtein); a name that holds the other counts as half as far.</summary>
    static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var corner = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(row[j] + 1, row[j - 1] + 1), corner + (a[i - 1] == b[j - 1] ? 0 : 1));
                corner = above;
            }
        }
        var within = a.Length > 2 && b.Length > 2 && (a.Contains(b) || b.Contains(a));
        return within ? Math.Min(row[^1], Math.Max(1, a.Length / 4)) : row[^1];
    }
}
