using System.Diagnostics;
using OscLooper.Client;
using OscLooper.Osc;

namespace OscLooper.Cli;

/// <summary>Prints or records what a subscription hears, until the end is asked for.</summary>
static class Listening
{
    const string Everything = "//*";

    public static int Watch(OscLooperClient client, string pattern, CancellationToken end) =>
        Listen(client, pattern, end, message => Console.WriteLine(message.ToString()));

    public static int Record(OscLooperClient client, string pattern, string file, CancellationToken end)
    {
        using var writer = new StreamWriter(file);
        if (pattern.Length == 0) pattern = Everything;
        writer.WriteLine($"# what changed under {pattern}; play it with osclooper-ctl --replay, or offline with osclooper render --score");
        var clock = Stopwatch.StartNew();
        var lines = 0;
        var exitCode = Listen(client, pattern, end, message =>
        {
            lines++;
            writer.WriteLine(OscScore.Format(clock.Elapsed.TotalSeconds, message));
            writer.Flush();
        });
        Console.Error.WriteLine($"{lines} lines in {file}");
        return exitCode;
    }

    static int Listen(OscLooperClient client, string pattern, CancellationToken end, Action<OscMessage> heard)
    {
        using var ended = new ManualResetEventSlim();
        using var asked = end.Register(ended.Set);
        string? lost = null;
        client.Lost = why =>
        {
            lost = why;
            ended.Set();
        };
        try
        {
            using var subscription = client.Subscribe(pattern, heard);
            ended.Wait(CancellationToken.None);
        }
        catch (OscFailException e)
        {
            Console.Error.WriteLine($"osclooper-ctl: {e.Message}");
            return 1;
        }
        if (lost is null) return 0;
        Console.Error.WriteLine($"osclooper-ctl: the server has gone ({lost})");
        return 3;
    }
}
