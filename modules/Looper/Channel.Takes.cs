using OscLooper.Dsp;

namespace OscLooper.Looper;

/// <summary>[audio] Takes: how a loop is recorded and closed, and the history that undo walks through.</summary>
unsafe partial class Channel
{
    const double SeamSeconds = 256 / 48000.0;

    readonly int seamFrames;
    private protected Tape take;
    private protected long takeFrame;
    private protected Event writeCause;
    double takeExact;
    bool hasLead;
    float** leads;              // for each lane what was heard before the take, for its seam

    // Nothing that sounds now can still be heard at this frame, so what is given up may be freed.
    long SilentFrame => audio.Frame + 2 * ramp.Frames + 2 * 8192;

    private protected virtual void BeginTake(long frame, double exact, in Event cause)
    {
        LeaveVoice(frame);
        ForgetRedo();
        if (Now.HoldsLoop) Now.Remember(Now.Now, pool, SilentFrame);
        Now.Now = default;
        take = new Tape { Lanes = Lanes };
        (takeFrame, takeExact, writeCause) = (frame, exact, cause);
        hasLead = frame >= seamFrames;
        leadsTaken = false;
        SetState(LoopState.Recording, frame);
    }

    // Closes the loop: its end is blended into what sounded before its beginning.
    Layer Close(long frame, double exact)
    {
        var tape = take;
        take = default;
        // Record and play on the same frame: the shortest loop there is.
        if (tape.Frames == 0) tape = Shortest(tape);
        var length = exact - takeExact;
        tape.Period = Math.Abs(length - tape.Frames) < 1 && length >= 1 ? length : tape.Frames;
        CloseTape(tape);
        return new Layer { Tape = tape, Phase = Phase.From(frame, exact, cells.Rate.Value, Math.Max(1, tape.Period)) };
    }

    // A frame of nothing; still empty when the pool ran dry.
    private protected virtual Tape Shortest(Tape tape)
    {
        tape.Lanes = Lanes;
        tape.Append(pool, silence, 1);
        return tape;
    }

    private protected virtual void CloseTape(in Tape tape)
    {
        var blend = (int)Math.Min(seamFrames, tape.Frames / 2);
        if (blend > 0) tape.Seam(hasLead && leadsTaken ? LeadsOf(blend) : null, blend, seam);
    }

    float** LeadsOf(int blend)
    {
        for (var lane = 0; lane < Lanes; lane++) leadEnds[lane] = leads[lane] + (seamFrames - blend);
        return leadEnds;
    }

    void EndTake(long frame, double exact)
    {
        var layer = Close(frame, exact);
        if (layer.IsEmpty)
        {
            // Not a single segment was left: what was there before comes back.
            Release(layer);
            audio.Refuse(writeCause, Reason.Failed);
            if (Now.Undo.Count > 0) Now.Now = Now.Undo.Pop();
            SetState(LoopState.Idle, frame);
            if (Now.HoldsLoop) Enter(LoopState.Looping, frame);
            return;
        }
        Now.Now = layer;
        Enter(LoopState.Looping, frame);
        NoteTurn(frame, exact);
    }

    // The pool ran dry: the take ends where it is, is kept, and whoever began it is told.
    void EndDryTake(long frame)
    {
        audio.At(frame);
        if (take.Frames > 0) audio.Refuse(writeCause, Reason.Failed);
        EndTake(frame, frame);
    }

    void Clear(long frame)
    {
        SetPending(Act.None);
        if (Now.State == LoopState.Idle) return;
        EndWriting(frame, frame);
        if (Now.State == LoopState.Idle) return;
        LeaveVoice(frame);
        ForgetRedo();
        Now.Remember(Now.Now, pool, SilentFrame);
        Now.Now = default;
        SetState(LoopState.Idle, frame);
    }

    void UndoOrCancel(long frame)
    {
        if (pending != Act.None)
        {
            SetPending(Act.None);
            return;
        }
        switch (Now.State)
        {
            case LoopState.Recording:
                var partial = Close(frame, frame);
                if (partial.IsEmpty) Release(partial);
                else PushRedo(partial);
                SetState(LoopState.Idle, frame);
                break;
            case LoopState.Overdubbing:
                // Redo may bring the pass back: it gets its fade-out.
                writer.End(frame);
                TakeBack(frame, LoopState.Looping);
                break;
            case LoopState.Idle when Now.Undo.Count > 0:
                TakeBack(frame, LoopState.Looping);
                break;
            case LoopState.Idle:
                // Nothing older: the take that was discarded comes back.
                RedoLayer(frame);
                break;
            case LoopState.Looping or LoopState.Paused when Now.Undo.Count > 0:
                TakeBack(frame, Now.State);
                break;
        }
    }

    void TakeBack(long frame, LoopState state)
    {
        PushRedo(Now.Now);
        Show(Now.Undo.Pop(), frame, state);
    }

    void RedoLayer(long frame)
    {
        if (Now.Redo.Count == 0 || Now.State is LoopState.Recording or LoopState.Overdubbing) return;
        SetPending(Act.None);
        var next = Now.Redo.Pop();
        if (Now.HoldsLoop) Now.Remember(Now.Now, pool, SilentFrame);
        Show(next, frame, next.IsEmpty ? LoopState.Idle : Now.State == LoopState.Paused ? LoopState.Paused : LoopState.Looping);
    }

    // Another layer takes the place of what the scene holds; the phase runs on.
    void Show(Layer layer, long frame, LoopState state)
    {
        if (!layer.IsEmpty)
        {
            var phase = Now.HoldsLoop && Now.Now.Tape.Frames == layer.Tape.Frames ? Now.Now.Phase : layer.Phase;
            var position = Now.State == LoopState.Paused ? Now.RestPosition % phase.Period : phase.PositionAt(frame);
            if (phase.Rate != cells.Rate.Value) phase = Phase.At(frame, position, cells.Rate.Value, phase.Period);
            layer.Phase = phase;
            Now.RestPosition = position;
        }
        Now.Now = layer;
        LeaveVoice(frame);
        if (state == LoopState.Looping) EnterVoice(frame);
        if (state == Now.State) PublishContents();
        else SetState(state, frame);
    }

    void PushRedo(in Layer layer)
    {
        // The bottom is the youngest: it may share segments with what lies above it, nothing shares with it.
        if (Now.Redo.IsFull) Release(Now.Redo.DropBottom());
        Now.Redo.Push(layer);
    }

    void ForgetRedo() => Now.ForgetRedo(pool, SilentFrame);

    void Release(in Layer layer) => pool.Release(layer.Tape.Root, layer.Tape.Below, SilentFrame);

    // Called before the first frame of a take is written, while the frames before it can still be seen.
    bool leadsTaken;
    float** leadEnds;

    void TakeLeads(in Block block)
    {
        leadsTaken = true;
        if (!hasLead) return;
        for (var lane = 0; lane < Lanes; lane++)
            looper.InputBefore(block, inputLanes[lane], new Span<float>(leads[lane], seamFrames));
    }
}
