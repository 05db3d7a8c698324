using System.Buffers.Binary;
using OscLooper.Osc;
using OscLooper.Server.Addressing;

namespace OscLooper.Server.Network;

/// <summary>[main] One host and port that speaks by UDP. What it is told in one tick goes out as one datagram, or as few.</summary>
sealed class UdpClient(int id, UdpPort port, HostPort host) : Client(id, "udp " + host)
{
    /// <summary>Fits one Ethernet frame (addresses.md section 1).</summary>
    public const int LargestBundle = 1472;
    const int Header = 16, SizeBytes = 4;

    byte[] bundle = [];
    int used, messages;

    internal override bool IsReliable => false;
    internal override int LargestMessage => OscPacket.MaxDatagramBytes;

    /// <summary>[main] Where it sends from.</summary>
    public HostPort Host { get; } = host;
    /// <summary>[main] Where answers go.</summary>
    public HostPort ReplyTo { get; private set; } = host;
    /// <summary>[main] The same as the kernel wants it.</summary>
    public SocketAddressBytes ReplyAddress { get; private set; } = new(host);
    /// <summary>[main] Named on the command line: it stays though its port may be closed now.</summary>
    public bool IsStanding { get; init; }

    internal override bool RedirectReplies(int toPort)
    {
        ReplyTo = Host with { Port = toPort };
        ReplyAddress = new(ReplyTo);
        return true;
    }

    internal override void Post(ReadOnlySpan<byte> message, long frame)
    {
        if (messages > 0 && used + SizeBytes + message.Length > LargestBundle) Flush();
        if (Header + SizeBytes + message.Length > LargestBundle)
        {
            port.Send(this, message);
            return;
        }
        if (bundle.Length == 0)
        {
            bundle = new byte[LargestBundle];
            "#bundle\0"u8.CopyTo(bundle);
            bundle[Header - 1] = 1;   // the time tag "immediately"
        }
        if (messages++ == 0) used = Header;
        BinaryPrimitives.WriteInt32BigEndian(bundle.AsSpan(used), message.Length);
        message.CopyTo(bundle.AsSpan(used + SizeBytes));
        used += SizeBytes + message.Length;
    }

    internal override void Flush()
    {
        if (messages == 0) return;
        // A single message goes as it is: many small clients do not read bundles.
        port.Send(this, messages == 1 ? bundle.AsSpan(Header + SizeBytes, used - Header - SizeBytes) : bundle.AsSpan(0, used));
        messages = 0;
    }
}
