using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using OscLooper.Dsp;

namespace OscLooper.Looper;

/// <summary>[audio] Adds the input to a tape along the way that a voice reads it, with an envelope of its own.</summary>
unsafe struct WritingHead
{
    // The interpolation of a voice looks one frame back and two ahead of where it is: what it may still read is not written yet.
    const int LagForward = 2, LagBackward = 3;
    const int MostPlaces = 64, MostDelay = AudioFormat.HistoryFrames - 2;

    Voice head;
    Ramp envelope;
    double written, lastPosition;   // up to where on the tape the input lies already, running on like the position
    bool isBegun;

    /// <summary>[audio] The tape it writes on.</summary>
    public readonly ref readonly Tape Tape => ref head.Tape;

    /// <summary>[audio] It has not been told to end.</summary>
    public readonly bool IsStaying => envelope.Target == 1;

    /// <summary>[audio] Varispeed.</summary>
    public readonly double Rate => head.Rate;

    /// <summary>[audio] Begins to write, faded in.</summary>
    public void Begin(in Layer layer, RaisedCosine curve, long frame)
    {
        head.Enter(layer, curve, frame);
        envelope = new Ramp(curve, 0);
        envelope.Start(frame, 1);
        isBegun = false;
    }

    /// <summary>[audio] Writes on the tape of this root.</summary>
    public readonly bool IsOn(nint root) => head.Tape.Root == root;

    /// <summary>[audio] The same on a copy of its tape.</summary>
    public readonly WritingHead Above(in Tape copy)
    {
        var above = this;
        above.head.SetTape(copy);
        return above;
    }

    /// <summary>[audio] Where it fades out it goes on: the sound written stays whole. False when it is elsewhere.</summary>
    public bool TryGoOn(in Layer layer, long frame)
    {
        if (IsStaying || layer.Phase.Rate != Rate || layer.Phase.PositionAt(frame) != head.Phase.PositionAt(frame)) return false;
        envelope.Start(frame, 1);
        return true;
    }

    /// <summary>[audio] Fades out.</summary>
    public void End(long frame)
    {
        if (IsStaying) envelope.Start(frame, 0);
    }

    /// <summary>[audio] Goes on from where it is at another varied rate of the same direction.</summary>
    public void Vary(long frame, in Phase phase)
    {
        var before = head.TapePosition(frame);
        head.SetPhase(phase);
        written += head.TapePosition(frame) - before;
    }

    /// <summary>[audio] True when it has faded out.</summary>
    public readonly bool IsOver(long frame) => envelope.Target == 0 && !envelope.IsMoving(frame);

    /// <summary>[audio] Where on the tape it is.</summary>
    public double Position(long frame) => head.TapePosition(frame);

    /// <summary>[audio] True when tape and time run one to one for so many frames.</summary>
    public bool IsStraight(long frame, out int frames) =>
        head.IsStraight(frame, out frames) && (head.Tape.Frames == head.Period || !isBegun || head.TapePosition(frame) == written + 1);

    /// <summary>[audio] True when a voice reads where this writes.</summary>
    public readonly bool IsAlong(in Voice voice, long frame) =>
        voice.IsOn && voice.Layer.Tape.Root == head.Tape.Root && voice.Rate == 1 && Rate == 1 && voice.Phase.TurnAt(frame) == head.Phase.TurnAt(frame);

    /// <summary>[audio] Writes some frames at once where that is possible; 0 when the pool ran dry.</summary>
    public int Write(SegmentPool pool, long frame, int frames, float** inputs, int offset, in Ramp feedback, in Ramp input)
    {
        var position = head.TapePosition(frame);
        if (!IsStraight(frame, out var straight)) return WriteBetween(pool, frame, position, inputs, offset, feedback, input) ? 1 : 0;

        ref readonly var tape = ref Tape;
        var from = (long)position;
        var run = Math.Min(Math.Min(frames, straight), Dsp.Tape.Run(from));
        if (!tape.Own(pool, from)) return 0;
        var moving = envelope.IsMoving(frame) || feedback.IsMoving(frame) || input.IsMoving(frame);
        for (var lane = 0; lane < tape.Lanes; lane++)
        {
            var to = tape.At(lane, from);
            var heard = inputs[lane] + offset;
            if (!moving)
            {
                var (keep, add) = Gains(frame, feedback, input);
                Blend(to, heard, run, keep, add);
            }
            else
            {
                for (var i = 0; i < run; i++)
                {
                    var (keep, add) = Gains(frame + i, feedback, input);
                    to[i] = to[i] * keep + heard[i] * add;
                }
            }
        }
        isBegun = true;
        written = lastPosition = from + run - 1;
        return run;
    }

    // Between the grid: every place of the tape that the head has left behind gets the input of the moment when it passed there.
    bool WriteBetween(SegmentPool pool, long frame, double position, float** inputs, int offset, in Ramp feedback, in Ramp input)
    {
        ref readonly var tape = ref Tape;
        var step = Rate == 1 ? 1 : Rate * (tape.Frames / head.Period);
        if (step == 0) return true;
        var isStraight = head.IsStraight(frame, out _);
        var to = isStraight ? position : step > 0 ? position - LagForward : position + LagBackward;
        if (!isBegun) (written, lastPosition, isBegun) = (to - step, position, true);
        // At rate 1 a turn begins at place 0 anew.
        if (Rate == 1 && position < lastPosition - tape.Frames * 0.5) written -= tape.Frames;
        lastPosition = position;
        if (Math.Abs(to - written) > MostPlaces) written = to - Math.CopySign(MostPlaces, step);
        if ((to - written) * step <= 0) return true;

        var (first, last) = step > 0 ? ((long)Math.Floor(written) + 1, (long)Math.Floor(to)) : ((long)Math.Ceiling(to), (long)Math.Ceiling(written) - 1);
        for (var n = first; n <= last; n++)
        {
            var place = n % tape.Frames;
            if (place < 0) place += tape.Frames;
            if (!tape.Own(pool, place)) return false;
            var (keep, add) = Gains(frame, (float)((to - n) / step), feedback, input);
            var delay = Math.Min((position - n) / step, MostDelay);
            var whole = (int)Math.Ceiling(delay);
            var way = (float)(whole - delay);
            for (var lane = 0; lane < tape.Lanes; lane++)
            {
                var source = inputs[lane] + offset - whole;
                var heard = way == 0 ? source[0] : source[0] + (source[1] - source[0]) * way;
                var at = tape.At(lane, place);
                *at = *at * keep + heard * add;
            }
        }
        written = to;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    readonly (float Keep, float Add) Gains(long frame, in Ramp feedback, in Ramp input)
    {
        var open = envelope.At(frame);
        return (1f - open * (1f - feedback.At(frame)), open * input.At(frame));
    }

    // Between this frame and the one before: several places that are written at once do not get the gain of one.
    (float Keep, float Add) Gains(long frame, float back, in Ramp feedback, in Ramp input)
    {
        var now = Gains(frame, feedback, input);
        if (!envelope.IsMoving(frame) && !feedback.IsMoving(frame) && !input.IsMoving(frame)) return now;
        var before = Gains(frame - 1, feedback, input);
        return (now.Keep + (before.Keep - now.Keep) * back, now.Add + (before.Add - now.Add) * back);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Blend(float* to, float* input, int frames, float keep, float add)
    {
        var (keeps, adds) = (Vector256.Create(keep), Vector256.Create(add));
        var i = 0;
        for (; i + 8 <= frames; i += 8) (Vector256.Load(to + i) * keeps + Vector256.Load(input + i) * adds).Store(to + i);
        for (; i < frames; i++) to[i] = to[i] * keep + input[i] * add;
    }
}
