using OscLooper.Server.Midi;
using OscLooper.Server.Realtime;

namespace OscLooper.Tests.Server.Realtime;

/// <summary>MIDI clock in and out, JACK's transport, the metronome.</summary>
public class TransportClockTests
{
    const int TickFrames = 1000;   // 24 ticks a beat at 120 and 48 kHz

    sealed class Table : IDisposable
    {
        public Table()
        {
            Stage = new Stage(0, 1);
            Stage.With("transport", at => new TransportModule(at, Stage.Engine.Midi, Stage.Engine.JackTransport));
            (Clock, Box) = (Stage.Engine.Midi.Input("clock")!, Stage.Engine.Midi.Output("box")!);
            Clock.Come("test");
            Box.Come("test");
            Stage.Load();
        }

        public Stage Stage { get; }
        public MidiInput Clock { get; }
        public MidiOutput Box { get; }

        public void Set(string name, double value) => Stage.Set(Stage.Engine.Status.Frame, "transport", name, value);
        public double Cell(string name) => Stage.Cell("transport", name);

        readonly List<(long Frame, string Bytes)> sent = [];

        /// <summary>Plays, with a device that takes what it is sent ten times a second.</summary>
        public void Play(int frames, int block)
        {
            for (var left = frames; left > 0;)
            {
                var piece = Math.Min(left, block * Math.Max(1, 4800 / block));
                Stage.Play(piece, block);
                left -= piece;
                Take();
            }
        }

        /// <summary>What the device was sent since the last time.</summary>
        public List<(long Frame, string Bytes)> Sent()
        {
            Take();
            var all = sent.ToList();
            sent.Clear();
            return all;
        }

        void Take()
        {
            while (Box.ToDevice.TryPeek(out var frame, out var length))
            {
                var bytes = new byte[length];
                Box.ToDevice.Take(bytes, length);
                sent.Add((frame, OscLooper.Tests.Server.Midi.ByteModel.Text(bytes)));
            }
        }

        public void Dispose() => Stage.Dispose();
    }

    [Test]
    public void A_jittering_clock_carries_tempo_and_beat_and_the_first_tick_after_start_is_beat_0([Values(1, 64, 500)] int block)
    {
        using var table = new Table();
        table.Set("source", 1);
        var random = new Random(3);
        table.Clock.Hear(5000, [0xFA]);
        // Eight bars are too many for block 1; the ring takes what fits in one go.
        for (var n = 0; n < 16 * 24; n++) table.Clock.Hear(6000 + n * TickFrames + random.Next(-96, 97), [0xF8]);
        table.Stage.Play(6000 + 16 * 24 * TickFrames, block);
        Assert.That(table.Cell("playing"), Is.EqualTo(1));
        Assert.That(table.Cell("locked"), Is.EqualTo(1));
        Assert.That(table.Cell("tempo"), Is.EqualTo(120).Within(0.1));
        // At the end of the last played frame 16 beats have passed: within 2 ms of the even clock.
        table.Stage.Settle();
        Assert.That(table.Cell("position"), Is.EqualTo(16).Within(0.004 + block / 24000.0));
        var told = table.Stage.Heard.Count(e => e.Kind == EventKind.Set && e.Target == table.Stage.Leaf("transport", "tempo"));
        Assert.That(told, Is.LessThan(200), "small changes of a followed tempo are not told");
    }

    [Test]
    public void Song_position_continue_and_stop_are_followed()
    {
        using var table = new Table();
        table.Set("source", 1);
        table.Stage.Play(64, 64);
        table.Clock.Hear(1000, [0xF2, 8, 0]);
        table.Stage.Play(2000, 64);
        Assert.That((table.Cell("position"), table.Cell("playing")), Is.EqualTo((2.0, 0.0)));
        table.Clock.Hear(3000, [0xFB]);
        for (var n = 0; n < 48; n++) table.Clock.Hear(4000 + n * TickFrames, [0xF8]);
        table.Clock.Hear(4000 + 48 * TickFrames, [0xFC]);
        table.Stage.Play(60000, 64);
        Assert.That(table.Cell("playing"), Is.Zero);
        Assert.That(table.Cell("position"), Is.EqualTo(4).Within(1e-3));
    }

    [Test]
    public void A_clock_that_falls_silent_is_not_locked_and_the_tempo_stays()
    {
        using var table = new Table();
        table.Set("source", 1);
        for (var n = 0; n < 48; n++) table.Clock.Hear(n * 1200, [0xF8]);
        table.Stage.Play(48 * 1200, 128);
        Assert.That((table.Cell("locked"), table.Cell("tempo")), Is.EqualTo((1.0, 100.0)));
        table.Set("tempo", 140);
        table.Stage.Play(128, 128);
        Assert.That(table.Stage.Heard[^1].Kind, Is.EqualTo(EventKind.Refused), "the clock says how fast");
        table.Stage.Play(50000, 128);
        Assert.That((table.Cell("locked"), table.Cell("tempo")), Is.EqualTo((0.0, 100.0)));
        table.Set("source", 0);
        table.Stage.Play(128, 128);
        Assert.That(table.Cell("locked"), Is.EqualTo(1));
    }

    [Test]
    public void Clock_out_lies_on_its_frames_with_start_stop_and_position([Values(1, 64, 500)] int block)
    {
        using var table = new Table();
        table.Set("clock_out", 1);
        table.Stage.Fire(10, "transport", "stop");
        table.Stage.Fire(2500, "transport", "play");
        table.Stage.Fire(2500 + 50_500, "transport", "stop");
        table.Stage.Fire(60_000, "transport", "locate", 1.3);
        table.Stage.Fire(70_000, "transport", "play");
        table.Play(80_000, block);
        var sent = table.Sent();
        // Standing: the clock runs on the grid from frame 0; play starts it anew on its own frame.
        Assert.That(sent.Take(6), Is.EqualTo(new[] { (0L, "F2 00 00"), (0, "F8"), (1000, "F8"), (2000, "F8"), (2500, "FA"), (2500, "F8") }));
        var playing = sent.Where(s => s.Frame is > 2500 and <= 53_000).ToList();
        Assert.That(playing.Where(p => p.Bytes == "F8").Select(p => p.Frame), Is.EqualTo(Enumerable.Range(1, 50).Select(n => 2500L + n * TickFrames)));
        Assert.That(playing[^1], Is.EqualTo((53_000L, "FC")));
        // 1.3 beats lie between sixteenths 5 and 6: the position is told as 6, and continue comes right before its tick, 0.2 beats later.
        Assert.That(sent.Where(s => s.Bytes.StartsWith("F2")).Skip(1), Is.EqualTo(new[] { (60_000L, "F2 06 00"), (70_000L, "F2 06 00") }));
        var again = sent.FindIndex(s => s.Bytes == "FB");
        Assert.That((sent[again], sent[again + 1]), Is.EqualTo(((74_800L, "FB"), (74_800L, "F8"))));
    }

    [Test]
    public void A_tick_that_a_change_of_tempo_puts_into_the_past_is_sent_at_once()
    {
        using var table = new Table();
        table.Set("tempo", 120.05);
        table.Set("clock_out", 1);
        table.Stage.Fire(0, "transport", "play");
        // Tick 1 lies at 999.58: nearest to frame 1000; at a third of the tempo it would have been at 998.75.
        table.Stage.Set(1000, "transport", "tempo", 40);
        table.Play(4500, 128);
        Assert.That(table.Sent().Where(s => s.Bytes == "F8").Select(s => s.Frame), Is.EqualTo(new[] { 0L, 1000, 3999 }));
    }

    [Test]
    public void A_tempo_change_neither_loses_nor_doubles_a_tick()
    {
        using var table = new Table();
        table.Set("clock_out", 1);
        table.Stage.Fire(0, "transport", "play");
        var random = new Random(2);
        for (var frame = 100L; frame < 400_000; frame += random.Next(50, 3000)) table.Stage.Set(frame, "transport", "tempo", random.Next(40, 300));
        table.Play(400_000, 128);
        var ticks = table.Sent().Count(s => s.Bytes == "F8");
        Assert.That(ticks, Is.EqualTo((int)Math.Floor(table.Cell("position") * 24) + 1).Within(1));
        Assert.That(table.Sent(), Is.Empty);
    }

    [Test]
    public void What_one_sends_another_follows_to_the_sample()
    {
        using var master = new Table();
        using var slave = new Table();
        slave.Set("source", 1);
        master.Set("tempo", 133);
        master.Set("clock_out", 1);
        master.Stage.Fire(30_000, "transport", "play");
        for (var n = 0; n < 3000; n++)
        {
            master.Stage.Play(128, 128);
            foreach (var (frame, bytes) in master.Sent()) slave.Clock.Hear(frame, [.. bytes.Split(' ').Select(b => Convert.ToByte(b, 16))]);
            slave.Stage.Play(128, 128);
        }
        Assert.That(slave.Cell("position"), Is.EqualTo(master.Cell("position")).Within(1e-4));
        Assert.That(slave.Cell("tempo"), Is.EqualTo(133).Within(0.05));
    }

    [Test]
    public void JACKs_transport_is_followed_where_it_is_and_awaited_where_it_is_not()
    {
        using var table = new Table();
        var jack = table.Stage.Engine.JackTransport;
        table.Set("source", 2);
        table.Stage.Play(64, 64);
        Assert.That((table.Cell("source"), table.Cell("locked")), Is.EqualTo((2.0, 0.0)));
        table.Set("source", 3);
        table.Stage.Play(64, 64);
        Assert.That(table.Stage.Heard[^1].Kind, Is.EqualTo(EventKind.Refused), "REAPER is not built yet");
        jack.IsThere = true;
        Assert.That(jack.IsWanted, Is.True);
        jack.Say(true, 0, 6, 90);
        table.Stage.Play(64, 64);
        Assert.That((table.Cell("playing"), table.Cell("tempo"), table.Cell("position")), Is.EqualTo((1.0, 90.0, 6.0)));
        jack.Say(true, 0, 6 + 64 / 32000.0, 90);
        table.Stage.Play(64, 64);
        Assert.That(table.Cell("position"), Is.EqualTo(6.002).Within(1e-9));
        jack.Say(false, 96000, double.NaN, 0);
        table.Stage.Play(64, 64);
        Assert.That((table.Cell("playing"), table.Cell("position")), Is.EqualTo((0.0, 3.0)), "two seconds at 90");
        jack.IsThere = false;
        table.Stage.Play(64, 64);
        Assert.That(table.Cell("locked"), Is.Zero);
    }

    [Test]
    public void The_metronome_clicks_on_the_frame_of_each_beat_higher_on_the_bar_whatever_the_block()
    {
        float[]? first = null;
        foreach (var block in new[] { 1, 64, 480 })
        {
            using var table = new Table();
            table.Stage.Set(100, "transport", "metronome", 1);
            table.Stage.Set(100, "transport", "signature", 3, 4);
            table.Stage.Fire(1000, "transport", "play");
            var sound = table.Stage.Play(1000 + 4 * 24_000, block)[0];
            // Sines begin with 0: the first sample that is heard is the next.
            var onsets = Enumerable.Range(1, sound.Length - 2).Where(n => sound[n] == 0 && sound[n + 1] > 0.02f && sound.Skip(Math.Max(0, n - 500)).Take(Math.Min(n, 500)).All(s => s == 0)).ToArray();
            Assert.That(onsets, Is.EqualTo(new[] { 1000, 25_000, 49_000, 73_000 }));
            // 1000 Hz has its first top after 12 frames, 1500 Hz after 8.
            Assert.That((Top(sound, 1000), Top(sound, 25_000), Top(sound, 49_000), Top(sound, 73_000)), Is.EqualTo((8, 12, 12, 8)));
            Assert.That(sound, Is.EqualTo(first ??= sound), $"blocks of {block}");
        }

        static int Top(float[] sound, int from) => Enumerable.Range(0, 20).MaxBy(n => sound[from + n]);
    }
}
