using System.Diagnostics;
using OscLooper.Osc;
using OscLooper.Server;
using OscLooper.Server.Audio;
using OscLooper.Server.Midi;
using OscLooper.Testing;

namespace OscLooper.Tests.Server.Audio;

/// <summary>Calls of libjack that fail: each reports an error, on the audio side, too, and the process goes on.</summary>
[Category("Live"), NonParallelizable]
public class JackFailureTests
{
    [Test]
    public void A_MIDI_buffer_that_is_full_lets_messages_wait_and_nothing_ends()
    {
        using var jackd = new JackServer(256, waits: true);
        var options = new ServerOptions { Audio = "jack", Device = jackd.Name, OscPort = 0, Quiet = true, MidiPorts = ["Foo"] };
        using var driver = AudioChoice.Open(options, out _, line => TestContext.Out.WriteLine(line));
        using var server = new OscLooper.Server.Server(options with { Rate = driver.Rate, Block = driver.Block }, []);
        using var playing = new OscLooper.Server.Commands.Playing(driver, server.Engine);
        using var device = new JackPeer(jackd.Name, "listens", ["cable"], isPhysical: false);
        var client = server.Connect("test");
        Assert.That(JackPeer.Await(() => device.Connect("osclooper:Foo_out", device.PortOf(device.First, isCapture: false))), Is.True);

        void Send(string address, params OscValue[] arguments) => client.Send(new OscMessage(address, arguments).ToBytes());
        Send("/transport/tempo", 240f);
        Send("/transport/clock_out", 1);
        Send("/transport/play");
        // The two together fill what the server takes from a client at once, and do not fit into JACK's 32 KiB with what it keeps beside them.
        byte[][] pair = [SysEx(MidiParser.LongestSysEx), SysEx(MidiParser.LongestSysEx - 44)];
        var (port, accepted) = (server.Engine.Midi.FindOutput("Foo")!, 0);
        for (var watch = Stopwatch.StartNew(); accepted < 200 && watch.Elapsed.TotalSeconds < 20; server.Pump())
            if (port.Send(pair)) accepted += 2;
            else Thread.Sleep(1);
        var until = Stopwatch.StartNew();
        long Heard() => device.First.Heard.Count(h => h.Bytes[0] == 0xF0);
        while (Heard() + port.Lost < accepted && until.Elapsed.TotalSeconds < 20)
        {
            server.Pump();
            Thread.Sleep(20);
        }
        var heard = device.First.Heard.Where(h => h.Bytes[0] == 0xF0).ToArray();
        TestContext.Out.WriteLine($"{accepted} sysex taken, {heard.Length} came, {port.Lost} counted lost; {device.First.Heard.Count(h => h.Bytes[0] == 0xF8)} clocks");
        Assert.That(heard, Has.Length.GreaterThan(10));
        Assert.That(heard.All(h => h.Bytes[^1] == 0xF7), Is.True, "whole messages");
        Assert.That(server.Engine.Status.AudioSideAllocatedBytes, Is.Zero);
        if (server.Engine.Status.LostCycles == 0) Assert.That(heard.Length + port.Lost, Is.EqualTo(accepted), "what did not come is counted");
    }

    static byte[] SysEx(int length)
    {
        var bytes = new byte[length];
        bytes.AsSpan().Fill(0x11);
        (bytes[0], bytes[^1]) = (0xF0, 0xF7);
        return bytes;
    }
}
