using System.Diagnostics;

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

    static int Child(Process process) => int.Parse(Line(process, "OscLooper supervised: process ")[30..]);

    static void Ready(Process process) => Line(process, "OscLooper ready:");

    static string Line(Process process, string start)
    {
        while (process.StandardOutput.ReadLine() is { } line)
            if (line.StartsWith(start, StringComparison.Ordinal)) return line;
        throw new AssertionException($"no line \"{start}\": {process.StandardError.ReadToEnd()}");
    }
}
