using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using OscLooper.Dsp;

namespace OscLooper.Tests.Dsp.Midi;

/// <summary>One small file for each property of the format; the manifest says what becomes of it.</summary>
public partial class MidiCorpusTests
{
    static readonly string corpus = Path.Combine(Checkout.Root, "tests", "OscLooper.Tests", "Dsp", "Midi", "smf");
    static readonly string thirdParty = Path.Combine(Checkout.Root, "..", "shared", "data", "smf-third-party");

    internal static IEnumerable<string> Files => Directory.GetFiles(corpus, "*.mid").Order();

    static IEnumerable<TestCaseData> Rows()
    {
        using var manifest = JsonDocument.Parse(File.ReadAllText(Path.Combine(corpus, "manifest.json")));
        foreach (var row in manifest.RootElement.EnumerateObject())
            yield return new TestCaseData(row.Name, row.Value.GetProperty("lenient").GetString(), row.Value.GetProperty("strict").GetString()).SetArgDisplayNames(row.Name);
    }

    static MidiFile Read(string name, MidiReading reading = MidiReading.Lenient) => MidiFile.Read(Path.Combine(corpus, name), reading);

    [Test]
    public void The_manifest_names_every_file()
    {
        Assert.That(Rows().Select(row => row.Arguments[0]), Is.EquivalentTo(Files.Select(Path.GetFileName)));
        Assert.That(Rows().Count(), Is.EqualTo(49));
    }

    [TestCaseSource(nameof(Rows))]
    public void Strict_reading_holds(string name, string lenient, string strict)
    {
        if (strict.StartsWith("reject", StringComparison.Ordinal)) Assert.That(() => Read(name, MidiReading.Strict), Throws.InstanceOf<MidiFileException>());
        else Assert.That(Read(name, MidiReading.Strict).Warnings, Is.Empty);
    }

    [TestCaseSource(nameof(Rows))]
    public void Lenient_reading_holds(string name, string lenient, string strict)
    {
        if (lenient.StartsWith("reject", StringComparison.Ordinal) && !lenient.Contains("track") && !lenient.Contains(" or "))
        {
            Assert.That(() => Read(name), Throws.InstanceOf<MidiFileException>());
            return;
        }
        MidiFile file;
        try { file = Read(name); }
        catch (MidiFileException) when (lenient.Contains("reject")) { return; }      // "reject or warning"

        if (lenient.Contains("warning")) Assert.That(file.Warnings, Is.Not.Empty);
        else if (name.StartsWith("ok-", StringComparison.Ordinal)) Assert.That(file.Warnings, Is.Empty);
        if (Notes().Match(lenient) is { Success: true } notes)
            Assert.That(file.GetNotes(), Has.Count.EqualTo(int.Parse(notes.Groups[1].Value, CultureInfo.InvariantCulture)));
        if (Seconds().Match(lenient) is { Success: true } seconds)
            Assert.That(file.GetTempoMap().SecondsAt(file.GetNotes()[0].EndTick) - file.GetTempoMap().SecondsAt(file.GetNotes()[0].Tick),
                Is.EqualTo(double.Parse(seconds.Groups[1].Value, CultureInfo.InvariantCulture)).Within(1e-4));
    }

    [GeneratedRegex(@"(\d+) notes?\b")]
    private static partial Regex Notes();

    [GeneratedRegex(@"([0-9.]+) s$")]
    private static partial Regex Seconds();

    [Test]
    public void The_single_rows_say_what_they_hold()
    {
        Assert.Multiple(() =>
        {
            Assert.That(Read("ok-format2.mid").Tracks.Select(track => track.GetNotes().Single().Pitch), Is.EqualTo(new[] { 60, 62 }), "two sequences");
            Assert.That(Read("ok-timesig-7-8.mid").GetTempoMap().SignatureAt(0), Is.EqualTo((7, 8)));
            Assert.That(Read("ok-keysig-min.mid").Tracks[0].Single(e => e.IsMeta(MidiEvent.KeyType)).Key, Is.EqualTo((-5, true)));
            Assert.That(Read("ok-sysex-split.mid").Tracks[0].Where(e => e.Status is 0xF0 or 0xF7).Select(e => e.Data.ToArray()),
                Is.EqualTo(new[] { new byte[] { 0x43, 0x12, 0 }, [7, 0xF7] }));
            Assert.That(Read("ok-f7-escape.mid").Tracks[0].Single(e => e.Status == 0xF7).Data.ToArray(), Is.EqualTo(new byte[] { 0xF8 }));
            Assert.That(Read("ok-overlap-same-key.mid").GetNotes().Select(note => (note.Velocity, note.Length)), Is.EqualTo(new[] { (100, 192L), (80, 192L) }), "first in, first out");
            Assert.That(Read("ok-zero-length-note.mid").GetNotes().Single().Length, Is.Zero);
            Assert.That(Read("ok-loop-markers.mid").Tracks[0].Where(e => e.IsMeta(MidiEvent.MarkerType)).Select(e => e.Text), Is.EqualTo(new[] { "loopStart", "loopEnd" }));
            Assert.That(Read("ok-utf8-name.mid").Tracks[0].Name, Is.EqualTo("boîé"));
            Assert.That(Read("ok-div-32767.mid").Division.TicksPerBeat, Is.EqualTo(32767));
            Assert.That(Read("bad-format-7.mid").Format, Is.EqualTo(1));
            Assert.That(Read("bad-hanging-note.mid").GetNotes().Single().EndTick, Is.EqualTo(960), "closed at the end of the track");
            Assert.That(Read("bad-delta-huge.mid").GetNotes().Single().EndTick, Is.EqualTo(536_870_910));
            Assert.That(Read("bad-tempo-0.mid").GetTempoMap().TempoAt(0), Is.EqualTo(120));
            Assert.That(Read("bad-tempo-len4.mid").GetTempoMap().TempoAt(0), Is.EqualTo(120));
            Assert.That(Read("bad-timesig-den.mid").GetTempoMap().SignatureAt(0), Is.EqualTo((4, 4)));
            Assert.That(Read("bad-param-over-127.mid").GetNotes().Single().Velocity, Is.EqualTo(127));
            Assert.That(Read("bad-chunk-too-short.mid").GetNotes(), Has.Count.EqualTo(3), "up to the cut");
        });
    }

    [TestCaseSource(nameof(Files))]
    public void What_was_read_and_written_stays_the_same(string path) => StaysTheSame(path);

    static void StaysTheSame(string path)
    {
        MidiFile file;
        try { file = MidiFile.Read(path); }
        catch (MidiFileException) { return; }

        var written = file.ToBytes();
        var again = MidiFile.Read(written, MidiReading.Strict);
        Assert.That(again.Tracks.Select(Words), Is.EqualTo(file.Tracks.Select(Words)), "the same events, and nothing odd any more");
        Assert.That(again.Tracks.Select(track => track.EndTick), Is.EqualTo(file.Tracks.Select(track => track.EndTick)));
        Assert.That(again.ToBytes(), Is.EqualTo(written), "the same bytes");
    }

    static string Words(MidiTrack track) =>
        string.Join('\n', track.Select(e => $"{e.Tick} {e.Status:X2} {e.Type:X2} {Convert.ToHexString(e.Data.Span)}"));

    [Test]
    public void Other_peoples_files_are_read()
    {
        if (!Directory.Exists(thirdParty)) Assert.Ignore("../shared/data/smf-third-party is not there: nothing to compare with (tests/data/README.md says where it is to be had)");
        var files = Directory.GetFiles(thirdParty, "*.mid");
        Assert.That(files, Is.Not.Empty);
        var read = 0;
        foreach (var path in files)
        {
            StaysTheSame(path);
            try
            {
                if (MidiFile.Read(path).Tracks.Count > 0) read++;
            }
            catch (MidiFileException e) { Assert.That(Path.GetFileName(path), Is.EqualTo("test-empty-file.mid"), e.Message); }
        }
        Assert.That(read, Is.EqualTo(files.Length - 1), "all but the empty one");
        Assert.That(MidiFile.Read(Path.Combine(thirdParty, "test-c-major-scale.mid"), MidiReading.Strict).GetNotes().Take(3).Select(note => note.Pitch),
            Is.EqualTo(new[] { 60, 62, 64 }));
        foreach (var bad in new[] { "test-illegal-message-f1-xx.mid", "test-corrupt-file-extra-byte.mid" })
            Assert.That(() => MidiFile.Read(Path.Combine(thirdParty, bad), MidiReading.Strict), Throws.InstanceOf<MidiFileException>(), bad);
    }
}
