using Newtonsoft.Json.Linq;

namespace OscLooper.Server.Vault;

// Where it lies, and what is found there.
sealed partial class Vault
{
    string root = "", session = "";

    /// <summary>[main] Name of the session that is open; empty when none is.</summary>
    public string Session => session;

    /// <summary>[main] Where a server keeps its vault when nobody says otherwise.</summary>
    public static string DefaultFolder
    {
        get
        {
            if (OperatingSystem.IsWindows() || OperatingSystem.IsMacOS())
                return Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "OscLooper");
            // XDG base directory specification 0.8: a relative path in the variable is ignored.
            var state = Environment.GetEnvironmentVariable("XDG_STATE_HOME");
            if (string.IsNullOrEmpty(state) || !Path.IsPathRooted(state))
                state = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify), ".local", "state");
            return Path.Combine(state, "osclooper");
        }
    }

    /// <summary>[main] Takes the folder and reads what lies there. A folder that was named must be had; of the default one only a line is said.</summary>
    public void Open(ServerOptions options)
    {
        if (options.Vault.Length == 0) return;
        try
        {
            root = Path.GetFullPath(options.Vault);
            held = VaultLock.Take(root);
            session = options.Session;
            place = PlaceOf(session);
            Directory.CreateDirectory(place.Path);
            known = Newest(place, Found) ?? VaultDocument.Empty();
            Seq = place.Seq;
            Greet();
        }
        catch (Exception e) when (e is VaultException or IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            Dispose();
            if (options.VaultIsNamed) throw e as VaultException ?? new VaultException($"the vault {root}: {e.Message}");
            Findings.Add((LogLevel.Warning, $"{(e is VaultException ? "" : $"the vault {root}: ")}{e.Message}; nothing is remembered this time"));
        }
    }

    // After a crash the autosave is what is newest; that it is taken is said.
    void Greet()
    {
        if (Seq == 0)
        {
            if (session.Length > 0) Findings.Add((LogLevel.Info, $"session {session} is new"));
            return;
        }
        var when = known["saved"] is JValue { Value: string saved } ? saved : "an unknown time";
        var what = session.Length > 0 ? $"session {session}" : "the vault";
        if (known["clean"] is JValue { Value: false }) Findings.Add((LogLevel.Info, $"{what}: the server did not end by itself; the autosave of {when} is taken"));
        else if (session.Length > 0) Findings.Add((LogLevel.Info, $"{what} goes on as of {when}"));
    }

    void Found(string line) => Findings.Add((LogLevel.Warning, line));

    VaultFolder PlaceOf(string name) => new(name.Length == 0 ? root : Path.Combine(root, "sessions", name), Automatic, Chosen);

    // Both count on from each other, so the higher number is the later one.
    static JObject? Newest(VaultFolder folder, Action<string> trouble)
    {
        var (automatic, chosen) = (folder.Load(Automatic, trouble), folder.Load(Chosen, trouble));
        return automatic is not null && (chosen is null || VaultText.Seq(automatic) >= VaultText.Seq(chosen)) ? automatic : chosen;
    }
}
