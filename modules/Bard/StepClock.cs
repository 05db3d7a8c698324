namespace OscLooper.Bard;

/// <summary>
/// [audio] Steps on the transport's grid, 960 ticks to a quarter note, all positions whole ticks (facts/bard.md 3.3.5). The frame of a
/// step is computed from the grid each time, never added up.
/// </summary>
struct StepClock
{
    internal const int TicksPerBeat = 960;
    bool isArmed;
    int ticks;
    double swingPercent;

    /// <summary>[audio] The step that comes next.</summary>
    internal long Step { get; private set; }
    /// <summary>[audio] Its frame.</summary>
    internal long NextFrame { get; private set; }
    internal readonly int Ticks => ticks;

    /// <summary>[audio] Length of a step, and where the odd one of a pair begins (50 = in the middle).</summary>
    internal void Set(int stepTicks, double swing)
    {
        if (ticks == stepTicks && swingPercent == swing) return;
        (ticks, swingPercent, isArmed) = (stepTicks, swing, false);
    }

    /// <summary>[any] The tick at which a step begins.</summary>
    internal static long TickOf(long step, int ticks, double swingPercent)
    {
        var pair = Math.DivRem(step - (step & 1), 2).Quotient;
        return pair * 2 * ticks + ((step & 1) == 0 ? 0 : (long)Math.Floor(2.0 * ticks * swingPercent / 100 + 0.5));
    }

    internal readonly long FrameOf(Transport transport, long step) =>
        (long)Math.Round(transport.FrameOf((double)TickOf(step, ticks, swingPercent) / TicksPerBeat));

    /// <summary>[audio] At the first frame of a stretch, where tempo or position may have changed: finds its place again where the grid has jumped.</summary>
    internal void Sync(Transport transport, long frame)
    {
        // A change of tempo moves the next step by less than a frame against what is played already; more than two is a jump.
        if (!isArmed || FrameOf(transport, Step) < frame - 2 || FrameOf(transport, Step - 1) > frame + 2)
        {
            Step = (long)Math.Floor(transport.GridAt(frame) * TicksPerBeat / ticks) - 1;
            while (FrameOf(transport, Step) < frame) Step++;
            isArmed = true;
        }
        NextFrame = Math.Max(frame, FrameOf(transport, Step));
    }

    /// <summary>[audio] The step has been played.</summary>
    internal void Advance(Transport transport)
    {
        Step++;
        NextFrame = FrameOf(transport, Step);
    }
}
