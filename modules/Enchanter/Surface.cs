namespace OscLooper.Enchanter;

/// <summary>[any] One controller on the audio side: its ports, its leaves, and what it holds down.</summary>
sealed class Surface
{
    const int Keys = 16 * 128;

    readonly Profile profile;
    readonly NotesIn[] inputs;
    readonly NotesOut output;
    readonly Parameter[] leaves;
    readonly Parameter command;
    readonly Command release;
    readonly Errand controlKey, controlNotes, quiet, sends;
    readonly Handover<KeyRule> rules = new();
    readonly Handover<SendMap> maps = new();
    readonly string[] texts;
    // What is known of each control: down or not, clicks so far, the upper seven bits.
    readonly bool[] down;
    readonly double[] clicks;
    readonly byte[] coarse;
    readonly bool[] passed = new bool[Keys], heard = new bool[Keys], swallowed = new bool[Keys];
    readonly bool[] pedals = new bool[16 * 128], bent = new bool[16];
    readonly int keyPlace;
    KeyRule rule;
    SendMap map;
    bool isHeld, mustRelease;
    long releasedFrame = -1;

    /// <summary>[main] Declares.</summary>
    internal Surface(Branch at, Profile profile)
    {
        this.profile = profile;
        map = new SendMap(profile, [.. profile.Controls]);
        var controls = map.Controls;
        inputs = [.. profile.Cables.Select(c => at.NotesIn(c.Name == "" ? profile.Name : $"{profile.Name}/{c.Name}"))];
        output = at.NotesOut(profile.Name);
        (down, clicks, coarse) = (new bool[controls.Length], new double[controls.Length], new byte[controls.Length]);
        var own = at.Child(profile.Name);
        leaves = [.. controls.Select(c => own.Parameter(c.Name, SpecsOf(c.Kind), $"{profile.Title}: {Sentence(c)}", Traits.ReadOnly | Traits.Happening))];
        command = profile.HasKeys ? own.Parameter("command", SpecsOf(ControlKind.Key), $"{profile.Title}: the key last moved while the control key was held; no instrument hears it.", Traits.ReadOnly | Traits.Happening) : default;
        texts = [profile.ControlKey, profile.ControlNotes, ""];
        controlKey = own.Setting("control_key", Spec.Text with { InitialText = profile.ControlKey },
            "The key, button or pedal that makes commands of keys while it is held, e.g. key/36; empty = none.", change => Change(change, 0));
        controlNotes = own.Setting("control_notes", Spec.Text with { InitialText = profile.ControlNotes },
            "Which keys are commands then, e.g. \"67-70 72\".", change => Change(change, 1));
        quiet = own.Setting("quiet", Spec.Text, "Controls that no instrument hears, e.g. \"pad/1 key/60\"; the enchanter says so of those that are bound.", change => Change(change, 2), Traits.Fleeting);
        sends = own.Setting("sends", Spec.Text, "What controls of this very device send where it is not as in the profile, e.g. \"pad/1:99:10 key:91\": status and number in hexadecimal.", ChangeMap);
        release = own.Command("release", "Everything that is held down comes up, as when the cable is pulled.");
        keyPlace = Array.FindIndex(controls, c => c.Kind == ControlKind.Key);
        rule = KeyRule.Of(profile, profile.ControlKey, profile.ControlNotes, "", out _)!;
    }

    static Spec[] SpecsOf(ControlKind kind)
    {
        var way = Spec.Choice("up", "down");
        return kind switch
        {
            ControlKind.Key => [way, Spec.Count(0, 127).Named("pitch"), Spec.Count(0, 127).Named("velocity")],
            ControlKind.Pad or ControlKind.Button or ControlKind.Pedal => [way, Spec.Count(0, 127).Named("velocity"), Spec.Frames.Named("frame")],
            ControlKind.Encoder => [Spec.Count(int.MinValue, int.MaxValue)],
            ControlKind.Program => [Spec.Count(0, 127)],
            ControlKind.Bend => [Spec.Range(-1, 1, 0)],
            _ => [Spec.Range(0, 1, 0)],
        };
    }

    static string Sentence(Control control) => (control.Kind switch
    {
        ControlKind.Key => "the key last moved, up or down",
        ControlKind.Encoder => "clicks to the right minus clicks to the left",
        ControlKind.Program => "program chosen, from 0",
        var kind => kind.ToString().ToLowerInvariant(),
    }) + (control.Label == "" ? "." : $" {control.Label}.");

    bool Change(SettingChange change, int which)
    {
        var wanted = (string[])texts.Clone();
        wanted[which] = change.Text;
        if (KeyRule.Of(profile, wanted[0], wanted[1], wanted[2], out var why) is not { } fresh)
        {
            change.Refuse(Reason.NotFound, why);
            return false;
        }
        while (rules.TryCollect(out _)) { }
        if (!rules.Offer(fresh))
        {
            change.Refuse(Reason.Busy, "too many changes at once");
            return false;
        }
        texts[which] = change.Text;
        change.Tell(0);
        return true;
    }

    bool ChangeMap(SettingChange change)
    {
        if (SendMap.Of(profile, change.Text, out var why) is not { } fresh)
        {
            change.Refuse(Reason.NotFound, why);
            return false;
        }
        while (maps.TryCollect(out _)) { }
        if (!maps.Offer(fresh))
        {
            change.Refuse(Reason.Busy, "too many changes at once");
            return false;
        }
        change.Tell(0);
        return true;
    }

    /// <summary>[audio] Another control key; a release of all.</summary>
    internal void Handle(in Event e)
    {
        if (e.Kind == EventKind.Panic || e.Is(release)) mustRelease = true;
        else if (e.Is(sends) && maps.TryTake(out var other))
        {
            // What is down came from bytes that may mean something else now.
            mustRelease = true;
            maps.Return(map);
            map = other;
        }
        else if ((e.Is(controlKey) || e.Is(controlNotes) || e.Is(quiet)) && rules.TryTake(out var fresh))
        {
            if (!e.Is(quiet)) isHeld = false;
            rules.Return(rule);
            rule = fresh;
        }
    }

    /// <summary>[audio] Something has to come up with the next block.</summary>
    internal bool MustRelease => mustRelease;

    /// <summary>[audio] Everything comes up with the next block.</summary>
    internal void LetGoOfAll() => mustRelease = true;

    /// <summary>[audio] What has come in by all cables.</summary>
    internal void Process(in Block block, AudioSide audio)
    {
        if (mustRelease) Release(block, audio);
        for (var cable = 0; cable < inputs.Length; cable++)
            foreach (ref readonly var e in block.Notes(inputs[cable]))
            {
                // System messages (clock, active sensing) end here: half-forwarded sensing silences a receiver.
                if (e.Status >= 0xF0) continue;
                audio.At(e.Frame);
                var place = map.Decoders[cable].Find(e);
                if (place < 0)
                {
                    if (profile.RestThru) Pass(block, e, false);
                }
                else if (map.Controls[place].Kind == ControlKind.Key) HearKey(block, e, place);
                else HearControl(block, e, place);
            }
    }

    void HearKey(in Block block, in NoteEvent e, int place)
    {
        var (pitch, key) = (e.Pitch & 127, e.Channel << 7 | e.Pitch & 127);
        if (e.IsOn && (isHeld && rule.IsCommand(pitch) || pitch == rule.Pitch))
        {
            // A key that sounds already stays a key until it comes up.
            if (passed[key]) LetGo(block, e.Frame, key);
            swallowed[key] = true;
            if (pitch == rule.Pitch) isHeld = true;
            command.Set(1, pitch, e.Velocity);
            return;
        }
        if (e.IsOff && swallowed[key])
        {
            swallowed[key] = false;
            if (pitch == rule.Pitch) isHeld = false;
            command.Set(0, pitch, 0);
            return;
        }
        if (e.IsOn && swallowed[key])
        {
            // Struck again without having come up: what it is now decides how it ends.
            swallowed[key] = false;
            command.Set(0, pitch, 0);
        }
        if (e.IsOn || heard[key]) leaves[place].Set(e.IsOn ? 1 : 0, pitch, e.IsOn ? e.Velocity : 0);
        if (e.IsOn || e.IsOff) heard[key] = e.IsOn;
        Pass(block, e, e.IsOn && rule.IsQuietKey(pitch));
    }

    void HearControl(in Block block, in NoteEvent e, int place)
    {
        var control = map.Controls[place];
        var isControlKey = place == rule.Control;
        if (control.IsPressed)
        {
            var (isNote, isDown) = (e.Kind != NoteEvent.Control, e.Kind == NoteEvent.Control ? e.Velocity >= 64 : e.IsOn);
            // A pedal that moves between its ends, or a key struck twice: the first is no news, the second is.
            if (isDown != down[place] || isNote && isDown)
            {
                down[place] = isDown;
                if (isControlKey) isHeld = isDown;
                leaves[place].Set(isDown ? 1 : 0, isDown ? e.Velocity : 0, e.Frame);
            }
        }
        else Turn(control, place, e);
        if (control.Thru && !isControlKey) Pass(block, e, rule.IsQuiet(place));
    }

    void Turn(Control control, int place, in NoteEvent e)
    {
        var leaf = leaves[place];
        switch (control.Kind)
        {
            case ControlKind.Encoder:
                clicks[place] = Math.Clamp(clicks[place] + ClicksOf(control.Clicks, e.Velocity), int.MinValue, int.MaxValue);
                leaf.Set(clicks[place]);
                break;
            case ControlKind.Bend when control.Message == NoteEvent.Bend:
                var bend = (e.Velocity << 7 | e.Pitch) - 8192;
                leaf.Set(bend < 0 ? bend / 8192.0 : bend / 8191.0);
                break;
            case ControlKind.Bend:
                leaf.Set(e.Velocity < 64 ? (e.Velocity - 64) / 64.0 : (e.Velocity - 64) / 63.0);
                break;
            case ControlKind.Program:
                leaf.Set(e.Pitch);
                break;
            case ControlKind.Pressure when control.Message == 0xD0:
                leaf.Set(e.Pitch / 127.0);
                break;
            case var _ when control.Fine < 0:
                leaf.Set(e.Velocity / 127.0);
                break;
            case var _ when e.Pitch == control.Fine:
                leaf.Set((coarse[place] << 7 | e.Velocity) / 16383.0);
                break;
            default:
                // MIDI 1.0: the upper bits set the lower ones to 0; both ends of the way are reached without them.
                coarse[place] = e.Velocity;
                leaf.Set(e.Velocity == 127 ? 1 : (e.Velocity << 7) / 16383.0);
                break;
        }
    }

    static int ClicksOf(Clicks way, int value) => way switch
    {
        Clicks.BinaryOffset => value - 64,
        Clicks.SignMagnitude => value < 64 ? value : 64 - value,
        _ => value < 64 ? value : value - 128,
    };

    void Pass(in Block block, in NoteEvent e, bool isQuiet)
    {
        var key = e.Channel << 7 | e.Pitch & 127;
        // What ends something always gets through: a note that began, a pedal that was down.
        if (isQuiet && !(e.IsOff && passed[key]) && !(e.Kind == NoteEvent.Control && pedals[key] && e.Velocity == 0)) return;
        // The cable that was pulled lifts, too, what has just been lifted here.
        if (e.Frame == releasedFrame && (e.Kind == NoteEvent.Control && e.Pitch is >= 64 and <= 69 && e.Velocity == 0 && !pedals[key] || e.Kind == NoteEvent.Bend && (e.Pitch, e.Velocity) == (0, 64) && !bent[e.Channel])) return;
        if (e.IsOn) passed[key] = true;
        else if (e.IsOff) passed[key] = false;
        else if (e.Kind == NoteEvent.Control) pedals[key] = e.Velocity > 0 && e.Pitch is >= 64 and <= 69;
        else if (e.Kind == NoteEvent.Bend) bent[e.Channel] = (e.Pitch, e.Velocity) != (0, 64);
        block.Send(output, e.Frame, e.Status, e.Pitch, e.Velocity);
    }

    void LetGo(in Block block, long frame, int key)
    {
        passed[key] = false;
        block.Send(output, frame, NoteEvent.Off | key >> 7, key & 127, 64);
    }

    void Release(in Block block, AudioSide audio)
    {
        mustRelease = isHeld = false;
        releasedFrame = block.Frame;
        audio.At(block.Frame);
        for (var key = 0; key < Keys; key++)
        {
            if (passed[key]) LetGo(block, block.Frame, key);
            if (pedals[key]) block.Send(output, block.Frame, NoteEvent.Control | key >> 7, key & 127, 0);
            pedals[key] = false;
            if (heard[key]) leaves[keyPlace].Set(0, key & 127, 0);
            if (swallowed[key]) command.Set(0, key & 127, 0);
            heard[key] = swallowed[key] = false;
        }
        for (var channel = 0; channel < 16; channel++)
        {
            if (bent[channel]) block.Send(output, block.Frame, NoteEvent.Bend | channel, 0, 64);
            bent[channel] = false;
        }
        for (var place = 0; place < down.Length; place++)
        {
            if (!down[place]) continue;
            down[place] = false;
            leaves[place].Set(0, 0, block.Frame);
        }
    }
}
