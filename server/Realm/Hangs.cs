using System.Collections.Concurrent;
using OscLooper.Server.Realtime;

namespace OscLooper.Server.Realm;

/// <summary>[any] What does not come back: whose code, and which. Each stands here from when it was noticed until it is back.</summary>
sealed class Hangs
{
    const double LookSeconds = 0.04;
    readonly ConcurrentDictionary<object, string> all = new(ReferenceEqualityComparer.Instance);
    readonly Lock changing = new();
    volatile CodeWatch[] watched = [];
    double nextLook;
    volatile bool isUrgent;

    /// <summary>[any] How many.</summary>
    public int Count
    {
        get
        {
            var count = all.Count;
            foreach (var one in watched)
                if (one.Told is { IsLate: true }) count++;
            return count;
        }
    }

    /// <summary>[any] Each as a line.</summary>
    public IReadOnlyList<string> Lines =>
        [.. all.Values.Concat(watched.Where(w => w.Told is { IsLate: true }).Select(w => w.Told).OfType<(Stay Stay, string Text, bool IsLate)>().Select(t => $"{t.Stay.Imp}: {t.Text}")).Order(StringComparer.Ordinal)];

    /// <summary>[any] Notes one, or says it anew.</summary>
    public void Note(object what, string line) => all[what] = line;

    /// <summary>[any] It is back; false when it was not missed.</summary>
    public bool Forget(object what) => all.TryRemove(what, out _);

    /// <summary>[any] From now on this place is looked at.</summary>
    public void Watch(CodeWatch one)
    {
        lock (changing) watched = [.. watched, one];
    }

    /// <summary>[any] From now on it is not.</summary>
    public void End(CodeWatch one)
    {
        lock (changing) watched = [.. watched.Where(w => w != one)];
    }

    /// <summary>[any] Something was in a module's code at the last look.</summary>
    public bool IsAnyUnderWay => Array.Exists(watched, w => w.IsUnderWay);

    /// <summary>[any] What is late or slow of an imp, or of the instance in this slot; null when nothing is.</summary>
    public (Stay Stay, string Text, bool IsLate)? ToldOf(string imp, int slot)
    {
        foreach (var one in watched)
            if (one.Told is { } told && (told.Stay.Slot < 0 ? told.Stay.Imp == imp : told.Stay.Slot == slot)) return told;
        return null;
    }

    /// <summary>[any] Wakes whoever looks; null = nobody does yet.</summary>
    public Action? Wake { get; set; }

    /// <summary>[any] There is something new to tell: it is looked at once.</summary>
    public void LookNow()
    {
        isUrgent = true;
        Wake?.Invoke();
    }

    /// <summary>[one thread at a time] Looks at every place, at most so often; true when there is something else to tell than before.</summary>
    public bool Look()
    {
        var now = SampleClock.MonotonicNow / 1e9;
        if (now < nextLook && !isUrgent) return false;
        isUrgent = false;
        nextLook = now + LookSeconds;
        var isNew = false;
        foreach (var one in watched) isNew |= one.Look(now);
        return isNew;
    }
}
