using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using OscLooper.Server.Realtime;

namespace OscLooper.Server.Network;

/// <summary>[main] One UDP socket. On Linux packets come 64 at a time with the kernel's receive times, and nothing is allocated per packet.</summary>
sealed unsafe partial class UdpPort : IDisposable
{
    const int Batch = 64, BatchesAtOnce = 16, LargestPacket = 65536, ControlBytes = 96, AddressBytes = 32;
    const int MostClients = 1024, MostWaitingClients = 4 * MostClients;
    const int WantedBuffer = 4 << 20;
    const int FloodPackets = 4096;
    public const int MostFloods = 8;
    const long CalmNanoseconds = 1_000_000_000;

    readonly Server server;
    readonly AllowList allowed;
    readonly HostBudgets budgets;
    readonly Socket socket;
    readonly int handle;
    readonly Dictionary<HostPort, UdpClient> clients = [];
    readonly byte* memory;
    readonly Native.BatchEntry* batch;
    readonly Native.Piece* pieces;
    readonly byte[] managedBuffer = [];
    readonly SocketAddress managedFrom = new(AddressFamily.InterNetworkV6);
    readonly List<Flood> floods = [];
    UdpClient? lastHeard, flooding;
    uint droppedInKernel, dropped;
    long droppedBefore;

    public UdpPort(Server server, AllowList allowed, HostBudgets budgets, IPEndPoint point)
    {
        (this.server, this.allowed, this.budgets) = (server, allowed, budgets);
        socket = new Socket(point.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { Blocking = false };
        try
        {
            socket.Bind(point);
            socket.ReceiveBufferSize = WantedBuffer;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
        Port = ((IPEndPoint)socket.LocalEndPoint!).Port;
        Granted = socket.ReceiveBufferSize;
        IsV6 = point.AddressFamily == AddressFamily.InterNetworkV6;
        if (!OperatingSystem.IsLinux())
        {
            managedBuffer = new byte[LargestPacket];
            return;
        }

        handle = (int)socket.SafeHandle.DangerousGetHandle();
        if (Native.Get(handle, Native.SolSocket, Native.ReceiveBuffer) < 2 * WantedBuffer)
            Native.Set(handle, Native.SolSocket, Native.ReceiveBufferForce, WantedBuffer);   // needs CAP_NET_ADMIN; no harm without
        Granted = Native.Get(handle, Native.SolSocket, Native.ReceiveBuffer) / 2;            // the kernel doubles it for its own needs: socket(7)
        Native.Set(handle, Native.SolSocket, Native.TimestampNanoseconds, 1);
        Native.Set(handle, Native.SolSocket, Native.Dropped, 1);
        if (IsV6) Native.Set(handle, Native.SolIpv6, Native.Ipv6ReceiveErrors, 1);
        else Native.Set(handle, Native.SolIp, Native.IpReceiveErrors, 1);

        const int perPacket = LargestPacket + ControlBytes + AddressBytes;
        memory = (byte*)NativeMemory.AllocZeroed((nuint)(Batch * (perPacket + sizeof(Native.BatchEntry) + sizeof(Native.Piece))));
        batch = (Native.BatchEntry*)(memory + Batch * perPacket);
        pieces = (Native.Piece*)(batch + Batch);
        for (var i = 0; i < Batch; i++) Ready(i);
    }

    public int Port { get; }
    public bool IsV6 { get; }
    public int Handle => handle;
    public int Clients => clients.Count;
    public Socket Socket => socket;
    /// <summary>[main] Bytes of receive buffer that the kernel granted.</summary>
    public int Granted { get; }
    /// <summary>[main] Packets that the kernel dropped because the buffer was full, as of the last packet that came.</summary>
    public long Dropped => droppedInKernel + droppedBefore + floods.Sum(f => (long)f.Dropped);

    byte* Packet(int i) => memory + i * LargestPacket;
    byte* Control(int i) => memory + Batch * LargestPacket + i * ControlBytes;
    byte* From(int i) => memory + Batch * (LargestPacket + ControlBytes) + i * AddressBytes;

    void Ready(int i)
    {
        pieces[i] = new Native.Piece { Start = Packet(i), Length = LargestPacket };
        batch[i].Header = new Native.MessageHeader { Name = From(i), NameLength = AddressBytes, Pieces = &pieces[i], PieceCount = 1, Control = Control(i), ControlLength = ControlBytes };
    }

    /// <summary>[main] Reads what has come. Reading is cheaper than sending, so a flood fills its sender's own queue, not the buffer that all share.</summary>
    public void Receive()
    {
        if (unreachable.Count > 0) EndUnreachable();
        if (memory is null)
        {
            ReceiveManaged();
            return;
        }
        // The common socket first, to its end: what a flooding sender sent before it got its own is read before what came after.
        dropped = droppedInKernel;
        var isRead = Receive(handle, BatchesAtOnce);
        droppedInKernel = dropped;
        for (var i = floods.Count - 1; i >= 0 && isRead; i--) Receive(floods[i], i);
        if (flooding is { } client && floods.Count < MostFloods) Separate(client);
        flooding = null;
    }

    // True when the socket is read to its end.
    bool Receive(int handle, int batches)
    {
        for (var round = 0; round < batches; round++)
        {
            var count = Native.recvmmsg(handle, batch, Batch, Native.DontWait, null);
            var now = SampleClock.MonotonicNow;
            for (var i = 0; i < count; i++)
            {
                Take(SocketAddressBytes.Read(From(i)), new ReadOnlySpan<byte>(Packet(i), (int)batch[i].Received), ReceivedAt(i), now);
                (batch[i].Header.NameLength, batch[i].Header.ControlLength) = (AddressBytes, ControlBytes);
            }
            if (count < Batch) return true;
        }
        return false;
    }

    /// <summary>A socket of one sender's own; when it was last found full.</summary>
    sealed record Flood(UdpClient Client, Socket Socket, int Handle)
    {
        public long LastBusy { get; set; }
        public uint Dropped { get; set; }
    }

    // A sender that floods gets a socket connected to it: the kernel keeps what it sends apart, so that it stands before nobody else in the
    // buffer that all share. (Linux gives a packet to the socket that fits it best: udp(7), connect(2).)
    void Separate(UdpClient client)
    {
        if (floods.Exists(f => f.Client == client)) return;
        var own = new Socket(socket.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { Blocking = false };
        var number = (int)own.SafeHandle.DangerousGetHandle();
        try
        {
            // Only while it binds: at any other time nobody else may take this port.
            ShareAddress(true);
            Native.Set(number, Native.SolSocket, Native.ReuseAddress, 1);
            own.Bind(socket.LocalEndPoint!);
            own.Connect(client.Host.ToEndPoint());
            own.ReceiveBufferSize = WantedBuffer;
            Native.Set(number, Native.SolSocket, Native.ReceiveBufferForce, WantedBuffer);
            Native.Set(number, Native.SolSocket, Native.ReuseAddress, 0);
            Native.Set(number, Native.SolSocket, Native.Dropped, 1);
            Native.Set(number, Native.SolSocket, Native.TimestampNanoseconds, 1);
            floods.Add(new Flood(client, own, number) { LastBusy = SampleClock.MonotonicNow });
        }
        catch (SocketException)
        {
            own.Dispose();   // then it goes on as before
        }
        finally
        {
            ShareAddress(false);
        }
    }

    void ShareAddress(bool may)
    {
        Native.Set(handle, Native.SolSocket, Native.ReuseAddress, may ? 1 : 0);
        foreach (var flood in floods) Native.Set(flood.Handle, Native.SolSocket, Native.ReuseAddress, may ? 1 : 0);
    }

    // A quarter of what the common socket may take in one go, since it comes beside it; a sender that has calmed down goes back there.
    void Receive(Flood flood, int place)
    {
        dropped = flood.Dropped;
        var isCalm = Receive(flood.Handle, BatchesAtOnce / 4);
        flood.Dropped = dropped;
        if (!isCalm) flood.LastBusy = SampleClock.MonotonicNow;
        else if (SampleClock.MonotonicNow - flood.LastBusy > CalmNanoseconds)
        {
            droppedBefore += flood.Dropped;
            flood.Socket.Dispose();
            floods.RemoveAt(place);
        }
    }

    /// <summary>[main] How many senders have a socket of their own: to be waited for beside the common one.</summary>
    public int Floods => floods.Count;

    /// <summary>[main] One of them.</summary>
    public int FloodHandle(int i) => floods[i].Handle;

    void Take(in HostPort from, ReadOnlySpan<byte> packet, long receivedUnixNanoseconds, long now)
    {
        // Packets of one sender mostly come in a row.
        if (lastHeard is not { IsGone: false } client || client.Host != from)
        {
            if (!clients.TryGetValue(from, out client))
            {
                if (!allowed.Hears(from)) return;
                // Nobody can go while all of them wait to be answered: then newcomers are not heard.
                if (clients.Count >= MostWaitingClients && !Forget()) return;
                client = Meet(from, isStanding: false);
            }
            if (!client.IsStanding) Order.Heard(client);
            lastHeard = client;
        }
        client.LastHeard = now;
        if (client.Queue.Count > FloodPackets) flooding = client;
        // Its queue is full: of a fader the latest counts, so the oldest goes.
        while (!server.Enqueue(client, packet, receivedUnixNanoseconds) && client.Queue.Count > 0)
        {
            client.Queue.Drop();
            server.Postman.Fail(client, "?"u8, Reason.Busy, "too many packets wait");
        }
    }

    /// <summary>[main] The client of a host and port, a new one when it was not heard before.</summary>
    public UdpClient Meet(in HostPort host, bool isStanding)
    {
        if (clients.TryGetValue(host, out var known)) return known;
        while (clients.Count >= MostClients && Forget()) { }
        var now = SampleClock.MonotonicNow;
        if (isStanding) budgets.Name(host);
        var client = new UdpClient(server.NextClientId(), this, host, budgets.Of(host, now)) { IsStanding = isStanding, LastHeard = now, LastAsked = now };
        clients[host] = client;
        if (!isStanding) Order.Heard(client);
        server.Welcome(client);
        return client;
    }

    /// <summary>[main] Who goes when there are too many.</summary>
    public ClientOrder Order { get; } = new();

    // False when nobody goes.
    bool Forget()
    {
        if (Order.Oldest() is not { } oldest) return false;
        clients.Remove(oldest.Host);
        Order.Remove(oldest);
        redirections.Remove(oldest.ReplyTo);
        server.Farewell(oldest);
        return true;
    }

    long ReceivedAt(int i)
    {
        var received = 0L;
        ref var header = ref batch[i].Header;
        for (nuint at = 0; at + (nuint)sizeof(Native.ControlHeader) <= header.ControlLength;)
        {
            var control = (Native.ControlHeader*)((byte*)header.Control + at);
            var data = (byte*)(control + 1);
            if (control->Length < (nuint)sizeof(Native.ControlHeader)) break;
            if (control->Level == Native.SolSocket && control->Type == Native.TimestampNanoseconds) received = ((long*)data)[0] * 1_000_000_000 + ((long*)data)[1];
            if (control->Level == Native.SolSocket && control->Type == Native.Dropped) dropped = *(uint*)data;
            at += (control->Length + 7) & ~(nuint)7;
        }
        return received > 0 ? received : server.Timing.UnixNow;
    }

    void ReceiveManaged()
    {
        for (var i = 0; i < Batch * BatchesAtOnce; i++)
        {
            try
            {
                if (socket.Available == 0) return;
                var length = socket.ReceiveFrom(managedBuffer, SocketFlags.None, managedFrom);
                var point = (IPEndPoint)new IPEndPoint(IsV6 ? IPAddress.IPv6Loopback : IPAddress.Loopback, 0).Create(managedFrom);
                Take(HostPort.Of(point), managedBuffer.AsSpan(0, length), server.Timing.UnixNow, SampleClock.MonotonicNow);
            }
            catch (SocketException)
            {
                return;   // Windows tells of an unreachable port here; who it was is not said
            }
        }
    }

    /// <summary>[main] Sends one datagram now; what the kernel does not take is lost, as datagrams may be.</summary>
    public void Send(UdpClient client, ReadOnlySpan<byte> packet)
    {
        if (memory is null)
        {
            try
            {
                socket.SendTo(packet, SocketFlags.None, client.ReplyAddress.Managed);
            }
            catch (SocketException)
            {
                Unreachable(client);
            }
            return;
        }
        fixed (byte* bytes = packet)
        fixed (byte* address = client.ReplyAddress.Bytes)
        {
            // The first call may only report that an earlier packet, to anybody, was not taken: that is told by the error queue.
            // It is read at once: a client that is not there any more is not sent the rest.
            for (var attempt = 0; attempt < 3; attempt++)
            {
                if (Native.sendto(handle, bytes, (nuint)packet.Length, Native.DontWait | Native.NoSignal, address, (uint)client.ReplyAddress.Bytes.Length) >= 0) return;
                var error = Marshal.GetLastPInvokeError();
                if (error == Native.ConnectionRefused) ReceiveErrors();
                else if (error != Native.Interrupted) return;
            }
        }
    }

    public void Dispose()
    {
        foreach (var flood in floods) flood.Socket.Dispose();
        socket.Dispose();
        NativeMemory.Free(memory);
    }
}
