namespace OscLooper.Server.Network;

// Whose port is closed: the kernel says so of every packet that was not taken.
sealed unsafe partial class UdpPort
{
    readonly HashSet<HostPort> redirections = [];
    readonly List<UdpClient> unreachable = [];

    /// <summary>[main] Clients were found to be gone.</summary>
    public bool HasUnreachable => unreachable.Count > 0;

    /// <summary>[main] Reads which packets were not taken: the port of such a client is closed.</summary>
    public void ReceiveErrors()
    {
        var from = stackalloc byte[AddressBytes];
        var control = stackalloc byte[512];
        var packet = stackalloc byte[64];
        for (var i = 0; i < Batch * BatchesAtOnce; i++)
        {
            var piece = new Native.Piece { Start = packet, Length = 64 };
            var header = new Native.MessageHeader { Name = from, NameLength = AddressBytes, Pieces = &piece, PieceCount = 1, Control = control, ControlLength = 512 };
            if (Native.recvmsg(handle, &header, Native.ErrorQueue | Native.DontWait) < 0) break;
            if (header.NameLength > 0) Unreachable(SocketAddressBytes.Read(from));
        }
        // A pending error of the socket itself would make every poll return at once.
        Native.Get(handle, Native.SolSocket, 4);   // SO_ERROR
    }

    /// <summary>[main] A client's answers go elsewhere from now on.</summary>
    public void Redirected(in HostPort to) => redirections.Add(to);

    void Unreachable(in HostPort host)
    {
        if (clients.TryGetValue(host, out var client) && client.ReplyTo == host) Unreachable(client);
        if (!redirections.Contains(host)) return;
        foreach (var one in clients.Values)
            if (one.ReplyTo == host) Unreachable(one);
    }

    void Unreachable(UdpClient client)
    {
        if (client.IsStanding || client.IsUnreachable) return;
        client.IsUnreachable = true;
        unreachable.Add(client);
    }

    // Not at once: it may be found out while subscriptions are being gone through.
    void EndUnreachable()
    {
        foreach (var client in unreachable)
            if (client.IsUnreachable) server.Subscriptions.End(client);
        unreachable.Clear();
    }
}
