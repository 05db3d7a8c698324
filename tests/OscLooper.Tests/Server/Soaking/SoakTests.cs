using System.Diagnostics;
using OscLooper.Osc;

namespace OscLooper.Tests.Server.Soaking;

/// <summary>Hours of an evening's mix in minutes: 50 messages a second of played time, saves, sessions, respawns. OSCLOOPER_SOAK=400 makes it an hour.</summary>
public sealed class SoakTests
{
    const int Channels = 16;
    static readonly string[] Imps = ["looper", "synth", "bard"];

    [Test]
    public void An_evening_at_speed_ends_without_a_fault()
    {
        using var stage = new SoakStage(speed: 60, Channels);
        var (mix, clock, respawns) = (new SoakMix(1, Channels), Stopwatch.StartNew(), 0);
        var (nextMessage, nextSave, nextRespawn) = (0.0, 10.0, 5.0);
        while (clock.Elapsed.TotalSeconds < 9 * Soak.Times && stage.Faults.Count == 0)
        {
            stage.Server.Pump();
            var now = stage.Seconds;
            if (now < nextMessage)
            {
                Thread.Sleep(0);
                continue;
            }
            nextMessage = Math.Max(nextMessage + 0.02, now - 1);
            stage.Client.Send(mix.Next());
            stage.Client.Replies.Clear();
            if (now > nextSave)
            {
                nextSave = now + 60;
                stage.Client.Send(mix.Once(3) ? new OscMessage("/session/save", $"s{mix.Below(3)}") : mix.Once(6) ? new OscMessage("/session/load", $"s{mix.Below(3)}") : new OscMessage("/vault/save"));
            }
            if (now <= nextRespawn || stage.Server.Realm.Imps.Any(i => i.IsBusy)) continue;
            nextRespawn = now + 40;
            stage.Client.Send(new OscMessage($"/realm/imp/{Imps[respawns++ % Imps.Length]}/respawn"));
        }
        TestContext.Out.WriteLine($"{stage.Seconds:0} s played in {clock.Elapsed.TotalSeconds:0} s, {respawns} respawns, {stage.Refusals} refused because the machine was busy");
        Assert.That(stage.Faults, Is.Empty, string.Join("\n", stage.Faults));
    }

    [Test]
    public void Beside_four_busy_loops_a_live_evening_ends_without_a_fault()
    {
        using var end = new CancellationTokenSource();
        var busy = Enumerable.Range(0, 4).Select(_ => new Thread(() => { for (var n = 0; !end.IsCancellationRequested; n++) Math.Sqrt(n); }) { IsBackground = true }).ToArray();
        foreach (var thread in busy) thread.Start();
        try
        {
            using var stage = new SoakStage(speed: 1, Channels);
            var (mix, clock, respawns) = (new SoakMix(99, Channels), Stopwatch.StartNew(), 0);
            var (nextMessage, nextRespawn, nextSave) = (0.0, 1.0, 2.0);
            while (clock.Elapsed.TotalSeconds < 6 * Soak.Times && stage.Faults.Count == 0)
            {
                stage.Server.Pump();
                var now = clock.Elapsed.TotalSeconds;
                if (now < nextMessage)
                {
                    Thread.Sleep(1);
                    continue;
                }
                nextMessage += 0.02;
                stage.Client.Send(mix.Next());
                stage.Client.Replies.Clear();
                if (now > nextSave)
                {
                    nextSave = now + 5;
                    stage.Client.Send("/vault/save");
                }
                if (now <= nextRespawn) continue;
                nextRespawn = now + 1.5;
                stage.Client.Send($"/realm/imp/{Imps[respawns++ % Imps.Length]}/respawn");
            }
            TestContext.Out.WriteLine($"{stage.Seconds:0} s played in {clock.Elapsed.TotalSeconds:0} s, {respawns} respawns asked for, {stage.Refusals} refused because the machine was busy");
            Assert.That(stage.Faults, Is.Empty, string.Join("\n", stage.Faults));
        }
        finally
        {
            end.Cancel();
            foreach (var thread in busy) thread.Join();
        }
    }
}
