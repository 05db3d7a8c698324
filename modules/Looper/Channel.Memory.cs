using OscLooper.Dsp;

namespace OscLooper.Looper;

/// <summary>[audio] What a channel tells of itself to be remembered, and how it comes back.</summary>
unsafe partial class Channel
{
    /// <summary>[audio] Writes down all it holds; false when there is not room: then how much is needed stands there.</summary>
    public bool Show(ChannelSnapshot into)
    {
        (into.Row, into.Lanes, into.Active, into.SceneCount) = (Row, Lanes, active, sceneCount);
        if (into.Scenes.Length < sceneCount) return false;
        var isRoom = true;
        into.Take = Now.State == LoopState.Recording ? take : default;
        into.WritingId = WritingId;
        (into.Volume, into.Pan, into.IsMute, into.IsSolo) = (cells.Volume.Value, cells.Pan.Value, cells.Mute.IsOn, cells.Solo.IsOn);
        (into.Feedback, into.Monitor, into.Rate) = (feedback.Target, (int)cells.Monitor.Value, cells.Rate.Value);
        (into.Quantize, into.Sync, into.SyncChannel) = ((int)cells.Quantize.Value, (int)cells.Sync.Value, (int)cells.Sync.Second);
        (into.Input, into.Output) = (input, output);
        for (var i = 0; i < sceneCount; i++)
        {
            var (scene, to) = (scenes[i], into.Scenes[i]);
            (to.State, to.RestPosition, to.Now) = (scene.State, scene.RestPosition, scene.Now);
            (to.UndoCount, to.RedoCount) = (scene.Undo.Count, scene.Redo.Count);
            if (to.Undo.Length == 0 && scene.Undo.Count + scene.Redo.Count > 0)
            {
                isRoom = false;
                continue;
            }
            for (var n = 0; n < scene.Undo.Count; n++) to.Undo[n] = scene.Undo[n];
            for (var n = 0; n < scene.Redo.Count; n++) to.Redo[n] = scene.Redo[n];
        }
        return isRoom;
    }

    /// <summary>[audio] Something is being recorded or overdubbed, its fade-out included.</summary>
    public virtual bool IsWriting => Now.State == LoopState.Recording || writer.IsOn;

    // The tape that is still being written on, or 0.
    private protected virtual long WritingId => writer.IsOn ? writer.TapeId : 0;

    /// <summary>[audio] Writes down what is being written.</summary>
    public void ShowWriting(WritingSnapshot snapshot, long frame)
    {
        ref var into = ref snapshot.Views[snapshot.Count++];
        (into.Row, into.Scene, into.IsTake, into.Head, into.BelowId) = (Row, active, Now.State == LoopState.Recording, 0, 0);
        (into.HeldFrom, into.HeldCount) = (snapshot.HeldCount, 0);
        if (into.IsTake) into.Tape = take;
        else
        {
            into.Tape = WhereWriting(frame, out into.Head);
            for (var n = 0; n < Now.Undo.Count; n++)
                if (Now.Undo[n].Tape.Root == into.Tape.Below) into.BelowId = Now.Undo[n].Tape.Id;
        }
        ShowHeld(snapshot, ref into, frame);
    }

    private protected virtual void ShowHeld(WritingSnapshot snapshot, ref WritingSnapshot.View into, long frame) { }

    private protected virtual Tape WhereWriting(long frame, out double head) => writer.Where(frame, out head);

    /// <summary>[worker] Takes what was read for it, before anybody plays it. Phases count from frame 0.</summary>
    public void Remember(ChannelSnapshot from)
    {
        remembered = from;
        (active, sceneCount) = (from.Active, from.SceneCount);
        for (var i = 0; i < sceneCount; i++)
        {
            var (scene, read) = (scenes[i] ??= new Scene(), from.Scenes[i]);
            (scene.State, scene.RestPosition, scene.Now) = (read.State, read.RestPosition, read.Now);
            for (var n = 0; n < read.UndoCount; n++) scene.Undo.Push(read.Undo[n]);
            for (var n = 0; n < read.RedoCount; n++) scene.Redo.Push(read.Redo[n]);
        }
    }

    ChannelSnapshot? remembered;

    /// <summary>[audio] Its channel number of <c>sync channel n</c>, counted from 0; -1 when it has other boundaries.</summary>
    public int RememberedMaster => remembered is { Sync: (int)SyncSource.Channel } of ? of.SyncChannel - 1 : -1;

    /// <summary>[audio] Its leaves say what it remembers, before it lives.</summary>
    public void ShowRemembered()
    {
        if (remembered is not { } of) return;
        cells.Volume.Set(of.Volume);
        cells.Pan.Set(of.Pan);
        cells.Mute.Set(of.IsMute ? 1 : 0);
        cells.Solo.Set(of.IsSolo ? 1 : 0);
        cells.Feedback.Set(of.Feedback);
        cells.Monitor.Set(of.Monitor);
        cells.Rate.Set(of.Rate);
        cells.Quantize.Set(of.Quantize);
    }

    /// <summary>[audio] Begins to live: every loop goes on as far from where it was as time has passed since.</summary>
    public void WakeUp(long frame, long passedFrames)
    {
        if (remembered is not { } of) return;
        cells.Sync.Set(of.Sync, of.SyncChannel);
        cells.Scenes.Set(sceneCount);
        feedback = new Ramp(ramp, (float)cells.Feedback.Value);
        (input, output) = (of.Input, of.Output);
        Connect();
        for (var i = 0; i < sceneCount; i++)
        {
            var scene = scenes[i];
            scene.StateFrame = frame;
            scene.Now.Phase = Shifted(scene.Now, frame, passedFrames);
            for (var n = 0; n < scene.Undo.Count; n++) scene.Undo[n].Phase = Shifted(scene.Undo[n], frame, passedFrames);
            for (var n = 0; n < scene.Redo.Count; n++) scene.Redo[n].Phase = Shifted(scene.Redo[n], frame, passedFrames);
        }
        remembered = null;
        ShowActive(frame);
    }

    static Phase Shifted(in Layer layer, long frame, long passedFrames) =>
        layer.IsEmpty ? default : Phase.At(frame, layer.Phase.PositionAt(passedFrames), layer.Phase.Rate, layer.Phase.Period);

    /// <summary>[audio] Gains stand at once where they shall be: nothing was heard of it yet.</summary>
    public void SetGains(long frame)
    {
        UpdateGains(frame);
        foreach (ref var way in ways.AsSpan()) way.Gain = new Ramp(ramp, way.Gain.Target);
    }

    /// <summary>[audio] Another channel takes its place: it dies away and gives back all it holds.</summary>
    public void Retire(long frame)
    {
        if (IsLeaving) return;
        pending = Act.None;
        if (Now.State == LoopState.Recording) pool.Release(take.Root, 0, SilentFrame);
        take = default;
        Now.State = LoopState.Idle;
        LeaveVoice(frame);
        writer.Drop();
        monitor.Start(frame, 0);
        for (var i = 0; i < sceneCount; i++) scenes[i].Forget(pool, SilentFrame);
        IsLeaving = true;
        leftFrame = frame + 2 * ramp.Frames;
    }
}
