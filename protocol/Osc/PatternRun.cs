using System.Numerics;
using System.Runtime.CompilerServices;

namespace OscLooper.Osc;

/// <summary>
/// One pattern against one address. Bit i of a set means: the pattern so far matches the first i bytes of the address.
/// A literal keeps the places where it stands and shifts them by one; '*' floods them up to the next slash. Elements
/// that take a byte raise the lowest bit by at least one, so no more than address length + 1 of them are ever reached;
/// what is left (stars in a row, lists with an empty word) costs a few words each.
/// </summary>
ref struct PatternRun
{
    const int MostWords = (OscPattern.MaxWildBytes >> 6) + 1;

    readonly ReadOnlySpan<byte> address;
    readonly Span<ulong> places; // for each byte value, where it stands in the address; filled when first asked for
    readonly Span<ulong> filled; // which byte values have been filled in
    readonly int words;
    int steps;

    PatternRun(ReadOnlySpan<byte> address, Span<ulong> places, Span<ulong> filled)
    {
        this.address = address;
        this.places = places;
        this.filled = filled;
        words = (address.Length >> 6) + 1;
    }

    [SkipLocalsInit]
    public static bool Matches(ReadOnlySpan<byte> pattern, ReadOnlySpan<byte> address, ref int steps)
    {
        var words = (address.Length >> 6) + 1;
        Span<ulong> filled = stackalloc ulong[4];
        Span<ulong> sets = stackalloc ulong[3 * MostWords];
        filled.Clear();
        var run = new PatternRun(address, stackalloc ulong[256 * words], filled);
        var matches = run.Pattern(pattern, sets[..words], sets.Slice(words, words), sets.Slice(2 * words, words));
        steps = run.steps;
        return matches;
    }

    bool Pattern(ReadOnlySpan<byte> pattern, Span<ulong> now, Span<ulong> some, Span<ulong> sum)
    {
        now.Clear();
        now[0] = 1;
        while (!pattern.IsEmpty)
        {
            var used = 1;
            switch (pattern[0])
            {
                case (byte)'*':
                    Flood(now);
                    used = CountLeading(pattern, (byte)'*');
                    break;
                case (byte)'?':
                    ShiftUnlessSlash(now);
                    break;
                case (byte)'[':
                    used = List(pattern, now);
                    break;
                case (byte)'{':
                    used = Words(pattern, now, some, sum);
                    break;
                case (byte)'/' when pattern is [_, (byte)'/', ..]:
                    Levels(now);
                    used = CountLeading(pattern, (byte)'/');
                    break;
                case var literal:
                    Shift(now, literal);
                    break;
            }
            steps += words + 8; // what an element costs beside its words
            if (used == 0 || steps > OscPattern.MaxSteps || !now.ContainsAnyExcept(0UL)) return false;
            pattern = pattern[used..];
        }
        return (now[address.Length >> 6] >> (address.Length & 63) & 1) != 0;
    }

    static int CountLeading(ReadOnlySpan<byte> pattern, byte same)
    {
        var count = pattern.IndexOfAnyExcept(same);
        return count < 0 ? pattern.Length : count;
    }

    void Shift(Span<ulong> set, byte literal)
    {
        var standing = Places(literal);
        ulong carry = 0;
        for (var w = 0; w < set.Length; w++)
        {
            var kept = set[w] & standing[w];
            set[w] = kept << 1 | carry;
            carry = kept >> 63;
        }
    }

    void ShiftUnlessSlash(Span<ulong> set)
    {
        var slashes = Places((byte)'/');
        ulong carry = 0;
        for (var w = 0; w < set.Length; w++)
        {
            var kept = set[w] & ~slashes[w] & Inside(w);
            set[w] = kept << 1 | carry;
            carry = kept >> 63;
        }
    }

    // Adding a run of ones to a bit inside it carries through to the first place after the run: all places on the way
    // change. So one addition lets every bit flood to the next slash.
    void Flood(Span<ulong> set)
    {
        var slashes = Places((byte)'/');
        ulong carry = 0;
        for (var w = 0; w < set.Length; w++)
        {
            var run = ~slashes[w] & Inside(w);
            var first = (set[w] & run) + run;
            var total = first + carry;
            carry = first < run || total < first ? 1UL : 0;
            set[w] |= total ^ run;
        }
    }

    // '/' (name '/')*: from any slash reached, the place behind it and behind every later one.
    void Levels(Span<ulong> set)
    {
        var slashes = Places((byte)'/');
        var reached = false;
        ulong carry = 0;
        for (var w = 0; w < set.Length; w++)
        {
            var here = slashes[w];
            if (!reached)
            {
                var start = set[w] & here;
                reached = start != 0;
                here = reached ? here & ~((1UL << BitOperations.TrailingZeroCount(start)) - 1) : 0;
            }
            set[w] = here << 1 | carry;
            carry = here >> 63;
        }
    }

    /// <summary>[...]: the pattern bytes used, or 0 when it is not closed.</summary>
    int List(ReadOnlySpan<byte> pattern, Span<ulong> set)
    {
        var end = pattern.IndexOfAny((byte)']', (byte)'/');
        if (end < 0 || pattern[end] == '/') return 0;
        var list = pattern[1..end];
        var negated = list is [(byte)'!', ..];
        if (negated) list = list[1..];
        steps += list.Length;

        Span<ulong> members = stackalloc ulong[4];
        members.Clear();
        while (!list.IsEmpty)
        {
            if (steps > OscPattern.MaxSteps) return 0;
            if (list is [var from, (byte)'-', var to, ..])
            {
                AddRange(members, from, to);
                steps += 8;
                list = list[3..];
                continue;
            }
            Add(members, list[0]);
            list = list[1..];
        }

        ulong carry = 0;
        for (var w = 0; w < set.Length; w++)
        {
            ulong kept = 0;
            for (var left = set[w] & Inside(w); left != 0; left &= left - 1)
            {
                var bit = BitOperations.TrailingZeroCount(left);
                var b = address[(w << 6) + bit];
                if (b != '/' && Has(members, b) != negated) kept |= 1UL << bit;
                steps++;
            }
            set[w] = kept << 1 | carry;
            carry = kept >> 63;
        }
        return end + 1;
    }

    /// <summary>{...}: the pattern bytes used, or 0 when it is not closed.</summary>
    int Words(ReadOnlySpan<byte> pattern, Span<ulong> set, Span<ulong> word, Span<ulong> sum)
    {
        var end = pattern.IndexOfAny((byte)'}', (byte)'/');
        if (end < 0 || pattern[end] == '/') return 0;
        sum.Clear();
        var alive = true;
        set.CopyTo(word);
        for (var i = 1; i <= end && steps <= OscPattern.MaxSteps; i++)
        {
            var b = pattern[i];
            steps += alive ? words : 1;
            if (i < end && b != ',')
            {
                if (!alive) continue;
                Shift(word, b);
                alive = word.ContainsAnyExcept(0UL);
                continue;
            }
            for (var w = 0; w < sum.Length; w++) sum[w] |= word[w];
            steps += 2 * words;
            alive = true;
            set.CopyTo(word);
        }
        sum.CopyTo(set);
        return end + 1;
    }

    // Bits of bytes that the address has: the place behind its last byte is a place, but no byte stands there.
    readonly ulong Inside(int word) => word < words - 1 ? ulong.MaxValue : (1UL << (address.Length & 63)) - 1;

    ReadOnlySpan<ulong> Places(byte value)
    {
        var row = places.Slice(value * words, words);
        if (Has(filled, value)) return row;
        Add(filled, value);
        row.Clear();
        for (var i = 0; i < address.Length; i++)
        {
            if (address[i] == value) row[i >> 6] |= 1UL << (i & 63);
        }
        steps += address.Length;
        return row;
    }

    static bool Has(Span<ulong> set, byte value) => (set[value >> 6] >> (value & 63) & 1) != 0;

    static void AddRange(Span<ulong> set, byte from, byte to)
    {
        Add(set, from);
        Add(set, to);
        for (var w = from >> 6; w <= to >> 6; w++)
        {
            var first = Math.Max(from, w << 6);
            var last = Math.Min(to, (w << 6) + 63);
            if (first <= last) set[w] |= ulong.MaxValue << (first & 63) & ulong.MaxValue >> (63 - (last & 63));
        }
    }

    static void Add(Span<ulong> set, byte value) => set[value >> 6] |= 1UL << (value & 63);
}
