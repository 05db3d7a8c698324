using OscLooper.Gain;
using OscLooper.Server.Realtime;

namespace OscLooper.Tests.Server.Realtime;

public class PatchTests
{
    [Test]
    public void A_cycle_is_refused_by_name()
    {
        var patch = new Patch();
        Assert.That(patch.Connect(new("a", "out", 0), new("b", "in", 0), out _), Is.True);
        Assert.That(patch.Connect(new("b", "out", 0), new("c", "in", 0), out _), Is.True);
        Assert.That(patch.Connect(new("c", "out", 0), new("a", "in", 0), out var why), Is.False);
        Assert.That(why, Is.EqualTo("cycle: a -> b -> c -> a"));
        Assert.That(patch.Connect(new("a", "out", 0), new("a", "in", 0), out why), Is.False);
        Assert.That(patch.Connections, Has.Count.EqualTo(2));
    }

    [Test]
    public void Imps_play_after_those_they_hear()
    {
        using var stage = new Stage().With("last", at => new GainModule(at)).With("first", at => new GainModule(at));
        var patch = new Patch();
        patch.Connect(new("audio", "in", 0), new("first", "in", 0), out _);
        patch.Connect(new("first", "out", 0), new("last", "in", 0), out _);
        patch.Connect(new("last", "out", 0), new("audio", "out", 0), out _);
        stage.Load(patch);
        stage.Set(0, "first", "level", 20 * Math.Log10(2));
        stage.Set(0, "last", "level", 20 * Math.Log10(3));
        Assert.That(stage.Play(8, 8, (_, _) => 1)[0], Is.All.EqualTo(6f).Within(1e-5f));
    }

    [Test]
    public void Lanes_are_read_and_written_from_1()
    {
        Assert.That(PortLane.Parse("looper:channel/2/1"), Is.EqualTo(new PortLane("looper", "channel/2", 0)));
        Assert.That(new PortLane("looper", "out", 1).ToString(), Is.EqualTo("looper:out/2"));
        Assert.That(new[] { "", "looper", "looper:", "looper:out", "looper:out/0", ":out/1", "a:/1" }.Select(PortLane.Parse), Is.All.Null);
    }
}
