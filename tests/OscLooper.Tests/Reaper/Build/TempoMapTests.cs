using System.Text;
using OscLooper.Reaper.Build;
using OscLooper.Reaper.Rpp;
using OscLooper.Reaper.Song;

namespace OscLooper.Tests.Reaper.Build;

public class TempoMapTests
{
    [Test]
    public void A_change_at_beat_0_alone_is_the_project_s_tempo()
    {
        var song = SongJson.Read("""
            { "version": 1, "meta": { "tempo": 120, "tempo_changes": [ { "beat": 0, "tempo": 90, "signature": [3, 4] } ] }, "tracks": [ { "name": "a", "clips": [ { "position": 3, "length": 3 } ] } ] }
            """, Golden.Registry);
        var project = SongBuilder.Build(song, Golden.Registry, 1).Document.Project!;
        Assert.That(project.Line("TEMPO")!.Text, Is.EqualTo("TEMPO 90 3 4 0"));
        Assert.That(TempoMap.Of(project).BeatAt(project.Block("TRACK")!.Block("ITEM")!.Line("POSITION")!.Number(1)), Is.EqualTo(3).Within(1e-9));
    }

    [Test]
    public void A_ramp_is_linear_in_time()
    {
        var map = Map((8, 120, "linear"), (18, 60, null));
        // 10 beats at a mean of 90: 6 2/3 s, from 4 s on.
        Assert.That(map.SecondsAt(18), Is.EqualTo(4 + 10 * 60 / 90.0).Within(1e-12));
        // Halfway in time the tempo is 90, so (120 + 90) / 2 over half the time.
        var half = 4 + 10 * 60 / 90.0 / 2;
        Assert.That(map.BeatAt(half), Is.EqualTo(8 + 105 / 60.0 * (10 * 60 / 90.0 / 2)).Within(1e-12));
        Assert.That(map.SecondsAt(19) - map.SecondsAt(18), Is.EqualTo(1).Within(1e-12));
    }

    [Test]
    public void A_ramp_agrees_with_adding_up_tiny_steps()
    {
        var map = Map((0.5, 100, "linear"), (40, 170, "linear"), (60, 55, null));
        var (beat, seconds) = (0.5, 0.5 * 60 / 120);
        var end = map.SecondsAt(60);
        const int steps = 2_000_000;
        var (t1, t2) = (map.SecondsAt(0.5), map.SecondsAt(40));
        Assert.That(t1, Is.EqualTo(seconds).Within(1e-12));
        var dt = (end - t1) / steps;
        for (var i = 0; i < steps; i++)
        {
            var t = t1 + (i + 0.5) * dt;
            beat += (t < t2 ? 100 + (170 - 100) * (t - t1) / (t2 - t1) : 170 + (55 - 170) * (t - t2) / (end - t2)) / 60 * dt;
        }
        Assert.That(beat, Is.EqualTo(60).Within(1e-6));
    }

    [Test]
    public void Time_and_beats_are_inverse_to_a_hundred_millionth()
    {
        var random = new Random(5);
        for (var round = 0; round < 200; round++)
        {
            var beat = 0.0;
            var map = Map([.. Enumerable.Range(0, 10).Select(_ => (beat += 0.1 + random.NextDouble() * 20, 20 + random.NextDouble() * 300, random.Next(2) == 0 ? "linear" : null))]);
            for (var i = 0; i < 50; i++)
            {
                var at = random.NextDouble() * (beat + 50);
                Assert.That(map.BeatAt(map.SecondsAt(at)), Is.EqualTo(at).Within(1e-8));
            }
        }
    }

    [Test]
    public void What_is_written_into_a_project_is_read_back_to_a_hundred_millionth()
    {
        var song = new SongDefinition();
        var random = new Random(6);
        for (var beat = 4.0; beat < 400; beat += 4)
            song.Meta.TempoChanges.Add(new() { Beat = beat, Tempo = 40 + random.NextDouble() * 200, Shape = random.Next(2) == 0 ? "linear" : null });
        var asked = TempoMap.Of(song.Meta);
        var bytes = SongBuilder.Build(song, Golden.Registry, 1).Document.ToBytes();
        var read = TempoMap.Of(RppDocument.Parse(bytes).Project!);
        Assert.That(read.Points, Has.Count.EqualTo(asked.Points.Count));
        for (var beat = 0.0; beat < 420; beat += 0.37)
            Assert.That(read.BeatAt(asked.SecondsAt(beat)), Is.EqualTo(beat).Within(1e-8));
    }

    [Test]
    public void A_curve_is_refused_by_its_place() =>
        Assert.That(Assert.Throws<RppError>(() => Read("PT 0 120 1\nPT 4.5 100 5\nPT 9 90 1\n"))!.Message, Does.Contain("4.5 s").And.Contain("shape 5"));

    [Test]
    public void Seven_eight_is_read_from_its_point()
    {
        var map = Read("PT 0.000000000000 120.0000000000 1\nPT 19.422317287082 91.2360000000 1 524295 0 1 0 \"\" 0 10921 0 ABBBBBB\n");
        Assert.That(map.Points[1].Signature, Is.EqualTo((7, 8)));
        Assert.That(map.Points[1].Beat, Is.EqualTo(19.422317287082 * 2).Within(1e-9));
    }

    static TempoMap Read(string points) =>
        TempoMap.Of(RppDocument.Parse(Encoding.ASCII.GetBytes($"<REAPER_PROJECT 0.1 \"7/x\" 1\nTEMPO 120 4 4 0\n<TEMPOENVEX\n{points}>\n>\n")).Project!);

    static TempoMap Map(params (double Beat, double Tempo, string? Shape)[] changes)
    {
        var meta = new SongMeta();
        foreach (var (beat, tempo, shape) in changes) meta.TempoChanges.Add(new() { Beat = beat, Tempo = tempo, Shape = shape });
        return TempoMap.Of(meta);
    }
}
