using System.Globalization;
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
sealed class WorkItem(Action work, Action<Exception?> then)
{
    // Who only computes gets on, but not for ever; who looks now and then whether another program is ready may wait as long as that program may.
    const double MostComputingSeconds = 120, MostWaitingSeconds = 600, ComputingShare = 0.2;

    volatile string thread = "";
    long lastSign = SampleClock.MonotonicNow, lastBytes = SampleClock.MonotonicNow, computed, bytes;

    public Action Work => work;
    public Action<Exception?> Then => then;
    /// <summary>[any] Somebody was told that it takes too long.</summary>
    public bool IsGivenUp { get; set; }
    /// <summary>[any] It has come back.</summary>
    public volatile bool IsOver;
    public long Queued { get; } = SampleClock.MonotonicNow;

    /// <summary>[worker] It begins, on this thread ("/proc/self/task/N").</summary>
    public void Begin(string onThread) => (thread, lastSign) = (onThread, SampleClock.MonotonicNow);

    /// <summary>[any] It says how far it is.</summary>
    public void Sign() => lastSign = lastBytes = SampleClock.MonotonicNow;

    /// <summary>[main] For how long it has not got on.</summary>
    public double StillSeconds
    {
        get
        {
            var now = SampleClock.MonotonicNow;
            if (thread.Length > 0)
            {
                var (computedNow, bytesNow) = Look(thread);
                var share = (computedNow - computed) / Math.Max(1.0, now - lastSign);
                if (bytesNow > bytes) lastSign = lastBytes = now;
                else if (computedNow > computed && now - lastBytes < (share > ComputingShare ? MostComputingSeconds : MostWaitingSeconds) * 1e9) lastSign = now;
                (computed, bytes) = (computedNow, bytesNow);
            }
            return (now - lastSign) / 1e9;
        }
    }

    // Nanoseconds of processor time and bytes read and written, as the kernel counts them (proc(5): schedstat, io); elsewhere only Sign tells.
    static (long Nanoseconds, long Bytes) Look(string thread)
    {
        try
        {
            var time = File.ReadAllText(thread + "/schedstat").Split(' ');
            long moved = 0;
            foreach (var line in File.ReadLines(thread + "/io"))
                if (line.StartsWith("rchar: ", StringComparison.Ordinal) || line.StartsWith("wchar: ", StringComparison.Ordinal))
                    moved += long.Parse(line.AsSpan(7), CultureInfo.InvariantCulture);
            return (long.Parse(time[0], CultureInfo.InvariantCulture), moved);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or IndexOutOfRangeException)
        {
            return (0, 0);
        }
    }

    /// <summary>[worker] Where the kernel tells of this thread; empty where it does not.</summary>
    public static string ThisThread => OperatingSystem.IsLinux() && File.ResolveLinkTarget("/proc/thread-self", false) is { } link ? "/proc/" + link.FullName[6..] : "";
}
