using System.Runtime.InteropServices;
using OscLooper.Fluid;
using OscLooper.Server;
using OscLooper.Server.Realtime;

namespace OscLooper.Bench;

/// <summary>[main] What FluidSynth costs here beside what it costs by itself: the same SoundFont, the same 64 voices, block by block in turn.</summary>
static unsafe class FluidBench
{
    const int Block = 128, Blocks = 8000, Keys = 32, Organ = 16;

    public static void Run(string[] _)
    {
        if (!FluidCalls.IsThere || SoundFonts.Usual() is not { } font)
        {
            Console.WriteLine("not measured: libfluidsynth3 or a SoundFont (timgm6mb-soundfont) is not installed");
            return;
        }
        using var empty = Open([]);
        using var server = Open([("fluid", at => new FluidModule(at))]);
        var client = server.Connect("bench");
        while (!server.Space.TryFind("/fluid/playing", out var leaf) || leaf.Text.Length == 0)
        {
            server.Pump();
            Play(server);
            Thread.Sleep(1);
        }
        var bare = FontSynth.Load(font, 48000, out var why) ?? throw new InvalidOperationException(why);
        var lanes = (float*)NativeMemory.AllocZeroed(2 * Block, sizeof(float));

        // Two organ stops on 32 keys: 64 voices that never end.
        for (var channel = 0; channel < 2; channel++)
        {
            bare.Choose(channel, 0, Organ);
            client.Send("/fluid/program", channel + 1, Organ);
            for (var key = 0; key < Keys; key++)
            {
                bare.Hear(NoteEvent.On, channel, 36 + key, 100);
                client.Send("/fluid/note", 36 + key, 100, channel + 1);
            }
        }
        for (var i = 0; i < 1000; i++)
        {
            server.Pump();
            Play(server);
            bare.Render(lanes, lanes + Block, Block);
            Play(empty);
        }
        server.Space.TryFind("/fluid/voices", out var voices);
        Console.WriteLine($"{Path.GetFileName(font)}; voices: {server.Space.LiveValueOf(voices.Target).A} here, {bare.Voices} in the bare synth");

        var (own, theirs, nothing) = (new double[Blocks], new double[Blocks], new double[Blocks]);
        var before = server.Engine.Status.AudioSideAllocatedBytes;
        for (var i = 0; i < Blocks; i++)
        {
            own[i] = Time(() => Play(server));
            theirs[i] = Time(() => bare.Render(lanes, lanes + Block, Block));
            nothing[i] = Time(() => Play(empty));
        }
        foreach (var times in new[] { own, theirs, nothing }) Array.Sort(times);
        double Median(double[] times) => times[Blocks / 2];
        Console.WriteLine($"bare fluid_synth_write_float           {Median(theirs),8:F2} us per block of {Block} (median of {Blocks})");
        Console.WriteLine($"engine with the module fluid           {Median(own),8:F2} us, of which the engine without it {Median(nothing):F2} us; {server.Engine.Status.AudioSideAllocatedBytes - before} bytes allocated");
        Console.WriteLine($"ratio, the module beside the library   {(Median(own) - Median(nothing)) / Median(theirs),8:F3} (asked: within 1.10); with the engine {Median(own) / Median(theirs):F3}");
        bare.Dispose();
        NativeMemory.Free(lanes);
    }

    static Server.Server Open((string, Func<Branch, Module>)[] modules)
    {
        var server = new Server.Server(new ServerOptions { OscPort = 0, Quiet = true }, modules);
        server.Engine.WarmUp();
        Server.Realtime.Engine.EnterThread();
        return server;
    }

    static void Play(Server.Server server) => server.Engine.Process(null, null, Block);

    static double Time(Action act)
    {
        var start = ThreadClock.Nanoseconds;
        act();
        return (ThreadClock.Nanoseconds - start) / 1e3;
    }
}
