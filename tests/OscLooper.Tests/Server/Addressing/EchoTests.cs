using OscLooper.Osc;
using OscLooper.Server.Addressing;
using OscLooper.Testing;

namespace OscLooper.Tests.Server.Addressing;

/// <summary>Clients behind a cable with delays: each is told only what differs from what it last sent or was told, and in the end all have the value.</summary>
public class EchoTests
{
    const int FramesPerMillisecond = 48;

    /// <summary>A client behind a cable that delays and reorders what it carries, both ways.</summary>
    sealed class Distant(Rig rig, Cable cable, string name, bool reflects)
    {
        readonly LocalClient inside = rig.Server.Connect(name, isDistant: true);
        public Dictionary<string, string> Last { get; } = [];
        public List<string> Told { get; } = [];
        public int Sent { get; private set; }
        public string Name => name;

        public void Send(string address, params OscValue[] arguments)
        {
            Sent++;
            if (arguments.Length > 0 && !address.StartsWith("/server/", StringComparison.Ordinal)) Last[address] = Meant(address, arguments);
            var packet = new OscMessage(address, arguments).ToBytes();
            cable.Carry(() => inside.Send(packet));
        }

        public void TakeReplies()
        {
            while (inside.Replies.TryDequeue(out var reply))
            {
                var message = reply.Message;
                cable.Carry(() => Hear(message));
            }
        }

        void Hear(OscMessage message)
        {
            if (message.Address is "/done" or "/fail" || message.Address.StartsWith("/server/", StringComparison.Ordinal)) return;
            Told.Add(message.ToString());
            Last[message.Address] = Shown(message.Arguments);
            if (reflects) Send(message.Address, message.Arguments);
        }

        // A choice sent by its index is shown by its word.
        string Meant(string address, OscValue[] values) =>
            values is [{ IsNumber: true } number] && rig.Server.Space.TryFind(address, out var leaf) && leaf.Declaration.Specs[0].Choices is { Count: > 0 } words && number.Number < words.Count
                ? words[(int)number.Number] : Shown(values);

        static string Shown(OscValue[] values) => string.Join(' ', values.Select(v => v.IsNumber ? ((float)v.Number).ToString("R", System.Globalization.CultureInfo.InvariantCulture) : v.Text));
    }

    /// <summary>What is under way, by the millisecond at which it arrives.</summary>
    sealed class Cable(int longestDelay, Random random)
    {
        readonly PriorityQueue<Action, (int Due, int Order)> underWay = new();
        int order;
        public int Now { get; private set; }
        public int Carried { get; private set; }

        public void Carry(Action arrive)
        {
            Carried++;
            underWay.Enqueue(arrive, (Now + random.Next(longestDelay + 1), order++));
        }

        public void Step()
        {
            while (underWay.TryPeek(out var arrive, out var place) && place.Due <= Now)
            {
                underWay.Dequeue();
                arrive();
            }
            Now++;
        }
    }

    sealed class World : IDisposable
    {
        public World(int seed, int longestDelay, Rig? inside = null)
        {
            Random = new Random(seed);
            Cable = new Cable(longestDelay, Random);
            Rig = inside ?? Rig.Looper();
            Clients = [new(Rig, Cable, "hand", false), new(Rig, Cable, "mirror", true), new(Rig, Cable, "other mirror", true)];
        }

        public Random Random { get; }
        public Cable Cable { get; }
        public Rig Rig { get; }
        public Distant[] Clients { get; }
        public Distant Hand => Clients[0];

        public void Run(int milliseconds)
        {
            for (var i = 0; i < milliseconds; i++)
            {
                Cable.Step();
                Rig.Server.Settle();
                Rig.Render(FramesPerMillisecond, FramesPerMillisecond);
                foreach (var client in Clients) client.TakeReplies();
            }
        }

        public void Subscribe(string pattern)
        {
            foreach (var client in Clients) client.Send("/server/subscribe", pattern);
            Run(300);
        }

        public string Value(string address) => string.Join(' ', Rig.Call(address)[^1].Arguments.Select(v => v.IsNumber ? ((float)v.Number).ToString("R", System.Globalization.CultureInfo.InvariantCulture) : v.Text));

        public void Dispose() => Rig.Dispose();
    }

    static readonly (string Address, Func<Random, OscValue> Value)[] Leaves =
    [
        ("/looper/channel/1/volume", r => (float)r.NextDouble() * 5),            // clipped at 4
        ("/looper/channel/1/volume", r => r.NextDouble() * 4),                   // a d that an f leaf cannot hold
        ("/looper/channel/2/name", r => "name " + r.Next(1000)),
        ("/looper/channel/1/quantize", r => r.Next(2) == 0 ? r.Next(5) : new[] { "off", "beat", "bar", "cycle", "loop" }[r.Next(5)]),
        ("/looper/channel/1/quantize", r => r.Next(9)),                          // refused above 4
        ("/looper/channel/2/mute", r => r.Next(2) == 0 ? r.Next(2) : (float)r.NextDouble()),
        ("/looper/channel/1/scene", r => r.Next(1, 4)),                          // pending, or refused
        ("/transport/tempo", r => r.NextDouble() * 380 + 20),
        ("/transport/source", r => new[] { "internal", "nothing", "midi" }[r.Next(3)]),
        ("/looper/channel/1/layers", r => r.Next(9)),                            // read only
    ];

    [Test]
    public void A_tenth_of_a_second_after_the_last_set_all_clients_have_the_value([Values(0, 3, 12)] int longestDelay)
    {
        for (var seed = 1; seed <= 12 * Soak.Times; seed++)
        {
            using var world = new World(seed * 31 + longestDelay, longestDelay);
            world.Rig.Send("/looper/channel/1/add_scene");
            world.Rig.Send("/looper/channel/1/quantize", "bar");
            var (address, value) = Leaves[seed % Leaves.Length];
            world.Subscribe(address);
            for (var burst = 0; burst < 4; burst++)
            {
                for (var count = world.Random.Next(1, 20); count > 0; count--)
                {
                    world.Hand.Send(address, value(world.Random));
                    world.Run(world.Random.Next(0, 12));
                }
                world.Run(100);
                var now = world.Value(address);
                foreach (var client in world.Clients)
                    Assert.That(client.Last[address], Is.EqualTo(now), $"seed {seed}, delay {longestDelay} ms, burst {burst}: {address} of the {client.Name}");
            }
        }
    }

    [Test]
    public void A_fader_ends_where_the_hand_left_it_though_others_send_back_what_they_were_told([Values(2, 15, 30)] int longestDelay)
    {
        for (var seed = 1; seed <= 6; seed++)
        {
            using var world = new World(seed, longestDelay);
            world.Subscribe("/looper/channel/1/{volume,name}");
            for (var i = 1; i <= 60; i++)
            {
                world.Hand.Send("/looper/channel/1/volume", i / 20f);
                if (i % 3 == 0) world.Hand.Send("/looper/channel/1/name", $"n{i}");
                // Wider apart than the delay at the end: so it is known which was last.
                world.Run(i < 59 ? 5 : longestDelay + 1);
            }
            world.Run(100);
            Assert.That(world.Value("/looper/channel/1/volume"), Is.EqualTo("3"), $"seed {seed}");
            Assert.That(world.Value("/looper/channel/1/name"), Is.EqualTo("n60"), $"seed {seed}");
            Assert.That(world.Clients.Select(c => c.Last["/looper/channel/1/volume"]), Is.All.EqualTo("3"), $"seed {seed}");
            Assert.That(world.Clients.Select(c => c.Last["/looper/channel/1/name"]), Is.All.EqualTo("n60"), $"seed {seed}");
        }
    }

    [Test]
    public void One_word_is_told_once_to_each_and_echoed_to_nobody()
    {
        using var world = new World(1, 3);
        world.Subscribe("/looper/channel/2/name");
        foreach (var client in world.Clients) client.Told.Clear();
        var before = world.Cable.Carried;
        world.Hand.Send("/looper/channel/2/name", "abc");
        world.Run(1500);
        Assert.That(world.Clients.Select(c => string.Join('|', c.Told)), Is.EqualTo(new[] { "", "/looper/channel/2/name abc", "/looper/channel/2/name abc" }));
        Assert.That(world.Cable.Carried - before, Is.EqualTo(5), "one set, two told, two sent back");
    }

    [Test]
    public void Mirrors_of_everything_come_to_rest()
    {
        using var world = new World(5, 8);
        world.Subscribe("//*");
        for (var i = 0; i < 30; i++)
        {
            world.Hand.Send("/looper/channel/1/volume", i / 10f);
            world.Hand.Send("/looper/channel/1/name", $"n{i}");
            world.Hand.Send("/transport/tempo", 100 + i / 7.0);
            world.Run(4);
        }
        world.Run(500);
        foreach (var client in world.Clients) client.Told.Clear();
        world.Run(1000);
        // What moves by itself is told all the time.
        var told = world.Clients.SelectMany(c => c.Told).Where(t => world.Rig.Server.Space.TryFind(t.Split(' ')[0], out var leaf) && !leaf.Declaration.IsReadOnly);
        Assert.That(told, Is.Empty);
    }

    [Test]
    public void What_changes_nothing_is_told_to_nobody()
    {
        using var world = new World(2, 0);
        world.Subscribe("/looper/channel/3/volume");
        foreach (var client in world.Clients) client.Told.Clear();
        for (var i = 0; i < 3; i++)
        {
            world.Hand.Send("/looper/channel/3/volume", 0.5f);
            world.Run(200);
        }
        Assert.That(world.Clients.Select(c => c.Told.Count), Is.EqualTo(new[] { 0, 1, 1 }));
    }

    [Test]
    public void Who_sends_too_much_or_what_is_refused_is_told_what_it_is()
    {
        using var world = new World(3, 0);
        world.Subscribe("/looper/channel/1/{volume,quantize,layers}");
        void Tells(string address, OscValue sent, string told)
        {
            world.Hand.Told.Clear();
            world.Hand.Send(address, sent);
            world.Run(99);
            Assert.That(world.Hand.Told, Is.EqualTo(new[] { $"{address} {told}" }), $"{sent}");
        }
        Tells("/looper/channel/1/volume", 5f, "4.0");
        Tells("/looper/channel/1/volume", 6f, "4.0");
        Tells("/looper/channel/1/volume", "loud", "4.0");
        Tells("/looper/channel/1/quantize", 9, "off");
        Tells("/looper/channel/1/layers", 3, "0");
    }

    [Test]
    public void A_scene_that_waits_for_its_boundary_is_told_as_it_is_and_when_it_comes()
    {
        using var world = new World(4, 0);
        world.Rig.Send("/looper/channel/1/add_scene");
        world.Rig.Send("/looper/channel/1/quantize", "bar");
        world.Rig.Send("/transport/play");
        world.Subscribe("/looper/channel/1/scene");
        world.Hand.Told.Clear();
        world.Hand.Send("/looper/channel/1/scene", 2);
        world.Run(100);
        Assert.That(world.Hand.Told, Is.EqualTo(new[] { "/looper/channel/1/scene 1" }));
        world.Run(2100);
        Assert.That(world.Hand.Told, Is.EqualTo(new[] { "/looper/channel/1/scene 1", "/looper/channel/1/scene 2" }));
    }

    [Test]
    public void A_client_that_makes_something_happen_is_told_what_came_of_it()
    {
        using var world = new World(4, 0);
        world.Rig.Send("/looper/channel/1/add_scene");
        world.Subscribe("/looper/channel/1/scene");
        world.Hand.Told.Clear();
        world.Hand.Send("/looper/channel/1/next_scene");
        world.Run(10);
        world.Hand.Send("/looper/channel/1/prev_scene");
        world.Run(10);
        // A value that it was told a moment ago, and means: it has acted since.
        world.Hand.Send("/looper/channel/1/scene", 2);
        world.Run(100);
        Assert.That(world.Value("/looper/channel/1/scene"), Is.EqualTo("2"));
        Assert.That(world.Hand.Last["/looper/channel/1/scene"], Is.EqualTo("2"));
    }

    [Test]
    public void A_hand_on_a_fader_is_not_fought()
    {
        // Where messages may change places it may be told once more where the fader rests.
        using var world = new World(6, 0);
        world.Hand.Send("/server/subscribe", "/looper/channel/1/volume");
        world.Run(200);
        world.Hand.Told.Clear();
        for (var i = 0; i < 300; i++)
        {
            world.Hand.Send("/looper/channel/1/volume", i / 100f);
            world.Run(10);
            Assert.That(world.Hand.Told, Is.Empty);
        }
        world.Run(300);
        Assert.That(world.Hand.Told, Has.Count.LessThan(2).And.All.EqualTo("/looper/channel/1/volume 2.99"));
    }

    [Test]
    public void Happenings_are_told_every_time()
    {
        using var rig = Rig.With(at => new Reporter(at));
        var client = rig.Server.Connect("screen", isDistant: true);
        client.Send("/server/subscribe", "/reporter/{came,key,plain}");
        rig.Server.Settle();
        client.Replies.Clear();
        for (var i = 0; i < 3; i++)
        {
            rig.Send("/reporter/again");
            rig.Render(4800);
        }
        Assert.That(client.Replies.Select(r => r.Message.ToString()).Order(), Is.EqualTo(new[]
            { "/reporter/came F0F7", "/reporter/came F0F7", "/reporter/came F0F7", "/reporter/key down 60", "/reporter/key down 60", "/reporter/key down 60", "/reporter/plain same" }));
    }

    [Module("reporter", "Says what happened.")]
    sealed class Reporter : Module
    {
        readonly Parameter key;
        readonly Command strike;

        public Reporter(Branch at)
        {
            var came = at.Setting("came", Spec.Text, "A message that came in.", traits: Traits.ReadOnly | Traits.Happening);
            var plain = at.Setting("plain", Spec.Text, "A state.", traits: Traits.ReadOnly);
            key = at.Parameter("key", [Spec.Choice("up", "down"), Spec.Count(0, 127)], "A key.", Traits.ReadOnly | Traits.Happening);
            strike = at.Command("strike", "Strikes.");
            at.Job("again", [], "Once more.", call =>
            {
                at.Desk.Publish(came, -1, "F0F7");
                at.Desk.Publish(plain, -1, "same");
                at.Desk.Send("/reporter/strike");
                call.Done();
            });
        }

        public override void Handle(in Event e)
        {
            if (e.Is(strike)) key.Set(1, 60);
        }

        public override void Process(in Block block) { }
    }
}
