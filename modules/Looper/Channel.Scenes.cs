namespace OscLooper.Looper;

/// <summary>[audio] Scenes: only the active one sounds or records; the others keep their state and their phase runs on.</summary>
unsafe partial class Channel
{
    void Switch(int scene, long frame, double exact)
    {
        if (scene >= sceneCount || scene == active) return;
        EndWriting(frame, exact);
        LeaveVoice(frame);
        active = scene;
        ShowActive(frame);
    }

    void ShowActive(long frame)
    {
        NoteSounding(frame);
        if (Now.State == LoopState.Looping)
        {
            if (Now.Now.Phase.Rate != cells.Rate.Value) Now.Now.Phase = Now.Now.Phase.AtRate(frame, cells.Rate.Value);
            EnterVoice(frame);
        }
        cells.Scene.Set(active + 1);
        cells.State.Set((int)Now.State, Now.StateFrame);
        UpdateMonitor(frame);
        PublishContents();
    }

    void AddScene(in Event ask)
    {
        if (sceneCount == ChannelLeaves.MostScenes)
        {
            audio.Answer(ask, 0);
            return;
        }
        if (!looper.FreshScenes.TryTake(out var fresh))
        {
            audio.Answer(ask, -1);
            return;
        }
        scenes[sceneCount++] = fresh;
        cells.Scenes.Set(sceneCount);
        audio.Answer(ask, sceneCount);
    }

    void RemoveScene(in Event ask)
    {
        if (sceneCount == 1)
        {
            audio.Answer(ask, 0);
            return;
        }
        var frame = audio.Frame;
        SetPending(Act.None);
        var gone = Now;
        DropTake();
        LeaveVoice(frame);
        writer.Drop();
        gone.Forget(pool, SilentFrame);
        sceneCount--;
        for (var i = active; i < sceneCount; i++) scenes[i] = scenes[i + 1];
        scenes[sceneCount] = null!;
        looper.FreshScenes.Return(gone);
        audio.WakeBackground();
        if (active == sceneCount) active--;
        cells.Scenes.Set(sceneCount);
        ShowActive(frame);
        audio.Answer(ask, sceneCount);
    }

    void RemoveSelf(in Event ask)
    {
        looper.RemoveAnnounced(Row, ask.C);
        SetPending(Act.None);
        DropTake();
        LeaveVoice(audio.Frame);
        writer.Drop();
        monitor.Start(audio.Frame, 0);
        for (var i = 0; i < sceneCount; i++) scenes[i].Forget(pool, SilentFrame);
        TellSounding();
        IsLeaving = true;
        leftFrame = audio.Frame + 2 * ramp.Frames;
        looper.OrderChanged = true;
        looper.SoloChanged = true;
        audio.Answer(ask);
    }

    void DropTake()
    {
        if (Now.State != LoopState.Recording) return;
        pool.Release(take.Root, 0, SilentFrame);
        take = default;
    }

    long leftFrame;

    /// <summary>[audio] True when a removed channel has died away.</summary>
    public bool IsGone(long frame) => IsLeaving && frame >= leftFrame;

    /// <summary>[audio] Everything falls silent, nothing is lost.</summary>
    public virtual void Panic(long frame)
    {
        SetPending(Act.None);
        EndWriting(frame, frame);
        if (Now.State == LoopState.Looping) Rest(frame, Now.Now.Phase.PositionAt(frame));
    }

    private protected virtual void ChangeRate(long frame, double to)
    {
        for (var i = 0; i < sceneCount; i++)
        {
            var scene = scenes[i];
            if (scene.State is not (LoopState.Looping or LoopState.Overdubbing)) continue;
            var before = scene.Now.Phase.Rate;
            if (before == to) continue;
            scene.Now.Phase = scene.Now.Phase.AtRate(frame, to);
            if (i != active) continue;
            writer.ChangeRate(Now.Now, frame);
            ChangeVoice(frame, before, to);
        }
    }

    // Between two varied speeds of one direction the reading goes on without a step; all else is cross-faded.
    private protected virtual void ChangeVoice(long frame, double before, double to)
    {
        if (Phase.IsSmooth(before, to)) VaryVoice(Now.Now.Phase, frame);
        else
        {
            LeaveVoice(frame);
            EnterVoice(frame);
        }
    }
}
