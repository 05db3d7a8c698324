using OscLooper.Dsp;
using OscLooper.Reaper.Export;
using OscLooper.Reaper.Import;
using OscLooper.Reaper.Midi;
using OscLooper.Reaper.Plugins;
using OscLooper.Reaper.Rpp;
using OscLooper.Reaper.Song;

namespace OscLooper.Tests.Reaper.Export;

public class SessionExportTests
{
    readonly string folder = Directory.CreateTempSubdirectory("osclooper-").FullName;

    [TearDown]
    public void Clean() => Directory.Delete(folder, true);

    const string Session = """
        {
          "version": 1, "name": "jam: one/two", "tempo": 90, "signature": [3, 4],
          "channels": [
            { "number": 1, "name": "drums", "volume": 0.5, "pan": -0.5, "loops": [ { "scene": 1, "beats": 3, "file": "a.wav" }, { "scene": 2, "beats": 6, "file": "b.wav" } ] },
            { "number": 4, "mute": true, "loops": [ { "scene": 1, "beats": 8, "ticks_per_beat": 480, "events": [ { "tick": 0, "data": "903C64" }, { "tick": 480, "data": "803C00" } ] } ] }
          ]
        }
        """;

    [Test]
    public void Every_loop_lies_on_the_beat_grid_in_its_scene()
    {
        Wav("a.wav", 3 * 60 / 90.0);
        Wav("b.wav", 6 * 60 / 90.0 * 1.01);
        var project = Export(Session);

        var tracks = project.Blocks("TRACK").ToList();
        Assert.That(tracks.Select(t => t.String("NAME")), Is.EqualTo(new[] { "drums", "channel 4" }));
        Assert.That((tracks[0].Line("VOLPAN")!.Number(1), tracks[0].Line("VOLPAN")!.Number(2), tracks[1].Line("MUTESOLO")!.At(1)), Is.EqualTo((0.5, -0.5, "1")));
        // Scene 1 lasts as long as its longest loop in whole bars: 8 beats are 3 bars of 3; scene 2: 6 beats.
        var beat = 60 / 90.0;
        Assert.That(Places(tracks[0]), Is.EqualTo(new[] { (0.0, 9 * beat), (9 * beat, 6 * beat) }).Within(1e-9));
        Assert.That(Places(tracks[1]), Is.EqualTo(new[] { (0.0, 9 * beat) }).Within(1e-9));
        Assert.That(project.Lines("MARKER").Select(m => (m.At(3), m.Number(2))), Is.EqualTo(new[] { ("scene 1", 0.0), ("scene 2", 9 * beat) }).Using<(string, double), (string, double)>((a, b) => a.Item1 == b.Item1 && Math.Abs(a.Item2 - b.Item2) < 1e-9));
        Assert.That(project.Line("TEMPO")!.Text, Is.EqualTo("TEMPO 90 3 4 0"));

        var items = tracks[0].Blocks("ITEM").ToList();
        Assert.That(items.Select(i => i.Line("LOOP")!.At(1)), Is.All.EqualTo("1"));
        Assert.That(items[0].Line("PLAYRATE")!.Number(1), Is.EqualTo(1));
        Assert.That(items[1].Line("PLAYRATE")!.Number(1), Is.EqualTo(1.01).Within(1e-4), "audio a little too long is played a little faster, so that it stays on the grid");
        Assert.That(items[0].Block("SOURCE")!.Line("FILE")!.Text, Is.EqualTo("FILE \"Media/01 drums scene 1.wav\""));
        Assert.That(File.ReadAllBytes(Path.Combine(folder, "out", "Media", "01 drums scene 1.wav")), Is.EqualTo(File.ReadAllBytes(Path.Combine(folder, "a.wav"))));

        Assert.That(MidiSource.TryRead(tracks[1].Block("ITEM")!.Block("SOURCE")!, out var take, out _), Is.True);
        Assert.That((take.LengthTicks, take.Events.Count), Is.EqualTo((8 * 480L, 2)));
    }

    [Test]
    public void A_performance_lies_where_it_sounded()
    {
        Wav("a.wav", 2);
        Wav("b.wav", 4);
        var project = Export(Session.Replace("\"version\": 1,", """
            "version": 1,
            "scene_changes": [ { "beat": 12, "scene": 2, "name": "chorus" } ],
            "events": [ { "beat": 1.5, "channel": 1, "action": "start", "scene": 1, "phase_beats": 4 }, { "beat": 10.5, "channel": 1, "action": "stop" },
                        { "beat": 12, "channel": 1, "action": "start", "scene": 2 }, { "beat": 14, "channel": 4, "action": "start" } ],
            """));
        var beat = 60 / 90.0;
        var tracks = project.Blocks("TRACK").ToList();
        Assert.That(Places(tracks[0]), Is.EqualTo(new[] { (1.5 * beat, 9 * beat), (12 * beat, 6 * beat) }).Within(1e-9));
        Assert.That(Places(tracks[1]), Is.EqualTo(new[] { (14 * beat, 8 * beat) }).Within(1e-9));
        // It began one beat (4 modulo 3) into its loop of 3 beats and 2 seconds.
        Assert.That(tracks[0].Block("ITEM")!.Line("SOFFS")!.Number(1), Is.EqualTo(2 / 3.0).Within(1e-9));
        Assert.That(project.Lines("MARKER").Single().At(3), Is.EqualTo("chorus"));
    }

    [Test]
    public void An_exported_project_can_be_imported()
    {
        Wav("a.wav", 2);
        Wav("b.wav", 4);
        var document = RppDocument.Parse(File.ReadAllBytes(Written(Session)));
        var song = ProjectImport.Read(document, PluginRegistry.Load()).Song;
        Assert.That(song.AllTracks().Sum(t => t.Clips.Count), Is.EqualTo(3));
    }

    [TestCase("\"file\": \"a.wav\"", "\"file\": \"../a.wav\"", "outside")]
    [TestCase("\"file\": \"a.wav\"", "\"file\": \"c.wav\"", "not there")]
    public void A_file_that_may_not_or_cannot_be_copied_ends_in_the_declared_error(string old, string now, string expected)
    {
        Wav("b.wav", 1);
        Wav("a.wav", 1);
        Assert.That(Assert.Throws<RppError>(() => Written(Session.Replace(old, now)))!.Message, Does.Contain(expected));
        Assert.That(Directory.Exists(Path.Combine(folder, "out")), Is.False, "nothing is written before all is known to be well");
    }

    [Test]
    public void Everything_wrong_with_a_session_is_told_at_once()
    {
        var errors = Assert.Throws<SongException>(() => SessionModel.Read("""
            { "version": 1, "channels": [ { "number": 1, "loops": [ { "scene": 1, "beats": 4 }, { "scene": 1, "beats": 4, "file": "a" } ] }, { "number": 1 } ], "events": [ { "beat": 0, "channel": 3, "action": "start" } ] }
            """))!.Errors;
        Assert.That(errors.Select(e => e.Path), Is.EquivalentTo(new[] { "$.channels", "$.channels[0].loops[0]", "$.channels[0].loops[1].scene", "$.events[0].channel" }));
    }

    RppBlock Export(string json) => RppDocument.Parse(File.ReadAllBytes(Written(json))).Project!;

    string Written(string json) => SessionExport.Write(SessionModel.Read(json), folder, Path.Combine(folder, "out"), 1).Project;

    void Wav(string name, double seconds)
    {
        using var writer = SoundFile.Create(Path.Combine(folder, name), SoundFormat.WavFloat, 1, 48000);
        writer.Write(new float[(int)Math.Round(seconds * 48000)]);
        writer.Commit();
    }

    static IEnumerable<(double, double)> Places(RppBlock track) => track.Blocks("ITEM").Select(i => (i.Line("POSITION")!.Number(1), i.Line("LENGTH")!.Number(1)));
}
