using System.Globalization;

namespace OscLooper.Enchanter;

/// <summary>
/// [any] While the control key (or pedal) of a keyboard is held, some of its keys are commands: neither they nor the control key
/// reach the instruments. The scheme of the original C looper: a control key and the notes 67 68 69 70.
/// </summary>
sealed class KeyRule
{
    /// <summary>[any] The control that is held: its place among the profile's controls; a key of the keyboard is <see cref="Pitch"/>; -1 = none.</summary>
    internal int Control { get; private set; } = -1;
    /// <summary>[any] The key that is held; -1 = none.</summary>
    internal int Pitch { get; private set; } = -1;
    readonly bool[] commands = new bool[128], quietKeys = new bool[128];
    readonly bool[] quiet;

    KeyRule(int controls) => quiet = new bool[controls];

    /// <summary>[audio] The key is a command while the control key is held.</summary>
    internal bool IsCommand(int pitch) => commands[pitch];

    /// <summary>[audio] No instrument hears the key.</summary>
    internal bool IsQuietKey(int pitch) => quietKeys[pitch];

    /// <summary>[audio] No instrument hears the control.</summary>
    internal bool IsQuiet(int place) => quiet[place];

    /// <summary>[main] Reads "key/36" or "pedal/soft", "67-70 72" and "pad/1 key/60"; null and what is wrong.</summary>
    internal static KeyRule? Of(Profile profile, string key, string notes, string quietNames, out string why)
    {
        why = "";
        var made = new KeyRule(profile.Controls.Count);
        foreach (var part in notes.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries))
        {
            var ends = part.Split('-');
            if (ends.Length > 2 || !TryPitch(ends[0], out var first) || !TryPitch(ends[^1], out var last) || last < first)
            {
                why = $"\"{part}\" is neither a note 0..127 nor two with a - between them";
                return null;
            }
            for (var pitch = first; pitch <= last; pitch++) made.commands[pitch] = true;
        }
        foreach (var name in quietNames.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (name.StartsWith("key/", StringComparison.Ordinal) && TryPitch(name[4..], out var pitch)) made.quietKeys[pitch] = true;
            else if (PlaceOf(profile, name) is var place and >= 0) made.quiet[place] = true;
            else
            {
                why = $"{profile.Name} has no control \"{name}\"";
                return null;
            }
        }
        if (key == "") return made;
        if (key.StartsWith("key/", StringComparison.Ordinal) && TryPitch(key[4..], out var held) && profile.HasKeys) made.Pitch = held;
        else if (PlaceOf(profile, key) is var place and >= 0 && profile.Controls[place].IsPressed) made.Control = place;
        else
        {
            why = $"{profile.Name} has no key, button or pedal \"{key}\"";
            return null;
        }
        return made;
    }

    static int PlaceOf(Profile profile, string name)
    {
        for (var i = 0; i < profile.Controls.Count; i++)
            if (profile.Controls[i].Name == name) return i;
        return -1;
    }

    static bool TryPitch(string text, out int pitch) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out pitch) && pitch <= 127;
}
