using System.Diagnostics;

namespace OscLooper.SystemTests;

/// <summary>A disk of a few megabytes that only the started server has: a tmpfs in a mount namespace of its own, which goes with it.</summary>
static class SmallDisk
{
    /// <summary>Starts a server whose folder "disk" is so small; skips the test where that cannot be done.</summary>
    public static RunningServer Start(Folder folder, int kibibytes, params string[] more)
    {
        if (!OperatingSystem.IsLinux()) Assert.Ignore("needs mount namespaces (Linux): the full disk was not tried");
        Directory.CreateDirectory(folder.Of("disk"));
        var words = new List<string> { "unshare", Environment.IsPrivilegedProcess ? "-m" : "-rm", "sh", "-c", $"mount -t tmpfs -o size={kibibytes}k none '{folder.Of("disk")}' && exec \"$0\" \"$@\"" };
        Ended tried;
        try
        {
            tried = Programs.Run(words[0], folder.Path, [.. words.Skip(1), "true"]);
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            Assert.Ignore($"needs unshare (util-linux): {e.Message}; the full disk was not tried");
            throw;
        }
        if (tried.ExitCode != 0) Assert.Ignore($"a tmpfs may not be mounted here: {tried.Error.Trim()}; the full disk was not tried");
        return new RunningServer(folder.Path, [.. words, Programs.Server], more);
    }

    /// <summary>A path on it, as seen from here while the server lives.</summary>
    public static string Seen(this RunningServer server, Folder folder, string name = "") => $"/proc/{server.ProcessId}/root{Path.Combine(folder.Of("disk"), name)}";
}
