using OscLooper.Bard;

namespace OscLooper.Tests.Bard;

/// <summary>T1..T12 of facts/bard.md 3.2, and rules of the ledger that they leave out.</summary>
public class GoldenTests
{
    readonly Table table = new();

    [Test]
    public void T1_without_settings_a_note_goes_out_as_it_came()
    {
        table.On(0x3C, 0x64);
        Assert.That(table.TakeAll(), Is.EqualTo(new[] { new OutEvent(0, 0, 0x90, 0x3C, 0x64) }));
        Assert.That(table.Off(0x3C).Said(), Is.EqualTo("off 60@1"));
    }

    [Test]
    public void T2_drop_drops() => Assert.That(table.With("""{"style":"drop"}""").On(60).Off(60).Said(), Is.Empty);

    [Test]
    public void T3_a_release_follows_what_was_sent_not_the_present_transposition()
    {
        table.Stages.Transpose.Semitones = 7;
        table.On(60);
        table.Stages.Transpose.Semitones = 0;
        Assert.That(table.Off(60).Said(), Is.EqualTo("on 67@1 off 67@1"));
    }

    [Test]
    public void T4_a_chord_sounds_and_ends_note_by_note()
    {
        table.Stages.Chord.Mask = (long)Words.ChordMask("0 4 7")!;
        Assert.That(table.On(60).Said(), Is.EqualTo("on 60@1 on 64@1 on 67@1"));
        Assert.That(table.Off(60).TakeAll().Select(e => (e.Status, e.First)), Is.EquivalentTo(new[] { (0x80, 60), (0x80, 64), (0x80, 67) }));
    }

    [Test]
    public void T5_one_flat_leads_d_sharp_down_to_d()
    {
        table.Stages.KeySignature.Key = -1;
        Assert.That(table.On(63).Off(63).Said(), Is.EqualTo("on 62@1 off 62@1"));
    }

    [Test]
    public void T6_velocity_0_is_a_release_whatever_the_fixed_velocity()
    {
        table.Stages.Velocity.Fixed = 100;
        table.On(60, 5).On(60, 0);
        Assert.That(table.TakeAll(), Is.EqualTo(new[] { new OutEvent(0, 0, 0x90, 60, 100), new OutEvent(0, 0, 0x80, 60, 64) }));
    }

    [Test]
    public void T7_beyond_127_nothing_sounds_and_nothing_ends()
    {
        table.Stages.Transpose.Semitones = 60;
        Assert.That(table.On(100).Off(100).On(127).On(67).Off(127).Off(67).Said(), Is.EqualTo("on 127@1 off 127@1"));
    }

    [Test]
    public void T8_a_note_that_two_hold_sounds_till_the_second_lets_go()
    {
        Assert.That(table.On(60, source: 0).On(60, source: 1).Said(), Is.EqualTo("on 60@1 off 60@1 on 60@1"));
        Assert.That(table.Off(60, source: 0).Said(), Is.Empty);
        Assert.That(table.Off(60, source: 1).Said(), Is.EqualTo("off 60@1"));
    }

    [Test]
    public void T9_a_key_struck_twice_ends_and_begins_and_one_release_ends_it() =>
        Assert.That(table.On(60).On(60).Off(60).Off(60).Said(), Is.EqualTo("on 60@1 off 60@1 on 60@1 off 60@1"));

    [Test]
    public void T10_a_circle_of_routes_is_refused_by_name_and_the_old_arrangement_stays()
    {
        table.With("""{"style":"transpose","semitones":12}""");
        const string circle = """{"sources":{"*":"a"},"arrangements":{"a":[{"style":"route","to":"b"}],"b":[{"style":"split","zones":[{"to":"a"}]}]}}""";
        Assert.That(ArrangementReader.Read(circle, table.Stages.Drum, table.Stages.Steppers, out var why), Is.Null);
        Assert.That(why, Is.EqualTo("cycle: a -> b -> a"));
        Assert.That(table.On(60).Said(), Is.EqualTo("on 72@1"));
    }

    [Test]
    public void T11_a_source_with_its_channel_beats_the_source()
    {
        table.Arrange("""{"sources":{"MPKmini":"keys","MPKmini.9":"pads"},"arrangements":{"keys":[{"style":"octave","octaves":1}],"pads":[{"style":"out","output":2}]}}""");
        Assert.That(table.On(60).On(36, channel: 9).Said(), Is.EqualTo("on 72@1 on 36@10/2"));
    }

    [Test]
    public void T12_panic_ends_each_note_once_then_resets_the_used_channels_only()
    {
        table.On(60, source: 0).On(60, source: 1).On(64).On(50, channel: 3).Said();
        table.Performer.Panic(0);
        Assert.That(table.Said(), Is.EqualTo("off 60@1 off 64@1 off 50@4 control 120 0@1 control 123 0@1 control 120 0@4 control 123 0@4"));
        Assert.That(table.Off(60).Off(64).Said(), Is.Empty);
        table.Performer.Panic(0);
        Assert.That(table.Said(), Is.Empty);
    }

    [Test]
    public void Panic_lifts_pedals_and_centres_bends_that_went_out()
    {
        table.Hear(0xB0, 64, 127).Hear(0xB1, 66, 100).Hear(0xB1, 66, 0).Hear(0xE0, 0, 100).Said();
        table.Performer.Panic(0);
        Assert.That(table.Said(), Is.EqualTo("control 64 0@1 bend 8192@1 control 120 0@1 control 123 0@1 control 120 0@2 control 123 0@2"));
    }

    [Test]
    public void Another_arrangement_lifts_the_pedal_where_it_was_pressed()
    {
        table.With("""{"style":"channel","channel":4}""").Hear(0xB0, 64, 127);
        Assert.That(table.Said(), Is.EqualTo("control 64 127@5"));
        table.With("""{"style":"channel","channel":5}""");
        Assert.That(table.Said(), Is.EqualTo("control 64 0@5"));
    }

    [Test]
    public void A_source_that_is_unplugged_takes_only_its_own_along()
    {
        table.On(60, source: 0).On(62, source: 1).Said();
        table.Performer.Unplug(0, 0);
        Assert.That(table.Said(), Is.EqualTo("off 60@1"));
    }

    [Test]
    public void Pressure_follows_its_note()
    {
        table.Stages.Transpose.Semitones = 5;
        table.On(60);
        table.Stages.Transpose.Semitones = 0;
        Assert.That(table.Hear(0xA0, 60, 33).Said(), Is.EqualTo("on 65@1 a0 65 33@1"));
    }

    [Test]
    public void Drums_are_not_transposed()
    {
        table.Stages.Transpose.Semitones = 5;
        Assert.That(table.On(36, channel: 9).Said(), Is.EqualTo("on 36@10"));
    }
}
