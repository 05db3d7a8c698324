using System.Text;
using OscLooper.Osc;
using OscLooper.Server.Addressing;

namespace OscLooper.Server.Commands;

/// <summary>[main] What a render hears: refusals are told with the score's line, everything can be written to a file.</summary>
sealed class ScoreReplies
{
    readonly OscScore score;
    readonly TextWriter? file;
    readonly List<(Reply Reply, bool IsAnswer)> heard = [];

    public ScoreReplies(Server server, OscScore score, TextWriter? file)
    {
        (this.score, this.file) = (score, file);
        if (file is null) return;
        // A listener of its own, so that changes are heard whatever the score subscribes to.
        var listener = server.Connect("replies");
        var hearing = false;
        // Positions and levels move all the time; they can be asked for in the score.
        listener.Heard = reply => { if (hearing && server.Space.TryFind(reply.Message.Address, out var leaf) && !leaf.Declaration.IsSampled) heard.Add((reply, false)); };
        // Every change: a pace would leave out others when blocks are longer.
        server.Subscriptions.Begin(listener, "//*", double.PositiveInfinity, 0);
        server.Settle();
        hearing = true;
    }

    /// <summary>[main] How many messages could not be carried out.</summary>
    public int Fails { get; private set; }

    /// <summary>[main] What is being sent acts on this frame, though time may not have come to it; -1 while nothing is.</summary>
    public long Sending { get; set; } = -1;

    /// <summary>[main] One reply to the score.</summary>
    public void Hear(Reply reply)
    {
        reply = reply with { Frame = Math.Max(reply.Frame, Sending) };
        if (file is not null) heard.Add((reply, true));
        if (reply.Message.Address != "/fail") return;
        Fails++;
        var parts = reply.Message.Arguments.Select(a => a.Text).ToArray();
        var about = parts.ElementAtOrDefault(0) ?? "?";
        var detail = parts.ElementAtOrDefault(2) is { Length: > 0 } more ? $" ({more})" : "";
        Console.Error.WriteLine($"osclooper: {Where(about, reply.Frame)}{about}: {parts.ElementAtOrDefault(1)}{detail}");
    }

    /// <summary>
    /// [main] Writes what belongs to frames before this one. Of one frame first the changes, by address (several imps make them, in an order
    /// that hangs on the blocks), then the answers: so the file is the same for every block size.
    /// </summary>
    public void WriteUpTo(long frame)
    {
        if (heard.Count == 0) return;
        foreach (var (reply, _) in heard.Where(h => h.Reply.Frame < frame).OrderBy(h => h.Reply.Frame).ThenBy(h => h.IsAnswer)
            .ThenBy(h => h.IsAnswer ? "" : h.Reply.Message.Address, StringComparer.Ordinal))
            file?.WriteLine(OscScore.Format(reply.Frame, reply.Message));
        heard.RemoveAll(h => h.Reply.Frame < frame);
    }

    // The last line up to then that names the address.
    string Where(string address, long frame)
    {
        var bytes = Encoding.UTF8.GetBytes(address);
        var line = score.Moments.Where(m => m.Frame <= frame).SelectMany(m => m.Lines)
            .LastOrDefault(l => l.Message.Address == address || OscPattern.Matches(Encoding.UTF8.GetBytes(l.Message.Address), bytes));
        return line.Number > 0 ? $"line {line.Number}: " : "";
    }
}
