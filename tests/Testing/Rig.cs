using System.Reflection;
using OscLooper.Osc;
using OscLooper.Server;
using OscLooper.Server.Addressing;

namespace OscLooper.Testing;

/// <summary>[main] A server in a box, for those who write modules: real OSC bytes, the real dispatcher and engine; only cable and sound card are absent.</summary>
public sealed unsafe class Rig : IDisposable
{
    readonly List<(long Frame, byte[] Packet)> score = [];
    readonly int inputs, outputs;

    /// <summary>[main] A rig with these modules and options (they are made to render).</summary>
    public Rig(ServerOptions options, params (string Name, Func<Branch, Module> Make)[] modules) : this(options, isFromFolder: false, modules) { }

    Rig(ServerOptions options, bool isFromFolder, (string Name, Func<Branch, Module> Make)[] modules)
    {
        options = options with { Offline = true, OscPort = 0, Quiet = true };
        (inputs, outputs) = (options.Inputs, options.Outputs);
        Server = new(options, isFromFolder ? null : modules);
        Client = Server.Connect("rig");
        Server.Settle();
    }

    /// <summary>[main] A rig with modules as DLLs, as a server finds them: <see cref="ServerOptions.ModulesFolder"/>, <see cref="ServerOptions.Modules"/>.</summary>
    public static Rig FromFolder(ServerOptions options) => new(options, isFromFolder: true, []);

    /// <summary>[main] A rig with one module under its own name.</summary>
    public static Rig With<T>(Func<Branch, T> make, ServerOptions? options = null) where T : Module =>
        new(options ?? new(), (typeof(T).GetCustomAttribute<ModuleAttribute>()?.Name ?? "module", make));

    /// <summary>[main] A rig with the looper; the test's project refers to it.</summary>
    public static Rig Looper(ServerOptions? options = null)
    {
        var type = Assembly.Load("OscLooper.Looper").GetType("OscLooper.Looper.LooperModule", throwOnError: true)!;
        return new(options ?? new(), ("looper", at => (Module)Activator.CreateInstance(type, at)!));
    }

    /// <summary>[main] What is inside.</summary>
    public Server.Server Server { get; }
    /// <summary>[main] Who sends and is answered.</summary>
    public LocalClient Client { get; }
    /// <summary>[main] Everything that was answered and not taken yet.</summary>
    public Queue<Reply> Replies => Client.Replies;
    /// <summary>[main] First frame that has not been rendered.</summary>
    public long Frame => Server.Engine.Status.Frame;

    /// <summary>[main] Sends a message that acts now, and waits for what it does.</summary>
    public void Send(string address, params OscValue[] arguments) => SendBytes(new OscMessage(address, arguments).ToBytes());

    /// <summary>[main] Sends any packet now, and waits for what it does.</summary>
    public void SendBytes(ReadOnlySpan<byte> packet)
    {
        Client.Send(packet);
        Server.Settle();
    }

    /// <summary>[main] A message that acts on exactly this frame of a later <see cref="Render(float[][], int, int)"/>.</summary>
    public void SendAt(long frame, string address, params OscValue[] arguments) => SendAt(frame, new OscMessage(address, arguments));

    /// <summary>[main] A message or bundle that acts on exactly this frame.</summary>
    public void SendAt(long frame, OscPacket packet)
    {
        // Among those of one frame the order of sending counts.
        var place = score.FindIndex(s => s.Frame > frame);
        score.Insert(place < 0 ? score.Count : place, (frame, packet.ToBytes()));
    }

    /// <summary>[main] Sends a question and gives the arguments of its answer as text, e.g. "0.5".</summary>
    public string Value(string address) => string.Join(' ', Ask(address).Select(v => v.Tag is 's' ? v.Text : v.ToString()));

    /// <summary>[main] Sends a question and gives the first number of its answer.</summary>
    public double Number(string address) => Ask(address)[0].Number;

    /// <summary>[main] Sends a message and gives everything that was answered; earlier answers are dropped.</summary>
    public IReadOnlyList<OscMessage> Call(string address, params OscValue[] arguments)
    {
        Replies.Clear();
        Send(address, arguments);
        return TakeReplies();
    }

    /// <summary>[main] Takes all replies.</summary>
    public IReadOnlyList<OscMessage> TakeReplies()
    {
        var all = Replies.Select(r => r.Message).ToArray();
        Replies.Clear();
        return all;
    }

    /// <summary>[main] Renders one input lane (copied to all); gives the first output lane.</summary>
    public float[] Render(float[] input, int blockSize = 128) => Render([.. Enumerable.Repeat(input, inputs)], blockSize)[0];

    /// <summary>[main] Renders silence; gives the first output lane.</summary>
    public float[] Render(int frames, int blockSize = 128) => Render(new float[frames], blockSize);

    /// <summary>[main] Renders input lanes in blocks of that size; gives all output lanes. Missing lanes are silent.</summary>
    public float[][] Render(float[][] input, int blockSize = 128, int frames = -1)
    {
        if (frames < 0) frames = input.Max(lane => lane.Length);
        var output = Enumerable.Range(0, outputs).Select(_ => new float[frames]).ToArray();
        var start = Frame;
        for (var done = 0; done < frames;)
        {
            // The whole block's messages go ahead, as from a sequencer; the engine finds their frames.
            var length = Math.Min(blockSize - done % blockSize, frames - done);
            var next = start + done + length;
            while (score.Count > 0 && score[0].Frame < next)
            {
                Client.Send(score[0].Packet, Math.Max(score[0].Frame, Frame));
                score.RemoveAt(0);
            }
            Server.Settle();
            // Where the main side has something to do, the block ends: jobs are awaited before the next frame.
            length = (int)Math.Min(length, Math.Max(1, Server.NextFrame - Frame));
            Process(input, output, done, length);
            done += length;
            Server.Settle();
        }
        return output;
    }

    void Process(float[][] input, float[][] output, int offset, int length)
    {
        var ins = stackalloc float*[inputs];
        var outs = stackalloc float*[outputs];
        var memory = new float[(inputs + outputs) * length];
        fixed (float* start = memory)
        {
            for (var lane = 0; lane < inputs; lane++)
            {
                ins[lane] = start + lane * length;
                if (lane < input.Length && offset < input[lane].Length)
                    input[lane].AsSpan(offset, Math.Min(length, input[lane].Length - offset)).CopyTo(new Span<float>(ins[lane], length));
            }
            for (var lane = 0; lane < outputs; lane++) outs[lane] = start + (inputs + lane) * length;
            Server.Engine.Render(ins, outs, length);
            for (var lane = 0; lane < outputs; lane++) new Span<float>(outs[lane], length).CopyTo(output[lane].AsSpan(offset));
        }
    }

    OscValue[] Ask(string address)
    {
        var answer = Call(address).LastOrDefault(m => m.Address == address || m.Address == "/fail");
        return answer is null || answer.Address == "/fail" ? throw new InvalidOperationException($"{address}: {answer?.ToString() ?? "no answer"}") : answer.Arguments;
    }

    /// <summary>[main] Ends it.</summary>
    public void Dispose() => Server.Dispose();
}
