using OscLooper.Dsp;

namespace OscLooper.Looper;

/// <summary>[audio] A channel of kind midi: the same states, scenes, layers and boundaries; notes where other channels have sound.</summary>
sealed partial class NoteChannel(LooperModule owner, ChannelLeaves declared, SegmentPool segments, AudioSide side, AudioFormat format, int row)
    : Channel(owner, declared, segments, side, format, row, 0)
{
    readonly NoteWriter writer = new(segments);
    readonly NoteHolds holds = new(owner.Notes);
    readonly NoteThrough through = new(owner.Notes);
    float gain = 1;

    private protected override void MakeSound(AudioFormat format)
    {
        (feedback, monitor) = (new Ramp(ramp, 1), new Ramp(ramp, 0));
        (input, output) = ((0, -1), (0, -1));
    }

    private protected override bool HasNotes => isOn || holds.Count > 0 || through.Count > 0;

    private protected override long WritingId => Now.State == LoopState.Overdubbing ? Now.Now.Tape.Id : 0;

    /// <summary>[audio] Notes are being recorded or overdubbed.</summary>
    public override bool IsWriting => Now.State is LoopState.Recording or LoopState.Overdubbing;

    private protected override Tape WhereWriting(long frame, out double head)
    {
        head = 0;
        return Now.Now.Tape;
    }

    private protected override void ShowHeld(WritingSnapshot snapshot, ref WritingSnapshot.View into, long frame)
    {
        if (into.Tape.IsEmpty) return;
        var position = into.IsTake ? take.Frames : TapePosition(frame);
        into.HeldCount = writer.Show(snapshot.Held.AsSpan(snapshot.HeldCount), position);
        snapshot.HeldCount += into.HeldCount;
    }

    private protected override void Connect() => holds.Port = Math.Max(0, output.First);

    private protected override void Reroute(int first, int second, bool isInput)
    {
        EndNotes(audio.Frame);
        if (isInput) input = (first, second);
        else output = (first, second);
        Connect();
    }

    /// <summary>[audio] Volume scales velocities; a channel that falls silent ends what it plays.</summary>
    public override void UpdateGains(long frame)
    {
        NoteMute(cells.Mute.IsOn || (looper.AnySolo && !cells.Solo.IsOn), frame);
        gain = cells.Mute.IsOn || (looper.AnySolo && !cells.Solo.IsOn) ? 0 : (float)cells.Volume.Value;
        if (gain == 0) EndNotes(frame);
    }

    /// <summary>[audio] Ends all that sounds because of this channel.</summary>
    public void EndNotes(long frame)
    {
        through.EndAll(frame);
        EndPlayed(frame);
    }

    /// <summary>[audio] Everything falls silent, keys that are held down included.</summary>
    public override void Panic(long frame)
    {
        base.Panic(frame);
        EndNotes(frame);
    }

    // Notes do not run backwards: what ended a note would have to begin it.
    private protected override void ChangeRate(long frame, double to)
    {
        if (to < 0) cells.Rate.Set(to = 0);
        base.ChangeRate(frame, to);
    }

    private protected override void BeginTake(long frame, double exact, in Event cause)
    {
        writer.Clear();
        base.BeginTake(frame, exact, cause);
    }

    private protected override int RecordSome(in Block block)
    {
        if (!NoteTape.Begin(ref take, pool) || take.Frames + block.Frames > uint.MaxValue) return 0;
        var before = take.Frames;
        if (input.First >= 0)
            foreach (ref readonly var e in looper.HeardNotes(block, input.First))
            {
                var position = e.Frame - takeFrame;
                if (!Hears(e) || writer.Hear(take, e, position)) continue;
                // Here the pool ran dry: so far the take is kept.
                take.Frames = Math.Max(before, position);
                return (int)(take.Frames - before);
            }
        take.Frames = before + block.Frames;
        return block.Frames;
    }

    private protected override Tape Shortest(Tape tape)
    {
        if (NoteTape.Begin(ref tape, pool)) tape.Frames = 1;
        return tape;
    }

    // A note that is held across the loop's end ends there.
    private protected override void CloseTape(in Tape tape)
    {
        if (!tape.IsEmpty) writer.CloseAll(tape, tape.Frames);
        writer.Clear();
    }

    private protected override void StartWriting(in Layer above, long frame)
    {
        writer.Clear();
        layer.Tape = above.Tape;
        NoteSounding(frame);
    }

    private protected override void FinishWriting(long frame)
    {
        if (!writer.CloseAll(Now.Now.Tape, (long)Math.Floor(PositionAt(frame - 1)) + 1)) audio.Refuse(writeCause, Reason.Failed);
    }

    bool Hears(in NoteEvent e) => input.Second < 0 || e.Channel == input.Second;

    private protected override void Listen(in Block block)
    {
        var peak = 0;
        if (input.First >= 0)
            foreach (ref readonly var e in looper.HeardNotes(block, input.First))
                if (e.IsOn && Hears(e)) peak = Math.Max(peak, e.Velocity);
        ShowLevels(block, peak / 127f);
    }

    private protected override void Sound(in Block block)
    {
        GoTo(block.Frame);
        if (monitor.Target == 0 || IsLeaving) through.EndAll(block.Frame);
        if (input.First >= 0)
            foreach (ref readonly var e in looper.HeardNotes(block, input.First))
            {
                if (!Hears(e)) continue;
                PlayUntil(e.Frame + 1);
                if (monitor.Target != 0 && !IsLeaving) PassThrough(e);
                if (Now.State == LoopState.Overdubbing && !writer.Hear(Now.Now.Tape, e, TapePosition(e.Frame))) EndDryPass(e.Frame);
            }
        PlayUntil(block.Frame + block.Frames);
        NoteTurns(block.Frame, block.Frames);
    }

    // The pool ran dry: what was added so far is kept, and whoever began it is told.
    void EndDryPass(long frame)
    {
        audio.At(frame);
        audio.Refuse(writeCause, Reason.Failed);
        SetState(LoopState.Looping, frame);
    }

    void PassThrough(in NoteEvent e)
    {
        if (output.First < 0 || e.Kind == 0xF0) return;
        var channel = output.Second < 0 ? e.Channel : output.Second;
        if (e.IsOff) through.Off(e.Frame, e);
        else if (gain == 0) return;
        else if (e.IsOn) through.On(e.Frame, e, NoteMixer.KeyOf(output.First, channel, e.Pitch), Scaled(e.Velocity));
        else Send(e.Frame, e.Kind | channel, e.Pitch, e.Velocity);
    }

    int Scaled(float velocity)
    {
        var scaled = Math.Clamp((int)MathF.Round(velocity * gain), 1, 127);
        levelOut = Math.Max(levelOut, scaled / 127f);
        return scaled;
    }
}
