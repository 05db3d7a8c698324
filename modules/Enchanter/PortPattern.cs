using System.Text.RegularExpressions;

namespace OscLooper.Enchanter;

/// <summary>[main] How the ports of a cable are called, as a regular expression; empty = none is. Understood when the first port wants to be known: most devices never come.</summary>
sealed class PortPattern(string text)
{
    // Without backtracking a stranger's pattern cannot run for ever.
    readonly Lazy<Regex> regex = new(() => new Regex(text, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking));

    /// <summary>[main] As it stands in the file.</summary>
    internal string Text => text;

    /// <summary>[main] A port of that name is meant.</summary>
    internal bool Fits(string port) => text.Length > 0 && regex.Value.IsMatch(port);

    /// <summary>[main] Throws when it is no pattern.</summary>
    internal void Check() => Fits("");
}
