using System.Runtime.InteropServices;
using OscLooper.Looper;
using OscLooper.Osc;
using OscLooper.Server;
using OscLooper.Server.Realtime;

namespace OscLooper.Bench;

/// <summary>[main] A server with many stereo loops in this process, played block by block without a device.</summary>
sealed unsafe class Loops : IDisposable
{
    readonly Server.Server server;
    readonly float** inputs, outputs;
    readonly float* memory;
    readonly int block;

    public Loops(int channels, int block, bool offline = false)
    {
        this.block = block;
        server = new Server.Server(new ServerOptions { Channels = channels, Offline = offline, OscPort = 0, Quiet = true, MemoryMib = 6000 }, [("looper", at => new LooperModule(at))]);
        memory = (float*)NativeMemory.AllocZeroed((nuint)(4 * block * sizeof(float)));
        inputs = (float**)NativeMemory.AllocZeroed((nuint)(4 * sizeof(nint)));
        outputs = inputs + 2;
        for (var lane = 0; lane < 4; lane++) inputs[lane] = memory + lane * block;
        var random = new Random(1);
        for (var i = 0; i < 2 * block; i++) memory[i] = random.NextSingle() - 0.5f;
        server.Engine.WarmUp();
        Server.Realtime.Engine.EnterThread();
        Client = server.Connect("bench");
        server.Settle();
    }

    public Server.Addressing.LocalClient Client { get; }
    public Server.Realtime.Engine Engine => server.Engine;

    public void Send(string address, params OscValue[] arguments)
    {
        Client.Send(address, arguments);
        Settle();
    }

    public void Settle() => server.Settle();

    public void Play(int blocks)
    {
        for (var i = 0; i < blocks; i++) server.Engine.Process(inputs, outputs, block);
    }

    /// <summary>Plays with the worker and main between the blocks, as a render does.</summary>
    public void Render(int blocks)
    {
        for (var i = 0; i < blocks; i++)
        {
            server.Engine.Process(inputs, outputs, block);
            if (i % 16 == 0) server.Settle();
        }
    }

    /// <summary>Records two seconds into every channel and lets all of them loop.</summary>
    public void FillAll(double seconds = 2)
    {
        Send("/looper/channel/*/record");
        Render((int)(seconds * server.Format.Rate / block));
        Send("/looper/channel/*/play");
        Render(100);
    }

    /// <summary>Median over rounds of the time per block in microseconds, on the thread's own clock.</summary>
    public double MicrosecondsPerBlock(int rounds, int blocks)
    {
        var times = new List<double>();
        for (var r = 0; r < rounds; r++)
        {
            var start = ThreadClock.Nanoseconds;
            Play(blocks);
            times.Add((ThreadClock.Nanoseconds - start) / 1e3 / blocks);
            Settle();
        }
        times.Sort();
        return times[times.Count / 2];
    }

    public void Dispose()
    {
        server.Dispose();
        NativeMemory.Free(memory);
        NativeMemory.Free(inputs);
    }
}
