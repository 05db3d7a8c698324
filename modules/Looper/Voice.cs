using System.Runtime.CompilerServices;
using OscLooper.Dsp;

namespace OscLooper.Looper;

/// <summary>[audio] A reading head with its own fade: what sounds, or dies away.</summary>
unsafe struct Voice
{
    const int MostWarpFrames = 256;

    Layer layer;
    long turnStart, turnEnd;

    /// <summary>[audio] 0 = silent, 1 = as recorded.</summary>
    public Ramp Fade;
    /// <summary>[audio] False when there is nothing to mix.</summary>
    public bool IsOn;

    /// <summary>[audio] What it reads.</summary>
    public readonly Layer Layer => layer;
    public readonly ref readonly Tape Tape => ref Unsafe.AsRef(in layer.Tape);

    /// <summary>[audio] Where it is in its turns.</summary>
    public readonly Phase Phase => layer.Phase;
    /// <summary>[audio] Varispeed.</summary>
    public readonly double Rate => layer.Phase.Rate;
    /// <summary>[audio] Length of a turn with its fraction.</summary>
    public readonly double Period => layer.Phase.Period;

    /// <summary>[audio] Begins to sound.</summary>
    public void Enter(in Layer what, RaisedCosine curve, long frame)
    {
        layer = what;
        (turnStart, turnEnd) = (0, 0);
        Fade = new Ramp(curve, 0);
        Fade.Start(frame, 0, what.Phase.Rate == 0 ? 0 : 1);
        IsOn = !what.IsEmpty;
    }

    /// <summary>[audio] Begins to die away.</summary>
    public void Leave(long frame) => Fade.Start(frame, 0);

    /// <summary>[audio] Another rate, without a jump.</summary>
    public void SetPhase(in Phase phase)
    {
        layer.Phase = phase;
        (turnStart, turnEnd) = (0, 0);
    }

    /// <summary>[audio] Another tape of the same length under the same phase (an overdub begins).</summary>
    public void SetTape(in Tape tape) => layer.Tape = tape;

    /// <summary>[audio] The next frames of every lane, as many as lie together; interpolated ones are written into scratch.</summary>
    /// <returns>How many frames the lanes point to, at most the number asked for.</returns>
    public int Read(long frame, int frames, float** lanes, float** scratch)
    {
        ref var tape = ref layer.Tape;
        if (layer.Phase.Rate != 1) return ReadVaried(frame, frames, lanes, scratch);
        if (frame >= turnEnd || frame < turnStart) (turnStart, turnEnd) = layer.Phase.TurnAt(frame);

        var j = frame - turnStart;
        var straight = turnEnd - turnStart == tape.Frames ? turnEnd - turnStart : turnEnd - turnStart - Warp;
        if (j >= straight) return ReadWarped(frame, Math.Min(frames, (int)(turnEnd - frame)), lanes, scratch);

        var run = (int)Math.Min(Math.Min(frames, straight - j), Dsp.Tape.Run(j));
        for (var lane = 0; lane < tape.Lanes; lane++) lanes[lane] = tape.At(lane, j);
        return run;
    }

    /// <summary>[audio] The frame at which the turn under way ends, at rate 1.</summary>
    public long TurnEnd(long frame)
    {
        if (frame >= turnEnd || frame < turnStart) (turnStart, turnEnd) = layer.Phase.TurnAt(frame);
        return turnEnd;
    }

    readonly int Warp => (int)Math.Min(MostWarpFrames, (turnEnd - turnStart) / 2);

    /// <summary>[audio] Position on the tape, in frames with a fraction, running on through turns; the overdubber follows it.</summary>
    public double TapePosition(long frame)
    {
        if (layer.Phase.Rate != 1) return layer.Phase.Unwrapped(frame) * (layer.Tape.Frames / layer.Phase.Period);
        if (frame >= turnEnd || frame < turnStart) (turnStart, turnEnd) = layer.Phase.TurnAt(frame);
        return WarpedPosition(frame - turnStart);
    }

    /// <summary>[audio] True when the frame is read one to one.</summary>
    public bool IsStraight(long frame, out int frames)
    {
        frames = 0;
        if (layer.Phase.Rate != 1) return false;
        if (frame >= turnEnd || frame < turnStart) (turnStart, turnEnd) = layer.Phase.TurnAt(frame);
        var length = turnEnd - turnStart;
        frames = (int)Math.Min(int.MaxValue, (length == layer.Tape.Frames ? length : length - Warp) - (frame - turnStart));
        return frames > 0;
    }

    // A turn that is a frame shorter or longer than the tape is read a little faster or slower near its end: no sample is dropped or doubled.
    readonly double WarpedPosition(long j)
    {
        var (length, warp) = (turnEnd - turnStart, Warp);
        var slack = layer.Tape.Frames - length;
        if (slack == 0 || j < length - warp) return j;
        var way = (j - (length - warp) + 1) / (double)(warp + 1);
        return j + slack * (1 - Math.Cos(Math.PI * way)) / 2;
    }

    int ReadWarped(long frame, int frames, float** lanes, float** scratch)
    {
        frames = Math.Min(frames, ScratchFrames);
        var segment = -1L;
        for (var i = 0; i < frames; i++) Interpolate(WarpedPosition(frame - turnStart + i), i, lanes, scratch, ref segment);
        for (var lane = 0; lane < layer.Tape.Lanes; lane++) lanes[lane] = scratch[lane];
        return frames;
    }

    int ReadVaried(long frame, int frames, float** lanes, float** scratch)
    {
        frames = Math.Min(frames, ScratchFrames);
        var scale = layer.Tape.Frames / layer.Phase.Period;
        var segment = -1L;
        for (var i = 0; i < frames; i++) Interpolate(layer.Phase.PositionAt(frame + i) * scale, i, lanes, scratch, ref segment);
        for (var lane = 0; lane < layer.Tape.Lanes; lane++) lanes[lane] = scratch[lane];
        return frames;
    }

    /// <summary>[any] Frames that scratch lanes hold.</summary>
    public const int ScratchFrames = 512;

    // The four frames around a position mostly lie in one segment; its lanes are looked up once (bases) and kept while it lasts.
    readonly void Interpolate(double position, int i, float** bases, float** scratch, ref long segment)
    {
        var length = layer.Tape.Frames;
        var whole = (long)Math.Floor(position);
        var fraction = (float)(position - whole);
        var j = (int)(whole & (SegmentPool.Frames - 1));
        if (j is >= 1 and <= SegmentPool.Frames - 3 && whole >= 0 && whole + 2 < length)
        {
            if (whole - j != segment)
            {
                segment = whole - j;
                for (var lane = 0; lane < layer.Tape.Lanes; lane++) bases[lane] = layer.Tape.At(lane, segment);
            }
            for (var lane = 0; lane < layer.Tape.Lanes; lane++)
            {
                var at = bases[lane] + j;
                scratch[lane][i] = Interpolation.Hermite(at[-1], at[0], at[1], at[2], fraction);
            }
            return;
        }
        long y0 = Wrap(whole, length), before = Wrap(whole - 1, length), y1 = Wrap(whole + 1, length), after = Wrap(whole + 2, length);
        for (var lane = 0; lane < layer.Tape.Lanes; lane++)
            scratch[lane][i] = Interpolation.Hermite(*layer.Tape.At(lane, before), *layer.Tape.At(lane, y0), *layer.Tape.At(lane, y1), *layer.Tape.At(lane, after), fraction);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static long Wrap(long position, long length)
    {
        if ((ulong)position < (ulong)length) return position;
        var rest = position % length;
        return rest < 0 ? rest + length : rest;
    }
}
