using System.Diagnostics;
using OscLooper.Reaper.Rpp;

namespace OscLooper.Tests.Reaper.Build;

/// <summary>Another reader's verdict: the npm package rppp. It fetches the package, so it runs only when asked for with OSCLOOPER_JUDGES=1.</summary>
public class RpppJudgeTests
{
    const string Version = "0.4.0";

    const string Script = """
        const { parse, ReaperBase } = require('rppp')
        const text = require('fs').readFileSync(process.argv[2], 'utf8')
        const project = parse(text)
        const tracks = project.contents.filter(c => c instanceof ReaperBase && c.token === 'TRACK')
        const items = tracks.map(t => t.contents.filter(c => c instanceof ReaperBase && c.token === 'ITEM').length)
        const names = tracks.map(t => t.contents.find(c => c.token === 'NAME').params[0])
        console.log(JSON.stringify({ tracks: tracks.length, items, names, lines: project.dump().trim().split('\n').length }))
        """;

    [Test]
    public void The_npm_package_rppp_reads_the_golden_project()
    {
        if (Environment.GetEnvironmentVariable("OSCLOOPER_JUDGES") != "1") Assert.Ignore("fetches rppp from the npm registry: OSCLOOPER_JUDGES=1 runs it");
        var folder = Directory.CreateTempSubdirectory("osclooper-rppp-").FullName;
        try
        {
            var (code, said) = Run(folder, "npm", "install", $"rppp@{Version}", "--no-audit", "--no-fund", "--silent");
            if (code != 0) Assert.Ignore($"npm could not install rppp: {said}");
            // Known limits of its grammar (measured on 53 real files): text in NOTES, JS values, sysex and text events.
            var document = Golden.Build().Document;
            var removed = Remove(document.Project!);
            var bytes = document.ToBytes();
            File.WriteAllBytes(Path.Combine(folder, "golden.rpp"), bytes);
            File.WriteAllText(Path.Combine(folder, "judge.js"), Script);
            (code, said) = Run(folder, "node", "judge.js", "golden.rpp");
            Assert.That(code, Is.EqualTo(0), said);
            Assert.That(said, Does.Contain("\"tracks\":4,\"items\":[0,1,1,1],\"names\":[\"Loops\",\"808 Bass\",\"Gtr\",\"Reverb\"]"));
            Assert.That(said, Does.Contain($"\"lines\":{bytes.Count(b => b == '\n')}"), "no line was lost");
            TestContext.Out.WriteLine($"rppp {Version}: {said.Trim()} ({removed} NOTES, JS and X blocks removed first)");
        }
        finally
        {
            Directory.Delete(folder, true);
        }
    }

    static int Remove(RppBlock block) =>
        Fill(block) + block.Children.RemoveAll(c => c is RppBlock { Name: "NOTES" or "JS" or "X" }) + block.Children.OfType<RppBlock>().Sum(Remove);

    /// <summary>Its grammar wants a state in every plug-in; REAPER takes a plug-in without one with its defaults.</summary>
    static int Fill(RppBlock block)
    {
        if (block is { Name: "VST", Children.Count: 0 }) block.Add("AAAQAAAA");
        return 0;
    }

    static (int Code, string Said) Run(string folder, string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true })!;
            var error = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output + error.GetAwaiter().GetResult());
        }
        catch (System.ComponentModel.Win32Exception e) { return (-1, $"{program}: {e.Message}"); }
    }
}
