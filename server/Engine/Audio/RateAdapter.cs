using System.Runtime.InteropServices;
using OscLooper.Dsp;
using OscLooper.Server.Realtime;

namespace OscLooper.Server.Audio;

/// <summary>
/// [audio] Plays the engine on a device of another rate. The engine keeps its rate for life, so that frames, loops, takes and modules stay as they are:
/// what the device brings is resampled to the engine's rate, and what the engine plays to the device's.
/// </summary>
sealed unsafe class RateAdapter : IDisposable
{
    const int ChunkFrames = 512;

    readonly StreamResampler into, from;
    readonly float** ins, outs;
    readonly float* memory;
    readonly int inputs, outputs, mostEngineFrames;

    /// <summary>[main] For a device of this rate.</summary>
    internal RateAdapter(AudioFormat engine, int deviceRate)
    {
        (inputs, outputs) = (engine.Inputs, engine.Outputs);
        mostEngineFrames = (int)((long)ChunkFrames * engine.Rate / deviceRate) + 4;
        into = new StreamResampler(deviceRate, engine.Rate, inputs, ChunkFrames);
        from = new StreamResampler(engine.Rate, deviceRate, outputs, mostEngineFrames);
        // What the engine takes for a block of the device is rounded up, what the device brings for it is rounded down: two frames lie ready.
        into.Push(null, 0, 2);

        memory = (float*)NativeMemory.AllocZeroed((nuint)(inputs + outputs + 1) * (nuint)mostEngineFrames, sizeof(float));
        ins = (float**)NativeMemory.AllocZeroed((nuint)(inputs + 1), (nuint)sizeof(float*));
        outs = (float**)NativeMemory.AllocZeroed((nuint)(outputs + 1), (nuint)sizeof(float*));
        for (var lane = 0; lane < inputs; lane++) ins[lane] = memory + (nint)lane * mostEngineFrames;
        for (var lane = 0; lane < outputs; lane++) outs[lane] = memory + (nint)(inputs + lane) * mostEngineFrames;
    }

    /// <summary>[audio] Frames of the engine that the next so many frames of the device take.</summary>
    internal int EngineFrames(int frames) => from.InputFor(frames);

    /// <summary>[audio] One block of the device.</summary>
    internal void Process(Engine engine, float** deviceIns, float** deviceOuts, int frames)
    {
        for (var done = 0; done < frames;)
        {
            var count = Math.Min(ChunkFrames, frames - done);
            into.Push(deviceIns, done, count);
            var played = Math.Min(from.InputFor(count), mostEngineFrames);
            into.Pull(ins, 0, played);
            if (played > 0) engine.Process(ins, outs, played);
            from.Push(outs, 0, played);
            from.Pull(deviceOuts, done, count);
            done += count;
        }
    }

    /// <summary>[main, frozen] Gives the memory back.</summary>
    public void Dispose()
    {
        into.Dispose();
        from.Dispose();
        NativeMemory.Free(memory);
        NativeMemory.Free(ins);
        NativeMemory.Free(outs);
    }
}
