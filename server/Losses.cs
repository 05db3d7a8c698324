namespace OscLooper.Server;

/// <summary>[any] What was recorded or acknowledged and could not be kept: told in the server's last line, and by its exit code.</summary>
public sealed class Losses
{
    const int Most = 100;
    readonly List<string> all = [];

    /// <summary>[any] One more; what was said already is said once.</summary>
    public void Add(string what)
    {
        lock (all)
            if (all.Count < Most && !all.Contains(what)) all.Add(what);
    }

    /// <summary>[any] In the order in which they were found.</summary>
    public IReadOnlyList<string> All
    {
        get
        {
            lock (all) return [.. all];
        }
    }
}
