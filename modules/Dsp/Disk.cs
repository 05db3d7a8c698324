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
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from)) Link(file, Path.Combine(to, Path.GetFileName(file)));
        foreach (var inside in Directory.EnumerateDirectories(from)) LinkFolder(inside, Path.Combine(to, Path.GetFileName(inside)));
    }
}
