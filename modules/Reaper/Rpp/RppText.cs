using System.Text;

namespace OscLooper.Reaper.Rpp;

/// <summary>How strings stand in a project: REAPER's quoting rule and its text blocks (WDL projectcontext.cpp and lineparse.h: no escapes exist).</summary>
static class RppText
{
    /// <summary>Longest line that is built. REAPER reads many blocks through 4096-byte buffers and takes the rest of a longer line for a new one.</summary>
    public const int MaxLineBytes = 4000;

    /// <summary>REAPER writes a block beside the line from this length on.</summary>
    const int BlockFromLength = 1024;

    /// <summary>UTF-8 without a mark; what is not text comes back as U+FFFD and never throws.</summary>
    public static readonly UTF8Encoding Utf8 = new(false, false);

    /// <summary>The token as REAPER would write it. A value that holds all three quotes or a line break loses them here: see <see cref="NeedsBlock"/>.</summary>
    public static string Quote(string value)
    {
        Refuse(value);
        if (value.Length == 0) return "\"\"";
        var needsQuotes = value.AsSpan().IndexOfAny(" \t\r\n") >= 0 || "\"'`#;".Contains(value[0]);
        if (!needsQuotes) return value;
        return QuoteAlways(value);
    }

    /// <summary>The token in quotes even where it needs none: FILE, RECORD_PATH and some others are always written so.</summary>
    public static string QuoteAlways(string value)
    {
        Refuse(value);
        var flat = value.Replace('\r', ' ').Replace('\n', ' ');
        foreach (var quote in "\"'`")
            if (!flat.Contains(quote)) return quote + flat + quote;
        return '`' + flat.Replace('`', '\'') + '`';
    }

    /// <summary>True when only a text block keeps the value: it has a line break, all three quotes, or is long.</summary>
    public static bool NeedsBlock(string value) =>
        value.Length >= BlockFromLength || value.AsSpan().IndexOfAny("\r\n") >= 0 ||
        (value.Contains('"') && value.Contains('\'') && value.Contains('`'));

    /// <summary>Every line end as one \n: a text block cannot tell them apart.</summary>
    public static string WithPlainLineEnds(string value) => value.Replace("\r\n", "\n").Replace('\r', '\n');

    /// <summary>Text that no project can hold: REAPER's strings end at NUL, and half a surrogate is not UTF-8.</summary>
    public static bool IsText(string value)
    {
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] == '\0') return false;
            if (char.IsLowSurrogate(value[i])) return false;
            if (char.IsHighSurrogate(value[i]) && (++i == value.Length || !char.IsLowSurrogate(value[i]))) return false;
        }
        return true;
    }

    /// <summary>Ends with the declared error when the value is not text.</summary>
    public static void Refuse(string value)
    {
        if (!IsText(value)) throw new RppError("a string with a NUL or half a surrogate pair cannot be written");
    }
}
