using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using OscLooper.Osc;

namespace OscLooper.Bench;

/// <summary>[main] A bare UDP client that measures: one thread, one socket, nothing in between.</summary>
sealed class Line : IDisposable
{
    readonly Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    readonly byte[] received = new byte[65536];
    readonly Queue<OscMessage> heard = new();

    public Line(int port)
    {
        socket.ReceiveBufferSize = 4 << 20;
        socket.Connect(IPAddress.Loopback, port);
    }

    public static double UnixSeconds => (DateTime.UtcNow - DateTime.UnixEpoch).Ticks / 1e7;

    public void Send(OscPacket packet)
    {
        try
        {
            socket.Send(packet.ToBytes());
        }
        catch (SocketException)
        {
            // Nobody listens yet: the answer that does not come says so.
        }
    }
    public void Send(string address, params OscValue[] arguments) => Send(new OscMessage(address, arguments));

    /// <summary>The next message for which the test holds; others are dropped.</summary>
    public OscMessage? Wait(Func<OscMessage, bool> test, double seconds = 2)
    {
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            while (heard.TryDequeue(out var message))
                if (test(message)) return message;
            var left = seconds - Stopwatch.GetElapsedTime(start).TotalSeconds;
            if (left <= 0 || !socket.Poll((int)(left * 1e6), SelectMode.SelectRead)) return null;
            try
            {
                Hear(socket.Receive(received));
            }
            catch (SocketException)
            {
                Thread.Sleep(20);
            }
        }
    }

    void Hear(int bytes)
    {
        if (!OscPacket.TryRead(received.AsSpan(0, bytes), out var view, out _)) return;
        var walk = view.Walk();
        while (walk.Next(out var message, out _, out _)) heard.Enqueue(message.ToMessage());
    }

    public OscMessage? Ask(string address, string answer, params OscValue[] arguments)
    {
        Send(address, arguments);
        return Wait(m => m.Address == answer);
    }

    public double Number(string address) => Ask(address, address)?.Arguments[0].Number ?? double.NaN;

    public void Sync()
    {
        var n = Random.Shared.Next();
        Send("/server/sync", n);
        if (Wait(m => m.Address == "/server/synced" && (int)m.Arguments[0].Number == n, 10) is null) throw new TimeoutException("no /server/synced within 10 s");
    }

    public void Dispose() => socket.Dispose();
}

/// <summary>[main] A sample of measurements.</summary>
sealed class Sample
{
    readonly List<double> values = [];
    public int Count => values.Count;
    public void Add(double value) => values.Add(value);

    public double At(double share)
    {
        if (values.Count == 0) return double.NaN;
        values.Sort();
        return values[Math.Clamp((int)Math.Ceiling(share * values.Count) - 1, 0, values.Count - 1)];
    }

    public double Deviation
    {
        get
        {
            var mean = values.Average();
            return Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / values.Count);
        }
    }
}
