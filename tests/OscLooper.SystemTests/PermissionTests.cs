using System.Runtime.Versioning;
using OscLooper.Client;

namespace OscLooper.SystemTests;

/// <summary>A vault in which the server may not do what it needs: it says so, what lies there stays, and it goes on when it may.</summary>
[UnsupportedOSPlatform("windows")]
public class PermissionTests
{
    const int Terminate = 15;
    const UnixFileMode Reads = UnixFileMode.UserRead | UnixFileMode.UserExecute, All = Reads | UnixFileMode.UserWrite;
    // A super-user may do anything, so the server is somebody else.
    static readonly string[] asNobody = Environment.IsPrivilegedProcess ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : [];
    readonly Folder folder = new();

    [SetUp]
    public void Only()
    {
        if (OperatingSystem.IsWindows()) Assert.Ignore("needs files with modes");
        Directory.CreateDirectory(folder.Of("files"));
        if (asNobody.Length == 0) return;
        new DirectoryInfo(folder.Path).UnixFileMode = (UnixFileMode)0x1FF;
        try
        {
            if (Programs.Run(asNobody[0], folder.Path, [.. asNobody[1..], "test", "-x", Programs.Server]).ExitCode != 0) Assert.Ignore("another user may not start the server from here");
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            Assert.Ignore($"needs setpriv (util-linux): {e.Message}");
        }
    }

    [TearDown]
    public void GoAway() => folder.Dispose();

    RunningServer Start(params string[] more) =>
        new(folder.Path, (IReadOnlyList<string>)[.. asNobody, Programs.Server], ["--vault", folder.Of("vault"), "--folder", folder.Of("files"), "--channels", "2", "--modules", "looper", .. more]);

    static OscLooperClient Connect(RunningServer server)
    {
        var client = OscLooperClient.Connect("127.0.0.1", server.Port, OscTransport.Tcp);
        client.Patience = TimeSpan.FromSeconds(60);
        return client;
    }

    static OscFailException Fails(OscLooperClient client, string address, params Osc.OscValue[] arguments) => Assert.Throws<OscFailException>(() => client.Call(address, arguments))!;

    void Be(UnixFileMode mode)
    {
        foreach (var name in new[] { "vault", "vault/data", "files" })
            if (Directory.Exists(folder.Of(name))) new DirectoryInfo(folder.Of(name)).UnixFileMode = mode;
    }

    [Test]
    public void A_folder_that_may_not_be_written_is_told_and_saved_into_when_it_may()
    {
        using (var server = Start())
        using (var client = Connect(server))
        {
            void Set(float volume)
            {
                client.Send("/looper/channel/1/volume", volume);
                client.Sync();
            }
            Set(0.25f);
            client.Call("/vault/save");
            Be(Reads);
            var before = File.ReadAllText(folder.Of("vault/vault.json"));
            Set(0.5f);
            var fail = Fails(client, "/vault/save");
            Assert.That((fail.Reason, fail.Detail), Is.EqualTo(("failed", fail.Detail)));
            Assert.That(fail.Detail, Does.Contain("denied"));
            Assert.That(client.Ask("/vault/trouble")[0].Text, Does.Contain("denied"));
            Assert.That(Fails(client, "/session/save", "jam").Detail, Does.Contain("denied"));
            Assert.That(File.ReadAllText(folder.Of("vault/vault.json")), Is.EqualTo(before));
            Assert.That(Fails(client, "/audio/record", "x.wav").Detail, Does.Contain("denied"));
            Be(All);
            client.Call("/vault/save");
            Assert.That(client.Ask("/vault/trouble")[0].Text, Is.Empty);
            Set(0.75f);
            Be(Reads);
            var ended = server.Stop(Terminate);
            Assert.That(ended.ExitCode, Is.EqualTo(1), ended.Output + ended.Error);
            Assert.That(ended.Output, Does.Contain("lost: what changed since the last save").And.Contain("denied"));
            Be(All);
        }
        using var again = Start();
        using var asks = Connect(again);
        Assert.That(() => asks.Ask("/looper/channel/1/volume")[0].Number, Is.EqualTo(0.5).After(60_000, 50));
    }

    [Test]
    public void A_session_that_may_not_be_read_is_said_and_loaded_when_it_may()
    {
        using (var server = Start())
        using (var client = Connect(server))
        {
            client.Send("/looper/channel/1/volume", 0.25f);
            client.Sync();
            client.Call("/session/save", "jam");
            Assert.That(server.StopWell(Terminate).ExitCode, Is.Zero);
        }
        var documents = Directory.GetFiles(folder.Of("vault/sessions/jam"), "*.json");
        foreach (var document in documents) File.SetUnixFileMode(document, UnixFileMode.None);
        using var again = Start();
        using var asks = Connect(again);
        Assert.That(again.ReadyLine, Does.Contain("without a session (session jam is not opened: ").And.Contain("denied"));
        Assert.That(Fails(asks, "/session/load", "jam").Detail, Does.Contain("denied"));
        Assert.That(asks.Ask("/session/name")[0].Text, Is.Empty, "all is as it was");
        foreach (var document in documents) File.SetUnixFileMode(document, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        asks.Call("/session/load", "jam");
        Assert.That(() => asks.Ask("/looper/channel/1/volume")[0].Number, Is.EqualTo(0.25).After(60_000, 50));
        Assert.That(Directory.GetFiles(folder.Of("vault/sessions/jam"), "*.corrupt*"), Is.Empty, "nothing was taken for damaged");
    }
}
