using System.Text;
using OscLooper.Dsp;
using OscLooper.Osc;
using OscLooper.Server.Addressing;

namespace OscLooper.Server.Commands;

/// <summary>[main] Plays a score into a file. Time is rendered, not real: whatever waits is awaited before the next frame.</summary>
sealed unsafe class Render : IDisposable
{
    // Fewer than the way to the audio side holds, so that a crowded moment is never refused.
    const int MostMessagesAhead = 4096;

    readonly RenderOptions options;
    readonly OscScore score;
    readonly Lanes inputs, outputs;
    readonly Server server;
    readonly ScoreReplies replies;
    readonly Addressing.LocalClient player;
    readonly long frames;
    int next;

    Render(RenderOptions options, OscScore score, IReadOnlyList<Sound> sounds, TextWriter? replyFile)
    {
        (this.options, this.score) = (options, score);
        var rate = options.Server.Rate;
        var longest = sounds.Select(s => (long)s.Frames).DefaultIfEmpty().Max();
        frames = options.Seconds >= 0 ? (long)Math.Round(options.Seconds * rate) : Math.Max(longest, score.LastFrame < 0 ? 0 : score.LastFrame + rate);
        inputs = new Lanes(options.Server.Inputs, options.Server.Block);
        outputs = new Lanes(options.Server.Outputs, options.Server.Block);
        server = new Server(options.Server);
        server.Logged = (level, line) => { if (level >= LogLevel.Warning) Console.Error.WriteLine($"osclooper: {line}"); };
        player = server.Connect("score");
        replies = new ScoreReplies(server, score, replyFile);
        player.Heard = replies.Hear;
    }

    /// <summary>[main] Renders; the answer is the exit code. What is refused on the way is told with its line, and does not stop the rest.</summary>
    public static int Run(RenderOptions options)
    {
        var sounds = new List<Sound>();
        try
        {
            if (!OscScore.TryParse(RegularFile.ReadAllText(options.Score), options.Server.Rate, out var score, out var errors, doubles: true))
            {
                foreach (var error in errors) Console.Error.WriteLine($"{options.Score}: {error}");
                return CommandLine.WrongArguments;
            }
            foreach (var file in options.Inputs) sounds.Add(Progress.Of($"reading {Path.GetFileName(file)}", p => SoundFile.ReadAll(file, options.Server.Rate, p)));
            var heard = sounds.Sum(s => s.Lanes);
            if (options.Server.Inputs < 0) options = options with { Server = options.Server with { Inputs = Math.Max(2, heard) } };
            else if (heard > options.Server.Inputs) Console.Error.WriteLine($"osclooper: the inputs have {heard} lanes, but only {options.Server.Inputs} are heard (--inputs)");

            using var replyFile = options.Replies.Length > 0 ? new StreamWriter(options.Replies, false, new UTF8Encoding(false)) : null;
            using var render = new Render(options, score, sounds, replyFile);
            return render.Play(sounds);
        }
        catch (Exception e) when (e is SoundFileException or IOException or UnauthorizedAccessException)
        {
            return CommandLine.Complain(e.Message, CommandLine.Failed);
        }
        finally
        {
            foreach (var sound in sounds) sound.Dispose();
        }
    }

    int Play(IReadOnlyList<Sound> sounds)
    {
        using var file = SoundFile.Create(options.Output, SoundFormat.WavFloat, options.Server.Outputs, options.Server.Rate);
        try
        {
            Progress.Of($"rendering {Path.GetFileName(options.Output)}", progress =>
            {
                for (long at = 0; at < frames && !server.HasQuit;)
                {
                    progress?.Report((double)at / frames);
                    var end = SendUpTo(at, Math.Min(at + options.Server.Block, frames));
                    if (server.NextFrame <= at) server.Settle();
                    end = Math.Max(at + 1, Math.Min(end, server.NextFrame));
                    var count = (int)(end - at);
                    inputs.Fill(sounds, at, count);
                    server.Engine.Render(inputs.Pointers, outputs.Pointers, count);
                    file.Write(outputs.Pointers, count);
                    at = end;
                    // Memory for takes, jobs under way, answers: all of it catches up before the next frame.
                    server.Settle();
                    replies.WriteUpTo(at);
                }
                replies.WriteUpTo(long.MaxValue);
                return 0;
            });
            file.Commit();
        }
        catch (Exception e) when (e is SoundFileException or IOException)
        {
            // What fitted took its time to render.
            var seconds = file.Frames / (double)options.Server.Rate;
            var (kept, more) = file.Keep();
            throw new SoundFileException($"{e.Message}; {(kept.Length > 0 ? $"the first {seconds:0.00} s are kept in {kept}" : "nothing is kept")}{(more.Length > 0 && more != e.Message ? $"; {more}" : "")}", e);
        }
        return replies.Fails == 0 && server.Losses.All.Count == 0 ? CommandLine.Well : CommandLine.Failed;
    }

    // Numbers and actions of the audio side are handed over ahead, with their frames: the engine cuts its blocks itself.
    // What waits, or might change which addresses there are, is sent when time has come to its frame. The answer is how far to play.
    long SendUpTo(long at, long end)
    {
        for (var sent = 0; next < score.Moments.Count; next++)
        {
            var moment = score.Moments[next];
            if (moment.Frame >= end) return end;
            var waits = sent >= MostMessagesAhead || !moment.Lines.All(line => ActsOnTheAudioSide(line.Message));
            if (waits && moment.Frame > at) return moment.Frame;
            if (waits) server.Settle();
            replies.Sending = moment.Frame;
            player.Send(Packet(moment), moment.Frame);
            replies.Sending = -1;
            if (waits) server.Settle();
            sent = waits ? 0 : sent + moment.Lines.Count;
        }
        return end;
    }

    OscPacket Packet(OscScoreMoment moment)
    {
        OscMessage[] messages = [.. moment.Lines.Select(line => TextNumbers.For(server.Space, line.Message))];
        return messages is [var single] ? single : new OscBundle(OscTimeTag.Immediate, messages);
    }

    bool ActsOnTheAudioSide(OscMessage message)
    {
        var address = Encoding.UTF8.GetBytes(message.Address);
        if (!OscPattern.HasWildcards(address)) return server.Space.TryFind(message.Address, out var leaf) && IsEvent(leaf.Declaration);
        var matched = server.Space.Match(address);
        foreach (var target in matched)
            if (!IsEvent(server.Space[target].Declaration)) return false;
        return matched.Length > 0;

        bool IsEvent(Declaration d) => d.Kind == LeafKind.Command || (d.Kind == LeafKind.Parameter && message.Arguments.Length > 0);
    }

    public void Dispose()
    {
        server.Dispose();
        inputs.Dispose();
        outputs.Dispose();
    }
}
