using System.IO.Enumeration;
using OscLooper.Dsp;

namespace OscLooper.Server.Files;

/// <summary>[worker] Recordings that were under way when a server died: they lie in the allowed folders as NAME.part.</summary>
static class LeftRecordings
{
    const int MostEntries = 20_000, MostDepth = 3;

    /// <summary>[worker] Completes each and gives it its name; each is a line.</summary>
    public static void Rescue(Folders folders, Action<string> say)
    {
        foreach (var folder in folders.All.Where(Directory.Exists))
            foreach (var part in Parts(folder))
                if (SoundFile.Rescue(part) is var (path, seconds)) say($"the recording that was under way when a server died is kept: {path}, {seconds:0.00} s");
    }

    static List<string> Parts(string folder)
    {
        var seen = 0;
        var ending = SoundWriter.PathWhileWriting("");
        return [.. new FileSystemEnumerable<string>(folder, (ref FileSystemEntry entry) => entry.ToFullPath(), new EnumerationOptions
        {
            RecurseSubdirectories = true, MaxRecursionDepth = MostDepth, IgnoreInaccessible = true, AttributesToSkip = FileAttributes.ReparsePoint,
        })
        {
            ShouldIncludePredicate = (ref FileSystemEntry entry) => !entry.IsDirectory && entry.FileName.EndsWith(ending, StringComparison.Ordinal),
            // A folder may be somebody's whole home.
            ShouldRecursePredicate = (ref FileSystemEntry _) => ++seen < MostEntries,
        }];
    }
}
