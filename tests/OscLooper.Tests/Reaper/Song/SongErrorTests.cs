using Newtonsoft.Json.Linq;
using OscLooper.Reaper.Song;

namespace OscLooper.Tests.Reaper.Song;

public class SongErrorTests
{
    [Test]
    public void Everything_wrong_is_told_at_once_with_its_path()
    {
        var errors = Errors("""
            { "version": 1, "meta": { "tempo": 0, "signature": [4] },
              "tracks": [ { "name": "a", "pan": 2, "volme": 1 }, { "volume": "loud", "clips": [ { "position": 0, "length": 0 } ] } ] }
            """);
        Assert.That(errors.Select(e => e.Path), Is.EquivalentTo(new[]
        {
            "$.meta.tempo", "$.meta.signature", "$.tracks[0].pan", "$.tracks[0].volme", "$.tracks[1]", "$.tracks[1].volume", "$.tracks[1].clips[0].length",
        }));
        Assert.That(errors.Single(e => e.Path == "$.tracks[0].volme").Message, Does.Contain("nearest: volume"));
    }

    [Test]
    public void Errors_of_both_kinds_are_told_in_one_breath()
    {
        var errors = Errors("""
            { "version": 1, "tracks": [ { "nam": "a", "plugins": ["ReaEEQ"], "sends": [ { "level": 1 } ] }, { "name": "b", "pan": 5, "volume": 1, "volume_db": 1, "clips": [ { "position": "x", "length": 1 } ] } ] }
            """);
        Assert.That(errors.Select(e => e.Path), Is.EquivalentTo(new[]
        {
            "$.tracks[0]", "$.tracks[0].nam", "$.tracks[0].sends[0]", "$.tracks[0].plugins[0]", "$.tracks[1].pan", "$.tracks[1]", "$.tracks[1].clips[0].position",
        }));
    }

    [Test]
    public void What_a_schema_cannot_say_is_told_at_once_too()
    {
        var errors = Errors("""
            { "version": 1, "meta": { "signature": [4, 5] },
              "tracks": [
                { "name": "Reverb" },
                { "name": "a", "volume": 1, "volume_db": 0, "sends": [ { "to": "Reverp" }, { "to": "a" } ], "plugins": [ "FabFilter Pro Q3", "ReaEQQ", { "plugin": "ReaEQ", "params": [1] } ],
                  "clips": [ { "length": 1 }, { "position": 0, "length": 1, "file": "x.wav", "midi": {} }, { "position": 0, "midi": { "notes": [ { "pitch": "G9", "start": 0, "duration": 1 }, { "pitch": "B9", "start": 0, "duration": 1 } ] } } ] } ],
              "regions": [ { "beat": 4, "end": 4 } ] }
            """);
        Assert.That(errors.Select(e => e.Path), Is.EquivalentTo(new[]
        {
            "$.meta.signature", "$.tracks[1]", "$.tracks[1].sends[0].to", "$.tracks[1].sends[1].to", "$.tracks[1].plugins[1]", "$.tracks[1].plugins[2].params",
            "$.tracks[1].clips[0]", "$.tracks[1].clips[1]", "$.tracks[1].clips[2].midi.notes[1].pitch", "$.regions[0].end",
        }));
        Assert.That(errors.Single(e => e.Path.EndsWith("sends[0].to", StringComparison.Ordinal)).Message, Is.EqualTo("there is no track \"Reverp\"; nearest: Reverb"));
        Assert.That(errors.Single(e => e.Path.EndsWith("plugins[1]", StringComparison.Ordinal)).Message, Does.StartWith("unknown plug-in \"ReaEQQ\"; nearest: ReaEQ"));
    }

    [Test]
    public void A_wrong_entry_of_a_list_does_not_hide_what_else_is_wrong()
    {
        var errors = Errors("""
            { "version": 1, "meta": { "tempo": 100, "signature": [3, "x"], "tempo_changes": [ { "beat": 4, "tempo": 0 }, 7, { "beat": 4, "tempo": 90 } ] },
              "tracks": [ "bass", { "name": "a", "sends": [ "Reverb", { "to": "b" } ], "plugins": [ 3, "nix", { "plugin": "ReaEQ", "state": [ "?" ] } ],
                "clips": [ null, { "position": 0, "length": 1, "midi": { "notes": [ "C4", { "pitch": "G#9", "start": 0, "duration": 1 } ] } } ] } ] }
            """);
        Assert.That(errors.Select(e => e.Path), Is.EquivalentTo(new[]
        {
            "$.meta.signature[1]", "$.meta.tempo_changes[0].tempo", "$.meta.tempo_changes[1]", "$.meta.tempo_changes[2].beat", "$.tracks[0]", "$.tracks[1].sends[0]", "$.tracks[1].sends[1].to",
            "$.tracks[1].plugins[0]", "$.tracks[1].plugins[1]", "$.tracks[1].plugins[2].state[0]", "$.tracks[1].clips[0]", "$.tracks[1].clips[1].midi.notes[0]", "$.tracks[1].clips[1].midi.notes[1].pitch",
        }));
    }

    [TestCase("""{ "version": 1, "meta": { "title": "TEXT" } }""", "$.meta.title")]
    [TestCase("""{ "version": 1, "meta": { "notes": "short\nTEXT" } }""", "$.meta.notes")]
    [TestCase("""{ "version": 1, "tracks": [ { "name": "TEXT" } ] }""", "$.tracks[0].name")]
    [TestCase("""{ "version": 1, "markers": [ { "beat": 0, "name": "TEXT" } ] }""", "$.markers[0].name")]
    [TestCase("""{ "version": 1, "regions": [ { "beat": 0, "end": 1, "name": "TEXT" } ] }""", "$.regions[0].name")]
    [TestCase("""{ "version": 1, "render": { "file": "TEXT" } }""", "$.render.file")]
    [TestCase("""{ "version": 1, "tracks": [ { "name": "a", "clips": [ { "position": 0, "length": 1, "file": "TEXT" } ] } ] }""", "$.tracks[0].clips[0].file")]
    [TestCase("""{ "version": 1, "tracks": [ { "name": "a", "clips": [ { "position": 0, "length": 1, "name": "TEXT" } ] } ] }""", "$.tracks[0].clips[0].name")]
    [TestCase("""{ "version": 1, "tracks": [ { "name": "a", "plugins": [ { "plugin": "ReaEQ", "name": "TEXT" } ] } ] }""", "$.tracks[0].plugins[0].name")]
    [TestCase("""{ "version": 1, "tracks": [ { "name": "a", "plugins": [ "js:TEXT" ] } ] }""", "$.tracks[0].plugins[0]")]
    [TestCase("""{ "version": 1, "tracks": [ { "name": "a", "plugins": [ { "plugin": "js:x", "params": [ "PART", "PART", "PART", "PART" ] } ] } ] }""", "$.tracks[0].plugins[0].params")]
    [TestCase("""{ "version": 1, "tracks": [ { "name": "a", "plugins": [ { "plugin": "js:x", "params": [ "a\nb" ] } ] } ] }""", "$.tracks[0].plugins[0].params")]
    public void What_no_line_of_a_project_holds_is_told_with_its_path(string json, string path)
    {
        Assert.That(Errors(json.Replace("TEXT", new string('\u6f22', 1201)).Replace("PART", new string('\u6f22', 400))).Select(e => e.Path), Is.EqualTo(new[] { path }));
        if (json.Contains("TEXT")) _ = OscLooper.Reaper.Build.SongBuilder.Build(SongJson.Read(json.Replace("TEXT", new string('\u6f22', 1150)), Golden.Registry), Golden.Registry, 1).Document.ToBytes();
    }

    [TestCase("""{ "version": 2 }""", "must be 1, not 2")]
    [TestCase("""{ "version": 1, "meta": { "bpm": 120 } }""", "known: title, author")]
    [TestCase("""{ "version": 1, "meta": { "tempo": "fast" } }""", "must be number, not \"fast\"")]
    [TestCase("""{ "version": 1, "tracks": [ { "name": "a", "color": "red" } ] }""", "#RRGGBB")]
    [TestCase("""{ "version": 1, "tracks": [ { "name": "a", "sends": [ { "to": "a", "mode": "post" } ] } ] }""", "post_fader, pre_fader, pre_fx, not \"post\"")]
    [TestCase("""{ "version": 1, "tracks": [ { "name": "a", "clips": [ { "position": 0, "midi": { "notes": [ { "pitch": "H4", "start": 0, "duration": 1 } ] } } ] } ] }""", "F#2")]
    [TestCase("""{ "version": 1, "tracks": [ { "name": "a", "plugins": [ "Serum" ] } ] }""", "nearest: Serum_2, Serum_2_FX")]
    [TestCase("""{ "version": 1, "tracks": [ { "name": "a", "plugins": [ "qqqqqqqq" ] } ] }""", "osclooper reaper learn")]
    public void An_error_says_what_would_be_right(string json, string part) => Assert.That(Errors(json)[0].Message, Does.Contain(part));

    [Test]
    public void A_circle_is_told_where_the_send_stands_that_closes_it_beside_other_errors()
    {
        var errors = Errors("""
            { "version": 1, "tracks": [ { "name": "a", "sends": [ { "to": "d" }, { "to": "b" } ] }, { "name": "b", "tracks": [ { "name": "c", "sends": [ { "to": "a" } ], "plugins": [ "nix" ] } ], "sends": [ { "to": "c" } ] }, { "name": "d" } ] }
            """);
        Assert.That(errors.Select(e => e.Path), Is.EquivalentTo(new[] { "$.tracks[1].tracks[0].plugins[0]", "$.tracks[1].tracks[0].sends[0].to" }));
        Assert.That(errors.Single(e => e.Path.EndsWith("to", StringComparison.Ordinal)).Message, Does.EndWith("a -> b -> c -> a"));
    }

    [TestCase("", TestName = "Nothing")]
    [TestCase("{", TestName = "Half_an_object")]
    [TestCase("[]", TestName = "A_list")]
    [TestCase("{\"version\":1}{}", TestName = "Two_songs")]
    [TestCase("{\"version\":1,\"version\":1}", TestName = "A_key_twice")]
    [TestCase("{\"version\":2}", TestName = "Another_version")]
    [TestCase("{\"version\":1,\"meta\":{\"tempo\":NaN}}", TestName = "Not_a_number")]
    [TestCase("{\"version\":1,\"meta\":{\"tempo\":1e999}}", TestName = "Infinity")]
    [TestCase("{\"version\":99999999999999999999999999}", TestName = "A_huge_number")]
    [TestCase("{\"version\":1,\"tracks\":[{\"name\":\"a\\u0000\"}]}", TestName = "A_NUL_in_a_name")]
    public void Is_refused(string json) => Assert.That(Errors(json), Is.Not.Empty);

    [Test]
    public void Mutated_songs_end_in_a_project_or_the_declared_errors()
    {
        var random = new Random(20261121);
        var refused = 0;
        var count = 2_000 * Soak.Times;
        for (var i = 0; i < count; i++)
        {
            var text = Golden.Json.ToCharArray().ToList();
            for (var n = random.Next(1, 4); n > 0; n--)
            {
                var at = random.Next(text.Count);
                if (random.Next(3) == 0) text.RemoveRange(at, Math.Min(random.Next(1, 30), text.Count - at));
                else if (random.Next(2) == 0) text[at] = "{}[]\",:0123456789-eE.ntf \\u"[random.Next(27)];
                else text.InsertRange(at, text.GetRange(at, Math.Min(random.Next(60), text.Count - at)));
            }
            try { _ = OscLooper.Reaper.Build.SongBuilder.Build(SongJson.Read(new string([.. text]), Golden.Registry), Golden.Registry, 1).Document.ToBytes(); }
            catch (SongException) { refused++; }
            catch (OscLooper.Reaper.Rpp.RppError) { refused++; }
        }
        TestContext.Out.WriteLine($"{count} mutated songs, {refused} refused");
        Assert.That(refused, Is.GreaterThan(0).And.LessThan(count));
    }

    [Test]
    public void Every_property_of_the_schema_is_read_and_no_other_exists()
    {
        var types = new Dictionary<string, Type>
        {
            ["meta"] = typeof(SongMeta), ["tempoChange"] = typeof(SongTempo), ["master"] = typeof(SongMaster), ["track"] = typeof(SongTrack), ["send"] = typeof(SongSend),
            ["plugin"] = typeof(SongPlugin), ["clip"] = typeof(SongClip), ["midi"] = typeof(SongMidi), ["note"] = typeof(SongNote), ["cc"] = typeof(SongCc), ["program"] = typeof(SongProgram),
            ["bend"] = typeof(SongBend), ["pressure"] = typeof(SongPressure), ["textEvent"] = typeof(SongText), ["sysex"] = typeof(SongBytes), ["marker"] = typeof(SongMarker),
            ["region"] = typeof(SongRegion), ["render"] = typeof(SongRender),
        };
        var objects = ((JObject)SongJson.Schema["definitions"]!).Properties().Where(p => p.Value["properties"] is not null).ToList();
        Assert.That(objects.Select(o => o.Name), Is.EquivalentTo(types.Keys));
        var snake = new Newtonsoft.Json.Serialization.SnakeCaseNamingStrategy();
        foreach (var o in objects)
            Assert.That(((JObject)o.Value["properties"]!).Properties().Select(p => p.Name), Is.EquivalentTo(types[o.Name].GetProperties().Select(p => snake.GetPropertyName(p.Name, false))), o.Name);
    }

    [Test]
    public void A_song_written_is_the_song_read()
    {
        var text = SongJson.Write(Golden.Song());
        Assert.That(SongJson.Write(SongJson.Read(text, Golden.Registry)), Is.EqualTo(text));
        Assert.That(OscLooper.Reaper.Build.SongBuilder.Build(SongJson.Read(text, Golden.Registry), Golden.Registry, 1).Document.ToBytes(), Is.EqualTo(Golden.Build(1).Document.ToBytes()));
    }

    static IReadOnlyList<SongError> Errors(string json) => Assert.Throws<SongException>(() => SongJson.Read(json, Golden.Registry))!.Errors;
}
