using System.Globalization;
using OscLooper.Testing;

namespace OscLooper.Tests.Looper;

/// <summary>The looper by its addresses only, against the table of addresses.md section 4.</summary>
public class TableModelTests
{
    static readonly string[] Commands =
        ["record", "record", "record", "overdub", "overdub", "play", "trigger", "pause", "stop", "clear", "undo", "undo", "redo", "cancel",
         "next_scene", "prev_scene", "scene", "add_scene", "remove_scene", "remove_scene"];

    [Test]
    public void Twenty_thousand_commands_to_channels_with_scenes_do_what_the_table_says([Values(1, 2)] int channels)
    {
        using var rig = Rig.Looper(new() { Channels = channels, MemoryMib = 256 });
        rig.Send("/looper/channel/*/sync", "none");
        var models = Enumerable.Range(0, channels).Select(_ => new TableModel()).ToArray();
        var random = new Random(7 + channels);
        var differences = new List<string>();
        var refused = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var (channel, command) = (random.Next(channels) + 1, Commands[random.Next(Commands.Length)]);
            var model = models[channel - 1];
            if (!model.Says(command)) continue;
            var number = random.Next(0, model.Scenes + 2);
            var before = $"{model.State} scene {model.Active + 1}/{model.Scenes} layers {model.Layers} {model.RedoLayers}";
            var accepted = model.Do(command, rig.Frame, number);
            var answers = command == "scene" ? rig.Call($"/looper/channel/{channel}/scene", number) : rig.Call($"/looper/channel/{channel}/{command}");
            var failed = answers.Any(a => a.Address == "/fail");
            if (failed == accepted) differences.Add($"{i}: {command} {number} in {before}: {(failed ? answers[0].ToString() : "should be refused")}");
            if (failed) refused++;
            rig.Render(random.Next(1, 60));
            for (var c = 1; c <= channels; c++) Compare(rig, models[c - 1], c, differences, $"{i}: {command} to {channel} in {before}");
            if (differences.Count > 4) break;
        }
        Assert.That(differences, Is.Empty, string.Join('\n', differences));
        Assert.That(refused, Is.GreaterThan(100));
    }

    static void Compare(Rig rig, TableModel model, int channel, List<string> differences, string after)
    {
        Same("state", rig.Value(At("state")).Split(' ')[0], model.State);
        Same("scene", rig.Value(At("scene")), $"{model.Active + 1}");
        Same("scenes", rig.Value(At("scenes")), $"{model.Scenes}");
        Same("layers", rig.Value(At("layers")), $"{model.Layers}");
        Same("redo_layers", rig.Value(At("redo_layers")), $"{model.RedoLayers}");
        if (model.Frames is { } frames) Same("frames", rig.Number(At("frames")).ToString(CultureInfo.InvariantCulture), $"{frames}");
        if (model.PositionAt(rig.Frame) is { } position)
        {
            // Round a circle: 0.999 and 0 are neighbours.
            var apart = Math.Abs(rig.Number(At("position")) - position);
            if (Math.Min(apart, 1 - apart) > 1e-5) differences.Add($"{after}: position {rig.Number(At("position"))}, should be {position}");
        }

        string At(string leaf) => $"/looper/channel/{channel}/{leaf}";
        void Same(string leaf, string found, string wanted)
        {
            if (found != wanted) differences.Add($"{after}: {leaf} of {channel} is {found}, should be {wanted}");
        }
    }

    [Test]
    public void With_quantize_beat_an_action_waits_for_the_beat_and_acts_on_its_frame()
    {
        const int beat = 7200;
        using var rig = Rig.Looper(new() { Channels = 1, MemoryMib = 256 });
        rig.Send("/transport/tempo", 400.0);
        rig.Send("/transport/locate", 0.0);
        rig.Send("/looper/channel/1/quantize", "beat");
        var first = rig.Frame;
        var model = new TableModel();
        var random = new Random(3);
        var differences = new List<string>();
        string[] waiting = ["record", "record", "overdub", "overdub", "play", "trigger", "pause", "stop", "next_scene", "prev_scene"];
        // These are not among what /pending can say.
        string[] atOnce = ["clear", "undo", "redo", "add_scene", "remove_scene"];
        for (var i = 0; i < 800 && differences.Count == 0; i++)
        {
            var boundary = first + ((rig.Frame - first) / beat + 1) * beat;
            rig.Render(random.Next(1, (int)(boundary - rig.Frame)), 512);
            var after = $"{i}: {model.State} scene {model.Active + 1}/{model.Scenes}";
            if (random.Next(4) == 0)
            {
                var now = atOnce[random.Next(atOnce.Length)];
                if (!model.Says(now)) continue;
                model.Do(now, rig.Frame);
                rig.Send($"/looper/channel/1/{now}");
                rig.Render(1);
                Compare(rig, model, 1, differences, $"{after} {now} at once");
                continue;
            }
            var command = waiting[random.Next(waiting.Length)];
            after += $" {command}";
            rig.Send($"/looper/channel/1/{command}");
            rig.Render(1);
            var pending = model.IsIdleMove(command) ? "none" : command.EndsWith("_scene", StringComparison.Ordinal) ? "scene" : command;
            if (rig.Value("/looper/channel/1/pending") is var found && found != pending) differences.Add($"{after}: pending {found}, should be {pending}");
            Compare(rig, model, 1, differences, after);
            if (pending != "none" && random.Next(4) == 0)
            {
                rig.Send(random.Next(2) == 0 ? "/looper/channel/1/undo" : "/looper/channel/1/cancel");
                rig.Render(1);
                if (rig.Value("/looper/channel/1/pending") is var rest and not "none") differences.Add($"{after}, taken back: pending {rest}");
                Compare(rig, model, 1, differences, $"{after}, taken back");
                continue;
            }
            var state = model.State;
            model.Do(command, boundary);
            rig.Render((int)(boundary + 10 - rig.Frame), 512);
            if (rig.Value("/looper/channel/1/pending") is var left and not "none") differences.Add($"{after}, at its boundary: pending {left}");
            Compare(rig, model, 1, differences, $"{after}, at its boundary");
            if (model.State != state && !command.EndsWith("_scene", StringComparison.Ordinal) && rig.Value("/looper/channel/1/state") is var since
                && since != $"{model.State} {boundary}") differences.Add($"{after}: {since}, should begin at {boundary}");
        }
        Assert.That(differences, Is.Empty, string.Join('\n', differences));
    }
}
