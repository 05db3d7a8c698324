using System.Diagnostics;

namespace OscLooper.Tests.Server.Bounds;

/// <summary>What a call that was given up works with stays: freed, it would be written over, or write over what takes its place.</summary>
public sealed class HeldTests
{
    sealed class SlowModule : Module, IPersist
    {
        public static readonly ManualResetEventSlim Gate = new();
        public static volatile bool IsDisposed, IsSaving;

        public SlowModule(Branch at) => at.Parameter("level", Spec.Range(0, 1, 0), "A number.");

        public void Save(DirectoryInfo folder)
        {
            IsSaving = true;
            Gate.Wait();
        }

        public void Load(DirectoryInfo folder, int version) { }

        public override void Dispose()
        {
            IsDisposed = true;
            base.Dispose();
        }
    }

    [Test]
    public unsafe void A_module_is_not_disposed_while_a_call_into_it_that_was_given_up_has_not_come_back()
    {
        using var server = new OscLooper.Server.Server(new() { OscPort = 0, Quiet = true }, [("slow", at => new SlowModule(at))]);
        var client = server.Connect("test");
        void Until(Func<bool> isSo, string what)
        {
            for (var clock = Stopwatch.StartNew(); !isSo();)
            {
                server.Engine.Process(null, null, 128);
                server.Pump();
                Thread.Sleep(1);
                if (clock.Elapsed.TotalSeconds > 60) Assert.Fail($"{what}: not within 60 s");
            }
        }
        bool Ended(string address) => client.Replies.Any(r => r.Message.Address is "/done" or "/fail" && r.Message.Arguments[0].Text == address);

        client.Send("/realm/imp/slow/respawn");
        Until(() => Ended("/realm/imp/slow/respawn"), "the respawn is given up");
        Assert.That(SlowModule.IsSaving, Is.True);
        client.Send("/realm/unload", "slow");
        Until(() => Ended("/realm/unload"), "it is unloaded");
        Assert.That(SlowModule.IsDisposed, Is.False, "disposed while its Save was still at work");
        SlowModule.Gate.Set();
        Until(() => SlowModule.IsDisposed, "it is disposed when its Save has come back");
    }
}
