using System.Globalization;
using OscLooper.Server.Realtime;

namespace OscLooper.Server.Realm;

/// <summary>[any] What the kernel says of a thread: whether it computes or would like to, nanoseconds in which it did and in which it had to wait for a processor, bytes it read and wrote.</summary>
readonly record struct ThreadLook(bool IsReady, long Computed, long Queued, long Bytes)
{
    /// <summary>[any] Looks at a thread ("/proc/self/task/N") or at all threads of a process ("/proc/N"); nothing is known of an empty name, or where the system tells nothing.</summary>
    public static ThreadLook At(string path, bool withBytes) => path.Length == 0 ? default : path.Contains("/task/", StringComparison.Ordinal) ? AtThread(path, withBytes) : AtProcess(path, withBytes);

    // A thread that has ended meanwhile takes its figures with it: who compares two looks must expect less than before.
    static ThreadLook AtProcess(string process, bool withBytes)
    {
        try
        {
            var sum = default(ThreadLook);
            foreach (var task in Directory.GetDirectories(process + "/task"))
            {
                var one = AtThread(task, false);
                sum = new(sum.IsReady || one.IsReady, sum.Computed + one.Computed, sum.Queued + one.Queued, 0);
            }
            return withBytes ? sum with { Bytes = BytesOf(process) } : sum;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return default;
        }
    }

    // proc(5): stat has the state after the name in brackets, R = computes or would like to; schedstat: on a processor, waiting for one; io: bytes.
    static ThreadLook AtThread(string thread, bool withBytes)
    {
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

/// <summary>[any] When code began, in monotonic nanoseconds; what its thread or process had computed until then, and how long it had waited for a processor (below 0: not known).</summary>
sealed record CodeBegin(long At, long Computed, long Queued = -1)
{
    /// <summary>[any] It begins now, on this thread.</summary>
    public static CodeBegin Here => new(SampleClock.MonotonicNow, ThreadClock.Nanoseconds);

    /// <summary>[any] It begins now, in this process ("/proc/N").</summary>
    public static CodeBegin Of(string process)
    {
        var look = ThreadLook.At(process, false);
        return new(SampleClock.MonotonicNow, look.Computed, look.Queued);
    }
}

/// <summary>
/// [any] For how long a thread could have come back and did not: time in which others kept it from computing does not count
/// (a machine that is busy must not make a module look endless). Where the system tells nothing of threads, all time counts.
/// </summary>
sealed class Patience
{
    // Less than that is a trickle: an endless loop may do it, too.
    const double LeastBytesPerSecond = 100_000;
    // The watch looks at least so often: of time before that nobody knows whether the thread had to wait for a processor.
    const double MostUnseenSeconds = 0.2;
    // The collector stops an endless loop, too, on a busy machine for long: what was late has come to wait when it does so for a while.
    const double CalmSeconds = 1;
    readonly Func<long> clock;
    readonly Func<string, bool, ThreadLook> lookAt;
    string thread = "";
    object? what;
    long mark, last;
    ThreadLook seen;
    StayKind kind;
    double seconds, calm;

    public Patience() : this(() => SampleClock.MonotonicNow, ThreadLook.At) { }

    /// <summary>[any] By another clock and other figures of threads.</summary>
    public Patience(Func<long> clock, Func<string, bool, ThreadLook> lookAt) => (this.clock, this.lookAt) = (clock, lookAt);

    /// <summary>[any] It was under way the last time, too.</summary>
    public bool IsUnderWay => what is not null;

    /// <summary>[any] It read or wrote in earnest between the last two looks.</summary>
    public bool IsFlowing { get; private set; }

    /// <summary>[any] Looks: how long the same thing has been under way on this thread ("/proc/self/task/N"); null = nothing is.</summary>
    public double Look(object? underWay, string onThread) => Look(new Stay(underWay, "", "", onThread));

    /// <summary>[any] The same of a stay; what its kind takes for a sign of life begins the time anew.</summary>
    public double Look(in Stay stay)
    {
        var now = clock();
        var withBytes = stay.Kind != StayKind.Call;
        if (stay.Of is null || !Equals(stay.Of, what) || stay.Mark != mark || stay.Thread != thread)
        {
            (what, mark, thread, kind, last, seconds, calm, IsFlowing) = (stay.Of, stay.Mark, stay.Thread, stay.Kind, now, 0, 0, false);
            seen = stay.Of is null ? default : lookAt(thread, withBytes);
            if (stay is { Of: not null, Begun: { } begun }) Count(stay, now - begun.At, seen.IsReady, seen.Computed - begun.Computed, begun.Queued < 0 ? -1 : seen.Queued - begun.Queued);
            return seconds;
        }
        var looked = lookAt(thread, withBytes);
        var passed = now - last;
        // Of what was not asked before, nothing is known.
        IsFlowing = stay.Kind == kind && looked.Bytes - seen.Bytes > LeastBytesPerSecond * passed / 1e9;
        if (IsFlowing) seconds = 0;
        else Count(stay, passed, looked.IsReady, looked.Computed - seen.Computed, looked.Queued - seen.Queued);
        (last, seen, kind) = (now, looked, stay.Kind);
        return seconds;
    }

    void Count(in Stay stay, long passed, bool isReady, long computed, long queued)
    {
        (passed, computed) = (Math.Max(0, passed), Math.Clamp(computed, 0, Math.Max(0, passed)));
        var waited = Math.Max(0, queued);
        // Who waits for something else than a processor may: a disk, another program. (Who is ready now may have waited for one all the time: that is counted later.)
        if (stay.Kind == StayKind.Work)
        {
            if (isReady || computed + waited >= passed / 2) (calm, seconds) = (0, seconds + computed / 1e9);
            else if ((calm += passed / 1e9) >= CalmSeconds || seconds < stay.PatienceSeconds) seconds = 0;
        }
        else if (isReady) seconds += computed / 1e9;
        else if (queued < 0) seconds += Math.Min(MostUnseenSeconds, passed / 1e9);
        else seconds += Math.Max(computed, passed - waited) / 1e9;
    }
}
