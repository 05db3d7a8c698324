using System.Net.Sockets;
using OscLooper.Osc;

namespace OscLooper.Tests.Server.Network;

/// <summary>What is rare but must not pass in silence: old tags, large answers, one connection too many.</summary>
public class EdgeTests
{
    static OscTimeTag InSeconds(double seconds) => OscTimeTag.FromUnixNanoseconds((DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100 + (long)(seconds * 1e9));

    static void AwaitSync(UdpTalker talker)
    {
        talker.Send("/server/sync", 1);
        Assert.That(talker.Hear()?.ToString(), Is.EqualTo("/server/synced 1"));
    }

    [TestCase(0UL)]
    [TestCase(2UL)]
    [TestCase(1UL << 32)]
    [TestCase(1000UL << 32)]
    [TestCase(0x83AA7E80_00000000UL)]
    public void A_tag_of_long_ago_acts_at_once_and_counts_as_late(ulong tag)
    {
        using var live = new LiveServer();
        using var talker = live.Udp();
        talker.Send(new OscBundle(new(tag), new OscMessage("/odds/level", 0.25f)).ToBytes());
        AwaitSync(talker);
        Assert.That(talker.Ask("/odds/level")?.ToString(), Is.EqualTo("/odds/level 0.25"));
        Assert.That(talker.Ask("/server/late")?.ToString(), Is.EqualTo("/server/late 1"));
    }

    [Test]
    public void The_last_tag_before_2036_is_too_far_ahead()
    {
        using var live = new LiveServer();
        using var talker = live.Udp();
        talker.Send(new OscBundle(new(ulong.MaxValue), new OscMessage("/odds/level", 0.25f)).ToBytes());
        Assert.That(talker.Hear()?.Arguments[1].Text, Is.EqualTo("out of range"));
    }

    [Test]
    public void An_inner_bundle_of_long_ago_waits_for_its_outer_one()
    {
        using var live = new LiveServer();
        using var talker = live.Udp();
        using var other = live.Udp();
        talker.Send(new OscBundle(InSeconds(1.5), new OscBundle(new(0), new OscMessage("/odds/level", 0.25f))).ToBytes());
        Assert.That(other.Ask("/odds/level")?.ToString(), Is.EqualTo("/odds/level 1.0"));
        AwaitSync(talker);
        Assert.That(talker.Ask("/odds/level")?.ToString(), Is.EqualTo("/odds/level 0.25"));
    }

    [Test]
    public void An_answer_that_no_datagram_carries_is_refused_and_tcp_carries_it([Values] bool slip)
    {
        using var live = new LiveServer();
        using var stream = live.Tcp(slip);
        using var talker = live.Udp();
        Assert.That(stream.Ask("/server/ping", new byte[200_000])?.Arguments[0].Blob.Length, Is.EqualTo(200_000));
        stream.Send("/odds/title", new string('x', 70_000));
        Assert.That(stream.Ask("/odds/title")?.Arguments[0].Text.Length, Is.EqualTo(70_000));
        var fail = talker.Ask("/odds/title")!;
        Assert.That(fail.Address, Is.EqualTo("/fail"));
        Assert.That((fail.Arguments[0].Text, fail.Arguments[1].Text), Is.EqualTo(("/odds/title", "failed")));
        Assert.That(fail.Arguments[2].Text, Does.Contain("TCP"));
    }

    [Test]
    public void A_trace_tells_of_large_and_of_broken_packets_too()
    {
        using var live = new LiveServer();
        using var screen = live.Udp();
        using var talker = live.Udp();
        screen.Send("/server/subscribe", "/server/trace");
        while (screen.Hear() is { Address: not "/done" }) { }
        talker.Send("/server/trace", 1);
        Assert.That(screen.Hear()?.ToString(), Is.EqualTo("/server/trace 1"));
        talker.Send("/server/ping", new byte[60_000]);
        Assert.That(screen.Hear()?.Arguments[1].Text, Does.StartWith("/server/ping 0x0000").And.EndsWith("characters)"));
        talker.Send("/a\0\0,x\0\0"u8.ToArray());
        Assert.That(screen.Hear()?.Arguments[1].Text, Is.EqualTo("malformed: unknown type tag 'x' (byte 5), 8 bytes"));
    }

    [Test]
    public void One_connection_too_many_is_told_so_in_its_own_framing_and_closed([Values] bool slip)
    {
        using var live = new LiveServer();
        var all = new List<TcpTalker>();
        try
        {
            for (var i = 0; i < 256; i++) all.Add(live.Tcp(slip));
            Assert.That(all[255].Ask("/server/ping", 255)?.ToString(), Is.EqualTo("/server/pong 255"));
            var refused = live.Tcp(slip);
            all.Add(refused);
            Assert.That(refused.Ask("/server/ping", 256)?.ToString(), Is.EqualTo("/fail ? refused \"256 connections are open already\""));
            Assert.That(refused.RepliesInSlip, Is.EqualTo(slip));
            Assert.That(refused.Hear(), Is.Null);
            Assert.That(refused.Socket.Poll(30_000_000, SelectMode.SelectRead) && refused.Socket.Available == 0, "closed");
            lock (live.Lines) Assert.That(live.Lines, Has.Some.Contain("256 TCP connections are open"));

            // One that says nothing is told after a while; a place that comes free is given.
            var silent = live.Tcp(slip: true);
            all.Add(silent);
            Assert.That(silent.Hear()?.ToString(), Does.StartWith("/fail ? refused"));
            all[0].Dispose();
            for (var tries = 0; ; tries++)
            {
                var next = live.Tcp(slip);
                all.Add(next);
                if (next.Ask("/server/ping", 3) is { Address: "/server/pong" }) break;
                Assert.That(tries, Is.LessThan(600), "the place that came free is not given");
                Thread.Sleep(50);
            }
        }
        finally
        {
            all.ForEach(t => t.Dispose());
        }
    }
}
