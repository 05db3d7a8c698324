using System.Diagnostics;
using OscLooper.Osc;

namespace OscLooper.Bench;

/// <summary>[main] What making things in bursts costs others: another client's ping meanwhile, and the memory before, at most, and a minute after it was undone.</summary>
static class Making
{
    static readonly int rest = int.TryParse(Environment.GetEnvironmentVariable("OSCLOOPER_BENCH_REST"), out var seconds) ? seconds : 60;

    // Only those bursts whose name contains this.
    static readonly string only = Environment.GetEnvironmentVariable("OSCLOOPER_BENCH_ONLY") ?? "";

    public static void Run(string[] _)
    {
        foreach (var (what, make, undo) in Bursts)
            if (what.Contains(only, StringComparison.Ordinal)) Burst(what, make, undo);
    }

    static (string What, Action<Line> Make, Action<Line> Undo)[] Bursts =>
    [
        ("300 imps of gain", line => Many(line, 300, n => new("/realm/load", "gain", $"g{n}")), line => Many(line, 300, n => new("/realm/unload", $"g{n}"))),
        ("300 imps of synth", line => Many(line, 300, n => new("/realm/load", "synth", $"s{n}")), line => Many(line, 300, n => new("/realm/unload", $"s{n}"))),
        ("channels to the bound, recorded, saved, loaded", Channels, RemoveChannels),
        ("channels with 64 scenes each, saved, loaded", Scenes, RemoveChannels),
        ("channels to the bound in one bundle, and another client of //*", Watched, RemoveChannels),
        ("1,000 presets of //*", line => Many(line, 1000, n => new("/enchanter/preset/store", $"p{n}", "//*")), line => Many(line, 1000, n => new("/enchanter/preset/remove", $"p{n}"))),
        ("connections to the bound", line => Many(line, 4200, n => new("/realm/connect", "bard:out/1", $"midi:port {n}")), line => Many(line, 4200, n => new("/realm/disconnect", "bard:out/1", $"midi:port {n}"))),
        ("bindings to the bound", line => Many(line, 4200, n => new("/enchanter/bind", $"pad/{n}", $"/looper/channel/{n % 8 + 1}/volume")), line => Many(line, 4200, n => new("/enchanter/unbind", $"pad/{n}"))),
        ("sessions", line => Many(line, 100, n => new("/session/save", $"session {n}")), _ => { }),
        ("64 MiB of JSON to /reaper/build", Json, _ => { }),
    ];

    static void RemoveChannels(Line line) => Many(line, 1016, n => new($"/looper/channel/{n + 9}/remove"));

    static void Channels(Line line)
    {
        Many(line, 1016, _ => new("/looper/add_channel"));
        line.Send("/looper/channel/*/record");
        Thread.Sleep(1500);
        line.Send("/looper/channel/*/play");
        line.Sync();
        Job(line, "/session/save", "many");
        Job(line, "/session/load", "many");
    }

    static void Scenes(Line line)
    {
        Many(line, 1016, _ => new("/looper/add_channel"));
        Many(line, 1024 * 63, n => new($"/looper/channel/{n % 1024 + 1}/add_scene"));
        Job(line, "/session/save", "many");
        Job(line, "/session/load", "many");
    }

    static void Watched(Line line)
    {
        using var ear = new Line(port);
        ear.Send("/server/subscribe", "//*", 30f);
        ear.Wait(m => m.Address == "/server/frame", 5);
        line.Send(new OscBundle(OscTimeTag.Immediate, [.. Enumerable.Range(0, 1016).Select(_ => new OscMessage("/looper/add_channel"))]));
        for (var n = 0; n < 1016 && line.Wait(m => m.Address is "/done" or "/fail", 60) is not null; n++) { }
        for (var n = 0; n < 20; n++)
        {
            line.Send("/looper/channel/*/volume", n / 20f);
            line.Send("/looper/channels");
            line.Send("/looper/channel/*/*");
            line.Wait(m => m.Address == "/done", 10);
        }
        ear.Send("/server/unsubscribe", "//*");
    }

    static void Json(Line line)
    {
        var notes = string.Join(',', Enumerable.Range(0, 200).Select(n => $$"""{"pitch":{{40 + n % 40}},"start":{{n}},"duration":1,"velocity":90}"""));
        var track = """{"name":"T","clips":[{"position":0,"length":64,"midi":{"unit":"1/16","notes":[""" + notes + "]}}]}";
        File.WriteAllText(Path.Combine(files, "song.json"), """{"version":1,"meta":{"title":"big","tempo":120},"tracks":[""" + string.Join(',', Enumerable.Repeat(track, (64 << 20) / (track.Length + 1))) + "]}");
        Job(line, "/reaper/build", "song.json", "song.rpp");
    }

    static int port;

    static string files = "";

    static void Job(Line line, string address, params OscValue[] arguments)
    {
        line.Send(address, arguments);
        var answer = line.Wait(m => m.Address is "/done" or "/fail" && m.Arguments[0].Text == address, 120);
        if (answer?.Address != "/done") Console.WriteLine($"  {address}: {(answer is null ? "no answer" : answer.ToString()[..Math.Min(200, answer.ToString().Length)])}");
    }

    // As fast as it goes by UDP, so many before an answer is awaited that no buffer runs over; each must be answered.
    static void Many(Line line, int count, Func<int, OscMessage> make)
    {
        var (sent, answered, failed) = (0, 0, 0);
        while (answered < count)
        {
            while (sent < count && sent - answered < 1024) line.Send(make(sent++));
            if (line.Wait(m => m.Address is "/done" or "/fail", 60) is not { } answer) break;
            answered++;
            if (answer.Address == "/fail") failed++;
        }
        Console.WriteLine($"  {make(0).Address}: {count} sent, {answered - failed} done, {failed} refused, {count - answered} without an answer");
    }

    static void Burst(string what, Action<Line> make, Action<Line> undo)
    {
        files = Directory.CreateTempSubdirectory("osclooper-bench-").FullName;
        using (var server = new RunningServer(withJack: false, "--vault", Path.Combine(files, "vault"), "--folder", files))
        using (var line = new Line(server.Port))
        {
            Console.WriteLine(what);
            port = server.Port;
            Thread.Sleep(5000);
            var before = server.ResidentBytes;
            var (most, times, afterwards, isOver) = (before, new Sample(), new Sample(), false);
            using var end = new CancellationTokenSource();
            var other = new Thread(() =>
            {
                using var ping = new Line(server.Port);
                for (var n = 0; !end.IsCancellationRequested; n++)
                {
                    var start = Stopwatch.GetTimestamp();
                    ping.Send("/server/ping", n);
                    while (ping.Wait(m => m.Address == "/server/pong" && (int)m.Arguments[0].Number == n, 60) is null && !end.IsCancellationRequested) { }
                    (Volatile.Read(ref isOver) ? afterwards : times).Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                    most = Math.Max(most, server.ResidentBytes);
                    Thread.Sleep(2);
                }
            });
            other.Start();
            var clock = Stopwatch.StartNew();
            make(line);
            var (made, held) = (clock.Elapsed.TotalSeconds, server.ResidentBytes);
            undo(line);
            Thread.Sleep(500);
            Volatile.Write(ref isOver, true);
            Console.WriteLine($"  {made:0.0} s; another client's ping: p95 {times.At(0.95):0.0} ms, p99 {times.At(0.99):0.0}, max {times.At(1):0} of {times.Count} (asked: never above 50)");
            Thread.Sleep(rest * 1000);
            end.Cancel();
            other.Join();
            Console.WriteLine($"  its ping while memory goes back: p99 {afterwards.At(0.99):0.0} ms, max {afterwards.At(1):0}");
            Console.WriteLine($"  memory: before {before >> 20} MiB, made {held >> 20}, most {most >> 20}, {rest} s after it was undone {server.ResidentBytes >> 20} = {server.ResidentBytes / (double)before:0.00} x (asked: 1.2)");
        }
        Directory.Delete(files, recursive: true);
    }
}
