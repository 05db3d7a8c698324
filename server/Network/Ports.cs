namespace OscLooper.Server.Network;

sealed class Ports : IDisposable
{
    public Ports(Server server, ServerOptions options) { }
    public int Port => 0;
    public (int, long) UdpHealth() => (0, 0);
    public void Receive() { }
    public void Wait(int ms) { }
    public static void WaitFor(int? fd, int ms) => Thread.Sleep(1);
    public void Dispose() { }
}
