using System.Diagnostics;
using System.Runtime.InteropServices;
using OscLooper.Server;
using OscLooper.Server.Audio;
using OscLooper.Server.Midi;
using OscLooper.Server.Realtime;
using OscLooper.Testing;
using OscLooper.Tests.Server.Audio;

namespace OscLooper.Tests.Server.Midi;

/// <summary>RtMidi on its JACK side, beside a timer clock: the way that devices take where JACK does not play.</summary>
[Category("Live"), NonParallelizable]
public partial class RtMidiTests
{
    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)] private static partial int setenv(string name, string value, int overwrite);
    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)] private static partial int unsetenv(string name);

    static void NeedsRtMidi()
    {
        if (!AudioNatives.IsThere("rtmidi")) Assert.Ignore("librtmidi is not installed (apt-get install librtmidi6)");
    }

    [TearDown]
    public void Forget() => unsetenv("JACK_DEFAULT_SERVER");

    [Test]
    public void Without_any_MIDI_system_there_is_one_line_and_the_server_runs()
    {
        setenv("JACK_DEFAULT_SERVER", "osclooper-no-such-server", 1);
        using var server = new OscLooper.Server.Server(new ServerOptions { OscPort = 0, Quiet = true }, []);
        using var opened = MidiChoice.Open(server.Engine, "none", out var line);
        TestContext.Out.WriteLine(line);
        if (File.Exists("/dev/snd/seq")) Assert.Ignore("there is an ALSA sequencer here");
        Assert.That(opened, Is.Null);
        Assert.That(line, Does.StartWith("midi: none (").And.Not.Contain("\n"));
        Assert.That(server.Engine.Midi.FindInput("loopback")!.IsThere, Is.True);
    }

    [Test]
    public void Virtual_ports_and_devices_pass_both_ways_a_thousand_a_second_and_come_back_by_name()
    {
        NeedsRtMidi();
        if (File.Exists("/dev/snd/seq")) Assert.Ignore("RtMidi takes the ALSA sequencer here");
        using var jack = new JackServer(waits: true);
        setenv("JACK_DEFAULT_SERVER", jack.Name, 1);
        using var server = new OscLooper.Server.Server(new ServerOptions { OscPort = 0, Quiet = true, MidiPorts = ["table"] }, [("bard", at => new Through(at))]);
        using var timer = new TimerDriver(48000, 128);
        timer.Start(server.Engine);
        using var device = new JackPeer(jack.Name, "MPK mini 3", ["MPK mini 3 MIDI 1"]);
        using var midi = MidiChoice.Open(server.Engine, "none", out var line);
        TestContext.Out.WriteLine(line);
        Assert.That(line, Does.Contain("JACK by RtMidi").And.Contain("table"));
        Assert.That(jack.Run("jack_lsp", ""), Does.Contain("table"));

        var (input, output) = (server.Engine.Midi.Input("MPK mini 3 MIDI 1")!, server.Engine.Midi.Output("MPK mini 3 MIDI 1")!);
        Await(() => input.IsThere && output.IsThere && server.Engine.Patch.NoteConnections.Any(c => c.From.Port == input.Name), "the device");
        var patch = new Patch();
        Assert.That(patch.ConnectNotes(new("midi", "MPK"), new("bard", "in/1"), out var _) && patch.ConnectNotes(new("bard", "out/1"), new("midi", "MPK"), out var _), Is.True);
        server.Engine.Load(server.Imps, patch);
        Await(server.Engine.Collect, "the patch");
        // What is lost between JACK and RtMidi is theirs; what RtMidi brought must go out whole.
        var first = device.Frame + 4800;
        for (var n = 0; n < 2000; n++) device.First.SendAt(first + 48L * n, 0xE0, (byte)(n & 127), (byte)(n >> 7));
        Await(() => device.First.Unsent == 0 && device.Frame > first + 48L * 2000 + 24000 && output.Sent == input.Heard, "the answers");
        var heard = device.First.Heard.Select(h => h.Bytes[1] | h.Bytes[2] << 7).ToArray();
        TestContext.Out.WriteLine($"2000 sent, {input.Heard} brought by RtMidi, {heard.Length} back");
        Assert.That(heard, Is.Ordered.And.Unique);
        Assert.That((input.Lost, output.Lost), Is.EqualTo((0L, 0L)));
        Assert.That(heard, Has.Length.GreaterThan(1900));

        device.Unplug();
        Await(() => !input.IsThere && !output.IsThere, "the device to be missing");
        device.Plug();
        Await(() => input.IsThere && output.IsThere, "the device to be back");
        var before = input.Heard;
        Await(() =>
        {
            device.First.Send(0xF0, 1, 2, 3, 0xF7);
            Thread.Sleep(50);
            return input.Heard > before;
        }, "system exclusive after that");
        Assert.That(server.Engine.Status.AudioSideAllocatedBytes, Is.Zero);

        void Await(Func<bool> done, string what)
        {
            for (var watch = Stopwatch.StartNew(); !done(); Thread.Sleep(5))
            {
                server.Pump();
                Assert.That(watch.Elapsed.TotalSeconds, Is.LessThan(90), $"waited for {what}: {input.Heard} heard, {output.Sent} sent, {device.First.Heard.Length} back");
            }
        }
    }
}
