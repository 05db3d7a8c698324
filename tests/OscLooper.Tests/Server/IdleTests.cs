using System.Diagnostics;
using OscLooper.Bard;
using OscLooper.Enchanter;
using OscLooper.Looper;
using OscLooper.Osc;
using OscLooper.Reaper;
using OscLooper.Server;
using OscLooper.Server.Addressing;
using OscLooper.Server.Audio;
using OscLooper.Synth;

namespace OscLooper.Tests.Server;

/// <summary>What a server does while nobody wants anything of it, counted and not timed: main, the work behind the scenes, the calls of a block.</summary>
[Category("Live"), NonParallelizable]
public class IdleTests
{
    /// <summary>A module whose audio side wakes its work behind the scenes when it is told to, and changes a value of its own.</summary>
    sealed class Sleeper : Module, IBackground
    {
        readonly AudioSide audio;
        readonly Command wake;
        readonly Parameter count;
        public int Worked, Processed;
        public double Due = double.PositiveInfinity;

        public Sleeper(Branch at)
        {
            audio = at.Audio;
            wake = at.Command("wake", "Wakes the work behind the scenes.");
            count = at.Parameter("count", Spec.Count(0, int.MaxValue), "How often that was asked for.", Traits.ReadOnly);
        }

        public override void Handle(in Event e)
        {
            if (!e.Is(wake)) return;
            count.Set(count.Value + 1);
            audio.WakeBackground();
        }

        public void Count(double n) => count.Set(n);

        public void Wake() => audio.WakeBackground();

        public override void Process(in Block block) => Interlocked.Increment(ref Processed);

        public void Work() => Interlocked.Increment(ref Worked);

        public double DueSeconds => Due;
    }

    sealed class Running : IDisposable
    {
        readonly TimerDriver driver = new(48000, 128);
        readonly CancellationTokenSource end = new();
        readonly Thread main;

        internal Running(params (string, Func<Branch, Module>)[] modules)
        {
            Server = new(new ServerOptions { OscPort = 0, Audio = "none", Quiet = true }, modules);
            Client = Server.Connect("test");
            driver.Start(Server.Engine);
            main = new Thread(() => Server.Run(end.Token)) { Name = "main" };
            main.Start();
            Await(() => Server.Engine.Status.Frame > 0 && Server.Rounds > 0);
        }

        internal OscLooper.Server.Server Server { get; }
        internal LocalClient Client { get; }

        internal void Send(OscMessage message) => Server.Workers.Post(() => Client.Send(message));

        internal static void Await(Func<bool> done)
        {
            for (var watch = Stopwatch.StartNew(); !done(); Thread.Sleep(1))
                if (watch.Elapsed.TotalSeconds > 60) Assert.Fail("it has not happened within a minute");
        }

        public void Dispose()
        {
            end.Cancel();
            main.Join();
            driver.Dispose();
            Server.Dispose();
        }
    }

    static (string, Func<Branch, Module>)[] All =>
    [
        ("looper", at => new LooperModule(at)), ("bard", at => new BardModule(at)), ("synth", at => new SynthModule(at)),
        ("controller", at => new ControllerModule(at)), ("enchanter", at => new EnchanterModule(at)), ("reaper", at => new ReaperModule(at)),
    ];

    [Test]
    public void Nobody_is_woken_while_nothing_happens()
    {
        using var running = new Running(All);
        long Calls() => running.Server.Realm.Imps.Sum(i => i.Now?.BackgroundCalls ?? 0) + running.Server.BackgroundCalls;
        // What the start has left to do; it comes to an end.
        for (var (before, still, looks) = (-1L, 0, 0); still < 3; Thread.Sleep(300))
        {
            Assert.That(looks++, Is.LessThan(200), $"main looks all the time: {running.Server.Rounds} times by now");
            (before, still) = (running.Server.Rounds, running.Server.Rounds - before < 3 ? still + 1 : 0);
        }

        var allocated = GC.GetTotalAllocatedBytes();
        var (watch, rounds, calls, frame) = (Stopwatch.StartNew(), running.Server.Rounds, Calls(), running.Server.Engine.Status.Frame);
        Running.Await(() => running.Server.Engine.Status.Frame - frame >= 3 * 48000);
        var seconds = watch.Elapsed.TotalSeconds;

        var (roundsNow, callsNow) = (running.Server.Rounds - rounds, Calls() - calls);
        TestContext.Out.WriteLine($"in {seconds:F1} s and {(running.Server.Engine.Status.Frame - frame) / 128} blocks: main looked {roundsNow} times, {callsNow} calls behind the scenes, {(GC.GetTotalAllocatedBytes() - allocated) / 1024 / seconds:F1} KiB allocated a second");
        Assert.That(roundsNow, Is.LessThanOrEqualTo(5 + 8 * seconds));
        Assert.That(callsNow, Is.LessThanOrEqualTo(5 + 3 * seconds));
    }

    [Test]
    public void Work_behind_the_scenes_is_done_when_it_is_woken_and_not_before()
    {
        Sleeper? sleeper = null;
        using var running = new Running(("sleeper", at => sleeper = new Sleeper(at)));
        Running.Await(() => sleeper!.Worked > 0);
        for (var n = 1; n <= 20; n++)
        {
            var (worked, processed) = (sleeper!.Worked, sleeper.Processed);
            Running.Await(() => sleeper.Processed > processed + 10);
            Assert.That(sleeper.Worked, Is.EqualTo(worked), "nobody has woken it");
            running.Send(new OscMessage("/sleeper/wake"));
            Running.Await(() => sleeper.Worked == worked + 1);
        }
    }

    [Test]
    public void Work_that_says_when_it_is_due_is_done_then()
    {
        Sleeper? sleeper = null;
        using var running = new Running(("sleeper", at => sleeper = new Sleeper(at) { Due = 0.01 }));
        Running.Await(() => sleeper!.Worked >= 20);
    }

    [Test]
    public void Whoever_wakes_the_work_behind_the_scenes_all_the_time_does_not_keep_it_busy_all_the_time()
    {
        Sleeper? sleeper = null;
        using var running = new Running(("sleeper", at => sleeper = new Sleeper(at)));
        Running.Await(() => sleeper!.Worked > 0);
        var (clock, before) = (Stopwatch.StartNew(), sleeper!.Worked);
        while (clock.ElapsedMilliseconds < 500) sleeper.Wake();
        var worked = sleeper.Worked - before;
        Assert.That(worked, Is.GreaterThan(0).And.LessThan(5 + clock.ElapsedMilliseconds / 4), "no more than 200 times a second");
    }

    [Test]
    public void The_memory_of_a_channel_that_is_removed_comes_back_though_nothing_happens_after_that()
    {
        LooperModule? looper = null;
        using var running = new Running(("looper", at => looper = new LooperModule(at)));
        running.Send(new OscMessage("/looper/channel/1/sync", "none"));
        running.Send(new OscMessage("/looper/channel/1/record"));
        Running.Await(() => looper!.Pool.BytesInUse > 0);
        running.Send(new OscMessage("/looper/channel/1/play"));
        running.Send(new OscMessage("/looper/channel/1/remove"));
        Running.Await(() => looper!.Pool.BytesInUse == 0);
    }

    [Test]
    public void Who_subscribes_is_told_what_the_audio_side_changes_and_main_is_woken_for_it()
    {
        using var running = new Running(("sleeper", at => new Sleeper(at)));
        var told = 0;
        running.Client.Heard = reply =>
        {
            if (reply.Message.Address == "/sleeper/count") Volatile.Write(ref told, (int)reply.Message.Arguments[0].Number);
        };
        running.Send(new OscMessage("/server/subscribe", "/sleeper/count", 1000f));
        for (var n = 1; n <= 20; n++)
        {
            running.Send(new OscMessage("/sleeper/wake"));
            Running.Await(() => Volatile.Read(ref told) == n);
        }
    }

    [Test]
    public void A_block_wakes_main_when_it_has_something_to_say_and_only_then()
    {
        using var server = new OscLooper.Server.Server(new ServerOptions { OscPort = 0, Audio = "none", Quiet = true, Prompt = true }, [("sleeper", at => new Sleeper(at))]);
        var client = server.Connect("test");
        void Settle()
        {
            for (var i = 0; i < 20; i++)
            {
                Play(server);
                server.Pump();
                Thread.Sleep(1);
            }
        }
        Settle();
        server.Engine.Wake.Reset();
        for (var block = 0; block < 100; block++) Play(server);
        Assert.That(server.Engine.Wake.Wait(0), Is.False, "100 blocks in which nothing happened");

        bool Wakes(string address, params OscValue[] arguments)
        {
            client.Send(new OscMessage(address, arguments));
            server.Pump();
            server.Engine.Wake.Reset();
            for (var block = 0; block < 10; block++) Play(server);
            return server.Engine.Wake.Wait(0);
        }

        Assert.That(Wakes("/sleeper/wake"), Is.False, "the count has changed, and nobody listens to it");
        client.Send(new OscMessage("/server/subscribe", "/sleeper/other*", 1000f));
        Assert.That(Wakes("/sleeper/wake"), Is.False, "somebody listens, but to something else");
        client.Send(new OscMessage("/server/subscribe", "/sleeper/c*", 1000f));
        Settle();
        Assert.That(client.Replies.Last(r => r.Message.Address == "/sleeper/count").Message.Arguments[0].Number, Is.EqualTo(2), "it is known all the same");
        Assert.That(Wakes("/sleeper/wake"), Is.True, "the count has changed, and somebody listens to it");
        Settle();
        Assert.That(Wakes("/server/sync", 1), Is.True, "somebody waits for an answer");
        client.Send(new OscMessage("/server/unsubscribe", "/sleeper/c*"));
        Settle();
        Assert.That(Wakes("/sleeper/wake"), Is.False, "nobody listens any more");
    }

    [Test]
    public void Changes_that_nobody_listens_to_are_heard_before_there_is_no_room_for_more()
    {
        Sleeper? sleeper = null;
        using var server = new OscLooper.Server.Server(new ServerOptions { OscPort = 0, Audio = "none", Quiet = true, Prompt = true }, [("sleeper", at => sleeper = new Sleeper(at))]);
        server.Engine.Wake.Reset();
        for (var block = 0; block < 200 && !server.Engine.Wake.Wait(0); block++)
        {
            for (var n = 0; n < 1000; n++) sleeper!.Count(n);
            Play(server);
        }
        Assert.That(server.Engine.Outbox.Count, Is.InRange(server.Engine.Outbox.Capacity / 8, server.Engine.Outbox.Capacity / 2));
    }

    sealed class Device : IAudioDriver
    {
        public string Backend => "jack";
        string IAudioDriver.Device => "test";
        public int Rate => 48000;
        public int Block => 128;
        public string Rights => "";
        public string? Trouble => null;
        public bool IsAway => false;
        public bool IsBack => true;
        public int QuietMilliseconds => 200;
        public void Start(OscLooper.Server.Realtime.Engine engine) { }
        public bool Suspend() => true;
        public void Resume() { }
        public void Stop() { }
        public void Dispose() { }
    }

    [Test]
    public void A_device_that_plays_is_looked_after_when_it_could_be_away_and_not_more_often()
    {
        using var server = new OscLooper.Server.Server(new ServerOptions { OscPort = 0, Audio = "none", Quiet = true });
        using var keeper = new DriverKeeper(new Device(), () => null, _ => { });
        var clock = Stopwatch.StartNew();
        keeper.Start(server.Engine);
        Running.Await(() => keeper.Looks >= 4);
        // A busy machine makes it later, never sooner.
        Assert.That(clock.ElapsedMilliseconds, Is.GreaterThanOrEqualTo(4 * 200 - 20));
    }

    [Test]
    public void Whoever_waits_for_a_module_to_be_made_sleeps_meanwhile()
    {
        using var gate = new ManualResetEventSlim();
        using var server = new OscLooper.Server.Server(new ServerOptions { OscPort = 0, Audio = "none", Quiet = true, Prompt = true });
        server.Realm.Library.Add("slow", at =>
        {
            gate.Wait();
            return new Sleeper(at);
        });
        var imp = server.Realm.Want("slow", "slow", frozen: true)!;
        var rounds = server.Rounds;
        using var opener = new Timer(_ => gate.Set(), null, 1000, Timeout.Infinite);
        var clock = Stopwatch.StartNew();
        server.PumpUntil(() => !imp.IsBusy);
        Assert.That(imp.Module, Is.InstanceOf<Sleeper>());
        Assert.That(server.Rounds - rounds, Is.LessThan(20 + clock.ElapsedMilliseconds / 4), "every 5 ms, and when something comes");
    }

    static unsafe void Play(OscLooper.Server.Server server) => server.Engine.Process(null, null, 128);
}
