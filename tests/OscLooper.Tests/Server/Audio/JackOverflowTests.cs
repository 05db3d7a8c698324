using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using OscLooper.Osc;
using OscLooper.Server.Midi;
using OscLooper.Testing;

namespace OscLooper.Tests.Server.Audio;

/// <summary>A real server at a real jackd whose MIDI output buffer overflows, as in facts of the field: tempo 240, clock out, long sysex.</summary>
[Category("Live"), NonParallelizable]
public partial class JackOverflowTests
{
    const int Block = 256, Pairs = 12;

    [Test]
    public void What_does_not_fit_into_the_MIDI_buffer_goes_with_the_next_cycle_and_the_server_lives()
    {
        using var jackd = new JackServer(Block, waits: true);
        var vault = Directory.CreateTempSubdirectory("osclooper-test-");
        var flavour = new DirectoryInfo(AppContext.BaseDirectory).Name;
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "..", "..", "OscLooper.Server", flavour, "OscLooper.Server"),
            ["--osc-port", "-1", "--audio", "jack", "--device", jackd.Name, "--midi-port", "Foo", "--modules", "none", "--vault", "none", "--folder", vault.FullName])
        { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = vault.FullName };
        start.Environment["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        using var server = Process.Start(start)!;
        try
        {
            var errors = server.StandardError.ReadToEndAsync();
            var ready = "";
            while (!ready.StartsWith("OscLooper ready:", StringComparison.Ordinal)) ready = server.StandardOutput.ReadLine() ?? throw new InvalidOperationException($"no start: {errors.GetAwaiter().GetResult()}");
            using var talker = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
            talker.Connect(IPAddress.Loopback, int.Parse(PortNumber().Match(ready).Groups[1].Value));
            talker.Client.ReceiveTimeout = 10_000;
            using var device = new JackPeer(jackd.Name, "listens", ["cable"], isPhysical: false);
            Assert.That(JackPeer.Await(() => device.Connect("osclooper:Foo_out", device.PortOf(device.First, isCapture: false))), Is.True);
            string Ask(string address, params OscValue[] arguments)
            {
                talker.Send(new OscMessage(address, arguments).ToBytes());
                IPEndPoint? from = null;
                return OscMessage.TryParse(talker.Receive(ref from), out var answer, out var why) ? answer.ToString() : $"{why}";
            }
            talker.Send(new OscMessage("/transport/tempo", 240f).ToBytes());
            talker.Send(new OscMessage("/transport/clock_out", 1).ToBytes());
            talker.Send(new OscMessage("/transport/play").ToBytes());

            // The two of a pair come to the audio side together, and do not fit into JACK's 32 KiB with what it keeps beside them.
            byte[] pair = [.. SysEx(MidiParser.LongestSysEx), .. SysEx(MidiParser.LongestSysEx - 44)];
            (long Frame, byte[] Bytes)[] Heard() => [.. device.First.Heard.Where(h => h.Bytes[0] == 0xF0)];
            for (var sent = 0; sent < Pairs; sent++)
            {
                var refused = 0;
                string said;
                while (!(said = Ask("/midi/send", "Foo", pair)).StartsWith("/done", StringComparison.Ordinal))
                    if (!said.Contains("busy") || ++refused > 2000) Assert.Fail($"a pair is not taken: {said}");
                    else Thread.Sleep(5);
                var until = sent;
                Assert.That(JackPeer.Await(() => Heard().Length >= 2 * (until + 1), 30), Is.True, $"{Heard().Length} sysex of {2 * (sent + 1)} came; {errors.IsCompleted}");
            }
            var heard = Heard();
            var later = Enumerable.Range(0, Pairs).Count(i => heard[2 * i + 1].Frame - heard[2 * i].Frame >= Block / 2);
            TestContext.Out.WriteLine($"{heard.Length} sysex came, of {later} of {Pairs} pairs the second a cycle later; {device.First.Heard.Count(h => h.Bytes[0] == 0xF8)} clocks");
            Assert.That(heard.All(h => h.Bytes[^1] == 0xF7 && h.Bytes.Length is MidiParser.LongestSysEx or MidiParser.LongestSysEx - 44), Is.True, "whole messages");
            Assert.That(later, Is.EqualTo(Pairs), "the buffer was full each time: the second of a pair went a cycle later");
            Assert.That(Ask("/server/ping"), Does.Contain("/server/pong"));
            Assert.That(server.HasExited, Is.False);
        }
        finally
        {
            if (!server.HasExited) server.Kill();
            server.WaitForExit();
            vault.Delete(recursive: true);
        }
    }

    static byte[] SysEx(int length)
    {
        var bytes = new byte[length];
        bytes.AsSpan().Fill(0x11);
        (bytes[0], bytes[^1]) = (0xF0, 0xF7);
        return bytes;
    }

    [GeneratedRegex(@":(\d+)")] private static partial Regex PortNumber();
}
