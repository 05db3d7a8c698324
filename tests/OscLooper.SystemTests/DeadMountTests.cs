using System.Diagnostics;

namespace OscLooper.SystemTests;

/// <summary>Files on a mount whose server is gone: reading them never comes back. Every job answers all the same, other work goes on, and the end comes.</summary>
public class DeadMountTests
{
    [Test]
    public void On_a_dead_mount_every_job_answers_nothing_else_waits_and_the_end_comes()
    {
        using var folder = new Folder();
        using var mount = new DeadMount(folder.Of("dead"), "a.wav", "b.wav", "song.mid", "session.json");
        using var server = new RunningServer(folder.Path, "--vault", folder.Of("vault"), "--folder", folder.Path, "--modules", "looper,reaper");
        Assert.That(HangTests.Says(server, "/session/save", "jam"), Does.Contain("/done"));
        // A session whose data lie there: as when its folder was moved to another disk.
        var data = Directory.GetFiles(folder.Of("vault"), "*", SearchOption.AllDirectories).Where(f => f.Contains("jam") && !f.EndsWith(".lock")).ToArray();
        Assert.That(data, Is.Not.Empty);
        foreach (var file in data)
        {
            File.Delete(file);
            File.CreateSymbolicLink(file, folder.Of("dead/session.json"));
        }
        Assert.That(HangTests.Says(server, "/session/new"), Does.Contain("/done"));
        mount.Die();

        // All at once: more than there are threads for jobs at first.
        var answers = new System.Collections.Concurrent.ConcurrentBag<string>();
        void Ask(params string[] words)
        {
            var clock = Stopwatch.StartNew();
            var said = server.Ctl(["--timeout", "60000", .. words]) is var ended ? ended.Output + ended.Error : "";
            answers.Add($"{string.Join(' ', words)}: after {clock.Elapsed.TotalSeconds:0.0} s: {said.Trim()}");
            TestContext.Out.WriteLine(answers.First());
            Assert.That(said, Does.Contain("/fail"), string.Join(' ', words));
        }
        var asking = new List<Task>();
        foreach (var words in (string[][])[["/looper/channel/1/load", "dead/a.wav"], ["/looper/channel/2/load", "dead/b.wav"],
            ["/session/load", "jam"], ["/reaper/import", "dead/a.wav", "song.json"]])
            asking.Add(Task.Run(() => Ask(words)));

        // Meanwhile everybody else is served.
        for (var i = 0; i < 3; i++)
        {
            Assert.That(HangTests.Says(server, "/server/ping"), Does.Contain("/server/pong"));
            Assert.That(HangTests.Says(server, "/looper/channel/3/volume"), Does.Contain("volume"));
        }
        Task.WaitAll([.. asking]);
        // What was not looked up before is not even found.
        Ask("/audio/record", "dead/new.wav");
        Assert.That(HangTests.Says(server, "/looper/channel/3/save", "kept.wav"), Does.Not.Contain("no answer"));

        var ended = Stopwatch.StartNew();
        var end = server.Stop(15);
        TestContext.Out.WriteLine($"the end after {ended.Elapsed.TotalSeconds:0.0} s: {end.Error}");
        Assert.That(end.ExitCode, Is.EqualTo(1), end.Error);
        Assert.That(end.Error, Does.Contain("left behind at the end: ").And.Contain("on files that do not answer"));
    }
}
