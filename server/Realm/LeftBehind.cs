using System.Globalization;
using System.Text.RegularExpressions;

namespace OscLooper.Server.Realm;

/// <summary>[worker] What servers that were killed left where things are temporary: folders of data, shared memory of imps in processes of their own.</summary>
static partial class LeftBehind
{
    /// <summary>[worker] Takes away what belongs to processes that are no more.</summary>
    public static void Remove(params string[] places)
    {
        foreach (var place in places.Distinct().Where(Directory.Exists))
            foreach (var entry in new DirectoryInfo(place).EnumerateFileSystemInfos("osclooper-*"))
            {
                if (Name().Match(entry.Name) is not { Success: true } name || IsAlive(int.Parse(name.Groups[1].ValueSpan, CultureInfo.InvariantCulture))) continue;
                try
                {
                    if (entry is DirectoryInfo folder) folder.Delete(recursive: true);
                    else entry.Delete();
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }      // somebody else's
            }
    }

    static bool IsAlive(int process)
    {
        try
        {
            using var found = System.Diagnostics.Process.GetProcessById(process);
            return true;
        }
        catch (ArgumentException) { return false; }
    }

    [GeneratedRegex("^osclooper-([0-9]{1,9})-[0-9a-f]{32}$")]
    private static partial Regex Name();
}
