using OscLooper.Looper;
using OscLooper.Server.Realtime;
using OscLooper.Tests.Server.Realtime;

namespace OscLooper.Tests.Looper;

/// <summary>A looper on an engine, without a server: events in, samples out.</summary>
sealed class LoopStage : IDisposable
{
    readonly Stage stage;
    readonly LooperModule looper;

    public LoopStage(int channels = 1, int lanes = 1, long memoryBytes = 64 << 20)
    {
        stage = new Stage(lanes, 2);
        LooperModule? made = null;
        stage.With("transport", at => new TransportModule(at));
        stage.With("looper", at => made = new LooperModule(at), new ModuleSettings(channels, memoryBytes, false));
        looper = made!;
        stage.Load();
        stage.Settle();
    }

    public LooperModule Looper => looper;
    public List<Event> Heard => stage.Heard;
    public long Frame => stage.Engine.Status.Frame;

    int Leaf(string name, int channel) => 1 << Event.LeafBits
        | Rows.LeafAt(stage.Imps[1].Tree.Declarations.Single(d => d.Name == name).Leaf, channel - 1);

    public void Do(long frame, string command, int channel = 1) => stage.Send(new Event(frame, Leaf(command, channel), EventKind.Fire, 7, 0));
    public void Set(long frame, string parameter, double a, double b = 0, int channel = 1) => stage.Send(new Event(frame, Leaf(parameter, channel), EventKind.Set, 7, a, b));
    public void Own(long frame, string command, double a = 0, double b = 0) => stage.Send(new Event(frame, stage.Leaf("looper", command), EventKind.Fire, 7, a, b));
    public int TransportLeaf(string name) => stage.Leaf("transport", name);
    public void Transport(long frame, string name, double a) => stage.Send(new Event(frame, stage.Leaf("transport", name), stage.Imps[0].Tree.Declarations.Single(d => d.Name == name).Kind == LeafKind.Command ? EventKind.Fire : EventKind.Set, 7, a));

    public void AddScene(long frame, int channel = 1)
    {
        looper.FreshScenes.Offer(new Scene());
        stage.Send(new Event(frame, Leaf("add_scene", channel), EventKind.Ask, 7, 1));
    }

    /// <summary>What the desk says when a name was understood: lanes from 0, -2 = none.</summary>
    public void Connect(long frame, string end, int first, int second, int channel = 1) => stage.Send(new Event(frame, Leaf(end, channel), EventKind.Ask, 7, 0, first, second));

    public void RemoveScene(long frame, int channel = 1) => stage.Send(new Event(frame, Leaf("remove_scene", channel), EventKind.Ask, 7, 1));

    public double Cell(string name, int channel = 1) => stage.Imps[1].Tree.Audio.Cells[Leaf(name, channel) & ((1 << Event.LeafBits) - 1)].A;
    public LoopState State(int channel = 1) => (LoopState)(int)Cell("state", channel);

    public List<(long Frame, LoopState State)> States(int channel = 1) =>
        [.. Heard.Where(e => e.Kind == EventKind.Set && e.Target == Leaf("state", channel)).Select(e => (e.Frame, (LoopState)(int)e.A))];

    /// <summary>Plays and gives the left lane; the worker is awaited between blocks, as in a render.</summary>
    public float[] Play(int frames, Func<long, float>? input = null, int block = 128)
    {
        var result = new float[frames];
        for (var done = 0; done < frames; done += block)
        {
            var count = Math.Min(block, frames - done);
            looper.Work();
            stage.Play(count, count, input is null ? null : (_, frame) => input(frame))[0].CopyTo(result.AsSpan(done));
        }
        return result;
    }

    public void Settle() => stage.Settle();

    public void Dispose() => stage.Dispose();
}
