namespace OscLooper.Looper;

/// <summary>[audio] Tells what is heard of the loops, since when and from where on: enough to write a performance down to the frame.</summary>
unsafe partial class Channel
{
    long notedTape, notedFrame;
    double notedPosition;
    bool isNoted, isMuted;

    // What changes on one frame is told once, when all of it has changed; what changed on an earlier one is told before.
    private protected void NoteSounding(long frame)
    {
        if (isNoted && notedFrame != frame) TellSounding();
        (isNoted, notedFrame) = (true, frame);
        (notedTape, notedPosition) = (0, 0);
        if (isMuted || !TryHear(out var layer) || layer.Phase.Rate == 0) return;
        notedTape = layer.Tape.Id;
        // At rate 1 turns begin on whole frames.
        notedPosition = layer.Phase.Rate == 1 ? frame - layer.Phase.TurnAt(frame).Start : layer.Phase.PositionAt(frame);
    }

    // What plays now; false when nothing does.
    private protected virtual bool TryHear(out Layer layer)
    {
        layer = voice.Layer;
        return voice.IsOn;
    }

    private protected void NoteMute(bool isSilent, long frame)
    {
        if (isSilent == isMuted) return;
        isMuted = isSilent;
        if (TryHear(out _)) NoteSounding(frame);
    }

    void VaryVoice(in Phase phase, long frame)
    {
        voice.SetPhase(phase);
        NoteSounding(frame);
    }

    void TellSounding()
    {
        if (!isNoted) return;
        isNoted = false;
        cells.Sounding.Set(notedTape, notedFrame, notedPosition);
    }
}
