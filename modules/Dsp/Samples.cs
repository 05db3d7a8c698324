using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace OscLooper.Dsp;

/// <summary>[any] Tells samples from what is no sound: not a number, infinite, or beyond <see cref="Largest"/>.</summary>
public static class Samples
{
    /// <summary>[any] The largest sample that is one: 80 dB above full scale. Nothing that is meant is louder; an unstable filter is.</summary>
    public const float Largest = 1e4f;

    // As integers, without the sign: they grow with the number, and infinities and what is no number lie beyond all numbers.
    const int Magnitude = 0x7FFFFFFF, SmallestNormal = 0x00800000, LargestBits = 0x461C4000;

    /// <summary>[any] The first sample that is none; -1 when all are.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int FirstBad(ReadOnlySpan<float> sound)
    {
        ref var bits = ref Unsafe.As<float, int>(ref MemoryMarshal.GetReference(sound));
        var count = (nuint)sound.Length;
        var (mask, most) = (Vector256.Create(Magnitude), Vector256<int>.Zero);
        var last = 0;
        nuint i = 0;
        for (; i + 8 <= count; i += 8) most = Vector256.Max(most, Vector256.LoadUnsafe(ref bits, i) & mask);
        for (; i < count; i++) last = Math.Max(last, Unsafe.Add(ref bits, i) & Magnitude);
        if (last <= LargestBits && !Vector256.GreaterThanAny(most, Vector256.Create(LargestBits))) return -1;
        var first = 0;
        while ((Unsafe.Add(ref bits, first) & Magnitude) <= LargestBits) first++;
        return first;
    }

    /// <summary>[any] Makes 0 of every sample that is none, and of denormals, which cost much and are not heard. The answer is how many were none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Clean(Span<float> sound)
    {
        ref var bits = ref Unsafe.As<float, int>(ref MemoryMarshal.GetReference(sound));
        var count = (nuint)sound.Length;
        var (mask, largest, smallest) = (Vector256.Create(Magnitude), Vector256.Create(LargestBits), Vector256.Create(SmallestNormal));
        var bad = 0;
        nuint i = 0;
        for (; i + 8 <= count; i += 8)
        {
            var x = Vector256.LoadUnsafe(ref bits, i);
            var size = x & mask;
            var isBad = Vector256.GreaterThan(size, largest);
            // The sign stays: a 0 that is negative is none of this method's business.
            Vector256.AndNot(x, (isBad | Vector256.LessThan(size, smallest)) & mask).StoreUnsafe(ref bits, i);
            bad += BitOperations.PopCount(isBad.ExtractMostSignificantBits());
        }
        for (; i < count; i++)
        {
            ref var x = ref Unsafe.Add(ref bits, i);
            var size = x & Magnitude;
            if (size > LargestBits) bad++;
            if (size > LargestBits || size < SmallestNormal) x &= ~Magnitude;
        }
        return bad;
    }
}
