using System.Buffers.Binary;
using OscLooper.Osc;
using OscLooper.Server.Addressing;
using OscLooper.Server.Realtime;

namespace OscLooper.Server.Network;

/// <summary>[main] One host and port that speaks by UDP. What it is told in one tick goes out as one datagram, or as few.</summary>
sealed class UdpClient : Client
{
    /// <summary>Fits one Ethernet frame (addresses.md section 1).</summary>
    public const int LargestBundle = 1472;
    const int Header = 16, SizeBytes = 4;

    readonly UdpPort port;
    readonly HostBudget? budget;
    byte[] bundle = [];
    int used, messages, answerLeft, cut;
    bool isNotice;

    public UdpClient(int id, UdpPort port, HostPort host, HostBudget? budget) : base(id, "udp " + host)
    {
        (this.port, this.budget, Host, ReplyTo, ReplyAddress, KeepsOrder) = (port, budget, host, host, new(host), host.IsLoopback);
        Place = new(this);
    }

    internal override bool IsReliable => false;
    internal override bool KeepsOrder { get; }
    internal override long LongestLease => budget is null || IsStanding ? 0 : HostBudget.LongestLease;
    internal override int LargestMessage => OscPacket.MaxDatagramBytes;

    /// <summary>[main] Where it sends from.</summary>
    public HostPort Host { get; }
    /// <summary>[main] Where answers go.</summary>
    public HostPort ReplyTo { get; private set; }
    /// <summary>[main] The same as the kernel wants it.</summary>
    public SocketAddressBytes ReplyAddress { get; private set; }
    /// <summary>[main] Named on the command line: it stays though its port may be closed now.</summary>
    public bool IsStanding { get; init; }

    /// <summary>[main] Where it stands among the others of its port.</summary>
    public LinkedListNode<UdpClient> Place { get; }

    internal override void ListeningChanged() => port.Order.ListeningChanged(this);

    internal override bool RedirectReplies(int toPort)
    {
        port.Redirected(Host with { Port = toPort });
        ReplyTo = Host with { Port = toPort };
        ReplyAddress = new(ReplyTo);
        return true;
    }

    internal override void BeginPacket() => answerLeft = HostBudget.BytesPerPacket - HostBudget.Reserve;

    internal override bool HasCut => cut > 0;

    internal override bool TakeCut(long now, out int count)
    {
        count = cut;
        if (cut == 0 || budget is null || !budget.MayNotice(now)) return false;
        cut = 0;
        return isNotice = true;
    }

    bool MaySend(int size, bool isFeedback)
    {
        if (budget is null) return true;
        if (isNotice)
        {
            isNotice = false;
            return true;
        }
        // Each may begin a bundle of its own.
        size += Header + SizeBytes;
        if (!isFeedback && answerLeft < size || !budget.TryTake(size, SampleClock.MonotonicNow))
        {
            cut++;
            return false;
        }
        if (!isFeedback) answerLeft -= size;
        return true;
    }

    internal override void Post(ReadOnlySpan<byte> message, long frame, bool isFeedback)
    {
        if (!MaySend(message.Length, isFeedback)) return;
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
