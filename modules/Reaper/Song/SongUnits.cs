using System.Globalization;

namespace OscLooper.Reaper.Song;

/// <summary>The small conversions of a song: decibels, pitch names, colours, units of MIDI time.</summary>
static class SongUnits
{
    /// <summary>Decibels to a linear gain; -150 and less is silence. Ten decimals: Math.Pow's last digit may differ between systems, a built project may not.</summary>
    public static double Gain(double decibels) => decibels <= -150 ? 0 : Math.Round(Math.Pow(10, decibels / 20), 10);

    /// <summary>A pitch as a number or a name; C4 is 60. False for a name outside 0..127.</summary>
    public static bool TryPitch(object? value, out int pitch)
    {
        if (value is not string name)
        {
            pitch = value is null ? -1 : Convert.ToInt32(value, CultureInfo.InvariantCulture);
            return pitch is >= 0 and <= 127;
        }
        pitch = "C D EF G A B".IndexOf(char.ToUpperInvariant(name[0]));
        var at = 1;
        if (name[at] is '#' or 'b') pitch += name[at++] == '#' ? 1 : -1;
        pitch += 12 * (int.Parse(name[at..], CultureInfo.InvariantCulture) + 1);
        return pitch is >= 0 and <= 127;
    }

    /// <summary>Ticks in one unit of a MIDI clip: beats, ticks, or parts of a whole note.</summary>
    public static double TicksPerUnit(SongMidi midi)
    {
        if (midi.Unit == "beats") return midi.TicksPerBeat;
        if (midi.Unit == "ticks") return 1;
        var parts = midi.Unit.Split('/');
        return 4.0 * midi.TicksPerBeat * int.Parse(parts[0], CultureInfo.InvariantCulture) / int.Parse(parts[1], CultureInfo.InvariantCulture);
    }

    /// <summary>REAPER's number of a colour in a project from macOS or Linux (letter B): 0x00RRGGBB and the bit that says custom.</summary>
    public static int Color(string? color) => color is null ? 0 : 0x1000000 | int.Parse(color.AsSpan(1), NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    /// <summary>A colour back as text; none without the custom bit. Windows (letter R) keeps blue in the high byte.</summary>
    public static string? Color(int value, bool redLow)
    {
        if ((value & 0x1000000) == 0) return null;
        var (a, b, c) = ((value >> 16) & 255, (value >> 8) & 255, value & 255);
        return redLow ? $"#{c:x2}{b:x2}{a:x2}" : $"#{a:x2}{b:x2}{c:x2}";
    }
}
