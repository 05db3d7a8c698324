using OscLooper.Osc;
using OscLooper.Server;
using OscLooper.Server.Midi;
using OscLooper.Server.Realtime;
using OscLooper.Testing;

namespace OscLooper.Tests.Server.Midi;

public class MidiPortTests
{
    static readonly byte[] On = [0x90, 60, 100], Off = [0x80, 60, 0];

    static (Rig Rig, Hearer Hearer) Made()
    {
        Hearer? hearer = null;
        var rig = new Rig(new ServerOptions(), ("hearer", at => hearer = new Hearer(at)));
        return (rig, hearer!);
    }

    static List<string> Sent(MidiOutput port)
    {
        var all = new List<string>();
        while (port.ToDevice.TryPeek(out var frame, out var length))
        {
            var bytes = new byte[length];
            port.ToDevice.Take(bytes, length);
            all.Add($"{frame}: {ByteModel.Text(bytes)}");
        }
        return all;
    }

    [Test]
    public void A_device_is_heard_on_its_frames_at_every_block_size([Values(1, 7, 64, 256)] int block)
    {
        var (rig, hearer) = Made();
        using var _ = rig;
        var port = rig.Server.Engine.Midi.Input("keys")!;
        port.Come("test");
        rig.Server.Engine.Midi.Changed!();
        rig.Server.Settle();
        var start = rig.Frame;
        port.Hear(start + 5, On);
        port.Hear(start + 300, [80, 60, 0xF8]);
        port.Hear(start + 300, [0, 0xE0, 0, 64]);
        rig.Render(512, block);
        // The data bytes went on in running status, across two deliveries.
        Assert.That(hearer.Heard, Is.EqualTo(new NoteEvent[] { new(start + 5, 0x90, 60, 100, 1), new(start + 300, 0x90, 80, 60, 1), new(start + 300, 0xE0, 0, 64, 1) }));
    }

    [Test]
    public void A_device_that_goes_leaves_no_note_on_and_is_heard_again_under_its_name()
    {
        var (rig, hearer) = Made();
        using var _ = rig;
        var midi = rig.Server.Engine.Midi;
        var port = midi.Input("keys")!;
        port.Come("test");
        midi.Changed!();
        rig.Server.Settle();
        port.Hear(rig.Frame, On);
        rig.Render(64, 64);
        Assert.That(rig.Value("/midi/inputs"), Is.EqualTo("loopback\nkeys"));
        Assert.That(rig.Value("/midi/port/3/name") + " " + rig.Value("/midi/port/3/state"), Is.EqualTo("keys there"));
        port.Go();
        midi.Changed!();
        rig.Render(64, 64);
        Assert.That(hearer.Heard.Select(n => (n.Frame % 64, n.IsOff)), Is.EqualTo(new[] { (0L, false), (0L, true) }));
        Assert.That(rig.Value("/midi/port/3/state"), Is.EqualTo("missing"));
        Assert.That(rig.Value("/midi/inputs"), Is.EqualTo("loopback"));
        midi.Input("keys")!.Come("test");
        midi.Changed!();
        midi.Input("keys")!.Hear(rig.Frame, On);
        rig.Render(64, 64);
        Assert.That(hearer.Heard[^1].IsOn, Is.True);
        Assert.That(rig.Value("/midi/port/3/state"), Is.EqualTo("there"));
        Assert.That(midi.Inputs.Length, Is.EqualTo(2), "the loopback and one device, not two");
    }

    [Test]
    public void Pedals_and_bends_end_with_their_device()
    {
        var (rig, hearer) = Made();
        using var _ = rig;
        var midi = rig.Server.Engine.Midi;
        var port = midi.Input("keys")!;
        port.Come("test");
        midi.Changed!();
        rig.Render(64, 64);
        port.Hear(rig.Frame, [0xB1, 64, 127, 0xB1, 66, 90, 66, 10, 1, 100, 0xE2, 5, 70, 0x91, 60, 100]);
        rig.Render(64, 64);
        hearer.Heard.Clear();
        port.Go();
        midi.Changed!();
        rig.Render(64, 64);
        Assert.That(hearer.Heard.Select(n => (n.Status, n.Pitch, n.Velocity)), Is.EqualTo(new (byte, byte, byte)[] { (0x81, 60, 64), (0xB1, 64, 0), (0xE2, 0, 64) }));
    }

    [Test]
    public void Every_port_is_listed_with_whom_it_is_connected_to()
    {
        var (rig, _) = Made();
        using var __ = rig;
        var replies = rig.Call("/midi/ports");
        Assert.That(replies.Select(r => r.ToString()), Is.EqualTo(new[]
        {
            "/midi/ports.item in loopback hearer", "/midi/ports.item out loopback \"\"", "/done /midi/ports 2",
        }));
    }

    [Test]
    public void Bytes_sent_to_the_loopback_come_in_as_notes_and_as_system_exclusive()
    {
        var (rig, hearer) = Made();
        using var _ = rig;
        Assert.That(rig.Call("/midi/send", "loop", new byte[] { 0x90, 60, 100, 62, 100, 0xF0, 0x7E, 0, 6, 1, 0xF7 })[^1].Address, Is.EqualTo("/done"));
        Assert.That(rig.Call("/midi/send", "loopback", 0x80, 60, 0)[^1].Address, Is.EqualTo("/done"));
        rig.Render(3 * Engine.MaxFrames, 128);
        Assert.That(hearer.Heard.Select(n => (n.Status, n.Pitch, n.Velocity)), Is.EqualTo(new (byte, byte, byte)[] { (0x90, 60, 100), (0x90, 62, 100), (0x80, 60, 0) }));
        Assert.That(rig.Value("/midi/port/1/sysex"), Is.EqualTo("F0 7E 00 06 01 F7"));
        Assert.That(rig.Value("/midi/sysex"), Is.EqualTo("loopback\tF0 7E 00 06 01 F7"));
        Assert.That(rig.Number("/midi/port/1/messages"), Is.EqualTo(4));
    }

    [TestCase(new byte[] { 0x90, 60 }, "out of range")]
    [TestCase(new byte[] { 60, 100 }, "out of range")]
    [TestCase(new byte[] { 0xF0, 1, 2 }, "out of range")]
    [TestCase(new byte[] { 0xF0, 1, 0x90, 1, 2 }, "out of range")]
    [TestCase(new byte[0], "wrong type")]
    public void What_is_no_whole_message_is_not_sent(byte[] bytes, string reason)
    {
        var (rig, _) = Made();
        using var __ = rig;
        Assert.That(rig.Call("/midi/send", "loopback", bytes)[^1].ToString(), Does.StartWith($"/fail /midi/send \"{reason}\""));
        Assert.That(rig.Call("/midi/send", "nobody", new byte[] { 0x90, 60, 100 })[^1].ToString(), Does.StartWith("/fail /midi/send \"not found\""));
    }

    [Test]
    public void What_a_module_sends_to_an_output_goes_out_on_its_frame_and_is_silenced_after_an_absence()
    {
        using var stage = new OscLooper.Tests.Server.Realtime.Stage().With("through", at => new Through(at));
        var (input, output) = (stage.Engine.Midi.Input("keys")!, stage.Engine.Midi.Output("box")!);
        var patch = new Patch();
        // A part of the name is enough, and the way round through the outside is no cycle.
        Assert.That(patch.ConnectNotes(new("midi", "keys"), new("through", "in/1"), out var _), Is.True);
        Assert.That(patch.ConnectNotes(new("through", "out/1"), new("midi", "BO"), out var _), Is.True);
        stage.Load(patch);
        input.Come("test");
        output.Come("test");
        input.Hear(10, On);
        stage.Play(128, 64);
        Assert.That(Sent(output), Is.EqualTo(new[] { "10: 90 3C 64" }));
        output.Go();
        // Too late: the next block finds nobody there, and it is not kept for later.
        output.Send([On]);
        stage.Play(64, 64);
        input.Hear(200, Off);
        stage.Play(64, 64);
        Assert.That(Sent(output), Is.Empty);
        output.Come("test");
        input.Hear(300, [0xC0, 5]);
        stage.Play(64, 64);
        Assert.That(Sent(output), Is.EqualTo(new[] { "256: B0 7B 00", "256: B0 78 00", "300: C0 05" }));
    }

    [Test]
    public void A_device_that_stands_still_gets_no_notes_of_long_ago_when_it_goes_on_but_every_end()
    {
        using var stage = new OscLooper.Tests.Server.Realtime.Stage().With("through", at => new Through(at));
        var (input, output) = (stage.Engine.Midi.Input("keys")!, stage.Engine.Midi.Output("box")!);
        var patch = new Patch();
        Assert.That(patch.ConnectNotes(new("midi", "keys"), new("through", "in/1"), out var _), Is.True);
        Assert.That(patch.ConnectNotes(new("through", "out/1"), new("midi", "box"), out var _), Is.True);
        stage.Load(patch);
        input.Come("test");
        output.Come("test");
        long now = 0;
        // What its carrier sends when it is called now.
        List<string> Taken()
        {
            var all = new List<string>();
            while (output.TryNext(now, out _, out var length))
            {
                var bytes = new byte[length];
                output.ToDevice.Take(bytes, length);
                all.Add(ByteModel.Text(bytes));
            }
            return all;
        }
        void Play(params byte[] bytes)
        {
            input.Hear(now, bytes);
            stage.Play(480, 480);
            now += 480;
        }
        Play(0x90, 40, 100);
        Assert.That(Taken(), Is.EqualTo(new[] { "90 28 64" }));
        // It stands still for six seconds: two keys every 20 ms, one that is held throughout, a pedal, and bytes that somebody sends.
        Play(0xB0, 64, 127);
        Play(0x91, 50, 100);
        for (var n = 0; n < 300; n++)
        {
            Play(0x90, (byte)(n % 20 + 60), 100);
            Play(0x80, (byte)(n % 20 + 60), 0);
            if (n % 10 == 0) output.Send([[0xF8], [0x92, 70, 1]]);
            if (n == 20) output.Send([[0x82, 70, 0]]);
        }
        var late = Taken();
        TestContext.Out.WriteLine($"{late.Count} messages come late, {output.Lost} were dropped");
        Assert.That(late, Has.None.StartsWith("9").And.None.EqualTo("F8"), "no notes, no ticks of a clock");
        Assert.That(late, Does.Contain("B0 40 7F").And.Contain("80 3C 00"), "what stays so, and every end");
        // What was not kept for it ends with this.
        Play(0x90, 90, 100);
        Assert.That(Taken(), Is.EqualTo(new[] { "B0 7B 00", "B0 78 00", "B1 7B 00", "B1 78 00", "B2 7B 00", "B2 78 00", "90 5A 64" }));
        Play(0x80, 90, 0);
        Assert.That(Taken(), Is.EqualTo(new[] { "80 5A 00" }));
    }

    [Test]
    public void The_bard_takes_every_input_and_each_has_a_port_of_its_own()
    {
        using var rig = new Rig(new ServerOptions(), ("bard", at => new OscLooper.Bard.BardModule(at)), ("synth", at => new OscLooper.Synth.SynthModule(at)));
        rig.Server.Engine.Midi.Input("keys")!.Come("test");
        rig.Server.Engine.Midi.Changed!();
        rig.Server.Settle();
        var midi = rig.Server.Engine.Patch.NoteConnections.Where(c => c.From.Imp == "midi").Select(c => $"{c.From} {c.To}");
        Assert.That(midi, Is.EqualTo(new[] { "midi:loopback bard:in/1", "midi:keys bard:in/2" }));
        rig.Server.Engine.Midi.Input("keys")!.Hear(rig.Frame, On);
        Assert.That(rig.Render(4800).Max(Math.Abs), Is.GreaterThan(0.01f), "a key sounds through bard and synth");
    }

    [Test]
    public void A_keyboard_that_stops_saying_that_it_is_there_lets_go_of_its_keys()
    {
        var (rig, hearer) = Made();
        using var _ = rig;
        var port = rig.Server.Engine.Midi.FindInput("loopback")!;
        port.Hear(rig.Frame, [0xFE, .. On]);
        for (var n = 0; n < 5; n++)
        {
            rig.Render(9600);
            port.Hear(rig.Frame, [0xFE]);
        }
        Assert.That(hearer.Heard, Has.Count.EqualTo(1));
        rig.Render(48000);
        Assert.That(hearer.Heard[1].IsOff, Is.True);
    }

    [Test]
    public void Panic_ends_what_sounds_on_an_output()
    {
        using var stage = new OscLooper.Tests.Server.Realtime.Stage().With("through", at => new Through(at));
        var (input, output) = (stage.Engine.Midi.Input("keys")!, stage.Engine.Midi.Output("box")!);
        var patch = new Patch();
        patch.ConnectNotes(new("midi", "keys"), new("through", "in/1"), out var _);
        patch.ConnectNotes(new("through", "out/1"), new("midi", "box"), out var _);
        stage.Load(patch);
        input.Come("test");
        output.Come("test");
        input.Hear(0, On);
        stage.Play(64, 64);
        stage.Send(new Event(100, 0, EventKind.Panic, 0, 0));
        stage.Play(64, 64);
        Assert.That(Sent(output), Is.EqualTo(new[] { "0: 90 3C 64", "100: 80 3C 40" }));
    }

    [Test]
    public void A_flood_in_one_block_is_heard_to_the_last_message()
    {
        var (rig, hearer) = Made();
        using var _ = rig;
        var port = rig.Server.Engine.Midi.FindInput("loopback")!;
        for (var n = 0; n < 2000; n++) port.Hear(rig.Frame, n % 2 == 0 ? [0x90, (byte)(n / 2 % 128), 1] : [0x80, (byte)(n / 2 % 128), 0]);
        for (var n = 0; n < 2000; n++) port.Hear(rig.Frame, [0xB0, 7, (byte)(n % 128)]);
        rig.Render(1024, 128);
        Assert.That(hearer.Heard, Has.Count.EqualTo(4000));
        Assert.That(port.Lost, Is.Zero);
    }

    [Test]
    public void Notes_clocks_and_system_exclusive_pass_without_allocation()
    {
        using var stage = new OscLooper.Tests.Server.Realtime.Stage(isOffline: false).With("transport", at => new TransportModule(at)).With("bard", at => new Through(at));
        var midi = stage.Engine.Midi;
        var (input, output) = (midi.Input("keys")!, midi.Output("box")!);
        var patch = new Patch();
        patch.ConnectNotes(new("midi", "keys"), new("bard", "in/1"), out var _);
        patch.ConnectNotes(new("bard", "out/1"), new("midi", "box"), out var _);
        stage.Load(patch);
        input.Come("test");
        output.Come("test");
        stage.Engine.WarmUp();
        byte[] bytes = [0x90, 60, 100, 0xF8, 0x80, 60, 0, 0xF0, 1, 2, 0xF7, 0xFE];
        var taken = new byte[1000];
        var least = long.MaxValue;
        for (var round = 0; round < 5; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var block = 0; block < 500; block++)
            {
                input.Hear(stage.Engine.Status.Frame + 7, bytes);
                PlayBlock(stage.Engine);
                while (output.ToDevice.TryPeek(out _, out var length)) output.ToDevice.Take(taken, length);
            }
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            while (input.TakeSysEx() is not null) { }
        }
        Assert.That(least, Is.Zero);
        Assert.That((output.Sent, input.Lost, output.Lost), Is.EqualTo((5000L, 0L, 0L)));
    }

    static unsafe void PlayBlock(Engine engine) => engine.Process(null, null, 128);
}
