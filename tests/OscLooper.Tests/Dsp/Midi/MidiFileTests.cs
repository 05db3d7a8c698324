using OscLooper.Dsp;

namespace OscLooper.Tests.Dsp.Midi;

public class MidiFileTests
{
    static MidiTrackBuilder Track => new();

    [Test]
    public void A_written_song_is_read_as_it_was_meant()
    {
        using var folder = new TemporaryFolder();
        Note[] notes = [new(0, 480, 0, 60, 100), new(480, 240, 9, 36, 1, 0), new(480, 0, 9, 38, 127), new(960, 1, 15, 127, 64)];
        var conductor = Track.Text(0, MidiEvent.NameType, "Göta älv").Tempo(0, 98.5).Signature(0, 6, 8).Tempo(960, 200).Build(1920);
        var part = Track;
        foreach (var note in notes.Reverse()) part.Add(note);
        part.Program(0, 0, 48).Control(0, 0, 7, 90).Bend(100, 0, -8192).Bend(200, 0, 8191);
        new MidiFile(1, MidiDivision.OfBeat(480), [conductor, part.Build()]).Write(folder["a.mid"]);

        var file = MidiFile.Read(folder["a.mid"], MidiReading.Strict);
        Assert.That(folder.Names, Is.EqualTo(new[] { "a.mid" }));
        Assert.That(file.GetNotes(), Is.EquivalentTo(notes));
        Assert.That(file.GetNotes().Select(note => note.Tick), Is.Ordered);
        Assert.That((file.Format, file.Division, file.Tracks[0].Name, file.Tracks[0].EndTick), Is.EqualTo((1, MidiDivision.OfBeat(480), "Göta älv", 1920L)));
        Assert.That(file.GetTempoMap().TempoAt(0), Is.EqualTo(98.5).Within(1e-4));
        Assert.That(file.GetTempoMap().SignatureAt(5), Is.EqualTo((6, 8)));
        Assert.That(file.Tracks[1].Where(e => (e.Status & 0xF0) == 0xE0).Select(e => (e.Data1, e.Data2)), Is.EqualTo(new[] { (0, 0), (127, 127) }));
    }

    [Test]
    public void At_one_tick_ends_come_before_begins_except_of_a_note_without_length()
    {
        var track = Track.Add(new Note(480, 480, 0, 60, 99)).Add(new Note(0, 480, 0, 60, 100)).Add(new Note(480, 0, 0, 72, 50)).Control(480, 0, 64, 0).Build();
        Assert.That(track.Where(e => e.Tick == 480).Select(e => (e.Status, e.Data1)),
            Is.EqualTo(new[] { ((byte)0x80, 60), ((byte)0xB0, 64), ((byte)0x90, 60), ((byte)0x90, 72), ((byte)0x80, 72) }));
        Assert.That(track.GetNotes(), Has.Count.EqualTo(3));
    }

    [Test]
    public void Every_event_can_be_copied_from_one_track_to_another()
    {
        foreach (var path in MidiCorpusTests.Files.Where(path => Path.GetFileName(path).StartsWith("ok-", StringComparison.Ordinal)))
            foreach (var track in MidiFile.Read(path).Tracks)
            {
                var copy = Track;
                foreach (var e in track) copy.Add(e);
                Assert.That(copy.Build(track.EndTick).Count(), Is.EqualTo(track.Count()), path);
            }
    }

    [TestCase(0L)]
    [TestCase(127L)]
    [TestCase(128L)]
    [TestCase(0x3FFFL)]
    [TestCase(0x4000L)]
    [TestCase(0x1FFFFFL)]
    [TestCase(0x200000L)]
    [TestCase(0x0FFFFFFFL)]
    [TestCase(0x10000000L)]
    [TestCase(3_000_000_000L)]
    public void Any_distance_can_be_written(long tick)
    {
        var track = Track.Control(tick, 0, 1, 2).Build();
        var read = MidiFile.Read(new MidiFile(0, MidiDivision.OfBeat(96), [track]).ToBytes(), MidiReading.Strict).Tracks[0];
        Assert.That(read.Single(e => e.IsChannel).Tick, Is.EqualTo(tick));
        Assert.That(read.EndTick, Is.EqualTo(tick));
    }

    [Test]
    public void Text_that_is_not_utf8_is_latin1()
    {
        var track = Track.Add(new MidiEvent(0, 0xFF, MidiEvent.LyricType, new byte[] { 0x62, 0x6F, 0xEE, 0xE9 })).Build();
        Assert.That(track.Single().Text, Is.EqualTo("boîé"));
    }

    [Test]
    public void What_cannot_be_written_is_refused()
    {
        Assert.Multiple(() =>
        {
            Refused(() => _ = Track.Add(new Note(-1, 1, 0, 60, 1)));
            Refused(() => _ = Track.Add(new Note(0, -1, 0, 60, 1)));
            Refused(() => _ = Track.Add(new Note(0, 1, 16, 60, 1)));
            Refused(() => _ = Track.Add(new Note(0, 1, 0, 128, 1)));
            Refused(() => _ = Track.Add(new Note(0, 1, 0, 60, 0)));
            Refused(() => _ = Track.Add(new Note(long.MaxValue, 1, 0, 60, 1)));
            Refused(() => _ = Track.Control(0, 0, 1, 128));
            Refused(() => _ = Track.Bend(0, 0, 8192));
            Refused(() => _ = Track.Tempo(0, 0));
            Refused(() => _ = Track.Tempo(0, double.NaN));
            Refused(() => _ = Track.Tempo(0, 3));
            Refused(() => _ = Track.Signature(0, 4, 3));
            Refused(() => _ = Track.Add(new MidiEvent(0, 0xFF, MidiEvent.TempoType, new byte[3])));
            Refused(() => _ = Track.Add(new MidiEvent(0, 0xFF, MidiEvent.EndType, default)));
            Refused(() => _ = Track.Add(new MidiEvent(0, 0xF8, 0, default)));
            Refused(() => _ = MidiDivision.OfBeat(0));
            Refused(() => _ = MidiDivision.OfFilm(27, 40));
            Refused(() => _ = new MidiFile(0, MidiDivision.OfBeat(96), []));
            Refused(() => _ = new MidiFile(3, MidiDivision.OfBeat(96), []));
            Refused(() => _ = new MidiFile(1, default, []));
            Refused(() => _ = MidiFile.Read("no such file.mid"));
            Refused(() => _ = MidiFile.Read(""));
        });

        static void Refused(Action action) => Assert.That(action, Throws.InstanceOf<MidiFileException>());
    }

    [Test]
    public void After_a_wrong_length_the_next_track_is_found()
    {
        var good = new MidiFile(1, MidiDivision.OfBeat(96), [Track.Add(new Note(0, 96, 0, 60, 1)).Build(), Track.Add(new Note(0, 96, 0, 62, 1)).Build()]).ToBytes();
        good[21] -= 4;             // the first track is longer than its length says
        var file = MidiFile.Read(good);
        Assert.That(file.GetNotes().Select(note => note.Pitch), Is.EqualTo(new[] { 60, 62 }));
        Assert.That(file.Warnings, Is.Not.Empty);
    }
}
