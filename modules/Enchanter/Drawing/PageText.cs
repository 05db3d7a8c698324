using System.Globalization;
using System.Text;

namespace OscLooper.Enchanter;

/// <summary>[worker] The page of a controller in words: Markdown.</summary>
static class PageText
{
    internal static string Of(Profile profile)
    {
        var text = new StringBuilder();
        text.Append($"# {profile.Title}\n\n{profile.About}\n\n![{profile.Title}: what every control does]({profile.Name}.svg)\n\n");
        text.Append($"Its leaves are `/controller/{profile.Name}/...`; its name in bindings is `{profile.Name}/...`. ");
        text.Append("It is known by the name of its ports:\n\n| cable | input | output |\n|---|---|---|\n");
        foreach (var cable in profile.Cables) text.Append($"| {(cable.Name == "" ? "main" : cable.Name)} | {Cell(cable.In)} | {Cell(cable.Out)} |\n");
        if (profile.Scheme == "grid") text.Append(Grid);
        if (profile.Scheme == "wrap_manual") text.Append(WrapManual);
        if (profile.HasKeys && profile.Scheme == "") text.Append(Commands(profile));
        text.Append("\n## What it sends, and what comes of it\n\n| control | sends | does |\n|---|---|---|\n");
        foreach (var group in profile.Controls.GroupBy(c => (c.Kind, Group: Pattern(c.Name), c.Label == "" ? "" : c.Name)))
        {
            var (first, last) = (group.First(), group.Last());
            var many = first == last ? "" : $" to `{last.Name}`";
            var deed = Deeds.Of(profile, first);
            text.Append($"| `{first.Name}`{many}{(first.Label == "" ? "" : $" ({first.Label})")} | {Sends(first)}{(first == last ? "" : $" to {Sends(last)}")} | {(first == last || deed == Deeds.Of(profile, last) ? deed : $"{deed} ... {Deeds.Of(profile, last)}")} |\n");
        }
        if (profile.Lights is { } lights)
        {
            text.Append("\n## Its lights\n\n| light | bytes (of the first pad) |\n|---|---|\n");
            foreach (var (state, light) in lights.States) text.Append(Deeds.Text($"| {state.Replace('_', ' ')} | `{0x90 | light.Channel:X2} 00 {light.Value:X2}` |\n"));
            text.Append($"\nOnly what changes is sent, at most {profile.MessagesPerSecond} messages a second; all of it when the device comes back.\n");
        }
        foreach (var (name, table) in profile.Tables)
            text.Append($"\n## {name}\n\n{string.Join(" · ", table.Select(v => $"{v.Key} {v.Value}"))}\n");
        if (profile.Doubts.Count > 0) text.Append($"\n## In doubt\n\n{string.Join("\n", profile.Doubts.Select(d => $"* {d}"))}\n\nA file of your own, `{Profiles.Folder}/{profile.Name}.json` in the first `--folder`, replaces this profile.\n");
        return text.ToString();
    }

    static string Cell(PortPattern pattern) => pattern.Text == "" ? "none" : $"`{pattern.Text.Replace("|", "\\|")}`";

    // "pad/1/2" is one of "pad/#/#"
    static string Pattern(string name) => new([.. name.Select(c => char.IsAsciiDigit(c) ? '#' : c)]);

    /// <summary>[worker] What a control sends, in bytes; x = the MIDI channel where it may be any.</summary>
    internal static string Sends(Control control)
    {
        var channel = control.Channel < 0 ? "x" : control.Channel.ToString("X", CultureInfo.InvariantCulture);
        var kind = (control.Message >> 4).ToString("X", CultureInfo.InvariantCulture);
        return control.Kind switch
        {
            ControlKind.Key => $"notes `{kind}{channel}`",
            ControlKind.Bend when control.Message == NoteEvent.Bend => $"bend `{kind}{channel}`",
            ControlKind.Pressure => $"pressure `{kind}{channel}`",
            ControlKind.Program => $"program `{kind}{channel}`",
            ControlKind.Encoder => Deeds.Text($"`{kind}{channel} {control.Number:X2}`, clicks"),
            _ => Deeds.Text($"`{kind}{channel} {control.Number:X2}`"),
        };
    }

    static string Commands(Profile profile)
    {
        var commands = profile.Bindings.Where(b => b.Control.StartsWith("command/", StringComparison.Ordinal)).ToArray();
        if (commands.Length == 0) return "";
        return $"\n## Keys as commands\n\nChoose a key (or a pedal) that makes commands of keys while it is held, e.g. `/controller/{profile.Name}/control_key key/36`; then\n\n"
            + string.Concat(commands.Select(c => $"* key {c.Control[8..]}: `{c.Address}`\n")) + "\nNeither it nor they reach an instrument or a loop.\n";
    }

    const string Grid = """

        ## The grid

        A pad of the **active** scene: idle records, recording closes the loop, looping overdubs, overdubbing ends that, paused goes on; while something waits for its
        boundary (it blinks) the same pad takes it back. A pad of **another** scene goes there; below the last one a scene is added first.
        Held with a pad: Clip Stop stops, Solo, Mute, Rec Arm records anew, Select undoes (with Shift, too: brings it back), Shift clears.
        The buttons below the columns mute and are lit while muted. With Shift they are what is printed on them: Up and Down move the rows over the scenes, Left and Right the
        columns over the channels, Volume, Pan, Send (feedback) and Device (rate) choose what the knobs turn.
        Whatever you bind yourself (`/enchanter/bind`) is yours and does that instead.

        """;

    const string WrapManual = """

        ## The desk

        While the left pedal is held (neither it nor these keys are heard; 52 to 71 play on, with everything applied):

        | key | does |
        |---|---|
        | 24..47 | 24 presets: recall; with 22 held: store. A preset keeps the bard, the arpeggio, drums on and pattern, metronome, tempo, signature, and both halves |
        | 21 · 23 | what follows is for the lower half · the upper half (split at the middle C); both at once: the keyboard is whole again |
        | 72 · 73 | a number follows on 84..99: output of the bard (0 = the first) · MIDI channel (0..15); the same key twice at once adds 16 |
        | 74 75 · 76 77 | bank · program down and up; both at once: 0 (`/fluid/program`) |
        | 78 · 79 80 · 81 82 | transpose: none · octave down, up · semitone down, up |
        | 83 held + 84..95 | key signature: five flats to six sharps |
        | 96 · 97..100 | arpeggio on and off · up, down, updown, random; held for half a second: record, until it is let go. Each key keeps what was recorded with it |
        | 101 | drum mode: the playing keys hit the sixteen lanes from 52 up |
        | 102..106 | five drum patterns: start, stop; held: record |
        | 107 | metronome on and off; held + 102..106: 60 80 100 120 200 |
        | 108 held + 102..106 | 7/8 4/4 6/8 3/4 2/4; a second one at the same time is counted against the first |

        """;
}
