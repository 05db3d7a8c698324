using OscLooper.Client;
using OscLooper.Osc;

namespace OscLooper.Cli;

/// <summary>
/// Plays a score live. Each moment is a bundle stamped with its time by the server's own clock and sent a little ahead,
/// so that it lands on its exact frame however this process is scheduled.
/// </summary>
static class Replay
{
    const double AheadSeconds = 0.3;

    public static int Play(OscLooperClient client, string file, bool doubles, CancellationToken end)
    {
        var rate = (int)client.Ask("/audio/rate")[0].Number;
        if (!OscScore.TryParse(File.ReadAllText(file), rate, out var score, out var errors, doubles))
        {
            foreach (var error in errors) Console.Error.WriteLine($"{file}: {error}");
            return 2;
        }

        var start = client.Request(new OscMessage("/server/clock"), m => m.Address == "/server/clock.reply").Arguments[0].Time;
        var printer = new Printer();
        var readOnly = 0;
        client.Heard = message =>
        {
            // A recording holds states too (position, state): they can be heard, not set.
            if (message.Address == "/fail" && message.Arguments is [_, var reason, ..] && reason.Text == "read only") readOnly++;
            else printer.Print(message);
        };

        var local = Environment.TickCount64;
        foreach (var moment in score.Moments)
        {
            var seconds = AheadSeconds + moment.Frame / (double)rate;
            var wait = (int)Math.Max(0, (seconds - AheadSeconds) * 1000 - (Environment.TickCount64 - local));
            if (end.WaitHandle.WaitOne(wait)) return printer.Failed ? 1 : 0;
            var time = OscTimeTag.FromUnixNanoseconds(start.ToUnixNanoseconds() + (long)(seconds * 1e9));
            client.Send(new OscBundle(time, [.. moment.Lines.Select(line => line.Message)]));
        }
        client.Sync();
        if (readOnly > 0) Console.Error.WriteLine($"{readOnly} messages named values that can only be read; they were left out");
        return printer.Failed ? 1 : 0;
    }
}
