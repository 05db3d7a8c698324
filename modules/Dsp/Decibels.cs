namespace OscLooper.Dsp;

/// <summary>[any] Linear gain to decibels and back.</summary>
public static class Decibels
{
    /// <summary>[any] What counts as silence where a finite number is needed.</summary>
    public const double Floor = -120;

    /// <summary>[any] 0 dB is 1, minus infinity is 0.</summary>
    public static float ToLinear(double decibels) => (float)Math.Pow(10, decibels / 20);

    /// <summary>[any] 1 is 0 dB; nothing falls below the floor, so that a meter never sends an infinity.</summary>
    public static double FromLinear(double linear, double floorDecibels = Floor) =>
        linear > 0 ? Math.Max(floorDecibels, 20 * Math.Log10(linear)) : floorDecibels;
}
