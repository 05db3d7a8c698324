using FsCheck;
using FsCheck.Fluent;
using OscLooper.Reaper.Build;
using OscLooper.Reaper.Rpp;
using OscLooper.Reaper.Song;

namespace OscLooper.Tests.Reaper.Build;

public class RoutingTests
{
    [Test]
    public void A_send_stands_in_the_receiving_track_and_names_its_source()
    {
        var tracks = Golden.Build().Document.Project!.Blocks("TRACK").ToList();
        Assert.That(tracks.Select(t => t.Lines("AUXRECV").Count()), Is.EqualTo(new[] { 0, 0, 0, 2 }));
        Assert.That(tracks[3].Lines("AUXRECV").Select(l => l.Text), Is.EqualTo(new[]
        {
            "AUXRECV 1 0 0.05 0 0 0 0 0 0 -1:U 0 -1 ''", "AUXRECV 2 3 0.1 0 0 0 0 0 0 -1:U 0 -1 ''",
        }));
    }

    [Test]
    public void A_side_chain_arrives_on_its_channels_and_comes_back_from_an_import()
    {
        var song = SongJson.Read("""
            { "version": 1, "tracks": [
                { "name": "kick", "sends": [ { "to": "bass", "to_channel": 3, "midi": false }, { "to": "synth", "audio": false }, { "to": "bass", "from_channel": 5, "mode": "pre_fx" } ] },
                { "name": "bass" }, { "name": "synth" } ] }
            """, Golden.Registry);
        var document = SongBuilder.Build(song, Golden.Registry, 1).Document;
        var tracks = document.Project!.Blocks("TRACK").ToList();
        Assert.That(tracks.SelectMany(t => t.Lines("AUXRECV")).Select(l => l.Text), Is.EqualTo(new[]
        {
            "AUXRECV 0 0 1 0 0 0 0 0 2 -1:U 31 -1 ''", "AUXRECV 0 1 1 0 0 0 0 4 0 -1:U 0 -1 ''", "AUXRECV 0 0 1 0 0 0 0 -1 0 -1:U 0 -1 ''",
        }));
        Assert.That(tracks.Select(t => t.Line("NCHAN")!.At(1)), Is.EqualTo(new[] { "6", "4", "2" }), "there are channels to send and to arrive on");
        var import = OscLooper.Reaper.Import.ProjectImport.Read(document, Golden.Registry);
        Assert.That(import.Warnings, Is.Empty);
        Assert.That(import.Song.Tracks[0].Sends.Select(s => (s.To, s.Mode, s.FromChannel, s.ToChannel, s.Audio, s.Midi)), Is.EqualTo(new (string, string?, int?, int?, bool?, bool?)[]
        {
            ("bass", null, null, 3, null, false), ("bass", "pre_fx", 5, null, null, null), ("synth", null, null, null, false, null),
        }));
        Assert.That(SongBuilder.Build(import.Song, Golden.Registry, 1).Document.Project!.Blocks("TRACK").SelectMany(t => t.Lines("AUXRECV")).Select(l => l.Text), Is.EqualTo(tracks.SelectMany(t => t.Lines("AUXRECV")).Select(l => l.Text)));
    }

    /// <summary>The model: a list of parents and a list of send pairs, each drawn freely and then kept from circles.</summary>
    [Test]
    public void Any_track_tree_and_send_graph_survives() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), number =>
        {
            var random = new Random(number);
            var count = random.Next(1, 30);
            var tracks = Enumerable.Range(0, count).Select(i => new SongTrack { Name = "t" + i, Volume = 1 }).ToList();
            var song = new SongDefinition();
            var parents = new int[count];
            for (var i = 0; i < count; i++)
            {
                parents[i] = random.Next(-1, i);
                (parents[i] < 0 ? song.Tracks : tracks[parents[i]].Tracks).Add(tracks[i]);
            }
            var order = song.AllTracks().ToList();
            var model = new List<(string From, string To, double Level)>();
            // Sends from later to earlier roots only, so that no circle can arise with the folders: checked by the checker itself below.
            for (var n = random.Next(40); n > 0; n--)
            {
                var (from, to) = (order[random.Next(count)], order[random.Next(count)]);
                if (ReferenceEquals(from, to)) continue;
                var send = new SongSend { To = to.Name, Level = Math.Round(random.NextDouble(), 6) };
                from.Sends.Add(send);
                if (SongChecks.Check(song, Golden.Registry).Count > 0) from.Sends.Remove(send);
                else model.Add((from.Name, to.Name, send.Level.Value));
            }
            var blocks = RppDocument.Parse(SongBuilder.Build(song, Golden.Registry, number).Document.ToBytes()).Project!.Blocks("TRACK").ToList();
            var names = blocks.Select(b => b.String("NAME")!).ToList();

            var sends = blocks.SelectMany(b => b.Lines("AUXRECV").Select(l => (From: names[(int)l.Number(1)], To: b.String("NAME")!, Level: l.Number(3))));
            var open = new Stack<string>();
            var sum = 0;
            foreach (var block in blocks)
            {
                var parent = parents[int.Parse(block.String("NAME")!.AsSpan(1))];
                if ((open.TryPeek(out var top) ? top : "") != (parent < 0 ? "" : "t" + parent)) return false;
                var change = (int)block.Line("ISBUS")!.Number(2);
                sum += change;
                if (change > 0) open.Push(block.String("NAME")!);
                for (var i = change; i < 0; i++) open.Pop();
            }
            return sum == 0 && open.Count == 0 && sends.Order().SequenceEqual(model.Order());
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(200 * Soak.Times));

    [Test]
    public void A_circle_of_sends_is_refused_with_its_way()
    {
        var song = new SongDefinition { Tracks = [Track("a", "b"), Track("b", "c"), Track("c", "a")] };
        Assert.That(SongChecks.Check(song, Golden.Registry).Single().Message, Is.EqualTo("sends go in a circle: a -> b -> c -> a"));
    }

    [Test]
    public void A_folder_that_sends_to_its_child_is_a_circle_unless_the_child_stays_away()
    {
        var song = new SongDefinition { Tracks = [Track("f", "k")] };
        song.Tracks[0].Tracks.Add(Track("k"));
        Assert.That(SongChecks.Check(song, Golden.Registry), Has.Count.EqualTo(1));
        song.Tracks[0].Tracks[0].MainSend = false;
        Assert.That(SongChecks.Check(song, Golden.Registry), Is.Empty);
    }

    static SongTrack Track(string name, params string[] sends) => new() { Name = name, Sends = [.. sends.Select(s => new SongSend { To = s })] };
}
