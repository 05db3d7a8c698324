using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OscLooper.Synth;

/// <summary>[audio] Arithmetic on eight voices at once. Plain multiplies and adds, so every lane gives what a scalar would.</summary>
static class Lanes
{
    internal static readonly Vector256<float> One = Vector256.Create(1f), Half = Vector256.Create(0.5f), Two = Vector256.Create(2f);

    /// <summary>[audio] 2 to the power x, |x| below 100, within 3e-7: the whole part goes into the exponent, the rest through the series of e^(x ln 2).</summary>
    internal static Vector256<float> Exp2(Vector256<float> x)
    {
        var whole = Vector256.Floor(x + Half);
        var f = (x - whole) * 0.6931472f;
        var series = One + f * (One + f * (Half + f * (Vector256.Create(1f / 6) + f * (Vector256.Create(1f / 24) + f * (Vector256.Create(1f / 120) + f * (1f / 720))))));
        // The bias is added in its place: as a small number its bits would be those of a denormal float.
        var exponent = Vector256.ShiftLeft(Vector256.ConvertToInt32(whole), 23) + Vector256.Create(127 << 23);
        return series * exponent.AsSingle();
    }

    /// <summary>[audio] Tangent of x in 0..1.45, as sine over cosine by their series.</summary>
    internal static Vector256<float> Tan(Vector256<float> x)
    {
        var q = x * x;
        var sine = x * (One - q * (Vector256.Create(1f / 6) - q * (Vector256.Create(1f / 120) - q * (Vector256.Create(1f / 5040) - q * (1f / 362880)))));
        var cosine = One - q * (Half - q * (Vector256.Create(1f / 24) - q * (Vector256.Create(1f / 720) - q * (Vector256.Create(1f / 40320) - q * (1f / 3628800)))));
        return sine / cosine;
    }

    /// <summary>
    /// [audio] What must be added around a step from 0 to 1 so that it carries no alias worth hearing: the step of a cubic B-spline
    /// minus the plain step (Valimaki, Pekonen, Nam 2012). Phase runs 0..1 and jumps at 0; frames = 1 / increment.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<float> Residual(Vector256<float> phase, Vector256<float> frames)
    {
        var x = Vector256.ConditionalSelect(Vector256.LessThan(phase, Half), phase, phase - One) * frames;
        var a = Vector256.Abs(x);
        var u = Vector256.Max(One - a, Vector256<float>.Zero);
        var v = Vector256.Max(Two - a, Vector256<float>.Zero);
        var near = Vector256.Create(1f / 24) + u * (One + u * (Vector256.Create(1.5f) + u * (One - u * 0.75f))) * (1f / 6);
        var far = v * v * v * v * (1f / 24);
        var size = Vector256.ConditionalSelect(Vector256.LessThan(a, One), near, far);
        return Vector256.ConditionalSelect(Vector256.LessThan(x, Vector256<float>.Zero), size, -size);
    }

    /// <summary>[audio] Sine of a whole turn, phase 0..1, within 2e-4: a parabola, bent (Nicolas Capens 2006).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<float> Sine(Vector256<float> phase)
    {
        var x = Vector256.ConditionalSelect(Vector256.LessThan(phase, Half), phase, phase - One);
        var y = x * (Vector256.Create(8f) - Vector256.Abs(x) * 16f);
        return y * (Vector256.Create(0.775f) + Vector256.Abs(y) * 0.225f);
    }

    /// <summary>[audio] Phase within 0..1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<float> Wrap(Vector256<float> phase) => phase - Vector256.Floor(phase);

    /// <summary>[audio] All eight added up, always in the same order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static float Sum(Vector256<float> x)
    {
        ref var first = ref At(ref x, 0);
        return first + Unsafe.Add(ref first, 1) + (Unsafe.Add(ref first, 2) + Unsafe.Add(ref first, 3))
            + (Unsafe.Add(ref first, 4) + Unsafe.Add(ref first, 5) + (Unsafe.Add(ref first, 6) + Unsafe.Add(ref first, 7)));
    }

    /// <summary>[audio] One lane in place. (The runtime's own GetElement and WithElement box before they are compiled for good.)</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ref float At(ref Vector256<float> x, int lane) => ref Unsafe.Add(ref Unsafe.As<Vector256<float>, float>(ref x), lane & 7);
}
