using OscLooper.Server.Midi;

namespace OscLooper.Tests.Enchanter;

/// <summary>
/// The author's "P-85 wrap manual" (facts/bard.md 2.3), played on a piano that releases by velocity 0 and says FE all the time.
/// What each step must lead to is worked out from that list, not from the code.
/// </summary>
public class WrapManualTests
{
    const int HoldFrames = 36000;

    Studio studio = null!;
    MidiInput piano = null!;

    [SetUp]
    public void Plug()
    {
        studio = Studio.Enchanted();
        piano = studio.Plug("MiniFuse");
        Send(0xB0, 67, 127);
        Assert.That(studio.Rig.Value("/controller/p85/pedal/soft"), Does.StartWith("down"));
    }

    [TearDown]
    public void Close() => studio.Dispose();

    // Active sensing before, between and after, as the piano does.
    void Send(params byte[] bytes)
    {
        foreach (var b in bytes) piano.Hear(studio.Rig.Frame, [0xFE, b]);
        piano.Hear(studio.Rig.Frame, [0xFE]);
        studio.Rig.Render(480);
    }

    void Down(byte key) => Send(0x90, key, 70);
    void Up(byte key) => Send(0x90, key, 0);

    void Tap(byte key)
    {
        Down(key);
        Up(key);
    }

    void Hold(byte key)
    {
        Down(key);
        // The piano goes on saying that it is there.
        for (var done = 0; done < HoldFrames; done += 9600)
        {
            piano.Hear(studio.Rig.Frame, [0xFE]);
            studio.Rig.Render(9600, 480);
        }
    }

    string Bard(string leaf) => studio.Rig.Value("/bard/" + leaf);

    /// <summary>What the instruments hear of a key: MIDI channel (from 0) and pitch.</summary>
    string Played(byte key)
    {
        studio.Heard.Clear();
        Tap(key);
        studio.Rig.Render(480);
        return string.Join(' ', studio.Heard.Where(n => n.IsOn).Select(n => $"{n.Channel}:{n.Pitch}"));
    }

    [Test]
    public void Transpose_keys_go_down_and_up_by_octaves_and_semitones_and_back_to_nothing()
    {
        Tap(80);
        Tap(82);
        Tap(82);
        Tap(81);
        Assert.That(Bard("transpose"), Is.EqualTo("13"));
        Assert.That(Played(60), Is.EqualTo("0:73"));
        Tap(79);
        Tap(79);
        Assert.That(Bard("transpose"), Is.EqualTo("-11"));
        Tap(78);
        Assert.That(Bard("transpose"), Is.EqualTo("0"));
    }

    [Test]
    public void Twelve_key_signatures_from_five_flats_to_six_sharps()
    {
        Down(83);
        for (byte key = 84; key <= 95; key++)
        {
            Tap(key);
            Assert.That(Bard("key_signature"), Is.EqualTo($"{key - 84 - 5}"));
        }
        Tap(88);
        Up(83);
        // One flat: B is B flat. Without the key held, 88 is nothing.
        Tap(84);
        Assert.That(Bard("key_signature"), Is.EqualTo("-1"));
        Assert.That(Played(71), Is.EqualTo("0:70"));
    }

    [Test]
    public void The_arpeggio_is_switched_chosen_and_recorded()
    {
        Tap(96);
        Assert.That(Bard("arp/on"), Is.EqualTo("1"));
        foreach (var (key, pattern) in new[] { (97, "up"), (98, "down"), (99, "updown"), (100, "random") })
        {
            Tap((byte)key);
            Assert.That(Bard("arp/pattern"), Is.EqualTo(pattern));
        }
        Hold(98);
        Assert.That(Bard("arp/record"), Is.EqualTo("1"));
        Tap(60);
        Tap(64);
        Up(98);
        Assert.That(Bard("arp/record"), Is.EqualTo("0"));
        Assert.That(Bard("arp/pattern"), Is.EqualTo("user"));
        Hold(100);
        foreach (var key in new byte[] { 60, 64, 67 }) Tap(key);
        Up(100);
        // Each key has its own.
        foreach (var (key, said) in new[] { (98, "user 2 2"), (100, "user 4 3"), (97, "up 4 3"), (98, "user 2 2") })
        {
            Tap((byte)key);
            Assert.That($"{Bard("arp/pattern")} {Bard("arp/bank")} {Bard("arp/steps")}", Is.EqualTo(said));
        }
        Tap(96);
        Assert.That(Bard("arp/on"), Is.EqualTo("0"));
    }

    [Test]
    public void Drum_patterns_start_stop_and_record()
    {
        Tap(103);
        Assert.That((Bard("drum/pattern"), Bard("drum/on")), Is.EqualTo(("2", "1")));
        Tap(106);
        Assert.That((Bard("drum/pattern"), Bard("drum/on")), Is.EqualTo(("5", "1")));
        Tap(106);
        Assert.That(Bard("drum/on"), Is.EqualTo("0"));
        Hold(104);
        Assert.That((Bard("drum/pattern"), Bard("drum/on"), Bard("drum/record")), Is.EqualTo(("3", "1", "1")));
        Up(104);
        Assert.That((Bard("drum/on"), Bard("drum/record")), Is.EqualTo(("1", "0")));
    }

    [Test]
    public void Drum_mode_hits_the_kit_with_the_playing_keys()
    {
        Tap(101);
        // The sixteen lanes of the drum machine begin where the playing keys begin; the kit is on channel 10.
        Assert.That(Played(52), Is.EqualTo($"9:{Bard("drum/lane/1/note")}"));
        Assert.That(Played(67), Is.EqualTo($"9:{Bard("drum/lane/16/note")}"));
        Tap(101);
        Assert.That(Played(60), Is.EqualTo("0:60"));
    }

    [Test]
    public void The_metronome_its_tempo_and_signatures_also_two_at_once()
    {
        Tap(107);
        Assert.That(Bard("metronome/on"), Is.EqualTo("1"));
        Down(107);
        foreach (var (key, tempo) in new[] { (102, 60), (103, 80), (104, 100), (105, 120), (106, 200) })
        {
            Tap((byte)key);
            Assert.That(studio.Rig.Number("/transport/tempo"), Is.EqualTo(tempo));
        }
        Up(107);
        // Choosing a tempo neither switches the metronome nor starts a drum pattern.
        Assert.That((Bard("metronome/on"), Bard("drum/on")), Is.EqualTo(("1", "0")));
        foreach (var (key, signature) in new[] { (102, "7 8"), (103, "4 4"), (104, "6 8"), (105, "3 4"), (106, "2 4") })
        {
            Down(108);
            Tap((byte)key);
            Up(108);
            Assert.That(studio.Rig.Value("/transport/signature"), Is.EqualTo(signature));
            Assert.That(Bard("metronome/second"), Is.EqualTo("0"));
        }
        // 4/4 with three against it.
        Down(108);
        Down(103);
        Down(105);
        Up(103);
        Up(105);
        Up(108);
        Assert.That(studio.Rig.Value("/transport/signature"), Is.EqualTo("4 4"));
        Assert.That(Bard("metronome/second"), Is.EqualTo("3"));
    }

    [Test]
    public void Two_halves_play_their_own_channels_entered_as_numbers()
    {
        Tap(21);
        Down(73);
        Tap(87);
        Up(73);
        Tap(23);
        Down(73);
        Tap(89);
        Up(73);
        Assert.That(Played(59), Is.EqualTo("3:59"));
        Assert.That(Played(60), Is.EqualTo("5:60"));
        // Both at once: whole again; what is set now holds for both.
        Down(21);
        Down(23);
        Up(21);
        Up(23);
        Tap(73);
        Tap(84);
        Assert.That(Played(59), Is.EqualTo("0:59"));
    }

    [Test]
    public void Programs_and_banks_go_down_and_up_and_both_keys_are_nought()
    {
        studio.Rig.Send("/server/subscribe", "/server/trace");
        studio.Rig.Send("/server/trace", 1);
        studio.Rig.TakeReplies();
        Tap(77);
        Tap(77);
        Tap(76);
        Tap(75);
        Down(76);
        Tap(77);
        Up(76);
        Tap(74);
        Assert.That(studio.Said().Where(s => s.StartsWith("/fluid", StringComparison.Ordinal)),
            Is.EqualTo(new[] { "/fluid/program 1 1 0", "/fluid/program 1 2 0", "/fluid/program 1 1 0", "/fluid/program 1 1 1", "/fluid/program 1 0 1", "/fluid/program 1 0 1", "/fluid/program 1 0 0" }));
    }

    [Test]
    public void Twenty_four_presets_are_stored_and_recalled()
    {
        Tap(82);
        Tap(96);
        Tap(98);
        Down(22);
        Tap(24);
        Up(22);
        Tap(78);
        Tap(96);
        Tap(97);
        Down(83);
        Tap(91);
        Up(83);
        Down(22);
        Tap(47);
        Up(22);
        Tap(24);
        Assert.That((Bard("transpose"), Bard("arp/on"), Bard("arp/pattern"), Bard("key_signature")), Is.EqualTo(("1", "1", "down", "0")));
        Tap(47);
        Assert.That((Bard("transpose"), Bard("arp/on"), Bard("arp/pattern"), Bard("key_signature")), Is.EqualTo(("0", "0", "up", "2")));
        // An empty one changes nothing.
        Tap(30);
        Assert.That(Bard("key_signature"), Is.EqualTo("2"));
        // What the desk believes follows the preset: the next step starts there.
        Tap(24);
        Tap(82);
        Assert.That(Bard("transpose"), Is.EqualTo("2"));
    }

    [Test]
    public void The_whole_evening_ends_in_the_expected_state_and_no_note_hangs()
    {
        Down(83);
        Tap(90);
        Up(83);
        Tap(82);
        Tap(82);
        Tap(80);
        // Playing goes on meanwhile, a key is still down when everything changes.
        Down(60);
        Tap(78);
        Tap(81);
        Up(60);
        Down(107);
        Tap(104);
        Up(107);
        Down(108);
        Tap(105);
        Up(108);
        Tap(96);
        Tap(100);
        Tap(107);
        Tap(105);
        Down(22);
        Tap(24);
        Up(22);
        Tap(96);
        Tap(105);
        Send(0xB0, 67, 0);
        Tap(100);
        // The pedal is up: 100 was a note. Down again: preset 1.
        Send(0xB0, 67, 127);
        Tap(24);
        Send(0xB0, 67, 0);
        Assert.That(new[] { "transpose", "key_signature", "arp/on", "arp/pattern", "arp/record", "drum/on", "drum/pattern", "drum/record", "metronome/on", "metronome/second", "scale", "chord" }
            .Select(leaf => $"{leaf} {Bard(leaf)}"), Is.EqualTo(new[]
        {
            "transpose -1", "key_signature 1", "arp/on 1", "arp/pattern random", "arp/record 0", "drum/on 1", "drum/pattern 4", "drum/record 0", "metronome/on 1", "metronome/second 0", "scale major", "chord ",
        }));
        Assert.That((studio.Rig.Number("/transport/tempo"), studio.Rig.Value("/transport/signature")), Is.EqualTo((100.0, "3 4")));
        studio.Rig.Send("/bard/drum/on", 0);
        studio.Rig.Send("/bard/metronome/on", 0);
        studio.Rig.Render(48000, 480);
        Assert.That(Bard("sounding"), Is.EqualTo("0"));
        var sounding = new HashSet<int>();
        foreach (var n in studio.Heard)
            if (n.IsOn) sounding.Add(n.Channel << 7 | n.Pitch);
            else if (n.IsOff) sounding.Remove(n.Channel << 7 | n.Pitch);
        Assert.That(sounding, Is.Empty);
        Assert.That(studio.Log, Is.Empty);
    }

    [Test]
    public void Pulling_the_cable_ends_the_desk_and_what_it_records()
    {
        Hold(104);
        Down(60);
        studio.Unplug(piano);
        studio.Rig.Render(480);
        Assert.That(Bard("drum/record"), Is.EqualTo("0"));
        Assert.That(Bard("sounding"), Is.EqualTo("0"));
    }
}
