using OscLooper.Dsp;
using OscLooper.Reaper.Build;
using OscLooper.Reaper.Midi;
using OscLooper.Reaper.Rpp;
using FileEvent = OscLooper.Dsp.MidiEvent;
using TakeEvent = OscLooper.Reaper.Midi.MidiEvent;

namespace OscLooper.Tests.Reaper.Midi;

public class MidiFileTests
{
    [Test]
    public void From_a_midi_file_to_a_project_and_back_are_the_same_events()
    {
        var files = Directory.GetFiles(SharedFolder.Need("smf"), "ok-*.mid").Concat(SharedFolder.Find("smf-third-party") is { } more ? Directory.GetFiles(more, "*.mid") : []);
        var (tracks, events, skipped) = (0, 0, new List<string>());
        foreach (var path in files.Order(StringComparer.Ordinal))
        {
            MidiFile file;
            try { file = MidiFile.Read(path); }
            catch (MidiFileException) { skipped.Add(Path.GetFileName(path)); continue; }
            if (file.Division.IsFilm) { skipped.Add(Path.GetFileName(path)); continue; }
            foreach (var track in file.Tracks)
            {
                var take = new MidiTake { TicksPerBeat = file.Division.TicksPerBeat, LengthTicks = track.EndTick };
                foreach (var e in track) take.Events.Add(new TakeEvent(e.Tick, Bytes(e)));

                var document = new RppDocument();
                document.Roots.Add(MidiSource.Write(take, new GuidSource(1).Next));
                Assert.That(MidiSource.TryRead((RppBlock)RppDocument.Parse(document.ToBytes()).Roots[0], out var back, out var reason), Is.True, reason);

                Assert.That(back.Events.Select(e => (e.Tick, Convert.ToHexString(e.Data))), Is.EqualTo(track.Select(e => (e.Tick, Convert.ToHexString(Bytes(e))))), Path.GetFileName(path));
                Assert.That((back.TicksPerBeat, back.LengthTicks), Is.EqualTo((take.TicksPerBeat, track.EndTick)), Path.GetFileName(path));
                tracks++;
                events += back.Events.Count;
            }
        }
        TestContext.Out.WriteLine($"{tracks} tracks, {events} events; not in ticks of a beat, or not readable: {string.Join(", ", skipped)}");
        Assert.That(events, Is.GreaterThan(50));
    }

    /// <summary>A file's event as a project holds it: a meta event with its kind, no length.</summary>
    static byte[] Bytes(FileEvent e) => e.Status == 0xff ? [0xff, e.Type, .. e.Data.Span] : [e.Status, .. e.Data.Span];
}
