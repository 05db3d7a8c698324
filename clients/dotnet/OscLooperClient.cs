using System.Net.Sockets;
using OscLooper.Osc;

namespace OscLooper.Client;

/// <summary>
/// Speaks to an OscLooper server: send, ask, call, subscribe. One thread of its own listens; subscribers and
/// <see cref="Heard"/> are called on it, one after the other.
/// </summary>
public sealed class OscLooperClient : IDisposable
{
    readonly string host;
    readonly int port;
    readonly Wire wire;
    readonly Lock sending = new();
    readonly object gate = new();
    readonly List<Waiter> waiters = [];
    readonly List<Subscription> subscriptions = [];
    string? trouble;
    bool disposed;
    int lastSync;

    sealed class Waiter(Func<OscMessage, bool> take, bool everySignCounts)
    {
        public Func<OscMessage, bool> Take => take;
        public bool EverySignCounts => everySignCounts;
        public OscMessage? Answer;
        public long LastHeard = Environment.TickCount64;
    }

    OscLooperClient(string host, int port, Wire wire)
    {
        (this.host, this.port, this.wire) = (host, port, wire);
        new Thread(Listen) { IsBackground = true, Name = "OscLooper client" }.Start();
    }

    /// <summary>Opens a way to the server. TCP says at once when nobody is there; UDP says so at the first question.</summary>
    public static OscLooperClient Connect(string host = "127.0.0.1", int port = 9000, OscTransport transport = OscTransport.Udp)
    {
        try { return new(host, port, Wire.Open(host, port, transport)); }
        catch (SocketException e) { throw new OscUnreachableException(host, port, e.Message); }
    }

    /// <summary>How long a question waits; an <see cref="Exchange"/> begins anew with whatever arrives.</summary>
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Every message that arrives, answers included.</summary>
    public Action<OscMessage>? Heard { get; set; }

    /// <summary>Called once when the connection has ended without our doing.</summary>
    public Action<string>? Lost { get; set; }

    /// <summary>Sends a message, and does not wait.</summary>
    public void Send(string address, params OscValue[] arguments) => Send(new OscMessage(address, arguments));

    /// <summary>Sends a message or bundle, and does not wait.</summary>
    public void Send(OscPacket packet)
    {
        try
        {
            lock (sending) wire.Send(packet);
        }
        catch (SocketException e) { throw new OscUnreachableException(host, port, e.Message); }
    }

    /// <summary>Asks a leaf for its value: the values of the answer.</summary>
    public OscValue[] Ask(string address) =>
        Request(new OscMessage(address), m => m.Address == address).Arguments;

    /// <summary>Carries a job out: the values after the address of its <c>/done</c>, or those of its <c>.reply</c>.</summary>
    public OscValue[] Call(string address, params OscValue[] arguments)
    {
        var answer = Request(new OscMessage(address, arguments), m => m.Address == address + ".reply" || IsAbout(m, "/done", address));
        return answer.Address == "/done" ? answer.Arguments[1..] : answer.Arguments;
    }

    /// <summary>Returns when everything sent before has taken effect on the audio side, jobs included.</summary>
    public void Sync() => Exchange([]);

    /// <summary>Sends packets, then waits until all of it has taken effect; whatever is heard meanwhile is handed over.</summary>
    public void Exchange(IEnumerable<OscPacket> packets, Action<OscMessage>? heard = null)
    {
        var number = Interlocked.Increment(ref lastSync);
        var waiter = Add(m =>
        {
            if (m.Address == "/server/synced" && m.Arguments is [var n] && n.Whole == number) return true;
            heard?.Invoke(m);
            return false;
        }, everySignCounts: true);
        try
        {
            foreach (var packet in packets) Send(packet);
            Send("/server/sync", number);
            Wait(waiter, "/server/sync");
        }
        finally { Remove(waiter); }
    }

    /// <summary>Sends a message and waits for the first one that is its answer; a <c>/fail</c> about it is thrown.</summary>
    public OscMessage Request(OscMessage question, Func<OscMessage, bool> isAnswer)
    {
        var waiter = Add(m => isAnswer(m) || IsAbout(m, "/fail", question.Address));
        try
        {
            Send(question);
            var answer = Wait(waiter, question.Address);
            return answer.Address == "/fail" ? throw new OscFailException(answer) : answer;
        }
        finally { Remove(waiter); }
    }

    /// <summary>Hears the value of each matching leaf, now and at each change, until disposed.</summary>
    public IDisposable Subscribe(string pattern, Action<OscMessage> heard, float maxHz = 30)
    {
        var subscription = new Subscription(this, pattern, heard);
        lock (gate) subscriptions.Add(subscription);
        try { Call("/server/subscribe", pattern, maxHz); }
        catch
        {
            lock (gate) subscriptions.Remove(subscription);
            throw;
        }
        return subscription;
    }

    /// <summary>Closes the way; a connection's subscriptions end with it, those of UDP are taken back.</summary>
    public void Dispose()
    {
        Subscription[] open;
        lock (gate) (open, disposed) = ([.. subscriptions], true);
        foreach (var subscription in open) subscription.Dispose();
        wire.Dispose();
    }

    static bool IsAbout(OscMessage message, string kind, string address) =>
        message.Address == kind && message.Arguments is [var about, ..] && about.Text == address;

    Waiter Add(Func<OscMessage, bool> take, bool everySignCounts = false)
    {
        var waiter = new Waiter(take, everySignCounts);
        lock (gate)
        {
            // Over UDP the trouble of an earlier question may be over by now.
            if (wire is UdpWire) trouble = null;
            waiters.Add(waiter);
        }
        return waiter;
    }

    void Remove(Waiter waiter)
    {
        lock (gate) waiters.Remove(waiter);
    }

    OscMessage Wait(Waiter waiter, string address)
    {
        lock (gate)
        {
            while (true)
            {
                if (waiter.Answer is { } answer) return answer;
                if (trouble is not null) throw new OscUnreachableException(host, port, trouble);
                var left = (long)Patience.TotalMilliseconds - (Environment.TickCount64 - waiter.LastHeard);
                if (left <= 0) throw new TimeoutException($"no answer to {address} from {(host.Contains(':') ? $"[{host}]" : host)}:{port} within {Patience.TotalMilliseconds:0} ms");
                Monitor.Wait(gate, (int)Math.Min(left, 10_000));
            }
        }
    }

    void Listen()
    {
        while (true)
        {
            try
            {
                var bytes = wire.Receive();
                if (bytes.IsEmpty && wire is TcpWire)
                {
                    End("it has ended the connection");
                    return;
                }
                if (!OscPacket.TryRead(bytes, out var packet, out _)) continue;
                var walker = packet.Walk();
                while (walker.Next(out var message, out _, out _)) Deliver(message.ToMessage());
            }
            catch (ObjectDisposedException) { return; }
            catch (SocketException e)
            {
                // UDP: nobody listens there now (ICMP); it may come back.
                End(e.SocketErrorCode == SocketError.ConnectionRefused ? "connection refused" : e.Message);
                if (disposed || wire is TcpWire || e.SocketErrorCode != SocketError.ConnectionRefused) return;
            }
        }
    }

    void End(string why)
    {
        if (disposed) return;
        lock (gate)
        {
            trouble = why;
            Monitor.PulseAll(gate);
        }
        Lost?.Invoke(why);
    }

    void Deliver(OscMessage message)
    {
        Heard?.Invoke(message);
        Subscription[] hearing;
        lock (gate)
        {
            foreach (var waiter in waiters)
            {
                if (waiter.EverySignCounts) waiter.LastHeard = Environment.TickCount64;
                if (waiter.Answer is null && waiter.Take(message)) waiter.Answer = message;
            }
            if (waiters.Count > 0) Monitor.PulseAll(gate);
            hearing = subscriptions.Count == 0 ? [] : [.. subscriptions];
        }
        foreach (var subscription in hearing) subscription.Hear(message);
    }

    internal void End(Subscription subscription)
    {
        lock (gate)
        {
            if (!subscriptions.Remove(subscription)) return;
        }
        try { Send("/server/unsubscribe", subscription.Pattern); }
        catch (OscUnreachableException) { }
    }
}
