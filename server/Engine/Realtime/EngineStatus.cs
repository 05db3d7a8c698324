namespace OscLooper.Server.Realtime;

/// <summary>[any] How the engine does; written by the audio side, read by anyone.</summary>
public sealed class EngineStatus
{
    internal long InCodeNow, BlocksBegunNow, BlocksEndedNow, ThreadNow, FrameNow, BlockNow, DeviceBlockNow, DeviceRateNow, OverrunsNow, LateNow, AllocatedNow, WaitingNow, LostCyclesNow, FaultsNow, CompiledNow;
    internal readonly long[] BadInput;
    internal double LoadNow, PeakLoadNow;

    /// <summary>[main] For a device with so many lanes.</summary>
    internal EngineStatus(int inputs) => BadInput = new long[inputs];

    /// <summary>[any] Blocks that the audio side has begun, and those it has ended: while they differ it is in one.</summary>
    public (long Begun, long Ended) Blocks => (Volatile.Read(ref BlocksBegunNow), Volatile.Read(ref BlocksEndedNow));
    /// <summary>[any] Whose code it is in, as (slot, true for Handle, false for Process); slot -1 = its own.</summary>
    public (int Slot, bool IsHandle) InCode => Volatile.Read(ref InCodeNow) is var code and > 0 ? ((int)(code >> 1) - 1, (code & 1) != 0) : (-1, false);
    /// <summary>[any] The system's number of the thread that plays; 0 where it has none.</summary>
    public int Thread => (int)Volatile.Read(ref ThreadNow);

    /// <summary>[any] First frame of the next block.</summary>
    public long Frame => Volatile.Read(ref FrameNow);
    /// <summary>[any] Frames of the engine in the last block.</summary>
    public int Block => (int)Volatile.Read(ref BlockNow);
    /// <summary>[any] Frames of the device in a block, at its rate.</summary>
    public int DeviceBlock => (int)Volatile.Read(ref DeviceBlockNow);
    /// <summary>[any] Frames of the device in a second; the engine keeps its own rate.</summary>
    public int DeviceRate => (int)Volatile.Read(ref DeviceRateNow);
    /// <summary>[any] The engine's own time as a share of the block, averaged over about a second.</summary>
    public double LoadPercent => Volatile.Read(ref LoadNow);
    /// <summary>[any] The largest share that one block took.</summary>
    public double PeakLoadPercent => Volatile.Read(ref PeakLoadNow);
    /// <summary>[any] Blocks for which the engine's own time was longer than the block.</summary>
    public long Overruns => Volatile.Read(ref OverrunsNow);
    /// <summary>[any] Events that came after their frame.</summary>
    public long Late => Volatile.Read(ref LateNow);
    /// <summary>[any] Bytes that the audio side has allocated: 0.</summary>
    public long AudioSideAllocatedBytes => Volatile.Read(ref AllocatedNow);
    /// <summary>[any] Methods that were compiled while they played: 0, unless a module calls what cannot be found from its Process and Handle.</summary>
    public long AudioSideCompiledMethods => Volatile.Read(ref CompiledNow);
    /// <summary>[any] Samples of a lane of the device, counted from 0, that were no sound (see <see cref="Dsp.Samples"/>) and taken for silence.</summary>
    public long BadInputSamples(int lane) => Volatile.Read(ref BadInput[lane]);
    /// <summary>[any] Events that wait for their frame.</summary>
    public int Waiting => (int)Volatile.Read(ref WaitingNow);
    /// <summary>[any] Cycles that the device says were lost (JACK's xruns).</summary>
    public long LostCycles => Volatile.Read(ref LostCyclesNow);
    /// <summary>[any] Imps that threw on the audio side and are bypassed.</summary>
    public long Faults => Volatile.Read(ref FaultsNow);
}
