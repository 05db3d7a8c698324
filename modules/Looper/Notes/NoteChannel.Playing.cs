using OscLooper.Dsp;

namespace OscLooper.Looper;

/// <content>[audio] The reading head: a record plays at the first frame whose position has reached it; a turn begins with silence.</content>
sealed partial class NoteChannel
{
    Layer layer;
    bool isOn;
    long nextFrame, done;       // the next frame to be played; records before this position have been played in this turn
    double lastPosition;
    int hint;
    readonly byte[] pedals = new byte[16];
    ushort bent;

    private protected override void EnterVoice(long frame)
    {
        (layer, isOn) = (Now.Now, Now.HoldsLoop);
        Seek(frame);
        NoteSounding(frame);
    }

    private protected override void LeaveVoice(long frame)
    {
        if (isOn) NoteSilence(frame);
        EndPlayed(frame);
    }

    private protected override void ChangeVoice(long frame, double before, double to)
    {
        layer.Phase = Now.Now.Phase;
        if (to <= 0) EndPlayed(frame);
        NoteSounding(frame);
    }

    private protected override bool TryHear(out Layer heard)
    {
        heard = layer;
        return isOn;
    }

    void NoteSilence(long frame)
    {
        isOn = false;
        NoteSounding(frame);
    }

    void Seek(long frame)
    {
        (nextFrame, hint) = (frame, 0);
        if (!isOn) return;
        lastPosition = PositionAt(frame);
        done = (long)Math.Ceiling(lastPosition);
    }

    // Where it did not play for a while (frozen, say) it does not catch up.
    void GoTo(long frame)
    {
        if (frame == nextFrame) return;
        EndPlayed(frame);
        Seek(frame);
    }

    // Ends the notes of the loop, lifts its pedals and centres its bends.
    void EndPlayed(long frame)
    {
        holds.EndAll(frame);
        for (var channel = 0; channel < 16; channel++)
        {
            if ((pedals[channel] & 1) != 0) looper.Notes.Message(frame, holds.Port, NoteEvent.Control | channel, 64, 0, lifts: true);
            if ((pedals[channel] & 2) != 0) looper.Notes.Message(frame, holds.Port, NoteEvent.Control | channel, 66, 0, lifts: true);
            if ((pedals[channel] & 4) != 0) looper.Notes.Message(frame, holds.Port, NoteEvent.Control | channel, 69, 0, lifts: true);
            if ((bent & 1 << channel) != 0) looper.Notes.Message(frame, holds.Port, NoteEvent.Bend | channel, 0, 64, lifts: true);
            pedals[channel] = 0;
        }
        bent = 0;
    }

    // Frames from the loop's start, on the tape, which may be a fraction of a frame longer or shorter than a turn.
    double PositionAt(long frame)
    {
        if (layer.Phase.Rate == 1) return frame - layer.Phase.TurnAt(frame).Start;
        return layer.Phase.PositionAt(frame) * (layer.Tape.Frames / layer.Phase.Period);
    }

    long TapePosition(long frame) => Math.Clamp((long)PositionAt(frame), 0, layer.Tape.Frames - 1);

    void PlayUntil(long until)
    {
        while (isOn && nextFrame < until && layer.Phase.Rate > 0)
        {
            var frame = nextFrame;
            var (position, last) = (PositionAt(frame), frame);
            var isTurnEnding = false;
            if (layer.Phase.Rate == 1)
            {
                var end = layer.Phase.TurnAt(frame).End;
                last = Math.Min(until, end) - 1;
                isTurnEnding = last == end - 1;
            }
            if (position < lastPosition || layer.Phase.Rate >= layer.Tape.Frames) BeginTurn(frame);
            lastPosition = position + (last - frame);
            PlayStretch(frame, last, (long)position, (long)lastPosition, isTurnEnding);
            nextFrame = last + 1;
        }
        nextFrame = Math.Max(nextFrame, until);
    }

    // What is held across the loop's end ends here, what is played as well as what is being written.
    void BeginTurn(long frame)
    {
        EndPlayed(frame);
        if (Now.State == LoopState.Overdubbing && !writer.CloseAll(layer.Tape, layer.Tape.Frames)) EndDryPass(frame);
        (done, hint) = (0, 0);
    }

    void PlayStretch(long frame, long lastFrame, long from, long to, bool isTurnEnding)
    {
        var place = NoteTape.Find(layer.Tape, done, hint);
        while (true)
        {
            var isNext = NoteTape.TryRead(layer.Tape, ref place, out var record) && (record.Position <= to || isTurnEnding);
            if (holds.NextEnd <= to && (!isNext || holds.NextEnd <= record.Position))
            {
                holds.EndUntil(Math.Min(lastFrame, frame + Math.Max(0, holds.NextEnd - from)), holds.NextEnd);
                continue;
            }
            if (!isNext) break;
            Play(Math.Min(lastFrame, frame + Math.Max(0, record.Position - from)), record);
            if (Now.State != LoopState.Overdubbing || !record.IsNote || feedback.Target == 1) place.Index++;
            else if (!NoteTape.Scale(layer.Tape, pool, ref place, record.Velocity * feedback.Target))
            {
                place.Index++;
                EndDryPass(frame);
            }
        }
        (done, hint) = (to + 1, place.Slot);
    }

    void Play(long frame, in NoteRecord record)
    {
        if (gain == 0 || output.First < 0) return;
        var channel = output.Second < 0 ? record.Status & 15 : output.Second;
        if (record.IsNote)
        {
            if (MathF.Round(record.Velocity * gain) >= 1) holds.Start(frame, channel, record.First, Scaled(record.Velocity), record.End);
            return;
        }
        var kind = record.Status & 0xF0;
        if (kind == NoteEvent.Control && record.First is 64 or 66 or 69)
        {
            var bit = record.First switch { 64 => 1, 66 => 2, _ => 4 };
            pedals[channel] = (byte)(record.Second >= 64 ? pedals[channel] | bit : pedals[channel] & ~bit);
        }
        if (kind == NoteEvent.Bend) bent = (ushort)(record.First != 0 || record.Second != 64 ? bent | 1 << channel : bent & ~(1 << channel));
        Send(frame, kind | channel, record.First, record.Second);
    }

    void Send(long frame, int status, int first, int second) => looper.Notes.Message(frame, output.First, status, first, second);
}
