using OscLooper.Dsp;

namespace OscLooper.Server.Vault;

/// <summary>[worker] Every step by which the vault changes what lies on the disk. Between any two of them the process may end: what was acknowledged is there.</summary>
static class VaultDisk
{
    [ThreadStatic] static Action<string>? reached;

    /// <summary>[any] Told before each step that this thread does (tests of what lies there then).</summary>
    public static Action<string>? Reached { get => reached; set => reached = value; }

    public static void MakeFolder(string path)
    {
        reached?.Invoke($"make {path}");
        Disk.CreatePrivateFolder(path);
    }

    public static void Move(string from, string to)
    {
        reached?.Invoke($"move {from} to {to}");
        File.Move(from, to, overwrite: true);
    }

    public static void MoveFolder(string from, string to)
    {
        reached?.Invoke($"move {from} to {to}");
        Directory.Move(from, to);
    }

    public static void Link(string from, string to)
    {
        reached?.Invoke($"link {from} to {to}");
        Disk.Link(from, to);
    }

    public static void LinkFolder(string from, string to)
    {
        reached?.Invoke($"link all of {from} to {to}");
        Disk.LinkFolder(from, to);
    }

    public static void Delete(string path)
    {
        reached?.Invoke($"delete {path}");
        if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
        else File.Delete(path);
    }

    public static void FlushFolder(string path)
    {
        reached?.Invoke($"flush {path}");
        Disk.FlushFolder(path);
    }

    public static void FlushAll(string path)
    {
        reached?.Invoke($"flush all of {path}");
        Disk.FlushAll(path);
    }

    /// <summary>[worker] A file of that name, whole on the disk; not yet anybody's.</summary>
    public static void WriteFlushed(string path, byte[] bytes)
    {
        reached?.Invoke($"write {path}");
        using var stream = Disk.OpenPrivate(path, FileMode.Create, FileAccess.Write, FileShare.None);
        stream.Write(bytes);
        stream.Flush(flushToDisk: true);
    }

    /// <summary>[worker] A file as a whole in place of the one before: beside it, to the disk, then under its name.</summary>
    public static void Replace(string path, byte[] bytes)
    {
        WriteFlushed(path + ".tmp", bytes);
        Move(path + ".tmp", path);
        FlushFolder(Path.GetDirectoryName(path)!);
    }
}
