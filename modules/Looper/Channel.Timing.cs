namespace OscLooper.Looper;

/// <summary>[audio] When things happen: boundaries of the transport, of this loop, of another channel.</summary>
partial class Channel
{
    const int MostTurns = 64;
    readonly long[] turnFrames = new long[MostTurns];
    readonly double[] turnExact = new double[MostTurns];
    int turnCount;
    readonly long[] changeFrames = new long[MostTurns];   // where it began or ceased to turn within the stretch, in turn
    int changeCount;
    bool turnedAtFirst;

    Act pending;
    int pendingScene;
    Event pendingCause;

    /// <summary>[audio] The channel whose cycles give the boundaries; null when it is not this kind of sync or that channel is gone.</summary>
    public Channel? Master { get; set; }
    /// <summary>[audio] How many masters stand before it; -1 = to be counted.</summary>
    public int Depth { get; set; }
    /// <summary>[audio] Others take boundaries from this channel in the current stretch.</summary>
    public bool HasFollowers { get; set; }

    SyncSource Source => (SyncSource)(int)cells.Sync.Value;
    Quantize Grid => (Quantize)(int)cells.Quantize.Value;
    int WantedScene => pending == Act.Scene ? pendingScene : active;

    /// <summary>[audio] A new stretch begins.</summary>
    public void BeginStretch()
    {
        (turnCount, changeCount) = (0, 0);
        turnedAtFirst = IsTurning;
    }

    // What was pending has acted: those who follow, and come later, must know when that was.
    void NoteChange(long frame)
    {
        if (!HasFollowers || IsTurning == (turnedAtFirst ^ (changeCount & 1) == 1)) return;
        // So many within one stretch cannot be; the last one is what counts.
        if (changeCount == MostTurns) changeCount -= 2;
        changeFrames[changeCount++] = frame;
    }

    // A master has gone through this stretch already: whether it turned at that frame.
    bool TurnedAt(long frame)
    {
        var turned = turnedAtFirst;
        for (var i = 0; i < changeCount && changeFrames[i] <= frame; i++) turned = !turned;
        return turned;
    }

    void Want(Act act, in Event cause)
    {
        if (!Changes(act)) return;
        if (MustWait(Master is { IsTurning: true }))
        {
            pendingCause = cause;
            SetPending(act);
            return;
        }
        SetPending(Act.None);
        Perform(act, audio.Frame, audio.Frame, cause);
    }

    void WantScene(int scene, in Event cause)
    {
        if (scene == active)
        {
            if (pending == Act.Scene) SetPending(Act.None);
            return;
        }
        pendingScene = scene;
        Want(Act.Scene, cause);
    }

    void SetPending(Act act)
    {
        if (pending == act) return;
        pending = act;
        cells.Pending.Set((int)act);
        UpdateMonitor(audio.Frame);
    }

    void PerformPending(long frame, double exact)
    {
        var act = pending;
        SetPending(Act.None);
        Perform(act, frame, exact, pendingCause);
    }

    // Nothing to wait for: no quantise, an empty loop on its own, an empty master.
    bool MustWait(bool masterTurns) => Grid != Quantize.Off && Source switch
    {
        SyncSource.Transport => true,
        SyncSource.Channel => masterTurns,
        _ => IsTurning,
    };

    bool IsTurning => Now.State is LoopState.Looping or LoopState.Overdubbing;

    // The first frame at or after this one at which what is pending may act, and the exact time of that boundary.
    long NextBoundary(long frame, in Block block, out double exact)
    {
        exact = frame;
        if (!MustWait(Master?.TurnedAt(frame) == true)) return frame;
        switch (Source)
        {
            case SyncSource.Transport when Grid >= Quantize.Cycle && IsTurning:
            case SyncSource.None:
                exact = Now.Now.Phase.NextZero(frame);
                break;
            case SyncSource.Transport:
                exact = Grid == Quantize.Beat ? block.Transport.NextBeat(frame) : block.Transport.NextBar(frame);
                break;
            default:
                return Master!.NextTurn(frame, out exact);
        }
        return double.IsInfinity(exact) ? long.MaxValue : (long)Math.Round(exact);
    }

    // A master has gone through this stretch already; where its turns began is written down, and where it ceased: then nobody waits.
    long NextTurn(long frame, out double exact)
    {
        var end = long.MaxValue;
        for (var i = 0; i < changeCount && end == long.MaxValue; i++)
            if (changeFrames[i] > frame) end = changeFrames[i];
        for (var i = 0; i < turnCount; i++)
            if (turnFrames[i] >= frame && turnFrames[i] < end)
            {
                exact = turnExact[i];
                return turnFrames[i];
            }
        exact = end;
        return end;
    }

    void NoteTurn(long frame, double exact)
    {
        if (turnCount == MostTurns || (turnCount > 0 && turnFrames[turnCount - 1] == frame)) return;
        (turnFrames[turnCount], turnExact[turnCount]) = (frame, exact);
        turnCount++;
    }

    private protected void NoteTurns(long frame, int frames)
    {
        if (!HasFollowers || !IsTurning) return;
        for (var next = frame; next < frame + frames && turnCount < MostTurns; next++)
        {
            var exact = Now.Now.Phase.NextZero(next);
            if (!(Math.Round(exact) < frame + frames)) return;
            next = Math.Max(next, (long)Math.Round(exact));
            NoteTurn(next, exact);
        }
    }
}
