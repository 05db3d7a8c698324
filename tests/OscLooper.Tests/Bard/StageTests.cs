using OscLooper.Bard;

namespace OscLooper.Tests.Bard;

public class StageTests
{
    readonly Table table = new();

    (string, long)[] Times() => [.. table.TakeAll().Select(e => (((e.Status & 0xF0) == 0x90 ? "on " : "off ") + e.First, e.Frame))];

    [Test]
    public void Delay_moves_both_ends()
    {
        table.With("""{"style":"delay","seconds":0.1}""").On(60).Wait(100).Off(60).Wait(10000);
        Assert.That(Times(), Is.EqualTo(new[] { ("on 60", 4800L), ("off 60", 4900L) }));
    }

    [Test]
    public void Echo_repeats_softer()
    {
        table.With("""{"style":"echo","count":2,"beats":0.5,"decay":0.5}""").On(60, 100).Wait(100).Off(60);
        var all = table.Wait(40000).TakeAll();
        Assert.That(all.Where(e => e.Status == 0x90).Select(e => (e.Frame, e.Second)), Is.EqualTo(new (long, byte)[] { (0, 100), (12000, 50), (24000, 25) }));
        Assert.That(all.Where(e => e.Status == 0x80).Select(e => e.Frame), Is.EqualTo(new[] { 100L, 12100, 24100 }));
    }

    [Test]
    public void A_strummed_chord_begins_note_by_note_and_ends_at_once()
    {
        table.With("""{"style":"chord","chord":"0 4 7"},{"style":"strum","ms":10}""").On(60).Wait(600).Off(60).Wait(5000);
        Assert.That(Times(), Is.EquivalentTo(new[] { ("on 60", 0L), ("on 64", 480L), ("off 60", 600L), ("off 64", 600L) }));
    }

    [TestCase("{\"style\":\"chord\",\"chord\":\"0 4 7\"}")]
    [TestCase("{\"style\":\"chord\",\"chord\":\"0 4 7 10\",\"high\":68}")]
    [TestCase("{\"style\":\"chord\",\"degrees\":[0,2,4]}")]
    public void A_strum_of_less_than_nothing_goes_down_from_the_highest_note(string chord)
    {
        table.With(chord + ",{\"style\":\"strum\",\"ms\":-10}").On(60).Wait(2000).Off(60).Wait(100);
        Assert.That(Times(), Is.EquivalentTo(new[] { ("on 67", 0L), ("on 64", 480L), ("on 60", 960L), ("off 60", 2000L), ("off 64", 2000L), ("off 67", 2000L) }));
    }

    [Test]
    public void A_ratchet_ends_with_its_key()
    {
        table.With("""{"style":"ratchet","count":4,"beats":1,"gate":50}""").On(60).Wait(7000).Off(60).Wait(30000);
        Assert.That(Times(), Is.EqualTo(new[] { ("on 60", 0L), ("off 60", 3000L), ("on 60", 6000L), ("off 60", 7000L) }));
    }

    [Test]
    public void Latch_keeps_a_chord_until_the_next()
    {
        table.With("""{"style":"latch"}""").On(60).On(64).Off(60).Off(64);
        Assert.That(table.Said(), Is.EqualTo("on 60@1 on 64@1"));
        Assert.That(table.On(67).Said(), Is.EqualTo("off 64@1 off 60@1 on 67@1"));
    }

    [Test]
    public void Sustain_keeps_notes_until_the_pedal_is_up()
    {
        table.With("""{"style":"sustain"}""").Hear(0xB0, 64, 127).On(60).Off(60);
        Assert.That(table.Said(), Is.EqualTo("on 60@1"));
        Assert.That(table.Hear(0xB0, 64, 0).Said(), Is.EqualTo("off 60@1"));
    }

    [Test]
    public void A_split_sends_each_half_its_own_way()
    {
        table.Arrange("""
            {"sources":{"*":"s"},"arrangements":{
              "s":[{"style":"split","zones":[{"low":0,"high":59,"to":"bass"},{"low":60,"to":"lead"}]}],
              "bass":[{"style":"octave","octaves":-1},{"style":"out","imp":"b","channel":2}],
              "lead":[{"style":"filter","velocity_low":50},{"style":"fixedvel","velocity":90},{"style":"out","imp":"l","channel":1}]}}
            """);
        Assert.That(table.On(40).On(70).On(72, 20).Said(), Is.EqualTo("on 28@3 on 70@2/2"));
    }

    [Test]
    public void Two_outs_layer()
    {
        table.With("""{"style":"out","output":1},{"style":"transpose","semitones":12},{"style":"out","output":2}""");
        Assert.That(table.On(60).Said(), Is.EqualTo("on 60@1 on 72@1/2"));
    }

    [Test]
    public void What_is_random_is_so_by_its_seed()
    {
        const string wild = """{"style":"randomize","transpose":12,"velocity":30,"seed":5},{"style":"chance","percent":50,"seed":6},{"style":"humanize","ms":20,"velocity":10,"seed":7}""";
        IReadOnlyList<OutEvent> Played(int block)
        {
            var t = new Table().With(wild);
            for (var i = 0; i < 100; i++) t.On(60).Wait(1000, block).Off(60).Wait(200, block);
            return t.Wait(5000, block).TakeAll();
        }
        var all = Played(64);
        Assert.That(all.Count(e => e.Status == 0x90), Is.InRange(30, 70));
        Assert.That(all.Count(e => e.Status == 0x90), Is.EqualTo(all.Count(e => e.Status == 0x80)));
        Assert.That(Played(1), Is.EqualTo(all));
    }

    [TestCase("[]", "")]
    [TestCase("{\"arrangements\":{\"a\":[{\"style\":\"flute\"}]}}", "stage 1 of \"a\": no stage is called \"flute\"")]
    [TestCase("{\"arrangements\":{\"a\":[{\"style\":\"transpose\",\"semitones\":600}]}}", "stage 1 of \"a\": \"semitones\" is not -60..60")]
    [TestCase("{\"arrangements\":{\"a\":[{\"style\":\"route\",\"to\":\"b\"}]}}", "no arrangement is called \"b\"")]
    [TestCase("{\"arrangements\":{\"a\":[{\"style\":\"drop\"},{\"style\":\"out\"}]}}", "stage 2 of \"a\" cannot be reached")]
    [TestCase("{\"arrangements\":{\"a\":[{\"style\":\"echo\",\"count\":30},{\"style\":\"echo\",\"count\":30}]}}", "one key would become more than 256 notes")]
    [TestCase("{\"sources\":{\"17\":\"a\"},\"arrangements\":{\"a\":[]}}", "source 17 is not 1..16")]
    public void What_is_wrong_is_named(string json, string why)
    {
        Assert.That(ArrangementReader.Read(json, table.Stages.Drum, table.Stages.Steppers, out var said), Is.Null);
        if (why != "") Assert.That(said, Is.EqualTo(why));
    }

    [Test]
    public void The_arrangement_in_the_readme_is_taken()
    {
        var example = File.ReadLines(Path.Combine(Checkout.Root, "modules", "Bard", "README.md")).SkipWhile(line => !line.StartsWith("    {")).TakeWhile(line => line.StartsWith("    "));
        table.Arrange(string.Join('\n', example));
        Assert.That(table.On(40).On(72).On(37, channel: 9).Said(), Does.StartWith("on 28@1/2 on 72@1").And.EndsWith("on 38@10"));
    }

    [Test]
    public void Mutated_arrangements_are_refused_or_taken_and_never_throw()
    {
        const string good = """{"sources":{"*":"a","b.9":"c"},"arrangements":{"a":[{"style":"arp","pattern":"up","rate":"1/8","steps":[0,-1,{"place":1}]},{"style":"scale","scale":"0 2 4","root":3},{"style":"split","zones":[{"low":3,"to":"c"}]}],"c":[{"style":"chord","chord":[0,4,7]},{"style":"out","channel":3}]}}""";
        var dice = new Random(1);
        for (var i = 0; i < 20000; i++)
        {
            var text = good.ToCharArray();
            for (var n = dice.Next(1, 4); n > 0; n--) text[dice.Next(text.Length)] = (char)dice.Next(32, 127);
            ArrangementReader.Read(new string(text), table.Stages.Drum, table.Stages.Steppers, out _);
        }
        Assert.That(ArrangementReader.Read(good, table.Stages.Drum, table.Stages.Steppers, out _), Is.Not.Null);
    }
}
