namespace OscLooper.Server.Network;

/// <summary>
/// [main] What one host may be sent by UDP that the user did not name (addresses.md section 1): a forged source must not turn
/// this server into a means to flood others. All ports of a host share it.
/// </summary>
sealed class HostBudget
{
    /// <summary>Bytes of answers to one packet, and of everything in any second.</summary>
    public const int BytesPerPacket = 8 << 10, BytesPerSecond = 64 << 10;
    /// <summary>Subscriptions end so long after the last packet that asked for something.</summary>
    public const long LongestLease = 60_000_000_000;
    /// <summary>Set aside for saying what was left out.</summary>
    public const int Reserve = 256;
    const int Slots = 9;
    const long SlotNanoseconds = 125_000_000, NoticeEvery = 1_000_000_000;

    readonly int[] sent = new int[Slots];
    long slot, lastNotice = -NoticeEvery;

    /// <summary>[main] When anything was last sent.</summary>
    public long LastUsed { get; private set; }

    /// <summary>[main] Whether so many bytes more may be sent now; if so they count as sent.</summary>
    public bool TryTake(int bytes, long now)
    {
        Advance(now);
        var sum = 0;
        foreach (var one in sent) sum += one;
        if (sum + bytes > BytesPerSecond - Reserve) return false;
        Count(bytes);
        return true;
    }

    /// <summary>[main] Once a second it may be told that something was left out.</summary>
    public bool MayNotice(long now)
    {
        if (now - lastNotice < NoticeEvery) return false;
        lastNotice = now;
        Advance(now);
        Count(Reserve);
        return true;
    }

    void Count(int bytes) => sent[slot % Slots] += bytes;

    void Advance(long now)
    {
        LastUsed = now;
        var current = now / SlotNanoseconds;
        if (current - slot >= Slots) Array.Clear(sent);
        else
            for (; slot < current; slot++) sent[(slot + 1) % Slots] = 0;
        slot = current;
    }
}

/// <summary>[main] Which hosts have bounds, and what is left of them. No more of them are kept than could matter within a second.</summary>
sealed class HostBudgets(AllowList allow, AllowList replyTo)
{
    const int MaxHosts = 8192;
    const long KeptNanoseconds = 2_000_000_000;
    readonly Dictionary<(ulong, ulong), HostBudget> budgets = [];
    readonly HashSet<(ulong, ulong)> feedback = [];
    readonly HostBudget others = new();

    /// <summary>[main] A device named by --feedback.</summary>
    public void Name(in HostPort host) => feedback.Add((host.High, host.Low));

    /// <summary>[main] What a host may be sent; null = anything, since the user named it.</summary>
    public HostBudget? Of(in HostPort host, long now)
    {
        if (host.IsLoopback || allow.Names(host) || replyTo.Names(host) || feedback.Contains((host.High, host.Low))) return null;
        if (budgets.TryGetValue((host.High, host.Low), out var known)) return known;
        if (budgets.Count >= MaxHosts)
            foreach (var (key, budget) in budgets)
                if (now - budget.LastUsed > KeptNanoseconds) budgets.Remove(key);
        // So many hosts within two seconds are none that play: they share one.
        return budgets.Count >= MaxHosts ? others : budgets[(host.High, host.Low)] = new HostBudget();
    }
}
