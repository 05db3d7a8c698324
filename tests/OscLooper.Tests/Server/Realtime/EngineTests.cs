using OscLooper.Gain;
using OscLooper.Server.Realtime;

namespace OscLooper.Tests.Server.Realtime;

public class EngineTests
{
    static readonly int[] BlockSizes = [1, 7, 64, 128, 1024];

    [TestCaseSource(nameof(BlockSizes))]
    public void A_level_change_takes_effect_on_its_own_sample(int block)
    {
        using var stage = new Stage().With("gain", at => new GainModule(at)).Load();
        stage.Set(100, "gain", "mute", 1);
        stage.Set(777, "gain", "mute", 0);
        var sound = stage.Play(2048, block, (_, _) => 1)[0];

        for (var i = 0; i < sound.Length; i++) Assert.That(sound[i], Is.EqualTo(i is >= 100 and < 777 ? 0f : 1f), $"frame {i}");
        Assert.That(stage.Heard.Select(e => e.Frame), Is.EqualTo(new long[] { 100, 777 }));
    }

    [Test]
    public void Warming_up_leaves_the_numbers_of_the_calling_thread_alone()
    {
        using var stage = new Stage().With("gain", at => new GainModule(at)).Load();
        var isOff = true;
        var thread = new Thread(() =>
        {
            stage.Engine.WarmUp();
            isOff = OscLooper.Dsp.Denormals.AreOff;
        });
        thread.Start();
        thread.Join();
        Assert.That(isOff, Is.False);
    }

    [Test]
    public void Random_events_sound_the_same_at_every_block_size()
    {
        float[][]? expected = null;
        foreach (var block in BlockSizes)
        {
            using var stage = new Stage(2, 2, maxFrames: 512)
                .With("transport", at => new TransportModule(at)).With("gain", at => new GainModule(at))
                .With("ramp", at => new RampModule(at)).Load();
            var random = new Random(4711);
            for (var i = 0; i < 3000; i++)
            {
                var frame = random.Next(40000);
                switch (random.Next(6))
                {
                    case 0: stage.Set(frame, "gain", "level", random.NextDouble() * 12 - 6); break;
                    case 1: stage.Set(frame, "gain", "mute", random.Next(2)); break;
                    case 2: stage.Set(frame, "ramp", "level", random.NextDouble()); break;
                    case 3: stage.Set(frame, "ramp", "echo", random.NextDouble()); break;
                    case 4: stage.Set(frame, "transport", "tempo", 60 + random.NextDouble() * 100); break;
                    default: stage.Fire(frame, "ramp", "jump", 60 + random.NextDouble() * 100); break;
                }
            }
            var noise = new Random(1);
            var input = Enumerable.Range(0, 2 * 40000).Select(_ => noise.NextSingle() * 2 - 1).ToArray();
            var sound = stage.Play(40000, block, (lane, frame) => input[lane * 40000 + frame]);
            expected ??= sound;
            for (var lane = 0; lane < 2; lane++)
                Assert.That(sound[lane].AsSpan().SequenceEqual(expected[lane]), Is.True, $"block size {block}, lane {lane}");
            Assert.That(sound[0].Count(x => x != 0), Is.GreaterThan(30000), "something must be heard");
        }
    }

    [Test]
    public void Events_of_one_frame_act_in_the_order_of_sending()
    {
        using var stage = new Stage().With("gain", at => new GainModule(at)).Load();
        stage.Set(50, "gain", "level", 6);
        stage.Set(10, "gain", "level", 3);
        stage.Set(50, "gain", "level", -6);
        stage.Play(128, 128);
        Assert.That(stage.Heard.Select(e => (e.Frame, e.A)), Is.EqualTo(new[] { (10L, 3.0), (50L, 6.0), (50L, -6.0) }));
        Assert.That(stage.Cell("gain", "level"), Is.EqualTo(-6));
    }

    [Test]
    public void Late_events_act_at_once_in_order_and_those_that_a_time_tag_named_are_counted()
    {
        using var stage = new Stage().With("gain", at => new GainModule(at)).Load();
        stage.Play(128, 128);
        stage.Set(128, "gain", "level", 1, client: 7 | Event.TaggedBit);
        stage.Set(3, "gain", "level", 2, client: 7 | Event.TaggedBit);
        stage.Set(4, "gain", "level", 3);
        stage.Set(-1, "gain", "level", 4);
        stage.Play(64, 64);
        Assert.That(stage.Heard.Select(e => (e.Frame, e.A)), Is.EqualTo(new[] { (128L, 1.0), (128L, 2.0), (128L, 3.0), (128L, 4.0) }));
        Assert.That(stage.Engine.Status.Late, Is.EqualTo(1));
    }

    [Test]
    public void No_frames_apply_only_what_is_due_now()
    {
        using var stage = new Stage().With("gain", at => new GainModule(at)).Load();
        stage.Set(0, "gain", "level", 5);
        stage.Set(1, "gain", "level", 6);
        stage.Settle();
        Assert.That(stage.Cell("gain", "level"), Is.EqualTo(5));
        Assert.That(stage.Engine.Status.Frame, Is.Zero);
        Assert.That(stage.Engine.Status.Waiting, Is.EqualTo(1));
    }

    [Test]
    public void A_sync_comes_back_after_all_before_it_and_at_its_frame()
    {
        using var stage = new Stage().With("gain", at => new GainModule(at)).With("other", at => new GainModule(at)).Load();
        stage.Set(20, "other", "level", 1);
        stage.Set(20, "gain", "level", 2);
        stage.Send(new Event(20, 0, EventKind.Sync, 7, 99));
        stage.Play(64, 64);
        Assert.That(stage.Heard[^1].Kind, Is.EqualTo(EventKind.Sync));
        Assert.That((stage.Heard[^1].Frame, stage.Heard[^1].A, stage.Heard.Count), Is.EqualTo((20L, 99.0, 3)));
    }

    [Test]
    public void An_event_for_nobody_is_refused()
    {
        using var stage = new Stage().With("gain", at => new GainModule(at)).Load();
        stage.Send(new Event(5, 9 << Event.LeafBits, EventKind.Set, 7, 1));
        stage.Play(64, 64);
        Assert.That(stage.Heard.Single() is { Kind: EventKind.Refused, Client: 7, A: (int)Reason.NotFound }, Is.True);
    }

    [TestCaseSource(nameof(BlockSizes))]
    public void A_self_cutting_module_gets_its_events_within_the_block(int block)
    {
        RowsModule? rows = null;
        using var stage = new Stage().With("rows", at => rows = new RowsModule(at)).Load();
        stage.Send(new Event(30, rows!.LevelOf(0), EventKind.Set, 7, 1));
        stage.Send(new Event(40, rows.LevelOf(1), EventKind.Set, 7, 2));
        stage.Send(new Event(1030, rows.LevelOf(0), EventKind.Set, 7, 4));
        var sound = stage.Play(2000, block)[0];
        for (var i = 0; i < sound.Length; i++)
            Assert.That(sound[i], Is.EqualTo(i < 30 ? 0f : i < 40 ? 1f : i < 1030 ? 3f : 6f), $"frame {i}");
        Assert.That(stage.Heard.Select(e => e.Frame), Is.EqualTo(new long[] { 30, 40, 1030 }));
    }

    [TestCase("fall")]
    [TestCase("trip")]
    public void A_module_that_throws_is_silenced_and_reported_and_the_others_play_on(string way)
    {
        using var stage = new Stage().With("gain", at => new GainModule(at)).With("falling", at => new FallingModule(at)).Load();
        if (way == "fall") stage.Set(100, "falling", "fall", 1);
        else stage.Fire(100, "falling", "trip");
        var sound = stage.Play(512, 128, (_, _) => 0.5f)[0];

        Assert.That(sound.Take(100), Is.All.EqualTo(1.5f));
        Assert.That(sound.Skip(100), Is.Ordered.Descending);
        Assert.That(sound.Skip(99).Zip(sound.Skip(100), (a, b) => a - b), Is.All.LessThan(0.01f), "it falls without a click");
        Assert.That(sound.Skip(100 + 240), Is.All.EqualTo(0.5f));
        Assert.That(stage.Heard.Count(e => e.Kind == EventKind.Faulted && e.Imp == 1), Is.EqualTo(1));
        Assert.That(stage.Engine.FaultOf(1)!.Message, Is.AnyOf("fell", "tripped"));
    }

    [Test]
    public void Imps_can_be_replaced_while_it_plays_and_the_past_stays_heard()
    {
        using var stage = new Stage().With("ramp", at => new RampModule(at)).Load();
        stage.Set(0, "ramp", "echo", 1);
        stage.Play(1000, 128, (_, f) => f);
        stage.With("gain", at => new GainModule(at)).Load();
        Assert.That(stage.Engine.Collect(), Is.False, "the audio side has not taken it yet");
        var sound = stage.Play(64, 64, (_, f) => f)[0];
        Assert.That(sound[0], Is.EqualTo(1000f + 900f).Within(0.1), "ramp's input, its echo; gain has only begun to fade in");
        sound = stage.Play(240, 64, (_, f) => f)[0];
        Assert.That(sound[^1], Is.EqualTo(1303f + 1203f + 1303f), "ramp's input, its echo, gain");
        Assert.That(stage.Engine.Collect(), Is.True);
    }

    [Test]
    public void Outputs_are_not_clipped_and_inputs_are_added_up()
    {
        using var stage = new Stage().With("a", at => new GainModule(at)).With("b", at => new GainModule(at)).With("c", at => new GainModule(at)).Load();
        Assert.That(stage.Play(16, 16, (_, _) => 0.75f)[0], Is.All.EqualTo(2.25f));
    }
}
