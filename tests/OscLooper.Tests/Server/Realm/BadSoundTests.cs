using OscLooper.Osc;
using OscLooper.Server;
using OscLooper.Server.Realm;
using OscLooper.Testing;

namespace OscLooper.Tests.Server.Realm;

/// <summary>What is no sound is stopped where it comes in: at the port of the imp that plays it, at the device, in a file.</summary>
public class BadSoundTests
{
    const int BadFrame = 5003;
    // A tone of 440 Hz and 0.15 rises by 0.0086 in a frame; nothing may be steeper.
    const float SteepestStep = 0.01f;

    static Rig Rig(int outputs = 2, params string[] modules)
    {
        var rig = OscLooper.Testing.Rig.FromFolder(new ServerOptions { ModulesFolder = RealmStage.TestModules, Modules = modules, Outputs = outputs });
        Assert.That(modules.Where(m => m != "none").Select(m => rig.Server.Realm.Find(m)!.State), Is.All.EqualTo(ImpState.Active));
        return rig;
    }

    static float SteepestOf(float[] sound) => sound.Zip(sound.Skip(1), (a, b) => Math.Abs(b - a)).Max();

    [Test]
    public void It_is_silenced_at_its_port_and_nobody_else_is([Values("nan", "infinity", "minus_infinity", "huge", "loud")] string what)
    {
        float[]? first = null;
        foreach (var block in new[] { 128, 1, 7, 64, 1024 })
        {
            using var rig = Rig(2, "spoil", "tone");
            var lines = new List<string>();
            rig.Server.Logged = (_, line) => lines.Add(line);
            rig.SendAt(BadFrame, "/spoil/play", what);
            var output = rig.Render([[], []], block, 12_000);
            foreach (var lane in output) Assert.That(lane.All(x => Math.Abs(x) <= 0.6f), "nothing of it is heard");
            Assert.That(SteepestOf(output[1]), Is.LessThan(SteepestStep), "faded from its last good sample");
            Assert.That(output[1][(BadFrame - 400)..BadFrame].Max() - output[1][(BadFrame - 400)..BadFrame].Min(), Is.GreaterThan(0.28f), "heard until then");
            Assert.That(output[1][(BadFrame + 300)..].Distinct().Count(), Is.EqualTo(1), "then only the constant of the other one");
            Assert.That(output[1], Is.EqualTo(first ??= output[1]), $"block {block}");
            var imp = rig.Server.Realm.Find("spoil")!;
            Assert.That(imp.State, Is.EqualTo(ImpState.Faulted));
            Assert.That(imp.Reason, Does.Contain("spoil:out/2 played").And.Contain($"at frame {BadFrame}"));
            Assert.That(lines, Has.Some.Contains("spoil:out/2 played"));
            Assert.That(rig.Server.Realm.Find("tone")!.State, Is.EqualTo(ImpState.Active));
            for (var lane = 1; lane <= 2; lane++) Assert.That(rig.Number($"/audio/meter/out/{lane}"), Is.InRange(-60, 0));
        }
    }

    [Test]
    public void A_loop_that_records_it_holds_nothing_of_it()
    {
        using var rig = new Rig(new ServerOptions(), ("looper", at => new OscLooper.Looper.LooperModule(at)), ("spoil", at => new Spoiler(at)));
        foreach (var reply in rig.Call("/realm/connect", "spoil:out", "looper:in")) Assert.That(reply.Address, Is.EqualTo("/done"));
        rig.Send("/looper/channel/1/record");
        rig.Render(2000);
        Assert.That(rig.Number("/looper/channel/1/level/in"), Is.InRange(-30, 0));
        rig.Send("/spoil/bad");
        rig.Render(2000);
        rig.Send("/looper/channel/1/play");
        var output = rig.Render(10_000);
        Assert.That(output.All(x => Math.Abs(x) <= 0.6f));
        Assert.That(output.Max(), Is.GreaterThan(0.1f), "what was good of it plays");
        Assert.That(rig.Server.Realm.Find("looper")!.State, Is.EqualTo(ImpState.Active));
        Assert.That(rig.Number("/looper/channel/1/level/in"), Is.InRange(-200, 0));
        Assert.That(rig.Number("/looper/channel/1/level/out"), Is.InRange(-30, 0));
    }

    /// <summary>A constant, then for ever what is not a number.</summary>
    sealed class Spoiler : Module
    {
        readonly AudioOut output;
        readonly Command bad;
        bool isBad;

        internal Spoiler(Branch at) => (output, bad) = (at.AudioOut("out"), at.Command("bad", "From now on."));

        public override void Handle(in Event e) => isBad |= e.Is(bad);

        public override void Process(in Block block)
        {
            for (var lane = 0; lane < output.Lanes; lane++) block.Out(output, lane).Fill(isBad ? float.NaN : 0.25f);
        }
    }

    [Test]
    public void Very_loud_is_no_fault_and_the_master_is_never_silenced()
    {
        using var rig = new Rig(new ServerOptions { Outputs = 1 }, [.. Enumerable.Range(1, 3).Select(n => ($"loud{n}", (Func<Branch, Module>)(at => new Loud(at))))]);
        rig.Send("/audio/master/gain", 4f);
        Assert.That(rig.Render(1000)[^1], Is.EqualTo(3 * 9_000 * 4f));
        Assert.That(rig.Server.Engine.Status.Faults, Is.Zero);
    }

    sealed class Loud(Branch at) : Module
    {
        readonly AudioOut output = at.AudioOut("out", 1);
        public override void Process(in Block block) => block.Out(output, 0).Fill(9_000);
    }

    [Test]
    public void What_comes_in_from_a_device_is_cleaned_and_told()
    {
        using var rig = OscLooper.Testing.Rig.Looper();
        var lines = new List<string>();
        rig.Server.Logged = (_, line) => lines.Add(line);
        rig.Send("/looper/channel/1/monitor", "on");
        rig.Render(1000);
        float[] bad = [float.NaN, float.PositiveInfinity, -1e30f, 20_000];
        var input = Enumerable.Range(0, 9000).Select(i => i % 1000 == 77 ? bad[i / 1000 % 4] : 0.1f).ToArray();
        rig.Send("/looper/channel/1/record");
        var output = rig.Render([input, input])[0];
        Assert.That(output.All(x => x is 0 or 0.1f));
        Assert.That(output.Count(x => x == 0), Is.EqualTo(9), "sample for sample");
        rig.Send("/looper/channel/1/play");
        Assert.That(rig.Render(9000).All(x => Math.Abs(x) < 0.3f));
        foreach (var meter in new[] { "/audio/meter/in/1", "/audio/meter/out/1", "/looper/channel/1/level/in", "/looper/channel/1/level/out" })
            Assert.That(rig.Number(meter), Is.InRange(-200, 0), meter);
        Assert.That(lines.Count(l => l.StartsWith("audio:in/1:", StringComparison.Ordinal)), Is.InRange(1, 4), "told, and not nine times");
        Assert.That(rig.Server.Realm.Find("looper")!.State, Is.EqualTo(ImpState.Active));
    }

    [Test]
    public void What_a_file_holds_of_it_is_read_as_silence()
    {
        using var folder = new Dsp.TemporaryFolder();
        using (var file = OscLooper.Dsp.SoundFile.Create(folder["bad.wav"], OscLooper.Dsp.SoundFormat.WavFloat, 1, 48000))
        {
            file.Write([.. Enumerable.Range(0, 4800).Select(i => i % 100 == 7 ? new[] { float.NaN, 1e30f, float.NegativeInfinity, 1e-40f }[i / 100 % 4] : 0.2f)]);
            file.Commit();
        }
        using var rig = OscLooper.Testing.Rig.Looper(new ServerOptions { AnyPath = true });
        Assert.That(rig.Call("/looper/channel/1/load", folder["bad.wav"])[^1].Address, Is.EqualTo("/done"));
        rig.Send("/looper/channel/1/play");
        var output = rig.Render(9600);
        Assert.That(output[500..].All(x => x is 0 or 0.2f));
        Assert.That(rig.Server.Realm.Find("looper")!.State, Is.EqualTo(ImpState.Active));
    }

    [Test]
    public void A_module_cannot_set_what_is_not_a_number()
    {
        using var rig = Rig(1, "spoil");
        rig.Send("/spoil/number", 7f);
        rig.Send("/spoil/set");
        rig.Render(256);
        Assert.That(rig.Number("/spoil/number"), Is.EqualTo(7));
    }

    [Test]
    public void An_event_behind_the_fault_is_answered_not_lost()
    {
        using var rig = Rig(1, "spoil");
        rig.SendAt(100, "/spoil/play", "nan");
        rig.SendAt(110, "/spoil/number", 5f);
        rig.Render(128, 128);
        Assert.That(rig.TakeReplies().Select(r => $"{r}"), Has.Some.StartsWith("/fail /spoil/number"));
    }

    [Test]
    public void Whatever_happens_in_a_process_of_its_own_is_faded_as_well([Values("throw", "hang", "kill", "nan")] string what)
    {
        using var stage = new RealmStage(new() { RealmFile = "realm.json" });
        File.WriteAllText(Path.Combine(stage.Folder, "realm.json"), """{ "imps": { "spoil": { "isolation": "process" } } }""");
        stage.Until(() => stage.State("spoil") == ImpState.Active, "it plays", 60);
        stage.Until(() => stage.TakeLoudest() > 0.14f, "it is heard");
        stage.TakeLargestStep();
        var before = stage.Imp("spoil").Now;
        if (what == "kill")
            using (var process = System.Diagnostics.Process.GetProcessById(((OscLooper.Server.Realm.Isolation.IsolatedModule)stage.Imp("spoil").Module!).ProcessId)) process.Kill();
        else if (what is "nan") stage.Send("/spoil/play", what);
        else stage.Send($"/spoil/{what}", 1);
        if (what != "hang") stage.Until(() => stage.State("spoil") is ImpState.Faulted or ImpState.Quarantined || stage.Imp("spoil").Now != before, "it is faulted");
        stage.Until(() => stage.TakeLoudest() == 0, "it has faded");
        Assert.That(stage.TakeLargestStep(), Is.LessThan(SteepestStep));
        if (what is "nan") Assert.That(stage.Imp("spoil").Reason, Does.Contain("spoil:out/2 played"));
    }
}
