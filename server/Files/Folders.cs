namespace OscLooper.Server.Files;

/// <summary>[any] Which files clients may touch: relative to the first folder, or absolute inside one of them, with links resolved first.</summary>
public sealed class Folders
{
    readonly string[] roots;
    readonly bool anyPath;

    /// <summary>[main] The folders of the command line; the first one is made when something is written.</summary>
    public Folders(IReadOnlyList<string> folders, bool anyPath)
    {
        this.anyPath = anyPath;
        roots = [.. (folders.Count > 0 ? folders : ["osclooper-files"]).Select(Path.GetFullPath)];
    }

    /// <summary>[any] All of them.</summary>
    internal IReadOnlyList<string> All => roots;

    /// <summary>[any] Where relative names lie.</summary>
    public string First => roots[0];

    /// <summary>[any] The full path of a file that a client named, when it may be touched; else null and why.</summary>
    public string? Resolve(string path, bool forWriting, out string why)
    {
        why = "";
        if (path.Length == 0 || path.Contains('\0')) return Refuse("not the name of a file", out why);
        try
        {
            if (anyPath) return Path.GetFullPath(path);
            var full = Path.GetFullPath(path, roots[0]);
            var (real, isInside) = ((string?)null, false);
            if (!PatientLook.InTime(full, at =>
            {
                real = RealPath(full, at);
                isInside = real is not null && roots.Any(root => IsInside(real, RealPath(root, at) ?? root));
                if (isInside && forWriting) Directory.CreateDirectory(roots[0]);
            })) return Refuse($"{path}: its disk does not answer", out why);
            if (real is null) return Refuse($"{path}: links in a circle", out why);
            return isInside ? real : Refuse($"{path} is outside the allowed folders", out why);
        }
        catch (Exception trouble) when (trouble is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return Refuse($"{path}: {trouble.Message}", out why);
        }
    }

    static string? Refuse(string reason, out string why)
    {
        why = reason;
        return null;
    }

    static bool IsInside(string path, string root) =>
        path.StartsWith(root.EndsWith(Path.DirectorySeparatorChar) ? root : root + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    // Every link on the way is followed, part by part; what does not exist yet cannot be a link.
    static string? RealPath(string full, Action<string> lookingAt)
    {
        for (var followed = 0; followed < 40; followed++)
        {
            var at = Path.GetPathRoot(full)!;
            var parts = full[at.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries);
            var isLink = false;
            for (var i = 0; i < parts.Length && !isLink; i++)
            {
                var here = Path.Combine(at, parts[i]);
                lookingAt(here);
                FileSystemInfo info = Directory.Exists(here) ? new DirectoryInfo(here) : new FileInfo(here);
                if (info.LinkTarget is { } target)
                {
                    full = Path.GetFullPath(Path.Combine([target, .. parts[(i + 1)..]]), at);
                    isLink = true;
                }
                at = here;
            }
            if (!isLink) return full;
        }
        return null;
    }
}
