using System.Text;

namespace OscLooper.Reaper.Rpp;

/// <summary>Something that stands in a block: a line or a block of its own.</summary>
abstract class RppNode;

/// <summary>One line. What was read keeps its bytes, indentation and line end; an edit changes the bytes of its token only.</summary>
sealed class RppLine : RppNode
{
    ReadOnlyMemory<byte> bytes;

    RppLine(ReadOnlyMemory<byte> bytes, bool read) => (this.bytes, IsRead) = (bytes, read);

    /// <summary>True for a line with its own indentation and end; a built line gets them when it is written.</summary>
    public bool IsRead { get; }

    /// <summary>The bytes as they stand.</summary>
    public ReadOnlySpan<byte> Bytes => bytes.Span;

    /// <summary>A line as read, with its line end.</summary>
    public static RppLine Read(ReadOnlyMemory<byte> bytes) => new(bytes, true);

    /// <summary>A line to be written as it is given: base64, or text with its bar. Refuses what REAPER could not read back as one line.</summary>
    public static RppLine Raw(string text)
    {
        RppText.Refuse(text);
        if (text.AsSpan().IndexOfAny("\r\n") >= 0) throw new RppError("a line cannot hold a line break");
        var bytes = RppText.Utf8.GetBytes(text);
        CheckLength(bytes.Length);
        return new(bytes, false);
    }

    /// <summary>A line made of a name and tokens; each token is quoted where it must be.</summary>
    public static RppLine Of(string name, params ReadOnlySpan<object> tokens)
    {
        var text = new StringBuilder(name);
        foreach (var token in tokens) text.Append(' ').Append(Token(token));
        return Raw(text.ToString());
    }

    /// <summary>The tokens, name first; empty when a quote never closes.</summary>
    public List<string> Tokens()
    {
        var places = new List<RppToken>();
        RppTokens.TrySplit(bytes.Span, places);
        var values = new List<string>(places.Count);
        foreach (var place in places) values.Add(RppTokens.Value(bytes.Span, place));
        return values;
    }

    /// <summary>The first token, or nothing.</summary>
    public string Name
    {
        get
        {
            var span = Content;
            var end = 0;
            while (end < span.Length && !RppTokens.IsBlank(span[end])) end++;
            return RppText.Utf8.GetString(span[..end]);
        }
    }

    /// <summary>Whether the line begins with this word (ASCII); cheaper than asking for the name.</summary>
    public bool Is(string word)
    {
        var span = Content;
        if (span.Length < word.Length || (span.Length > word.Length && !RppTokens.IsBlank(span[word.Length]))) return false;
        for (var i = 0; i < word.Length; i++)
            if (span[i] != word[i]) return false;
        return true;
    }

    /// <summary>The line without indentation and line end.</summary>
    public string Text => RppText.Utf8.GetString(Content);

    ReadOnlySpan<byte> Content
    {
        get
        {
            var span = bytes.Span;
            if (span.StartsWith(RppTokens.Mark)) span = span[RppTokens.Mark.Length..];
            var start = 0;
            while (start < span.Length && RppTokens.IsBlank(span[start])) start++;
            span = span[start..];
            if (span.EndsWith("\r\n"u8)) return span[..^2];
            return span.EndsWith("\n"u8) || span.EndsWith("\r"u8) ? span[..^1] : span;
        }
    }

    /// <summary>The token at this place (0 is the name), or nothing when there is none.</summary>
    public string? At(int index)
    {
        var places = new List<RppToken>();
        RppTokens.TrySplit(bytes.Span, places);
        return index < places.Count ? RppTokens.Value(bytes.Span, places[index]) : null;
    }

    /// <summary>The token as a number, or the given one where it is none.</summary>
    public double Number(int index, double otherwise = 0) =>
        At(index) is { } text && RppNumber.TryParse(text, out var value) ? value : otherwise;

    /// <summary>Replaces one token; every other byte of the line stays.</summary>
    public void Set(int index, object value)
    {
        var places = new List<RppToken>();
        if (!RppTokens.TrySplit(bytes.Span, places) || index >= places.Count) throw new RppError($"the line has no token {index}: {Text}");
        var place = places[index];
        if (value is string s && s == RppTokens.Value(bytes.Span, place)) return;
        var text = Token(value);
        if (place.Quoted && value is string plain) text = RppText.QuoteAlways(plain);
        var token = RppText.Utf8.GetBytes(text);
        var next = new byte[bytes.Length - place.Length + token.Length];
        bytes.Span[..place.Start].CopyTo(next);
        token.CopyTo(next, place.Start);
        bytes.Span[(place.Start + place.Length)..].CopyTo(next.AsSpan(place.Start + token.Length));
        CheckLength(next.Length);
        bytes = next;
    }

    static string Token(object value) => value switch
    {
        string s => RppText.Quote(s),
        RppVerbatim v => v.Text,
        double d => RppNumber.Format(d),
        int i => i.ToString(System.Globalization.CultureInfo.InvariantCulture),
        long l => l.ToString(System.Globalization.CultureInfo.InvariantCulture),
        _ => throw new RppError($"{value.GetType().Name} is not a token"),
    };

    static void CheckLength(int length)
    {
        if (length > RppText.MaxLineBytes)
            throw new RppError($"a line of {length} bytes: REAPER would read it as two (at most {RppText.MaxLineBytes})");
    }
}

/// <summary>A token that is already in its written form.</summary>
sealed record RppVerbatim(string Text);
