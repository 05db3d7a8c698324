using OscLooper.Dsp;

namespace OscLooper.Tests.Dsp.Midi;

public class TempoMapTests
{
    static TempoMap Map(int ticksPerBeat, Action<MidiTrackBuilder> build)
    {
        var builder = new MidiTrackBuilder();
        build(builder);
        return new TempoMap(MidiDivision.OfBeat(ticksPerBeat), [builder.Build()]);
    }

    static readonly TempoMap wild = Map(480, track =>
    {
        var random = new Random(4);
        for (var i = 0; i < 300; i++) track.Tempo(random.Next(200_000), 20 + random.NextDouble() * 380);
    });

    [Test]
    public void Without_a_word_it_is_120_in_four_four()
    {
        var map = Map(480, _ => { });
        Assert.That((map.TempoAt(0), map.SignatureAt(99), map.SecondsAt(960), map.TickAt(0.5)), Is.EqualTo((120.0, (4, 4), 1.0, 480L)));
    }

    [Test]
    public void Seconds_lead_back_to_their_tick()
    {
        foreach (var map in new[] { wild, Map(1, _ => { }), Map(32767, track => track.Tempo(77, 399)), new TempoMap(MidiDivision.OfFilm(29, 80), []) })
            for (long tick = 0; tick < 250_000; tick += 37)
                Assert.That(map.TickAt(map.SecondsAt(tick)), Is.EqualTo(tick));
        Assert.That(wild.TickAt(-5), Is.Zero);
    }

    [Test]
    public void Nothing_drifts_over_an_hour()
    {
        // 7200 beats at 120, in ticks that are no round part of a second.
        var map = Map(7, _ => { });
        Assert.That(map.SecondsAt(7L * 7200), Is.EqualTo(3600.0));
        Assert.That(map.FrameAt(7L * 7200, 44100), Is.EqualTo(3600L * 44100));
        Assert.That(map.FrameAt(1, 44100), Is.EqualTo(3150), "44100 / 14");
    }

    [Test]
    public void A_tempo_acts_from_its_own_tick_and_the_last_word_at_a_tick_counts()
    {
        var map = Map(480, track => track.Tempo(480, 33).Tempo(480, 240));
        Assert.That((map.TempoAt(479), map.TempoAt(480)), Is.EqualTo((120.0, 240.0)));
        Assert.That((map.SecondsAt(480), map.SecondsAt(960)), Is.EqualTo((0.5, 0.75)));
    }

    [TestCase(24, 1, 24, 1.0)]
    [TestCase(25, 40, 1000, 1.0)]
    [TestCase(30, 255, 7650, 1.0)]
    [TestCase(29, 100, 3000, 1.001)]
    public void Film_time_is_not_moved_by_a_tempo(int framesPerSecond, int ticksPerFrame, long tick, double seconds)
    {
        var track = new MidiTrackBuilder().Tempo(0, 300).Signature(0, 3, 4).Build();
        var map = new TempoMap(MidiDivision.OfFilm(framesPerSecond, ticksPerFrame), [track]);
        Assert.That(map.SecondsAt(tick), Is.EqualTo(seconds));
        Assert.That(map.TempoAt(0), Is.Zero);
    }

    [Test]
    public void Film_divisions_survive_a_file()
    {
        foreach (var division in new[] { MidiDivision.OfFilm(24, 1), MidiDivision.OfFilm(25, 40), MidiDivision.OfFilm(29, 80), MidiDivision.OfFilm(30, 255) })
            Assert.That(MidiFile.Read(new MidiFile(0, division, [new MidiTrackBuilder().Build()]).ToBytes(), MidiReading.Strict).Division, Is.EqualTo(division));
    }

    [Test]
    public void Bars_follow_the_signature()
    {
        var map = Map(480, track => track.Signature(2 * 1920, 7, 8).Signature(2 * 1920 + 7 * 240 + 5, 3, 4));
        Assert.That(map.BarAt(0), Is.EqualTo((1L, 1.0)));
        Assert.That(map.BarAt(1920 + 720), Is.EqualTo((2L, 2.5)));
        Assert.That(map.BarAt(2 * 1920 + 240), Is.EqualTo((3L, 2.0)), "the beat is now an eighth");
        Assert.That(map.BarAt(2 * 1920 + 7 * 240 + 4).Bar, Is.EqualTo(4));
        Assert.That(map.BarAt(2 * 1920 + 7 * 240 + 5), Is.EqualTo((5L, 1.0)), "a signature inside a bar begins a new one");
    }

    [Test]
    public void Sequences_of_format_2_have_their_own_tempo()
    {
        var file = new MidiFile(2, MidiDivision.OfBeat(96), [new MidiTrackBuilder().Tempo(0, 60).Build(), new MidiTrackBuilder().Tempo(0, 240).Build()]);
        Assert.That((file.GetTempoMap(0).TempoAt(0), file.GetTempoMap(1).TempoAt(0)), Is.EqualTo((60.0, 240.0)));
    }

    [TestCase(0, 1.0, 0)]
    [TestCase(59, 1.0, 0)]
    [TestCase(60, 1.0, 120)]
    [TestCase(130, 1.0, 120)]
    [TestCase(100, 0.5, 110)]
    [TestCase(130, 0.5, 125)]
    [TestCase(100, 0.0, 100)]
    [TestCase(100, 7.0, 120)]
    [TestCase(100, double.NaN, 100)]
    public void A_tick_is_drawn_to_its_line(long tick, double strength, long expected) =>
        Assert.That(new Quantizer(120, strength).Quantize(tick), Is.EqualTo(expected));

    [Test]
    public void A_grid_may_begin_elsewhere_and_nothing_goes_before_the_start()
    {
        Assert.That(new Quantizer(120, 1, 30).Quantize(100), Is.EqualTo(150));
        Assert.That(new Quantizer(120, 1, 100).Quantize(10), Is.Zero, "its line lies before 0");
        Assert.That(() => new Quantizer(0), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [TestCase(QuantizerEnds.StartKeepLength, 120, 200)]
    [TestCase(QuantizerEnds.Start, 120, 210)]
    [TestCase(QuantizerEnds.End, 130, 230)]
    [TestCase(QuantizerEnds.Both, 120, 240)]
    public void The_wished_ends_are_moved(QuantizerEnds ends, long start, long length)
    {
        var moved = new Quantizer(120).Quantize(new Note(130, 200, 3, 60, 99), ends);
        Assert.That(moved, Is.EqualTo(new Note(start, length, 3, 60, 99)));
    }

    [Test]
    public void A_note_does_not_vanish_between_two_lines()
    {
        var quantizer = new Quantizer(120);
        Assert.That(quantizer.Quantize(new Note(130, 20, 0, 60, 1), QuantizerEnds.Both).Length, Is.EqualTo(1));
        Assert.That(quantizer.Quantize(new Note(130, 0, 0, 60, 1), QuantizerEnds.Both).Length, Is.Zero);
        Assert.That(quantizer.Quantize([new Note(70, 5, 0, 60, 1), new Note(10, 5, 0, 62, 1)]).Select(note => note.Tick), Is.EqualTo(new[] { 0L, 120 }));
    }
}
