using System.Globalization;

namespace OscLooper.Looper;

/// <summary>[main] Names of note ports: "notes/2" (all MIDI channels), "notes/2/10" (one), "none"; the imp's name may stand before it: "looper:notes/2".</summary>
static class NotePortName
{
    /// <summary>[any] What the ports are called.</summary>
    public const string In = "notes", Out = "played";

    /// <summary>[any] The name of what <see cref="TryParse"/> reads.</summary>
    public static string Of(string port, (int First, int Second) place) =>
        place.First == Channel.NoLane ? "none" : place.Second < 0 ? $"{port}/{place.First + 1}" : $"{port}/{place.First + 1}/{place.Second + 1}";

    /// <summary>[main] Port from 0, or Channel.NoLane; MIDI channel from 0, or -1.</summary>
    public static bool TryParse(string text, string port, out int first, out int second, out string why)
    {
        (first, second, why) = (Channel.NoLane, -1, "");
        if (text == "none") return true;
        var parts = text[(text.IndexOf(':') + 1)..].Split('/');
        if (parts.Length is not (2 or 3) || parts[0] != port)
        {
            why = $"{text} is not known; try {port}/1, {port}/1/10 (one MIDI channel) or none";
            return false;
        }
        if (!TryNumber(parts[1], NoteMixer.Ports, out first) || (parts.Length == 3 && !TryNumber(parts[2], 16, out second)))
        {
            why = $"{text}: there are ports 1 to {NoteMixer.Ports} and MIDI channels 1 to 16";
            return false;
        }
        return true;
    }

    static bool TryNumber(string text, int most, out int number)
    {
        var isThere = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= 1 && number <= most;
        number--;
        return isThere;
    }
}
