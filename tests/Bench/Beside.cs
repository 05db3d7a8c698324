using System.Diagnostics;
using OscLooper.Osc;

namespace OscLooper.Bench;

/// <summary>
/// [main] The same loops in SooperLooper and here, side by side in one run: both under one jackd (dummy, 48 kHz, 128 frames), two seconds of
/// stereo recorded into every loop, then the processes' own CPU time. Run by tests/Bench/side_by_side, which gives it a network of its own,
/// because SooperLooper listens on every address. First both do nothing; the server that does nothing is left alone until the end of
/// <c>--minutes</c> (15), and its memory looked at then.
/// </summary>
static class Beside
{
    const int SooperPort = 19951;
    const double Seconds = 10;

    public static void Run(string[] arguments)
    {
        var minutes = arguments is ["--minutes", var text] ? double.Parse(text, System.Globalization.CultureInfo.InvariantCulture) : 15;
        using var resting = new RunningServer(withJack: false);
        var ready = Stopwatch.StartNew();
        var rows = new List<(string What, double Ours, double Theirs, string Unit)>();
        var (ours, theirs) = (new Dictionary<int, double>(), new Dictionary<int, double>());
        Idle(rows);
        foreach (var loops in new[] { 1, 16, 64 })
        {
            using (var server = new RunningServer(withJack: true, "--channels", $"{loops}"))
            using (var line = new Line(server.Port))
            {
                line.Send("/looper/channel/*/record");
                Thread.Sleep(2000);
                line.Send("/looper/channel/*/play");
                Thread.Sleep(500);
                ours[loops] = CpuPercent(server.ProcessId);
                var (ourP50, ourP99) = PingHere(line);
                using var sooper = Sooper.Start(server.JackName!, SooperPort, loops);
                sooper.RecordAll();
                theirs[loops] = CpuPercent(sooper.Process.Id);
                if (loops == 16)
                {
                    var (p50, p99) = sooper.Ping();
                    rows.Add(("ping p50, 16 loops", ourP50, p50, "us"));
                    rows.Add(("ping p99, 16 loops", ourP99, p99, "us"));
                }
                if (sooper.PlayingLoops() is var playing && playing != loops) Console.WriteLine($"SooperLooper plays {playing} of {loops} loops: its figures of this row are not comparable");
            }
            rows.Add(($"CPU with {loops} playing stereo loops", ours[loops], theirs[loops], "% of a core"));
        }
        rows.Add(("one more playing stereo loop", PerLoop(ours), PerLoop(theirs), "us per 128 frames"));
        while (ready.Elapsed.TotalMinutes < minutes) Thread.Sleep(1000);
        rows.Add(($"RSS, {minutes} minutes after ready", resting.ResidentBytes / 1e6, double.NaN, "MB (asked: 150)"));
        rows.Add(("switches then, no device", Switches(resting.ProcessId).Total, double.NaN, "a second (its clock: 375)"));
        Console.WriteLine($"{"",-34} {"OscLooper",10} {"SooperLooper",13} {"ratio",8}");
        foreach (var (what, here, there, unit) in rows) Console.WriteLine($"{what,-34} {here,10:F2} {there,13:F2} {there / here,7:F1}x  {unit}");
    }

    // 8 empty channels in both, nobody speaks to them; the first seconds, in which code is compiled anew, are left out.
    static void Idle(List<(string, double, double, string)> rows)
    {
        using var server = new RunningServer(withJack: true, "--channels", "8");
        using var sooper = Sooper.Start(server.JackName!, SooperPort, 8);
        Thread.Sleep(15_000);
        rows.Add(("idle, 8 empty channels", CpuPercent(server.ProcessId), CpuPercent(sooper.Process.Id), "% of a core (asked: 1.5x)"));
        var (ours, theirs) = (Switches(server.ProcessId), Switches(sooper.Process.Id));
        rows.Add(("switches, idle", ours.Total, theirs.Total, "a second"));
        rows.Add(("switches beside the driver's, idle", ours.Total - ours.Busiest, theirs.Total - theirs.Busiest, "a second (asked: 20)"));
    }

    /// <summary>How often the threads of a process were switched to in a second, and the busiest of them: the one that plays.</summary>
    static (double Total, double Busiest) Switches(int pid)
    {
        const int Seconds = 10;
        var before = Counts(pid);
        Thread.Sleep(Seconds * 1000);
        var since = Counts(pid).Select(c => (c.Value - before.GetValueOrDefault(c.Key)) / (double)Seconds).ToArray();
        return (since.Sum(), since.Max());
    }

    static Dictionary<string, long> Counts(int pid) => Directory.GetDirectories($"/proc/{pid}/task").ToDictionary(t => t,
        t => File.ReadLines($"{t}/status").Where(l => l.Contains("ctxt_switches")).Sum(l => long.Parse(l[(l.IndexOf(':') + 1)..])));

    static double PerLoop(Dictionary<int, double> percent) => (percent[64] - percent[16]) / 48 / 100 * 128 / 48000 * 1e6;

    static (double P50, double P99) PingHere(Line line)
    {
        var times = new Sample();
        for (var i = 0; i < 1000; i++)
        {
            var start = Stopwatch.GetTimestamp();
            line.Ask("/server/ping", "/server/pong", i);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
            Thread.Sleep(2);
        }
        return (times.At(0.5), times.At(0.99));
    }

    /// <summary>User and system time of a process over some seconds, as a share of one core (proc(5): ticks of 10 ms).</summary>
    static double CpuPercent(int pid)
    {
        Thread.Sleep(1000);
        var (before, start) = (Ticks(pid), Stopwatch.GetTimestamp());
        Thread.Sleep((int)(Seconds * 1000));
        return (Ticks(pid) - before) / 100.0 / Stopwatch.GetElapsedTime(start).TotalSeconds * 100;
    }

    static long Ticks(int pid)
    {
        var fields = File.ReadAllText($"/proc/{pid}/stat").Split(')')[^1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return long.Parse(fields[11]) + long.Parse(fields[12]);
    }
}
