using System.Diagnostics;
using OscLooper.Server.Realm;
using OscLooper.Server.Realm.Isolation;

namespace OscLooper.Tests.Server.Realm;

/// <summary>Imps in processes of their own.</summary>
public class IsolationTests
{
    const string Wanted = """{ "imps": { "tone": { "isolation": "process" }, "beside": { "module": "tone" }, "trip": { "isolation": "process" } } }""";

    static RealmStage Stage()
    {
        var stage = new RealmStage(new() { RealmFile = "realm.json" });
        File.WriteAllText(Path.Combine(stage.Folder, "realm.json"), Wanted);
        stage.Until(() => stage.State("tone") == ImpState.Active && stage.State("trip") == ImpState.Active && stage.State("beside") == ImpState.Active, "all play", 60);
        return stage;
    }

    static int ProcessOf(RealmStage stage, string imp) => ((IsolatedModule)stage.Imp(imp).Module!).ProcessId;

    [Test]
    public void A_module_in_a_process_of_its_own_is_spoken_to_and_heard_like_any_other()
    {
        using var stage = Stage();
        Assert.That(ProcessOf(stage, "tone"), Is.Not.EqualTo(Environment.ProcessId));
        stage.Until(() => stage.Number("/tone/blocks") > 10, "its gauges come through");
        stage.Until(() => stage.TakeLoudest() > 0.25f, "the constant of the other one is heard");
        stage.Well("/realm/imp/beside/freeze");
        stage.Well("/realm/imp/trip/freeze");
        stage.Until(() => stage.TakeLoudest() is > 0.05f and < 0.11f, "its sound is heard");
        stage.Send("/tone/level", 0f);
        stage.Until(() => stage.TakeLoudest() < 0.001f, "a value reaches it");
        stage.Send("/tone/word", "kept");
        stage.Until(() => stage.Text("/tone/word") == "kept", "a text is kept");
        var first = ProcessOf(stage, "tone");

        stage.Well("/realm/imp/tone/respawn");
        Assert.That(ProcessOf(stage, "tone"), Is.Not.EqualTo(first));
        Assert.That(stage.Text("/tone/word"), Is.EqualTo("kept"));
        stage.Until(() => stage.Text("/tone/token").StartsWith("after", StringComparison.Ordinal) && stage.Number("/tone/made") > 0, "it took its data and its token");
        stage.Well("/realm/imp/tone/freeze");
        stage.Well("/realm/imp/tone/unfreeze");
        stage.Well("/realm/unload", "tone");
        stage.Until(() => !Directory.Exists($"/proc/{first}"), "the old process has gone");
    }

    [Test]
    public void A_process_that_is_killed_takes_nobody_with_it_and_is_made_anew()
    {
        using var stage = Stage();
        stage.Wait(0.1);
        stage.Server.Realm.PeriodSeconds = 0.1;
        var blocks = stage.Number("/beside/blocks");
        var killed = ProcessOf(stage, "tone");
        using (var process = Process.GetProcessById(killed)) process.Kill();
        stage.Until(() => stage.State("tone") == ImpState.Faulted, "it is faulted");
        Assert.That(stage.Imp("tone").Reason, Does.Contain("process has ended"));
        Assert.That(stage.State("beside"), Is.EqualTo(ImpState.Active));
        stage.Until(() => stage.State("tone") == ImpState.Active && ProcessOf(stage, "tone") != killed, "it is back", 60);
        Assert.That(stage.Number("/beside/blocks"), Is.GreaterThan(blocks));
    }

    [Test]
    public void A_module_that_throws_there_is_faulted_here()
    {
        using var stage = Stage();
        stage.Server.Realm.PeriodSeconds = 0.1;
        stage.Send("/trip/process", 1);
        stage.Until(() => stage.State("trip") == ImpState.Faulted, "it is faulted");
        Assert.That(stage.Imp("trip").Reason, Does.Contain("tripped in Process"));
        stage.Until(() => stage.State("trip") == ImpState.Active, "it is back", 60);
    }

    [Test]
    public void Its_process_has_bounds_no_more_rights_and_nothing_that_was_open_by_chance()
    {
        if (!OperatingSystem.IsLinux()) Assert.Ignore("confined on Linux only");
        using var folder = new OscLooper.Tests.Dsp.TemporaryFolder();
        var file = folder["open by chance"];
        File.WriteAllText(file, "");
        // Without FD_CLOEXEC, as libraries open files.
        var descriptor = open(file, 0);
        Assert.That(descriptor, Is.GreaterThanOrEqualTo(0));
        try
        {
            using var stage = Stage();
            var process = $"/proc/{ProcessOf(stage, "tone")}";
            Assert.That(File.ReadAllLines($"{process}/status"), Has.Some.Match("^NoNewPrivs:\\s+1$"));
            var limits = File.ReadAllLines($"{process}/limits");
            foreach (var bounded in new[] { "Max core file size", "Max file size", "Max data size", "Max open files", "Max processes" })
                Assert.That(limits.Single(l => l.StartsWith(bounded, StringComparison.Ordinal)), Does.Not.Contain("unlimited"));
            Assert.That(Directory.GetFiles($"{process}/fd").Select(f => File.ResolveLinkTarget(f, false)?.FullName), Has.None.EqualTo(file));
            Assert.That(int.Parse(File.ReadAllText($"{process}/oom_score_adj")), Is.GreaterThanOrEqualTo(500));
        }
        finally
        {
            _ = close(descriptor);
        }
    }

    [System.Runtime.InteropServices.DllImport("libc")] static extern int open([System.Runtime.InteropServices.MarshalAs(System.Runtime.InteropServices.UnmanagedType.LPUTF8Str)] string path, int flags);
    [System.Runtime.InteropServices.DllImport("libc")] static extern int close(int descriptor);
}
