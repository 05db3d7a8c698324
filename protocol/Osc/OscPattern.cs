using System.Buffers;

namespace OscLooper.Osc;

/// <summary>
/// Matches address patterns of OSC 1.0 (<c>? * [a-z] [!abc] {foo,bar}</c>, part by part between the slashes) and 1.1
/// (<c>//</c>: any number of levels, none included). Works on bytes: addresses are ASCII.
/// </summary>
/// <remarks>
/// No backtracking: the set of places in the address that the pattern may have reached is kept as bits, and each
/// element of the pattern moves the whole set on (see <see cref="PatternRun"/>). The cost is at most about
/// pattern bytes x address bytes / 64.
/// <list type="bullet">
/// <item>A '[' or '{' that is not closed before the next '/' matches nothing.</item>
/// <item>A range that runs backwards ([3-2]) is its two ends. A '-' first or last, a '!' not first, stand for themselves.</item>
/// <item>Inside of { } everything but ',' stands for itself.</item>
/// <item>'//' at the very end matches no address (an address does not end in '/'): write '//*' for all that is below.</item>
/// </list>
/// </remarks>
public static class OscPattern
{
    /// <summary>
    /// The longest stretch of an address that wildcards are tried on. Literal text before the first and after the last
    /// wildcard is not counted. It bounds the work of a match; the longest address of the book has under 100 bytes.
    /// </summary>
    public const int MaxWildBytes = 1023;

    /// <summary>
    /// A pattern that needs more steps matches nothing. A step takes one or two nanoseconds, so one pair stays
    /// well under a millisecond whatever a 64 KiB packet holds; a list of 1,000 channels takes a twentieth of them.
    /// </summary>
    public const int MaxSteps = 300_000;

    static readonly SearchValues<byte> Openers = SearchValues.Create("?*[{"u8);
    static readonly SearchValues<byte> Specials = SearchValues.Create("?*[]{}"u8);

    /// <summary>Whether the bytes hold anything that a literal address does not: ? * [ { or //.</summary>
    public static bool HasWildcards(ReadOnlySpan<byte> address) =>
        address.ContainsAny(Openers) || address.IndexOf("//"u8) >= 0;

    /// <summary>Whether a pattern leaves the last part of the address open: a wildcard stands there, or // anywhere. Such a one means values, not actions.</summary>
    public static bool LeavesLastPartOpen(ReadOnlySpan<byte> address) =>
        address[(address.LastIndexOf((byte)'/') + 1)..].ContainsAny(Openers) || address.IndexOf("//"u8) >= 0;

    /// <summary>Whether the pattern matches the whole address. Both begin with '/'. No allocation.</summary>
    public static bool Matches(ReadOnlySpan<byte> pattern, ReadOnlySpan<byte> address) => Matches(pattern, address, out _);

    internal static bool Matches(ReadOnlySpan<byte> pattern, ReadOnlySpan<byte> address, out int steps)
    {
        steps = 0;
        if (pattern is not [(byte)'/', ..] || address is not [(byte)'/', ..]) return false;

        // Most patterns differ from most addresses in their literal beginning or end.
        var literal = LiteralStart(pattern);
        if (literal == pattern.Length) return pattern.SequenceEqual(address);
        if (!address.StartsWith(pattern[..literal])) return false;
        pattern = pattern[literal..];
        address = address[literal..];

        literal = pattern.Length - LiteralEnd(pattern);
        if (!address.EndsWith(pattern[^literal..])) return false;
        pattern = pattern[..^literal];
        address = address[..^literal];

        return address.Length <= MaxWildBytes && PatternRun.Matches(pattern, address, ref steps);
    }

    /// <summary>How many bytes at the beginning stand for themselves; all of them when the pattern has no wildcard.</summary>
    public static int LiteralStart(ReadOnlySpan<byte> pattern)
    {
        var opener = pattern.IndexOfAny(Openers);
        if (opener >= 0) pattern = pattern[..opener];
        var levels = pattern.IndexOf("//"u8);
        return levels >= 0 ? levels : pattern.Length;
    }

    // A stray ']' or '}' is literal, but it may also be the end of a list: stopping at it is right for both.
    static int LiteralEnd(ReadOnlySpan<byte> pattern)
    {
        var special = pattern.LastIndexOfAny(Specials) + 1;
        var levels = pattern[special..].LastIndexOf("//"u8);
        return levels >= 0 ? special + levels + 2 : special;
    }
}
