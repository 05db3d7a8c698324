using System.Diagnostics;
using System.Globalization;
using OscLooper.Osc;

namespace OscLooper.Tests.Server.Soaking;

/// <summary>
/// Hours of an evening's mix in minutes: 50 messages a second of played time, saves, respawns, sessions, clients that come and go; every few seconds the
/// server ends and another goes on over its vault. OSCLOOPER_SOAK=150 makes it an hour; OSCLOOPER_SOAK_TABLE names a file for the table (tests/soak_graph draws it).
/// </summary>
public sealed class SoakTests
{
    const double RoundSeconds = 8, MostSpeed = 60;
    const int RoundsAtLeast = 3, Channels = 16;
    static readonly string[] Imps = ["looper", "synth", "bard"];

    readonly record struct Row(int Round, double Played, double Wall, int Messages, int Saves, int Respawns, int Refusals, int Faults, int Lost, long MemoryBytes, long CommittedBytes, long HeapBytes, long DiskBytes)
    {
        public const string Head = "round,played_s,wall_s,messages,saves,respawns,not_respawned,faults,lost,memory_mib,committed_mib,heap_mib,disk_mib";
        public string Line => string.Create(CultureInfo.InvariantCulture,
            $"{Round},{Played:0},{Wall:0.0},{Messages},{Saves},{Respawns},{Refusals},{Faults},{Lost},{MemoryBytes / 1048576.0:0.0},{CommittedBytes / 1048576.0:0.0},{HeapBytes / 1048576.0:0.0},{DiskBytes / 1048576.0:0.0}");
    }

    [Test]
    public void Hours_at_speed_end_without_a_fault_and_what_was_acknowledged_is_there_after_a_restart()
    {
        using var folder = new OscLooper.Tests.Dsp.TemporaryFolder();
        var rows = new List<Row>();
        var troubles = new List<string>();
        var clock = Stopwatch.StartNew();
        TestContext.Progress.WriteLine(Row.Head);
        for (var round = 0; round < RoundsAtLeast * Soak.Times; round++) rows.Add(Round(round, folder, clock, troubles));
        if (Environment.GetEnvironmentVariable("OSCLOOPER_SOAK_TABLE") is { Length: > 0 } table) File.WriteAllLines(table, [Row.Head, .. rows.Select(r => r.Line)]);
        Assert.That(troubles, Is.Empty, string.Join('\n', troubles.Take(20)));
        Assert.That(rows.Sum(r => r.Saves), Is.GreaterThan(0));
        // Flat: the last third needs no more than the one before it, but for what chance does.
        var third = rows.Count / 3;
        var (middle, last) = (rows.GetRange(third, third), rows.GetRange(rows.Count - third, third));
        Assert.That(last.Average(r => r.HeapBytes), Is.LessThan(middle.Average(r => r.HeapBytes) * 1.5 + (50 << 20)), "the heap grows");
        Assert.That(last.Average(r => r.MemoryBytes), Is.LessThan(middle.Average(r => r.MemoryBytes) * 1.25 + (150 << 20)), "memory grows");
        Assert.That(last.Max(r => r.DiskBytes), Is.LessThan(middle.Max(r => r.DiskBytes) * 2.0 + (200 << 20)), "the vault grows");
    }

    static Row Round(int round, OscLooper.Tests.Dsp.TemporaryFolder folder, Stopwatch clock, List<string> troubles)
    {
        Dictionary<string, string> before;
        var (messages, saves, respawns, refusals, faults) = (0, 0, 0, 0, 0);
        double played;
        using (var stage = new SoakStage(MostSpeed, Channels, folder))
        {
            Evening(stage, new SoakMix(round + 1, Channels), round, ref messages, ref saves, ref respawns);
            before = Quiet(stage);
            played = stage.Seconds;
            faults = stage.Faults.Count;
            refusals = stage.Refusals;
            troubles.AddRange(stage.Faults.Select(f => $"round {round}: {f}"));
        }
        int lost;
        using (var stage = new SoakStage(1, Channels, folder))
        {
            stage.Until(() => Imps.All(stage.IsActive), "the next server plays");
            // On a busy machine that may be long after the first block: what was read is there a block later.
            var active = stage.Seconds;
            stage.Until(() => stage.Seconds > active + 0.2, "what was read plays");
            var after = stage.Values(before.Keys);
            var gone = before.Where(v => after.GetValueOrDefault(v.Key) != v.Value).Select(v => $"{v.Key} was {v.Value}, is {after.GetValueOrDefault(v.Key) ?? "gone"}").ToList();
            lost = gone.Count;
            troubles.AddRange(gone.Select(g => $"round {round}, lost: {g}"));
            if (lost > 0) troubles.AddRange(stage.Lines.Prepend($"at {stage.Seconds:0.0} s").Select(l => $"round {round}, said: {l}"));
            stage.Client.Send("/looper/channel/*/clear");
            // What was made beside the usual channels goes, so that the rounds are alike.
            foreach (var number in stage.ChannelNumbers.Where(n => n > Channels)) stage.Client.Send($"/looper/channel/{number}/remove");
            stage.Ask("/vault/save");
        }
        GC.Collect();
        using var me = Process.GetCurrentProcess();
        // A file with several names is there once.
        var disk = OscLooper.Dsp.Disk.BytesOf([folder["vault"]]);
        var row = new Row(round, played, clock.Elapsed.TotalSeconds, messages, saves, respawns, refusals, faults, lost, me.WorkingSet64, GC.GetGCMemoryInfo(GCKind.Any).TotalCommittedBytes, GC.GetTotalMemory(false), disk);
        TestContext.Progress.WriteLine(row.Line);
        foreach (var trouble in troubles.Where(t => t.StartsWith($"round {round}", StringComparison.Ordinal))) TestContext.Progress.WriteLine(trouble);
        return row;
    }

    static void Evening(SoakStage stage, SoakMix mix, int round, ref int messages, ref int saves, ref int respawns)
    {
        var clock = Stopwatch.StartNew();
        var (nextMessage, nextSave, nextRespawn) = (0.0, 10.0, 5.0);
        OscLooper.Server.Addressing.LocalClient? guest = null;
        while (clock.Elapsed.TotalSeconds < RoundSeconds && stage.Faults.Count == 0)
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
            messages++;
            if (now > nextSave)
            {
                nextSave = now + 60;
                var what = mix.Once(3) ? new OscMessage("/session/save", $"s{mix.Below(3)}") : mix.Once(6) ? new OscMessage("/session/load", $"s{mix.Below(3)}") : new OscMessage("/vault/save");
                stage.Client.Send(what);
                saves++;
            }
            if (now > nextRespawn && stage.Server.Realm.Imps.All(i => !i.IsBusy))
            {
                nextRespawn = now + 40;
                stage.Client.Send(new OscMessage($"/realm/imp/{Imps[(respawns + round) % Imps.Length]}/respawn"));
                respawns++;
            }
            if (mix.Once(200))
            {
                if (guest is not null) stage.Server.Farewell(guest);
                guest = stage.Server.Connect("guest");
                guest.Heard = _ => { };
                guest.Send("/server/subscribe", "/looper/channel/*/state");
            }
            stage.Client.Replies.Clear();
        }
    }

    // Everything comes to an end, is saved, and is written down as it was when that was acknowledged.
    static Dictionary<string, string> Quiet(SoakStage stage)
    {
        stage.Until(() => stage.Server.Realm.Imps.All(i => !i.IsBusy) && Imps.All(stage.IsActive), "all imps play");
        stage.Client.Send("/transport/stop");
        stage.Client.Send("/looper/channel/*/cancel");
        stage.Client.Send("/looper/channel/*/stop");
        var frame = stage.Seconds;
        // What was asked for before may still be at work, whatever the played time says: a session that is read, a loop that is saved.
        var clock = Stopwatch.StartNew();
        stage.Until(() => stage.Seconds > frame + 1 && stage.Client.Outstanding.Count == 0 && clock.Elapsed.TotalSeconds > 0.2, "all is still");
        var keys = stage.ChannelNumbers.SelectMany(n => new[] { "name", "volume", "pan", "mute", "solo", "feedback", "quantize", "scenes", "scene", "frames", "layers", "redo_layers" }.Select(leaf => $"/looper/channel/{n}/{leaf}"))
            .Append("/transport/tempo").ToList();
        // Only what was the same before and after the save must have been in it. A disk that is busy with what others write may refuse some.
        for (var patience = Stopwatch.StartNew(); ; Thread.Sleep(50))
        {
            var values = stage.Values(keys);
            var answer = stage.Ask("/vault/save");
            var after = stage.Values(keys);
            if (answer.Address == "/done" && values.Count == after.Count && values.All(v => after.GetValueOrDefault(v.Key) == v.Value)) return after;
            if (patience.Elapsed.TotalSeconds > 120) Assert.Fail($"it could not be saved: {answer}\n{string.Join('\n', stage.Lines.TakeLast(40))}");
        }
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
