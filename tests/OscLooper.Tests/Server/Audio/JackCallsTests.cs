using System.Diagnostics;

namespace OscLooper.Tests.Server.Audio;

/// <summary>
/// Every call of libjack that can report an error fails once, in a program of its own (tests/JackCalls): what would end the process ends that one, and its last line
/// names the call. (Handles that are none, and handles of a client that was closed, are left out: libjack reads what lies there, and ends a process however it is called.)
/// </summary>
[Category("Live"), NonParallelizable]
public class JackCallsTests
{
    // These say why, in libjack as it is (1.9.21 and later); the others only answer.
    static readonly string[] reporting =
    [
        "port_register, a name that is too long", "set_process_callback, while it is active", "set_buffer_size_callback, while it is active", "set_xrun_callback, while it is active",
        "midi_event_reserve, beyond the cycle", "midi_event_reserve, larger than the buffer", "midi_event_reserve, until the buffer is full", "midi_event_reserve, back in time",
        "port_register, without a server", "connect, without a server", "deactivate, without a server",
    ];

    static readonly string Program = Path.Combine(AppContext.BaseDirectory, "..", "..", "OscLooper.JackCalls", new DirectoryInfo(AppContext.BaseDirectory).Name, "OscLooper.JackCalls");

    [TestCase("ours")]
    [TestCase("told")]
    public void Every_call_of_libjack_fails_once_and_the_process_goes_on(string text)
    {
        using var jackd = new JackServer(256, waits: true);
        var start = new ProcessStartInfo(Program, [jackd.Name, text]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        using var calls = Process.Start(start)!;
        using var tooLong = new Timer(_ => calls.Kill(), null, 120_000, Timeout.Infinite);
        var error = calls.StandardError.ReadToEndAsync();
        var lines = new List<string>();
        while (calls.StandardOutput.ReadLine() is { } line)
        {
            lines.Add(line);
            if (line != "end the server") continue;
            jackd.Kill();
            calls.StandardInput.WriteLine("go on");
            calls.StandardInput.Flush();
        }
        calls.WaitForExit();
        var said = string.Join('\n', lines);
        Assert.That(calls.ExitCode, Is.Zero, $"it ended in: {lines.LastOrDefault(l => l.StartsWith("begin "))}\n{said}\n{error.GetAwaiter().GetResult()}");
        Assert.That(lines[^1], Is.EqualTo("all calls are over"));
        Assert.That(lines.Where(l => l.StartsWith("wrong ")), Is.Empty);
        if (text != "told") return;
        foreach (var call in reporting)
        {
            var (from, to) = (lines.IndexOf($"begin {call}"), lines.FindIndex(l => l.StartsWith($"over {call}: ")));
            Assert.That(to - from, Is.GreaterThan(1), $"{call} reported nothing\n{said}");
        }
        TestContext.Out.WriteLine($"{lines.Count(l => l.StartsWith("over "))} calls, {reporting.Length} of them said why");
    }
}
