using System.Net;
using System.Net.Sockets;
using OscLooper.Osc;
using OscLooper.Server;
using OscLooper.Server.Network;

namespace OscLooper.Tests.Server.Network;

public class NetworkTests
{
    [Test]
    public void Only_what_a_time_tag_named_can_be_late()
    {
        using var server = new LiveServer();
        using var client = server.Udp();
        client.Send(new OscBundle(OscTimeTag.FromUnixNanoseconds(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1_000_000 - 50_000_000), new OscMessage("/odds/level", 0.25f)).ToBytes());
        for (var i = 0; i < 50; i++) client.Send("/odds/level", 0.5f);
        client.Send("/server/sync", 1);
        while (client.Hear() is { Address: not "/server/synced" }) { }
        client.Send("/server/late");
        Assert.That(client.Hear()!.Arguments[0].Number, Is.EqualTo(1));
    }

    [Test]
    public void Udp_is_answered_at_the_port_it_came_from()
    {
        using var live = new LiveServer();
        using var a = live.Udp();
        using var b = live.Udp();
        Assert.That(a.Ask("/server/ping", 1, "x")?.ToString(), Is.EqualTo("/server/pong 1 x"));
        Assert.That(b.Ask("/server/ping", 2)?.ToString(), Is.EqualTo("/server/pong 2"));
        Assert.That(a.Hear(50), Is.Null);
    }

    [Test]
    public void Tcp_is_answered_in_the_framing_it_uses([Values] bool slip)
    {
        using var live = new LiveServer();
        using var talker = live.Tcp(slip);
        Assert.That(talker.Ask("/server/ping", new byte[] { 0xC0, 0xDB, 0, 0xC0 })!.Arguments[0].Blob.ToArray(), Is.EqualTo(new byte[] { 0xC0, 0xDB, 0, 0xC0 }));
        Assert.That(talker.RepliesInSlip, Is.EqualTo(slip));
        Assert.That(talker.Ask("/odds/level")?.ToString(), Is.EqualTo("/odds/level 1.0"));
        Assert.That(talker.Ask("/server/reply_port", 9000)?.ToString(), Does.StartWith("/fail /server/reply_port refused"));
    }

    [Test]
    public void Ipv6_loopback_is_heard_beside_ipv4()
    {
        if (!Socket.OSSupportsIPv6) Assert.Ignore("this machine has no IPv6");
        using var live = new LiveServer();
        using var udp = new Socket(AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 2000 };
        try
        {
            udp.Connect(IPAddress.IPv6Loopback, live.Port);
        }
        catch (SocketException)
        {
            Assert.Ignore("this machine has no ::1");
        }
        udp.Send(new OscMessage("/server/ping", 6).ToBytes());
        var buffer = new byte[100];
        Assert.That(OscMessage.TryParse(buffer.AsSpan(0, udp.Receive(buffer)), out var message, out _) ? message.ToString() : "", Is.EqualTo("/server/pong 6"));
    }

    [Test]
    public void Answers_go_to_the_reply_port_that_a_client_named()
    {
        using var live = new LiveServer();
        using var device = live.Udp();
        using var screen = live.Udp();
        var port = ((IPEndPoint)screen.Socket.LocalEndPoint!).Port;
        device.Send("/server/reply_port", port);
        Assert.That(screen.Hear()?.ToString(), Is.EqualTo($"/done /server/reply_port {port}"));
        device.Send("/odds/level");
        Assert.That(screen.Hear()?.ToString(), Is.EqualTo("/odds/level 1.0"));
        Assert.That(device.Hear(50), Is.Null);
    }

    [Test]
    public void Replies_of_one_tick_share_a_bundle_and_no_datagram_is_larger_than_a_frame()
    {
        using var live = new LiveServer();
        using var talker = live.Udp();
        talker.Send(new OscBundle(OscTimeTag.Immediate, [.. Enumerable.Range(0, 200).Select(i => new OscMessage("/server/ping", i))]).ToBytes());
        for (var i = 0; i < 200; i++) Assert.That(talker.Hear()?.ToString(), Is.EqualTo($"/server/pong {i}"));
        Assert.That(talker.Sizes, Has.Count.LessThan(10));
        Assert.That(talker.Sizes, Has.All.LessThanOrEqualTo(1472));
    }

    [Test]
    public void A_reply_that_is_larger_than_a_bundle_goes_alone()
    {
        using var live = new LiveServer();
        using var talker = live.Udp();
        Assert.That(talker.Ask("/server/ping", new byte[20000])!.Arguments[0].Blob.Length, Is.EqualTo(20000));
    }

    [Test]
    public void A_subscriber_hears_what_others_change_but_not_its_own_finger()
    {
        using var live = new LiveServer();
        using var finger = live.Udp();
        using var screen = live.Udp();
        foreach (var one in (UdpTalker[])[finger, screen])
        {
            one.Send("/server/subscribe", "/odds/{level,word}");
            Assert.That((one.Hear()?.ToString(), one.Hear()?.ToString()), Is.EqualTo(("/odds/level 1.0", "/odds/word off")));
            Assert.That(one.Hear()?.ToString(), Is.EqualTo("/done /server/subscribe /odds/{level,word} 2"));
        }
        finger.Send("/odds/level", 2);
        Assert.That(screen.Hear()?.ToString(), Is.EqualTo("/odds/level 2.0"));
        Assert.That(finger.Hear(60), Is.Null);
        finger.Send("/odds/level", 9);
        Assert.That(finger.Hear()?.ToString(), Is.EqualTo("/odds/level 4.0"), "altered: told to its sender, too");
        screen.Send("/odds/word", "on");
        Assert.That(finger.Hear()?.ToString(), Is.EqualTo("/odds/word on"));
        finger.Send("/server/unsubscribe", "/odds/{level,word}");
        Assert.That(finger.Hear()?.ToString(), Does.StartWith("/done /server/unsubscribe"));
        screen.Send("/odds/level", 1);
        Assert.That(finger.Hear(60), Is.Null);
    }

    [Test]
    public void A_closed_udp_port_ends_its_subscriptions()
    {
        if (!OperatingSystem.IsLinux()) Assert.Ignore("only Linux says whose port is closed");
        using var live = new LiveServer();
        using var other = live.Udp();
        var gone = live.Udp();
        gone.Send("/server/subscribe", "/odds/*");
        Assert.That(gone.Hear(), Is.Not.Null);
        Assert.That(() => live.Inside.Subscriptions.Count, Is.EqualTo(1).After(Patience.Milliseconds, 20));
        gone.Dispose();
        for (var i = 0; i < 1500 && live.Inside.Subscriptions.Count > 0; i++)
        {
            other.Send("/odds/level", i % 4);
            Thread.Sleep(20);
        }
        Assert.That(live.Inside.Subscriptions.Count, Is.Zero);
        Assert.That(other.Ask("/server/ping")?.Address, Is.EqualTo("/server/pong"));
    }

    [Test]
    public void A_connection_that_ends_takes_its_subscriptions_along_but_what_it_sent_is_carried_out()
    {
        using var live = new LiveServer();
        using var other = live.Udp();
        using var brief = live.Tcp(slip: false);
        brief.Send("/server/subscribe", "/odds/*");
        Assert.That(brief.Hear(), Is.Not.Null);
        for (var i = 0; i < 1000; i++) brief.Send("/odds/press");
        brief.Send("/odds/level", 3);
        // Closing it with answers unread would make its own kernel throw away what is still to be sent.
        brief.Socket.Shutdown(SocketShutdown.Send);
        for (var i = 0; i < 1500 && live.Inside.Subscriptions.Count > 0; i++) Thread.Sleep(20);
        Assert.That(live.Inside.Subscriptions.Count, Is.Zero);
        // What it sent last acts a block after it came; the other client's questions do not wait for that.
        Assert.That(() => other.Ask("/odds/counted")?.Arguments[0].Number, Is.EqualTo(1000).After(10_000, 20));
        Assert.That(() => other.Ask("/odds/level")?.Arguments[0].Number, Is.EqualTo(3).After(10_000, 20));
    }

    [Test]
    public void Devices_that_cannot_ask_get_feedback_from_the_start()
    {
        using var device = new UdpClientOnItsOwn();
        using var live = new LiveServer(new ServerOptions { Feedback = [$"127.0.0.1:{device.Port}=/odds/level"] });
        Assert.That(device.Hear()?.ToString(), Is.EqualTo("/odds/level 1.0"));
        using var other = live.Udp();
        other.Send("/odds/level", 2);
        Assert.That(device.Hear()?.ToString(), Is.EqualTo("/odds/level 2.0"));
    }

    [Test]
    public void Two_hundred_refusals_a_second_are_told_and_the_rest_is_counted()
    {
        using var live = new LiveServer();
        using var talker = live.Udp();
        var clock = System.Diagnostics.Stopwatch.StartNew();
        for (var i = 0; i < 500; i++) talker.Send("/nothing");
        talker.Send("/server/ping");
        var told = new List<OscMessage>();
        var seconds = 0.0;
        while (talker.Hear(told.Count > 200 ? 1500 : Patience.Milliseconds) is { } message)
            if (message.Address == "/server/pong") seconds = clock.Elapsed.TotalSeconds;
            else told.Add(message);
        if (seconds > 0.9) Assert.Ignore($"this machine is too busy: 500 messages took {seconds:0.0} s, so more than one second's refusals were told ({told.Count})");
        Assert.That(told, Has.Count.EqualTo(201));
        Assert.That(told[..200], Has.All.Matches<OscMessage>(m => m!.ToString().StartsWith("/fail /nothing \"no such address\"")));
        Assert.That(told[200].ToString(), Does.Contain("300 more"));
    }

    [Test]
    public void A_port_that_is_taken_is_said_so()
    {
        using var live = new LiveServer();
        var second = new OscLooper.Server.Server(new ServerOptions { OscPort = live.Port, Quiet = true }, []);
        Assert.Throws<PortTakenException>(second.Listen);
        second.Dispose();
        Assert.That(live.Udp().Ask("/server/ping")?.Address, Is.EqualTo("/server/pong"));
    }

    [Test]
    public void A_stream_that_is_not_osc_is_refused_once_and_closed()
    {
        using var live = new LiveServer();
        using var talker = live.Tcp(slip: false);
        talker.Socket.Send("GET / HTTP/1.1\r\n\r\n"u8);
        Assert.That(talker.Hear()?.ToString(), Does.StartWith("/fail ? malformed"));
        Assert.That(talker.Hear(), Is.Null);
        Assert.That(live.Udp().Ask("/server/ping")?.Address, Is.EqualTo("/server/pong"));
    }

    [Test]
    public void Quit_is_answered_and_ends_the_main_loop()
    {
        using var live = new LiveServer();
        using var talker = live.Tcp(slip: true);
        Assert.That(talker.Ask("/server/quit")?.ToString(), Is.EqualTo("/done /server/quit"));
        for (var i = 0; i < 1500 && !live.HasEnded; i++) Thread.Sleep(20);
        Assert.That(live.HasEnded, Is.True);
    }

    [Test]
    public void The_status_tells_the_receive_buffer_that_was_granted()
    {
        using var live = new LiveServer();
        using var talker = live.Udp();
        var status = talker.Ask("/server/status")!;
        Assert.That(status.Tags, Is.EqualTo("ssiifiihihihf"));
        Assert.That(status.Arguments[10].Whole, Is.GreaterThan(0));
        Assert.That(status.Arguments[11].Whole, Is.Zero);
        Assert.That(talker.Ask("/server/clock")!.Tags, Is.EqualTo("thd"));
    }

    [Test]
    public void A_bundle_stamped_ahead_acts_on_its_exact_frame_by_the_clock_that_the_server_tells()
    {
        using var live = new LiveServer();
        using var talker = live.Udp();
        var clock = talker.Ask("/server/clock")!;
        var (now, frame, perSecond) = (clock.Arguments[0].Time.ToUnixNanoseconds(), clock.Arguments[1].Whole, clock.Arguments[2].Number);
        // Far enough ahead that it comes in time on a busy machine, too.
        var at = now + 2_000_000_000;
        talker.Send(new OscBundle(OscTimeTag.FromUnixNanoseconds(at), new OscMessage("/odds/word", "on")).ToBytes());
        talker.Send("/server/sync", 1);
        Assert.That(talker.Hear()?.ToString(), Is.EqualTo("/server/synced 1"));
        var heard = talker.Ask("/odds/pair")!.Arguments[1].Whole;
        if (talker.Ask("/server/late")?.Arguments[0].Number is > 0) Assert.Ignore("this machine is too busy: what was stamped 2 s ahead came late");
        Assert.That(heard, Is.EqualTo(frame + (at - now) * perSecond / 1e9).Within(1));
    }

    [TestCase(61.0, "out of range")]
    [TestCase(59.0, null)]
    public void A_tag_may_be_sixty_seconds_ahead(double seconds, string? reason)
    {
        using var live = new LiveServer();
        using var talker = live.Udp();
        var tag = OscTimeTag.FromUnixNanoseconds((DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100 + (long)(seconds * 1e9));
        talker.Send(new OscBundle(tag, new OscMessage("/odds/level", 2)).ToBytes());
        Assert.That(talker.Hear(reason is null ? 100 : Patience.Milliseconds)?.Arguments[1].Text, Is.EqualTo(reason));
    }

    [Test]
    public void No_more_than_4096_messages_may_wait_for_their_time()
    {
        using var live = new LiveServer();
        using var talker = live.Tcp(slip: false);
        var tag = OscTimeTag.FromUnixNanoseconds((DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100 + 30_000_000_000);
        talker.Send(new OscBundle(tag, [.. Enumerable.Range(0, 4100).Select(i => new OscMessage("/odds/level", i % 4))]).ToBytes());
        talker.Send("/server/ping");
        for (var i = 0; i < 4; i++) Assert.That(talker.Hear()?.Arguments[1].Text, Is.EqualTo("out of range"));
        Assert.That(talker.Hear()?.Address, Is.EqualTo("/server/pong"));
    }

    [TestCase("10.0.0.0/8", "10.1.2.3", true)]
    [TestCase("10.0.0.0/8", "11.1.2.3", false)]
    [TestCase("10.1.2.3/8", "10.9.9.9", true)]
    [TestCase("192.168.1.17", "192.168.1.17", true)]
    [TestCase("192.168.1.17", "192.168.1.16", false)]
    [TestCase("fe80::/10", "fe80::1", true)]
    [TestCase("fe80::/10", "10.0.0.1", false)]
    [TestCase("10.0.0.0/8", "127.0.0.1", true)]
    [TestCase("0.0.0.0/0", "8.8.8.8", true)]
    public void Only_the_networks_that_were_named_are_heard(string network, string host, bool heard) =>
        Assert.That(new AllowList([network]).Hears(HostPort.Of(new IPEndPoint(IPAddress.Parse(host), 1))), Is.EqualTo(heard));

    [TestCase("10.0.0.0/33")]
    [TestCase("ten")]
    public void A_network_that_is_none_is_said_so(string network) => Assert.Throws<FormatException>(() => new AllowList([network]));
}
