using OscLooper.Dsp;
using OscLooper.Reaper.Rpp;

namespace OscLooper.Reaper;

/// <summary>Files on disk: read whole, written beside the target and then put in its place, so that no half-written file is ever seen.</summary>
static class ProjectFiles
{
    /// <summary>Largest project or song that is read.</summary>
    public const long MaxBytes = 512L << 20;

    /// <summary>Reads a project.</summary>
    public static RppDocument ReadProject(string path) => RppDocument.Parse(Read(path));

    /// <summary>A file's bytes; a missing, unreadable or huge one ends in the declared error.</summary>
    public static byte[] Read(string path) => Guard(() =>
    {
        try
        {
            using var file = RegularFile.OpenRead(path);
            if (file.Length > MaxBytes) throw new RppError($"{Path.GetFileName(path)} is larger than {MaxBytes >> 20} MiB");
            var bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception absent) when (absent is FileNotFoundException or DirectoryNotFoundException) { throw new RppError($"{Path.GetFileName(path)} is not there"); }
    });

    /// <summary>A file's text.</summary>
    public static string ReadText(string path)
    {
        var bytes = Read(path);
        return RppText.Utf8.GetString(bytes.AsSpan().StartsWith((ReadOnlySpan<byte>)[0xef, 0xbb, 0xbf]) ? bytes.AsSpan(3) : bytes);
    }

    /// <summary>Writes a file: whole or not at all.</summary>
    public static void Write(string path, Action<Stream> fill) => Guard(() =>
    {
        var part = $"{path}.{Environment.ProcessId:x}-{Guid.NewGuid():N}.part";
        try
        {
            RegularFile.CheckTarget(path);
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            using (var output = new FileStream(part, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16))
            {
                fill(output);
                output.Flush(flushToDisk: true);
            }
            File.Move(part, path, overwrite: true);
        }
        finally
        {
            File.Delete(part);
        }
        return true;
    });

    /// <summary>What the disk says becomes the declared error.</summary>
    public static T Guard<T>(Func<T> work)
    {
        try { return work(); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException) { throw new RppError(e.Message); }
    }
}
