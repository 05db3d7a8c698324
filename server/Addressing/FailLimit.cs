namespace OscLooper.Server.Addressing;

/// <summary>[main] At most 200 refusals a second are told to one client; the rest is counted and told once.</summary>
struct FailLimit
{
    public const int PerSecond = 200;
    const long Window = 1_000_000_000;
    long start;
    int told;

    /// <summary>[main] Refusals that were not told yet.</summary>
    public int Held { get; private set; }

    /// <summary>[main] Whether this one may be told now; else it is counted.</summary>
    public bool Admit(long now)
    {
        if (told == 0 || now - start >= Window) (start, told) = (now, 0);
        if (told < PerSecond)
        {
            told++;
            return true;
        }
        Held++;
        return false;
    }

    /// <summary>[main] When the second is over: how many were held back.</summary>
    public bool TakeHeld(long now, out int count)
    {
        count = Held;
        if (Held == 0 || now - start < Window) return false;
        Held = 0;
        (start, told) = (now, 1);
        return true;
    }
}
