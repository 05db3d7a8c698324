using System.Globalization;

namespace OscLooper.Enchanter;

/// <summary>[worker] What each control does, in a few words, as far as the profile says.</summary>
static class Deeds
{
    static readonly Dictionary<string, string> Functions = new()
    {
        ["shift"] = "with a pad: clear",
        ["stop"] = "with a pad: stop",
        ["solo"] = "with a pad: solo",
        ["mute"] = "with a pad: mute",
        ["record"] = "with a pad: record anew",
        ["undo"] = "with a pad: undo; with shift, too: redo",
        ["stop_all"] = "stop all; with shift: panic",
        ["play"] = "transport on and off",
        ["tap"] = "tap the tempo",
    };

    static readonly string[] Shifted = ["scenes up", "scenes down", "channels left", "channels right", "knobs: volume", "knobs: pan", "knobs: feedback", "knobs: rate"];

    /// <summary>[worker] The whole sentence; empty when it does nothing by itself.</summary>
    internal static string Of(Profile profile, Control control)
    {
        if (profile.Bindings.FirstOrDefault(b => b.Control == control.Name) is { } bound) return Said(bound.Address);
        if (profile.Scheme == "wrap_manual" && control.Name == profile.ControlKey) return "held: the keys are a desk";
        if (profile.Scheme != "grid") return control.Kind switch
        {
            ControlKind.Key or ControlKind.Bend or ControlKind.Pressure or ControlKind.Pedal => "plays",
            ControlKind.Pad when control.Thru => "plays",
            _ when control.Thru => "to the instruments",
            _ => "",
        };
        return control.Kind switch
        {
            ControlKind.Pad => Text($"channel {control.Column}, scene {control.Row}"),
            ControlKind.Key or ControlKind.Pedal => "plays",
            _ when control.Name.StartsWith("knob/", StringComparison.Ordinal) => Text($"channel {(control.Row - 1) * 4 + control.Column}: volume"),
            _ when control.Name.StartsWith("track/", StringComparison.Ordinal) => Text($"mute channel {control.Column}; with shift: {Shifted[control.Column - 1]}"),
            _ => Functions.GetValueOrDefault(profile.Functions.GetValueOrDefault(control.Name, ""), ""),
        };
    }

    /// <summary>[worker] The same for a picture: two short lines.</summary>
    internal static (string First, string Second) Short(Profile profile, Control control)
    {
        if (profile.Scheme == "grid")
        {
            if (control.Kind == ControlKind.Pad) return (Text($"ch {control.Column}"), Text($"scene {control.Row}"));
            if (control.Name.StartsWith("track/", StringComparison.Ordinal)) return (Text($"mute {control.Column}"), "⇧ " + Shifted[control.Column - 1].Replace("knobs: ", "").Replace("channels ", "").Replace("scenes ", ""));
            return profile.Functions.GetValueOrDefault(control.Name) switch
            {
                "shift" => ("+ pad: clear", ""),
                "record" => ("+ pad", "rec anew"),
                "stop_all" => ("stop all", "⇧ panic"),
                "undo" => ("+ pad", "undo ⇧ redo"),
                "play" => ("play, stop", ""),
                "tap" => ("tap tempo", ""),
                { } other => ("+ pad", other),
                _ when control.Name.StartsWith("knob/", StringComparison.Ordinal) => (Text($"volume {(control.Row - 1) * 4 + control.Column}"), ""),
                _ => ("", ""),
            };
        }
        var deed = Of(profile, control);
        if (deed == "plays" && control.Kind == ControlKind.Pad) return (control.Name[(control.Name.LastIndexOf('/') + 1)..], "plays");
        if (deed is "plays" or "to the instruments" or "") return ("", "");
        var parts = deed.Split(", ");
        return parts.Length > 1 ? (parts[0].Replace("channel", "ch"), parts[1]) : (deed, "");
    }

    // "/looper/channel/1/next_scene" is "channel 1, next scene"
    static string Said(string address)
    {
        var parts = address.Split(' ')[0].Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts is ["looper", "channel", var number, .. var rest]) return $"channel {number}, {string.Join(' ', rest).Replace('_', ' ')}";
        return string.Join(' ', parts).Replace('_', ' ') + address[address.Split(' ')[0].Length..];
    }

    /// <summary>[worker] What a key does while the control key is held; "" = it plays on.</summary>
    internal static string OfKey(Profile profile, int pitch)
    {
        if (profile.Scheme == "wrap_manual") return Desk(pitch);
        return profile.Bindings.FirstOrDefault(b => b.Control == Text($"command/{pitch}")) is { } bound ? Said(bound.Address).Split(", ")[^1] : "";
    }

    static string Desk(int key) => key switch
    {
        21 => "lower half",
        22 => "+ preset: store",
        23 => "upper half",
        >= 24 and <= 47 => Text($"preset {key - 23}"),
        72 => "output + no.",
        73 => "channel + no.",
        74 => "bank −",
        75 => "bank +",
        76 => "program −",
        77 => "program +",
        78 => "transpose 0",
        79 => "octave −",
        80 => "octave +",
        81 => "semitone −",
        82 => "semitone +",
        83 => "+ key signature",
        >= 84 and <= 95 => new[] { "5♭", "4♭", "3♭", "2♭", "1♭", "natural", "1♯", "2♯", "3♯", "4♯", "5♯", "6♯" }[key - 84] + Text($" · no. {key - 84}"),
        96 => "arp on/off · no. 12",
        >= 97 and <= 99 => Text($"arp {new[] { "up", "down", "updown" }[key - 97]} · no. {key - 84}"),
        100 => "arp random",
        101 => "drum mode",
        >= 102 and <= 106 => Text($"drums {key - 101} · {new[] { 60, 80, 100, 120, 200 }[key - 102]} · {new[] { "7/8", "4/4", "6/8", "3/4", "2/4" }[key - 102]}"),
        107 => "metronome + bpm",
        108 => "+ signature",
        _ => "",
    };

    internal static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
