namespace OscLooper.Dsp;

/// <summary>[any] PoulpyLoopy's pan law: 0 dB at the centre, +3 dB at the ends; pan runs from -1 (left) to 1 (right).</summary>
public static class Pan
{
    /// <summary>[any] Gain of the left lane: sqrt2 cos(pi/4 (1+pan)).</summary>
    public static float Left(double pan) =>
        pan >= 1 ? 0f : (float)(Math.Sqrt(2) * Math.Cos(Math.PI / 4 * (1 + Math.Max(-1, pan))));

    /// <summary>[any] Gain of the right lane: sqrt2 sin(pi/4 (1+pan)).</summary>
    public static float Right(double pan) =>
        pan <= -1 ? 0f : (float)(Math.Sqrt(2) * Math.Sin(Math.PI / 4 * (1 + Math.Min(1, pan))));
}
