using System.Diagnostics;
using System.Runtime.InteropServices;

namespace OscLooper.SystemTests;

/// <summary>Modules and files that do not come back: the server says whose code it is, goes on as far as it can, and ends when it is told to.</summary>
public partial class HangTests
{
    // A copy of the server with the faulty modules beside the others.
    static string ServerWithFaults(Folder folder)
    {
        var bin = folder.Of("bin");
        void Copy(string from, string to)
        {
            Directory.CreateDirectory(to);
            foreach (var file in Directory.GetFiles(from)) File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
            foreach (var inside in Directory.GetDirectories(from)) Copy(inside, Path.Combine(to, Path.GetFileName(inside)));
        }
        Copy(Path.GetDirectoryName(Programs.Server)!, bin);
        var faults = Path.Combine(Path.GetDirectoryName(Programs.Server)!.Replace("OscLooper.Server", "OscLooper.Faults"), "OscLooper.Faults.dll");
        File.Copy(faults, Path.Combine(bin, "modules", "OscLooper.Faults.dll"));
        return Path.Combine(bin, Path.GetFileName(Programs.Server));
    }

    internal static RunningServer Start(Folder folder, params string[] more)
    {
        if (OperatingSystem.IsWindows()) Assert.Ignore("needs signals");
        return new RunningServer(folder.Path, (IReadOnlyList<string>)[ServerWithFaults(folder)], ["--vault", folder.Of("vault"), "--folder", folder.Path, .. more]);
    }

    internal static string Says(RunningServer server, params string[] words) => server.Ctl(["--timeout", "8000", .. words]) is var ended ? ended.Output + ended.Error : "";

    static void Until(RunningServer server, string address, string says, double seconds = 30)
    {
        var clock = Stopwatch.StartNew();
        for (var last = ""; !(last = Says(server, address)).Contains(says);)
            if (clock.Elapsed.TotalSeconds > seconds) Assert.Fail($"{address} does not say \"{says}\" within {seconds} s, but {last}");
        TestContext.Out.WriteLine($"{address} says \"{says}\" after {clock.Elapsed.TotalSeconds:0.0} s");
    }

    [TestCase("handle", "Handle has not come back", "faulted")]
    [TestCase("process", "Process has not come back", "faulted")]
    [TestCase("signal", "its Watch of /endless/signal has not come back", "quarantined")]
    [TestCase("job", "/endless/job has not come back", "quarantined")]
    public void Endless_code_in_our_process_is_named_everything_else_is_saved_and_the_end_comes(string way, string says, string state)
    {
        using var folder = new Folder();
        using var server = Start(folder, "--modules", "looper,endless");
        Says(server, "/looper/channel/1/record");
        if (way == "signal") Assert.That(Says(server, "/endless/watch"), Does.Contain("/done"));
        Says(server, "/looper/channel/1/play");
        Until(server, "/looper/channel/1/state", "looping");
        using (var told = new Told(server))
        {
            told.Begin("/endless/" + way, way == "signal" ? ["x"] : []);
            told.Until("endless", says);
        }
        Until(server, "/realm/imp/endless/state", state);
        Assert.That(Says(server, "/realm/hung"), Does.Contain("1"));
        Assert.That(Says(server, "/realm/health"), Does.Contain("degraded").And.Contain("endless"));
        // A save that had begun before, and was waiting for the audio side then, fails, and whoever asks meanwhile is told so.
        for (var tries = 0; Says(server, "/vault/save") is var said && !said.Contains("/done"); tries++) Assert.That(tries, Is.LessThan(10), said);
        Assert.That(Says(server, "/looper/channel/1/save", "kept.wav"), Does.Contain("/done"));
        Assert.That(new FileInfo(folder.Of("kept.wav")).Length, Is.GreaterThan(1000), "the loop can still be had");

        var ended = server.Stop(15);
        Assert.That(ended.ExitCode, Is.EqualTo(1), ended.Error);
        Assert.That(ended.Error, Does.Contain("left behind at the end: endless: ").And.Contain(says));
        Assert.That(ended.Error.Split('\n').Count(l => l.Contains("endless: faulted") || l.Contains("endless: quarantined")), Is.EqualTo(1), ended.Error);

        // What it had is there again.
        using var again = new RunningServer(folder.Path, "--vault", folder.Of("vault"), "--modules", "looper");
        Until(again, "/looper/channel/1/state", "looping");
        Assert.That(again.StopWell(15).ExitCode, Is.Zero);
    }

    [TestCase("handle", "Handle has not come back")]
    [TestCase("signal", "its Watch of /endless/signal has not come back")]
    public void Endless_code_in_a_process_of_its_own_is_killed_and_made_anew(string way, string says)
    {
        using var folder = new Folder();
        File.WriteAllText(folder.Of("realm.json"), """{ "imps": { "looper": {}, "endless": { "isolation": "process" } } }""");
        using var server = Start(folder, "--realm", folder.Of("realm.json"));
        Until(server, "/realm/imp/endless/state", "active", 60);
        if (way == "signal")
        {
            Assert.That(Says(server, "/endless/watch"), Does.Contain("/done"));
            Says(server, "/endless/signal", "x");
        }
        else Says(server, "/endless/" + way);
        Until(server, "/realm/imp/endless/fault", says);
        Until(server, "/realm/imp/endless/state", "active", 90);
        Assert.That(Says(server, "/realm/imp/looper/state"), Does.Contain("active"));
        Assert.That(server.StopWell(15).ExitCode, Is.Zero, "nothing is left");
    }

    [Test]
    public void Under_supervision_the_server_is_started_again_without_the_one_that_hangs()
    {
        using var folder = new Folder();
        using var server = Start(folder, "--modules", "looper,endless", "--supervise");
        Says(server, "/endless/word", "kept");
        Says(server, "/looper/channel/2/volume", "0.25");
        Assert.That(Says(server, "/vault/save"), Does.Contain("/done"));
        Says(server, "/endless/process");
        Until(server, "/realm/imp/endless/reason", "left out since the server was started again: Process has not come back", 90);
        Assert.That(Says(server, "/realm/imp/endless/state"), Does.Contain("quarantined"));
        Until(server, "/looper/channel/2/volume", "0.25");
        Assert.That(Says(server, "/realm/imp/endless/respawn"), Does.Contain("/done"));
        Assert.That(Says(server, "/endless/word"), Does.Contain("kept"), "its data are kept");
        Assert.That(server.StopWell(15).ExitCode, Is.Zero);
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)] private static partial int mkfifo(string path, uint mode);

    [Test]
    public void Pipes_in_the_place_of_files_are_refused_and_nothing_waits_for_them()
    {
        if (OperatingSystem.IsWindows()) Assert.Ignore("needs named pipes among the files");
        using var folder = new Folder();
        Assert.That(mkfifo(folder.Of("pipe.wav"), 0x180), Is.Zero);
        using var server = new RunningServer(folder.Path, "--vault", folder.Of("vault"), "--folder", folder.Path, "--modules", "looper,reaper");
        for (var i = 0; i < 4; i++)
            Assert.That(Says(server, "/looper/channel/1/load", "pipe.wav"), Does.Contain("/fail").And.Contain("pipe.wav: is a named pipe"));
        Assert.That(Says(server, "/audio/record", "pipe.wav"), Does.Contain("/fail").And.Contain("pipe"));
        Assert.That(Says(server, "/reaper/import", "pipe.wav", "song.json"), Does.Contain("/fail").And.Contain("pipe"));
        Assert.That(Says(server, "/vault/save"), Does.Contain("/done"));
        Assert.That(server.StopWell(15).ExitCode, Is.Zero);
    }
}
