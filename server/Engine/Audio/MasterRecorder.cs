using System.Runtime.InteropServices;
using OscLooper.Dsp;

namespace OscLooper.Server.Audio;

/// <summary>[any] The master to a file: the audio side puts frames into a ring of native memory, a worker writes them.</summary>
sealed unsafe class MasterRecorder : IDisposable
{
    const int RingFrames = 1 << 19;   // eleven seconds at 48 kHz: longer than any disk takes a nap

    readonly int lanes, rate;
    readonly Desk desk;
    readonly float* ring;
    readonly Lock writing = new();
    readonly float[] part;
    long written, read, lost;
    bool isRecording;
    string path = "";
    SoundWriter? writer;

    /// <summary>[main] For a master of so many lanes.</summary>
    internal MasterRecorder(int lanes, int rate, Desk desk)
    {
        (this.lanes, this.rate, this.desk) = (lanes, rate, desk);
        ring = (float*)NativeMemory.Alloc((nuint)RingFrames * (nuint)Math.Max(1, lanes), sizeof(float));
        part = new float[4096 * Math.Max(1, lanes)];
    }

    /// <summary>[main] /audio/record: first the frame, then the file, so that a slow disk takes nothing from the beginning.</summary>
    internal void Begin(JobCall call)
    {
        if (path.Length > 0)
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
        path = full;
        call.Ask(1, 0, _ =>
        {
            SoundWriter? made = null;
            string? trouble = null;
            call.OnWorker(() =>
            {
                try
                {
                    made = SoundFile.Create(full, SoundFormat.WavFloat, lanes, rate);
                }
                catch (SoundFileException e)
                {
                    trouble = e.Message;
                }
            }, () =>
            {
                if (made is not null)
                {
                    lock (writing) writer = made;
                    call.Done(full);
                    return;
                }
                path = "";
                call.Ask(0, 0, _ => call.Fail(Reason.Failed, trouble ?? "the file cannot be written"));
            });
        });
    }

    /// <summary>[main] /audio/record_stop.</summary>
    internal void End(JobCall call)
    {
        if (path.Length == 0)
        {
            call.Fail(Reason.Refused, "nothing is recorded");
            return;
        }
        var full = path;
        call.Ask(0, 0, _ => call.OnWorker(Finish, () =>
        {
            path = "";
            if (lost > 0) desk.Log(LogLevel.Error, $"{full}: the disk was too slow, {lost} frames are missing");
            call.Done(full, written / (double)rate);
        }));
    }

    /// <summary>[audio] Begins or ends at this frame.</summary>
    internal void Handle(in Event e, AudioSide audio)
    {
        if (e.B != 0 && !isRecording)
        {
            Volatile.Write(ref read, 0);
            Volatile.Write(ref written, 0);
            lost = 0;
        }
        isRecording = e.B != 0;
        audio.Answer(e);
    }

    /// <summary>[audio] Keeps a stretch of the master.</summary>
    internal void Hear(in Block block, AudioOut master)
    {
        if (!isRecording) return;
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

    /// <summary>[worker] Writes what has come.</summary>
    internal void Work()
    {
        lock (writing)
        {
            if (writer is null) return;
            try
            {
                while (Volatile.Read(ref written) - read is var waiting and > 0)
                {
                    var at = (int)(read & (RingFrames - 1));
                    var frames = (int)Math.Min(Math.Min(waiting, RingFrames - at), part.Length / lanes);
                    writer.Write(new ReadOnlySpan<float>(ring + (long)at * lanes, frames * lanes));
                    Volatile.Write(ref read, read + frames);
                }
            }
            catch (SoundFileException e)
            {
                desk.Log(LogLevel.Error, $"{path}: {e.Message}");
                writer.Dispose();
                writer = null;
            }
        }
    }

    /// <summary>[worker] Writes the rest and puts the file in its place.</summary>
    void Finish()
    {
        Work();
        lock (writing)
        {
            writer?.Commit();
            writer?.Dispose();
            writer = null;
        }
    }

    /// <summary>[main, frozen] A recording under way is kept as far as it got.</summary>
    public void Dispose()
    {
        Finish();
        NativeMemory.Free(ring);
    }
}
