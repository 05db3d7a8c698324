using OscLooper.Server.Midi;

namespace OscLooper.Tests.Server.Midi;

public class MidiNamesTests
{
    [TestCase("a2j:APC Key 25 [20] (capture): APC Key 25 MIDI 1", "APC Key 25 MIDI 1")]
    [TestCase("APC Key 25:APC Key 25 MIDI 1 20:0", "APC Key 25 MIDI 1")]
    [TestCase("APC Key 25 mk2:APC Key 25 mk2 APC Key 25 mk2 C 32:1", "APC Key 25 mk2 APC Key 25 mk2 C")]
    [TestCase("Midi-Bridge:MPK mini 3 MIDI 1 (playback)", "MPK mini 3 MIDI 1")]
    [TestCase("alsa_pcm:APC-Key-25/midi_capture_1", "APC-Key-25 MIDI 1")]
    [TestCase("system:midi_capture_1", "midi_capture_1")]
    [TestCase("MicroFreak:Arturia", "MicroFreak:Arturia")]
    [TestCase("MIDIIN2 (APC Key 25 mk2)", "MIDIIN2 (APC Key 25 mk2)")]
    public void What_changes_from_day_to_day_is_left_out(string full, string tidy) => Assert.That(MidiNames.Tidy(full), Is.EqualTo(tidy));

    [Test]
    public void Two_of_a_kind_are_numbered() =>
        Assert.That(MidiNames.Tidy(["a2j:X [20] (capture): X", "a2j:X [24] (capture): X"]).Select(n => n.Name), Is.EqualTo(new[] { "X", "X 2" }));
}
