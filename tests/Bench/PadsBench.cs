using System.Runtime.InteropServices;
using OscLooper.Enchanter;
using OscLooper.Osc;
using OscLooper.Server;
using OscLooper.Server.Realtime;
using OscLooper.Testing;

namespace OscLooper.Bench;

/// <summary>[main] What the controllers cost, and how long a pad of a fake APC Key 25 on JACK MIDI takes to the loop and to its light.</summary>
static unsafe class PadsBench
{
    const int Tries = 120, Block = 128, Blocks = 8000;

    /// <summary>[audio] Pads, keys and knobs, so many in each block.</summary>
    sealed class Hands(Branch at) : Module
    {
        readonly NotesOut output = at.NotesOut("out");
        internal int PerBlock;
        int n;

        public override void Process(in Block block)
        {
            for (var i = 0; i < PerBlock; i++, n++)
                block.Send(output, block.Frame + i * 4, n % 3 == 2 ? NoteEvent.Control : NoteEvent.On | n % 3, n % 3 == 2 ? 0x30 + n % 8 : n / 3 % 40, n / 120 % 2 * 100);
        }
    }

    public static void Run(string[] _)
    {
        foreach (var each in new[] { 0, 3, 30 }) Cost(each);
        Latency();
    }

    static void Cost(int perBlock)
    {
        Hands? hands = null;
        using var server = new Server.Server(new ServerOptions { Offline = false, OscPort = 0, Quiet = true }, [("hands", at => hands = new Hands(at)), ("controller", at => new ControllerModule(at))]);
        server.Settle();
        var patch = server.Engine.Patch;
        if (!patch.ConnectNotes(new("hands", "out"), new("controller", "apc_key_25_mk1"), out var why)) throw new InvalidOperationException(why);
        server.Engine.Load(server.Imps, patch);
        server.Engine.WarmUp();
        Server.Realtime.Engine.EnterThread();
        hands!.PerBlock = perBlock;
        var lanes = (float*)NativeMemory.AllocZeroed(2 * Block * sizeof(float));
        var outputs = stackalloc float*[2] { lanes, lanes + Block };
        for (var i = 0; i < 2000; i++) Play();
        var times = new double[Blocks];
        var before = server.Engine.Status.AudioSideAllocatedBytes;
        for (var i = 0; i < Blocks; i++)
        {
            var start = ThreadClock.Nanoseconds;
            server.Engine.Process(null, outputs, Block);
            times[i] = (ThreadClock.Nanoseconds - start) / 1e3;
            if (i % 64 == 0) server.Pump();
        }
        var bytes = server.Engine.Status.AudioSideAllocatedBytes - before;
        NativeMemory.Free(lanes);
        Array.Sort(times);
        Console.WriteLine($"controllers, {perBlock * 375,6} messages a second: median {times[Blocks / 2]:F2} us per block of {Block}, 99 % {times[Blocks * 99 / 100]:F2}; {bytes} bytes allocated on the audio side");

        void Play()
        {
            server.Engine.Process(null, outputs, Block);
            server.Pump();
        }
    }

    static void Latency()
    {
        using var server = new RunningServer(withJack: true, "--modules", "looper,controller,enchanter");
        using var line = new Line(server.Port);
        using var apc = new JackPeer(server.JackName!, "APC Key 25", ["APC Key 25 MIDI 1"]);
        if (!JackPeer.Await(() => apc.First.Heard.Length >= 55)) throw new InvalidOperationException("the controller was not lit");
        Thread.Sleep(300);
        var random = new Random(1);
        var (light, missed) = (new Sample(), 0);
        for (var i = 0; i < Tries; i++)
        {
            apc.First.Forget();
            apc.First.SendAt(apc.Frame + 3 * Block + random.Next(Block), 0x90, 0x20, 127);
            apc.First.SendAt(apc.Frame + 8 * Block, 0x80, 0x20, 0);
            if (!JackPeer.Await(() => apc.First.HeardText.Any(h => h.StartsWith("90 20", StringComparison.Ordinal)), 1))
            {
                missed++;
                continue;
            }
            var heard = apc.First.Heard.First(h => h.Bytes[1] == 0x20).Frame;
            light.Add((heard - apc.First.Sent[0].Frame) / 48.0);
            Thread.Sleep(30 + random.Next(40));
        }
        Console.WriteLine($"pad to light at {Block} frames: p50 {light.At(0.5):F2} ms, p95 {light.At(0.95):F2}, max {light.At(1):F2} of {light.Count} presses ({missed} lost by JACK)");
        foreach (var latency in new[] { 1, 4 }) Spacing(line, apc, random, latency);
        Console.WriteLine(line.Ask("/server/status", "/server/status.reply"));
    }

    // The spacing of presses is the length of the loop.
    static void Spacing(Line line, JackPeer apc, Random random, int latency)
    {
        line.Send("/enchanter/latency", latency);
        var (errors, lost) = (new Sample(), 0);
        for (var i = 0; i < Tries / 2; i++)
        {
            line.Send("/looper/channel/2/clear");
            line.Sync();
            apc.First.Forget();
            var at = apc.Frame + 3 * Block + random.Next(Block);
            var length = 4800 + random.Next(4800);
            apc.First.SendAt(at, 0x90, 0x21, 127);
            apc.First.SendAt(at + length, 0x90, 0x21, 127);
            Thread.Sleep(350);
            var sent = apc.First.Sent.Where(s => s.Bytes[1] == 0x21).ToArray();
            if (sent.Length == 2 && line.Number("/looper/channel/2/frames") is > 0 and var frames) errors.Add(Math.Abs(frames - (sent[1].Frame - sent[0].Frame)));
            else lost++;
        }
        Console.WriteLine($"two presses of a pad against the length of the loop, latency {latency}: p50 {errors.At(0.5):F0} frames apart, p95 {errors.At(0.95):F0}, max {errors.At(1):F0} of {errors.Count} loops ({lost} lost by JACK)");
    }
}
