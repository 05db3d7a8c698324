namespace OscLooper.Bard;

/// <summary>[any] Lengths of a step: parts of a whole note, t = triplet, . = dotted; 960 ticks are a quarter note.</summary>
static class Rates
{
    internal static readonly string[] Words = ["1/1", "1/2", "1/2t", "1/4.", "1/4", "1/4t", "1/8.", "1/8", "1/8t", "1/16.", "1/16", "1/16t", "1/32", "1/32t", "1/64"];
    internal static readonly int[] Ticks = [3840, 1920, 1280, 1440, 960, 640, 720, 480, 320, 360, 240, 160, 120, 80, 60];
    internal static readonly int Sixteenth = Array.IndexOf(Words, "1/16");
    internal static Spec Spec => OscLooper.Spec.Choice(Words) with { Initial = Sixteenth };
}
