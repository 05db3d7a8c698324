using OscLooper.Server;
using OscLooper.Server.Realm;

namespace OscLooper.Tests.Server.Realm;

/// <summary>Imps come side by side; what one says to another that is not there yet is not lost.</summary>
public class LetterTests
{
    sealed class Slow : Module, ILive
    {
        readonly ManualResetEventSlim may;
        readonly bool becomesReady;
        internal List<string> Heard { get; } = [];

        internal Slow(Branch at, ManualResetEventSlim may, bool becomesReady)
        {
            (this.may, this.becomesReady) = (may, becomesReady);
            at.Setting("word", Spec.Text, "A word.", change =>
            {
                Heard.Add(change.Text);
                return true;
            });
            at.Job("order", [Spec.Text], "An order.", call =>
            {
                Heard.Add("!" + call.Text(0));
                call.Done();
            });
        }

        public override void Process(in Block block) { }

        public bool Unfreeze(out string reason)
        {
            may.Wait();
            reason = "never";
            return becomesReady;
        }

        public void Freeze() { }
    }

    sealed class Eager(Branch at) : Module, ILive
    {
        readonly Desk desk = at.Desk;

        public override void Process(in Block block) { }

        public bool Unfreeze(out string reason)
        {
            reason = "";
            desk.Post(() =>
            {
                foreach (var word in new[] { "first", "second" }) desk.Send("/slow/word", word);
                desk.Send("/slow/order", "go");
                desk.SendAt(0, "/slow/word", "last");
            });
            return true;
        }

        public void Freeze() { }
    }

    static (Slow Slow, ImpState State, int Waiting) Start(bool becomesReady)
    {
        using var may = new ManualResetEventSlim();
        using var eagerIsThere = new Timer(_ => may.Set(), null, 300, Timeout.Infinite);
        Slow? slow = null;
        using var server = new OscLooper.Server.Server(new ServerOptions { OscPort = 0, Quiet = true },
            [("slow", at => slow = new Slow(at, may, becomesReady)), ("eager", at => new Eager(at))]);
        var imp = server.Realm.Find("slow")!;
        for (var watch = System.Diagnostics.Stopwatch.StartNew(); watch.Elapsed.TotalSeconds < 90 && (!may.IsSet || imp.IsBusy || imp.Letters.Count > 0); Thread.Sleep(1)) server.Pump();
        return (slow!, imp.State, imp.Letters.Count);
    }

    [Test]
    public void What_is_said_to_an_imp_that_is_coming_is_heard_in_order_when_it_plays()
    {
        var (slow, state, _) = Start(becomesReady: true);
        Assert.That(state, Is.EqualTo(ImpState.Active));
        Assert.That(slow.Heard, Is.EqualTo(new[] { "first", "second", "!go", "last" }));
    }

    [Test]
    public void An_imp_that_does_not_come_keeps_no_letters()
    {
        var (slow, state, waiting) = Start(becomesReady: false);
        Assert.That(state, Is.EqualTo(ImpState.Frozen));
        Assert.That(slow.Heard, Is.Empty);
        Assert.That(waiting, Is.Zero);
    }

    sealed class Waits : Module
    {
        internal Waits(Branch at, ManualResetEventSlim may)
        {
            at.Setting("word", Spec.Text, "A word.");
            may.Wait(TimeSpan.FromSeconds(4));
        }

        public override void Process(in Block block) { }
    }

    [Test]
    public void What_is_said_while_a_module_that_was_missing_comes_is_heard_too()
    {
        using var stage = new RealmStage();
        using var may = new ManualResetEventSlim();
        var realm = stage.Server.Realm;
        var imp = realm.Want("late", "late")!;
        stage.Until(() => !imp.IsBusy, "it is absent");
        Assert.That(imp.State, Is.EqualTo(ImpState.Absent));

        realm.Library.Add("late", at => new Waits(at, may));
        realm.ModulesChanged(["late"]);
        stage.Until(() => imp.State == ImpState.Loading, "it is coming");
        var heard = new List<string>();
        realm.Deliver("/late/word", () => throw new InvalidOperationException("planted"));
        realm.Deliver("/late/word", () =>
        {
            heard.Add("first");
            realm.Deliver("/late/word", () => heard.Add("answer"));
        });
        realm.Deliver("/late/word", () => heard.Add("second"));
        Assert.That(heard, Is.Empty);
        may.Set();
        stage.Until(() => imp.State == ImpState.Active && imp.Letters.Count == 0 && heard.Count == 3, "all letters are read");
        Assert.That(heard, Is.EqualTo(new[] { "first", "second", "answer" }));
        realm.Deliver("/late/word", () => heard.Add("now"));
        Assert.That(heard[^1], Is.EqualTo("now"), "nobody is kept waiting any more");
    }

    [TestCase("")]
    [TestCase("/")]
    [TestCase("slow")]
    [TestCase("/slow")]
    public void An_address_that_is_none_is_sent_as_it_is(string address)
    {
        using var stage = new RealmStage();
        var isSent = false;
        stage.Server.Realm.Deliver(address, () => isSent = true);
        Assert.That(isSent, Is.True);
    }
}
