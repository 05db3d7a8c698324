using OscLooper.Osc;
using OscLooper.Server.Addressing;

namespace OscLooper.Server.Realm;

/// <summary>[main] The desk of one module: it may do what any client may, plus files, workers and the log.</summary>
sealed class ImpDesk(Server server, string name, int slot) : Desk
{
    LocalClient? client;

    LocalClient Client
    {
        get
        {
            if (client is not null) return client;
            client = server.Connect(name);
            client.Heard = reply =>
            {
                if (reply.Message.Address == "/fail") server.Log(LogLevel.Warning, $"{name}: {reply.Message}");
            };
            return client;
        }
    }

    public override void Send(string address, params object[] arguments) => Client.Send(new OscMessage(address, [.. arguments.Select(ToValue)]));

    public override void SendAt(long frame, string address, params object[] arguments) =>
        Client.Send(new OscMessage(address, [.. arguments.Select(ToValue)]), frame);

    public override IDisposable Watch(string pattern, Action<string, object[]> heard) => Watch(pattern, Subscriptions.DefaultHz, heard);

    public override IDisposable Watch(string pattern, double hertz, Action<string, object[]> heard) => server.Subscriptions.Watch(Client, pattern, hertz, heard);

    public override void Log(LogLevel level, string text) => server.Workers.Post(() => server.Log(level, $"{name}: {text}"));

    public override string? Resolve(string path, bool forWriting, out string why) => server.Folders.Resolve(path, forWriting, out why);

    public override void OnWorker(Action work, Action<Exception?> then) => server.Workers.Run(work, then);

    public override void Post(Action action) => server.Workers.Post(action);

    public override void Tell(Errand errand, int row, double b, double c)
    {
        var leaf = row < 0 ? errand.Leaf : Rows.LeafAt(errand.Leaf, row);
        server.Gate.Send(new Event(server.Timing.PlainFrame(server.Timing.UnixNow), slot << Event.LeafBits | leaf, EventKind.Ask, 0, 0, b, c));
    }

    public override void Publish(Errand setting, int row, object value)
    {
        var leaf = row < 0 ? setting.Leaf : Rows.LeafAt(setting.Leaf, row);
        server.Keep(slot << Event.LeafBits | leaf, value, 0);
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
