using System.Net;
using System.Net.Sockets;
using OscLooper.Osc;
using OscLooper.Server.Addressing;
using OscLooper.Server.Realtime;

namespace OscLooper.Server.Network;

/// <summary>
/// [main] One client that speaks by TCP, framed as it frames itself. Nothing of it is lost: when the way is full, it is not read on.
/// One that cannot stay (refusal) is told why in its own framing, as soon as it has shown it, or after three seconds, and closed.
/// </summary>
sealed class TcpConnection(int id, Server server, Socket socket, string? refusal = null) : Client(id, "tcp " + socket.RemoteEndPoint)
{
    const int Chunk = 1 << 16, ReadUntil = 1 << 18, LargestOutput = 4 << 20;
    const long Patience = 1_000_000_000, PatienceWithSilence = 3_000_000_000;
    readonly OscStreamDecoder decoder = new();
    readonly OscBuffer output = new(2048, LargestOutput);
    readonly long begun = SampleClock.MonotonicNow;
    int sent;
    long ended;

    public Socket Socket => socket;
    public int Handle { get; } = (int)socket.SafeHandle.DangerousGetHandle();

    /// <summary>[main] Whether more may be read now.</summary>
    public bool WantsToRead => ended == 0 && Queue.Bytes < ReadUntil && output.Length - sent < ReadUntil;

    /// <summary>[main] Whether something waits to be sent.</summary>
    public bool WantsToWrite => output.Length > sent;

    /// <summary>[main] Reads a chunk and queues the packets in it.</summary>
    public void Read(byte[] chunk)
    {
        var length = socket.Receive(chunk.AsSpan(0, Chunk), SocketFlags.None, out var error);
        if (error == SocketError.WouldBlock) return;
        if (error != SocketError.Success || length == 0)
        {
            End();
            return;
        }
        var received = server.Timing.UnixNow;
        ReadOnlySpan<byte> rest = chunk.AsSpan(0, length);
        while (true)
        {
            switch (decoder.Next(ref rest, out var packet))
            {
                case OscFrame.Packet when refusal is not null:
                    TurnAway();
                    return;
                case OscFrame.Packet:
                    // Cannot be full: reading stops far below the limit.
                    if (!server.Enqueue(this, packet, received)) server.Postman.Fail(this, "?"u8, Reason.Busy, "too many packets wait");
                    break;
                case OscFrame.Malformed:
                    server.Postman.Fail(this, "?"u8, Reason.Malformed, decoder.Reason);
                    break;
                case OscFrame.Fatal:
                    server.Postman.Fail(this, "?"u8, Reason.Malformed, decoder.Reason);
                    End();
                    return;
                default:
                    return;
            }
        }
    }

    /// <summary>[main] It cannot stay, and has said nothing for so long that it is told so now.</summary>
    public bool MustGo => refusal is not null && ended == 0 && SampleClock.MonotonicNow - begun > PatienceWithSilence;

    /// <summary>[main] Says why it cannot stay, and ends it.</summary>
    public void TurnAway()
    {
        server.Postman.Fail(this, "?"u8, Reason.Refused, refusal!);
        End();
    }

    /// <summary>[main] Nothing more will be read; what was sent is still carried out.</summary>
    public void End()
    {
        if (ended == 0) ended = SampleClock.MonotonicNow;
    }

    /// <summary>[main] It ends by itself after a while: somebody has to look.</summary>
    public bool IsEnding => refusal is not null || ended > 0;

    /// <summary>[main] True when it has been ended and everything it asked for is done, or took too long.</summary>
    public bool IsOver => IsGone || ended > 0 && (Queue.Count == 0 && Outstanding.Count == 0 && !WantsToWrite || SampleClock.MonotonicNow - ended > Patience);

    internal override void Post(ReadOnlySpan<byte> message, long frame, bool isFeedback)
    {
        if (output.Length == LargestOutput || !decoder.Encode(message, output))
        {
            // It does not read what it asked for.
            server.Log(LogLevel.Warning, $"{Name} does not read its replies and is closed");
            server.Farewell(this);
        }
    }

    internal override void Flush()
    {
        while (output.Length > sent)
        {
            var count = socket.Send(output.Written[sent..], SocketFlags.None, out var error);
            if (error == SocketError.WouldBlock) return;
            if (error != SocketError.Success)
            {
                End();
                output.Clear();
                sent = 0;
                return;
            }
            sent += count;
        }
        output.Clear();
        output.Trim(1 << 16);
        sent = 0;
    }

    public void Close()
    {
        server.Farewell(this);
        socket.Dispose();
    }
}
