using OscLooper.Dsp;

namespace OscLooper.Looper;

/// <summary>[audio] Tapes that come from files or are shown to those who write them.</summary>
unsafe partial class Channel
{
    /// <summary>[audio] Length of what the active scene holds, 0 when empty.</summary>
    public double LoopSeconds => Now.HoldsLoop ? Now.Now.Phase.Period / rate : 0;

    void TakeLoaded(in Event ask)
    {
        var frame = audio.Frame;
        SetPending(Act.None);
        EndWriting(frame, frame);
        ForgetRedo();
        if (Now.HoldsLoop) Now.Remember(Now.Now, pool, SilentFrame);
        var tape = looper.Slots[(int)ask.B];
        Now.Now = new Layer { Tape = tape, Phase = Phase.From(frame, frame, cells.Rate.Value, tape.Period) };
        if (Now.State == LoopState.Looping) Enter(LoopState.Looping, frame);
        else Rest(frame, 0);
        audio.Answer(ask, 1);
    }

    // While a pass is being written, what lay below it is shown: it does not change under the reader's hands.
    void ShowTape(in Event ask)
    {
        var tape = Now.State == LoopState.Overdubbing && Now.Undo.Count > 0 ? Now.Undo.Top.Tape : Now.Now.Tape;
        looper.Slots[(int)ask.B] = tape;
        audio.Answer(ask, tape.IsEmpty ? 0 : 1);
    }
}
