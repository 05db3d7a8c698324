namespace OscLooper.Enchanter;

/// <summary>
/// [main] Speaks as any client does, and lets the others here know: what a client sets itself is not told back to it
/// (addresses.md section 1), and all of the enchanter is one client.
/// </summary>
sealed class Speaker(Desk desk)
{
    /// <summary>[main] Told of everything that is sent.</summary>
    internal Action<string, object[]>? Said { get; set; }

    internal void Send(string address, params object[] arguments)
    {
        desk.Send(address, arguments);
        Said?.Invoke(address, arguments);
    }

    internal void SendAt(long? frame, string address, params object[] arguments)
    {
        if (frame is { } exact) desk.SendAt(exact, address, arguments);
        else desk.Send(address, arguments);
        Said?.Invoke(address, arguments);
    }

    internal void Post(Action action) => desk.Post(action);

    internal IDisposable Watch(string pattern, Action<string, object[]> heard) => desk.Watch(pattern, heard);
}
