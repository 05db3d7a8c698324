using OscLooper.Osc;

namespace OscLooper.Client;

/// <summary>The server answered <c>/fail</c>.</summary>
public sealed class OscFailException(OscMessage fail) : Exception($"{Part(fail, 0)}: {Part(fail, 1)}{(Part(fail, 2).Length > 0 ? $" ({Part(fail, 2)})" : "")}")
{
    /// <summary>The address it is about.</summary>
    public string Address { get; } = Part(fail, 0);
    /// <summary>One of the ten reasons, e.g. "out of range".</summary>
    public string Reason { get; } = Part(fail, 1);
    /// <summary>More for people.</summary>
    public string Detail { get; } = Part(fail, 2);

    static string Part(OscMessage fail, int index) => index < fail.Arguments.Length ? fail.Arguments[index].Text : "";
}

/// <summary>Nobody listens there, or the connection has ended.</summary>
public sealed class OscUnreachableException(string host, int port, string why) : IOException($"no OscLooper server at {(host.Contains(':') ? $"[{host}]" : host)}:{port} ({why})");
