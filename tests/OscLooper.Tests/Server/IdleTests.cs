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
        // What the start has left to do.
        for (var (before, still) = (-1L, 0); still < 3; Thread.Sleep(300))
            (before, still) = (running.Server.Rounds, running.Server.Rounds - before < 3 ? still + 1 : 0);

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

        client.Send(new OscMessage("/sleeper/wake"));
        server.Pump();
        server.Engine.Wake.Reset();
        for (var block = 0; block < 10; block++) Play(server);
        Assert.That(server.Engine.Wake.Wait(0), Is.True, "the count has changed");
    }

    static unsafe void Play(OscLooper.Server.Server server) => server.Engine.Process(null, null, 128);
}
