namespace OscLooper.Tests.Looper;

/// <summary>The table of addresses.md section 4 as a program: one channel with its scenes. Null = the table does not say.</summary>
sealed class TableModel
{
    /// <summary>One loop as it was at some time; its length and the pass that made it stand for its sound.</summary>
    sealed record Loop(long Frames, int Pass);

    sealed class Scene
    {
        public string State = "idle";
        public Loop? Loop;
        public long Begin;
        /// <summary>Looping: the frame of position 0. Paused: the position held, in frames.</summary>
        public long? Origin, Held;
        public Stack<Loop?> Undo = new();
        /// <summary>What redo brings back, and whether what is there then becomes a layer (a take that undo ended stood on no layer of its own).</summary>
        public Stack<(Loop? Loop, bool Keeps)> Redo = new();
    }

    /// <summary>Read from /looper/channel/N/layers, whose range is 0..16: the oldest goes.</summary>
    const int MostLayers = 16;

    readonly List<Scene> scenes = [new()];
    int pass;

    public int Active { get; private set; }
    public int Scenes => scenes.Count;
    public string State => Now.State;
    public int Layers => Now.Undo.Count;
    public int RedoLayers => Now.Redo.Count;
    public long? Frames => State is "recording" ? null : Now.Loop?.Frames ?? 0;
    Scene Now => scenes[Active];

    public double? PositionAt(long frame) => Now switch
    {
        { State: "looping" or "overdubbing", Origin: { } origin, Loop: { } loop } => (double)((frame - origin) % loop.Frames) / loop.Frames,
        { State: "paused", Held: { } held, Loop: { } loop } => (double)held / loop.Frames,
        _ => null,
    };

    /// <summary>The table has no column for redo; while something is written it is not asked here.</summary>
    public bool Says(string command) => command != "redo" || State is not ("recording" or "overdubbing");

    /// <summary>Whether the command does nothing ("-", or nothing to take back).</summary>
    public bool IsIdleMove(string command) => (State, command) switch
    {
        ("idle", "play" or "trigger" or "pause" or "stop" or "clear") => true,
        ("looping", "play") => true,
        (_, "next_scene" or "prev_scene") => Scenes == 1,
        _ => false,
    };

    /// <summary>The command takes effect on this frame; false = it must be refused.</summary>
    public bool Do(string command, long frame, int number = 0)
    {
        var s = Now;
        switch (command)
        {
            case "next_scene": Enter((Active + 1) % Scenes, frame); break;
            case "prev_scene": Enter((Active + Scenes - 1) % Scenes, frame); break;
            case "scene":
                if (number < 1 || number > Scenes) return false;
                Enter(number - 1, frame);
                break;
            case "add_scene":
                if (Scenes == 64) return false;
                scenes.Add(new());
                break;
            case "remove_scene":
                if (Scenes == 1) return false;
                scenes.RemoveAt(Active);
                Active = Math.Min(Active, Scenes - 1);
                break;
            case "cancel": break;
            case "undo": TakeBack(s, frame); break;
            case "redo": BringBack(s); break;
            case "clear":
                if (s.State == "idle") break;
                // Cleared or discarded, the loop is one layer: a clear that ends an overdub keeps the pass as a layer of its own.
                if (s.State == "recording") Close(s, frame);
                Keep(s);
                (s.Loop, s.State) = (null, "idle");
                break;
            default: Play(s, command, frame); break;
        }
        return true;
    }

    void Play(Scene s, string command, long frame)
    {
        switch (s.State, command)
        {
            case ("idle", "record" or "overdub"):
                Write(s, frame);
                break;
            case ("idle", _):
            case ("looping", "play"):
                break;
            case ("recording", "overdub"):
                Close(s, frame);
                Dub(s, frame);
                break;
            case ("looping" or "paused", "overdub"):
                Dub(s, frame);
                break;
            case ("looping" or "paused", "record"):
                // "the old loop is one undo layer"
                Keep(s);
                Write(s, frame);
                break;
            case ("recording" or "overdubbing", "record"):
            case ("overdubbing", "overdub"):
            case (_, "play"):
            case ("paused", "pause"):
                Close(s, frame);
                Run(s, frame);
                break;
            case (_, "trigger"):
                Close(s, frame);
                (s.State, s.Origin) = ("looping", frame);
                break;
            case (_, "pause"):
                Hold(s, frame);
                break;
            case (_, "stop"):
                Hold(s, frame);
                s.Held = 0;
                break;
        }
    }

    // A new deed ends what redo could bring back.
    static void Write(Scene s, long frame)
    {
        (s.State, s.Begin, s.Loop) = ("recording", frame, null);
        s.Redo.Clear();
    }

    // A take that ends is a loop whose position 0 is where it ends.
    void Close(Scene s, long frame)
    {
        if (s.State != "recording") return;
        (s.Loop, s.Origin) = (new(frame - s.Begin, ++pass), frame);
        s.State = "looping";
    }

    void Dub(Scene s, long frame)
    {
        Run(s, frame);
        Keep(s);
        (s.State, s.Loop) = ("overdubbing", s.Loop! with { Pass = ++pass });
    }

    static void Run(Scene s, long frame)
    {
        if (s.State == "paused") s.Origin = frame - s.Held;
        s.State = "looping";
    }

    void Hold(Scene s, long frame)
    {
        Close(s, frame);
        if (s.State == "paused") return;
        s.Held = s.Origin is { } origin ? (frame - origin) % s.Loop!.Frames : null;
        s.State = "paused";
    }

    /// <summary>What is there now becomes a layer; a new deed ends what could be brought back.</summary>
    static void Keep(Scene s)
    {
        s.Undo.Push(s.Loop);
        if (s.Undo.Count > MostLayers) s.Undo = new(s.Undo.Take(MostLayers).Reverse());
        s.Redo.Clear();
    }

    void TakeBack(Scene s, long frame)
    {
        if (s.State == "recording")
        {
            // "idle; redo brings the take back"
            s.Redo.Push((new(frame - s.Begin, ++pass), false));
            s.State = "idle";
            return;
        }
        if (!s.Undo.TryPop(out var loop))
        {
            // Idle: "last cleared or discarded take back". A layer goes before it: the loop that was replaced is further back
            // than the take that undo has ended, and undo must reach it ("the old loop is one undo layer").
            if (s.State == "idle" && s.Redo.TryPeek(out var last) && !last.Keeps) BringBack(s);
            return;
        }
        s.Redo.Push((s.Loop, true));
        Show(s, loop);
    }

    static void BringBack(Scene s)
    {
        if (!s.Redo.TryPop(out var next)) return;
        if (next.Keeps) s.Undo.Push(s.Loop);
        Show(s, next.Loop);
    }

    static void Show(Scene s, Loop? loop)
    {
        var kept = s.Loop is not null && loop?.Frames == s.Loop.Frames && s.State != "idle";
        // "phase kept" has a meaning for one length only.
        if (!kept) (s.Origin, s.Held) = (null, null);
        s.Loop = loop;
        s.State = loop is null ? "idle" : s.State is "paused" ? "paused" : "looping";
    }

    void Enter(int scene, long frame)
    {
        if (scene == Active) return;
        if (State is "recording") Close(Now, frame);
        if (State is "overdubbing") Now.State = "looping";
        Active = scene;
    }
}
