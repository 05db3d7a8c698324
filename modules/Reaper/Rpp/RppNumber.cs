using System.Globalization;

namespace OscLooper.Reaper.Rpp;

/// <summary>Numbers as REAPER 6 and 7 write them: a decimal point, at most 14 decimals, no zeros at the end.</summary>
static class RppNumber
{
    /// <summary>A plain number: 1, 0.5, 18.22784810126582.</summary>
    public static string Format(double value)
    {
        if (!double.IsFinite(value)) throw new RppError("a number must be finite");
        // 165.338 has no more digits than that, though F14 finds 165.33799999999999.
        var text = value.ToString("R", CultureInfo.InvariantCulture);
        if (text.Contains('E') || text.Length - text.IndexOf('.') - 1 is > 14 and var decimals && decimals < text.Length)
            text = value.ToString("F14", CultureInfo.InvariantCulture).TrimEnd('0').TrimEnd('.');
        return text == "-0" ? "0" : text;
    }

    /// <summary>A number with fixed decimals, as tempo points have them (%.12f %.10f).</summary>
    public static string Fixed(double value, int decimals)
    {
        if (!double.IsFinite(value)) throw new RppError("a number must be finite");
        return value.ToString("F" + decimals, CultureInfo.InvariantCulture);
    }

    /// <summary>Reads a number; a comma counts as the point, as REAPER's own reader has it. Not finite counts as not a number.</summary>
    public static bool TryParse(string text, out double value) =>
        double.TryParse(text.Replace(',', '.'), NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);
}
