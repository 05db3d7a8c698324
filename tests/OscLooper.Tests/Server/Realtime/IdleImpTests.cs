using OscLooper.Bard;
using OscLooper.Enchanter;
using OscLooper.Gain;
using OscLooper.Looper;
using OscLooper.Osc;
using OscLooper.Reaper;
using OscLooper.Server;
using OscLooper.Synth;
using OscLooper.Testing;

namespace OscLooper.Tests.Server.Realtime;

/// <summary>An imp with nothing to do is not called, and nobody can hear that.</summary>
public class IdleImpTests
{
    const int Rate = 8000;

    static (string, Func<Branch, Module>)[] All =>
    [
        ("looper", at => new LooperModule(at)), ("bard", at => new BardModule(at)), ("synth", at => new SynthModule(at)), ("gain", at => new GainModule(at)),
        ("controller", at => new ControllerModule(at)), ("enchanter", at => new EnchanterModule(at)), ("reaper", at => new ReaperModule(at)),
    ];

    static Rig Everything(bool callsIdle = false)
    {
        var rig = new Rig(new ServerOptions { Rate = Rate, Channels = 3 }, All);
        rig.Server.Engine.CallsIdle = callsIdle;
        return rig;
    }

    // Who was called in so many blocks of silence, and how often.
    static Dictionary<string, long> Calls(Rig rig, Action play)
    {
        long Of(OscLooper.Server.Realtime.ImpSlot imp) => rig.Server.Engine.CallsOf(imp.Slot);
        var before = rig.Server.Imps.ToDictionary(i => i.Tree.Name, Of);
        play();
        return rig.Server.Imps.Select(i => (i.Tree.Name, Calls: Of(i) - before[i.Tree.Name])).Where(c => c.Calls > 0).ToDictionary(c => c.Name, c => c.Calls);
    }

    [Test]
    public void In_silence_nobody_is_called()
    {
        using var rig = Everything();
        rig.Render(10 * Rate);
        Assert.That(Calls(rig, () => rig.Render(100 * 128)), Is.Empty);
    }

    [TestCase("synth", "/synth/note", 60, 100)]
    [TestCase("bard", "/bard/note", 60, 100)]
    [TestCase("bard", "/bard/metronome/on", 1)]
    [TestCase("transport", "/transport/play")]
    [TestCase("transport", "/transport/metronome", 1)]
    [TestCase("transport", "/transport/clock_out", 1)]
    [TestCase("looper", "/looper/channel/1/record")]
    [TestCase("audio", "/bard/note", 60, 100)]
    public void A_message_calls_who_is_concerned_again(string imp, string address, params int[] arguments)
    {
        using var rig = Everything();
        rig.Render(10 * Rate);
        rig.Send(address, [.. arguments.Select(a => (OscValue)a)]);
        var calls = Calls(rig, () => rig.Render(100 * 128));
        Assert.That(calls.GetValueOrDefault(imp), Is.GreaterThanOrEqualTo(99), string.Join(", ", calls));
    }

    /// <summary>Has nothing to do until main hands something over.</summary>
    sealed class HandedModule(Branch at) : Module
    {
        readonly AudioSide audio = at.Audio;
        public int Given, Taken;

        public void Give()
        {
            Given++;
            audio.WakeProcess();
        }

        public override bool IsIdle => true;
        public override void Process(in Block block) => Taken = Given;
    }

    [Test]
    public void What_main_hands_to_an_idle_imp_is_taken_with_the_next_block_and_then_it_rests_again()
    {
        HandedModule handed = null!;
        using var rig = Rig.With(at => handed = new HandedModule(at));
        rig.Render(1000);
        for (var n = 1; n <= 3; n++)
        {
            handed.Give();
            Assert.That(handed.Taken, Is.EqualTo(n - 1));
            rig.Render(64);
            Assert.That(handed.Taken, Is.EqualTo(n));
            Assert.That(Calls(rig, () => rig.Render(100 * 128)), Is.Empty);
        }
    }

    [TestCase("/transport/tempo", 97)]
    [TestCase("/transport/locate", 16)]
    [TestCase("/transport/play")]
    public void A_change_of_tempo_or_place_calls_also_who_has_nothing_to_do_and_then_it_rests_again(string address, params int[] arguments)
    {
        using var rig = Rig.With(at => new HandedModule(at));
        rig.Render(1000);
        Assert.That(Calls(rig, () => rig.Render(100 * 128)), Is.Empty);
        rig.Send(address, [.. arguments.Select(a => (OscValue)a)]);
        Assert.That(Calls(rig, () => rig.Render(100 * 128)).GetValueOrDefault("module"), Is.InRange(1, 2));
    }

    [Test]
    public void Sound_calls_those_who_hear_it_and_silence_lets_them_rest_again()
    {
        using var rig = Everything();
        rig.Render(10 * Rate);
        var loud = new float[128];
        loud[77] = 0.5f;
        Assert.That(Calls(rig, () => rig.Render(loud)).Keys, Is.SupersetOf(new[] { "looper", "gain", "audio" }));
        rig.Render(40 * Rate);
        Assert.That(Calls(rig, () => rig.Render(100 * 128)).Keys, Is.Empty);
    }

    [Test]
    public void A_note_calls_the_synth_and_when_its_room_is_silent_it_rests_again()
    {
        using var rig = Everything();
        rig.Send("/bard/note", 60, 100);
        rig.Render(Rate);
        rig.Send("/bard/note", 60, 0);
        rig.Render(40 * Rate);
        Assert.That(Calls(rig, () => rig.Render(100 * 128)).Keys, Is.Empty);
    }

    // Long silences with something in between, at any frame.
    static List<(int Frame, string Address, OscValue[] Arguments)> Script(Random random, int frames)
    {
        (string, Func<OscValue[]>)[] all =
        [
            ("/synth/note", () => [random.Next(30, 90), random.Next(128)]), ("/bard/note", () => [random.Next(30, 90), random.Next(2) * random.Next(128)]),
            ("/synth/vibrato", () => [random.Next(100)]), ("/synth/cutoff", () => [random.Next(100, 3000)]), ("/synth/gain", () => [random.Next(3)]),
            ("/bard/arp/on", () => [random.Next(2)]), ("/bard/drum/on", () => [random.Next(2)]), ("/bard/metronome/on", () => [random.Next(2)]), ("/bard/transpose", () => [random.Next(-5, 5)]),
            ("/transport/tempo", () => [random.Next(60, 200)]), ("/transport/locate", () => [random.Next(64)]), ("/transport/play", () => []), ("/transport/stop", () => []),
            ("/transport/metronome", () => [random.Next(2)]), ("/server/panic", () => []), ("/audio/master/gain", () => [random.Next(1, 3)]), ("/gain/level", () => [-random.Next(20)]),
            ("/looper/channel/*/record", () => []), ("/looper/channel/1/play", () => []), ("/looper/channel/2/overdub", () => []), ("/looper/channel/3/trigger", () => []), ("/looper/channel/*/stop", () => []),
            ("/looper/channel/1/undo", () => []), ("/looper/channel/1/rate", () => [random.Next(1, 3)]), ("/looper/channel/*/clear", () => []), ("/looper/channel/1/monitor", () => [random.Next(3)]),
            ("/looper/channel/2/mute", () => [random.Next(2)]), ("/looper/channel/2/volume", () => [random.Next(3)]),
        ];
        var script = new List<(int, string, OscValue[])>();
        for (var frame = 0; frame < frames; frame += random.Next(4) == 0 ? random.Next(6 * Rate) : random.Next(200))
        {
            var (address, arguments) = all[random.Next(all.Length)];
            script.Add((frame, address, arguments()));
        }
        // Whatever happened before, it becomes silent once, and something comes out of the silence.
        var quiet = frames - 10 * Rate - 100;
        foreach (var off in new[] { "/server/panic", "/bard/arp/on", "/bard/drum/on", "/bard/metronome/on", "/transport/metronome", "/looper/channel/*/clear" })
            script.Add((quiet, off, off.EndsWith("on") || off.EndsWith("metronome") ? [0] : []));
        script.Add((frames - 90, "/synth/note", [64, 100]));
        return script;
    }

    static (float[][] Output, long Calls) Play(int seed, int block, bool callsIdle)
    {
        const int Frames = 60 * Rate;
        using var rig = Everything(callsIdle);
        var random = new Random(seed);
        foreach (var (frame, address, arguments) in Script(random, Frames)) rig.SendAt(frame, address, arguments);
        var input = new float[Frames];
        for (var burst = 0; burst < 12; burst++)
            for (var (i, frame) = (random.Next(1, 500), random.Next(Frames - 10 * Rate)); i > 0; i--) input[Math.Min(Frames - 1, frame + i)] = random.NextSingle() - 0.5f;
        var output = rig.Render([input, input], block);
        return (output, rig.Server.Imps.Sum(i => rig.Server.Engine.CallsOf(i.Slot)));
    }

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    public void A_render_is_the_same_to_the_last_bit_whether_idle_imps_are_called_or_not_at_every_block_size(int seed)
    {
        var (expected, all) = Play(seed, 64, callsIdle: true);
        Assert.That(expected[0].Max(), Is.GreaterThan(0.01f), "something sounds");
        Assert.That(expected[0][^1], Is.Not.Zero, "at the very end, too");
        foreach (var block in new[] { 64, 997, 8192 })
        {
            var (output, calls) = Play(seed, block, callsIdle: false);
            if (block == 64) Assert.That(calls, Is.LessThan(all * 0.9), "they were called less often");
            for (var lane = 0; lane < output.Length; lane++)
            {
                var different = Enumerable.Range(0, output[lane].Length).FirstOrDefault(i => BitConverter.SingleToInt32Bits(output[lane][i]) != BitConverter.SingleToInt32Bits(expected[lane][i]), -1);
                Assert.That(different, Is.EqualTo(-1), $"seed {seed}, block {block}, lane {lane}: the first frame that differs");
            }
        }
    }
}
