using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace OscLooper.Synth;

/// <summary>[audio] A small room: per side six combs that lose their highs, then three all-passes, with the tunings of Freeverb (Jezar at Dreampoint, public domain).</summary>
sealed unsafe class Room : IDisposable
{
    const int Combs = 6, Passes = 3, SpreadFrames = 23, Lines = 2 * (Combs + Passes);
    const float Feedback = 0.83f, Damping = 0.28f, Diffusion = 0.5f;
    static readonly int[] Tunings = [1116, 1188, 1277, 1356, 1422, 1557, 556, 441, 341];

    readonly float* memory;
    readonly int[] starts = new int[Lines], lengths = new int[Lines], places = new int[Lines];
    readonly float[] lows = new float[2 * Combs];
    readonly int total;

    internal Room(double rate)
    {
        for (var i = 0; i < Lines; i++)
        {
            lengths[i] = (int)((Tunings[i / 2] + (i & 1) * SpreadFrames) * rate / 44100);
            starts[i] = total;
            total += lengths[i];
        }
        memory = (float*)NativeMemory.AllocZeroed((nuint)total, sizeof(float));
    }

    internal void Silence()
    {
        new Span<float>(memory, total).Clear();
        lows.AsSpan().Clear();
    }

    /// <summary>[audio] Adds the room's answer to what is sent to it, at this level.</summary>
    /// <param name="sends">What it hears: both sides added up.</param>
    /// <param name="left">Where its left side is added.</param>
    /// <param name="right">Where its right side is added.</param>
    /// <param name="level">How loud.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal void Render(ReadOnlySpan<float> sends, Span<float> left, Span<float> right, float level)
    {
        for (var n = 0; n < left.Length; n++)
        {
            var send = sends[n] * 0.09f;
            var (l, r) = (0f, 0f);
            for (var i = 0; i < 2 * Combs; i += 2)
            {
                l += Comb(i, send);
                r += Comb(i + 1, send);
            }
            for (var i = 2 * Combs; i < Lines; i += 2)
            {
                l = Pass(i, l);
                r = Pass(i + 1, r);
            }
            left[n] += l * level;
            right[n] += r * level;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    float Comb(int i, float x)
    {
        var at = memory + starts[i] + places[i];
        var y = *at;
        lows[i] = y + (lows[i] - y) * Damping;
        *at = x + lows[i] * Feedback;
        if (++places[i] == lengths[i]) places[i] = 0;
        return y;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    float Pass(int i, float x)
    {
        var at = memory + starts[i] + places[i];
        var y = *at;
        *at = x + y * Diffusion;
        if (++places[i] == lengths[i]) places[i] = 0;
        return y - x;
    }

    /// <summary>[main, frozen] Gives the memory back.</summary>
    public void Dispose() => NativeMemory.Free(memory);
}
