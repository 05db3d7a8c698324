using System.Runtime.CompilerServices;

namespace OscLooper.Dsp;

/// <summary>[audio] Values between two frames.</summary>
public static class Interpolation
{
    /// <summary>[audio] The value a fraction (0..1) of the way from y0 to y1, by the 4-point, 3rd-order Hermite polynomial
    /// (Catmull-Rom; Niemitalo, "Polynomial Interpolators for High-Quality Resampling of Oversampled Audio", 2001).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Hermite(float before, float y0, float y1, float after, float fraction)
    {
        // Written in differences: on a constant each of them is 0, so the constant comes out exactly.
        var slope0 = (y1 - before) * 0.5f;
        var slope1 = (after - y0) * 0.5f;
        var rise = y1 - y0;
        var cubic = slope0 + slope1 - 2f * rise;
        var square = rise - slope0 - cubic;
        return ((cubic * fraction + square) * fraction + slope0) * fraction + y0;
    }
}
