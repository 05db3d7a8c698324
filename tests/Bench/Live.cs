using System.Diagnostics;
using OscLooper.Osc;

namespace OscLooper.Bench;

/// <summary>[main] A server on a JACK dummy device, spoken to over real UDP.</summary>
static class Live
{
    const double Rate = 48000;

    public static void Run(string[] _)
    {
        using (var server = new RunningServer(withJack: true))
        using (var line = new Line(server.Port))
        {
            Thread.Sleep(3000);
            Ping(line);
            Refusals(line);
            RecordToState(line);
            LoopLength(line);
            Bundles(line);
            Console.WriteLine(line.Ask("/server/status", "/server/status.reply"));
        }
        using (var server = new RunningServer(withJack: true, "--channels", "512", "--memory", "2000"))
        using (var line = new Line(server.Port)) ManyLoops(line);
    }

    static void Ping(Line line)
    {
        foreach (var paced in new[] { true, false })
        {
            var times = new Sample();
            for (var i = 0; i < 2000; i++)
            {
                var start = Stopwatch.GetTimestamp();
                line.Ask("/server/ping", "/server/pong", i);
                times.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
                if (paced) Thread.Sleep(2);
            }
            Console.WriteLine($"ping, {(paced ? "one each 2 ms" : "back to back ")}: p50 {times.At(0.5):F0} us, p99 {times.At(0.99):F0} us, max {times.At(1):F0} us (asked: 110 / 620; SooperLooper 103 / 614)");
        }
    }

    static void Refusals(Line line)
    {
        (string What, OscPacket Wrong)[] all =
        [
            ("no such address", new OscMessage("/no/such/address", 1)), ("wrong type", new OscMessage("/looper/channel/1/volume", "loud")),
            ("read only", new OscMessage("/looper/channel/1/length", 1.0)), ("out of range", new OscMessage("/looper/channel/1/scene", 99)),
            ("refused", new OscMessage("/looper/channel/1/remove_scene")), ("not found", new OscMessage("/looper/channel/1/load", "not-there.wav")),
        ];
        foreach (var (what, wrong) in all)
        {
            var times = new Sample();
            for (var i = 0; i < 100; i++)
            {
                var start = Stopwatch.GetTimestamp();
                line.Send(wrong);
                if (line.Wait(m => m.Address == "/fail" && m.Arguments[1].Text == what) is null) throw new TimeoutException($"{what} was not told");
                times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                Thread.Sleep(Random.Shared.Next(6, 12));
            }
            Console.WriteLine($"/fail {what,-16}: p50 {times.At(0.5):F2} ms, p99 {times.At(0.99):F2} ms, max {times.At(1):F2} ms (asked: 5)");
        }
    }

    static void RecordToState(Line line)
    {
        line.Send("/server/subscribe", "/looper/channel/1/state");
        line.Sync();
        var (starts, stops) = (new Sample(), new Sample());
        for (var i = 0; i < 200; i++)
        {
            Time(line, "record", "recording", starts);
            Thread.Sleep(Random.Shared.Next(20, 40));
            Time(line, "play", "looping", stops);
            Thread.Sleep(Random.Shared.Next(5, 20));
        }
        Console.WriteLine($"record to 'recording' heard: p50 {starts.At(0.5):F2} ms, p99 {starts.At(0.99):F2} ms, max {starts.At(1):F2} ms (asked: 2 / 4 at 128 frames; SooperLooper 1.5 / 2.8)");
        Console.WriteLine($"play to 'looping' heard:     p50 {stops.At(0.5):F2} ms, p99 {stops.At(0.99):F2} ms, max {stops.At(1):F2} ms");
    }

    static void Time(Line line, string command, string state, Sample sample)
    {
        var start = Stopwatch.GetTimestamp();
        line.Send($"/looper/channel/1/{command}");
        if (line.Wait(m => m.Address == "/looper/channel/1/state" && m.Arguments[0].Text == state) is null) throw new TimeoutException($"{state} was not heard");
        sample.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }

    static double FramesPerSecond(Line line) => line.Ask("/server/clock", "/server/clock.reply")!.Arguments[2].Number;

    static void LoopLength(Line line)
    {
        var (errors, magnitudes, outliers) = (new Sample(), new Sample(), 0);
        for (var i = 0; i < 90 && errors.Count < 60; i++)
        {
            var first = Stopwatch.GetTimestamp();
            line.Send("/looper/channel/2/record");
            Thread.Sleep(Random.Shared.Next(200, 600));
            var second = Stopwatch.GetTimestamp();
            line.Send("/looper/channel/2/play");
            line.Sync();
            var ideal = Stopwatch.GetElapsedTime(first, second).TotalSeconds * FramesPerSecond(line);
            var error = line.Number("/looper/channel/2/frames") - ideal;
            if (Math.Abs(error) > Rate / 1000)
            {
                outliers++;
                continue;
            }
            errors.Add(error);
            magnitudes.Add(Math.Abs(error));
        }
        Console.WriteLine($"loop length from two commands, {errors.Count} tries: |error| p95 {magnitudes.At(0.95):F1} frames, max {magnitudes.At(1):F1}, SD {errors.Deviation:F2}; {outliers} tries off by over 1 ms not counted (asked: 7, SD 2.5)");
    }

    static void Bundles(Line line)
    {
        line.Send("/server/subscribe", "/looper/channel/3/state");
        line.Sync();
        var errors = new Sample();
        for (var i = 0; i < 60; i++)
        {
            var clock = line.Ask("/server/clock", "/server/clock.reply")!.Arguments;
            var at = Line.UnixSeconds + 0.06 + Random.Shared.NextDouble() * 0.3;
            var tag = OscTimeTag.FromUnixNanoseconds((long)(at * 1e9));
            line.Send(new OscBundle(tag, new OscMessage($"/looper/channel/3/{(i % 2 == 0 ? "record" : "play")}")));
            var state = line.Wait(m => m.Address == "/looper/channel/3/state");
            var expected = clock[1].Number + (tag.ToUnixNanoseconds() - clock[0].Time.ToUnixNanoseconds()) / 1e9 * clock[2].Number;
            errors.Add(Math.Abs(state!.Arguments[1].Number - expected));
        }
        Console.WriteLine($"bundle stamped 60 to 360 ms ahead, no later packet: |error| p95 {errors.At(0.95):F2} frames, max {errors.At(1):F2} by /server/clock (asked: 1)");
    }

    static void ManyLoops(Line line)
    {
        // Each command once to warm up, once to be counted: what one block has to do for all channels at once.
        foreach (var counted in new[] { false, true })
        {
            (string Command, OscValue[] Arguments)[] all =
            [
                ("record", []), ("play", []), ("overdub", []), ("play", []), ("undo", []), ("redo", []), ("trigger", []), ("pause", []), ("play", []),
                ("solo", [1]), ("solo", [0]), ("mute", [1]), ("mute", [0]), ("sync", ["channel", 512]), ("sync", ["transport"]), ("clear", []),
            ];
            foreach (var (command, arguments) in all)
            {
                var overruns = line.Number("/server/overruns");
                line.Send($"/looper/channel/*/{command}", arguments);
                Thread.Sleep(1000);
                if (counted) Console.WriteLine($"/looper/channel/*/{command} {string.Join(' ', arguments)} to 512 channels at once: {line.Number("/server/overruns") - overruns} overruns");
            }
        }
        line.Send("/looper/channel/*/record");
        Thread.Sleep(2000);
        line.Send("/looper/channel/*/play");
        Thread.Sleep(1000);
        var before = line.Number("/server/overruns");
        Thread.Sleep(20_000);
        var status = line.Ask("/server/status", "/server/status.reply");
        Console.WriteLine($"512 stereo loops at 128 frames for 20 s: {line.Number("/server/overruns") - before} overruns, load {line.Number("/server/load"):F1} % (asked: no overrun)");
        Console.WriteLine(status);
    }
}
