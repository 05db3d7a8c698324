using System.Diagnostics;
using OscLooper.Server;
using OscLooper.Server.Addressing;
using OscLooper.Tests.Dsp;

namespace OscLooper.Tests.Server.Network;

/// <summary>Work that does not come back (a disk that does not answer, say): its jobs answer all the same, and it keeps no other work waiting.</summary>
public class StuckWorkTests
{
    /// <summary>Has jobs whose work comes back when the test says so.</summary>
    sealed class StallModule : Module
    {
        public StallModule(Branch at) => at.Job("wait", [], "Waits for the test.", call => call.OnWorker(Go.Wait, () => call.Done()));

        public ManualResetEventSlim Go { get; } = new();
    }

    TemporaryFolder folder = null!;
    StallModule stall = null!;
    LiveServer live = null!;
    UdpTalker stuck = null!, other = null!;

    [SetUp]
    public void Begin()
    {
        folder = new TemporaryFolder();
        live = new LiveServer(new ServerOptions { Vault = folder["vault"] }, plays: true, ("stall", at => stall = new StallModule(at)));
        (stuck, other) = (live.Udp(), live.Udp());
    }

    [TearDown]
    public void End()
    {
        other.Dispose();
        stuck.Dispose();
        live.Dispose();
        folder.Dispose();
    }

    [Test]
    public void However_much_of_one_kind_is_stuck_the_vault_is_saved_and_what_modules_do_gets_on()
    {
        // More than there are threads for it.
        const int Many = 40;
        try
        {
            for (var i = 0; i < Many; i++) stuck.Send("/stall/wait");
            Assert.That(stuck.Ask("/server/ping", 1)?.ToString(), Does.StartWith("/server/pong"), "all have come");
            Assert.That(other.Ask("/vault/save")?.ToString(), Does.StartWith("/done /vault/save"));
            using var done = new ManualResetEventSlim();
            live.Inside.Workers.Run(done.Set, _ => { }, OscLooper.Server.Realm.WorkKind.Module);
            Assert.That(done.Wait(Patience.Milliseconds), Is.True, "what a module does of its own accord");
        }
        finally
        {
            stall.Go.Set();
        }
        for (var i = 0; i < Many; i++) Assert.That(stuck.Hear(Patience.Milliseconds)?.ToString(), Does.Contain("/stall/wait"), "each is answered");
    }

    [Test]
    public void It_keeps_no_other_work_waiting_and_its_jobs_fail_in_time()
    {
        try
        {
            for (var i = 0; i < 6; i++) stuck.Send("/stall/wait");
            var clock = Stopwatch.StartNew();
            for (var i = 0; i < 5; i++) Assert.That(other.Ask("/odds/work")?.ToString(), Does.StartWith("/done /odds/work"));
            Assert.That(other.Ask("/vault/save")?.ToString(), Does.StartWith("/done /vault/save"));
            TestContext.Out.WriteLine($"others were done after {clock.Elapsed.TotalSeconds:0.00} s");
            if (clock.Elapsed.TotalSeconds > JobWatch.JobSeconds / 2) Assert.Ignore($"this machine is too busy: five jobs and a save took {clock.Elapsed.TotalSeconds:0.0} s");
            Assert.That(stuck.Hear(1), Is.Null, "not yet");

            for (var i = 0; i < 6; i++) Assert.That(stuck.Hear(60_000)?.ToString(), Does.StartWith("/fail /stall/wait failed").And.Contain($"more than {JobWatch.JobSeconds:0} s"));
            TestContext.Out.WriteLine($"they failed after {clock.Elapsed.TotalSeconds:0.0} s");
            Assert.That(clock.Elapsed.TotalSeconds, Is.GreaterThan(JobWatch.JobSeconds - 1));
        }
        finally
        {
            stall.Go.Set();
        }
        Assert.That(stuck.Ask("/stall/wait")?.ToString(), Does.StartWith("/done /stall/wait"), "and none of those that failed is answered once more");
    }
}
