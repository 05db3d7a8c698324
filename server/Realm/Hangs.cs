using System.Collections.Concurrent;
using OscLooper.Server.Realtime;

namespace OscLooper.Server.Realm;

/// <summary>[any] What does not come back: whose code, and which. Each stands here from when it was noticed until it is back.</summary>
sealed class Hangs
{
    readonly ConcurrentDictionary<object, string> all = new(ReferenceEqualityComparer.Instance);

    /// <summary>[any] How many.</summary>
    public int Count => all.Count;

    /// <summary>[any] Each as a line.</summary>
    public IReadOnlyList<string> Lines => [.. all.Values.Order(StringComparer.Ordinal)];

    /// <summary>[any] Notes one, or says it anew.</summary>
    public void Note(object what, string line) => all[what] = line;

    /// <summary>[any] It is back; false when it was not missed.</summary>
    public bool Forget(object what) => all.TryRemove(what, out _);
}

/// <summary>
/// [any] For how long a thread could have come back and did not: time in which others kept it from computing does not count
/// (a machine that is busy must not make a module look endless). Where the system tells nothing of threads, all time counts.
/// </summary>
sealed class Patience
{
    string thread = "";
    object? what;
    long last, computed;
    double seconds;

    /// <summary>[any] Looks: how long the same thing has been under way on this thread ("/proc/self/task/N"); null = nothing is.</summary>
    public double Look(object? underWay, string onThread)
    {
        var now = SampleClock.MonotonicNow;
        if (underWay is null || !Equals(underWay, what) || onThread != thread)
        {
            (what, thread, last, seconds) = (underWay, onThread, now, 0);
            computed = underWay is null ? 0 : Computed(onThread).Nanoseconds;
            return 0;
        }
        var (isReady, nanoseconds) = Computed(onThread);
        seconds += (isReady ? Math.Min(now - last, nanoseconds - computed) : now - last) / 1e9;
        (last, computed) = (now, nanoseconds);
        return seconds;
    }

    // proc(5): the state after the name in brackets, R = computes or would like to; schedstat: nanoseconds on a processor.
    static (bool IsReady, long Nanoseconds) Computed(string thread)
    {
        if (thread.Length == 0) return (false, 0);
        try
        {
            var stat = File.ReadAllText(thread + "/stat");
            var isReady = stat[stat.LastIndexOf(')') + 2] == 'R';
            return (isReady, long.Parse(File.ReadAllText(thread + "/schedstat").Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or IndexOutOfRangeException)
        {
            return (false, 0);
        }
    }
}
