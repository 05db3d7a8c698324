using System.Runtime.Versioning;
using OscLooper.Client;

namespace OscLooper.SystemTests;

/// <summary>Who may read what a server writes: a vault is for its owner alone, what is given away follows the umask.</summary>
[UnsupportedOSPlatform("windows")]
public class ModeTests
{
    const int Terminate = 15;
    const UnixFileMode File600 = UnixFileMode.UserRead | UnixFileMode.UserWrite, Folder700 = File600 | UnixFileMode.UserExecute;
    const UnixFileMode File644 = File600 | UnixFileMode.GroupRead | UnixFileMode.OtherRead, Folder755 = Folder700 | File644 | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
    readonly Folder folder = new();

    [SetUp]
    public void Only()
    {
        if (OperatingSystem.IsWindows()) Assert.Ignore("needs files with modes");
    }

    [TearDown]
    public void GoAway() => folder.Dispose();

    RunningServer Start(params string[] more) => new(folder.Path, ["sh", "-c", "umask 022; exec \"$0\" \"$@\"", Programs.Server], ["--folder", folder.Of("files"), .. more]);

    static OscLooperClient Connect(RunningServer server)
    {
        var client = OscLooperClient.Connect("127.0.0.1", server.Port, OscTransport.Tcp);
        client.Patience = TimeSpan.FromSeconds(60);
        return client;
    }

    static IEnumerable<FileSystemInfo> All(string place) => new DirectoryInfo(place).EnumerateFileSystemInfos("*", SearchOption.AllDirectories).Append(new DirectoryInfo(place));

    static void AreFor(string place, UnixFileMode files, UnixFileMode folders)
    {
        foreach (var one in All(place)) Assert.That(one.UnixFileMode, Is.EqualTo(one is DirectoryInfo ? folders : files), one.FullName);
    }

    static void Open(string place)
    {
        foreach (var one in All(place)) one.UnixFileMode = one is DirectoryInfo ? Folder755 : File644;
    }

    // A loop, notes, a session, a take under way, and everything that can be given away.
    void Play(OscLooperClient client)
    {
        client.Send("/looper/channel/1/sync", "none");
        client.Send("/looper/channel/1/record");
        client.Sync();
        Assert.That(() => client.Ask("/looper/channel/1/frames")[0].Whole, Is.GreaterThan(4800).After(60_000, 20));
        client.Send("/looper/channel/1/overdub");
        client.Send("/looper/channel/2/sync", "none");
        client.Send("/looper/channel/2/record");
        client.Sync();
        client.Call("/session/save", "jam");
        client.Call("/vault/save");
        // A take of sound and a pass stream to the disk while they are recorded.
        Assert.That(() => Directory.Exists(folder.Of("vault")) ? Directory.GetFiles(folder.Of("vault"), "*.part", SearchOption.AllDirectories) : Directory.GetFiles(folder.Of(".state"), "*.part", SearchOption.AllDirectories), Is.Not.Empty.After(60_000, 20));
        client.Call("/vault/save");
    }

    [Test]
    public void A_new_vault_is_for_its_owner_alone_and_what_is_given_away_follows_the_umask([Values("vault", "default")] string place)
    {
        string[] vault = place == "default" ? [] : ["--vault", folder.Of("vault")];
        var root = place == "default" ? folder.Of(".state") : folder.Of("vault");
        using var server = Start([.. vault, "--fifo", folder.Of("pipe"), "--modules", "all"]);
        using var client = Connect(server);
        Play(client);
        AreFor(root, File600, Folder700);
        Assert.That(File.GetUnixFileMode(folder.Of("pipe")), Is.EqualTo(File600));

        client.Call("/looper/save", "all");
        client.Call("/looper/channel/1/save", "one.wav");
        client.Call("/audio/record", "master.wav");
        client.Call("/audio/record_stop");
        client.Call("/reaper/export", "project");
        AreFor(folder.Of("files"), File644, Folder755);
        AreFor(root, File600, Folder700);

        server.Stop(Terminate);
        AreFor(root, File600, Folder700);
    }

    [Test]
    public void A_vault_in_the_default_place_is_closed_once_and_one_that_was_named_keeps_its_modes()
    {
        using (var server = Start("--vault", folder.Of("vault")))
        using (var client = Connect(server))
        {
            Play(client);
            server.Stop(Terminate);
        }
        Open(folder.Of("vault"));
        var before = All(folder.Of("vault")).Select(f => f.FullName).ToHashSet();
        using (var server = Start("--vault", folder.Of("vault")))
        using (var client = Connect(server))
        {
            client.Send("/looper/channel/1/volume", 0.5f);
            client.Sync();
            client.Call("/vault/save");
            Assert.That(server.Stop(Terminate).Output, Does.Not.Contain("owner alone"));
        }
        Assert.That(new DirectoryInfo(folder.Of("vault")).UnixFileMode, Is.EqualTo(Folder755));
        foreach (var one in All(folder.Of("vault")).Where(f => before.Contains(f.FullName) && f.Name is not ("vault.json" or "vault.1.json" or "vault.2.json")))
            Assert.That(one.UnixFileMode, Is.EqualTo(one is DirectoryInfo ? Folder755 : one.LinkTarget is null && one.Name.EndsWith("json") ? one.UnixFileMode : File644), one.FullName);

        Directory.CreateDirectory(folder.Of(".state"));
        Directory.Move(folder.Of("vault"), folder.Of(".state/osclooper"));
        Open(folder.Of(".state/osclooper"));
        using (var server = Start()) Assert.That(server.Lines, Has.Some.Contains("for its owner alone from now on"));
        AreFor(folder.Of(".state/osclooper"), File600, Folder700);
        using (var server = Start()) Assert.That(server.Lines, Has.None.Contains("owner alone"), "once");
    }

    [Test]
    public void What_a_killed_server_left_where_things_are_temporary_is_taken_away()
    {
        if (!OperatingSystem.IsLinux()) Assert.Ignore("needs /proc");
        var dead = Programs.Run("sh", folder.Path, "-c", "echo $$").Output.Trim();
        var left = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"osclooper-{dead}-{Guid.NewGuid():N}")).FullName;
        var ours = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"osclooper-{Environment.ProcessId}-{Guid.NewGuid():N}")).FullName;
        try
        {
            File.WriteAllText(Path.Combine(left, "loop.wav"), "");
            using var server = Start("--vault", "none");
            Assert.That(() => Directory.Exists(left), Is.False.After(60_000, 50));
            Assert.That(Directory.Exists(ours), "what a living process has stays");
        }
        finally
        {
            Directory.Delete(ours);
        }
    }
}
