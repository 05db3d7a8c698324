using OscLooper.Enchanter;
using OscLooper.Server.Midi;
using OscLooper.Server.Realtime;

namespace OscLooper.Tests.Enchanter;

public class ControllerTests
{
    // What a device says, and what its leaf says then. Bytes as in the makers' papers (facts/controllers.md).
    [TestCase("apc_key_25_mk2", "90 00 7F", "pad/5/1", "down 127 ")]
    [TestCase("apc_key_25_mk2", "90 27 40", "pad/1/8", "down 64 ")]
    [TestCase("apc_key_25_mk2", "90 27 40 80 27 00", "pad/1/8", "up 0 ")]
    [TestCase("apc_key_25_mk2", "90 47 7F", "track/8", "down 127 ")]
    [TestCase("apc_key_25_mk2", "90 52 7F", "scene/1", "down 127 ")]
    [TestCase("apc_key_25_mk2", "90 62 7F", "shift", "down 127 ")]
    [TestCase("apc_key_25_mk2", "B0 30 01 B0 30 7D", "knob/1", "-2")]
    [TestCase("apc_key_25_mk2", "B0 37 3F B0 37 41", "knob/8", "0")]
    [TestCase("apc_key_25_mk1", "B0 30 7F", "knob/1", "1")]
    [TestCase("apc_key_25_mk1", "90 52 7F 90 52 00", "scene/1", "up 0 ")]
    [TestCase("apc_key_25_mk1", "91 3C 50", "key", "down 60 80")]
    [TestCase("mpk_mini_mk3", "99 24 64", "pad/1", "down 100 ")]
    [TestCase("mpk_mini_mk3", "99 33 64", "pad_b/8", "down 100 ")]
    [TestCase("mpk_mini_mk3", "B0 4D 00 B0 4D 40", "knob/8", "0.503937")]
    [TestCase("mpk_mini_mk3", "E0 00 00", "stick/x", "-1")]
    [TestCase("mpk_mini_mk3", "E0 7F 7F", "stick/x", "1")]
    [TestCase("microfreak", "B0 17 7F", "filter/cutoff", "1")]
    [TestCase("microfreak", "D0 7F", "pressure", "1")]
    [TestCase("microfreak", "C0 05", "program", "5")]
    [TestCase("p85", "FE B0 42 7F FE", "pedal/sostenuto", "down 127 ")]
    [TestCase("p85", "FE 90 3C 40 FE 90 3C 00 FE", "key", "up 60 0")]
    [TestCase("generic", "B5 07 7F", "control/7", "1")]
    [TestCase("generic", "E3 00 40", "bend", "0")]
    public void What_a_device_sends_is_said_by_the_leaf_of_its_control(string profile, string bytes, string control, string expected)
    {
        using var studio = new Studio();
        var device = studio.Plug("device");
        studio.Connect(("midi:device", $"controller:{profile}"));
        var frame = studio.Rig.Frame;
        studio.Play(device, Convert.FromHexString(bytes.Replace(" ", "")));
        var said = studio.Rig.Value($"/controller/{profile}/{control}");
        Assert.That(said, expected.EndsWith(' ') ? Is.EqualTo($"{expected}{frame}") : Does.StartWith(expected));
    }

    [Test]
    public void A_press_is_said_with_its_frame_at_every_block_size([Values(1, 7, 64, 256)] int block)
    {
        using var studio = new Studio();
        var device = studio.Plug("device");
        studio.Connect(("midi:device", "controller:apc_key_25_mk1"));
        var start = studio.Rig.Frame;
        device.Hear(start + 100, [0x90, 5, 127]);
        studio.Rig.Render(256, block);
        Assert.That(studio.Rig.Value("/controller/apc_key_25_mk1/pad/5/6"), Is.EqualTo($"down 127 {start + 100}"));
    }

    [Test]
    public void Keys_go_on_to_the_instruments_and_pads_do_not()
    {
        using var studio = new Studio();
        var device = studio.Plug("device");
        studio.Connect(("midi:device", "controller:apc_key_25_mk1"), ("controller:apc_key_25_mk1", "ears:notes"));
        studio.Play(device, 0x90, 5, 127, 0x91, 60, 80, 0xE1, 0, 80, 0xB0, 0x30, 5, 0x80, 5, 0, 0x81, 60, 0, 0xE1, 0, 64);
        Assert.That(studio.HeardText(), Is.EqualTo("91 3C 50, 81 3C 00"));
    }

    [Test]
    public void Active_sensing_and_the_clock_are_never_forwarded()
    {
        using var studio = new Studio();
        var device = studio.Plug("device");
        studio.Connect(("midi:device", "controller:p85"), ("controller:p85", "ears:notes"));
        studio.Play(device, 0xFE, 0x90, 0xF8, 60, 0xFE, 80, 0xFE, 60, 0, 0xFE, 0xC0, 5, 0xB0, 7, 100);
        Assert.That(studio.HeardText(), Is.EqualTo("90 3C 50, 90 3C 00, C0 05 00, B0 07 64"));
    }

    Studio Keyboard(out MidiInput device)
    {
        var studio = new Studio();
        device = studio.Plug("device");
        studio.Connect(("midi:device", "controller:generic"), ("controller:generic", "ears:notes"));
        studio.Rig.Send("/controller/generic/control_key", "key/36");
        return studio;
    }

    [Test]
    public void The_control_key_and_the_keys_it_makes_commands_of_reach_no_instrument()
    {
        using var studio = Keyboard(out var device);
        studio.Play(device, 0x90, 67, 90);
        Assert.That(studio.Rig.Value("/controller/generic/key"), Is.EqualTo("down 67 90"));
        studio.Play(device, 0x90, 67, 0, 0x90, 36, 80, 0x90, 68, 70, 0x90, 60, 50);
        Assert.That(studio.Rig.Value("/controller/generic/command"), Is.EqualTo("down 68 70"));
        // The control key comes up first: the command's release still reaches nobody.
        studio.Play(device, 0x90, 36, 0, 0x90, 68, 0, 0x90, 60, 0, 0x90, 68, 1, 0x90, 68, 0);
        Assert.That(studio.HeardText(), Is.EqualTo("90 43 5A, 90 43 00, 90 3C 32, 90 3C 00, 90 44 01, 90 44 00"));
    }

    [Test]
    public void A_key_that_sounds_when_the_control_key_goes_down_ends_as_it_began()
    {
        using var studio = Keyboard(out var device);
        studio.Play(device, 0x90, 67, 90, 0x90, 36, 80, 0x90, 67, 0, 0x90, 36, 0);
        Assert.That(studio.HeardText(), Is.EqualTo("90 43 5A, 90 43 00"));
    }

    [Test]
    public void A_key_struck_twice_without_coming_up_first_played_then_as_a_command_or_the_other_way_round_ends()
    {
        using var studio = Keyboard(out var device);
        studio.Play(device, 0x90, 67, 90, 0x90, 36, 80, 0x90, 67, 50, 0x90, 67, 0);
        Assert.That(studio.HeardText(), Is.EqualTo("90 43 5A, 80 43 40"));
        studio.Heard.Clear();
        studio.Play(device, 0x90, 67, 50, 0x90, 36, 0, 0x90, 67, 40, 0x90, 67, 0);
        Assert.That(studio.HeardText(), Is.EqualTo("90 43 28, 90 43 00"));
    }

    [Test]
    public void Changing_the_control_key_while_it_is_held_sticks_nothing()
    {
        using var studio = Keyboard(out var device);
        studio.Play(device, 0x90, 36, 80, 0x90, 67, 70);
        studio.Rig.Send("/controller/generic/control_key", "");
        studio.Play(device, 0x90, 70, 1, 0x90, 67, 0, 0x90, 36, 0, 0x90, 70, 0);
        Assert.That(studio.HeardText(), Is.EqualTo("90 46 01, 90 46 00"));
    }

    [Test]
    public void A_cable_that_is_pulled_leaves_nothing_down()
    {
        using var studio = Keyboard(out var device);
        studio.Play(device, 0x90, 60, 80, 0xB0, 64, 127, 0xE0, 0, 100, 0x90, 36, 9, 0x90, 67, 9);
        studio.Unplug(device);
        studio.Rig.Send("/controller/generic/release");
        studio.Rig.Render(64);
        Assert.That(studio.HeardText(), Is.EqualTo("90 3C 50, B0 40 7F, E0 00 64, 80 3C 40, B0 40 00, E0 00 40"));
        Assert.That(studio.Rig.Value("/controller/generic/pedal/64"), Does.StartWith("up 0"));
        Assert.That(studio.Rig.Value("/controller/generic/key"), Is.EqualTo("up 60 0"));
        // The control key is up, too: a command's key plays.
        studio.Plug("device");
        studio.Play(device, 0x90, 67, 5);
        Assert.That(studio.HeardText(), Does.EndWith("90 43 05"));
    }

    [Test]
    public void Panic_releases_everything()
    {
        using var studio = Keyboard(out var device);
        studio.Play(device, 0x90, 60, 80, 0xB0, 64, 127);
        studio.Heard.Clear();
        studio.Rig.Send("/server/panic");
        studio.Rig.Render(64);
        Assert.That(studio.HeardText(), Is.EqualTo("80 3C 40, B0 40 00"));
    }

    [Test]
    public void A_quiet_control_still_ends_what_it_began()
    {
        using var studio = Keyboard(out var device);
        studio.Play(device, 0x90, 60, 80);
        studio.Rig.Send("/controller/generic/quiet", "key/60 pedal/64 control/7");
        studio.Play(device, 0x90, 60, 0, 0x90, 60, 70, 0x90, 60, 0, 0xB0, 64, 127, 0xB0, 7, 3);
        Assert.That(studio.HeardText(), Is.EqualTo("90 3C 50, 90 3C 00"));
        Assert.That(studio.Rig.Value("/controller/generic/control/7"), Does.StartWith("0.0236"));
    }

    [Test]
    public void A_thousand_messages_a_second_for_a_minute_are_all_said()
    {
        const int Seconds = 60, PerSecond = 1000;
        using var studio = new Studio();
        var device = studio.Plug("device");
        studio.Connect(("midi:device", "controller:apc_key_25_mk2"));
        studio.Rig.Send("/server/subscribe", "/controller/apc_key_25_mk2/pad/*/*");
        studio.Rig.TakeReplies();
        var said = 0;
        for (var second = 0; second < Seconds; second++)
        {
            for (var i = 0; i < PerSecond; i++) device.Hear(studio.Rig.Frame + i * 48, [0x90, (byte)(i / 2 % 40), (byte)((i + 1) % 2 * 127)]);
            studio.Rig.Render(48000, 480);
            said += studio.Rig.TakeReplies().Count(r => r.Address.StartsWith("/controller/apc_key_25_mk2/pad/", StringComparison.Ordinal));
        }
        Assert.That(device.Lost, Is.Zero);
        Assert.That(said, Is.EqualTo(Seconds * PerSecond));
    }

    sealed class Hammer(Branch at) : Module
    {
        readonly NotesOut output = at.NotesOut("out");

        public override void Process(in Block block)
        {
            // Pads, keys, knobs and pedals: about a thousand messages a second.
            var n = (int)(block.Frame / 128);
            block.Send(output, block.Frame, NoteEvent.On, n % 128, n % 2 * 100);
            block.Send(output, block.Frame + 40, NoteEvent.On | 1, 36 + n % 40, n / 40 % 2 * 100);
            block.Send(output, block.Frame + 90, NoteEvent.Control, n % 120, n / 120 % 128);
        }
    }

    [Test]
    public void A_thousand_messages_a_second_allocate_nothing_on_the_audio_side()
    {
        using var stage = new OscLooper.Tests.Server.Realtime.Stage(isOffline: false).With("hammer", at => new Hammer(at)).With("controller", at => new ControllerModule(at))
            .With("ears", at => new Studio.Ears(at));
        var patch = new Patch();
        Profiles.Shipped.ToList().ForEach(p => patch.ConnectNotes(new("hammer", "out"), new("controller", p.Name), out _));
        patch.ConnectNotes(new("controller", "generic"), new("ears", "notes"), out _);
        stage.Load(patch);
        stage.Play(128 * 200, 128);
        var least = long.MaxValue;
        for (var round = 0; round < 5; round++)
        {
            stage.Heard.Clear();
            stage.Heard.EnsureCapacity(1 << 16);
            var before = stage.Engine.Status.AudioSideAllocatedBytes;
            stage.Play(48000, 128);
            least = Math.Min(least, stage.Engine.Status.AudioSideAllocatedBytes - before);
        }
        Assert.That(stage.Heard, Has.Count.GreaterThan(2500));
        Assert.That(least, Is.Zero);
    }

    // The program of pyseq's author (facts/controllers.md 3): pads 16..23 and 32..39, knobs 16..23, keys on channel 1, pads on 10.
    static byte[] AuthorsProgram()
    {
        var message = new byte[254];
        ((byte[])[0xF0, 0x47, 0x00, 0x49, 0x67, 0x01, 0x76, 0x00]).CopyTo(message, 0);
        (message[24], message[26], message[253]) = (9, 0, 0xF7);
        for (var pad = 0; pad < 16; pad++) message[44 + 3 * pad] = (byte)(pad < 8 ? 16 + pad : 24 + pad);
        for (var knob = 0; knob < 8; knob++) message[92 + 20 * knob + 1] = (byte)(16 + knob);
        return message;
    }

    [Test]
    public void What_an_mpk_sends_is_read_from_its_program()
    {
        using var studio = Studio.Enchanted();
        var device = studio.Plug("MPK mini 3 MIDI 1");
        studio.Play(device, 0x99, 36, 100, 0x89, 36, 0);
        Assert.That(studio.Rig.Value("/controller/mpk_mini_mk3/pad/1"), Does.StartWith("up"));
        studio.Play(device, AuthorsProgram());
        studio.Rig.Render(480);
        studio.Play(device, 0x99, 16, 100, 0xB0, 23, 127, 0x99, 39, 90);
        Assert.That(studio.Rig.Value("/controller/mpk_mini_mk3/pad/1"), Does.StartWith("down 100"));
        Assert.That(studio.Rig.Value("/controller/mpk_mini_mk3/pad_b/8"), Does.StartWith("down 90"));
        Assert.That(studio.Rig.Number("/controller/mpk_mini_mk3/knob/8"), Is.EqualTo(1));
        studio.Heard.Clear();
        studio.Play(device, 0x89, 16, 0, 0x99, 36, 100, 0x89, 36, 0);
        Assert.That(studio.Rig.Value("/controller/mpk_mini_mk3/pad/1"), Does.StartWith("up"));
        Assert.That(studio.HeardText(), Does.Not.Contain("99 24 64").And.Contains("89 10 40"), "36 is no pad any more");
    }

    [Test]
    public void Damaged_programs_are_no_programs()
    {
        var random = new Random(3);
        for (var i = 0; i < 20_000; i++)
        {
            var message = AuthorsProgram();
            for (var n = random.Next(1, 4); n > 0; n--) message[random.Next(message.Length)] = (byte)random.Next(256);
            if (random.Next(4) == 0) message = message[..random.Next(message.Length)];
            if (MpkProgram.Read(message) is { } sends) Assert.That(SendMap.Of(Profiles.Shipped.Single(p => p.Name == "mpk_mini_mk3"), sends, out var why), Is.Not.Null, why);
        }
        Assert.That(MpkProgram.Read(AuthorsProgram()), Does.StartWith("key:90 pad/1:99:10"));
    }

    [Test]
    public void Other_numbers_may_be_told_and_nothing_stays_down()
    {
        using var studio = Keyboard(out var device);
        studio.Play(device, 0x90, 60, 80, 0xB0, 64, 127);
        studio.Rig.Send("/controller/generic/sends", "pedal/64:B0:50 key:92");
        studio.Play(device, 0x90, 60, 0, 0x92, 61, 70, 0xB0, 0x50, 127);
        Assert.That(studio.HeardText(), Is.EqualTo("90 3C 50, B0 40 7F, 80 3C 40, B0 40 00, 92 3D 46, B0 50 7F"));
        Assert.That(studio.Rig.Value("/controller/generic/pedal/64"), Does.StartWith("down"));
        Assert.That(studio.Rig.Call("/controller/generic/sends", "pad:90:1").Single().ToString(), Does.Contain("/fail"));
        Assert.That(studio.Rig.Call("/controller/generic/sends", "key:F0").Single().ToString(), Does.Contain("/fail"));
    }

    [Test]
    public void A_frozen_controller_leaves_no_note_on()
    {
        using var studio = Studio.Enchanted();
        var device = studio.Plug("some keys");
        studio.Rig.Send("/controller/generic/control_key", "pedal/67");
        studio.Play(device, 0x90, 60, 80, 0xB0, 67, 127);
        Assert.That(studio.Rig.Call("/realm/imp/controller/freeze").Select(m => m.ToString()), Has.Some.StartWith("/done"));
        studio.Rig.Render(9600, 480);
        Assert.That(studio.HeardText(), Is.EqualTo("90 3C 50, 80 3C 40"));
        studio.Play(device, 0x90, 60, 0, 0x90, 62, 80, 0xB0, 67, 0);
        studio.Rig.Send("/realm/imp/controller/unfreeze");
        studio.Rig.Render(9600, 480);
        // The control pedal came up meanwhile: 67 plays.
        studio.Play(device, 0x90, 62, 0, 0x90, 67, 80, 0x90, 67, 0);
        Assert.That(studio.HeardText(), Does.EndWith("90 43 50, 80 43 40"));
        Assert.That(studio.Rig.Value("/controller/generic/pedal/67"), Does.StartWith("up"));
        var sounding = studio.Heard.Where(n => n.IsOn).Select(n => n.Pitch).Except(studio.Heard.Where(n => n.IsOff).Select(n => n.Pitch));
        Assert.That(sounding, Is.Empty);
    }

    [Test]
    public void A_name_that_is_none_is_refused()
    {
        using var studio = new Studio();
        Assert.That(studio.Rig.Call("/controller/p85/control_key", "pad/1").Single().ToString(), Does.Contain("/fail").And.Contains("has no key"));
        Assert.That(studio.Rig.Call("/controller/p85/control_notes", "9-300").Single().ToString(), Does.Contain("/fail").And.Contains("9-300"));
        Assert.That(studio.Rig.Value("/controller/p85/control_key"), Is.EqualTo("pedal/soft"));
    }
}
