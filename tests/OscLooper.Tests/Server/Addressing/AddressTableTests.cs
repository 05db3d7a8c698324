using System.Text;
using OscLooper.Osc;
using OscLooper.Server.Addressing;
using OscLooper.Testing;

namespace OscLooper.Tests.Server.Addressing;

public class AddressTableTests
{
    [Test]
    public void It_holds_what_a_dictionary_holds_whatever_comes_and_goes()
    {
        var random = new Random(7);
        var table = new AddressTable();
        var model = new Dictionary<string, int>();
        for (var i = 0; i < 200_000; i++)
        {
            var address = $"/looper/channel/{random.Next(3000)}/{(char)('a' + random.Next(4))}";
            var bytes = Encoding.ASCII.GetBytes(address);
            if (random.Next(i < 100_000 ? 3 : 2) > 0) Assert.That(table.Add(bytes, i), Is.EqualTo(model.TryAdd(address, i)));
            else Assert.That(table.Remove(bytes), Is.EqualTo(model.Remove(address)));
            if (i % 1000 == 0) Check(table, model);
        }
        Check(table, model);
        var full = table.Bytes;
        foreach (var address in model.Keys) Assert.That(table.Remove(Encoding.ASCII.GetBytes(address)), Is.True);
        Assert.That(table.Count, Is.Zero);
        Assert.That(table.Bytes, Is.LessThan(full / 20), "it shrinks again");
    }

    static void Check(AddressTable table, Dictionary<string, int> model)
    {
        Assert.That(table.Count, Is.EqualTo(model.Count));
        foreach (var (address, target) in model) Assert.That(table.Find(Encoding.ASCII.GetBytes(address)), Is.EqualTo(target));
        Assert.That(table.Find("/looper/channel/1/z"u8), Is.EqualTo(-1));
        var seen = 0;
        table.Visit(ref seen, (ref int count, ReadOnlySpan<byte> _, int _) => ++count > 0);
        Assert.That(seen, Is.EqualTo(model.Count));
    }

    [Test]
    public void An_empty_address_is_none() => Assert.That((new AddressTable().Add([], 1), new AddressTable().Find([])), Is.EqualTo((false, -1)));

    [Test]
    public void Parameters_commands_bundles_and_patterns_are_dispatched_without_allocation()
    {
        OddsModule odds = null!;
        using var rig = Rig.With(at => odds = new OddsModule(at));
        for (var i = 0; i < 20; i++) odds.Rows.Add();
        byte[][] packets =
        [
            new OscMessage("/odds/level", 0.5f).ToBytes(), new OscMessage("/odds/word", "auto").ToBytes(), new OscMessage("/odds/press").ToBytes(),
            new OscMessage("/odds/row/17/volume", 1.5f).ToBytes(), new OscMessage("/odds/row/*/volume", 0.5f).ToBytes(),
            new OscBundle(OscTimeTag.Immediate, new OscMessage("/odds/level", 1f), new OscMessage("/odds/shift", 1, 0.5f)).ToBytes(),
        ];
        var inbox = rig.Server.Engine.Inbox;
        Assert.That(Allocations.Least(() =>
        {
            for (var i = 0; i < 1000; i++)
            {
                foreach (var packet in packets) rig.Client.Send(packet);
                while (inbox.TryRead(out _)) { }
            }
        }), Is.Zero);
        Assert.That(rig.Replies, Is.Empty);
    }

    [Test]
    public void Forty_five_thousand_leaves_are_found_by_one_pattern_and_go_when_their_rows_go()
    {
        OddsModule odds = null!;
        using var rig = Rig.With(at => odds = new OddsModule(at));
        for (var i = 0; i < 8192; i++) odds.Rows.Add();
        Assert.That(odds.Rows.Add(), Is.EqualTo(-1));
        Assert.That(rig.Server.Space.Match("/odds/row/*/volume"u8).Length, Is.EqualTo(8192));
        Assert.That(rig.Server.Space.Match("//*"u8).Length, Is.EqualTo(rig.Server.Space.Count));
        rig.Send("/odds/row/*/volume", 2);
        Assert.That(rig.Number("/odds/row/8192/volume"), Is.EqualTo(2));
        for (var i = 0; i < 8192; i++) odds.Rows.Remove(i);
        Assert.That(rig.Server.Space.Match("/odds/row/*/volume"u8).Length, Is.Zero);
        Assert.That(rig.Server.Space.TableBytes, Is.LessThan(65536));
    }
}
