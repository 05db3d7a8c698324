namespace OscLooper.Looper;

/// <summary>[any] The addresses of every channel: /looper/channel/N/... Add one here and it is in the tree, the documents and the questions.</summary>
sealed class ChannelLeaves
{
    public readonly Parameter Scene, Scenes, State, Sounding, Pending, Volume, Pan, Mute, Solo, Feedback, Monitor, Rate, Quantize, Sync;
    public readonly Parameter Length, Frames, Cycles, Position, Origin, Layers, RedoLayers, LevelIn, LevelOut;
    public readonly Command NextScene, PrevScene, Record, Play, Overdub, Pause, Stop, Trigger, Clear, Undo, Redo, Cancel;
    public readonly Errand Name, Input, Output, AddScene, RemoveScene, Remove, Load, Save, Peaks;

    public ChannelLeaves(Branch at, ChannelDesk desk)
    {
        Name = at.Setting("name", Spec.Label with { Name = "" }, "A name for people.", desk.SetName);
        Scene = at.Parameter("scene", Spec.Count(1, MostScenes, 1), "The active scene; another number switches to it, faded, at the boundary that quantize names.", Traits.Managed | Traits.Fleeting);
        Scenes = at.Parameter("scenes", Spec.Count(1, MostScenes, 1), "How many scenes there are.", Traits.ReadOnly);
        NextScene = at.Command("next_scene", "To the next scene; after the last comes the first.");
        PrevScene = at.Command("prev_scene", "To the previous scene; before the first comes the last.");
        AddScene = at.Job("add_scene", [], "Appends an empty scene, does not switch to it; /done carries how many there are.", desk.AddScene);
        RemoveScene = at.Job("remove_scene", [], "Removes the active scene, the rest move down; refused when it is the last. Safe while looping.", desk.RemoveScene, Traits.Destroys);

        State = at.Parameter("state", [Spec.Choice("idle", "recording", "looping", "overdubbing", "multiplying", "inserting", "replacing", "substituting", "paused", "oneshot"), Spec.Frames.Named("since_frame")],
            "What the active scene does, and the frame at which that began.", Traits.ReadOnly);
        Sounding = at.Parameter("sounding", [(Spec.Frames with { Unit = "" }).Named("tape"), Spec.Frames.Named("since_frame"), Spec.Range(0, 1e15, 0, "frames").In64Bits().Named("position")],
            "What is heard of it: the number that a saved session gives the loop's tape (0: nothing, or muted), since which frame, and where in the loop that was.", Traits.ReadOnly);
        Pending = at.Parameter("pending", Spec.Choice("none", "record", "overdub", "play", "trigger", "pause", "stop", "scene"), "What waits for a boundary.", Traits.ReadOnly);
        Record = at.Command("record", "Idle: begins a take. Recording or overdubbing: closes the loop. Looping, paused: replaces the loop (one undo layer).");
        Play = at.Command("play", "Recording, overdubbing: closes the loop. Paused: goes on from the position.");
        Overdub = at.Command("overdub", "Adds a layer to the loop; again: ends it. Idle: begins a take. Recording: closes the loop and adds to it at once.");
        Pause = at.Command("pause", "Holds the loop where it is; again: goes on. Recording, overdubbing: closes the loop first, the take is kept.");
        Stop = at.Command("stop", "Holds the loop at its beginning; the take is kept.");
        Trigger = at.Command("trigger", "Plays the loop from its beginning.");
        Clear = at.Command("clear", "Empties the scene; undo brings the loop back.");
        Undo = at.Command("undo", "Takes back one layer: an overdub, a replaced take, a clear. While something is pending: takes that back only.");
        Redo = at.Command("redo", "Brings back what undo took.");
        Cancel = at.Command("cancel", "Takes back what is pending.");

        Volume = at.Parameter("volume", Spec.Range(0, 4, 1), "Linear gain; of kind midi it scales velocities, and 0 is silence.");
        Pan = at.Parameter("pan", Spec.Range(-1, 1, 0), "Left -1, right 1; 0 dB at the centre, +3 dB at the ends.");
        Mute = at.Parameter("mute", Spec.Switch(), "1 silences the channel; its loop runs on.");
        Solo = at.Parameter("solo", Spec.Switch(), "1 silences the looper channels that are not solo.", Traits.CutsAll);
        Feedback = at.Parameter("feedback", Spec.Range(0, 1, 1), "How much of the old loop survives a pass of overdub.");
        Monitor = at.Parameter("monitor", Spec.Choice("off", "auto", "on"), "When the input is heard: never; while idle, waiting or writing; always.");
        Rate = at.Parameter("rate", Spec.Range(-4, 4, 1), "Varispeed: pitch and speed together; negative plays backwards, 0 stands still. Of kind midi: how fast; below 0 counts as 0.");
        Quantize = at.Parameter("quantize", Spec.Choice("off", "beat", "bar", "cycle", "loop"), "What an action waits for.", Traits.CutsAll);
        Sync = at.Parameter("sync", [Spec.Choice("none", "transport", "channel") with { Initial = 1 }, Spec.Count(0, Rows.MaxRows).Named("channel").OrNothing()],
            "Where boundaries come from: this loop's own cycles, the transport, or another channel's cycles.", Traits.Managed | Traits.CutsAll);

        Length = at.Gauge("length", Spec.Range(0, 1e9, 0, "s").In64Bits(), "Length of the loop.");
        Frames = at.Gauge("frames", Spec.Frames, "Length of the loop in frames; grows while recording.");
        Cycles = at.Parameter("cycles", Spec.Count(0, int.MaxValue), "How many times the length first recorded fits into the loop.", Traits.ReadOnly);
        Position = at.Gauge("position", Spec.Range(0, 1, 0), "Where in the loop it is.");
        Origin = at.Gauge("origin", Spec.Frames, "Frame at which the position was last 0.");
        Layers = at.Parameter("layers", Spec.Count(0, LayerStack.Most), "How many layers undo can take back.", Traits.ReadOnly);
        RedoLayers = at.Parameter("redo_layers", Spec.Count(0, LayerStack.Most), "How many layers redo can bring back.", Traits.ReadOnly);
        LevelIn = at.Gauge("level/in", Spec.Peak, "Peak of the input.");
        LevelOut = at.Gauge("level/out", Spec.Peak, "Peak of what the channel plays.");

        Input = at.Setting("input", Spec.Text with { InitialText = "audio:in" }, "What it hears: audio:in (lane by lane), audio:in/2 (one lane on all), audio:in/3+4 (a pair), none. Of kind midi: notes/1, notes/1/10 (one MIDI channel).", desk.SetInput);
        Output = at.Setting("output", Spec.Text with { InitialText = "audio:out" }, "Where it sounds: audio:out (left and right on 1 and 2), audio:out/3, audio:out/3+4, none. Of kind midi: played/1, played/1/10 (all on one MIDI channel).", desk.SetOutput);
        Load = at.Job("load", [Spec.Path], "Loads a sound file into the active scene (one undo layer); an empty scene is then paused at its beginning. Of kind midi: a Standard MIDI File, whose beats are kept; its length is rounded up to whole beats.", desk.Load);
        Save = at.Job("save", [Spec.Path, Spec.Choice("wav", "flac").Named("format").OrNothing()], "Saves the active scene's loop; wav is 32-bit float, flac 24 bits. Without a format the ending of the name decides. Of kind midi: a Standard MIDI File.", desk.Save);
        Peaks = at.Job("peaks", [Spec.Count(1, 16384).Named("points")], "The loop's shape: /done carries a blob of min and max as int8 pairs.", desk.Peaks);
        Remove = at.Job("remove", [], "Removes the channel; its number is not given again.", desk.Remove, Traits.Destroys);
    }

    /// <summary>[any] Scenes that a channel may have.</summary>
    public const int MostScenes = 64;
}
