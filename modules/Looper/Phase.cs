namespace OscLooper.Looper;

/// <summary>
/// [audio] Where a loop is in its turns. At rate 1 turn k begins at the frame nearest to origin + k * period, so a fraction of a frame
/// is carried for ever and never adds up; at other rates the position is computed from an anchor.
/// </summary>
readonly struct Phase
{
    readonly double origin;         // rate 1: exact frame at which turn 0 began
    readonly double anchorPosition; // other rates: position (in frames of the loop) at the anchor
    readonly long anchorFrame;
    readonly double turnsPerFrame;

    /// <summary>[audio] Varispeed; 1 = as recorded.</summary>
    public double Rate { get; }
    /// <summary>[audio] Length of a turn in frames, with its fraction.</summary>
    public double Period { get; }

    Phase(double origin, double anchorPosition, long anchorFrame, double rate, double period) =>
        (this.origin, this.anchorPosition, this.anchorFrame, Rate, Period, turnsPerFrame) = (origin, anchorPosition, anchorFrame, rate, period, 1 / period);

    /// <summary>[audio] The turn that begins at an exact frame, which rounds to the given frame.</summary>
    public static Phase From(long frame, double exactFrame, double rate, double period) =>
        rate == 1 ? new(exactFrame, 0, 0, 1, period) : new(0, (frame - exactFrame) * rate, frame, rate, period);

    /// <summary>[audio] At a position (in frames of the loop) at a frame.</summary>
    public static Phase At(long frame, double position, double rate, double period) =>
        rate == 1 ? new(frame - position, 0, 0, 1, period) : new(0, position, frame, rate, period);

    /// <summary>[audio] Goes on from where it is at another rate.</summary>
    public Phase AtRate(long frame, double rate) => At(frame, PositionAt(frame), rate, Period);

    /// <summary>[audio] True when a reading that goes on at another rate makes neither a jump nor a turn: between varied speeds of one direction.</summary>
    public static bool IsSmooth(double before, double to) => before * to > 0 && before != 1 && to != 1;

    /// <summary>[audio] Position in frames of the loop, 0 up to the period.</summary>
    public double PositionAt(long frame)
    {
        var unwrapped = Unwrapped(frame);
        var position = unwrapped - Math.Floor(unwrapped * turnsPerFrame) * Period;
        return position < 0 ? position + Period : position >= Period ? position - Period : position;
    }

    /// <summary>[audio] Position that runs on through all turns.</summary>
    public double Unwrapped(long frame) => Rate == 1 ? frame - origin : anchorPosition + (frame - anchorFrame) * Rate;

    /// <summary>[audio] Rate 1: first frame and end of the turn that a frame lies in.</summary>
    public (long Start, long End) TurnAt(long frame)
    {
        var turn = Math.Floor((frame + 0.5 - origin) / Period);
        var start = Math.Round(origin + turn * Period);
        if (start > frame) turn--;
        else if (Math.Round(origin + (turn + 1) * Period) <= frame) turn++;
        return ((long)Math.Round(origin + turn * Period), (long)Math.Round(origin + (turn + 1) * Period));
    }

    /// <summary>[audio] Exact frame at which the position was last 0, seen from a frame (exclusive turns at other rates: nearest before).</summary>
    public double LastZero(long frame)
    {
        if (Rate == 1) return TurnAt(frame).Start;
        if (Rate == 0) return frame;
        var position = PositionAt(frame);
        return frame - (Rate > 0 ? position / Rate : (Period - position) / -Rate);
    }

    /// <summary>[audio] Exact frame of the first turn boundary whose rounded frame is at or after the given one; infinity at rate 0.</summary>
    public double NextZero(long frame)
    {
        if (Rate == 0) return double.PositiveInfinity;
        if (Rate == 1)
        {
            // From the last one that begins half a frame before it or earlier: halves are rounded to the even frame,
            // and of a loop of one frame two turns may begin on the same.
            var turn = Math.Floor((frame - 0.5 - origin) / Period);
            for (var n = 0; n < 3 && Math.Round(origin + turn * Period) < frame; n++) turn++;
            return origin + turn * Period;
        }
        var position = PositionAt(frame);
        var exact = frame + (Rate > 0 ? (Period - position) / Rate : position / -Rate);
        var before = exact - Period / Math.Abs(Rate);
        return Math.Round(before) >= frame ? before : exact;
    }
}
