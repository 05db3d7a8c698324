namespace OscLooper.Server.Network;

/// <summary>
/// [main] The UDP clients of a port in the order in which they were last heard, so that the one who goes when there are too many is found at once:
/// who was silent longest; those that subscribed stay as long as there are others.
/// </summary>
sealed class ClientOrder
{
    // Nobody goes whose packets wait. Where those who were silent longest have packets that wait, there is a burst, and the others' wait, too.
    const int MostLooked = 8;

    readonly LinkedList<UdpClient> plain = new(), listening = new();

    /// <summary>[main] Clients that were looked at to find those that go, since the start.</summary>
    public long Looked { get; private set; }

    /// <summary>[main] It was heard just now.</summary>
    public void Heard(UdpClient client) => Put(client, client.Subscriptions > 0 ? listening : plain);

    /// <summary>[main] Its first subscription has begun, or its last one has ended; whose port is closed goes first.</summary>
    public void ListeningChanged(UdpClient client)
    {
        if (client.Place.List is not { } present || present == (client.Subscriptions > 0 ? listening : plain)) return;
        Put(client, present == plain ? listening : plain, isFirst: client.IsUnreachable);
    }

    /// <summary>[main] It has gone.</summary>
    public void Remove(UdpClient client) => client.Place.List?.Remove(client.Place);

    /// <summary>[main] Who goes; null when nobody can.</summary>
    public UdpClient? Oldest()
    {
        var left = MostLooked;
        return Oldest(plain, ref left) ?? Oldest(listening, ref left);
    }

    UdpClient? Oldest(LinkedList<UdpClient> list, ref int left)
    {
        for (var node = list.First; node is not null && left > 0; node = node.Next, left--)
        {
            Looked++;
            if (node.Value.Queue.Count == 0) return node.Value;
        }
        return null;
    }

    static void Put(UdpClient client, LinkedList<UdpClient> list, bool isFirst = false)
    {
        client.Place.List?.Remove(client.Place);
        if (isFirst) list.AddFirst(client.Place);
        else list.AddLast(client.Place);
    }
}
