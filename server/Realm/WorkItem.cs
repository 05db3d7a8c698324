using OscLooper.Server.Realtime;

namespace OscLooper.Server.Realm;

/// <summary>[any] Which threads do it: what waits for one kind of thing keeps no other kind waiting.</summary>
enum WorkKind
{
    /// <summary>[any] What a client asked for.</summary>
    Job,
    /// <summary>[any] What the vault reads and writes.</summary>
    Vault,
    /// <summary>[any] What modules do of their own accord.</summary>
    Module,
}

/// <summary>[any] A piece of work on a worker, and whether it gets on: it computes, reads or writes, or says how far it is.</summary>
sealed class WorkItem(Action work, Action<Exception?> then, string imp = "", int slot = -1, string what = "")
{
    // Who only computes gets on, but not for ever; who looks now and then whether another program is ready may wait as long as that program may.
    const double MostComputingSeconds = 120, MostWaitingSeconds = 600, ComputingShare = 0.2;

    Action? work = work;
    Action<Exception?>? then = then;
    readonly object number = new();
    volatile string thread = "";
    volatile CodeBegin? begun;
    long lastSign = SampleClock.MonotonicNow, lastBytes = SampleClock.MonotonicNow, computed, bytes, signs;

    /// <summary>[worker] What is to be done, and what follows on main. It is asked for once: who keeps the item does not keep what it was about.</summary>
    public (Action Work, Action<Exception?> Then) Take()
    {
        var both = (work!, then!);
        (work, then) = (null, null);
        return both;
    }

    /// <summary>[any] Somebody was told that it takes too long.</summary>
    public bool IsGivenUp { get; set; }
    /// <summary>[any] It has come back.</summary>
    public volatile bool IsOver;
    public long Queued { get; } = SampleClock.MonotonicNow;

    /// <summary>[any] Its stay in a module's code; work of the server's own is none.</summary>
    public Stay Stay => imp.Length == 0 ? default : new(number, imp, what, thread, StayKind.Work) { Slot = slot, Mark = Interlocked.Read(ref signs), Begun = begun };

    /// <summary>[worker] It begins, on this thread ("/proc/self/task/N").</summary>
    public void Begin(string onThread) => (begun, thread, lastSign) = (CodeBegin.Here, onThread, SampleClock.MonotonicNow);

    /// <summary>[any] It says how far it is.</summary>
    public void Sign()
    {
        lastSign = lastBytes = SampleClock.MonotonicNow;
        begun = null;
        Interlocked.Increment(ref signs);
    }

    /// <summary>[main] For how long it has not got on.</summary>
    public double StillSeconds
    {
        get
        {
            var now = SampleClock.MonotonicNow;
            if (thread.Length > 0)
            {
                var (_, computedNow, _, bytesNow) = ThreadLook.At(thread, withBytes: true);
                var share = (computedNow - computed) / Math.Max(1.0, now - lastSign);
                if (bytesNow > bytes) lastSign = lastBytes = now;
                else if (computedNow > computed && now - lastBytes < (share > ComputingShare ? MostComputingSeconds : MostWaitingSeconds) * 1e9) lastSign = now;
                (computed, bytes) = (computedNow, bytesNow);
            }
            return (now - lastSign) / 1e9;
        }
    }

    /// <summary>[worker] Where the kernel tells of this thread; empty where it does not.</summary>
    public static string ThisThread => OperatingSystem.IsLinux() && File.ResolveLinkTarget("/proc/thread-self", false) is { } link ? "/proc/" + link.FullName[6..] : "";
}
