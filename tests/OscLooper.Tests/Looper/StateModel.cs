using OscLooper.Looper;

namespace OscLooper.Tests.Looper;

/// <summary>
/// A small model of the table in addresses.md section 4, written from the table alone: it knows states, scenes and how many layers
/// there are, nothing of audio.
/// </summary>
sealed class StateModel
{
    sealed class SceneModel
    {
        public LoopState State;
        public readonly Stack<bool> UndoHolds = new(), RedoHolds = new();   // what undo and redo would bring: a loop or nothing
        public bool Holds;
    }

    const int Most = 16;
    readonly List<SceneModel> scenes = [new()];

    public int Active { get; private set; }
    public int Scenes => scenes.Count;
    public LoopState State => scenes[Active].State;
    public int Layers => scenes[Active].UndoHolds.Count;
    public int RedoLayers => scenes[Active].RedoHolds.Count;

    public void Do(string command)
    {
        var s = scenes[Active];
        switch (command)
        {
            case "next_scene": Leave(); Active = (Active + 1) % scenes.Count; break;
            case "prev_scene": Leave(); Active = (Active + scenes.Count - 1) % scenes.Count; break;
            case "add_scene": if (scenes.Count < 64) scenes.Add(new()); break;
            case "remove_scene":
                if (scenes.Count == 1) break;
                scenes.RemoveAt(Active);
                Active = Math.Min(Active, scenes.Count - 1);
                break;
            case "record":
                if (s.State is LoopState.Recording or LoopState.Overdubbing) Finish(s);
                else StartTake(s);
                break;
            case "overdub":
                if (s.State == LoopState.Idle) StartTake(s);
                else if (s.State == LoopState.Overdubbing) Finish(s);
                else
                {
                    Finish(s);
                    Push(s);
                    s.State = LoopState.Overdubbing;
                }
                break;
            case "play": if (s.State is not LoopState.Idle) Finish(s); break;
            case "trigger": if (s.State is not LoopState.Idle) Finish(s); break;
            case "pause":
                if (s.State == LoopState.Idle) break;
                if (s.State == LoopState.Paused) s.State = LoopState.Looping;
                else
                {
                    Finish(s);
                    s.State = LoopState.Paused;
                }
                break;
            case "stop":
                if (s.State == LoopState.Idle) break;
                Finish(s);
                s.State = LoopState.Paused;
                break;
            case "clear":
                if (s.State == LoopState.Idle) break;
                Finish(s);
                Push(s);
                (s.Holds, s.State) = (false, LoopState.Idle);
                break;
            case "undo": Undo(s); break;
            case "redo": Redo(s); break;
            case "cancel": break;
        }
    }

    void Leave()
    {
        if (scenes.Count > 1 && State is LoopState.Recording or LoopState.Overdubbing) Finish(scenes[Active]);
    }

    static void Finish(SceneModel s)
    {
        s.Holds = true;
        s.State = LoopState.Looping;
    }

    static void StartTake(SceneModel s)
    {
        if (s.Holds) Push(s);
        else s.RedoHolds.Clear();
        (s.Holds, s.State) = (false, LoopState.Recording);
    }

    static void Push(SceneModel s)
    {
        s.RedoHolds.Clear();
        Limit(s.UndoHolds);
        s.UndoHolds.Push(s.Holds);
    }

    static void Limit(Stack<bool> stack)
    {
        if (stack.Count < Most) return;
        var kept = stack.Take(Most - 1).Reverse().ToArray();
        stack.Clear();
        foreach (var item in kept) stack.Push(item);
    }

    static void Undo(SceneModel s)
    {
        if (s.State == LoopState.Recording)
        {
            Limit(s.RedoHolds);
            s.RedoHolds.Push(true);
            s.State = LoopState.Idle;
        }
        else if (s.UndoHolds.Count > 0)
        {
            Limit(s.RedoHolds);
            s.RedoHolds.Push(s.Holds);
            s.Holds = s.UndoHolds.Pop();
            if (s.State is LoopState.Idle or LoopState.Overdubbing) s.State = LoopState.Looping;
        }
        else if (s.State == LoopState.Idle) Redo(s);
    }

    static void Redo(SceneModel s)
    {
        if (s.RedoHolds.Count == 0 || s.State is LoopState.Recording or LoopState.Overdubbing) return;
        if (s.Holds)
        {
            Limit(s.UndoHolds);
            s.UndoHolds.Push(true);
        }
        s.Holds = s.RedoHolds.Pop();
        s.State = !s.Holds ? LoopState.Idle : s.State == LoopState.Paused ? LoopState.Paused : LoopState.Looping;
    }
}
