using System.Runtime.InteropServices;
using OscLooper.Dsp;

namespace OscLooper.Server.Audio;

/// <summary>
/// [any] The master to a file: the audio side puts frames into a ring of native memory, a worker writes them. When writing fails, what fitted is a
/// whole file under its name, whoever records is told at once, and the next recording may begin.
/// </summary>
sealed unsafe class MasterRecorder : IDisposable
{
    const int RingFrames = 1 << 19;   // eleven seconds at 48 kHz: longer than any disk takes a nap
    const long LookMilliseconds = 500;

    enum State { Idle, Beginning, Recording, Ending }

    /// <summary>How a recording ended: where it lies, how many frames it has, and what went wrong (empty: nothing).</summary>
    sealed record Outcome(string Path, long Frames, string Trouble);

    readonly int lanes, rate;
    readonly Desk desk;
    readonly float* ring;
    readonly Lock writing = new();
    readonly float[] part;
    long written, read, lost;
    int heardNumber;

    // [main]
    State state;
    int number;
    string path = "", failed = "";
    JobCall? begun, endAsked;

    // [worker], under writing
    SoundWriter? writer;
    Outcome? outcome;
    long nextLook;

    /// <summary>[main] For a master of so many lanes.</summary>
    internal MasterRecorder(int lanes, int rate, Desk desk)
    {
        (this.lanes, this.rate, this.desk) = (lanes, rate, desk);
        ring = (float*)NativeMemory.Alloc((nuint)RingFrames * (nuint)Math.Max(1, lanes), sizeof(float));
        part = new float[4096 * Math.Max(1, lanes)];
    }

    /// <summary>[main] The job that begins a recording: its audio side is told through it.</summary>
    internal Errand Errand { get; set; }

    /// <summary>[main] /audio/record: first the frame, then the file, so that a slow disk takes nothing from the beginning.</summary>
    internal void Begin(JobCall call)
    {
        if (state != State.Idle)
        {
            call.Fail(Reason.Refused, $"already recording {path}");
            return;
        }
        var full = desk.Resolve(call.Text(0), true, out var why);
        if (full is null)
        {
            call.Fail(Reason.Refused, why);
            return;
        }
        (state, path, failed, begun, endAsked) = (State.Beginning, full, "", call, null);
        number++;
        call.Ask(1, number, _ =>
        {
            SoundWriter? made = null;
            var trouble = "";
            call.OnWorker(() =>
            {
                try
                {
                    made = SoundFile.Record(full, lanes, rate);
                }
                catch (SoundFileException e)
                {
                    trouble = e.Message;
                }
            }, () => Begun(call, made, trouble));
        });
    }

    void Begun(JobCall call, SoundWriter? made, string trouble)
    {
        if (made is null)
        {
            Rest();
            call.Fail(Reason.Failed, trouble.Length > 0 ? trouble : "the file cannot be written");
            endAsked?.Fail(Reason.Refused, "nothing is recorded");
            return;
        }
        lock (writing) (writer, outcome, nextLook) = (made, null, Environment.TickCount64 + LookMilliseconds);
        state = State.Recording;
        call.Done(path);
        if (endAsked is { } end) End(end);
    }

    /// <summary>[main] /audio/record_stop.</summary>
    internal void End(JobCall call)
    {
        switch (state)
        {
            case State.Beginning when endAsked is null:
                endAsked = call;
                break;
            case State.Recording:
                state = State.Ending;
                call.Ask(0, number, _ => call.OnWorker(Finish, () =>
                {
                    Outcome? how;
                    lock (writing) how = outcome;
                    (state, begun) = (State.Idle, null);
                    if (how is null) call.Fail(Reason.Failed, $"{path}: nothing was written");
                    else if (how.Trouble.Length == 0) call.Done(how.Path, how.Frames / (double)rate);
                    else
                    {
                        desk.ReportLoss(how.Trouble);
                        call.Fail(Reason.Failed, how.Trouble);
                    }
                }));
                break;
            // What whoever began it was told already.
            case State.Idle when failed.Length > 0:
                call.Fail(Reason.Failed, failed);
                failed = "";
                break;
            case State.Idle:
                call.Fail(Reason.Refused, "nothing is recorded");
                break;
            default:
                call.Fail(Reason.Refused, $"the recording of {path} is being ended");
                break;
        }
    }

    // A write has failed in the midst of it.
    void Broken(Outcome how)
    {
        desk.ReportLoss(how.Trouble);
        // Whoever ends it meanwhile is told by that.
        if (state != State.Recording || !ReferenceEquals(how, Volatile.Read(ref outcome))) return;
        begun?.FailLater(Reason.Failed, how.Trouble);
        failed = how.Trouble;
        Rest();
    }

    void Rest()
    {
        (state, begun) = (State.Idle, null);
        desk.Tell(Errand, -1, 0, number);
    }

    /// <summary>[audio] Begins or ends at this frame; one that has been followed by another is over already.</summary>
    internal void Handle(in Event e, AudioSide audio)
    {
        if (e.B != 0)
        {
            Volatile.Write(ref read, 0);
            Volatile.Write(ref written, 0);
            lost = 0;
            heardNumber = (int)e.C;
        }
        else if (e.C == heardNumber) heardNumber = 0;
        audio.WakeBackground();
        // What main says without a ticket awaits no answer.
        if (e.A != 0) audio.Answer(e);
    }

    /// <summary>[audio] Keeps a stretch of the master.</summary>
    internal void Hear(in Block block, AudioOut master)
    {
        if (heardNumber == 0) return;
        var free = RingFrames - (written - Volatile.Read(ref read));
        var frames = (int)Math.Min(block.Frames, free);
        lost += block.Frames - frames;
        for (var lane = 0; lane < lanes; lane++)
        {
            var from = block.Out(master, lane);
            for (var i = 0; i < frames; i++) ring[((written + i) & (RingFrames - 1)) * lanes + lane] = from[i];
        }
        Volatile.Write(ref written, written + frames);
    }

    /// <summary>[audio] Every frame is wanted.</summary>
    internal bool IsRecording => heardNumber != 0;

    /// <summary>[worker] Something is recorded, or waits to be written.</summary>
    internal bool IsWriting => Volatile.Read(ref heardNumber) != 0 || Volatile.Read(ref writer) is not null;

    /// <summary>[worker] Writes what has come.</summary>
    internal void Work()
    {
        lock (writing)
        {
            if (writer is null) return;
            try
            {
                WriteWaiting(writer);
                if (Environment.TickCount64 < nextLook) return;
                nextLook = Environment.TickCount64 + LookMilliseconds;
                if (writer.IsInPlace) return;
                Conclude(writer.TakenAway);
            }
            catch (SoundFileException e)
            {
                Conclude(e.Message);
            }
            var how = outcome!;
            desk.Post(() => Broken(how));
        }
    }

    void WriteWaiting(SoundWriter to)
    {
        while (Volatile.Read(ref written) - read is var waiting and > 0)
        {
            var at = (int)(read & (RingFrames - 1));
            var frames = (int)Math.Min(Math.Min(waiting, RingFrames - at), part.Length / lanes);
            to.Write(new ReadOnlySpan<float>(ring + (long)at * lanes, frames * lanes));
            Volatile.Write(ref read, read + frames);
        }
    }

    // Under writing: the file is completed and put in its place, whatever happened.
    void Conclude(string trouble)
    {
        if (writer is null) return;
        var (own, frames) = (writer, writer.Frames);
        writer = null;
        var (kept, more) = own.Keep();
        if (kept.Length == 0) frames = 0;
        if (more.Length > 0 && more != trouble) trouble += (trouble.Length > 0 ? "; " : "") + more;
        if (lost > 0) trouble += $"{(trouble.Length > 0 ? "; " : $"{Path.GetFileName(path)}: ")}the disk was too slow, {lost} frames are missing";
        if (trouble.Length > 0) trouble += kept.Length > 0 ? $"; {frames / (double)rate:0.00} s are kept in {kept}" : "; nothing is kept";
        outcome = new Outcome(kept, frames, trouble);
    }

    /// <summary>[worker] Writes the rest and puts the file in its place.</summary>
    void Finish()
    {
        lock (writing)
        {
            if (writer is null) return;
            try
            {
                WriteWaiting(writer);
                Conclude("");
            }
            catch (SoundFileException e)
            {
                Conclude(e.Message);
            }
        }
    }

    /// <summary>[main, frozen] A recording under way is kept as far as it got.</summary>
    public void Dispose()
    {
        var isUnderWay = writer is not null;
        Finish();
        if (isUnderWay && outcome is { Trouble.Length: > 0 } how) desk.ReportLoss(how.Trouble);
        NativeMemory.Free(ring);
    }
}
