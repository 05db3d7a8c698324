using OscLooper.Osc;

namespace OscLooper.Server.Addressing;

/// <summary>[main] Which leaves a pattern with wildcards matches: tried once on every address of the imps that it may mean, then remembered until the space changes.</summary>
sealed class PatternCache(IReadOnlyList<ImpSpace?> imps)
{
    /// <summary>Longer patterns match nothing.</summary>
    public const int LongestPattern = Spec.LongestPattern;
    // A longer one costs more: trying one of so many bytes on 45,000 addresses stays near 10 ms.
    const int UsualPattern = 256;
    const int Places = 64, RememberedTargets = 1 << 18;

    sealed class Entry
    {
        public byte[] Pattern = [];
        public int[] Targets = [];
        public int Version = -1;
        public long Used;
    }

    readonly Entry[] entries = [.. Enumerable.Range(0, Places).Select(_ => new Entry())];
    readonly List<int> found = [];
    long now;
    int remembered;

    /// <summary>[main] Addresses tried since the start, of long patterns several times: what patterns have cost.</summary>
    public long Tries { get; private set; }

    /// <summary>[main] The leaves in order of number. Valid until the next call.</summary>
    public ReadOnlySpan<int> Match(ReadOnlySpan<byte> pattern, int version)
    {
        var oldest = entries[0];
        now++;
        foreach (var entry in entries)
        {
            if (entry.Version == version && pattern.SequenceEqual(entry.Pattern))
            {
                entry.Used = now;
                return entry.Targets;
            }
            if (entry.Used < oldest.Used) oldest = entry;
        }
        if (pattern.Length > LongestPattern) return [];

        found.Clear();
        foreach (var imp in imps)
            if (imp is not null && Collect(imp, pattern, found)) Tries += imp.Table.Count * (1 + pattern.Length / UsualPattern);
        found.Sort();
        Remember(oldest, pattern, version);
        return oldest.Targets;
    }

    /// <summary>[main] Adds the leaves of one imp that a pattern with wildcards matches, in no order; false when none of its addresses need be tried.</summary>
    public static bool Collect(ImpSpace imp, ReadOnlySpan<byte> pattern, List<int> found)
    {
        if (pattern.Length > LongestPattern || !imp.MayBeginWith(pattern[..OscPattern.LiteralStart(pattern)])) return false;
        var search = new Search { Pattern = pattern, Found = found };
        imp.Table.Visit(ref search, static (ref Search search, ReadOnlySpan<byte> address, int target) =>
        {
            if (OscPattern.Matches(search.Pattern, address)) search.Found.Add(target);
            return true;
        });
        return true;
    }

    void Remember(Entry place, ReadOnlySpan<byte> pattern, int version)
    {
        remembered += found.Count - place.Targets.Length;
        if (remembered > RememberedTargets)
        {
            foreach (var entry in entries) (entry.Targets, entry.Version, entry.Pattern) = ([], -1, []);
            remembered = found.Count;
        }
        (place.Pattern, place.Targets, place.Version, place.Used) = (pattern.ToArray(), [.. found], version, now);
    }

    ref struct Search
    {
        public ReadOnlySpan<byte> Pattern;
        public List<int> Found;
    }
}
