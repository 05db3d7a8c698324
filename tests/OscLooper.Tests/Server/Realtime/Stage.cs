using OscLooper.Server.Realtime;

namespace OscLooper.Tests.Server.Realtime;

/// <summary>An engine with a few imps and no server around it: sends events, plays sound through it in blocks of any size.</summary>
sealed unsafe class Stage : IDisposable
{
    public const int Rate = 48000;
    readonly List<ImpSlot> imps = [];

    public Stage(int inputs = 1, int outputs = 1, bool isOffline = true, int maxFrames = 0) =>
        Engine = new Engine(new AudioFormat(Rate, maxFrames, inputs, outputs, isOffline));

    public Engine Engine { get; }
    public List<Event> Heard { get; } = [];
    public IReadOnlyList<ImpSlot> Imps => imps;

    public Stage With(string name, Func<Branch, Module> make, ModuleSettings settings = default)
    {
        var tree = new Tree(name, new NoDesk(), Engine.Format, settings);
        imps.Add(new ImpSlot(imps.Count, tree, make(tree.Root)));
        return this;
    }

    public Stage Load(Patch? patch = null)
    {
        Engine.Load(imps, patch);
        return this;
    }

    public int Leaf(string imp, string name)
    {
        var slot = imps.Single(i => i.Tree.Name == imp);
        return slot.Slot << Event.LeafBits | slot.Tree.Declarations.Single(d => d.Name == name).Leaf;
    }

    public void Set(long frame, string imp, string name, double a, double b = 0, int client = 7) => Send(new Event(frame, Leaf(imp, name), EventKind.Set, client, a, b));
    public void Fire(long frame, string imp, string name, double a = 0) => Send(new Event(frame, Leaf(imp, name), EventKind.Fire, 7, a));
    public void Send(in Event e) => Assert.That(Engine.Inbox.TryWrite(e), Is.True, "the inbox is full");
    public double Cell(string imp, string name) => imps.Single(i => i.Tree.Name == imp).Tree.Audio.Cells[Leaf(imp, name) & ((1 << Event.LeafBits) - 1)].A;

    /// <summary>Plays so many frames of input(lane, frame) in blocks of one size and gives what comes out, lane by lane.</summary>
    public float[][] Play(int frames, int block, Func<int, long, float>? input = null)
    {
        var (ins, outs) = (Engine.Format.Inputs, Engine.Format.Outputs);
        var result = Enumerable.Range(0, outs).Select(_ => new float[frames]).ToArray();
        var inBuffers = Enumerable.Range(0, ins).Select(_ => GC.AllocateArray<float>(block, pinned: true)).ToArray();
        var outBuffers = Enumerable.Range(0, outs).Select(_ => GC.AllocateArray<float>(block, pinned: true)).ToArray();
        float** inTable = stackalloc float*[ins + 1], outTable = stackalloc float*[outs + 1];
        for (var i = 0; i < ins; i++) fixed (float* p = inBuffers[i]) inTable[i] = p;
        for (var i = 0; i < outs; i++) fixed (float* p = outBuffers[i]) outTable[i] = p;
        for (var done = 0; done < frames;)
        {
            var count = Math.Min(block, frames - done);
            for (var lane = 0; lane < ins; lane++)
                for (var i = 0; i < count; i++) inBuffers[lane][i] = input?.Invoke(lane, Engine.Status.Frame + i) ?? 0;
            Engine.Process(inTable, outTable, count);
            for (var lane = 0; lane < outs; lane++) outBuffers[lane].AsSpan(0, count).CopyTo(result[lane].AsSpan(done));
            done += count;
            Listen();
        }
        return result;
    }

    /// <summary>Applies what is due without playing.</summary>
    public void Settle()
    {
        Engine.Process(null, null, 0);
        Listen();
    }

    void Listen()
    {
        while (Engine.Outbox.TryRead(out var e)) Heard.Add(e);
    }

    public void Dispose()
    {
        Engine.Dispose();
        foreach (var imp in imps) imp.Module.Dispose();
    }

    sealed class NoDesk : Desk
    {
        public override void Send(string address, params object[] arguments) { }
        public override IDisposable Watch(string pattern, Action<string, object[]> heard) => throw new InvalidOperationException();
        public override void Log(LogLevel level, string text) => TestContext.Out.WriteLine($"{level}: {text}");
        public override string? Resolve(string path, bool forWriting, out string why)
        {
            why = "";
            return path;
        }
        public override void OnWorker(Action work, Action<Exception?> then) => work();
        public override void Post(Action action) => action();
        public override void Tell(Errand errand, int row, double b = 0, double c = 0) { }
    }
}
