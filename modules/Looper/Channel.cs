using OscLooper.Dsp;

namespace OscLooper.Looper;

/// <summary>[audio] One looper channel: scenes, of which one sounds or records. This part hears events and cuts its blocks where something happens.
/// What it records and plays is sound here; a <see cref="NoteChannel"/> puts notes in the place of what is virtual.</summary>
unsafe partial class Channel
{
    private protected readonly LooperModule looper;
    private protected readonly SegmentPool pool;
    private protected readonly AudioSide audio;
    private protected readonly RaisedCosine ramp;
    private protected readonly double rate;
    private protected readonly ChannelCells cells;
    readonly ChannelLeaves leaves;
    readonly RaisedCosine seam;

    /// <summary>[any] Row in the address space: number minus 1.</summary>
    public int Row { get; }
    /// <summary>[any] Lanes of its loops; 0 = notes.</summary>
    public int Lanes { get; }
    /// <summary>[audio] It was added when so many loads had been announced.</summary>
    public int LoadNumber { get; set; }
    /// <summary>[audio] It was removed before it played.</summary>
    public bool IsUnwanted { get; set; }
    /// <summary>[audio] Removed; fades out, then is forgotten.</summary>
    public bool IsLeaving { get; private set; }

    /// <summary>[main] Everything a channel needs is allocated here.</summary>
    public Channel(LooperModule looper, ChannelLeaves leaves, SegmentPool pool, AudioSide audio, AudioFormat format, int row, int lanes)
    {
        (this.looper, this.leaves, this.pool, this.audio, Row, Lanes) = (looper, leaves, pool, audio, row, lanes);
        rate = format.Rate;
        ramp = RaisedCosine.Rise(format.RampFrames);
        seamFrames = Math.Min(AudioFormat.HistoryFrames, (int)Math.Round(format.Rate * SeamSeconds));
        seam = RaisedCosine.Rise(seamFrames + 1);
        scenes[0] = new Scene();
        cells = new ChannelCells(leaves, row);
        writer = new Overdubber(pool, ramp);
        MakeSound(format);
    }

    /// <summary>[audio] What a client or the desk asks of this channel, at the frame at which it acts.</summary>
    public void Handle(in Event e)
    {
        if (IsLeaving)
        {
            audio.Refuse(e, Reason.NoSuchAddress);
            return;
        }
        switch (e.Kind)
        {
            case EventKind.Fire: Fire(e); break;
            case EventKind.Set: Changed(e); break;
            case EventKind.Ask: Asked(e); break;
        }
        UpdateGauges(audio.Frame);
    }

    void Fire(in Event e)
    {
        if (e.Is(leaves.Record)) Want(Act.Record, e);
        else if (e.Is(leaves.Play)) Want(Act.Play, e);
        else if (e.Is(leaves.Overdub)) Want(Act.Overdub, e);
        else if (e.Is(leaves.Trigger)) Want(Act.Trigger, e);
        else if (e.Is(leaves.Pause)) Want(Act.Pause, e);
        else if (e.Is(leaves.Stop)) Want(Act.Stop, e);
        else if (e.Is(leaves.NextScene)) WantScene((WantedScene + 1) % sceneCount, e);
        else if (e.Is(leaves.PrevScene)) WantScene((WantedScene + sceneCount - 1) % sceneCount, e);
        else if (e.Is(leaves.Clear)) Clear(audio.Frame);
        else if (e.Is(leaves.Undo)) UndoOrCancel(audio.Frame);
        else if (e.Is(leaves.Redo)) RedoLayer(audio.Frame);
        else if (e.Is(leaves.Cancel)) SetPending(Act.None);
    }

    void Changed(in Event e)
    {
        if (e.Is(leaves.Scene))
        {
            if (e.A > sceneCount) audio.Refuse(e, Reason.OutOfRange);
            else WantScene((int)e.A - 1, e);
        }
        else if (e.Is(leaves.Rate)) ChangeRate(audio.Frame, e.A);
        else if (e.Is(leaves.Feedback)) feedback.Start(audio.Frame, (float)e.A);
        else if (e.Is(leaves.Monitor)) UpdateMonitor(audio.Frame);
        else if (e.Is(leaves.Sync)) looper.ChangeSync(this, e);
        else if (e.Is(leaves.Solo)) looper.SoloChanged = true;
        else if (e.Is(leaves.Volume) || e.Is(leaves.Pan) || e.Is(leaves.Mute)) UpdateGains(audio.Frame);
    }

    void Asked(in Event e)
    {
        if (e.Is(leaves.AddScene)) AddScene(e);
        else if (e.Is(leaves.RemoveScene)) RemoveScene(e);
        else if (e.Is(leaves.Remove)) RemoveSelf(e);
        else if (e.Is(leaves.Input)) Reroute((int)e.B, (int)e.C, isInput: true);
        else if (e.Is(leaves.Output)) Reroute((int)e.B, (int)e.C, isInput: false);
        else if (e.Is(leaves.Load)) TakeLoaded(e);
        else if (e.Is(leaves.Save) || e.Is(leaves.Peaks)) ShowTape(e);
    }

    /// <summary>[audio] A stretch without events; cut at boundaries, where what is pending acts.</summary>
    public void Process(in Block block)
    {
        if (!IsBusy)
        {
            Listen(block);
            return;
        }
        var at = 0;
        while (at < block.Frames)
        {
            var frame = block.Frame + at;
            var frames = block.Frames - at;
            audio.At(frame);
            if (pending != Act.None)
            {
                var boundary = NextBoundary(frame, block, out var exact);
                if (boundary <= frame)
                {
                    PerformPending(frame, exact);
                    NoteChange(frame);
                    continue;
                }
                frames = (int)Math.Min(frames, boundary - frame);
            }
            if (rerouteFrame > frame) frames = (int)Math.Min(frames, rerouteFrame - frame);
            else if (rerouteFrame == frame) FinishReroute(frame);
            if (writer.IsOn) frames = Math.Min(frames, writer.MostFrames(frame, voice));
            var isDry = false;
            if (Now.State == LoopState.Recording)
            {
                var written = RecordSome(block.Slice(at, frames));
                isDry = written < frames;
                frames = written;
            }
            if (frames > 0) Sound(block.Slice(at, frames));
            at += frames;
            if (isDry) EndDryTake(block.Frame + at);
            NoteChange(block.Frame + at);
        }
        Listen(block);
        UpdateGauges(block.Frame + block.Frames);
    }
}
