using System.Diagnostics;
using OscLooper.Dsp;

namespace OscLooper.Bench;

/// <summary>[main] A session of 64 playing stereo loops, 10 minutes in all, saved and loaded while they sound.</summary>
static class SessionBench
{
    const int Channels = 64, Rate = 48_000, Frames = 600 * Rate / Channels;

    public static void Run(string[] _)
    {
        var folder = Directory.CreateTempSubdirectory("osclooper-bench-").FullName;
        try
        {
            Run(folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static void Run(string folder)
    {
        var random = new Random(1);
        using (var file = SoundFile.Create(Path.Combine(folder, "take.wav"), SoundFormat.WavFloat, 2, Rate))
        {
            file.Write([.. Enumerable.Range(0, Frames * 2).Select(_ => random.NextSingle() - 0.5f)]);
            file.Commit();
        }
        using var server = new RunningServer(withJack: false, "--vault", Path.Combine(folder, "vault"), "--folder", folder, "--channels", $"{Channels}", "--modules", "looper", "--memory", "6000");
        using var line = new Line(server.Port);
        for (var n = 1; n <= Channels; n++)
        {
            line.Send($"/looper/channel/{n}/load", "take.wav");
            if (line.Wait(m => m.Address is "/done" or "/fail", 20) is not { Address: "/done" }) throw new InvalidOperationException("a loop could not be loaded");
        }
        line.Send("/looper/channel/*/play");
        line.Sync();
        Console.WriteLine($"{Channels} stereo loops of {Frames / (double)Rate:0.000} s play, {Channels * (long)Frames * 8 >> 20} MiB in all");
        WaitUntilSaved(line);

        Seconds(line, "/session/save", "plain");
        var (saves, linked, loads) = (new Sample(), new Sample(), new Sample());
        var overruns = line.Number("/server/overruns");
        for (var round = 0; round < 5; round++)
        {
            loads.Add(Seconds(line, "/session/load", "plain"));
            line.Sync();
            // A pass on every loop makes every loop a new layer: nothing of it is on the disk yet.
            line.Send("/looper/channel/*/overdub");
            line.Sync();
            Thread.Sleep(50);
            line.Send("/looper/channel/*/play");
            line.Sync();
            Thread.Sleep(20);
            saves.Add(Seconds(line, "/session/save", "passes"));
            linked.Add(Seconds(line, "/session/save", "passes"));
        }
        Console.WriteLine($"saved, every layer written anew: median {saves.At(0.5):0.00} s, most {saves.At(1):0.00} s (asked: < 2 s)");
        Console.WriteLine($"saved, what is on the disk already is linked: median {linked.At(0.5):0.00} s, most {linked.At(1):0.00} s");
        Console.WriteLine($"loaded: median {loads.At(0.5):0.00} s, most {loads.At(1):0.00} s (asked: < 2 s)");
        var allocated = line.Ask("/server/status", "/server/status.reply")?.Arguments[9].Whole;
        Console.WriteLine($"allocated on the audio side meanwhile: {allocated} bytes (asked: 0)");
        Console.WriteLine($"overruns while that went on: {line.Number("/server/overruns") - overruns:0} (asked: 0); load {line.Number("/server/load"):0.0} %");
    }

    static void WaitUntilSaved(Line line)
    {
        for (var seq = -1.0; ;)
        {
            Thread.Sleep(3000);
            var now = line.Number("/vault/seq");
            if (now == seq) return;
            seq = now;
        }
    }

    static double Seconds(Line line, string address, string name)
    {
        var start = Stopwatch.GetTimestamp();
        line.Send(address, name);
        var answer = line.Wait(m => m.Address is "/done" or "/fail", 60);
        if (answer is not { Address: "/done" }) throw new InvalidOperationException($"{address}: {answer?.ToString() ?? "no answer"}");
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
