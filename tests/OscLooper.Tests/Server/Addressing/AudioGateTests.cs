using OscLooper.Server.Addressing;

namespace OscLooper.Tests.Server.Addressing;

public class AudioGateTests
{
    readonly Ring<Event> inbox = new(8);

    static Event Of(int target, double value) => new(0, target, EventKind.Set, 1, value);

    IEnumerable<(int, double)> Drain()
    {
        while (inbox.TryRead(out var e)) yield return (e.Target, e.A);
    }

    [Test]
    public void What_does_not_fit_waits_and_keeps_its_order()
    {
        var gate = new AudioGate(inbox);
        for (var i = 0; i < 20; i++) gate.Send(Of(1, i));
        Assert.That((gate.IsClear, gate.Waiting), Is.EqualTo((false, 12)));
        var heard = new List<(int, double)>();
        while (!gate.IsClear || inbox.Count > 0)
        {
            heard.AddRange(Drain());
            gate.Flush();
        }
        Assert.That(heard, Is.EqualTo(Enumerable.Range(0, 20).Select(i => (1, (double)i))));
    }

    [Test]
    public void Of_udp_parameters_that_wait_the_latest_value_of_each_leaf_is_kept()
    {
        var gate = new AudioGate(inbox);
        for (var i = 0; i < 8; i++) gate.Send(Of(0, i));
        for (var i = 0; i < 10_000; i++) gate.SendLatest(Of(1 + i % 3, i));
        Assert.That(gate.Waiting, Is.EqualTo(3));
        Assert.That(Drain().Count(), Is.EqualTo(8));
        gate.Flush();
        Assert.That(Drain(), Is.EqualTo(new[] { (1, 9999.0), (2, 9997.0), (3, 9998.0) }));
        Assert.That(gate.IsClear, Is.True);
    }

    [Test]
    public void A_udp_command_finds_it_busy_but_one_that_may_not_be_lost_does_not()
    {
        var gate = new AudioGate(inbox);
        Assert.That(gate.HasRoom(8, isReliable: false, keepsLatest: false), Is.True);
        Assert.That(gate.HasRoom(9, isReliable: false, keepsLatest: false), Is.False);
        Assert.That(gate.HasRoom(9, isReliable: true, keepsLatest: false), Is.True);
        Assert.That(gate.HasRoom(AudioGate.MostWaiting + 1, isReliable: true, keepsLatest: false), Is.False);
    }

    [Test]
    public void A_bundle_is_handed_over_whole_or_waits_whole()
    {
        var gate = new AudioGate(inbox);
        for (var i = 0; i < 5; i++) gate.Send(Of(0, i));
        gate.Collect();
        for (var i = 0; i < 4; i++) gate.Send(Of(1, i));
        gate.Commit();
        Assert.That(inbox.Count, Is.EqualTo(5));
        Assert.That(Drain().Count(), Is.EqualTo(5));
        gate.Flush();
        Assert.That(Drain(), Is.EqualTo(Enumerable.Range(0, 4).Select(i => (1, (double)i))));
    }
}
