namespace OscLooper;

/// <summary>
/// [audio] Musical time. Beats are quarter notes. The grid always runs; the position stands while stopped.
/// Everything is computed from the last anchor, never accumulated, so it does not depend on block size.
/// </summary>
public sealed class Transport
{
    long anchorFrame;
    double anchorBeat, framesPerBeat = 24000;
    double standingBeat;
    double barAnchorBeat;
    int barAnchorNumber = 1;

    /// <summary>[any] The imp that publishes the tempo, and its leaf.</summary>
    internal AudioSide? Voice;
    /// <summary>[any] First frame that has not been played yet.</summary>
    internal long NextFrame;
    internal int TempoLeaf;
    /// <summary>[any] The leaf of that imp to which messages of a clock are addressed; its events cut the blocks of all.</summary>
    internal int ClockLeaf;

    /// <summary>[audio] Frames in a second.</summary>
    public double Rate { get; private set; } = 48000;
    /// <summary>[audio] Beats a minute, 20..400.</summary>
    public double Tempo { get; private set; } = 120;
    /// <summary>[audio] Upper number of the signature.</summary>
    public int Numerator { get; private set; } = 4;
    /// <summary>[audio] Lower number of the signature.</summary>
    public int Denominator { get; private set; } = 4;
    /// <summary>[audio] True while it plays.</summary>
    public bool IsPlaying { get; private set; }
    /// <summary>[audio] Frames in a beat, with the fraction.</summary>
    public double FramesPerBeat => framesPerBeat;
    /// <summary>[audio] Beats in a bar.</summary>
    public double BeatsPerBar => Numerator * 4.0 / Denominator;

    /// <summary>[audio] The frame from which the present grid is counted, and the beat there.</summary>
    internal (long Frame, double Beat) Anchor => (anchorFrame, anchorBeat);

    /// <summary>[audio] Beat of the running grid at a frame.</summary>
    public double GridAt(long frame) => anchorBeat + (frame - anchorFrame) / framesPerBeat;

    /// <summary>[audio] Position in beats from the start: as the grid while playing, fixed while stopped.</summary>
    public double PositionAt(long frame) => IsPlaying ? GridAt(frame) : standingBeat;

    /// <summary>[audio] The exact frame (with its fraction) at which the grid reaches a beat.</summary>
    public double FrameOf(double beat) => anchorFrame + (beat - anchorBeat) * framesPerBeat;

    /// <summary>[audio] First beat boundary whose rounded frame is at or after the given frame, as an exact frame.</summary>
    public double NextBeat(long frame) => Next(frame, 1, 0);

    /// <summary>[audio] First bar boundary whose rounded frame is at or after the given frame, as an exact frame.</summary>
    public double NextBar(long frame) => Next(frame, BeatsPerBar, barAnchorBeat);

    /// <summary>[audio] First boundary of the signature's unit (an eighth in 7/8) whose rounded frame is at or after the given frame.</summary>
    internal double NextUnit(long frame) => Next(frame, 4.0 / Denominator, barAnchorBeat);

    /// <summary>[audio] Bar (from 1) and beat in it (from 1) of a position.</summary>
    public (int Bar, int Beat) BarAndBeat(double position)
    {
        var bars = Math.Floor((position - barAnchorBeat) / BeatsPerBar + 1e-9);
        var rest = position - barAnchorBeat - bars * BeatsPerBar;
        return (barAnchorNumber + (int)bars, 1 + (int)Math.Floor(rest + 1e-9));
    }

    double Next(long frame, double step, double offset)
    {
        // Half a frame early counts as on the frame, because boundaries act on the nearest frame.
        var k = Math.Ceiling((GridAt(frame) - offset) / step - 0.5 / (framesPerBeat * step) - 1e-9);
        var exact = FrameOf(offset + k * step);
        return Math.Round(exact) >= frame ? exact : FrameOf(offset + (k + 1) * step);
    }

    /// <summary>[audio] Starts to play from the position.</summary>
    internal void Play(long frame)
    {
        if (IsPlaying) return;
        (anchorFrame, anchorBeat, IsPlaying) = (frame, standingBeat, true);
    }

    /// <summary>[audio] Stops; the position stays, the grid runs on.</summary>
    internal void Stop(long frame)
    {
        standingBeat = PositionAt(frame);
        IsPlaying = false;
    }

    /// <summary>[audio] Jumps to a beat.</summary>
    internal void Locate(long frame, double beat)
    {
        if (double.IsFinite(beat)) (anchorFrame, anchorBeat, standingBeat) = (frame, beat, beat);
    }

    /// <summary>[audio] Takes another tempo; the beat goes on without a jump.</summary>
    internal void SetTempo(long frame, double beatsPerMinute)
    {
        // It would never be a number again.
        if (double.IsNaN(beatsPerMinute)) return;
        (anchorBeat, anchorFrame) = (GridAt(frame), frame);
        Tempo = Math.Clamp(beatsPerMinute, 20, 400);
        framesPerBeat = Rate * 60 / Tempo;
    }

    /// <summary>[audio] Takes another signature; the bar that is under way begins where it began.</summary>
    internal void SetSignature(long frame, int numerator, int denominator)
    {
        var (bar, _) = BarAndBeat(GridAt(frame));
        barAnchorBeat += (bar - barAnchorNumber) * BeatsPerBar;
        (barAnchorNumber, Numerator, Denominator) = (bar, numerator, denominator);
    }

    /// <summary>[audio] Is from now on as another.</summary>
    internal void CopyFrom(Transport other)
    {
        (anchorFrame, anchorBeat, framesPerBeat, standingBeat) = (other.anchorFrame, other.anchorBeat, other.framesPerBeat, other.standingBeat);
        (barAnchorBeat, barAnchorNumber) = (other.barAnchorBeat, other.barAnchorNumber);
        (Rate, Tempo, Numerator, Denominator, IsPlaying) = (other.Rate, other.Tempo, other.Numerator, other.Denominator, other.IsPlaying);
    }

    /// <summary>[audio] All it is at a frame.</summary>
    internal TransportState StateAt(long frame) => new(Tempo, GridAt(frame), PositionAt(frame), barAnchorBeat, barAnchorNumber, Numerator, Denominator, IsPlaying);

    /// <summary>[audio] Goes on from this frame as it was.</summary>
    internal void Restore(long frame, in TransportState state)
    {
        (anchorFrame, anchorBeat, standingBeat, IsPlaying) = (frame, state.Grid, state.Position, state.IsPlaying);
        (barAnchorBeat, barAnchorNumber, Numerator, Denominator) = (state.BarBeat, state.BarNumber, state.Numerator, state.Denominator);
        SetTempo(frame, state.Tempo);
    }

    /// <summary>[main, frozen] Another sample rate.</summary>
    internal void SetRate(double rate) => (Rate, framesPerBeat) = (rate, rate * 60 / Tempo);
}

/// <summary>[any] The transport at a frame: where its grid is, where it stands, where its bars are counted from.</summary>
readonly record struct TransportState(double Tempo, double Grid, double Position, double BarBeat, int BarNumber, int Numerator, int Denominator, bool IsPlaying);
