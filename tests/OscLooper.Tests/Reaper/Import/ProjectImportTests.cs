using System.Text;
using OscLooper.Reaper.Build;
using OscLooper.Reaper.Import;
using OscLooper.Reaper.Midi;
using OscLooper.Reaper.Plugins;
using OscLooper.Reaper.Rpp;
using OscLooper.Reaper.Song;

namespace OscLooper.Tests.Reaper.Import;

public class ProjectImportTests
{
    [Test]
    public void Every_real_project_keeps_tracks_items_notes_sends_tempo_and_markers()
    {
        SharedFolder.Need("rpp-third-party");
        var projects = 0;
        foreach (var file in SharedFolder.RealProjects())
        {
            var document = RppDocument.Parse(File.ReadAllBytes(file));
            if (document.Project is null) continue;
            var registry = PluginRegistry.Load();
            var import = ProjectImport.Read(document, registry);
            var rebuilt = RppDocument.Parse(SongBuilder.Build(import.Song, registry, 1).Document.ToBytes());
            var (was, now) = (Meaning(document.Project!), Meaning(rebuilt.Project!));
            Assert.That(now, Is.EqualTo(was), Path.GetFileName(file));
            TestContext.Out.WriteLine($"{Path.GetFileName(file)}: {was.Count} facts kept, {import.Warnings.Count} warnings, {import.NewPlugins.Entries.Count} new plug-ins");
            projects++;
        }
        Assert.That(projects, Is.GreaterThan(20));
    }

    [Test]
    public void Importing_what_was_built_gives_the_same_song_again()
    {
        var registry = PluginRegistry.Load();
        var first = ProjectImport.Read(RppDocument.Parse(Golden.Build().Document.ToBytes()), registry).Song;
        var second = ProjectImport.Read(RppDocument.Parse(SongBuilder.Build(first, registry, 2).Document.ToBytes()), registry).Song;
        Assert.That(SongJson.Write(second), Is.EqualTo(SongJson.Write(first)));
        Assert.That(Meaning(SongBuilder.Build(first, registry, 3).Document.Project!), Is.EqualTo(Meaning(Golden.Build().Document.Project!)));
        Assert.That((first.Meta.Title, first.Meta.Key, first.Meta.Notes, first.Tracks[0].Tracks[0].Role), Is.EqualTo(("Golden", "A minor", "two\nlines", "bass")));
    }

    [Test]
    public void Long_titles_and_notes_come_back_whole()
    {
        var (title, notes) = (string.Concat(Enumerable.Repeat("ab \u00fc", 800)), string.Concat(Enumerable.Repeat("\u6f22\n\ud83c\udfb8|> line \"x\"\n", 2000)));
        var song = SongJson.Read(SongJson.Write(new() { Version = 1, Meta = new() { Title = title[..1100], Author = title[..700], Notes = notes } }), Golden.Registry);
        var registry = PluginRegistry.Load();
        var back = ProjectImport.Read(RppDocument.Parse(SongBuilder.Build(song, registry, 1).Document.ToBytes()), registry).Song;
        Assert.That((back.Meta.Title, back.Meta.Author, back.Meta.Notes), Is.EqualTo((title[..1100], title[..700], notes)));
    }

    [Test]
    public void A_word_among_the_values_of_a_JS_effect_opens_and_closes_nothing()
    {
        var song = SongJson.Read("""{ "version": 1, "tracks": [ { "name": "a", "plugins": [ { "plugin": "js:x", "params": [ ">" ] }, { "plugin": "js:y", "params": [ "<B", 1, "a b", null, "|" ] } ] } ] }""", Golden.Registry);
        var registry = PluginRegistry.Load();
        var back = ProjectImport.Read(RppDocument.Parse(SongBuilder.Build(song, registry, 1).Document.ToBytes()), registry).Song;
        Assert.That(back.Tracks.Single().Plugins.Select(p => p.Params), Is.EqualTo(new[] { new object?[] { ">" }, ["<B", 1.0, "a b", null, "|"] }));
    }

    [Test]
    public void Pooled_notes_and_sources_of_files_are_kept()
    {
        var registry = PluginRegistry.Load();
        var import = ProjectImport.Read(Parse("""
            <REAPER_PROJECT 0.1 "7.1/x" 1
            <TRACK
            NAME a
            <ITEM
            POSITION 0
            LENGTH 1
            <SOURCE MIDIPOOL
            HASDATA 1 960 QN
            POOLEDEVTS {88888888-8888-4888-8888-888888888888}
            >
            >
            <ITEM
            POSITION 1
            LENGTH 1
            <SOURCE MIDI
            HASDATA 1 960 QN
            POOLEDEVTS {88888888-8888-4888-8888-888888888888}
            E 0 90 3c 60
            E 480 80 3c 00
            E 480 b0 7b 00
            >
            >
            <ITEM
            POSITION 2
            LENGTH 1
            <SOURCE MIDI
            FILE "x.mid"
            >
            >
            <ITEM
            POSITION 3
            LENGTH 1
            <SOURCE RPP_PROJECT
            FILE "sub.rpp"
            >
            >
            >
            >

            """.ReplaceLineEndings("\n")), registry);
        Assert.That(import.Warnings, Is.Empty);
        Assert.That(import.Song.Tracks[0].Clips.Select(c => (c.Midi?.Notes.Count, c.File)), Is.EqualTo(new (int?, string?)[] { (1, null), (1, null), (null, "x.mid"), (null, "sub.rpp") }));
        var sources = SongBuilder.Build(import.Song, registry, 1).Document.Project!.Block("TRACK")!.Blocks("ITEM").Select(i => i.Block("SOURCE")!);
        Assert.That(sources.Select(s => (s.Open.At(1), s.Line("FILE")?.At(1))), Is.EqualTo(new (string?, string?)[] { ("MIDI", null), ("MIDI", null), ("MIDI", "x.mid"), ("RPP_PROJECT", "sub.rpp") }));
    }

    [Test]
    public void A_project_with_a_curved_tempo_is_refused_rather_than_read_wrongly()
    {
        var document = Parse("<REAPER_PROJECT 0.1 \"7/x\" 1\n<TEMPOENVEX\nPT 0 120 5\nPT 4 100 1\n>\n>\n");
        Assert.That(Assert.Throws<RppError>(() => ProjectImport.Read(document, PluginRegistry.Load()))!.Message, Does.Contain("curve"));
    }

    [Test]
    public void Hostile_numbers_in_a_project_end_in_a_song_or_the_declared_error()
    {
        var seeds = SharedFolder.RealProjects().Select(File.ReadAllBytes).Where(b => b.Length < 14_000).Append(Golden.Build().Document.ToBytes())
            .Select(b => Encoding.UTF8.GetString(b).ReplaceLineEndings("\n").Split('\n')).ToList();
        var random = new Random(7);
        string[] values = ["1e300", "-1e300", "NaN", "99999999999999999999", "-1", "", "\"", "x", "0x10", "1,5", "''", "<"];
        var refused = 0;
        for (var i = 0; i < 1500 * Soak.Times; i++)
        {
            var lines = (string[])seeds[random.Next(seeds.Count)].Clone();
            for (var n = random.Next(1, 4); n > 0; n--)
            {
                var at = random.Next(lines.Length);
                var tokens = lines[at].Split(' ');
                tokens[random.Next(tokens.Length)] = values[random.Next(values.Length)];
                lines[at] = string.Join(' ', tokens);
            }
            try { ProjectImport.Read(Parse(string.Join('\n', lines)), PluginRegistry.Load()); }
            catch (RppError) { refused++; }
        }
        TestContext.Out.WriteLine($"{refused} refused");
        Assert.That(refused, Is.GreaterThan(0));
    }

    /// <summary>What a project says to a musician, one fact a line; rounded to a billionth, since a song may say it in beats.</summary>
    static List<string> Meaning(RppBlock project)
    {
        var facts = new List<string>();
        var map = TempoMap.Of(project);
        foreach (var p in map.Points) facts.Add($"tempo {p.Seconds:F8} {p.Tempo:F8} {p.Ramp} {p.Signature}");
        foreach (var m in project.Lines("MARKER")) facts.Add($"marker {m.At(1)} {m.Number(2):F8} {m.At(3)} {(int)m.Number(4) & 1}");
        var depth = 0;
        foreach (var track in project.Blocks("TRACK"))
        {
            facts.Add($"track {depth} {track.String("NAME")} {Math.Abs(track.Line("VOLPAN")!.Number(1)):F9} {track.Line("VOLPAN")!.Number(2):F9} mute {track.Line("MUTESOLO")!.At(1)}");
            depth = Math.Max(0, depth + (int)(track.Line("ISBUS")?.Number(2) ?? 0));
            foreach (var send in track.Lines("AUXRECV")) facts.Add($"send {send.At(1)} {send.At(2)} {send.Number(3):F9} {send.Number(4):F9}");
            foreach (var effect in track.Block("FXCHAIN")?.Children.OfType<RppBlock>().Where(b => b.Name == "VST") ?? [])
                facts.Add($"effect {effect.Open.At(4)} {string.Join("", effect.Children.OfType<RppLine>().Select(l => l.Text)).GetHashCode()}");
            foreach (var item in track.Blocks("ITEM"))
            {
                // Songs hold one take and know files and MIDI: a click source is named in a warning instead.
                var takes = item.Lines("TAKE").Any() || item.Block("SOURCE")?.Open.At(1) is "CLICK" or null;
                facts.Add($"item {item.Line("POSITION")!.Number(1):F8} {item.Line("LENGTH")!.Number(1):F8} {item.Line("LOOP")!.At(1)} {(takes ? "" : item.String("NAME"))}");
                if (takes || item.Block("SOURCE") is not { } source) continue;
                if (source.Line("FILE") is { } file && source.Open.At(1) != "SECTION") facts.Add($"file {file.At(1)} {item.Line("SOFFS")!.Number(1):F9} {item.Line("PLAYRATE")!.Number(1):F9}");
                if (!MidiSource.TryRead(source, out var take, out _)) continue;
                foreach (var e in take.Events.Select(e => $"{e.Tick:D12} {Convert.ToHexString(e.Data)} {e.Muted}").Order(StringComparer.Ordinal)) facts.Add("midi " + e);
                facts.Add($"length {take.LengthTicks} {take.TicksPerBeat}");
            }
        }
        return facts;
    }

    static RppDocument Parse(string text) => RppDocument.Parse(Encoding.UTF8.GetBytes(text));
}
