namespace OscLooper.Server.Addressing;

/// <summary>[main] What waits for an answer of the audio side: a question, a mark of /server/sync, or a job. Numbers are never given twice.</summary>
sealed class Tickets
{
    const int PlaceBits = 20;

    struct Ticket
    {
        public long Number;
        public object? Waiter;
        public Client? Client;
        public int Target;
    }

    readonly List<int> free = [];
    Ticket[] places = new Ticket[64];
    int made;
    long generation = 1;

    /// <summary>[main] Tickets that wait.</summary>
    public int Count => made - free.Count;

    /// <summary>[main] A new ticket. The waiter is null for a question about the target.</summary>
    public long Take(Client? client, int target, object? waiter)
    {
        int place;
        if (free.Count > 0)
        {
            place = free[^1];
            free.RemoveAt(free.Count - 1);
        }
        else
        {
            place = made++;
            if (place == places.Length) Array.Resize(ref places, places.Length * 2);
        }
        // Below 2^53, so that an event's double carries it exactly.
        var number = (generation++ & 0xFFFF_FFFF) << PlaceBits | (uint)place;
        places[place] = new Ticket { Number = number, Waiter = waiter, Client = client, Target = target };
        return number;
    }

    /// <summary>[main] Nobody will answer what waits for these leaves any more.</summary>
    public void Drop(int slot)
    {
        for (var place = 0; place < made; place++)
            if (places[place] is { Number: > 0, Waiter: Call.Asked asked } ticket && ticket.Target >> Event.LeafBits == slot && TryReturn(ticket.Number, out _, out _, out _)) asked.Refused();
    }

    /// <summary>[main] Gives back all tickets of those who wait for the audio side, but those of jobs that asked it themselves.</summary>
    public IReadOnlyList<(Client? Client, int Target, object? Waiter)> ReturnAll()
    {
        var all = new List<(Client?, int, object?)>();
        for (var place = 0; place < made; place++)
            if (places[place] is { Number: > 0, Waiter: not Call.Asked } ticket && TryReturn(ticket.Number, out var client, out var target, out var waiter)) all.Add((client, target, waiter));
        return all;
    }

    /// <summary>[main] Gives a ticket back; false when it is not one that waits.</summary>
    public bool TryReturn(double a, out Client? client, out int target, out object? waiter)
    {
        var number = (long)a;
        var place = (int)(number & ((1 << PlaceBits) - 1));
        if (place >= made || number <= 0 || places[place].Number != number)
        {
            (client, target, waiter) = (null, -1, null);
            return false;
        }
        ref var ticket = ref places[place];
        (client, target, waiter) = (ticket.Client, ticket.Target, ticket.Waiter);
        ticket = default;
        free.Add(place);
        return true;
    }
}
