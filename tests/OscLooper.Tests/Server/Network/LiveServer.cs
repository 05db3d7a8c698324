using System.Net;
using System.Net.Sockets;
using OscLooper.Osc;
using OscLooper.Server;
using OscLooper.Server.Realtime;
using OscLooper.Tests.Server.Addressing;

namespace OscLooper.Tests.Server.Network;

/// <summary>A server with real sockets on a free port of 127.0.0.1 and an engine driven by a thread in place of a sound card.</summary>
sealed unsafe class LiveServer : IDisposable
{
    readonly CancellationTokenSource end = new();
    readonly Thread main, audio;

    public LiveServer(ServerOptions? options = null, bool plays = true, params (string Name, Func<Branch, Module> Make)[] more)
    {
        Inside = new(((options ?? new()) with { OscPort = options?.OscPort is > 0 and not 9000 ? options.OscPort : -1, Quiet = true }),
            [("odds", at => Odds = new OddsModule(at).Listening(at)), .. more]);
        Inside.Logged = (level, line) => { lock (Lines) Lines.Add(line); };
        Inside.Listen();
        main = new Thread(() => Inside.Run(end.Token)) { Name = "main", IsBackground = true };
        audio = new Thread(Play) { Name = "audio", IsBackground = true };
        main.Start();
        if (plays) audio.Start();
    }

    public OscLooper.Server.Server Inside { get; }
    public OddsModule Odds { get; private set; } = null!;
    public List<string> Lines { get; } = [];
    public int Port => Inside.Port;
    public bool HasEnded => !main.IsAlive;

    void Play()
    {
        // 128 frames at a time, by the clock, anchored as a driver does it.
        var (start, frame) = (SampleClock.MonotonicNow, 0L);
        while (!end.IsCancellationRequested)
        {
            Inside.Engine.Clock.Anchor(frame, start + (long)(frame * (1e9 / 48000)), 1e9 / 48000);
            Inside.Engine.Process(null, null, 128);
            frame += 128;
            while (SampleClock.MonotonicNow < start + (long)(frame * (1e9 / 48000))) Thread.Sleep(0);
        }
    }

    public UdpTalker Udp(IPAddress? local = null) => new(Port, local);
    public TcpTalker Tcp(bool slip) => new(Port, slip);

    public void Dispose()
    {
        end.Cancel();
        main.Join(Patience.Milliseconds);
        if (audio.IsAlive) audio.Join();
        Inside.Dispose();
        end.Dispose();
    }
}

/// <summary>How long a test waits for what must come: long, since it must not fail because others work on this machine.</summary>
static class Patience
{
    public const int Milliseconds = 30_000;
}

/// <summary>A client by UDP.</summary>
sealed class UdpTalker : IDisposable
{
    readonly byte[] buffer = new byte[65536];
    readonly Queue<OscMessage> heard = new();
    public UdpTalker(int port, IPAddress? local = null)
    {
        Socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = Patience.Milliseconds, ReceiveBufferSize = 1 << 20 };
        Socket.Bind(new IPEndPoint(local ?? IPAddress.Loopback, 0));
        Socket.Connect(IPAddress.Loopback, port);
    }
    public Socket Socket { get; }
    public List<int> Sizes { get; } = [];
    public void Send(string address, params OscValue[] arguments) => Send(new OscMessage(address, arguments).ToBytes());
    public void Send(byte[] packet) => Socket.Send(packet);

    /// <summary>The next message; of a bundle one after the other. Null when nothing comes for so long.</summary>
    public OscMessage? Hear(int milliseconds = Patience.Milliseconds)
    {
        if (heard.TryDequeue(out var waiting)) return waiting;
        if (!Socket.Poll(milliseconds * 1000, SelectMode.SelectRead)) return null;
        var length = Socket.Receive(buffer);
        Sizes.Add(length);
        Assert.That(OscPacket.TryParse(buffer.AsSpan(0, length), out var packet, out var error), Is.True, error.ToString());
        foreach (var message in packet is OscBundle bundle ? bundle.Elements.Cast<OscMessage>() : [(OscMessage)packet]) heard.Enqueue(message);
        return heard.Dequeue();
    }

    public OscMessage? Ask(string address, params OscValue[] arguments)
    {
        Send(address, arguments);
        return Hear();
    }

    public void Dispose() => Socket.Dispose();
}

/// <summary>A client by TCP in one of the two framings.</summary>
sealed class TcpTalker : IDisposable
{
    readonly byte[] chunk = new byte[65536];
    readonly OscStreamDecoder decoder = new();
    readonly Queue<OscMessage> heard = new();
    readonly bool slip;
    public TcpTalker(int port, bool slip)
    {
        this.slip = slip;
        Socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        Socket.Connect(IPAddress.Loopback, port);
    }
    public Socket Socket { get; }
    public bool? RepliesInSlip => decoder.IsSlip;
    public void Send(string address, params OscValue[] arguments) => Send(new OscMessage(address, arguments).ToBytes());
    public void Send(byte[] packet)
    {
        var framed = new OscBuffer(2048, 1 << 22);
        if (slip) SlipEncoder.Encode(packet, framed);
        else LengthPrefixEncoder.Encode(packet, framed);
        Socket.Send(framed.Written);
    }

    public OscMessage? Hear(int milliseconds = Patience.Milliseconds)
    {
        while (heard.Count == 0)
        {
            if (!Socket.Poll(milliseconds * 1000, SelectMode.SelectRead)) return null;
            var length = Socket.Receive(chunk);
            if (length == 0) return null;
            ReadOnlySpan<byte> rest = chunk.AsSpan(0, length);
            while (decoder.Next(ref rest, out var packet) is var found and not OscFrame.NeedMore)
            {
                Assert.That(found, Is.EqualTo(OscFrame.Packet));
                Assert.That(OscMessage.TryParse(packet, out var message, out var error), Is.True, error.ToString());
                heard.Enqueue(message);
            }
        }
        return heard.Dequeue();
    }

    public OscMessage? Ask(string address, params OscValue[] arguments)
    {
        Send(address, arguments);
        return Hear();
    }

    public void Dispose() => Socket.Dispose();
}

/// <summary>A device that only listens.</summary>
sealed class UdpClientOnItsOwn : IDisposable
{
    readonly Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    public UdpClientOnItsOwn() => socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
    public int Port => ((IPEndPoint)socket.LocalEndPoint!).Port;
    public OscMessage? Hear()
    {
        var buffer = new byte[2048];
        if (!socket.Poll(Patience.Milliseconds * 1000, SelectMode.SelectRead)) return null;
        return OscMessage.TryParse(buffer.AsSpan(0, socket.Receive(buffer)), out var message, out _) ? message : null;
    }
    public void Dispose() => socket.Dispose();
}
