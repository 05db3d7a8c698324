using System.Runtime.Versioning;
using OscLooper.Dsp.Native;

namespace OscLooper.Dsp;

/// <summary>[any] A file on its device, and when it was last written: while that stays, so do its contents.</summary>
public readonly record struct FileIdentity(ulong Device, ulong Number, long Length, long WrittenNanoseconds);

/// <summary>[worker] Files that must outlive a crash: linked instead of copied, and brought to the disk.</summary>
public static class Disk
{
    /// <summary>[worker] The same file under a second name; a copy where the file system knows no hard links.</summary>
    public static void Link(string from, string to)
    {
        if (!TryLink(from, to)) File.Copy(from, to);
    }

    /// <summary>[worker] The same without a copy: false where it cannot be done.</summary>
    public static bool TryLink(string from, string to)
    {
        if (OperatingSystem.IsWindows()) return DiskCalls.CreateHardLinkW(to, from, 0) != 0;
        return DiskCalls.link(from, to) == 0;
    }

    /// <summary>[any] Modes of what is for its owner alone.</summary>
    public const UnixFileMode OwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite, OwnersFolder = OwnersFile | UnixFileMode.UserExecute;

    /// <summary>[any] A folder (and those above it that are missing) for its owner alone.</summary>
    public static DirectoryInfo CreatePrivateFolder(string path)
    {
        if (OperatingSystem.IsWindows()) return Directory.CreateDirectory(path);
        var full = Path.GetFullPath(path);
        // The base library gives the mode to the last one only.
        if (Path.GetDirectoryName(full) is { } above && !Directory.Exists(above)) CreatePrivateFolder(above);
        return Directory.CreateDirectory(full, OwnersFolder);
    }

    /// <summary>[any] How a file for its owner alone is opened; one that is there keeps its mode.</summary>
    public static FileStream OpenPrivate(string path, FileMode mode, FileAccess access, FileShare share)
    {
        var options = new FileStreamOptions { Mode = mode, Access = access, Share = share, BufferSize = 0 };
        if (!OperatingSystem.IsWindows() && mode is not (FileMode.Open or FileMode.Truncate)) options.UnixCreateMode = OwnersFile;
        return new FileStream(path, options);
    }

    /// <summary>[worker] A folder and all in it (links are not followed) belong to their owner alone from now on; how many were open to others.
    /// Files that have other names elsewhere are left when they are not to be touched. A file system without modes is no error.</summary>
    public static int MakePrivate(string folder, bool alsoLinked)
    {
        if (OperatingSystem.IsWindows()) return 0;
        var changed = Make(folder, OwnersFolder) ? 1 : 0;
        foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos("*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = true }))
            if ((alsoLinked || entry is DirectoryInfo || LinksOf(entry.FullName) <= 1) && Make(entry.FullName, entry is DirectoryInfo ? OwnersFolder : OwnersFile)) changed++;
        return changed;

        [UnsupportedOSPlatform("windows")]
        static bool Make(string path, UnixFileMode wanted)
        {
            try
            {
                // What its owner may not do stays so.
                var mode = File.GetUnixFileMode(path);
                if ((mode & ~OwnersFolder) == 0) return false;
                File.SetUnixFileMode(path, mode & wanted);
                return File.GetUnixFileMode(path) != mode;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException) { return false; }
        }
    }

    /// <summary>[worker] Files of a folder that are linked from elsewhere, and not open to the same people as another one in it, become copies with its mode.</summary>
    public static void Unshare(string folder, string like)
    {
        if (OperatingSystem.IsWindows()) return;
        var mode = File.GetUnixFileMode(like);
        foreach (var file in Directory.GetFiles(folder, "*", SearchOption.AllDirectories))
        {
            if (File.GetUnixFileMode(file) == mode || LinksOf(file) <= 1) continue;
            File.Copy(file, file + ".copy");
            File.SetUnixFileMode(file + ".copy", mode);
            File.Move(file + ".copy", file, overwrite: true);
        }
    }

    /// <summary>[worker] How many names a file has; 1 where that is not known.</summary>
    public static long LinksOf(string path) => DiskCalls.About(path)?.Links ?? 1;

    /// <summary>[worker] Bytes that files and folders take on the disk, each file once whatever names it has.</summary>
    public static long BytesOf(IEnumerable<string> folders, HashSet<ulong>? counted = null)
    {
        counted ??= [];
        var bytes = 0L;
        foreach (var folder in folders.Where(Directory.Exists))
            foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
                if (DiskCalls.About(file) is not { } about) bytes += new FileInfo(file) is { Exists: true } info ? info.Length : 0;
                else if (counted.Add(about.Number)) bytes += about.Bytes;
        return bytes;
    }

    /// <summary>[worker] The names in a folder reach the disk (on Windows the system does that by itself).</summary>
    public static void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows()) return;
        var file = DiskCalls.open(folder, 0);
        if (file < 0) return;
        DiskCalls.fsync(file);
        DiskCalls.close(file);
    }

    /// <summary>[worker] The contents of all files in a folder and below, and their names, reach the disk.</summary>
    public static void FlushAll(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            using var handle = File.OpenHandle(file, FileMode.Open, OperatingSystem.IsWindows() ? FileAccess.ReadWrite : FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            RandomAccess.FlushToDisk(handle);
        }
        foreach (var inside in Directory.EnumerateDirectories(folder, "*", SearchOption.AllDirectories)) FlushFolder(inside);
        FlushFolder(folder);
    }

    /// <summary>[any] A descriptor for reading a file that somebody keeps locked; negative when there is none. (FileStream would ask for a lock itself.)</summary>
    public static int OpenUnlocked(string path) => DiskCalls.open(path, 0);

    /// <summary>[worker] Which file a name stands for, as it is now: names of one file have the same; null where the system does not say.</summary>
    public static unsafe FileIdentity? IdentityOf(string path)
    {
        // statx(2): offsets of its structure; AT_FDCWD, STATX_BASIC_STATS.
        if (!OperatingSystem.IsLinux()) return null;
        var told = stackalloc byte[256];
        try
        {
            if (DiskCalls.statx(-100, path, 0, 0x7FF, told) != 0) return null;
        }
        catch (EntryPointNotFoundException)
        {
            return null;
        }
        return new FileIdentity(*(ulong*)(told + 136), *(ulong*)(told + 32), *(long*)(told + 40), *(long*)(told + 112) * 1_000_000_000 + *(uint*)(told + 120));
    }

    /// <summary>[worker] A whole folder under a second name, its files linked.</summary>
    public static void LinkFolder(string from, string to)
    {
        CreatePrivateFolder(to);
        foreach (var file in Directory.EnumerateFiles(from)) Link(file, Path.Combine(to, Path.GetFileName(file)));
        foreach (var inside in Directory.EnumerateDirectories(from)) LinkFolder(inside, Path.Combine(to, Path.GetFileName(inside)));
    }
}
