using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace OscLooper.Dsp;

/// <summary>
/// [audio] Changes the rate of a sound that goes on for ever, lane by lane: <see cref="Resampler"/>'s filter, with all memory taken at the start.
/// Output frame n lies at input time n * from / to and is there when so many frames have been pushed that none is missing before it;
/// it sounds <see cref="DelayFrames"/> later than it would without a filter.
/// </summary>
public sealed unsafe class StreamResampler : IDisposable
{
    readonly PolyphaseTable table;
    readonly int lanes, half, taps, room;
    readonly long step, phases;
    readonly float* memory;
    long oldest, written, made;

    /// <summary>[main] A converter between two rates for so many lanes; never more than so many frames are pushed at once, and what is pushed is pulled soon.</summary>
    public StreamResampler(int fromRate, int toRate, int lanes, int mostFrames)
    {
        if (!Resampler.CanConvert(fromRate, toRate)) throw new ArgumentOutOfRangeException(nameof(toRate), $"{fromRate} to {toRate}");
        this.lanes = lanes;
        var divisor = (int)System.Numerics.BigInteger.GreatestCommonDivisor(fromRate, toRate);
        (step, phases) = (fromRate / divisor, toRate / divisor);
        table = new PolyphaseTable(Math.Min(1.0, (double)toRate / fromRate), phases);
        (half, taps) = (table.Half, table.Taps);
        room = 2 * (taps + mostFrames);
        memory = (float*)NativeMemory.AllocZeroed((nuint)Math.Max(1, lanes) * (nuint)room, sizeof(float));
        // Silence before the first frame. The frames after an output frame that its filter needs come first as silence, too: that is the delay.
        (oldest, written) = (-half, half);
    }

    /// <summary>[any] By how many frames of the input it delays.</summary>
    public int DelayFrames => half;

    /// <summary>[audio] How many frames have to be pushed so that so many can be pulled; 0 when they are there.</summary>
    public int InputFor(int frames) => frames == 0 ? 0 : (int)Math.Max(0, (made + frames - 1) * step / phases + half + 1 - written);

    /// <summary>[audio] Frames that can be pulled now.</summary>
    public int Ready => (int)Math.Max(0, ((written - half) * phases + step - 1) / step - made);

    /// <summary>[audio] Adds frames, one pointer for each lane; a null lane is silence.</summary>
    public void Push(float** from, int offset, int frames)
    {
        if (written - oldest + frames > room) DropOld();
        var at = (int)(written - oldest);
        for (var lane = 0; lane < lanes; lane++)
        {
            var target = new Span<float>(memory + (nint)lane * room + at, frames);
            if (from is null || from[lane] is null) target.Clear();
            else new ReadOnlySpan<float>(from[lane] + offset, frames).CopyTo(target);
        }
        written += frames;
    }

    /// <summary>[audio] Takes frames that are there, one pointer for each lane; a null lane is left out.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Pull(float** into, int offset, int frames)
    {
        for (var i = 0; i < frames; i++, made++)
        {
            var whole = made * step / phases;
            var row = table.Row(made * step - whole * phases);
            var at = (int)(whole - half + 1 - oldest);
            for (var lane = 0; lane < lanes; lane++)
                if (into[lane] is not null) into[lane][offset + i] = Dot(memory + (nint)lane * room + at, row);
        }
    }

    void DropOld()
    {
        var drop = (int)Math.Clamp(made * step / phases - half + 1 - oldest, 0, written - oldest);
        var kept = (int)(written - oldest) - drop;
        for (var lane = 0; lane < lanes; lane++)
        {
            var start = memory + (nint)lane * room;
            new ReadOnlySpan<float>(start + drop, kept).CopyTo(new Span<float>(start, kept));
        }
        oldest += drop;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static float Dot(float* sound, ReadOnlySpan<float> row)
    {
        Vector256<float> even = default, odd = default;
        fixed (float* weights = row)
            for (var i = 0; i < row.Length; i += 16)       // taps are a multiple of 16
            {
                even += Vector256.Load(sound + i) * Vector256.Load(weights + i);
                odd += Vector256.Load(sound + i + 8) * Vector256.Load(weights + i + 8);
            }
        return Vector256.Sum(even + odd);
    }

    /// <summary>[main, frozen] Gives the memory back.</summary>
    public void Dispose() => NativeMemory.Free(memory);
}
