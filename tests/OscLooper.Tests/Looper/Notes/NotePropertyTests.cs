using OscLooper.Looper;

namespace OscLooper.Tests.Looper.Notes;

/// <summary>Random commands and keys; what is heard is what the model hears, and whatever happens every on has its off.</summary>
public class NotePropertyTests
{
    const int SequencesEach = 2700;
    static readonly string[] commands =
        ["record", "record", "overdub", "overdub", "play", "play", "trigger", "pause", "stop", "clear", "undo", "redo", "next_scene", "prev_scene", "add_scene", "remove_scene", "mute", "volume", "monitor", "feedback"];

    [Test]
    public void Twenty_thousand_sequences_sound_as_the_model_says([Values(1, 2, 3, 4, 5, 6, 7, 8)] int seed)
    {
        var random = new Random(seed);
        using var stage = new NoteStage();
        var model = new NoteModel();
        var down = new HashSet<(int Player, int Pitch)>();
        var block = new[] { 7, 64, 128, 1024, 33, 1, 256, 100 }[seed - 1];
        var done = 0;
        for (var sequence = 0; sequence < SequencesEach; sequence++)
        {
            var start = stage.Frame;
            var frames = random.Next(20, 400);
            var acts = Enumerable.Range(0, random.Next(1, 9)).Select(_ => (Frame: start + random.Next(frames), Name: commands[random.Next(commands.Length)], Value: random.Next(4)))
                .Where(a => a.Name != "add_scene" || model.Scenes < 4).OrderBy(a => a.Frame).ToList();
            var keys = Keys(random, start, frames, down);
            foreach (var act in acts) Send(stage, act);
            foreach (var key in keys) stage.Send(key.Frame, key.Velocity > 0 || random.Next(2) == 0 ? NoteEvent.On : NoteEvent.Off, key.Pitch, key.Velocity, key.Player);
            stage.Panic(start + frames);

            foreach (var frame in Enumerable.Range(0, frames).Select(i => start + i))
            {
                foreach (var act in acts.Where(a => a.Frame == frame)) Tell(model, act);
                model.Step(frame, keys.Where(k => k.Frame == frame).Select(k => (k.Player, k.Pitch, k.Velocity)));
            }
            model.Do(start + frames, "panic");
            model.Step(start + frames, []);
            stage.PlayUntil(start + frames + 1, block);

            var expected = model.Take().Order(StringComparer.Ordinal).ToArray();
            var actual = stage.Notes.Order(StringComparer.Ordinal).ToArray();
            var what = $"seed {seed}, sequence {sequence} from {start}: {string.Join(", ", acts)}; keys {string.Join(", ", keys)}";
            if (!expected.SequenceEqual(actual)) Assert.That(actual, Is.EqualTo(expected), what);
            Assert.That((stage.State(), (int)stage.Cell("layers"), (int)stage.Cell("redo_layers"), (int)stage.Cell("scene") - 1), Is.EqualTo((model.State, model.Layers, model.RedoLayers, model.Active)), what);
            Assert.That(NoteStage.Sounding(stage.Heard), Is.Empty, what);
            Assert.That(model.Sounding, Is.Zero);
            done += actual.Length;
            stage.Heard.Clear();
            stage.Told.Clear();
        }
        TestContext.Out.WriteLine($"{SequencesEach} sequences, {done} notes on and off");
        Assert.That(done, Is.GreaterThan(5 * SequencesEach));
    }

    [Test]
    public void No_answer_depends_on_the_block_size([Values(11, 12)] int seed)
    {
        var first = Session(seed, 128);
        Assert.That(first, Has.Length.GreaterThan(300));
        foreach (var block in new[] { 1, 7, 64, 1024 }) Assert.That(Session(seed, block), Is.EqualTo(first), $"blocks of {block}");
    }

    // Three channels, of which one has boundaries of its own; tempo, varispeed, quantise, pedals, jumps.
    static string[] Session(int seed, int block)
    {
        var random = new Random(seed);
        using var stage = new NoteStage(3);
        stage.Set(0, "sync", (int)SyncSource.None, channel: 3);
        for (var channel = 1; channel <= 3; channel++)
        {
            stage.AddScene(0, channel);
            stage.Set(0, "monitor", random.Next(3), channel: channel);
        }
        for (var i = 0; i < 140; i++)
        {
            var (frame, channel) = (100 + random.Next(60_000), random.Next(1, 4));
            switch (random.Next(12))
            {
                case 0: stage.Set(frame, "rate", random.Next(-1, 12) / 4.0, channel: channel); break;
                case 1: stage.Set(frame, "quantize", random.Next(5), channel: channel); break;
                case 2: stage.Set(frame, "feedback", random.Next(5) / 4.0, channel: channel); break;
                case 3: stage.Set(frame, "volume", random.Next(4) / 2.0, channel: channel); break;
                case 4: stage.Transport(frame, "tempo", 200 + random.Next(200)); break;
                case 5: if (random.Next(4) == 0) stage.Transport(frame, "locate", random.Next(50)); break;
                default: stage.Do(frame, commands[random.Next(14)], channel); break;
            }
        }
        for (var i = 0; i < 500; i++) stage.Key(random.Next(60_000), random.Next(1, 3000), 50 + random.Next(12), random.Next(1, 128), random.Next(2), random.Next(2));
        for (var i = 0; i < 100; i++) stage.Send(random.Next(60_000), NoteEvent.Control | random.Next(2), 64, random.Next(2) * 127, random.Next(2));
        for (var i = 0; i < 100; i++) stage.Send(random.Next(60_000), NoteEvent.Bend | random.Next(2), random.Next(128), random.Next(128), random.Next(2));
        stage.Panic(64_000);
        stage.PlayUntil(65_000, block);
        Assert.That(NoteStage.Sounding(stage.Heard), Is.Empty);
        var told = stage.Told.Where(e => e.Kind == EventKind.Set && e.Frame > 0 && e.Client == 0).Select(e => $"{e.Frame} {e.Target} {e.A}");
        // What several channels say on one frame has no order among them.
        return [.. stage.Heard.Select(e => $"{e.Frame} {e.Status:X2} {e.Pitch} {e.Velocity}").Concat(told).Order(StringComparer.Ordinal)];
    }

    static List<(long Frame, int Player, int Pitch, int Velocity)> Keys(Random random, long start, int frames, HashSet<(int, int)> down)
    {
        var keys = new List<(long Frame, int Player, int Pitch, int Velocity)>();
        foreach (var frame in Enumerable.Range(0, random.Next(0, 30)).Select(_ => start + random.Next(frames)).Order())
        {
            var key = (Player: random.Next(2), Pitch: 60 + random.Next(4));
            if (!down.Remove(key)) down.Add(key);
            else if (random.Next(6) == 0) down.Add(key);    // struck twice without a release
            keys.Add((frame, key.Player, key.Pitch, down.Contains(key) ? random.Next(1, 128) : 0));
        }
        // Players' events of one frame come in the order of the players.
        return [.. keys.OrderBy(k => k.Frame).ThenBy(k => k.Player)];
    }

    static void Send(NoteStage stage, (long Frame, string Name, int Value) act)
    {
        switch (act.Name)
        {
            case "add_scene": stage.AddScene(act.Frame); break;
            case "remove_scene": stage.Ask(act.Frame, "remove_scene"); break;
            case "mute": stage.Set(act.Frame, "mute", act.Value == 0 ? 1 : 0); break;
            case "volume": stage.Set(act.Frame, "volume", act.Value / 2.0); break;
            case "monitor": stage.Set(act.Frame, "monitor", act.Value % 3); break;
            case "feedback": stage.Set(act.Frame, "feedback", act.Value / 3.0); break;
            default: stage.Do(act.Frame, act.Name); break;
        }
    }

    static void Tell(NoteModel model, (long Frame, string Name, int Value) act)
    {
        if (act.Name == "mute") model.IsMute = act.Value == 0;
        else if (act.Name == "volume") model.Volume = (float)(act.Value / 2.0);
        else if (act.Name == "monitor") model.Monitor = act.Value % 3;
        else if (act.Name == "feedback") model.Feedback = (float)(act.Value / 3.0);
        model.Do(act.Frame, act.Name);
    }
}
