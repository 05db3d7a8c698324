using System.Globalization;

namespace OscLooper.Server.Realm;

/// <summary>[any] What is a sign of life of code that takes long.</summary>
enum StayKind
{
    /// <summary>[any] Nothing: it should be back.</summary>
    Call,
    /// <summary>[any] It reads and writes in earnest.</summary>
    Data,
    /// <summary>[any] That, and waiting: only what computes without end is noticed.</summary>
    Work,
}

/// <summary>[any] A thread is in a module's code: which time (an object that holds nothing, since it may be remembered for long; null = it is not), whose, which, on which thread ("/proc/self/task/N") or in which process ("/proc/N").</summary>
readonly record struct Stay(object? Of, string Imp, string What, string Thread, StayKind Kind = StayKind.Call)
{
    /// <summary>[any] Slot of the instance whose code it is; -1 = that of the imp's name.</summary>
    public int Slot { get; init; } = -1;
    /// <summary>[any] Changes with each sign of life that it gives itself.</summary>
    public long Mark { get; init; }
    /// <summary>[any] When it began; null = time counts from the first look.</summary>
    public CodeBegin? Begun { get; init; }
    /// <summary>[any] The imp is being made: until it is there it is slow to start.</summary>
    public bool IsStart { get; init; }
    /// <summary>[any] What whoever does it elsewhere says of it; empty = nothing.</summary>
    public string Said { get; init; } = "";
    /// <summary>[any] As long as that it may take without a word.</summary>
    public double PatienceSeconds { get; init; } = NoticeSeconds;

    /// <summary>[any] Code that has not come back for so long is told of.</summary>
    public const double NoticeSeconds = 0.6;
    /// <summary>[any] The same of an imp that is made in a process of its own, from when that process was asked for: it needs its time to begin.</summary>
    public const double StartNoticeSeconds = 0.7;

    /// <summary>[any] What is said of it when it is late.</summary>
    public string LateText => IsStart
        ? string.Create(CultureInfo.InvariantCulture, $"is slow to start: after {PatienceSeconds:0.##} s {(What.Length > 0 ? What : "what follows its constructor")} has not come back")
        : string.Create(CultureInfo.InvariantCulture, $"{What} has not come back for {PatienceSeconds:0.##} s");
}

/// <summary>[any] A place from which modules' code is called, looked at now and then by another thread: code that does not come back is told of, until it does.</summary>
sealed class CodeWatch(Func<Stay> now, Patience? by = null)
{
    sealed record Telling(Stay Stay, string Text, bool IsLate);

    // What moves is told of when it takes long, and is no trouble.
    const double SlowSeconds = 1;
    const string Slow = "slow: ";
    readonly Patience patience = by ?? new();
    volatile Telling? telling;
    object? flowing;
    double flowingSince;

    /// <summary>[any] Something was in code when it was looked at.</summary>
    public bool IsUnderWay => patience.IsUnderWay;

    /// <summary>[any] Who is late or slow; null when nobody is.</summary>
    public (Stay Stay, string Text, bool IsLate)? Told => telling is { } told && IsSame(now(), told.Stay) ? (told.Stay, told.Text, told.IsLate) : null;

    static bool IsSame(in Stay one, in Stay other) => ReferenceEquals(one.Of, other.Of) && one.Mark == other.Mark;

    /// <summary>[watch] Looks; true when there is something else to tell than before.</summary>
    public bool Look(double nowSeconds)
    {
        var stay = now();
        var seconds = patience.Look(stay);
        if (!ReferenceEquals(flowing, stay.Of)) (flowing, flowingSince) = (stay.Of, nowSeconds);
        var before = telling;
        var text = stay.Of is null ? "" : stay.Said.Length > 0 ? stay.Said
            : seconds >= stay.PatienceSeconds ? stay.LateText
            : patience.IsFlowing && stay.Kind == StayKind.Data && nowSeconds - flowingSince >= SlowSeconds ? $"{Slow}{stay.What} is under way, it still reads or writes" : "";
        var isLate = text.Length > 0 && !text.StartsWith(Slow, StringComparison.Ordinal);
        if (text == (before?.Text ?? "") && (text.Length == 0 || IsSame(before!.Stay, stay))) return false;
        telling = text.Length == 0 ? null : new(stay, text, isLate);
        return true;
    }
}
