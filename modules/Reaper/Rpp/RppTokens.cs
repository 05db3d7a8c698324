namespace OscLooper.Reaper.Rpp;

/// <summary>Where a token stands in its line, quotes included.</summary>
readonly record struct RppToken(int Start, int Length, bool Quoted);

/// <summary>Cuts a line into tokens by the rule of WDL lineparse.h: spaces and tabs between, a leading quote runs to the next one alike.</summary>
static class RppTokens
{
    /// <summary>The mark of UTF-8 that some editors put before a file's first line; it is kept and means nothing.</summary>
    public static ReadOnlySpan<byte> Mark => [0xef, 0xbb, 0xbf];

    /// <summary>False when a quote never closes: REAPER then drops the whole line.</summary>
    public static bool TrySplit(ReadOnlySpan<byte> line, List<RppToken> into)
    {
        into.Clear();
        var i = line.StartsWith(Mark) ? Mark.Length : 0;
        while (true)
        {
            while (i < line.Length && IsBlank(line[i])) i++;
            if (i >= line.Length) return true;
            var start = i;
            var quote = line[i];
            if (quote is (byte)'"' or (byte)'\'' or (byte)'`')
            {
                var close = line[(i + 1)..].IndexOf(quote);
                if (close < 0) { into.Clear(); return false; }
                i += close + 2;
                into.Add(new(start, i - start, true));
            }
            else
            {
                while (i < line.Length && !IsBlank(line[i])) i++;
                into.Add(new(start, i - start, false));
            }
        }
    }

    /// <summary>The token's text without its quotes.</summary>
    public static string Value(ReadOnlySpan<byte> line, RppToken token) =>
        RppText.Utf8.GetString(token.Quoted ? line.Slice(token.Start + 1, token.Length - 2) : line.Slice(token.Start, token.Length));

    /// <summary>Bytes that stand between tokens; line ends count, so that a line may be given with its end.</summary>
    public static bool IsBlank(byte b) => b is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n';
}
