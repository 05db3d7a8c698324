using FsCheck;
using FsCheck.Fluent;
using OscLooper.Server;
using OscLooper.Server.Realm;
using OscLooper.Testing;

namespace OscLooper.Tests.Server.Realm;

/// <summary>The realm against the model: thousands of random lives.</summary>
[NonParallelizable]
public class RealmModelTests
{
    const int Sequences = 2000, Commands = 50;
    static readonly string[] names = ["a", "b"];

    /// <summary>A module that does what its script says, and counts itself.</summary>
    sealed class ScriptedModule : Module, ILive, IPersist, ICarry
    {
        readonly Script script;
        readonly Command fall;
        readonly AudioOut output;
        bool isUnfrozen;

        public static int Alive;

        public ScriptedModule(Branch at, Script script)
        {
            this.script = script;
            if (script.MakeThrows) throw new InvalidOperationException("not made");
            fall = at.Command("fall", "Throws.");
            at.Setting("word", Spec.Text, "A word.");
            output = at.AudioOut("out", 1);
            Alive++;
        }

        public override void Handle(in Event e)
        {
            if (e.Is(fall)) throw new InvalidOperationException("fell");
        }

        public override void Process(in Block block)
        {
            if (!isUnfrozen) throw new InvalidOperationException("it plays without being unfrozen");
            foreach (ref var sample in block.Out(output, 0)) sample += 1;
        }

        public bool Unfreeze(out string reason)
        {
            reason = "not yet";
            if (script.UnfreezeThrows) throw new InvalidOperationException("not unfrozen");
            isUnfrozen |= script.IsReady;
            return script.IsReady;
        }

        public void Freeze()
        {
            if (script.FreezeThrows) throw new InvalidOperationException("not frozen");
        }

        public void Save(DirectoryInfo folder)
        {
            if (script.SaveThrows) throw new InvalidOperationException("not saved");
        }

        public void Load(DirectoryInfo folder, int version) { }
        public string? BeforeLoad() => null;
        public void AfterLoad(string? token) { }
        public override void Dispose() => Alive--;
    }

    [SetUp]
    public void Inline() => ImpThread.IsInline = true;

    [TearDown]
    public void Restore() => ImpThread.IsInline = false;

    [Test]
    public void Two_thousand_random_lives_are_as_the_table_says()
    {
        var script = new Script();
        using var rig = new Rig(new ServerOptions { Inputs = 1, Outputs = 1, Rate = 8000 }, ("m", at => new ScriptedModule(at, script)));
        var realm = rig.Server.Realm;
        rig.Server.Logged = null;
        var clock = 0.0;
        realm.Seconds = () => clock;
        realm.Jitter = () => 0.5;
        realm.PeriodSeconds = 1e9;
        rig.Server.RestSeconds = 0.01;
        realm.Tick();
        Do(rig, "/realm/unload", "m");
        var (done, seen) = (0, new HashSet<ImpState>());

        var command = Gen.Choose(0, 99);
        var size = Soak.Times * Sequences;
        void Live(int[] steps)
        {
            (script.MakeThrows, script.SaveThrows, script.FreezeThrows, script.UnfreezeThrows, script.IsReady) = (false, false, false, false, true);
            var model = new RealmModel(script);
            var story = new List<string>();
            foreach (var step in steps)
            {
                story.Add(Step(rig, model, script, step, ref clock));
                foreach (var name in names)
                {
                    var (expected, actual) = (model.States.GetValueOrDefault(name, ImpState.Removed), realm.Find(name)?.State ?? ImpState.Removed);
                    if (expected != actual) throw new InvalidOperationException($"{name} is {actual} ({realm.Find(name)?.Reason}), by the table it is {expected}, after {string.Join(", ", story)}");
                    seen.Add(actual);
                }
                done++;
            }
            foreach (var name in names) Do(rig, "/realm/unload", name);
            if (rig.Render(256)[^1] != 0) throw new InvalidOperationException("something sounds that is not there");
            if (ScriptedModule.Alive != 0) throw new InvalidOperationException($"{ScriptedModule.Alive} modules were never disposed, after {string.Join(", ", story)}");
        }
        Prop.ForAll(command.ArrayOf(Commands).ToArbitrary(), Live).Check(Config.QuickThrowOnFailure.WithMaxTest(size).WithEndSize(Commands));
        // Chance leads into quarantine seldom: once on purpose. Loaded, then six falls, each as soon as it is back (1, 2, 4, 8, 16 s later).
        Live([0, 48, 89, 48, 90, 48, 91, 48, 92, 48, 93, 48]);

        TestContext.Out.WriteLine($"{size} lives, {done} commands; states seen: {string.Join(", ", seen.Order())}");
        Assert.That(done, Is.GreaterThan(size * 10));
        Assert.That(seen, Is.SupersetOf(new[] { ImpState.Frozen, ImpState.Active, ImpState.Faulted, ImpState.Quarantined, ImpState.Removed }));
    }

    static string Step(Rig rig, RealmModel model, Script script, int step, ref double clock)
    {
        var name = names[step % 2];
        switch (step / 2)
        {
            case < 8:
                model.Load(name);
                return Do(rig, "/realm/load", "m", name);
            case < 10:
                model.Unload(name);
                return Do(rig, "/realm/unload", name);
            case < 14:
                model.Freeze(name);
                return Do(rig, $"/realm/imp/{name}/freeze");
            case < 18:
                model.Unfreeze(name);
                return Do(rig, $"/realm/imp/{name}/unfreeze");
            case < 22:
                model.Respawn(name);
                return Do(rig, $"/realm/imp/{name}/respawn");
            case < 24:
                model.Respawn(names);
                rig.Server.Realm.ModulesChanged(["m"]);
                Rest(rig);
                return "another DLL";
            case < 30:
                model.Fault(name);
                rig.Send($"/{name}/fall");
                Rest(rig);
                return $"{name} falls";
            case < 33:
                script.MakeThrows = step % 4 == 0;
                return $"make throws: {script.MakeThrows}";
            case < 35:
                script.SaveThrows = step % 4 == 0;
                return $"save throws: {script.SaveThrows}";
            case < 37:
                script.FreezeThrows = step % 4 == 0;
                return $"freeze throws: {script.FreezeThrows}";
            case < 39:
                script.UnfreezeThrows = step % 4 == 0;
                return $"unfreeze throws: {script.UnfreezeThrows}";
            case < 41:
                script.IsReady = step % 4 != 0;
                return $"ready: {script.IsReady}";
            default:
                double[] waits = [0.5, 1, 2, 4, 8, 16, 30, 61];
                var seconds = waits[step % waits.Length];
                clock += seconds;
                model.Tick(seconds);
                rig.Server.Realm.Tick();
                Rest(rig);
                return $"{seconds} s later";
        }
    }

    static string Do(Rig rig, string address, params string[] words)
    {
        rig.Send(address, [.. words.Select(w => (OscLooper.Osc.OscValue)w)]);
        Rest(rig);
        return $"{address} {string.Join(' ', words)}";
    }

    // Fades take frames; nothing else is under way when nobody is busy any more.
    static void Rest(Rig rig)
    {
        for (var i = 0; i < 50; i++)
        {
            rig.Server.Settle();
            if (!rig.Server.Realm.Imps.Any(imp => imp.IsBusy) && rig.Server.Realm.Stage.IsStill) return;
            rig.Render(16, 16);
        }
        throw new InvalidOperationException("it does not come to rest");
    }
}
