using System.Diagnostics;
using OscLooper.Client;

namespace OscLooper.SystemTests;

/// <summary>A server that dies is started again.</summary>
public class SuperviseTests
{
    [Test]
    public void A_server_that_is_killed_is_back_soon_and_a_told_end_ends_both()
    {
        if (OperatingSystem.IsWindows()) Assert.Ignore("needs signals");
        using var folder = new Folder();
        var process = Programs.Start(Programs.Server, folder.Path, "--osc-port", $"{Programs.FreePort()}", "--audio", "none", "--vault", folder.Of("vault"), "--modules", "bard,synth", "--supervise");
        try
        {
            var first = Child(process);
            Ready(process);
            var clock = Stopwatch.StartNew();
            Programs.kill(first, 9);
            var second = Child(process);
            Ready(process);
            TestContext.Out.WriteLine($"ready again {clock.ElapsedMilliseconds} ms after kill -9");
            Assert.That(second, Is.Not.EqualTo(first));

            Programs.kill(process.Id, 15);
            var ended = Programs.End(process, 120_000);
            Assert.That(ended.ExitCode, Is.Zero, ended.Error);
            Assert.That(Directory.Exists($"/proc/{second}"), Is.False, "the child has ended, too");
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
            process.Dispose();
        }
    }

    [Test]
    public void The_open_session_goes_on_and_after_three_deaths_over_it_the_server_starts_without_it()
    {
        if (OperatingSystem.IsWindows()) Assert.Ignore("needs signals");
        using var folder = new Folder();
        var port = Programs.FreePort();
        var process = Programs.Start(Programs.Server, folder.Path, "--osc-port", $"{port}", "--audio", "none", "--vault", folder.Of("vault"), "--modules", "looper", "--channels", "1", "--supervise");
        try
        {
            var child = Child(process);
            Ready(process);
            using (var client = OscLooperClient.Connect("127.0.0.1", port, OscTransport.Tcp))
            {
                client.Patience = TimeSpan.FromSeconds(60);
                client.Send("/looper/channel/1/volume", 0.25f);
                client.Sync();
                client.Call("/session/save", "jam");
            }
            // It had saved for somebody when it died the first time: that is no fault of the session.
            for (var death = 0; death <= 3; death++)
            {
                var clock = Stopwatch.StartNew();
                Programs.kill(child, 9);
                child = Child(process);
                var ready = Line(process, "OscLooper ready:");
                if (clock.Elapsed.TotalSeconds > 55) Assert.Ignore($"this machine is too busy: a start took {clock.Elapsed.TotalSeconds:0} s");
                if (death < 3) Assert.That(ready, Does.EndWith(", session jam"), $"after death {death}");
                else Assert.That(ready, Does.Contain("without a session (session jam is not opened: the server died 3 times within 60 s of opening it"));
            }
            using (var client = OscLooperClient.Connect("127.0.0.1", port, OscTransport.Tcp))
            {
                client.Patience = TimeSpan.FromSeconds(60);
                client.Call("/session/load", "jam");
                Assert.That(() => client.Ask("/looper/channel/1/volume")[0].Number, Is.EqualTo(0.25).After(60_000, 50));
            }
            Programs.kill(process.Id, 15);
            Assert.That(Programs.End(process, 120_000).ExitCode, Is.Zero);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
            process.Dispose();
        }
    }

    static int Child(Process process) => int.Parse(Line(process, "OscLooper supervised: process ")[30..]);

    static void Ready(Process process) => Line(process, "OscLooper ready:");

    static string Line(Process process, string start)
    {
        while (process.StandardOutput.ReadLine() is { } line)
            if (line.StartsWith(start, StringComparison.Ordinal)) return line;
        throw new AssertionException($"no line \"{start}\": {process.StandardError.ReadToEnd()}");
    }
}
