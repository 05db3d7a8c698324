using OscLooper.Looper;

namespace OscLooper.Tests.Looper;

public class SceneTests
{
    static readonly string[] Commands =
        ["record", "record", "overdub", "overdub", "play", "trigger", "pause", "stop", "clear", "undo", "redo", "cancel", "next_scene", "prev_scene", "add_scene", "remove_scene"];

    [Test]
    public void A_hundred_thousand_random_commands_agree_with_the_model([Values(1, 2)] int seed)
    {
        using var stage = new LoopStage(memoryBytes: 512 << 20);
        var model = new StateModel();
        var random = new Random(seed);
        var differences = 0;
        for (var i = 0; i < 50_000 * Soak.Times; i++)
        {
            var command = Commands[random.Next(Commands.Length)];
            model.Do(command);
            if (command == "add_scene") stage.AddScene(stage.Frame);
            else if (command == "remove_scene") stage.RemoveScene(stage.Frame);
            else stage.Do(stage.Frame, command);
            stage.Play(random.Next(1, 40), frame => (frame & 255) / 256f);

            var (is_, should) = ((stage.State(), (int)stage.Cell("scene"), (int)stage.Cell("scenes"), (int)stage.Cell("layers"), (int)stage.Cell("redo_layers")),
                (model.State, model.Active + 1, model.Scenes, model.Layers, model.RedoLayers));
            if (is_ == should) continue;
            if (differences++ == 0) TestContext.Out.WriteLine($"first difference at command {i}, {command}: is {is_}, should be {should}");
        }
        Assert.That(differences, Is.Zero);
    }

    [Test]
    public void Scenes_are_independent_and_their_phase_runs_on_while_they_are_silent()
    {
        using var stage = new LoopStage();
        stage.Do(0, "record");
        stage.Do(4800, "play");
        stage.AddScene(5000);
        stage.Do(9000, "next_scene");
        stage.Do(30_000, "prev_scene");

        var output = stage.Play(40_000, frame => frame / 65536f);

        Assert.That(output[8000], Is.EqualTo(3200 / 65536f));
        Assert.That(output.Skip(9096).Take(20_000), Has.All.Zero, "the second scene is empty");
        Assert.That(output[32_000], Is.EqualTo((32_000 % 4800) / 65536f), "in phase as if it had never been left");
        Assert.That(stage.States().Last(), Is.EqualTo((30_000L, LoopState.Looping)));
    }

    [Test]
    public void Leaving_a_scene_that_records_closes_its_loop()
    {
        using var stage = new LoopStage();
        stage.AddScene(0);
        stage.Do(100, "record");
        stage.Do(5100, "next_scene");
        stage.Do(8000, "prev_scene");

        var output = stage.Play(14_000, frame => frame / 65536f);

        Assert.That(output[8200], Is.EqualTo((100 + (8200 - 5100)) / 65536f));
    }

    [Test]
    public void A_thousand_removals_of_a_looping_scene_let_no_other_scene_through_and_make_no_click()
    {
        using var stage = new LoopStage(memoryBytes: 256 << 20);
        var removals = 0;
        var steepest = 0f;
        // Scene 1 holds +0.25, every removed scene -0.25: nothing but these, or a fade between them, may ever be heard.
        stage.Do(0, "record");
        stage.Do(2000, "play");
        stage.Play(4000, _ => 0.25f);
        stage.Play(4000, _ => -0.25f);
        var last = 0.25f;
        var random = new Random(5);
        while (removals < 1000)
        {
            stage.AddScene(stage.Frame);
            stage.Do(stage.Frame + 1, "next_scene");
            stage.Do(stage.Frame + 100, "record");
            stage.Do(stage.Frame + 700, "play");
            stage.RemoveScene(stage.Frame + 900 + random.Next(700));
            var output = stage.Play(2000, _ => -0.25f, random.Next(1, 300));
            removals++;
            foreach (var sample in output)
            {
                steepest = Math.Max(steepest, Math.Abs(sample - last));
                last = sample;
                if (Math.Abs(sample) > 0.25f + 1e-6f) Assert.Fail($"a sample of {sample} after removal {removals}");
            }
            Assert.That(output[^1], Is.EqualTo(0.25f).Within(1e-6), "scene 1 sounds again");
            Assert.That(stage.Cell("scenes"), Is.EqualTo(1));
        }
        Assert.That(steepest, Is.LessThan(0.5f * Math.PI / 192 * 1.01), "a click");
    }

    [Test]
    public void The_last_scene_stays()
    {
        using var stage = new LoopStage();
        stage.RemoveScene(0);
        stage.Play(10);
        Assert.That(stage.Heard.Single(e => e.Kind == EventKind.Answer).B, Is.Zero);
    }
}
