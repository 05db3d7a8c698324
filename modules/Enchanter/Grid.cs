using System.Globalization;

namespace OscLooper.Enchanter;

/// <summary>[main] A grid of pads drives the looper: columns are channels, rows are scenes, colours are states, what waits blinks.</summary>
sealed class Grid(Speaker desk, Profile profile, Binder binder, Lamps lamps) : Scheme
{
    // What the knobs do, chosen by shift and the buttons with these prints.
    static readonly (string Leaf, double Low, double High)[] Banks = [("volume", 0, 2), ("pan", -1, 1), ("feedback", 0, 1), ("rate", 0, 2)];

    readonly Dictionary<int, Track> tracks = [];
    readonly HashSet<string> held = [];
    readonly Control[] pads = [.. profile.Controls.Where(c => c.Kind == ControlKind.Pad)];
    readonly int columns = Math.Max(1, profile.Controls.Where(c => c.Kind == ControlKind.Pad).Select(c => c.Column).DefaultIfEmpty(0).Max());
    readonly List<IDisposable> watches = [];
    int firstChannel = 1, firstScene = 1, bank;
    double lookedAt;
    bool isPlaying, isFaulted;

    internal override void Start()
    {
        binder.Moved += Show;
        BindKnobs();
    }

    internal override void Come() => Follow();

    // A thousand channels have six thousand values: they are asked for when there is a grid that shows them, or somebody presses a pad.
    void Follow()
    {
        if (watches.Count > 0) return;
        watches.Add(desk.Watch("/looper/channel/*/{state,pending,scene,scenes,mute,solo}", Hear));
        watches.Add(desk.Watch("/transport/playing", (_, values) => Change(() => isPlaying = Convert.ToInt32(values[0], CultureInfo.InvariantCulture) != 0)));
        watches.Add(desk.Watch("/realm/imp/looper/state", (_, values) => Change(() => isFaulted = values[0] is "faulted" or "quarantined")));
        ShowAll();
    }

    internal override void Stop()
    {
        foreach (var watch in watches) watch.Dispose();
        watches.Clear();
        binder.Moved -= Show;
        tracks.Clear();
    }

    internal override void Release()
    {
        held.Clear();
        ShowAll();
    }

    // Nobody is told of a channel that goes, so it is looked now and then who is there.
    internal override void Tick(double seconds)
    {
        const double Pause = 1;
        if (watches.Count == 0 || seconds - lookedAt < Pause) return;
        lookedAt = seconds;
        var there = new HashSet<int>();
        using (desk.Watch("/looper/channel/*/scenes", (address, _) => there.Add(NumberOf(address)))) { }
        if (tracks.Keys.Where(n => !there.Contains(n)).ToArray() is not { Length: > 0 } gone) return;
        foreach (var number in gone) tracks.Remove(number);
        ShowAll();
    }

    static int NumberOf(string address) => address.Split('/') is [_, _, _, var text, _] && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    // "/looper/channel/3/state"
    void Hear(string address, object[] values)
    {
        if (NumberOf(address) is not (> 0 and var number)) return;
        var leaf = address[(address.LastIndexOf('/') + 1)..];
        if (!tracks.TryGetValue(number, out var track)) tracks[number] = track = new Track();
        track.Hear(leaf, values);
        // A scene that was wanted before it existed exists now.
        if (leaf == "scenes" && track.Wanted > 0)
        {
            if (track.Wanted <= track.Scenes) desk.Send($"/looper/channel/{number}/scene", track.Wanted);
            else desk.Send($"/looper/channel/{number}/add_scene");
        }
        // Of a thousand channels few are in view.
        if (number >= firstChannel && number < firstChannel + columns) ShowAll();
    }

    internal override void Said(string address, object[] values)
    {
        if (values.Length == 1 && address.StartsWith("/looper/channel/", StringComparison.Ordinal) && address.EndsWith("/mute") | address.EndsWith("/solo")) Hear(address, values);
    }

    void Change(Action change)
    {
        change();
        ShowAll();
    }

    bool IsHeld(string function) => profile.Functions.Any(f => f.Value == function && held.Contains(f.Key));

    internal override void Press(string name, Control? control, bool isDown, int velocity, long? frame)
    {
        if (control is null) return;
        Follow();
        if (isDown) held.Add(name);
        else held.Remove(name);
        if (control.Kind == ControlKind.Pad && isDown) PressPad(firstChannel + control.Column - 1, firstScene + control.Row - 1, frame);
        else if (isDown && name.StartsWith("track/", StringComparison.Ordinal)) PressTrack(control.Column, frame);
        else if (isDown && profile.Functions.TryGetValue(name, out var function)) Do(function, frame);
        ShowAll();
    }

    void PressPad(int channel, int scene, long? frame)
    {
        if (!tracks.TryGetValue(channel, out var track)) return;
        var at = $"/looper/channel/{channel}/";
        if (IsHeld("shift")) Act(IsHeld("undo") ? "redo" : "clear");
        else if (IsHeld("stop")) Act("stop");
        else if (IsHeld("solo")) Act("solo", track.IsSolo ? 0 : 1);
        else if (IsHeld("mute")) Act("mute", track.IsMuted ? 0 : 1);
        else if (IsHeld("record")) Act("record");
        else if (IsHeld("undo")) Act("undo");
        else if (scene == track.Scene) Act(track.Pending != "none" ? "cancel" : track.State switch
        {
            "idle" => "record",
            "looping" => "overdub",
            _ => "play",
        });
        else if (scene <= track.Scenes)
        {
            track.Wanted = scene;
            Act("scene", scene);
        }
        else
        {
            track.Wanted = scene;
            Act("add_scene");
        }

        void Act(string leaf, params object[] arguments)
        {
            desk.SendAt(frame, at + leaf, arguments);
        }
    }

    void PressTrack(int column, long? frame)
    {
        var channel = firstChannel + column - 1;
        if (!IsHeld("shift"))
        {
            if (tracks.TryGetValue(channel, out var track)) desk.SendAt(frame, $"/looper/channel/{channel}/mute", track.IsMuted ? 0 : 1);
            return;
        }
        // As printed: up, down, left, right move what the pads show; volume, pan, send, device choose what the knobs turn.
        if (column == 1) firstScene = Math.Max(1, firstScene - 1);
        else if (column == 2) firstScene = Math.Min(60, firstScene + 1);
        else if (column == 3) firstChannel = Math.Max(1, firstChannel - 1);
        else if (column == 4) firstChannel = Math.Min(Math.Max(1, tracks.Keys.DefaultIfEmpty(1).Max() - columns + 1), firstChannel + 1);
        else bank = column - 5;
        BindKnobs();
    }

    void Do(string function, long? frame)
    {
        var isShifted = IsHeld("shift");
        if (function == "stop_all") desk.SendAt(frame, isShifted ? "/server/panic" : "/looper/channel/*/stop");
        else if (function == "play") desk.SendAt(frame, isPlaying ? "/transport/stop" : "/transport/play");
        else if (function == "tap") desk.SendAt(frame, "/transport/tap");
    }

    void BindKnobs()
    {
        var (leaf, low, high) = Banks[Math.Clamp(bank, 0, Banks.Length - 1)];
        foreach (var knob in profile.Controls.Where(c => c.Name.StartsWith("knob/", StringComparison.Ordinal)))
        {
            var n = (knob.Row - 1) * 4 + knob.Column - 1;
            binder.Offer($"{profile.Name}/{knob.Name}", $"/looper/channel/{firstChannel + n}/{leaf}", low, high);
        }
    }

    void ShowAll()
    {
        foreach (var pad in pads) Show(pad);
        foreach (var control in profile.Controls.Where(c => c.Kind == ControlKind.Button)) Show(control);
    }

    void Show(string full)
    {
        var prefix = profile.Name + "/";
        if (full.StartsWith(prefix, StringComparison.Ordinal) && profile.Find(full[prefix.Length..]) is { } control) Show(control);
    }

    void Show(Control control)
    {
        if (!lamps.IsLit(control)) return;
        lamps.Set(control, control.Kind == ControlKind.Pad ? PadLight(control) : ButtonLight(control) ? "on" : "off");
    }

    string PadLight(Control pad)
    {
        if (binder.IsBound($"{profile.Name}/{pad.Name}")) return binder.IsHigh($"{profile.Name}/{pad.Name}") == true ? "playing" : "paused";
        if (isFaulted) return "faulted";
        return tracks.TryGetValue(firstChannel + pad.Column - 1, out var track) ? track.Light(firstScene + pad.Row - 1) : "empty";
    }

    bool ButtonLight(Control button)
    {
        if (binder.IsBound($"{profile.Name}/{button.Name}")) return binder.IsHigh($"{profile.Name}/{button.Name}") ?? held.Contains(button.Name);
        if (button.Name.StartsWith("track/", StringComparison.Ordinal))
            return tracks.TryGetValue(firstChannel + button.Column - 1, out var track) && track.IsMuted;
        return profile.Functions.GetValueOrDefault(button.Name) == "play" ? isPlaying : held.Contains(button.Name);
    }

    internal override string? State
    {
        get => string.Create(CultureInfo.InvariantCulture, $"{firstChannel} {firstScene} {bank}");
        set
        {
            var parts = (value ?? "").Split(' ').Select(p => int.TryParse(p, out var n) ? n : 0).ToArray();
            if (parts.Length < 3) return;
            (firstChannel, firstScene, bank) = (Math.Clamp(parts[0], 1, 1000), Math.Clamp(parts[1], 1, 60), Math.Clamp(parts[2], 0, Banks.Length - 1));
            BindKnobs();
            ShowAll();
        }
    }
}
