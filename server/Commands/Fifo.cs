using System.Runtime.InteropServices;
using System.Text;
using OscLooper.Osc;
using OscLooper.Server.Addressing;

namespace OscLooper.Server.Commands;

/// <summary>
/// [main] A named pipe from which lines are read: the text form, and the words of the C looper (scene_next, record ...).
/// A thread of its own waits at the pipe; main is handed whole messages and never blocks.
/// </summary>
[NativeCalls("libc", NativeCallers.Any)]
sealed partial class Fifo : IDisposable
{
    const int LongestLine = 65536;
    readonly Server server;
    readonly LocalClient client;
    readonly FileStream pipe;
    readonly Action<string> trouble;

    Fifo(Server server, FileStream pipe, Action<string> trouble)
    {
        (this.server, this.pipe, this.trouble) = (server, pipe, trouble);
        client = server.Connect("fifo");
        client.Heard = reply => { if (reply.Message.Address == "/fail") trouble($"fifo: {reply.Message}"); };
        new Thread(Read) { IsBackground = true, Name = "fifo" }.Start();
    }

    /// <summary>[main] Opens the pipe, and makes it when it is missing. Null when none is wanted.</summary>
    public static Fifo? Open(Server server, string path, Action<string> trouble)
    {
        if (path.Length == 0) return null;
        if (!File.Exists(path) && mkfifo(path, 0x180) != 0) // 0600: its owner alone
            throw new IOException($"the pipe {path} cannot be made: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
        // Open for writing, too: so it never ends when the last writer goes.
        var pipe = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, 0);
        if (!pipe.CanSeek) return new Fifo(server, pipe, trouble);
        pipe.Dispose();
        throw new IOException($"{path} is a file, not a named pipe");
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mkfifo(string path, uint mode);

    void Read()
    {
        var chunk = new byte[4096];
        var line = new List<byte>();
        var tooLong = false;
        try
        {
            while (pipe.Read(chunk) is var count and > 0)
            {
                foreach (var b in chunk.AsSpan(0, count))
                {
                    if (b != '\n')
                    {
                        if (line.Count < LongestLine) line.Add(b);
                        else tooLong = true;
                        continue;
                    }
                    var text = Encoding.UTF8.GetString([.. line]);
                    line.Clear();
                    if (tooLong) trouble("fifo: a line was too long and is left out");
                    else Say(text);
                    tooLong = false;
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException) { }
    }

    void Say(string line)
    {
        if (line.AsSpan().Trim() is [] or ['#', ..]) return;
        if (FifoWords.Translate(line) is not { } translated) trouble($"fifo: {line.Trim()}: neither an address nor one of {FifoWords.All}");
        else if (!OscText.TryParse(translated, out var message, out var error, doubles: true)) trouble($"fifo: {line.Trim()}: {error}");
        else server.Workers.Post(() => client.Send(TextNumbers.For(server.Space, message)));
    }

    public void Dispose() => pipe.Dispose();
}

/// <summary>[any] The lines of the C looper (origin 004) in our addresses.</summary>
static class FifoWords
{
    static readonly Dictionary<string, string> Verbs = new()
    {
        ["scene_next"] = "next_scene", ["scene_prev"] = "prev_scene", ["scene_add"] = "add_scene", ["scene_remove"] = "remove_scene",
        ["record"] = "record", ["play"] = "play", ["pause"] = "pause",
    };

    public static string All => string.Join(" ", Verbs.Keys.Append("exit"));

    /// <summary>[any] The line in the text form; null when it is none of the words. They speak to channel 1, or to the number behind them.</summary>
    public static string? Translate(string line)
    {
        var parts = line.Split((char[])[' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries);
        if (parts[0].StartsWith('/')) return line;
        if (parts is ["exit"]) return "/server/quit";
        if (parts.Length > 2 || !Verbs.TryGetValue(parts[0], out var verb)) return null;
        var channel = 1;
        if (parts.Length == 2 && !(int.TryParse(parts[1], out channel) && channel > 0)) return null;
        return $"/looper/channel/{channel}/{verb}";
    }
}
