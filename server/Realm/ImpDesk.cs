using OscLooper.Osc;
using OscLooper.Server.Addressing;

namespace OscLooper.Server.Realm;

/// <summary>[main] The desk of one module: it may do what any client may, plus files, workers and the log.</summary>
sealed class ImpDesk(Server server, string name, int slot) : Desk
{
    readonly List<Action> early = [];
    // A module may speak from any thread, but not without end: so much at once, so much a second.
    const int MostAtOnce = 4096, MostPerSecond = 20_000;
    // Those who wait for an answer of an address, in order; null = nobody does.
    readonly Dictionary<string, Queue<Action<bool>?>> awaited = [];
    LocalClient? client;
    bool isClosed, isMerged;
    long spoken, since, dropped;

    /// <summary>[main] Told of what the module warns of while it takes its data; of an error: something of them is lost.</summary>
    public Action<string, bool>? Complained { get; set; }

    /// <summary>[main] Whose desk it is, once that lives.</summary>
    public Instance? Instance { get; set; }

    LocalClient Client
    {
        get
        {
            if (client is not null) return client;
            client = server.Connect(name);
            client.Heard = reply =>
            {
                if (Answer(reply.Message)) return;
                if (reply.Message.Address == "/fail") server.Log(LogLevel.Warning, $"{name}: {reply.Message}");
            };
            return client;
        }
    }

    public override void Send(string address, params object[] arguments)
    {
        var message = new OscMessage(address, [.. arguments.Select(ToValue)]);
        OnMain(() => server.Realm.Deliver(address, () => Say(message, null)));
    }

    public override void SendAt(long frame, string address, params object[] arguments)
    {
        var message = new OscMessage(address, [.. arguments.Select(ToValue)]);
        OnMain(() => server.Realm.Deliver(address, () => Say(message, frame)));
    }

    public override void Send(string address, Action<bool> answered, params object[] arguments)
    {
        var message = new OscMessage(address, [.. arguments.Select(ToValue)]);
        OnMain(() => server.Realm.Deliver(address, () =>
        {
            if (isClosed) return;
            if (!awaited.ContainsKey(address)) awaited[address] = new Queue<Action<bool>?>();
            Say(message, null, answered);
        }));
    }

    // True when somebody wanted to know that it failed, and will see to it.
    bool Answer(OscMessage reply)
    {
        if (reply.Address is not ("/done" or "/fail") || reply.Arguments.Length == 0 || !awaited.TryGetValue(reply.Arguments[0].Text, out var queue) || !queue.TryDequeue(out var answered)) return false;
        if (answered is not null) server.CallOut(name, slot, reply.Arguments[0].Text, () => answered(reply.Address == "/done"), mayBeLater: true);
        return true;
    }

    void Say(OscMessage message, long? frame, Action<bool>? answered = null)
    {
        if (isClosed) return;
        // Among those that wait, one that does not has its answer in between.
        if (awaited.TryGetValue(message.Address, out var queue) && (answered is not null || queue.Count > 0)) queue.Enqueue(answered);
        if (frame is { } exact) Client.Send(message, exact);
        else Client.Send(message);
    }

    public override IDisposable Watch(string pattern, Action<string, object[]> heard) => Watch(pattern, Subscriptions.DefaultHz, heard);

    public override IDisposable Watch(string pattern, double hertz, Action<string, object[]> heard)
    {
        var watching = new Watching();
        OnMain(() => watching.Begin(() => server.Subscriptions.Watch(Client, pattern, hertz, (address, values) => server.CallOut(name, slot, $"its Watch of {pattern}", () => heard(address, values), mayBeLater: true))));
        return watching;
    }

    public override void Log(LogLevel level, string text)
    {
        if (!MaySpeak()) return;
        var heard = level >= LogLevel.Warning ? Complained : null;
        server.Workers.Post(() =>
        {
            heard?.Invoke(text, level >= LogLevel.Error);
            server.Log(level, $"{name}: {text}");
        });
    }

    public override void ReportLoss(string what)
    {
        server.Losses.Add(what);
        Log(LogLevel.Error, what);
    }

    public override string? Resolve(string path, bool forWriting, out string why)
    {
        var call = Environment.CurrentManagedThreadId == server.MainThread ? server.MainCall : null;
        call?.Pause();
        try
        {
            return server.Folders.Resolve(path, forWriting, out why);
        }
        finally
        {
            call?.GoOn();
        }
    }

    public override void OnWorker(Action work, Action<Exception?> then) => server.Workers.Run(work,
        trouble => server.CallOut(name, slot, "what follows its work", () => then(trouble), mayBeLater: true), WorkKind.Module, name, slot, "its work on a worker");

    public override void Post(Action action) => server.Workers.Post(() => server.CallOut(name, slot, "what it posted", action, mayBeLater: true));

    public override void Tell(Errand errand, int row, double b, double c)
    {
        var leaf = row < 0 ? errand.Leaf : Rows.LeafAt(errand.Leaf, row);
        OnMain(() => server.Tell(Instance, new Event(server.Timing.PlainFrame(server.Timing.UnixNow), slot << Event.LeafBits | leaf, EventKind.Ask, 0, 0, b, c)));
    }

    public override void Publish(Errand setting, int row, object value)
    {
        var leaf = row < 0 ? setting.Leaf : Rows.LeafAt(setting.Leaf, row);
        OnMain(() => WhenMerged(() => server.Keep(slot << Event.LeafBits | leaf, value, 0)));
    }

    /// <summary>[main] Its addresses are there: what was published before is said now.</summary>
    public void Merged()
    {
        isMerged = true;
        foreach (var action in early) action();
        early.Clear();
    }

    void WhenMerged(Action action)
    {
        if (isMerged) action();
        else early.Add(action);
    }

    /// <summary>[main] The imp is gone: nobody is called back any more.</summary>
    public void Close()
    {
        isClosed = true;
        if (client is not null) server.Farewell(client);
        early.Clear();
        (client, Instance) = (null, null);
    }

    // A module's constructor, Load and the like run on its own thread; what they say is said on main, in order.
    void OnMain(Action action)
    {
        if (Environment.CurrentManagedThreadId == server.MainThread) Do();
        else if (MaySpeak()) server.Workers.Post(Do);

        void Do()
        {
            if (!isClosed) action();
        }
    }

    bool MaySpeak()
    {
        var now = Environment.TickCount64;
        var begun = Interlocked.Read(ref since);
        if (now - begun >= 1000 && Interlocked.CompareExchange(ref since, now, begun) == begun)
        {
            Interlocked.Exchange(ref spoken, 0);
            if (Interlocked.Exchange(ref dropped, 0) is var lost and > 0)
                server.Workers.Post(() => server.Log(LogLevel.Warning, $"{name} says more than {MostPerSecond} things a second: {lost} were dropped"));
        }
        if (Interlocked.Increment(ref spoken) <= MostPerSecond && server.Workers.Waiting < MostAtOnce) return true;
        Interlocked.Increment(ref dropped);
        return false;
    }

    sealed class Watching : IDisposable
    {
        IDisposable? inner;
        bool isOver;

        public void Begin(Func<IDisposable> begin)
        {
            if (!isOver) inner = begin();
        }

        public void Dispose()
        {
            isOver = true;
            inner?.Dispose();
        }
    }

    static OscValue ToValue(object value) => value switch
    {
        int i => i,
        long h => h,
        float f => f,
        double d => d,
        bool b => b,
        string s => s,
        byte[] b => b,
        _ => throw new ArgumentException($"OSC has no type for {value.GetType()}"),
    };
}
