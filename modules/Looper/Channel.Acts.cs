using OscLooper.Dsp;

namespace OscLooper.Looper;

/// <summary>[audio] The table of states and actions (addresses.md section 4).</summary>
unsafe partial class Channel
{
    readonly Scene[] scenes = new Scene[ChannelLeaves.MostScenes];
    int sceneCount = 1, active;

    private protected Scene Now => scenes[active];

    // False where the table has a dash: accepted, nothing changes.
    bool Changes(Act act) => act switch
    {
        Act.Record or Act.Overdub or Act.Scene => true,
        Act.Play => Now.State is not (LoopState.Idle or LoopState.Looping),
        _ => Now.State != LoopState.Idle,
    };

    void Perform(Act act, long frame, double exact, in Event cause)
    {
        switch (act)
        {
            case Act.Record: Record(frame, exact, cause); break;
            case Act.Overdub: Overdub(frame, exact, cause); break;
            case Act.Play: Play(frame, exact); break;
            case Act.Trigger: Trigger(frame, exact); break;
            case Act.Pause: Pause(frame, exact); break;
            case Act.Stop: Stop(frame, exact); break;
            case Act.Scene: Switch(pendingScene, frame, exact); break;
        }
    }

    void Record(long frame, double exact, in Event cause)
    {
        switch (Now.State)
        {
            case LoopState.Recording: EndTake(frame, exact); break;
            case LoopState.Overdubbing: EndPass(frame); break;
            default: BeginTake(frame, exact, cause); break;
        }
    }

    void Overdub(long frame, double exact, in Event cause)
    {
        switch (Now.State)
        {
            case LoopState.Idle: BeginTake(frame, exact, cause); break;
            case LoopState.Overdubbing: EndPass(frame); break;
            case LoopState.Recording:
                EndTake(frame, exact);
                if (Now.State == LoopState.Looping) BeginPass(frame, cause);
                break;
            case LoopState.Paused:
                GoOn(frame);
                BeginPass(frame, cause);
                break;
            default: BeginPass(frame, cause); break;
        }
    }

    void Play(long frame, double exact)
    {
        if (Now.State == LoopState.Paused) GoOn(frame);
        else EndWriting(frame, exact);
    }

    void Trigger(long frame, double exact)
    {
        if (Now.State == LoopState.Recording)
        {
            EndTake(frame, exact);
            return;
        }
        if (Now.State == LoopState.Overdubbing) EndPass(frame);
        Now.Now.Phase = Phase.From(frame, exact, cells.Rate.Value, Now.Now.Phase.Period);
        Enter(LoopState.Looping, frame);
        NoteTurn(frame, exact);
    }

    void Pause(long frame, double exact)
    {
        if (Now.State == LoopState.Paused)
        {
            GoOn(frame);
            return;
        }
        EndWriting(frame, exact);
        if (Now.State == LoopState.Looping) Rest(frame, Now.Now.Phase.PositionAt(frame));
    }

    void Stop(long frame, double exact)
    {
        EndWriting(frame, exact);
        if (Now.State is LoopState.Looping or LoopState.Paused) Rest(frame, 0);
    }

    // A take or a pass that is under way ends into looping.
    void EndWriting(long frame, double exact)
    {
        if (Now.State == LoopState.Recording) EndTake(frame, exact);
        else if (Now.State == LoopState.Overdubbing) EndPass(frame);
    }

    void GoOn(long frame)
    {
        Now.Now.Phase = Phase.At(frame, Now.RestPosition, cells.Rate.Value, Now.Now.Phase.Period);
        Enter(LoopState.Looping, frame);
    }

    void Rest(long frame, double position)
    {
        Now.RestPosition = position;
        LeaveVoice(frame);
        SetState(LoopState.Paused, frame);
    }

    // The loop sounds from now on; what sounded before dies away.
    void Enter(LoopState state, long frame)
    {
        LeaveVoice(frame);
        EnterVoice(frame);
        SetState(state, frame);
    }

    private protected void SetState(LoopState state, long frame)
    {
        (Now.State, Now.StateFrame) = (state, frame);
        cells.State.Set((int)state, frame);
        UpdateMonitor(frame);
        PublishContents();
    }

    void BeginPass(long frame, in Event cause)
    {
        var below = Now.Now;
        var above = below with { Tape = below.Tape.CopyOf(pool) };
        if (above.IsEmpty)
        {
            audio.Refuse(cause, Reason.Failed);
            return;
        }
        ForgetRedo();
        Now.Remember(below, pool, SilentFrame);
        Now.Now = above;
        StartWriting(above, frame);
        writeCause = cause;
        SetState(LoopState.Overdubbing, frame);
    }

    void EndPass(long frame)
    {
        FinishWriting(frame);
        SetState(LoopState.Looping, frame);
    }

    private protected virtual void StartWriting(in Layer above, long frame)
    {
        voice.SetTape(above.Tape);
        NoteSounding(frame);
        writer.Begin(above, frame);
    }

    private protected virtual void FinishWriting(long frame) => writer.End(frame);
}
