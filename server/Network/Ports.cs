using System.Net;
using System.Net.Sockets;
using OscLooper.Server.Addressing;

namespace OscLooper.Server.Network;

/// <summary>[main] All sockets of the server, read and waited for by the one main thread.</summary>
sealed unsafe class Ports : IDisposable
{
    const int MostConnections = 256, MostTurnedAway = 16;
    const long WarnEvery = 1_000_000_000;
    readonly Server server;
    readonly AllowList allowed;
    readonly HostBudgets budgets;
    readonly List<UdpPort> udp = [];
    readonly List<Socket> listeners = [];
    readonly List<TcpConnection> connections = [];
    readonly byte[] chunk = GC.AllocateUninitializedArray<byte>(1 << 16, pinned: true);
    readonly Native.PollEntry[] entries = GC.AllocateArray<Native.PollEntry>(MostConnections + MostTurnedAway + 8 + 2 * UdpPort.MostFloods, pinned: true);

    long nextWarning;

    public Ports(Server server, ServerOptions options)
    {
        this.server = server;
        try
        {
            allowed = new AllowList(options.Allow);
            budgets = new HostBudgets(allowed, new AllowList([.. options.AllowReplyTo.SelectMany(AddressesOf)]));
            var bind = IPAddress.TryParse(options.Bind, out var parsed) ? parsed : Dns.GetHostAddresses(options.Bind)[0];
            OpenAll(bind, options.OscPort);
            // Many clients try ::1 first when they are told "localhost".
            if (bind.Equals(IPAddress.Loopback)) Open(IPAddress.IPv6Loopback, Port, isExtra: true);
            if (!IPAddress.IsLoopback(bind)) server.Warn($"listening on {HostPort.Bracketed(options.Bind)}: {(options.Allow.Count == 0 ? "everybody in this network" : string.Join(", ", options.Allow))} can play this server");
            foreach (var device in options.Feedback) AddFeedback(device);
        }
        catch (Exception trouble) when (trouble is SocketException or FormatException)
        {
            Dispose();
            throw trouble is SocketException ? new PortTakenException($"cannot listen on {HostPort.Bracketed(options.Bind)} port {options.OscPort}: {trouble.Message}", trouble) : new ArgumentException(trouble.Message, trouble);
        }
    }

    /// <summary>[main] The port of both UDP and TCP.</summary>
    public int Port { get; private set; }

    void Open(IPAddress address, int port, bool isExtra)
    {
        // Any free port must be free for both; another program may take the second one in between.
        for (var attempt = 0; ; attempt++)
        {
            UdpPort? opened = null;
            Socket? listener = null;
            try
            {
                opened = new UdpPort(server, allowed, budgets, new IPEndPoint(address, port));
                listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
                listener.Bind(new IPEndPoint(address, opened.Port));
                listener.Listen(512);
                udp.Add(opened);
                listeners.Add(listener);
                if (!isExtra) Port = opened.Port;
                return;
            }
            catch (SocketException)
            {
                opened?.Dispose();
                listener?.Dispose();
                if (isExtra) return;
                if (port != 0 || attempt == 20) throw;
            }
        }
    }

    // --allow-reply-to HOST: an address, a network, or a name.
    static IEnumerable<string> AddressesOf(string host)
    {
        if (AllowList.TryParse(host)) return [host];
        try
        {
            return [.. Dns.GetHostAddresses(host).Select(a => a.ToString())];
        }
        catch (Exception trouble) when (trouble is SocketException or ArgumentException)
        {
            throw new FormatException($"--allow-reply-to {host}: no such host", trouble);
        }
    }

    // All addresses of IPv6 are all of IPv4, too, on sockets of their own: so IPv4 hosts keep their form in --allow and in the log.
    void OpenAll(IPAddress bind, int wanted)
    {
        for (var attempt = 0; ; attempt++)
            try
            {
                Open(bind, Math.Max(0, wanted), isExtra: false);
                // Whoever names all addresses gets all.
#pragma warning disable RS0030
                if (bind.Equals(IPAddress.IPv6Any) && Socket.OSSupportsIPv4) Open(IPAddress.Any, Port, isExtra: false);
#pragma warning restore RS0030
                return;
            }
            catch (SocketException) when (wanted < 0 && attempt < 20)
            {
                Dispose();
                udp.Clear();
                listeners.Clear();
            }
    }

    // HOST:PORT[=PATTERN]: for devices that cannot ask.
    void AddFeedback(string device)
    {
        var (where, pattern) = device.Split('=', 2) is [var left, var right] ? (left, right) : (device, "//*");
        if (!IPEndPoint.TryParse(where, out var point) || point.Port == 0)
        {
            if (where.LastIndexOf(':') is not (> 0 and var colon) || !int.TryParse(where.AsSpan(colon + 1), out var port) || port is < 1 or > 65535)
                throw new FormatException($"--feedback {device}: HOST:PORT or HOST:PORT=PATTERN");
            point = new IPEndPoint(Dns.GetHostAddresses(where[..colon])[0], port);
        }
        var way = udp.Find(u => u.IsV6 == (point.AddressFamily == AddressFamily.InterNetworkV6)) ?? throw new FormatException($"--feedback {device}: no way to this host");
        server.Subscriptions.Begin(way.Meet(HostPort.Of(point), isStanding: true), pattern, Subscriptions.DefaultHz, 0);
    }

    /// <summary>[main] Granted receive buffer and packets dropped by the kernel.</summary>
    public (int Buffer, long Drops) UdpHealth() => (udp[0].Granted, udp.Sum(u => u.Dropped));

    /// <summary>[any] How many clients are known, and how many were looked at to find those that go.</summary>
    public (int Known, long Looked) UdpClients() => (udp.Sum(u => u.Clients), udp.Sum(u => u.Order.Looked));

    /// <summary>[main] Something here ends by itself when its time is over: a connection, a flood.</summary>
    public bool IsWatchingClock => connections.Exists(c => c.IsEnding) || udp.Exists(u => u.Floods > 0);

    /// <summary>[main] Waits until something comes (or main is woken), at most so long.</summary>
    public void Wait(int milliseconds)
    {
        if (!OperatingSystem.IsLinux())
        {
            var reading = udp.Select(u => u.Socket).Concat(listeners).Concat(connections.Where(c => c.WantsToRead).Select(c => c.Socket)).ToList();
            Socket.Select(reading, null, null, Math.Min(milliseconds, 1) * 1000);
            return;
        }
        var count = 0;
        void Add(int handle, short events) => entries[count++] = new Native.PollEntry { Handle = handle, Events = events };
        foreach (var one in udp) Add(one.Handle, Native.PollIn);
        foreach (var one in listeners) Add((int)one.SafeHandle.DangerousGetHandle(), Native.PollIn);
        Add(server.Engine.Wake.FileDescriptor ?? -1, Native.PollIn);
        foreach (var one in connections) Add(one.Handle, (short)((one.WantsToRead ? Native.PollIn : 0) | (one.WantsToWrite ? Native.PollOut : 0)));
        foreach (var one in udp)
            for (var i = 0; i < one.Floods; i++) Add(one.FloodHandle(i), Native.PollIn);
        fixed (Native.PollEntry* all = entries) Native.poll(all, (nuint)count, milliseconds);
    }

    /// <summary>[main] Reads what has come, and sends on what could not be sent before.</summary>
    public void Receive()
    {
        var isLinux = OperatingSystem.IsLinux();
        for (var i = 0; i < udp.Count; i++)
        {
            if (isLinux && (entries[i].Returned & Native.PollError) != 0) udp[i].ReceiveErrors();
            if (!isLinux || entries[i].Returned != 0 || udp[i].Floods > 0 || udp[i].HasUnreachable) udp[i].Receive();
        }
        for (var i = 0; i < listeners.Count; i++)
            if (!isLinux || entries[udp.Count + i].Returned != 0) Accept(listeners[i]);
        for (var i = connections.Count - 1; i >= 0; i--)
        {
            var connection = connections[i];
            if (connection.WantsToRead) connection.Read(chunk);
            if (connection.MustGo) connection.TurnAway();
            if (connection.WantsToWrite) connection.Flush();
            if (!connection.IsOver) continue;
            connection.Close();
            connections.RemoveAt(i);
        }
    }

    void Accept(Socket listener)
    {
        while (true)
        {
            Socket accepted;
            try
            {
                accepted = listener.Accept();
            }
            catch (SocketException)
            {
                return;   // nobody (more) waits
            }
            if (accepted.RemoteEndPoint is not IPEndPoint from || !allowed.Hears(HostPort.Of(from)))
            {
                accepted.Dispose();
                continue;
            }
            var isTooMany = connections.Count >= MostConnections;
            if (isTooMany) WarnOf(from);
            if (connections.Count >= MostConnections + MostTurnedAway)
            {
                accepted.Dispose();
                continue;
            }
            accepted.Blocking = false;
            accepted.NoDelay = true;
            var connection = new TcpConnection(server.NextClientId(), server, accepted, isTooMany ? $"{MostConnections} connections are open already" : null);
            connections.Add(connection);
            server.Welcome(connection);
        }
    }

    void WarnOf(IPEndPoint from)
    {
        var now = Realtime.SampleClock.MonotonicNow;
        if (now < nextWarning) return;
        nextWarning = now + WarnEvery;
        server.Log(LogLevel.Warning, $"{MostConnections} TCP connections are open: {from} is turned away");
    }

    public void Dispose()
    {
        foreach (var one in udp) one.Dispose();
        foreach (var one in listeners) one.Dispose();
        foreach (var one in connections.ToArray()) one.Close();
    }
}
