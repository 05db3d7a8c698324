using OscLooper.Bard;

namespace OscLooper.Tests.Bard;

public class PitchTests
{
    static readonly QuantizeMode[] IntoScale = [QuantizeMode.Nearest, QuantizeMode.Down, QuantizeMode.Up];
    static readonly IReadOnlyList<Words.Entry> Scales = Words.Scales;

    [Test]
    public void All_92_scales_and_107_chords_are_known_by_every_name()
    {
        Assert.That((Words.Scales.Count, Words.Chords.Count), Is.EqualTo((92, 107)));
        foreach (var scale in Words.Scales)
        {
            foreach (var name in scale.Aliases.Append(scale.Name)) Assert.That(Words.ScaleMask(name), Is.EqualTo(scale.Mask), name);
            Assert.That(scale.Semitones, Is.Ordered.Ascending.And.All.InRange(0, 11));
            Assert.That(scale.Semitones[0], Is.Zero);
            Assert.That(Words.ScaleMask(string.Join(' ', scale.Semitones)), Is.EqualTo(scale.Mask));
        }
        foreach (var chord in Words.Chords)
        {
            foreach (var symbol in chord.Aliases) Assert.That(Words.ChordMask(symbol), Is.EqualTo(chord.Mask), symbol);
            Assert.That(chord.Semitones, Is.Ordered.Ascending.And.Unique.And.All.InRange(0, 24));
        }
    }

    [Test]
    public void The_embedded_lists_are_those_of_the_shared_data()
    {
        foreach (var (file, entries) in new[] { ("scales-92.txt", Words.Scales), ("chords-107.txt", Words.Chords) })
            Assert.That(entries.Select(e => string.Join(' ', e.Semitones)), Is.EqualTo(File.ReadAllLines(SharedFolder.Need(file)).Select(line => line.Split('|')[2].Trim())), file);
    }

    [Test]
    public void The_scales_that_everybody_needs_are_there([Values("major", "minor", "dorian", "phrygian", "lydian", "mixolydian", "locrian", "harmonic minor", "melodic minor",
        "harmonic major", "major pentatonic", "minor pentatonic", "major blues", "minor blues", "whole tone", "half-whole", "whole-half", "phrygian dominant",
        "hungarian minor", "double harmonic", "hirajoshi", "in-sen", "altered", "chromatic")] string name) => Assert.That(Words.ScaleMask(name), Is.Not.Null);

    [Test]
    public void Nearest_in_c_major_goes_down_on_a_tie()
    {
        var major = new Scale((int)Words.ScaleMask("major")!, 0);
        Assert.That(Enumerable.Range(0, 12).Select(n => major.Quantize(n, QuantizeMode.Nearest)), Is.EqualTo(new[] { 0, 0, 2, 2, 4, 5, 5, 7, 7, 9, 9, 11 }));
        Assert.That(Enumerable.Range(60, 12).Select(n => major.Quantize(n, QuantizeMode.Degrees)), Is.EqualTo(new[] { 60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70, 71 }));
        var pentatonic = new Scale((int)Words.ScaleMask("major pentatonic")!, 2);
        Assert.That(new[] { 60, 62, 64, 65, 67, 69 }.Select(n => pentatonic.Quantize(n, QuantizeMode.Degrees)), Is.EqualTo(new[] { 62, 64, 66, 69, 71, 74 }));
    }

    [TestCaseSource(nameof(Scales))]
    public void Quantising_keeps_its_promises(object entry)
    {
        var semitones = ((Words.Entry)entry).Semitones;
        var gap = semitones.Zip(semitones.Skip(1).Append(semitones[0] + 12)).Max(p => p.Second - p.First);
        for (var root = 0; root < 12; root++)
        {
            var scale = new Scale((int)((Words.Entry)entry).Mask, root);
            foreach (var mode in IntoScale)
                for (var n = 0; n < 128; n++)
                {
                    var q = scale.Quantize(n, mode);
                    Assert.That(semitones, Does.Contain(Scale.Class(q - root)), "S1");
                    Assert.That(scale.Quantize(q, mode), Is.EqualTo(q), "S2");
                    Assert.That(scale.Quantize(n + 1, mode), Is.GreaterThanOrEqualTo(q), "S3");
                    Assert.That(Math.Abs(q - n), Is.LessThanOrEqualTo(gap), "S4");
                    Assert.That(scale.Quantize(n + 12, mode), Is.EqualTo(q + 12), "S5");
                }
        }
    }

    [Test]
    public void A_key_signature_gives_every_white_key_a_note_of_its_scale([Range(-6, 6)] int key)
    {
        var major = new Scale((int)Words.ScaleMask("major")!, Scale.Class(key * 7));
        var whites = new[] { 60, 62, 64, 65, 67, 69, 71 }.Select(n => Scale.Signed(n, key)).ToArray();
        Assert.That(whites.Select(n => major.Has(n)), Is.All.True);
        Assert.That(whites, Is.Unique.And.Ordered);
        Assert.That(whites.Zip(new[] { 60, 62, 64, 65, 67, 69, 71 }).Count(p => p.First != p.Second), Is.EqualTo(Math.Abs(key)));
    }

    [TestCase(0.5, 64, 90)]
    [TestCase(2, 64, 32)]
    [TestCase(3, 1, 1)]
    [TestCase(0.6, 1, 7)]
    [TestCase(0.6, 64, 84)]
    [TestCase(1.7, 64, 40)]
    [TestCase(1, 77, 77)]
    public void Velocity_curves_are_exact(double curve, int velocity, int expected) => Assert.That(new Velocity { Curve = curve }.Of(velocity), Is.EqualTo(expected));

    [Test]
    public void Velocity_goes_into_its_range()
    {
        var stage = new Velocity { Low = 40, High = 80 };
        Assert.That(new[] { 1, 64, 127 }.Select(stage.Of), Is.EqualTo(new[] { 40, 60, 80 }));
    }

    [Test]
    public void A_diatonic_chord_takes_the_notes_of_the_scale()
    {
        var table = new Table().With("""{"style":"chord","degrees":[0,2,4],"scale":"major","root":0}""");
        Assert.That(table.On(62).On(71).Pitches(), Is.EqualTo("62 65 69 71 74 77"));
    }

    [TestCase("""{"style":"chord","chord":"maj7","drop":2}""", "55 60 64 71")]
    [TestCase("""{"style":"chord","chord":"maj7","drop":3}""", "52 60 67 71")]
    [TestCase("""{"style":"chord","chord":"maj7","spread":1}""", "60 67 76 83")]
    [TestCase("""{"style":"chord","chord":"0 4 7","inversion":2}""", "67 72 76")]
    public void Voicings_are_exact(string stage, string pitches) => Assert.That(new Table().With(stage).On(60).Pitches(), Is.EqualTo(pitches));

    [Test]
    public void An_inversion_puts_the_lowest_notes_on_top()
    {
        var table = new Table().With("""{"style":"chord","chord":"maj7","inversion":1}""");
        Assert.That(table.On(60).Pitches(), Is.EqualTo("64 67 71 72"));
    }
}
