using Newtonsoft.Json.Linq;
using OscLooper.Dsp;

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

    /// <summary>[main] Takes the folder and reads what lies there: the session that is named, else the one that was open last. A folder that was named must be had; of the default one only a line is said.</summary>
    public void Open(ServerOptions options)
    {
        if (options.Vault.Length == 0) return;
        try
        {
            root = Path.GetFullPath(options.Vault);
            held = VaultLock.Take(root);
            // In the default place nobody else has any business; one that was named is its owner's affair.
            if (options.VaultIsDefault && Disk.MakePrivate(root, alsoLinked: true) is var opened and > 0)
                Findings.Add((LogLevel.Info, $"the vault {root} is for its owner alone from now on ({opened} files and folders were open to others)"));
            var last = LastSession.Read(root);
            OpenSession(options.Session, options.Session ?? last ?? LastSession.Guess(root));
            IsAnother = session.Length > 0 && Seq > 0 && options.Session is not null && session != last;
            NoteSession();
            Greet();
        }
        catch (Exception e) when (e is VaultException or IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            Dispose();
            if (options.VaultIsNamed) throw e as VaultException ?? new VaultException($"the vault {root}: {e.Message}");
            Standing = $"nothing is kept ({(e is VaultHeldException ? "another server has the vault" : "the vault cannot be used")})";
            Findings.Add((LogLevel.Warning, $"{(e is VaultException ? "" : $"the vault {root}: ")}{e.Message}; no session is opened, and nothing is remembered this time"));
        }
    }

    // A full disk is no reason not to play what is there.
    void NoteSession()
    {
        try { LastSession.Write(root, session); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { Found($"it could not be written down which session is open: {e.Message}"); }
    }

    /// <summary>[main] What the ready line says of it; empty when there is nothing to say.</summary>
    public string Standing { get; private set; } = "";

    /// <summary>[main] A session was opened that is not the one that was open last: its imps are wanted, not those of the last one.</summary>
    public bool IsAnother { get; private set; }

    // The one that is named is made when it is new; the one that was open last is not.
    void OpenSession(string? named, string wanted)
    {
        var isToBeMade = named is not null || wanted.Length == 0;
        var (failed, why) = (held!.FailedStarts(wanted), "");
        if (failed >= VaultLock.MostFailedStarts)
        {
            why = $"the server died {VaultLock.DeathsToStop} times within {WellAfterSeconds} s of opening it";
            if (wanted.Length == 0) Found($"what was open is not opened: {why}; it is kept as session \"{SetAside()}\"");
        }
        else if (!isToBeMade && !Directory.Exists(PlaceOf(wanted).Path)) why = "its folder is gone";
        else
        {
            held.Begin(wanted, failed);
            try
            {
                (session, place) = (wanted, PlaceOf(wanted));
                VaultDisk.MakeFolder(place.Path);
                var found = new List<Damage>();
                if (Newest(place, found) is { } newest) known = newest;
                else if (!isToBeMade) throw new VaultException("it holds nothing that can be read");
                Seq = place.Seq;
                foreach (var damage in found) Found(damage.ToString());
                if (session.Length > 0) Standing = $"session {session}";
                return;
            }
            catch (Exception e) when (!isToBeMade && e is VaultException or IOException or UnauthorizedAccessException)
            {
                why = e.Message;
            }
        }
        // With nothing to go on with, it begins with what has no name.
        if (wanted.Length > 0) Found($"session {wanted} is not opened: {why}; /session/load \"{wanted}\" tries it again");
        (session, place, known) = ("", PlaceOf(""), VaultDocument.Empty());
        held.Begin("", 0);
        var more = new List<Damage>();
        known = Newest(place, more) ?? known;
        Seq = place.Seq;
        foreach (var damage in more) Found(damage.ToString());
        Standing = wanted.Length > 0 ? $"without a session (session {wanted} is not opened: {why})" : $"without a session (what was open is not opened: {why})";
    }

    // What has no name gets one, so that it is there but is not opened: linked first, then taken away.
    string SetAside()
    {
        var name = FreeName("not opened");
        var (from, to) = (PlaceOf(""), PlaceOf(name));
        var fresh = Path.Combine(SessionsFolder, ".new");
        if (Directory.Exists(fresh)) VaultDisk.Delete(fresh);
        VaultDisk.MakeFolder(fresh);
        foreach (var folder in (string[])["data", "takes"])
            if (Directory.Exists(from.Full(folder))) VaultDisk.LinkFolder(from.Full(folder), Path.Combine(fresh, folder));
        var documents = from.Files.ToList();
        foreach (var document in documents) VaultDisk.Link(document, Path.Combine(fresh, Path.GetFileName(document)));
        VaultDisk.FlushAll(fresh);
        VaultDisk.MoveFolder(fresh, to.Path);
        VaultDisk.FlushFolder(SessionsFolder);
        foreach (var what in documents.Concat([from.Full("data"), from.Full("takes")]).Where(Path.Exists)) VaultDisk.Delete(what);
        return name;
    }

    string FreeName(string why)
    {
        var plain = $"{why} {DateTime.UtcNow:yyyy-MM-dd HH-mm-ss}";
        var name = plain;
        for (var n = 2; Directory.Exists(PlaceOf(name).Path); n++) name = $"{plain} ({n})";
        return name;
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

    VaultFolder PlaceOf(string name) => new(name.Length == 0 ? root : Path.Combine(root, "sessions", Names.FolderOf(name)), Automatic, Chosen);

    // Both count on from each other, so the higher number is the later one. What it names is there, as far as that can be had.
    JObject? Newest(VaultFolder folder, List<Damage> found)
    {
        var (automatic, chosen) = (folder.Load(Automatic, found.Add), folder.Load(Chosen, found.Add));
        var newest = automatic is not null && (chosen is null || VaultText.Seq(automatic) >= VaultText.Seq(chosen)) ? automatic : chosen;
        if (newest is not null) found.AddRange(new VaultRepair(folder, sums).Mend(newest));
        return newest;
    }
}
