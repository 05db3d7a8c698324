using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using OscLooper.Dsp;

namespace OscLooper.Looper;

/// <summary>[audio] The writing head: adds the input to a tape that a voice plays, fading in and out so that no edge is written.</summary>
unsafe sealed class Overdubber(SegmentPool pool)
{
    Voice head;
    Ramp envelope;

    /// <summary>[audio] True while it writes, its fade-out included.</summary>
    public bool IsOn { get; private set; }

    /// <summary>[audio] Number of the tape it writes on.</summary>
    public long TapeId => head.Tape.Id;

    /// <summary>[audio] The tape it writes on, and where on it the head is.</summary>
    public Tape Where(long frame, out double position)
    {
        position = head.TapePosition(frame);
        return head.Tape;
    }

    /// <summary>
    /// [audio] Frames that may be read first and written afterwards. Only where tape and time run one to one is that the same as
    /// frame by frame; in the fade-out a voice may already read elsewhere on the tape.
    /// </summary>
    public int MostFrames(long frame) => envelope.Target == 1 && head.IsStraight(frame, out var frames) ? frames : 1;

    /// <summary>[audio] Begins to write on a tape of its own (see <see cref="Dsp.Tape.CopyOf"/>).</summary>
    public void Begin(in Layer layer, RaisedCosine curve, long frame)
    {
        head.Enter(layer, curve, frame);
        // A pass that follows another within its fade-out goes on from there: the sound written stays whole.
        if (!IsOn) envelope = new Ramp(curve, 0);
        envelope.Start(frame, 1);
        IsOn = true;
    }

    /// <summary>[audio] Fades out and ends by itself.</summary>
    public void End(long frame) => envelope.Start(frame, 0);

    /// <summary>[audio] Ends at once, because nobody will hear what it writes.</summary>
    public void Drop() => IsOn = false;

    /// <summary>[audio] Goes on from where it is at another rate.</summary>
    public void ChangeRate(long frame, double rate) => head.SetPhase(head.Phase.AtRate(frame, rate));

    /// <summary>[audio] Writes some frames; false when the pool ran dry (then it has ended).</summary>
    public bool Write(long frame, int frames, float** inputs, in Ramp feedback)
    {
        var done = 0;
        while (done < frames && IsOn)
        {
            var now = frame + done;
            if (envelope.Target == 0 && !envelope.IsMoving(now))
            {
                IsOn = false;
                break;
            }
            var run = WriteSome(now, frames - done, inputs, done, feedback);
            if (run == 0)
            {
                IsOn = false;
                return false;
            }
            done += run;
        }
        return true;
    }

    int WriteSome(long frame, int frames, float** inputs, int offset, in Ramp feedback)
    {
        ref readonly var tape = ref head.Tape;
        var position = head.TapePosition(frame);
        var afterTurn = position == 0 && tape.Frames != head.Period;
        if (!head.IsStraight(frame, out var straight) || afterTurn) return WriteBetween(frame, position, inputs, offset, feedback) ? 1 : 0;

        var from = (long)position;
        var run = Math.Min(Math.Min(frames, straight), Dsp.Tape.Run(from));
        if (!tape.Own(pool, from)) return 0;
        var moving = envelope.IsMoving(frame) || feedback.IsMoving(frame);
        for (var lane = 0; lane < tape.Lanes; lane++)
        {
            var to = tape.At(lane, from);
            var input = inputs[lane] + offset;
            if (!moving)
            {
                var (keep, add) = Gains(frame, feedback);
                Blend(to, input, run, keep, add);
            }
            else
            {
                for (var i = 0; i < run; i++)
                {
                    var (keep, add) = Gains(frame + i, feedback);
                    to[i] = to[i] * keep + input[i] * add;
                }
            }
        }
        return run;
    }

    // Between the grid: every tape frame that the head passed since the frame before gets the input of that moment.
    bool WriteBetween(long frame, double position, float** inputs, int offset, in Ramp feedback)
    {
        ref readonly var tape = ref head.Tape;
        var before = head.TapePosition(frame - 1);
        if (head.Rate == 1 && before > position) before -= tape.Frames;
        var step = position - before;
        if (step == 0) return true;
        var (keep, add) = Gains(frame, feedback);
        var (first, last) = step > 0 ? ((long)Math.Floor(before) + 1, (long)Math.Floor(position)) : ((long)Math.Ceiling(position), (long)Math.Ceiling(before) - 1);
        for (var n = first; n <= last; n++)
        {
            var place = n % tape.Frames;
            if (place < 0) place += tape.Frames;
            if (!tape.Own(pool, place)) return false;
            var way = (float)((n - before) / step);
            for (var lane = 0; lane < tape.Lanes; lane++)
            {
                var input = inputs[lane] + offset;
                var heard = input[-1] + (input[0] - input[-1]) * way;
                var to = tape.At(lane, place);
                *to = *to * keep + heard * add;
            }
        }
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    (float Keep, float Add) Gains(long frame, in Ramp feedback)
    {
        var add = envelope.At(frame);
        return (1f - add * (1f - feedback.At(frame)), add);
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
