using System.Globalization;
using System.Text;

namespace OscLooper.Osc;

/// <summary>
/// The text form of a message, <c>ADDRESS ARG...</c>: a whole number is i (h when it needs 64 bits), a number with '.' or
/// 'e' is f (d where doubles are asked for), true and false are T and F, anything else or "quoted" (escapes \" \\ \n) is s.
/// </summary>
public static class OscText
{
    /// <summary>Reads one line; numbers with '.' or 'e' become f, or d. False, and what is wrong with it, when it is not a message.</summary>
    public static bool TryParse(string line, out OscMessage message, out string error, bool doubles = false)
    {
        message = new("/");
        var rest = line.AsSpan().TrimStart(Blanks);
        var end = rest.IndexOfAny(Blanks);
        var address = end < 0 ? rest : rest[..end];
        rest = rest[address.Length..];
        error = address switch
        {
            [] => "empty line",
            ['/', ..] => address.ContainsAnyExceptInRange('!', '~') ? $"the address {address} holds a character that OSC does not allow" : "",
            _ => $"an address begins with '/', not with {address[0]}",
        };

        var values = new List<OscValue>();
        while (error.Length == 0 && !(rest = rest.TrimStart(Blanks)).IsEmpty)
        {
            if (!(rest[0] == '"' ? TryQuoted(ref rest, out var value, out error) : TryBare(ref rest, doubles, out value, out error))) break;
            values.Add(value);
        }
        if (error.Length > 0) return false;
        message = new(address.ToString(), [.. values]);
        return true;
    }

    /// <summary>Writes one line. Types that the text form lacks come out readably, but are read back as others.</summary>
    public static string Format(OscMessage message) => message.ToString();

    const string Blanks = " \t\r\n";

    static bool TryQuoted(ref ReadOnlySpan<char> rest, out OscValue value, out string error)
    {
        value = default;
        var text = new StringBuilder();
        for (var i = 1; i < rest.Length; i++)
        {
            var c = rest[i];
            if (c == '"')
            {
                var after = rest[(i + 1)..];
                if (!after.IsEmpty && !Blanks.Contains(after[0])) return Fail($"a space is missing after \"{text}\"", out error);
                rest = after;
                return TryString(text.ToString(), out value, out error);
            }
            if (c == '\\')
            {
                if (++i == rest.Length) break;
                switch (rest[i])
                {
                    case 'n': c = '\n'; break;
                    case '"' or '\\': c = rest[i]; break;
                    default: return Fail($"unknown escape \\{rest[i]}", out error);
                }
            }
            text.Append(c);
        }
        return Fail(text.Length == 0 ? "a quotation mark is not closed" : $"the quotation mark before {text} is not closed", out error);
    }

    static bool TryBare(ref ReadOnlySpan<char> rest, bool doubles, out OscValue value, out string error)
    {
        value = default;
        error = "";
        var end = rest.IndexOfAny(Blanks);
        var word = end < 0 ? rest : rest[..end];
        rest = rest[word.Length..];
        switch (KindOf(word))
        {
            case Kind.True: value = true; return true;
            case Kind.False: value = false; return true;
            case Kind.Whole:
                if (!long.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
                    return Fail($"{word} does not fit into 64 bits", out error);
                value = whole is >= int.MinValue and <= int.MaxValue ? (OscValue)(int)whole : whole;
                return true;
            case Kind.Number:
                var isThere = double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out var number);
                // The nearest float is read from the digits: by way of a double it can be another one.
                if (!doubles && float.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out var single)) number = single;
                if (!isThere || !double.IsFinite(number)) return Fail($"{word} is too large", out error);
                value = doubles ? (OscValue)number : (float)number;
                return true;
            default:
                return TryString(word.ToString(), out value, out error);
        }
    }

    static bool TryString(string text, out OscValue value, out string error)
    {
        value = text;
        error = "";
        return !text.Contains('\0') || Fail("OSC text holds no zero character", out error);
    }

    static bool Fail(string reason, out string error)
    {
        error = reason;
        return false;
    }

    enum Kind { Text, True, False, Whole, Number }

    // [+-] digits [. digits] [e [+-] digits], with a digit before the e; without '.' and e it is whole.
    static Kind KindOf(ReadOnlySpan<char> word)
    {
        if (word is "true") return Kind.True;
        if (word is "false") return Kind.False;
        var rest = word is ['+' or '-', ..] ? word[1..] : word;
        var digits = SkipDigits(ref rest);
        if (rest.IsEmpty) return digits > 0 ? Kind.Whole : Kind.Text;
        if (rest[0] == '.')
        {
            rest = rest[1..];
            digits += SkipDigits(ref rest);
        }
        if (digits == 0) return Kind.Text;
        if (rest is ['e' or 'E', ..])
        {
            rest = rest is [_, '+' or '-', ..] ? rest[2..] : rest[1..];
            if (SkipDigits(ref rest) == 0) return Kind.Text;
        }
        return rest.IsEmpty ? Kind.Number : Kind.Text;
    }

    static int SkipDigits(ref ReadOnlySpan<char> rest)
    {
        var count = rest.IndexOfAnyExceptInRange('0', '9');
        if (count < 0) count = rest.Length;
        rest = rest[count..];
        return count;
    }

    /// <summary>A string as one word, quoted where it would otherwise be read as something else.</summary>
    internal static string Word(string text)
    {
        var bare = KindOf(text) == Kind.Text && text.Length > 0 && !text.Any(c => c <= ' ' || c is '"' or '\\' or '\x7F');
        return bare ? text : $"\"{text.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n")}\"";
    }

    /// <summary>The shortest digits that are read back as the same number, always with '.' or 'e'.</summary>
    internal static string Number(float value) => WithPoint(value.ToString("R", CultureInfo.InvariantCulture));

    /// <summary>The same for 64 bits (read back as d where doubles are asked for).</summary>
    internal static string Number(double value) => WithPoint(value.ToString("R", CultureInfo.InvariantCulture));

    static string WithPoint(string digits)
    {
        digits = digits.Replace('E', 'e');
        return digits.AsSpan().TrimStart('-').ContainsAnyExceptInRange('0', '9') ? digits : digits + ".0";
    }
}
