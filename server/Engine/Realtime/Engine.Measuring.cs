using OscLooper.Dsp.Native;
using OscLooper.Dsp;
using OscLooper.Server.Audio;

namespace OscLooper.Server.Realtime;

/// <content>[audio] What a thread needs before it plays, and what is measured while it does.</content>
public sealed unsafe partial class Engine
{
    const int WarmUpFrames = 64;
    bool isWarm;

    /// <summary>[main] Compiles all that the audio side may call and plays a first short block, so that no block of the device waits for that. Before a device starts.</summary>
    public void WarmUp()
    {
        Compiling.BeginWithOwn();
        Compiling.Finish();
        Volatile.Write(ref isWarm, true);
        foreach (var natives in new[] { typeof(Doorbell), typeof(ThreadClock) }) NativeFiles.Prelink(natives);
        Doorbell.Ring();
        // On a thread of its own: denormals stay as they are on this one, where text becomes numbers and methods are compiled.
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

    /// <summary>[any] First thing on every thread that will process: denormals off, and one exception thrown, because the first costs milliseconds.</summary>
    public static void EnterThread()
    {
        Denormals.Off();
        try
        {
            throw new InvalidOperationException("The first exception of a thread loads what later ones need.");
        }
        catch (InvalidOperationException)
        {
        }
    }

    (int Collections, long Bytes, long Nanoseconds) Begin() =>
        Format.IsOffline ? default : (GC.CollectionCount(0), GC.GetAllocatedBytesForCurrentThread(), ThreadClock.Nanoseconds);

    void End((int Collections, long Bytes, long Nanoseconds) begun, int frames)
    {
        if (Format.IsOffline) return;
        if (frames > 0)
        {
            var blockNanoseconds = frames * 1e9 / Format.Rate;
            var percent = 100 * (ThreadClock.Nanoseconds - begun.Nanoseconds) / blockNanoseconds;
            if (percent > 100) Volatile.Write(ref Status.OverrunsNow, Status.OverrunsNow + 1);
            if (percent > Status.PeakLoadNow) Volatile.Write(ref Status.PeakLoadNow, percent);
            var smoothing = Math.Min(1, blockNanoseconds / 1e9);
            Volatile.Write(ref Status.LoadNow, Status.LoadNow + (percent - Status.LoadNow) * smoothing);
            Volatile.Write(ref Status.BlockNow, frames);
        }
        var bytes = GC.GetAllocatedBytesForCurrentThread() - begun.Bytes;
        // A collection of others' garbage in the midst of a block takes back the rest of this thread's allocation buffer (up to 8 KiB)
        // and it looks as if it had been allocated here; what we allocate ourselves shows in the other blocks.
        if (bytes != 0 && GC.CollectionCount(0) == begun.Collections) Volatile.Write(ref Status.AllocatedNow, Status.AllocatedNow + bytes);
    }
}
