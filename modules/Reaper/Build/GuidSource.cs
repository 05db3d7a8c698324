namespace OscLooper.Reaper.Build;

/// <summary>GUIDs of version 4 from a seed: the same seed gives the same ones on every system and every version of .NET.</summary>
sealed class GuidSource(ulong seed)
{
    readonly HashSet<(ulong, ulong)> given = [];
    ulong state = seed;

    /// <summary>The next one, in REAPER's form with braces.</summary>
    public string Next()
    {
        while (true)
        {
            var high = (Random() & 0xffffffffffff0fff) | 0x4000;
            var low = (Random() & 0x3fffffffffffffff) | 0x8000000000000000;
            if (given.Add((high, low)))
                return $"{{{high >> 32:X8}-{(high >> 16) & 0xffff:X4}-{high & 0xffff:X4}-{low >> 48:X4}-{low & 0xffffffffffff:X12}}}";
        }
    }

    /// <summary>SplitMix64 (Steele, Lea, Flood 2014).</summary>
    ulong Random()
    {
        var z = state += 0x9e3779b97f4a7c15;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }
}
