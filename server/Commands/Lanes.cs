using System.Runtime.InteropServices;
using OscLooper.Dsp;

namespace OscLooper.Server.Commands;

/// <summary>[main] Buffers for a render, as a driver would bring them.</summary>
sealed unsafe class Lanes : IDisposable
{
    readonly int lanes, frames;

    public Lanes(int lanes, int frames)
    {
        (this.lanes, this.frames) = (lanes, frames);
        Pointers = (float**)NativeMemory.AllocZeroed((nuint)Math.Max(1, lanes), (nuint)sizeof(float*));
        for (var lane = 0; lane < lanes; lane++) Pointers[lane] = (float*)NativeMemory.AllocZeroed((nuint)frames, sizeof(float));
    }

    /// <summary>[main] One buffer for each lane.</summary>
    public float** Pointers { get; }

    /// <summary>[main] Lays sounds side by side; past their end, and where there are none, is silence.</summary>
    public void Fill(IReadOnlyList<Sound> sounds, long at, int count)
    {
        var lane = 0;
        foreach (var sound in sounds)
        {
            for (var i = 0; i < sound.Lanes && lane < lanes; i++, lane++)
            {
                var to = new Span<float>(Pointers[lane], count);
                var left = (int)Math.Clamp(sound.Frames - at, 0, count);
                if (left > 0) sound.Lane(i).Slice((int)at, left).CopyTo(to);
                to[left..].Clear();
            }
        }
    }

    public void Dispose()
    {
        for (var lane = 0; lane < lanes; lane++) NativeMemory.Free(Pointers[lane]);
        NativeMemory.Free(Pointers);
    }
}
