using OscLooper.Looper;

namespace OscLooper.Tests.Looper.Notes;

/// <summary>
/// A slow model of one channel of notes, written from the table in addresses.md section 4 and from the rules of the ledger: frame by frame,
/// with lists; it knows nothing of segments, blocks or heads. One MIDI channel, several players, no quantise, rate 1.
/// </summary>
sealed class NoteModel
{
    sealed record Loop(int Length, List<(int Position, int End, int Pitch, float Velocity)> Notes)
    {
        public long Origin { get; set; }
        public Loop Copy() => new(Length, [.. Notes]) { Origin = Origin };
    }

    sealed class SceneModel
    {
        public LoopState State;
        public Loop? Holds;
        public long Rest;
        public readonly List<Loop?> Undo = [], Redo = [];
    }

    const int Most = 16;
    readonly List<SceneModel> scenes = [new()];
    readonly Dictionary<int, int> played = [];                      // pitch: end, of what the loop plays
    readonly HashSet<(int Player, int Pitch)> through = [];
    readonly Dictionary<(int Player, int Pitch), (int Position, int Velocity)> open = [];
    readonly Dictionary<int, int> holders = [];
    readonly List<string> heard = [];
    Loop? take;
    long takeFrame, frame, entered;
    int active;
    bool isPlaying;

    public int Monitor { get; set; }
    public bool IsMute { get; set; }
    public float Volume { get; set; } = 1;
    public float Feedback { get; set; } = 1;

    public LoopState State => S.State;
    public int Active => active;
    public int Scenes => scenes.Count;
    public int Layers => S.Undo.Count;
    public int RedoLayers => S.Redo.Count;
    public int Sounding => holders.Values.Sum();
    SceneModel S => scenes[active];
    float Gain => IsMute ? 0 : Volume;

    /// <summary>What was heard since the last time, by frame; within a frame in no certain order.</summary>
    public string[] Take()
    {
        string[] all = [.. heard];
        heard.Clear();
        return all;
    }

    public void Do(long at, string command)
    {
        frame = at;
        switch (command)
        {
            case "record" when S.State is LoopState.Recording or LoopState.Overdubbing: Finish(); break;
            case "record": StartTake(); break;
            case "overdub" when S.State == LoopState.Idle: StartTake(); break;
            case "overdub" when S.State == LoopState.Overdubbing: Finish(); break;
            case "overdub":
                if (S.State == LoopState.Paused) GoOn();
                Finish();
                Push(S.Holds);
                S.Holds = S.Holds!.Copy();
                open.Clear();
                S.State = LoopState.Overdubbing;
                break;
            case "play" when S.State == LoopState.Paused: GoOn(); break;
            case "play": Finish(); break;
            case "trigger" when S.State == LoopState.Idle: break;
            case "trigger" when S.State == LoopState.Recording: Finish(); break;
            case "trigger":
                Finish();
                S.Holds!.Origin = at;
                Enter();
                break;
            case "pause" when S.State == LoopState.Paused: GoOn(); break;
            case "pause" when S.State != LoopState.Idle: Pause(); break;
            case "stop" when S.State != LoopState.Idle:
                Pause();
                S.Rest = 0;
                break;
            case "clear" when S.State != LoopState.Idle:
                Finish();
                Leave();
                Push(S.Holds);
                (S.Holds, S.State) = (null, LoopState.Idle);
                break;
            case "undo": Undo(); break;
            case "redo": Redo(); break;
            case "next_scene": Switch((active + 1) % scenes.Count); break;
            case "prev_scene": Switch((active + scenes.Count - 1) % scenes.Count); break;
            case "add_scene": scenes.Add(new()); break;
            case "remove_scene" when scenes.Count > 1:
                take = null;
                Leave();
                scenes.RemoveAt(active);
                active = Math.Min(active, scenes.Count - 1);
                if (S.State == LoopState.Looping) Enter();
                break;
            case "panic":
                Finish();
                if (S.State == LoopState.Looping) Pause();
                EndThrough();
                break;
        }
        if (Gain == 0) Silence();
    }

    public void Silence()
    {
        EndThrough();
        EndPlayed();
    }

    void Finish()
    {
        if (S.State == LoopState.Recording)
        {
            var length = (int)Math.Max(1, frame - takeFrame);
            CloseOpen(take!, length);
            S.Holds = new Loop(length, take!.Notes) { Origin = frame };
            take = null;
            Enter();
        }
        else if (S.State == LoopState.Overdubbing)
        {
            CloseOpen(S.Holds!, (int)((frame - 1 - S.Holds!.Origin) % S.Holds.Length) + 1);
            S.State = LoopState.Looping;
        }
    }

    void StartTake()
    {
        Leave();
        if (S.Holds is not null) Push(S.Holds);
        else S.Redo.Clear();
        open.Clear();
        (S.Holds, S.State, take, takeFrame) = (null, LoopState.Recording, new Loop(0, []), frame);
    }

    void Enter()
    {
        Leave();
        (S.State, isPlaying, entered) = (LoopState.Looping, true, frame);
    }

    void Leave()
    {
        isPlaying = false;
        EndPlayed();
    }

    void GoOn()
    {
        S.Holds!.Origin = frame - S.Rest;
        Enter();
    }

    void Pause()
    {
        Finish();
        if (S.State == LoopState.Looping) S.Rest = (frame - S.Holds!.Origin) % S.Holds.Length;
        Leave();
        S.State = LoopState.Paused;
    }

    void Switch(int to)
    {
        if (to == active) return;
        Finish();
        Leave();
        active = to;
        if (S.State == LoopState.Looping) Enter();
    }

    void Push(Loop? loop)
    {
        S.Redo.Clear();
        Limit(S.Undo, loop);
    }

    static void Limit(List<Loop?> stack, Loop? loop)
    {
        if (stack.Count == Most) stack.RemoveAt(0);
        stack.Add(loop);
    }

    void Undo()
    {
        if (S.State == LoopState.Recording)
        {
            var length = (int)Math.Max(1, frame - takeFrame);
            CloseOpen(take!, length);
            Limit(S.Redo, new Loop(length, take!.Notes) { Origin = frame });
            (S.State, take) = (LoopState.Idle, null);
        }
        else if (S.Undo.Count > 0)
        {
            Limit(S.Redo, S.Holds);
            var below = S.Undo[^1];
            S.Undo.RemoveAt(S.Undo.Count - 1);
            Show(below, S.State == LoopState.Paused ? LoopState.Paused : LoopState.Looping);
        }
        else if (S.State == LoopState.Idle) Redo();
    }

    void Redo()
    {
        if (S.Redo.Count == 0 || S.State is LoopState.Recording or LoopState.Overdubbing) return;
        var next = S.Redo[^1];
        S.Redo.RemoveAt(S.Redo.Count - 1);
        if (S.Holds is not null) Limit(S.Undo, S.Holds);
        Show(next, next is null ? LoopState.Idle : S.State == LoopState.Paused ? LoopState.Paused : LoopState.Looping);
    }

    void Show(Loop? loop, LoopState state)
    {
        if (loop is not null)
        {
            if (S.Holds?.Length == loop.Length) loop.Origin = S.Holds.Origin;
            S.Rest = S.State == LoopState.Paused ? S.Rest % loop.Length : Mod(frame - loop.Origin, loop.Length);
        }
        Leave();
        S.Holds = loop;
        if (state == LoopState.Looping) Enter();
        S.State = state;
    }

    static long Mod(long a, long b) => (a % b + b) % b;

    void CloseOpen(Loop to, int end)
    {
        foreach (var ((_, pitch), (position, velocity)) in open) Write(to, position, end, pitch, velocity);
        open.Clear();
    }

    static void Write(Loop to, int position, int end, int pitch, float velocity)
    {
        var place = to.Notes.FindIndex(n => n.Position > position);
        to.Notes.Insert(place < 0 ? to.Notes.Count : place, (position, Math.Max(position + 1, end), pitch, velocity));
    }

    /// <summary>One frame: what the loop plays, then what the players do (pitch, velocity 0 = released).</summary>
    public void Step(long at, IEnumerable<(int Player, int Pitch, int Velocity)> keys)
    {
        frame = at;
        var position = isPlaying ? (int)Mod(at - S.Holds!.Origin, S.Holds.Length) : (int)(at - takeFrame);
        var isHeard = Monitor == 2 || (Monitor == 1 && S.State is not (LoopState.Looping or LoopState.Paused));
        if (isPlaying) PlayFrame(S.Holds!, position);
        if (!isHeard) EndThrough();
        foreach (var (player, pitch, velocity) in keys)
        {
            if (through.Remove((player, pitch))) Off(pitch);
            if (isHeard && velocity > 0 && Gain > 0)
            {
                through.Add((player, pitch));
                On(pitch, velocity);
            }
            if (S.State is not (LoopState.Recording or LoopState.Overdubbing)) continue;
            var to = take ?? S.Holds!;
            if (open.Remove((player, pitch), out var begun)) Write(to, begun.Position, position, pitch, begun.Velocity);
            if (velocity > 0) open[(player, pitch)] = (position, velocity);
        }
    }

    void PlayFrame(Loop loop, int position)
    {
        if ((position == 0 && frame != entered) || loop.Length == 1)
        {
            EndPlayed();
            if (S.State == LoopState.Overdubbing) CloseOpen(loop, loop.Length);
        }
        foreach (var (pitch, end) in played.ToArray())
            if (end <= position)
            {
                played.Remove(pitch);
                Off(pitch);
            }
        for (var i = 0; i < loop.Notes.Count; i++)
        {
            var note = loop.Notes[i];
            if (note.Position != position) continue;
            if (Gain > 0 && MathF.Round(note.Velocity * Gain) >= 1)
            {
                if (played.TryGetValue(note.Pitch, out var end)) Off(note.Pitch);
                played[note.Pitch] = Math.Max(end, note.End);
                On(note.Pitch, note.Velocity);
            }
            if (S.State != LoopState.Overdubbing || Feedback == 1) continue;
            loop.Notes[i] = note with { Velocity = note.Velocity * Feedback };
            if (loop.Notes[i].Velocity < 1) loop.Notes.RemoveAt(i--);
        }
    }

    void EndPlayed()
    {
        foreach (var pitch in played.Keys) Off(pitch);
        played.Clear();
    }

    void EndThrough()
    {
        foreach (var (_, pitch) in through) Off(pitch);
        through.Clear();
    }

    void On(int pitch, float velocity)
    {
        if (holders.GetValueOrDefault(pitch) > 0) heard.Add($"{frame} -{pitch}");
        holders[pitch] = holders.GetValueOrDefault(pitch) + 1;
        heard.Add($"{frame} +{pitch} {Math.Clamp((int)MathF.Round(velocity * Gain), 1, 127)}");
    }

    void Off(int pitch)
    {
        if (--holders[pitch] == 0) heard.Add($"{frame} -{pitch}");
    }
}
