using OscLooper.Dsp;

namespace OscLooper.Looper;

/// <summary>[audio] Adds the input to the tape that a voice plays, so that no edge is written: where the voice is cross-faded the writing is, too.</summary>
unsafe sealed class Overdubber(SegmentPool pool, RaisedCosine curve)
{
    const int MostHeads = 6, MostSlowness = 4;

    // A slow head passes little of the tape in a fade: the slower, the longer it takes, so that the tape gets no edge.
    readonly RaisedCosine[] curves = [.. Enumerable.Range(0, MostSlowness + 1).Select(k => RaisedCosine.Rise(curve.Frames << k))];

    readonly WritingHead[] heads = new WritingHead[MostHeads];      // the last one is the newest, those before it fade out
    int count;

    ref WritingHead Newest => ref heads[count - 1];

    /// <summary>[audio] True while it writes, its fade-out included.</summary>
    public bool IsOn => count > 0;

    /// <summary>[audio] Number of the tape it writes on.</summary>
    public long TapeId => Newest.Tape.Id;

    /// <summary>[audio] The tape it writes on, and where on it the head is.</summary>
    public Tape Where(long frame, out double position)
    {
        position = Newest.Position(frame);
        return Newest.Tape;
    }

    /// <summary>
    /// [audio] Frames that may be read first and written afterwards. Only where tape and time run one to one is that the same as
    /// frame by frame; in a fade-out a voice may already read elsewhere on the tape.
    /// </summary>
    public int MostFrames(long frame, in Voice voice) =>
        count == 1 && Newest.IsStraight(frame, out var frames) && (Newest.IsStaying || Newest.IsAlong(voice, frame)) ? frames : 1;

    /// <summary>[audio] Begins to write on a tape of its own (see <see cref="Dsp.Tape.CopyOf"/>).</summary>
    public void Begin(in Layer layer, long frame)
    {
        // What still fades out does so on both tapes: the one below may come back, the one above is heard.
        var before = count;
        for (var i = 0; i < before && count < MostHeads; i++)
            if (heads[i].IsOn(layer.Tape.Below)) heads[count++] = heads[i].Above(layer.Tape);
        if (count > before && Newest.TryGoOn(layer, frame)) return;
        Push();
        Newest.Begin(layer, CurveFor(layer.Phase.Rate), frame);
    }

    /// <summary>[audio] Fades out and ends by itself.</summary>
    public void End(long frame)
    {
        for (var i = 0; i < count; i++) heads[i].End(frame);
    }

    /// <summary>[audio] Ends at once, because nobody will ever hear what it writes.</summary>
    public void Drop() => count = 0;

    /// <summary>[audio] Goes on from where it is at another rate; where that is a turn or a jump in speed, one head fades out on its way and another in.</summary>
    public void ChangeRate(in Layer layer, long frame)
    {
        if (!IsOn || !Newest.IsStaying) return;
        var (before, to) = (Newest.Rate, layer.Phase.Rate);
        if (Phase.IsSmooth(before, to))
        {
            Newest.Vary(frame, layer.Phase);
            return;
        }
        // One that stands still has nothing to bring to an end.
        if (before == 0) count--;
        else Newest.End(frame);
        Push();
        Newest.Begin(layer, CurveFor(layer.Phase.Rate), frame);
    }

    /// <summary>[audio] Writes some frames; false when the pool ran dry (then it has ended).</summary>
    public bool Write(long frame, int frames, float** inputs, in Ramp feedback, in Ramp input)
    {
        // The newest first: where it shares with one before, it copies what that has not written yet.
        for (var i = count - 1; i >= 0; i--)
        {
            var done = 0;
            while (done < frames && !heads[i].IsOver(frame + done))
            {
                var run = heads[i].Write(pool, frame + done, frames - done, inputs, done, feedback, input);
                if (run == 0)
                {
                    Drop();
                    return false;
                }
                done += run;
            }
        }
        DropOver(frame + frames);
        return true;
    }

    RaisedCosine CurveFor(double rate)
    {
        var k = 0;
        for (var speed = Math.Abs(rate); speed < 1 && k < MostSlowness; k++) speed *= 2;
        return curves[k];
    }

    void DropOver(long frame)
    {
        var kept = 0;
        for (var i = 0; i < count; i++)
            if (!heads[i].IsOver(frame)) heads[kept++] = heads[i];
        count = kept;
    }

    // More turns within one fade than anybody can hear: the oldest is the quietest.
    void Push()
    {
        if (count < MostHeads) count++;
        else
            for (var i = 1; i < MostHeads; i++) heads[i - 1] = heads[i];
    }
}
