using OscLooper.Client;

namespace OscLooper.Demo;

/// <summary>Asks the server to end, whatever happened before.</summary>
sealed class Farewell(OscLooperClient client) : IDisposable
{
    public void Dispose()
    {
        try { client.Call("/server/quit"); }
        catch (Exception e) when (e is OscUnreachableException or TimeoutException or OscFailException) { }
    }
}
