using System.Globalization;

namespace OscLooper.Enchanter;

/// <summary>[any] What each control of one device really sends: as its profile says, but for what was found out of this very device.</summary>
sealed class SendMap
{
    /// <summary>[any] The profile's controls, in its order.</summary>
    internal Control[] Controls { get; }
    /// <summary>[any] One for each cable.</summary>
    internal Decoder[] Decoders { get; }

    internal SendMap(Profile profile, Control[] controls) =>
        (Controls, Decoders) = (controls, [.. profile.Cables.Select((_, cable) => new Decoder(controls, cable))]);

    /// <summary>[main] Reads "pad/1:99:24 key:90": control, status byte, first data byte, in hexadecimal; null and what is wrong.</summary>
    internal static SendMap? Of(Profile profile, string text, out string why)
    {
        why = "";
        Control[] controls = [.. profile.Controls];
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = word.Split(':');
            var place = Array.FindIndex(controls, c => c.Name == parts[0]);
            var number = 0;
            if (place < 0 || parts.Length is < 2 or > 3 || !TryHex(parts[1], out var status) || status is < 0x80 or > 0xEF || parts.Length == 3 && (!TryHex(parts[2], out number) || number > 127))
            {
                why = $"\"{word}\" is not CONTROL:STATUS or CONTROL:STATUS:NUMBER, in hexadecimal";
                return null;
            }
            controls[place] = controls[place] with
            {
                Message = (status & 0xF0) == NoteEvent.Off ? NoteEvent.On : status & 0xF0, Channel = status & 0x0F, Number = parts.Length == 3 ? number : controls[place].Number,
            };
        }
        return new SendMap(profile, controls);
    }

    static bool TryHex(string text, out int value) => int.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value) && text.Length <= 2;
}
