using OscLooper.Dsp;

namespace OscLooper.Looper;

/// <summary>[audio] One of a channel's independent loops: what it does, what it holds, and its history. Made by main, lives on the audio side.</summary>
sealed class Scene
{
    public LoopState State;
    public long StateFrame;
    /// <summary>[audio] What it holds now; the tape of an overdub in progress while overdubbing.</summary>
    public Layer Now;
    /// <summary>[audio] Position in frames while paused.</summary>
    public double RestPosition;
    public readonly LayerStack Undo = new(), Redo = new();

    public bool HoldsLoop => !Now.IsEmpty;

    /// <summary>[audio] Everything it holds goes back to the pool; the scene is as new.</summary>
    public void Forget(SegmentPool pool, long notBeforeFrame)
    {
        ForgetRedo(pool, notBeforeFrame);
        Release(pool, Now, notBeforeFrame);
        Now = default;
        while (Undo.Count > 0) Release(pool, Undo.Pop(), notBeforeFrame);
        State = LoopState.Idle;
        RestPosition = 0;
    }

    /// <summary>[audio] What was undone is given up, the youngest first, since it shares segments with what lies below.</summary>
    public void ForgetRedo(SegmentPool pool, long notBeforeFrame)
    {
        for (var i = 0; i < Redo.Count; i++) Release(pool, Redo[i], notBeforeFrame);
        while (Redo.Count > 0) Redo.Pop();
    }

    /// <summary>[audio] Puts what it holds on the undo stack; the oldest layer goes when there is no room.</summary>
    public void Remember(in Layer layer, SegmentPool pool, long notBeforeFrame)
    {
        if (Undo.IsFull)
        {
            var oldest = Undo.DropBottom();
            ref var next = ref Undo[0];
            var shared = next.Tape.Below == oldest.Tape.Root;
            pool.Release(oldest.Tape.Root, shared ? next.Tape.Root : 0, notBeforeFrame);
            if (shared) next.Tape.Below = 0;
        }
        Undo.Push(layer);
    }

    static void Release(SegmentPool pool, in Layer layer, long notBeforeFrame) => pool.Release(layer.Tape.Root, layer.Tape.Below, notBeforeFrame);
}
