using System.Text;
using Newtonsoft.Json.Linq;

namespace OscLooper.Server.Vault;

/// <summary>[worker] The name of the session that is open, in the vault's root; a server that starts goes on with it.</summary>
static class LastSession
{
    const string FileName = "open.json";

    /// <summary>[worker] The name; empty = the one without a name, null = none stands there that can be read.</summary>
    public static string? Read(string root)
    {
        try
        {
            var file = Path.Combine(root, FileName);
            if (!File.Exists(file)) return null;
            return VaultText.Parse(File.ReadAllBytes(file))["session"] is JValue { Value: string name } && (name.Length == 0 || Names.IsSafe(name)) ? name : null;
        }
        catch (Exception e) when (e is VaultException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>[worker] From now on this one: on the disk when it returns.</summary>
    public static void Write(string root, string name)
    {
        if (Read(root) == name) return;
        VaultDisk.Replace(Path.Combine(root, FileName), Encoding.UTF8.GetBytes(new JObject { ["format"] = 1, ["session"] = name }.ToString() + "\n"));
    }

    /// <summary>[worker] In a vault of a program that did not write it down: the one that was saved last, since only what is open is saved.</summary>
    public static string Guess(string root)
    {
        var (latest, found) = ("", "");
        var sessions = Path.Combine(root, "sessions");
        var all = Directory.Exists(sessions) ? Directory.GetDirectories(sessions).Where(f => Names.IsSafe(Path.GetFileName(f))) : [];
        foreach (var folder in all.Prepend(root))
            foreach (var document in (string[])["vault.json", "session.json"])
                if (SavedAt(Path.Combine(folder, document)) is { } saved && string.CompareOrdinal(saved, latest) > 0)
                    (latest, found) = (saved, folder == root ? "" : Path.GetFileName(folder));
        return found;
    }

    static string? SavedAt(string file)
    {
        try
        {
            return File.Exists(file) && VaultText.Read(File.ReadAllBytes(file))["saved"] is JValue { Value: string saved } ? saved : null;
        }
        catch (Exception e) when (e is VaultException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
