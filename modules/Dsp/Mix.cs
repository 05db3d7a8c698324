using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace OscLooper.Dsp;

/// <summary>[audio] The kernels: add, scale, measure, copy. Vector body and scalar tail do the same operations in the same
/// order, without fused multiply-add, so every block size gives the same bits. The shorter span decides the length.</summary>
public static class Mix
{
    const MethodImplOptions Kernel = MethodImplOptions.AggressiveOptimization;

    /// <summary>[audio] target += source * gain.</summary>
    [MethodImpl(Kernel)]
    public static void AddScaled(Span<float> target, ReadOnlySpan<float> source, float gain)
    {
        var count = (nuint)Math.Min(target.Length, source.Length);
        ref var to = ref MemoryMarshal.GetReference(target);
        ref var of = ref MemoryMarshal.GetReference(source);
        var gains = Vector256.Create(gain);
        nuint i = 0;

        for (; i + 8 <= count; i += 8)
            (Vector256.LoadUnsafe(ref to, i) + Vector256.LoadUnsafe(ref of, i) * gains).StoreUnsafe(ref to, i);
        for (; i < count; i++)
            Unsafe.Add(ref to, i) += Unsafe.Add(ref of, i) * gain;
    }

    /// <summary>[audio] target += source * (ramp * scale), where the spans begin at this absolute frame.</summary>
    [MethodImpl(Kernel)]
    public static void AddRamped(Span<float> target, ReadOnlySpan<float> source, in Ramp ramp, long frame, float scale = 1)
    {
        var count = Math.Min(target.Length, source.Length);
        var (still, moving) = Split(ramp, frame, count);
        if (still > 0) AddScaled(target[..still], source[..still], ramp.From * scale);
        if (moving > 0)
        {
            var curve = ramp.Curve.Table.Slice((int)ramp.Position(frame + still), moving);
            AddCurved(target.Slice(still, moving), source.Slice(still, moving), curve, ramp.From, ramp.Target - ramp.From, scale);
        }
        var done = still + moving;
        if (done < count) AddScaled(target[done..count], source[done..count], ramp.Target * scale);
    }

    /// <summary>[audio] target *= gain.</summary>
    [MethodImpl(Kernel)]
    public static void Scale(Span<float> target, float gain)
    {
        var count = (nuint)target.Length;
        ref var to = ref MemoryMarshal.GetReference(target);
        var gains = Vector256.Create(gain);
        nuint i = 0;

        for (; i + 8 <= count; i += 8) (Vector256.LoadUnsafe(ref to, i) * gains).StoreUnsafe(ref to, i);
        for (; i < count; i++) Unsafe.Add(ref to, i) *= gain;
    }

    /// <summary>[audio] target *= ramp, where the span begins at this absolute frame.</summary>
    [MethodImpl(Kernel)]
    public static void ScaleRamped(Span<float> target, in Ramp ramp, long frame)
    {
        var (still, moving) = Split(ramp, frame, target.Length);
        if (still > 0) Scale(target[..still], ramp.From);
        if (moving > 0)
        {
            var curve = ramp.Curve.Table.Slice((int)ramp.Position(frame + still), moving);
            ScaleCurved(target.Slice(still, moving), curve, ramp.From, ramp.Target - ramp.From);
        }
        if (still + moving < target.Length) Scale(target[(still + moving)..], ramp.Target);
    }

    /// <summary>[audio] The largest distance from 0; not a number when the sound holds one.</summary>
    [MethodImpl(Kernel)]
    public static float Peak(ReadOnlySpan<float> source)
    {
        var count = (nuint)source.Length;
        ref var of = ref MemoryMarshal.GetReference(source);
        var peaks = Vector256<float>.Zero;
        nuint i = 0;

        for (; i + 8 <= count; i += 8) peaks = Vector256.Max(peaks, Vector256.Abs(Vector256.LoadUnsafe(ref of, i)));
        var peak = 0f;
        for (var lane = 0; lane < 8; lane++) peak = MathF.Max(peak, peaks.GetElement(lane));
        for (; i < count; i++) peak = MathF.Max(peak, MathF.Abs(Unsafe.Add(ref of, i)));
        return peak;
    }

    /// <summary>[audio] target = source.</summary>
    public static void Copy(Span<float> target, ReadOnlySpan<float> source)
    {
        var count = Math.Min(target.Length, source.Length);
        source[..count].CopyTo(target);
    }

    /// <summary>[audio] target = 0.</summary>
    public static void Clear(Span<float> target) => target.Clear();

    /// <summary>How many frames lie before the ramp begins, and how many on its way.</summary>
    static (int Still, int Moving) Split(in Ramp ramp, long frame, int count)
    {
        var k = ramp.Position(frame);
        var still = (int)Math.Clamp(1 - k, 0, count);
        var moving = (int)Math.Clamp(ramp.Frames - Math.Max(k, 1), 0, count - still);
        return (still, moving);
    }

    [MethodImpl(Kernel)]
    static void AddCurved(Span<float> target, ReadOnlySpan<float> source, ReadOnlySpan<float> curve, float from, float way, float scale)
    {
        var count = (nuint)target.Length;
        ref var to = ref MemoryMarshal.GetReference(target);
        ref var of = ref MemoryMarshal.GetReference(source);
        ref var at = ref MemoryMarshal.GetReference(curve);
        Vector256<float> froms = Vector256.Create(from), ways = Vector256.Create(way), scales = Vector256.Create(scale);
        nuint i = 0;

        for (; i + 8 <= count; i += 8)
        {
            var gains = (froms + ways * Vector256.LoadUnsafe(ref at, i)) * scales;
            (Vector256.LoadUnsafe(ref to, i) + Vector256.LoadUnsafe(ref of, i) * gains).StoreUnsafe(ref to, i);
        }
        for (; i < count; i++)
            Unsafe.Add(ref to, i) += Unsafe.Add(ref of, i) * ((from + way * Unsafe.Add(ref at, i)) * scale);
    }

    [MethodImpl(Kernel)]
    static void ScaleCurved(Span<float> target, ReadOnlySpan<float> curve, float from, float way)
    {
        var count = (nuint)target.Length;
        ref var to = ref MemoryMarshal.GetReference(target);
        ref var at = ref MemoryMarshal.GetReference(curve);
        Vector256<float> froms = Vector256.Create(from), ways = Vector256.Create(way);
        nuint i = 0;

        for (; i + 8 <= count; i += 8)
            (Vector256.LoadUnsafe(ref to, i) * (froms + ways * Vector256.LoadUnsafe(ref at, i))).StoreUnsafe(ref to, i);
        for (; i < count; i++)
            Unsafe.Add(ref to, i) *= from + way * Unsafe.Add(ref at, i);
    }
}
