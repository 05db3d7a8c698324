using System.Net.Sockets;
using OscLooper.Osc;

namespace OscLooper.Client;

/// <summary>How packets travel.</summary>
public enum OscTransport
{
    /// <summary>One packet, one datagram.</summary>
    Udp,
    /// <summary>A connection, framed by SLIP: nothing is lost, and a subscription ends with it.</summary>
    Tcp,
}

/// <summary>A connected socket that carries whole packets.</summary>
abstract class Wire(Socket socket) : IDisposable
{
    protected Socket Socket => socket;

    public static Wire Open(string host, int port, OscTransport transport) =>
        transport == OscTransport.Udp ? new UdpWire(host, port) : new TcpWire(host, port);

    public abstract void Send(OscPacket packet);

    /// <summary>Waits for the next packet; empty when the other side has ended.</summary>
    public abstract ReadOnlySpan<byte> Receive();

    public void Dispose()
    {
        // A thread that waits in Receive wakes up.
        try { socket.Shutdown(SocketShutdown.Both); }
        catch (SocketException) { }
        socket.Dispose();
    }
}

sealed class UdpWire : Wire
{
    readonly byte[] received = new byte[65536];

    public UdpWire(string host, int port) : base(new Socket(SocketType.Dgram, ProtocolType.Udp))
    {
        Socket.ReceiveBufferSize = 4 << 20;
        Socket.Connect(host, port);
    }

    public override void Send(OscPacket packet) => Socket.Send(packet.ToBytes());

    public override ReadOnlySpan<byte> Receive() => received.AsSpan(0, Socket.Receive(received));
}

sealed class TcpWire : Wire
{
    const byte End = 0xC0, Escape = 0xDB, EscapedEnd = 0xDC, EscapedEscape = 0xDD;
    const int Largest = 64 << 20;
    readonly byte[] chunk = new byte[16384];
    readonly List<byte> packet = [];
    int at, filled;
    byte[] whole = [];

    public TcpWire(string host, int port) : base(new Socket(SocketType.Stream, ProtocolType.Tcp))
    {
        Socket.NoDelay = true;
        Socket.Connect(host, port);
    }

    // SLIP with END at both ends (OSC 1.1; RFC 1055).
    public override void Send(OscPacket packet)
    {
        var bytes = packet.ToBytes();
        var framed = new List<byte>(bytes.Length + 16) { End };
        foreach (var b in bytes)
        {
            if (b == End) framed.AddRange([Escape, EscapedEnd]);
            else if (b == Escape) framed.AddRange([Escape, EscapedEscape]);
            else framed.Add(b);
        }
        framed.Add(End);
        var all = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(framed);
        while (!all.IsEmpty) all = all[Socket.Send(all)..];
    }

    public override ReadOnlySpan<byte> Receive()
    {
        packet.Clear();
        var escaped = false;
        while (true)
        {
            if (at == filled)
            {
                (at, filled) = (0, Socket.Receive(chunk));
                if (filled == 0) return default;
            }
            var b = chunk[at++];
            if (b == End)
            {
                if (packet.Count == 0) continue;
                whole = [.. packet];
                return whole;
            }
            if (escaped) b = b switch { EscapedEnd => End, EscapedEscape => Escape, _ => b };
            else if (b == Escape)
            {
                escaped = true;
                continue;
            }
            escaped = false;
            if (packet.Count < Largest) packet.Add(b);
        }
    }
}
