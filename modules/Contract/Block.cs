using System.Runtime.CompilerServices;

namespace OscLooper;

/// <summary>[any] What a module is prepared for.</summary>
/// <param name="Rate">Frames in a second.</param>
/// <param name="MaxFrames">No block is longer than this.</param>
/// <param name="Inputs">Lanes of audio:in.</param>
/// <param name="Outputs">Lanes of audio:out.</param>
/// <param name="IsOffline">A render: nothing is heard, everything is awaited.</param>
public readonly record struct AudioFormat(int Rate, int MaxFrames, int Inputs, int Outputs, bool IsOffline)
{
    /// <summary>[any] Frames that every audio lane remembers from before the block (see <see cref="Block.Before"/>).</summary>
    public const int HistoryFrames = 512;

    /// <summary>[any] Length of the fade of every parameter change: 2 ms, 96 frames at 48 kHz.</summary>
    public int RampFrames => Math.Max(1, (int)Math.Round(Rate * 0.002));
}

/// <summary>[audio] A handle on an audio port through which sound comes in.</summary>
public readonly struct AudioIn
{
    internal readonly int FirstLane;
    /// <summary>[any] Lanes of the port.</summary>
    public readonly int Lanes;
    internal AudioIn(int firstLane, int lanes) => (FirstLane, Lanes) = (firstLane, lanes);
}

/// <summary>[audio] A handle on an audio port through which sound goes out. Lanes are silent at block start; modules add to them.</summary>
public readonly struct AudioOut
{
    internal readonly int FirstLane;
    /// <summary>[any] Lanes of the port.</summary>
    public readonly int Lanes;
    internal AudioOut(int firstLane, int lanes) => (FirstLane, Lanes) = (firstLane, lanes);
}

/// <summary>[audio] A stretch of audio. Lives on the stack: it cannot be kept (error CS8345).</summary>
public readonly unsafe ref struct Block
{
    readonly float** ins;
    readonly float** outs;
    readonly NoteLane[] noteIns;
    readonly NoteLane[] noteOuts;
    readonly int offset;

    internal Block(float** ins, float** outs, NoteLane[] noteIns, NoteLane[] noteOuts, int offset, long frame, int frames, Transport transport)
    {
        (this.noteIns, this.noteOuts) = (noteIns, noteOuts);
        this.ins = ins;
        this.outs = outs;
        (this.offset, Frame, Frames, Transport) = (offset, frame, frames, transport);
    }

    /// <summary>[audio] Absolute frame of its first sample.</summary>
    public long Frame { get; }
    /// <summary>[audio] Length in frames.</summary>
    public int Frames { get; }
    /// <summary>[audio] Tempo, bars and beats; constant within the block.</summary>
    public Transport Transport { get; }

    /// <summary>[audio] What comes in on a lane (from 0) of a port.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<float> In(AudioIn port, int lane) => new(ins[port.FirstLane + lane] + offset, Frames);

    /// <summary>[audio] What came in on a lane in the frames before this block, at most <see cref="AudioFormat.HistoryFrames"/>; silence before frame 0.</summary>
    public ReadOnlySpan<float> Before(AudioIn port, int lane, int frames) => new(ins[port.FirstLane + lane] + offset - frames, frames);

    /// <summary>[audio] What goes out on a lane (from 0) of a port.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<float> Out(AudioOut port, int lane) => new(outs[port.FirstLane + lane] + offset, Frames);

    /// <summary>[audio] The notes that come in through a port within this block, in order of their frames.</summary>
    public ReadOnlySpan<NoteEvent> Notes(NotesIn port) => noteIns[port.Index].Between(Frame, Frame + Frames);

    /// <summary>[audio] Sends a note at an absolute frame of this block (outside, the nearest one); false when the port is full. The off of a sounding note always finds room.</summary>
    public bool Send(NotesOut port, long frame, int status, int pitch, int velocity) =>
        noteOuts[port.Index].Send(new NoteEvent(Math.Clamp(frame, Frame, Frame + Math.Max(0, Frames - 1)), (byte)status, (byte)(pitch & 127), (byte)(velocity & 127)));

    /// <summary>[audio] A part of this block. <see cref="Before"/> of the part reaches into the block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Block Slice(int start, int frames) => new(ins, outs, noteIns, noteOuts, offset + start, Frame + start, frames, Transport);
}
