namespace OscLooper.Server.Addressing;

/// <summary>
/// [any] Everything that a server sends beside the values of its leaves. Whoever receives one of these never answers it (addresses.md section 1):
/// a packet with a forged source would make two servers answer each other without end.
/// </summary>
static class ServerMessages
{
    public const string Done = "/done", Fail = "/fail", Pong = "/server/pong", Synced = "/server/synced",
        LogLine = "/server/log.line", TraceLine = "/server/trace.line", ActLine = "/server/act.line";

    /// <summary>Whole addresses.</summary>
    public static readonly string[] Addresses = [Done, Fail, Pong, Synced, LogLine, TraceLine, ActLine];

    /// <summary>What a job puts behind its own address when it replies before its end, or instead of <see cref="Done"/>.</summary>
    public static readonly string[] Suffixes = [".item", ".reply", ".line", ".warning", ".error"];

    /// <summary>[any] Whether only a server sends to this address.</summary>
    public static bool Contains(ReadOnlySpan<byte> address)
    {
        foreach (var one in Addresses)
            if (System.Text.Ascii.Equals(address, one)) return true;
        foreach (var suffix in Suffixes)
            if (address.Length > suffix.Length && System.Text.Ascii.Equals(address[^suffix.Length..], suffix)) return true;
        return false;
    }
}
