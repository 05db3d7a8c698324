using System.Runtime.InteropServices;
using OscLooper.Dsp;

namespace OscLooper.Looper;

/// <summary>[audio] One way from a lane of the loop to a lane of the output, with its own gain. Out is -1 where it leads nowhere.</summary>
struct Way
{
    public int Lane, Out;
    public bool IsRight;
    public Ramp Gain;
}

/// <summary>[audio] What is heard: voices, monitor, levels.</summary>
unsafe partial class Channel : IDisposable
{
    const int MostLeaving = 16;
    const double LevelFallSeconds = 0.3;

    readonly Overdubber writer;
    private protected Ramp feedback, monitor;
    Ramp heard;     // of the input, for what is written: while it is connected elsewhere it fades
    Voice voice;
    readonly Voice[] leaving = new Voice[MostLeaving];
    int leavingCount;
    float** laneSources, inputs, silence;
    void* memory;
    private protected float levelIn, levelOut;

    // False when nothing sounds, records or waits: then a block costs next to nothing.
    bool IsBusy => voice.IsOn || leavingCount > 0 || Now.State == LoopState.Recording || writer.IsOn || pending != Act.None
                   || monitor.Target != 0 || monitor.IsMoving(audio.Frame) || rerouteFrame >= 0 || HasNotes;

    private protected virtual bool HasNotes => false;

    /// <summary>[audio] Silence changes nothing of it.</summary>
    public bool IsIdle => !voice.IsOn && leavingCount == 0 && Now.State != LoopState.Recording && !writer.IsOn && pending == Act.None && rerouteFrame < 0
                          && !HasNotes && !IsTurning && !IsLeaving && !isNoted && levelIn == 0 && levelOut == 0;

    private protected virtual void MakeSound(AudioFormat format)
    {
        feedback = new Ramp(ramp, 1);
        monitor = new Ramp(ramp, 0);
        heard = new Ramp(ramp, 1);
        // One piece of native memory: five tables of pointers, then the lead of every lane, then a frame of silence.
        memory = NativeMemory.AllocZeroed((nuint)(Lanes * 5 * sizeof(nint) + (Lanes * seamFrames + 1) * sizeof(float)));
        var tables = (float**)memory;
        laneSources = tables;
        inputs = tables + Lanes;
        silence = tables + 2 * Lanes;
        leads = tables + 3 * Lanes;
        leadEnds = tables + 4 * Lanes;
        var floats = (float*)(tables + 5 * Lanes);
        for (var lane = 0; lane < Lanes; lane++)
        {
            leads[lane] = floats + lane * seamFrames;
            silence[lane] = floats + Lanes * seamFrames;
        }
        MakeWays(format);
    }

    private protected virtual void EnterVoice(long frame)
    {
        voice.Enter(Now.Now, ramp, frame);
        NoteSounding(frame);
    }

    private protected virtual void LeaveVoice(long frame)
    {
        if (!voice.IsOn) return;
        if (leavingCount == MostLeaving)
        {
            // More switches within one fade than anybody can hear: the oldest is the quietest.
            for (var i = 1; i < MostLeaving; i++) leaving[i - 1] = leaving[i];
            leavingCount--;
        }
        ref var last = ref leaving[leavingCount++];
        last = voice;
        last.Leave(frame);
        voice.IsOn = false;
        NoteSounding(frame);
    }

    void UpdateMonitor(long frame)
    {
        var isHeard = (Monitor)(int)cells.Monitor.Value switch
        {
            Looper.Monitor.On => true,
            Looper.Monitor.Auto => pending is Act.Record or Act.Overdub || Now.State is not (LoopState.Looping or LoopState.Paused or LoopState.Oneshot),
            _ => false,
        };
        if (monitor.Target != (isHeard ? 1 : 0)) monitor.Start(frame, isHeard ? 1 : 0);
    }

    // Writes what is recorded; fewer frames than the block has when the pool ran dry.
    private protected virtual int RecordSome(in Block block)
    {
        if (!leadsTaken) TakeLeads(block);
        FindInputs(block);
        return heard.Target == 1 && !heard.IsMoving(block.Frame) ? take.Append(pool, inputs, block.Frames) : RecordFaded(block);
    }

    int RecordFaded(in Block block)
    {
        var frames = Math.Min(block.Frames, Voice.ScratchFrames);
        for (var done = 0; done < block.Frames;)
        {
            var run = Math.Min(frames, block.Frames - done);
            for (var lane = 0; lane < Lanes; lane++)
            {
                var faded = new Span<float>(looper.Scratch[lane], run);
                new ReadOnlySpan<float>(inputs[lane] + done, run).CopyTo(faded);
                Dsp.Mix.ScaleRamped(faded, heard, block.Frame + done);
            }
            var written = take.Append(pool, looper.Scratch, run);
            done += written;
            if (written < run) return done;
        }
        return block.Frames;
    }

    void FindInputs(in Block block)
    {
        for (var lane = 0; lane < Lanes; lane++) inputs[lane] = looper.Input(block, inputLanes[lane]);
    }

    private protected virtual void Sound(in Block block)
    {
        FindInputs(block);
        if (monitor.Target != 0 || monitor.IsMoving(block.Frame)) MixMonitor(block);
        if (voice.IsOn) Mix(ref voice, block);
        for (var i = 0; i < leavingCount; i++) Mix(ref leaving[i], block);
        DropSilent(block.Frame + block.Frames);
        NoteTurns(block.Frame, block.Frames);
        if (writer.IsOn && !writer.Write(block.Frame, block.Frames, inputs, feedback, heard))
        {
            audio.Refuse(writeCause, Reason.Failed);
            if (Now.State == LoopState.Overdubbing) SetState(LoopState.Looping, block.Frame);
        }
    }

    void MixMonitor(in Block block)
    {
        foreach (ref var way in ways.AsSpan())
            if (way.Out >= 0)
                MixWay(looper.Output(block, way.Out), new ReadOnlySpan<float>(inputs[way.Lane], block.Frames), block.Frame, monitor, way);
    }

    void Mix(ref Voice from, in Block block)
    {
        var done = 0;
        while (done < block.Frames)
        {
            var frame = block.Frame + done;
            if (from.Fade.Target == 0 && !from.Fade.IsMoving(frame)) return;
            var run = from.Read(frame, block.Frames - done, laneSources, looper.Scratch);
            foreach (ref var way in ways.AsSpan())
            {
                if (way.Out < 0) continue;
                var source = new ReadOnlySpan<float>(laneSources[way.Lane], run);
                MixWay(looper.Output(block, way.Out).Slice(done, run), source, frame, from.Fade, way);
            }
            done += run;
        }
    }

    void MixWay(Span<float> to, ReadOnlySpan<float> source, long frame, in Ramp fade, in Way way)
    {
        var (isFading, isMoving) = (fade.IsMoving(frame), way.Gain.IsMoving(frame));
        if (!isFading && fade.Target == 0 || !isMoving && way.Gain.Target == 0) return;
        if (!isFading && !isMoving) Dsp.Mix.AddScaled(to, source, fade.Target * way.Gain.Target);
        else if (!isMoving) Dsp.Mix.AddRamped(to, source, fade, frame, way.Gain.Target);
        else if (!isFading) Dsp.Mix.AddRamped(to, source, way.Gain, frame, fade.Target);
        else
            for (var i = 0; i < source.Length; i++)
                to[i] += source[i] * (fade.At(frame + i) * way.Gain.At(frame + i));
        var last = frame + source.Length - 1;
        var gain = MathF.Max(fade.At(frame), fade.At(last)) * MathF.Max(way.Gain.At(frame), way.Gain.At(last));
        levelOut = MathF.Max(levelOut, Dsp.Mix.Peak(source) * gain);
    }

    void DropSilent(long frame)
    {
        var kept = 0;
        for (var i = 0; i < leavingCount; i++)
            if (leaving[i].Fade.IsMoving(frame)) leaving[kept++] = leaving[i];
        leavingCount = kept;
    }

    // Levels fall slowly, so that a page that looks thirty times a second sees every peak.
    private protected virtual void Listen(in Block block)
    {
        var peak = 0f;
        foreach (var lane in inputLanes) peak = MathF.Max(peak, looper.InputPeak(lane));
        ShowLevels(block, peak);
    }

    private protected void ShowLevels(in Block block, float peak)
    {
        if (IsLeaving) return;
        var fall = (float)Math.Max(0, 1 - block.Frames / (rate * LevelFallSeconds));
        levelIn = Audible(Heal(MathF.Max(peak, levelIn * fall)));
        levelOut = Heal(levelOut);
        cells.LevelIn.Put(levelIn);
        cells.LevelOut.Put(levelOut);
        levelOut = Audible(levelOut * fall);
    }

    // What falls by shares would never be nothing.
    static float Audible(float level)
    {
        const float Least = 1e-10f;
        return level < Least ? 0 : level;
    }

    // What is not a number would be the largest for ever.
    static float Heal(float level) => float.IsFinite(level) ? level : 0;

    void PublishContents()
    {
        var cycles = Now.HoldsLoop ? 1 : 0;
        if (cells.Cycles.Value != cycles) cells.Cycles.Set(cycles);
        if (cells.Layers.Value != Now.Undo.Count) cells.Layers.Set(Now.Undo.Count);
        if (cells.RedoLayers.Value != Now.Redo.Count) cells.RedoLayers.Set(Now.Redo.Count);
        UpdateGauges(audio.Frame);
    }

    void UpdateGauges(long frame)
    {
        if (IsLeaving) return;
        TellSounding();
        if (Now.State == LoopState.Recording)
        {
            cells.Frames.Put(take.Frames);
            cells.Length.Put(take.Frames / rate);
            cells.Position.Put(0);
            cells.Origin.Put(takeFrame);
            return;
        }
        var loop = Now.Now;
        cells.Frames.Put(loop.Tape.Frames);
        cells.Length.Put(loop.Tape.Period / rate);
        if (IsTurning)
        {
            cells.Position.Put(loop.Phase.PositionAt(frame) / loop.Phase.Period);
            cells.Origin.Put(Math.Round(loop.Phase.LastZero(frame)));
        }
        else cells.Position.Put(loop.IsEmpty ? 0 : Now.RestPosition / loop.Phase.Period);
    }

    public void Dispose()
    {
        NativeMemory.Free(memory);
        memory = null;
    }
}
