using OscLooper.Bard;
using OscLooper.Enchanter;
using OscLooper.Looper;
using OscLooper.Server.Realtime;
using OscLooper.Synth;

namespace OscLooper.Tests.Server.Realtime;

/// <summary>Imps and devices come in any order, on a busy machine every time in another one; the usual connections are the same.</summary>
public class DefaultPatchTests
{
    static readonly string[] Imps = ["looper", "bard", "synth", "controller", "enchanter"];

    static Stage Made()
    {
        var stage = new Stage(2, 2).With("looper", at => new LooperModule(at)).With("bard", at => new BardModule(at))
            .With("synth", at => new SynthModule(at)).With("controller", at => new ControllerModule(at)).With("enchanter", at => new EnchanterModule(at));
        foreach (var device in new[] { "keys", "pads" }) stage.Engine.Midi.Input(device)!.Come("test");
        return stage;
    }

    static IEnumerable<string[]> Orders(string[] of) =>
        of.Length < 2 ? [of] : of.SelectMany(first => Orders([.. of.Where(o => o != first)]).Select(rest => (string[])[first, .. rest]));

    static string[] Shown(Patch patch) =>
        [.. patch.Connections.Select(c => $"{c.From} {c.To}").Concat(patch.NoteConnections.Select(c => $"{c.From} {c.To}")).Order(StringComparer.Ordinal)];

    [Test]
    public void Whatever_comes_first_the_same_is_connected([Range(1, 5)] int count)
    {
        using var stage = Made();
        var orders = 0;
        foreach (var order in Orders(Imps).Select(o => o[..count]).DistinctBy(o => string.Join(' ', o)))
        {
            var there = new List<ImpSlot>();
            var patch = new Patch();
            for (var n = 0; n < order.Length; n++)
            {
                there.Add(stage.Imps.Single(i => i.Tree.Name == order[n]));
                var (name, first) = (order[n], n == 0);
                patch.AddDefaults(f => f == name, there, stage.Engine.Format);
                patch.AddMidiDefaults(f => f == name || first, there, stage.Engine.Midi);
            }
            var atOnce = Patch.Default(stage.Imps.Where(i => order.Contains(i.Tree.Name)), stage.Engine.Format, stage.Engine.Midi);
            Assert.That(Shown(patch), Is.EqualTo(Shown(atOnce)), string.Join(", ", order));
            orders++;
        }
        Assert.That(orders, Is.EqualTo(new[] { 5, 20, 60, 120, 120 }[count - 1]));
    }

    [Test]
    public void What_somebody_has_asked_for_stays_when_others_come()
    {
        using var stage = Made();
        var bard = stage.Imps.Single(i => i.Tree.Name == "bard");
        var patch = Patch.Default([bard], stage.Engine.Format, stage.Engine.Midi);
        // The same connection that is there by itself; and one that was taken out.
        Assert.That(patch.ConnectNotes(new("midi", "keys"), new("bard", "in/2"), out _), Is.True);
        Assert.That(patch.DisconnectNotes(new("midi", "pads"), new("bard", "in/3")), Is.True);
        patch.AddMidiDefaults(f => f is "controller" or "enchanter", [bard, .. stage.Imps.Where(i => i.Tree.Name is "controller" or "enchanter")], stage.Engine.Midi);
        Assert.That(patch.NoteConnections.Where(c => c.From.Imp == "midi").Select(c => $"{c.From} {c.To}"), Is.EqualTo(new[] { "midi:loopback bard:in/1", "midi:keys bard:in/2" }));
    }
}
