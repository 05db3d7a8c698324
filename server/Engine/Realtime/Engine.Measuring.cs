using System.Runtime;
using OscLooper.Dsp.Native;
using OscLooper.Dsp;
using OscLooper.Server.Audio;

namespace OscLooper.Server.Realtime;

/// <content>[audio] What a thread needs before it plays, and what is measured while it does.</content>
public sealed unsafe partial class Engine
{
    const int WarmUpFrames = 64;
    bool isWarm;

    /// <summary>[any] All that the audio side may call was compiled before its first block.</summary>
    public bool IsWarm => Volatile.Read(ref isWarm);

    /// <summary>[main] Compiles all that the audio side may call and plays a first short block, so that no block of the device waits for that. Before a device starts.</summary>
    public void WarmUp()
    {
        FinishCompiling();
        foreach (var natives in new[] { typeof(WakeEvent), typeof(ThreadClock) }) NativeFiles.Prelink(natives);
        Wake.Signal();
        var first = new Thread(() =>
        {
            EnterThread();
            // The very first time a block is played; a device that comes back must not shift the frames.
            var before = Status.AudioSideAllocatedBytes;
            Process(null, null, Status.Frame == 0 ? WarmUpFrames : 0);
            // What static constructors make then is not made while it plays.
            Volatile.Write(ref Status.AllocatedNow, before);
        }) { Name = "first block" };
        first.Start();
        first.Join();
    }

    // This is the only place where a thread's float mode is changed. What plays runs with denormals off, and nothing is compiled in that mode:
    // all that is known of what the audio side calls (AudioReach) is compiled before, on other threads, live and in a render. What escapes
    // that is counted (Status.AudioSideCompiledMethods), told in the log, and compiled right all the same, see Denormals.

    /// <summary>[any] First thing on every thread that does nothing but play: waits for what is being compiled, switches denormals off, and throws one exception, because the first costs milliseconds.</summary>
    public static void EnterThread()
    {
        Compiling.Finish();
        Denormals.Off();
        try
        {
            throw new InvalidOperationException("The first exception of a thread loads what later ones need.");
        }
        catch (InvalidOperationException)
        {
        }
    }

    (int Collections, long Bytes, long Nanoseconds, long Compiled) Begin()
    {
        Volatile.Write(ref Status.BlocksBegunNow, Status.BlocksBegunNow + 1);
        // Whoever watches wants to know whether this thread computes; a device may change it at any block.
        if (!Format.IsOffline) Volatile.Write(ref Status.ThreadNow, ThreadClock.ThreadNumber);
        return Measured();
    }

    // Whose code comes next, for whoever watches that it comes back.
    void Enter(Player player, bool isHandle) => Become((player.Slot + 1) << 1 | (isHandle ? 1 : 0));

    void Leave() => Become(0);

    // Only one who was away for so long that main stood in for the others finds it otherwise, for the moment that one event takes.
    void Become(long code)
    {
        while (Interlocked.CompareExchange(ref Status.InCodeNow, code, inCode) != inCode) { }
        inCode = code;
    }

    long inCode;

    /// <summary>
    /// [main] While the audio side stays in one imp's code, another imp hears an event from here: so it can still be asked for what it has.
    /// False when that one is the imp itself, or the audio side has come back.
    /// </summary>
    public bool TryStandIn(in Event e)
    {
        const long StandIn = 1L << 62;
        var code = Volatile.Read(ref Status.InCodeNow);
        if (code <= 0 || code >= StandIn || PartOf(e) is not (>= 0 and var place) || schedule.Parts[place].Player is not { Fault: null } player || player.Slot == (code >> 1) - 1) return false;
        if (Interlocked.CompareExchange(ref Status.InCodeNow, code | StandIn, code) != code) return false;
        try
        {
            player.Audio.Accept(e with { Frame = Status.Frame });
            player.Module.Handle(e with { Frame = Status.Frame });
            return true;
        }
        finally
        {
            Volatile.Write(ref Status.InCodeNow, code);
        }
    }

    /// <summary>[main] In a render: <see cref="Process"/> on main's own thread, where between two blocks text becomes numbers and methods are compiled. It has the mode for the block only.</summary>
    public void Render(float** inputs, float** outputs, int frames)
    {
        if (!IsWarm) FinishCompiling();
        var before = Denormals.Exchange(Denormals.Bits);
        try
        {
            Process(inputs, outputs, frames);
        }
        finally
        {
            Denormals.Exchange(before);
        }
    }

    void FinishCompiling()
    {
        Compiling.BeginWithOwn();
        Compiling.FinishAll();
        Volatile.Write(ref isWarm, true);
    }

    (int Collections, long Bytes, long Nanoseconds, long Compiled) Measured() => Format.IsOffline
        ? (0, 0, 0, JitInfo.GetCompiledMethodCount(currentThread: true))
        : (GC.CollectionCount(0), GC.GetAllocatedBytesForCurrentThread(), ThreadClock.Nanoseconds, JitInfo.GetCompiledMethodCount(currentThread: true));

    void End((int Collections, long Bytes, long Nanoseconds, long Compiled) begun, int frames)
    {
        Volatile.Write(ref Status.BlocksEndedNow, Status.BlocksBegunNow);
        if (JitInfo.GetCompiledMethodCount(currentThread: true) - begun.Compiled is var compiled and > 0)
            Volatile.Write(ref Status.CompiledNow, Status.CompiledNow + compiled);
        if (Format.IsOffline) return;
        if (frames > 0)
        {
            var blockNanoseconds = frames * 1e9 / Format.Rate;
            var percent = 100 * (ThreadClock.Nanoseconds - begun.Nanoseconds) / blockNanoseconds;
            if (percent > 100) Volatile.Write(ref Status.OverrunsNow, Status.OverrunsNow + 1);
            if (percent > Status.PeakLoadNow) Volatile.Write(ref Status.PeakLoadNow, percent);
            var smoothing = Math.Min(1, blockNanoseconds / 1e9);
            Volatile.Write(ref Status.LoadNow, Status.LoadNow + (percent - Status.LoadNow) * smoothing);
            // Some show how long a block is.
            if (frames != Status.BlockNow) WakeAll();
            Volatile.Write(ref Status.BlockNow, frames);
        }
        var bytes = GC.GetAllocatedBytesForCurrentThread() - begun.Bytes;
        // A collection of others' garbage in the midst of a block takes back the rest of this thread's allocation buffer (up to 8 KiB)
        // and it looks as if it had been allocated here; what we allocate ourselves shows in the other blocks.
        if (bytes != 0 && GC.CollectionCount(0) == begun.Collections) Volatile.Write(ref Status.AllocatedNow, Status.AllocatedNow + bytes);
    }
}
