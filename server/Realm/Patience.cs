using System.Globalization;
using OscLooper.Server.Realtime;

namespace OscLooper.Server.Realm;

/// <summary>[any] What the kernel says of a thread: whether it computes or would like to, nanoseconds in which it did and in which it had to wait for a processor, bytes it read and wrote.</summary>
readonly record struct ThreadLook(bool IsReady, long Computed, long Queued, long Bytes)
{
    // proc(5): stat has the state after the name in brackets, R = computes or would like to; schedstat: on a processor, waiting for one; io: bytes.
    /// <summary>[any] Looks at "/proc/self/task/N"; nothing is known of an empty name, or where the system tells nothing.</summary>
    public static ThreadLook At(string thread, bool withBytes)
    {
        if (thread.Length == 0) return default;
        try
        {
            var stat = File.ReadAllText(thread + "/stat");
            var time = File.ReadAllText(thread + "/schedstat").Split(' ');
            return new(stat[stat.LastIndexOf(')') + 2] == 'R', Number(time[0]), Number(time[1]), withBytes ? BytesOf(thread) : 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or IndexOutOfRangeException)
        {
            return default;
        }
    }

    static long BytesOf(string thread)
    {
        long bytes = 0;
        foreach (var line in File.ReadLines(thread + "/io"))
            if (line.StartsWith("rchar: ", StringComparison.Ordinal) || line.StartsWith("wchar: ", StringComparison.Ordinal)) bytes += Number(line.AsSpan(7));
        return bytes;
    }

    static long Number(ReadOnlySpan<char> text) => long.Parse(text, CultureInfo.InvariantCulture);
}

/// <summary>
/// [any] For how long a thread could have come back and did not: time in which others kept it from computing does not count
/// (a machine that is busy must not make a module look endless). Where the system tells nothing of threads, all time counts.
/// </summary>
sealed class Patience
{
    // Less than that is a trickle: an endless loop may do it, too.
    const double LeastBytesPerSecond = 100_000;
    string thread = "";
    object? what;
    long mark, last;
    ThreadLook seen;
    double seconds;

    /// <summary>[any] It was under way the last time, too.</summary>
    public bool IsUnderWay => what is not null;

    /// <summary>[any] It read or wrote in earnest between the last two looks.</summary>
    public bool IsFlowing { get; private set; }

    /// <summary>[any] Looks: how long the same thing has been under way on this thread ("/proc/self/task/N"); null = nothing is.</summary>
    public double Look(object? underWay, string onThread) => Look(new Stay(underWay, "", "", onThread));

    /// <summary>[any] The same of a stay; what its kind takes for a sign of life begins the time anew.</summary>
    public double Look(in Stay stay)
    {
        var now = SampleClock.MonotonicNow;
        if (stay.Of is null || !Equals(stay.Of, what) || stay.Mark != mark || stay.Thread != thread)
        {
            (what, mark, thread, last, seconds, IsFlowing) = (stay.Of, stay.Mark, stay.Thread, now, 0, false);
            seen = stay.Of is null ? default : ThreadLook.At(thread, stay.Kind != StayKind.Call);
            return 0;
        }
        var looked = ThreadLook.At(thread, stay.Kind != StayKind.Call);
        var (passed, computed) = (now - last, looked.Computed - seen.Computed);
        IsFlowing = looked.Bytes - seen.Bytes > LeastBytesPerSecond * passed / 1e9;
        if (IsFlowing) seconds = 0;
        else if (stay.Kind != StayKind.Work) seconds += (looked.IsReady ? Math.Min(passed, computed) : passed) / 1e9;
        // Who waits for something else than a processor may: a disk, another program.
        else if (computed + looked.Queued - seen.Queued < passed / 2) seconds = 0;
        else seconds += computed / 1e9;
        (last, seen) = (now, looked);
        return seconds;
    }
}
