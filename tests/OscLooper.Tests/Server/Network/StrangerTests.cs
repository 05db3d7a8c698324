using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using FsCheck;
using FsCheck.Fluent;
using OscLooper.Osc;
using OscLooper.Server;
using OscLooper.Server.Addressing;
using OscLooper.Server.Network;
using OscLooper.Testing;
using OscLooper.Tests.Server.Addressing;
using UdpClient = OscLooper.Server.Network.UdpClient;

namespace OscLooper.Tests.Server.Network;

/// <summary>Hosts that the user did not name get little for little (addresses.md section 1, amplification), and those who are gone cost little.</summary>
public class StrangerTests
{
    const int Rows = 400;

    /// <summary>A server on one host and a socket on another.</summary>
    sealed class TwoHosts : IDisposable
    {
        readonly NetworkPair pair;
        readonly byte[] buffer = new byte[65536];

        public TwoHosts(ServerOptions? options = null)
        {
            pair = NetworkPair.TryMake(out var why) ?? throw new IgnoreException($"{why}; missed: bounds of hosts that the user did not name");
            Live = pair.OnServer(() => new LiveServer((options ?? new()) with { Bind = NetworkPair.ServerAddress }));
            Socket = pair.OnClient(() => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 4 << 20 });
            Socket.Bind(new IPEndPoint(IPAddress.Parse(NetworkPair.ClientAddress), 7000));
            Socket.Connect(NetworkPair.ServerAddress, Live.Port);
            // Enough leaves for an answer of some 20 KB: over TCP, which has no bounds.
            using var tcp = Tcp();
            for (var i = 0; i < Rows; i++) tcp.Send(Framed("/odds/grow"));
            tcp.Send(Framed("/server/ping"));
            for (var done = 0; done < Rows;)
            {
                var length = tcp.Receive(buffer);
                if (length == 0) break;
                done += System.Text.Encoding.Latin1.GetString(buffer, 0, length).Split("/odds/grow").Length - 1;
            }
        }

        public LiveServer Live { get; }
        public Socket Socket { get; }

        public Socket Tcp() => pair.OnClient(() =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = 20_000 };
            socket.Connect(NetworkPair.ServerAddress, Live.Port);
            return socket;
        });

        public static byte[] Framed(string address)
        {
            var packet = new OscMessage(address).ToBytes();
            return [0, 0, 0, (byte)packet.Length, .. packet];
        }

        /// <summary>Sends, then counts the bytes of answers until it has been quiet for a second.</summary>
        public (int Bytes, List<OscMessage> Messages) Ask(string address, params OscValue[] arguments)
        {
            Socket.Send(new OscMessage(address, arguments).ToBytes());
            // The first may take its time on a busy machine; the others follow.
            Socket.Poll(TimeSpan.FromSeconds(60), SelectMode.SelectRead);
            return Collect(TimeSpan.FromSeconds(1.5));
        }

        public (int Bytes, List<OscMessage> Messages) Collect(TimeSpan quiet)
        {
            var (bytes, messages) = (0, new List<OscMessage>());
            while (Socket.Poll(quiet, SelectMode.SelectRead))
            {
                var length = Socket.Receive(buffer);
                bytes += length;
                Assert.That(OscPacket.TryParse(buffer.AsSpan(0, length), out var packet, out _));
                messages.AddRange(packet is OscBundle bundle ? bundle.Elements.Cast<OscMessage>() : [(OscMessage)packet]);
            }
            return (bytes, messages);
        }

        public void Dispose()
        {
            Socket.Dispose();
            Live.Dispose();
            pair.Dispose();
        }
    }

    [Test]
    public void A_stranger_gets_8_KiB_for_one_packet_and_is_told_what_is_missing()
    {
        using var hosts = new TwoHosts();
        foreach (var question in new[] { "//*", "/odds/row/*/*" })
        {
            var (bytes, messages) = hosts.Ask(question);
            TestContext.Out.WriteLine($"{question}: {bytes} bytes");
            Assert.That(bytes, Is.InRange(4000, 8192), question);
            var cut = messages.Where(m => m.Address == "/fail").ToArray();
            Assert.That(cut, Has.Length.EqualTo(1));
            Assert.That(cut[0].Arguments[1].Text, Is.EqualTo("refused"));
            var told = messages.Count(m => m.Address != "/fail");
            Assert.That(cut[0].Arguments[2].Text, Does.Match("^[0-9]+ more messages: start with --allow HOST, or ask by TCP$"));
            if (question != "//*") Assert.That(told + int.Parse(cut[0].Arguments[2].Text.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture), Is.EqualTo(Rows), "all are told or counted");
        }
        var subscribed = hosts.Ask("/server/subscribe", "/odds/row/*/*");
        Assert.That(subscribed.Bytes, Is.InRange(4000, 8192 + 1024), "a subscription, too");
    }

    [Test]
    public void A_stranger_gets_64_KiB_a_second_from_all_its_ports_together()
    {
        using var hosts = new TwoHosts();
        var question = new OscMessage("/odds/row/*/*").ToBytes();
        var (clock, bytes) = (Stopwatch.StartNew(), 0);
        while (clock.ElapsedMilliseconds < 2500)
        {
            for (var i = 0; i < 10; i++) hosts.Socket.Send(question);
            bytes += hosts.Collect(TimeSpan.FromMilliseconds(10)).Bytes;
        }
        bytes += hosts.Collect(TimeSpan.FromSeconds(1.5)).Bytes;
        var seconds = clock.Elapsed.TotalSeconds;
        TestContext.Out.WriteLine($"{bytes} bytes in {seconds:0.0} s");
        Assert.That(bytes, Is.LessThanOrEqualTo(65536 * (Math.Ceiling(seconds) + 1)).And.GreaterThan(65536));
    }

    [TestCase("allow")]
    [TestCase("reply")]
    [TestCase("feedback")]
    public void Who_was_named_has_no_bounds(string how)
    {
        using var hosts = new TwoHosts(how switch
        {
            "allow" => new() { Allow = ["10.213.77.0/24"] },
            "reply" => new() { AllowReplyTo = [NetworkPair.ClientAddress] },
            _ => new() { Feedback = [$"{NetworkPair.ClientAddress}:7001=/nothing"] },
        });
        var (bytes, messages) = hosts.Ask("/odds/row/*/*");
        Assert.That(messages, Has.Count.EqualTo(Rows));
        Assert.That(bytes, Is.GreaterThan(8192));
    }

    [Test]
    public void Tcp_has_no_bounds()
    {
        using var hosts = new TwoHosts();
        using var tcp = hosts.Tcp();
        tcp.Send(TwoHosts.Framed("/odds/row/*/*"));
        var (buffer, bytes) = (new byte[65536], 0);
        while (bytes <= 8192 && tcp.Poll(TimeSpan.FromSeconds(60), SelectMode.SelectRead)) bytes += tcp.Receive(buffer);
        Assert.That(bytes, Is.GreaterThan(8192));
    }

    [Test]
    public void A_host_that_is_allowed_answers_but_does_not_exist_is_refused_by_name()
    {
        var options = new ServerOptions { OscPort = -1, Offline = false, AllowReplyTo = ["no.such.host.invalid"], Quiet = true };
        using var server = new OscLooper.Server.Server(options, [("odds", at => new OddsModule(at))]);
        Assert.That(server.Listen, Throws.ArgumentException.With.Message.Contains("--allow-reply-to no.such.host.invalid"));
    }

    [Test]
    public void A_subscription_of_a_stranger_ends_a_minute_after_its_last_packet()
    {
        using var rig = Rig.With(at => new OddsModule(at));
        var stranger = new Stranger(rig.Server.NextClientId());
        rig.Server.Welcome(stranger);
        rig.Server.Subscriptions.Begin(stranger, "/odds/level", 30, 1e9);
        rig.Render(59 * 48000, 48000);
        Assert.That(rig.Server.Subscriptions.Count, Is.EqualTo(1));
        stranger.LastAsked = rig.Server.Timing.Now;
        rig.Render(59 * 48000, 48000);
        Assert.That(rig.Server.Subscriptions.Count, Is.EqualTo(1), "it has asked for something meanwhile");
        rig.Render(2 * 48000, 48000);
        Assert.That(rig.Server.Subscriptions.Count, Is.Zero);
    }

    [Test]
    public void Whatever_lease_a_stranger_asks_for_it_gets_a_minute()
    {
        using var hosts = new TwoHosts();
        var inside = hosts.Live.Inside;
        Assert.That(hosts.Ask("/server/subscribe", "/odds/title", 30f, 1e6f).Messages[^1].Address, Is.EqualTo("/done"));
        Assert.That((inside.Subscriptions.NextDue - inside.Timing.Now) / 1e9, Is.LessThanOrEqualTo(60), "seconds to its end");
    }

    sealed class Stranger(int id) : Client(id, "stranger")
    {
        internal override long LongestLease => HostBudget.LongestLease;
        internal override void Post(ReadOnlySpan<byte> message, long frame, bool isFeedback) { }
        internal override void Flush() { }
    }

    [Test]
    public void A_burst_of_clients_that_subscribe_and_are_gone_keeps_nobody_waiting()
    {
        if (!OperatingSystem.IsLinux()) Assert.Ignore("only Linux says whose port is closed");
        using var live = new LiveServer();
        using var other = live.Udp();
        for (var i = 0; i < Rows; i++) Assert.That(other.Ask("/odds/grow")?.Address, Is.EqualTo("/done"));
        var subscribe = new OscMessage("/server/subscribe", "//*").ToBytes();
        for (var i = 0; i < 2000; i++)
        {
            using var gone = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            gone.SendTo(subscribe, new IPEndPoint(IPAddress.Loopback, live.Port));
        }
        var (clock, longest) = (Stopwatch.StartNew(), TimeSpan.Zero);
        do
        {
            var asked = clock.Elapsed;
            // Generous: others may be busy on this machine. It was 20 s.
            other.Send("/server/ping", 1);
            Assert.That(other.Hear(60_000)?.Address, Is.EqualTo("/server/pong"));
            longest = clock.Elapsed - asked > longest ? clock.Elapsed - asked : longest;
            Thread.Sleep(5);
        }
        while (clock.ElapsedMilliseconds < 1000);
        TestContext.Out.WriteLine($"longest ping {longest.TotalMilliseconds:0.0} ms");
        Assert.That(() => live.Inside.Subscriptions.Count, Is.Zero.After(60_000, 50), "those who are gone are told nothing more");
    }

    [Test]
    public void Newcomers_beyond_the_most_cost_a_look_each_and_those_who_subscribed_stay()
    {
        using var live = new LiveServer();
        using var listener = live.Udp();
        using var first = live.Udp();
        using var last = live.Udp();
        Assert.That(listener.Ask("/server/subscribe", "/odds/level")?.Address, Is.Not.Null);
        Assert.That(first.Ask("/server/ping")?.Address, Is.EqualTo("/server/pong"));
        var ping = new OscMessage("/server/ping").ToBytes();
        const int Newcomers = 3000;
        for (var i = 0; i < Newcomers; i++)
        {
            using var one = new UdpTalker(live.Port);
            one.Send(ping);
            if (i % 50 == 0) Assert.That(first.Ask("/server/ping")?.Address, Is.EqualTo("/server/pong"), "who says something now and then stays");
            if (i % 200 == 199) Assert.That(last.Ask("/server/ping")?.Address, Is.EqualTo("/server/pong"));
        }
        var (known, looked) = live.Inside.UdpClients();
        TestContext.Out.WriteLine($"{known} clients are known, {looked} were looked at");
        Assert.That(known, Is.LessThanOrEqualTo(1024 + 256));
        Assert.That(looked, Is.InRange(Newcomers / 2, 9 * Newcomers));
        Assert.That(live.Inside.Subscriptions.Count, Is.EqualTo(1));
        listener.Send("/odds/level", 0.5f);
        last.Send("/odds/level", 0.75f);
        Assert.That(() => listener.Hear()?.ToString(), Does.Contain("0.75").After(Patience.Milliseconds, 1));
    }

    [Test]
    public void Who_was_silent_longest_goes_and_those_who_subscribed_as_the_last()
    {
        Prop.ForAll(Gen.Choose(0, 4000).ArrayOf(400).ToArbitrary(), steps =>
        {
            var order = new ClientOrder();
            var model = new List<(UdpClient Client, bool Listens)>();
            var number = 0;
            foreach (var step in steps)
            {
                var place = model.Count == 0 ? 0 : step / 8 % model.Count;
                switch (model.Count == 0 ? 0 : step % 8)
                {
                    case 0 or 1:
                        var fresh = new UdpClient(++number, null!, default, null);
                        order.Heard(fresh);
                        model.Add((fresh, false));
                        break;
                    case 2 or 3:
                        order.Heard(model[place].Client);
                        model.Add(model[place]);
                        model.RemoveAt(place);
                        break;
                    case 4 or 5:
                        var (client, listens) = model[place];
                        if (listens) client.Listening.Clear();
                        else client.Listening.Add(new Subscription(client, [], 1, 0, null));
                        order.ListeningChanged(client);
                        model.RemoveAt(place);
                        model.Add((client, !listens));
                        break;
                    default:
                        var goes = model.Exists(m => !m.Listens) ? model.First(m => !m.Listens) : model[0];
                        if (order.Oldest() != goes.Client) return false;
                        order.Remove(goes.Client);
                        model.Remove(goes);
                        break;
                }
            }
            return order.Looked <= steps.Length;
        }).QuickCheckThrowOnFailure();
    }

    [Test]
    public void Two_clients_that_send_back_all_they_are_told_come_to_rest()
    {
        using var live = new LiveServer();
        using var hand = live.Udp();
        using var end = new CancellationTokenSource();
        var echoes = 0;
        var mirrors = Enumerable.Range(0, 2).Select(_ => live.Udp()).ToArray();
        var last = new Dictionary<string, string>[] { [], [] };
        foreach (var mirror in mirrors) mirror.Send("/server/subscribe", "/odds/{title,level}", 30f);
        var threads = mirrors.Select((mirror, i) => new Thread(() =>
        {
            while (!end.IsCancellationRequested)
            {
                if (mirror.Hear(50) is not { } told || told.Address is "/done" or "/fail") continue;
                lock (last) last[i][told.Address] = told.ToString();
                Interlocked.Increment(ref echoes);
                mirror.Send(told.Address, told.Arguments);
            }
        })).ToArray();
        foreach (var thread in threads) thread.Start();
        Assert.That(() => { lock (last) return last.Sum(l => l.Count); }, Is.EqualTo(4).After(60_000, 10));

        for (var i = 1; i <= 100; i++)
        {
            hand.Send("/odds/level", i / 50f);
            hand.Send("/odds/title", $"t{i}");
            Thread.Sleep(3);
        }
        Assert.That(() => { lock (last) return last.Select(l => l["/odds/level"] + l["/odds/title"]).Distinct().ToArray(); },
            Is.EqualTo(new[] { "/odds/level 2.0/odds/title t100" }).After(60_000, 20));
        Assert.That((hand.Ask("/odds/level")?.ToString(), hand.Ask("/odds/title")?.ToString()), Is.EqualTo(("/odds/level 2.0", "/odds/title t100")));
        // 200 sets, each told to two at most (and once more where messages crossed); then silence.
        var (before, rest) = (-1, Stopwatch.StartNew());
        for (; Volatile.Read(ref echoes) != before; Thread.Sleep(500))
        {
            before = Volatile.Read(ref echoes);
            Assert.That(rest.Elapsed.TotalSeconds, Is.LessThan(60), $"there is no rest: {before} echoes");
        }
        Assert.That(before, Is.LessThan(1000));
        end.Cancel();
        foreach (var thread in threads) thread.Join();
        foreach (var mirror in mirrors) mirror.Dispose();
    }
}
