using OscLooper.Looper;

namespace OscLooper.Tests.Looper.Notes;

public class NoteLoopTests
{
    [Test]
    public void A_loop_plays_what_was_played_between_record_and_play([Values(1, 7, 64, 128, 1024)] int block)
    {
        using var stage = new NoteStage();
        stage.Key(900, 300, 50);                    // began before the record: its release is nothing
        stage.Do(1000, "record");
        stage.Key(1100, 250, 60, 100);
        stage.Key(1200, 100, 64, 80, player: 1);
        stage.Send(1300, NoteEvent.Control, 64, 127);
        stage.Send(1400, NoteEvent.Bend, 1, 80);
        stage.Send(1500, 0xC3, 5, 0);
        stage.Send(1600, NoteEvent.PolyPressure, 60, 33);
        stage.Send(1700, 0xD0, 44, 0);
        stage.Key(1950, 500, 67);                   // held across the end: ends at the seam
        stage.Do(2000, "play");
        stage.Do(4500, "stop");
        stage.PlayUntil(5000, block);

        Assert.That(stage.Notes, Is.EqualTo(new[]
        {
            "2100 +60 100", "2200 +64 80", "2300 -64", "2350 -60", "2950 +67 100", "3000 -67",
            "3100 +60 100", "3200 +64 80", "3300 -64", "3350 -60", "3950 +67 100", "4000 -67",
            "4100 +60 100", "4200 +64 80", "4300 -64", "4350 -60",
        }));
        Assert.That(stage.Heard.Where(e => e.Frame is >= 2300 and < 3100 && e.Kind is not (NoteEvent.On or NoteEvent.Off)), Is.EqualTo(new NoteEvent[]
        {
            new(2300, NoteEvent.Control, 64, 127), new(2400, NoteEvent.Bend, 1, 80), new(2500, 0xC3, 5, 0), new(2600, NoteEvent.PolyPressure, 60, 33), new(2700, 0xD0, 44, 0),
            new(3000, NoteEvent.Control, 64, 0), new(3000, NoteEvent.Bend, 0, 64),
        }), "pedals are lifted and bends centred where the loop ends");
        Assert.That(stage.Cell("frames"), Is.EqualTo(1000));
        Assert.That(stage.Cell("position"), Is.Zero);
        Assert.That(stage.Cell("cycles"), Is.EqualTo(1));
    }

    [TestCase("pause"), TestCase("stop"), TestCase("clear"), TestCase("undo"), TestCase("next_scene"), TestCase("trigger"), TestCase("record")]
    public void What_sounds_ends_on_the_frame_of(string command)
    {
        using var stage = Looping();
        stage.AddScene(500);
        stage.Do(2100, "overdub");
        stage.Do(2200, "play");
        stage.Do(3333, command);
        stage.PlayUntil(3400, 64);
        Assert.That(stage.Notes[^1], Is.EqualTo("3333 -60"));
    }

    [TestCase("mute", 1), TestCase("volume", 0)]
    public void What_sounds_ends_when_the_channel_falls_silent(string parameter, double value)
    {
        using var stage = Looping();
        stage.Set(3333, parameter, value);
        stage.PlayUntil(6000, 64);
        Assert.That(stage.Notes[^1], Is.EqualTo("3333 -60"));
        Assert.That(stage.State(), Is.EqualTo(LoopState.Looping));
    }

    [Test]
    public void What_sounds_ends_with_solo_elsewhere_panic_rerouting_a_jump_and_removal()
    {
        foreach (var (name, act) in new (string, Action<NoteStage>)[]
        {
            ("solo", s => s.Set(3333, "solo", 1, channel: 2)), ("panic", s => s.Panic(3333)), ("output", s => s.Ask(3333, "output", 1, -1)),
            ("jump", s => s.Transport(3333, "locate", 17)), ("remove", s => s.Ask(3333, "remove")), ("standing still", s => s.Set(3333, "rate", 0)),
        })
        {
            using var stage = Looping();
            act(stage);
            stage.PlayUntil(3350, 64);
            Assert.That(stage.Notes[^1], Is.EqualTo("3333 -60"), name);
        }
    }

    [Test]
    public void A_looper_that_was_away_goes_on_in_its_place_and_leaves_nothing_hanging()
    {
        using var stage = Looping();
        stage.PlayUntil(3350, 50);
        stage.Without(1000);
        stage.Do(5333, "stop");
        stage.PlayUntil(6000);
        Assert.That(NoteStage.Sounding(stage.Heard), Is.Empty);
        Assert.That(stage.Notes, Does.Contain("5300 +60 100").And.Contain("5333 -60"));
    }

    // A note from 300 to 700 in a loop of 1000 that turns from 2000 on.
    static NoteStage Looping()
    {
        var stage = new NoteStage(2);
        stage.Do(1000, "record");
        stage.Key(1300, 400);
        stage.Do(2000, "play");
        return stage;
    }

    [Test]
    public void Overdub_adds_layers_that_undo_and_redo_one_by_one([Values(1, 64, 1024)] int block)
    {
        using var stage = Looping();
        stage.Do(3000, "overdub");
        stage.Key(3500, 400, 64);
        stage.Key(3900, 300, 67);                   // across the seam
        stage.Do(4800, "overdub");
        stage.Do(6000, "undo");
        stage.Do(7000, "redo");
        stage.PlayUntil(8001, block);
        string[] Turn(long start) => [.. stage.Notes.Where(n => long.Parse(n.Split(' ')[0]) is var frame && frame > start && frame <= start + 1000).Select(n => $"{long.Parse(n.Split(' ')[0]) - start} {n.Split(' ', 2)[1]}")];
        Assert.That(Turn(3000), Is.EqualTo(new[] { "300 +60 100", "700 -60" }), "what is being added is not heard yet");
        Assert.That(Turn(5000), Is.EqualTo(new[] { "300 +60 100", "500 +64 100", "700 -60", "900 -64", "900 +67 100", "1000 -67" }));
        Assert.That(Turn(6000), Is.EqualTo(new[] { "300 +60 100", "700 -60" }));
        Assert.That(Turn(7000), Is.EqualTo(Turn(5000)));
        Assert.That(stage.Cell("layers"), Is.EqualTo(1));
    }

    [Test]
    public void Feedback_softens_what_is_there_with_every_pass_until_it_vanishes()
    {
        using var stage = Looping();
        stage.Set(2500, "feedback", 0.25);
        stage.Do(3000, "overdub");
        stage.Do(7000, "play");
        stage.PlayUntil(9000);
        Assert.That(stage.Notes.Where(n => n.Contains('+')), Is.EqualTo(new[] { "2300 +60 100", "3300 +60 100", "4300 +60 25", "5300 +60 6", "6300 +60 2" }));
    }

    [Test]
    public void Volume_scales_velocities_and_monitor_passes_keys_through()
    {
        using var stage = Looping();
        stage.Set(0, "monitor", 1);
        stage.Set(2100, "volume", 0.5);
        stage.Do(3000, "overdub");
        stage.Key(3800, 500, 72, 90);
        stage.Do(4000, "play");
        stage.PlayUntil(4100);
        Assert.That(stage.Notes, Is.EqualTo(new[] { "1300 +60 100", "1700 -60", "2300 +60 50", "2700 -60", "3300 +60 50", "3700 -60", "3800 +72 45", "4000 -72" }),
            "auto: heard while writing, and let go of at its end");
    }

    [Test]
    public void Two_channels_on_one_key_end_it_when_the_last_of_them_does([Values(1, 128)] int block)
    {
        using var stage = Looping();
        stage.Do(1000, "record", 2);
        stage.Key(1500, 300, 60, 50, player: 1);
        stage.Do(2000, "play", 2);
        // Each hears both players, so each holds both notes.
        stage.PlayUntil(3000, block);
        Assert.That(stage.Notes, Is.EqualTo(new[] { "2300 +60 100", "2300 -60", "2300 +60 100", "2500 -60", "2500 +60 50", "2500 -60", "2500 +60 50", "2800 -60" }));
    }

    [Test]
    public void Varispeed_changes_when_and_backwards_counts_as_standing_still([Values(1, 64)] int block)
    {
        using var stage = Looping();
        stage.Set(2000, "rate", 2);
        stage.Set(3000, "rate", 0.5);
        stage.Set(5000, "rate", -1);
        stage.PlayUntil(7000, block);
        Assert.That(stage.Notes, Is.EqualTo(new[] { "2150 +60 100", "2350 -60", "2650 +60 100", "2850 -60", "3600 +60 100", "4400 -60" }));
        Assert.That(stage.Cell("rate"), Is.Zero);
    }

    [Test]
    public void A_loop_of_beats_keeps_its_fraction_of_a_frame()
    {
        using var stage = new NoteStage();
        stage.Transport(0, "tempo", 133);
        stage.Set(0, "quantize", (int)Quantize.Bar);
        stage.Do(1000, "record");
        var bar = 48000 * 60 / 133.0 * 4;
        stage.Key((long)Math.Round(bar) + 5000, 1000);
        stage.Do((long)bar + 10_000, "play");
        stage.PlayUntil((long)(bar * 40), 1024);
        var ons = stage.Heard.Where(e => e.IsOn).Select(e => e.Frame).ToArray();
        Assert.That(ons, Has.Length.EqualTo(38));
        for (var turn = 0; turn < ons.Length; turn++) Assert.That(ons[turn], Is.EqualTo((long)Math.Round(bar * (turn + 2)) + 5000), $"turn {turn}");
    }

    [Test]
    public void A_full_pool_ends_the_take_and_keeps_it()
    {
        using var stage = new NoteStage(memoryBytes: 64 * 8192);
        stage.Do(100, "record");
        for (var i = 0; i < 60_000; i++) stage.Send(200 + i / 4, NoteEvent.Control | i % 16, 7, i & 127);
        stage.PlayUntil(17_000, 64);
        Assert.That(stage.State(), Is.EqualTo(LoopState.Looping));
        Assert.That(stage.Cell("frames"), Is.InRange(5_000, 9_000));
        Assert.That(stage.Told.Count(e => e.Kind == EventKind.Refused && e.A == (int)Reason.Failed), Is.EqualTo(1));
    }

    [Test]
    public void Many_passes_with_many_notes_lose_none()
    {
        using var stage = new NoteStage();
        stage.Do(1000, "record");
        stage.Do(9000, "overdub");
        for (var i = 0; i < 4000; i++) stage.Key(1000 + i * 15, 10, i % 128);
        stage.Do(66_000, "play");
        stage.PlayUntil(70_000);
        var before = stage.Heard.Count;
        stage.Play(8000);
        Assert.That(stage.Looper.Notes.Lost, Is.Zero);
        Assert.That(NoteStage.Sounding(stage.Heard.Take(before)).Count, Is.LessThan(20));
        Assert.That(stage.Heard.Skip(before).Count(e => e.IsOn), Is.InRange(3900, 4000), "all of them in every turn, but for those that were cut at a seam or struck twice");
    }

    [Test]
    public void Nothing_is_allocated_while_it_plays_and_rewrites_every_note()
    {
        using var stage = new NoteStage();
        stage.Do(1000, "record");
        for (var i = 0; i < 400; i++) stage.Key(1000 + i * 20, 15, i % 128);
        stage.Do(9000, "overdub");
        stage.Set(9000, "feedback", 0.99);
        stage.PlayUntil(20_000);
        stage.Heard.EnsureCapacity(1 << 20);
        var least = long.MaxValue;
        for (var round = 0; round < 5; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var block = 0; block < 200; block++) stage.PlayQuietly(128);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        Assert.That(least, Is.Zero);
        Assert.That(stage.Heard.Count(e => e.IsOn), Is.GreaterThan(3000));
    }

    [Test]
    public void Ports_and_midi_channels_are_chosen_by_name()
    {
        using var stage = new NoteStage();
        Assert.That(NotePortName.TryParse("looper:notes/1/3", NotePortName.In, out var port, out var channel, out _), Is.True);
        Assert.That((port, channel), Is.EqualTo((0, 2)));
        Assert.That(NotePortName.TryParse("played/2/10", NotePortName.Out, out var outPort, out var outChannel, out _), Is.True);
        foreach (var wrong in new[] { "", "notes", "notes/0", "notes/5", "notes/1/17", "played/1", "audio:in", "notes/1/2/3", "notes/x" })
            Assert.That(NotePortName.TryParse(wrong, NotePortName.In, out _, out _, out _), Is.False, wrong);
        stage.Ask(0, "input", port, channel);
        stage.Ask(0, "output", outPort, outChannel);
        stage.Do(1000, "record");
        stage.Key(1100, 100, 60, channel: 2);
        stage.Key(1200, 100, 62, channel: 3);
        stage.Do(2000, "play");
        stage.PlayUntil(3000);
        Assert.That(stage.Heard, Is.Empty);
        Assert.That(stage.HeardElsewhere, Is.EqualTo(new NoteEvent[] { new(2100, 0x99, 60, 100), new(2200, 0x89, 60, 64) }));
    }
}
