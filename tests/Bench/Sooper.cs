using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using OscLooper.Osc;

namespace OscLooper.Bench;

/// <summary>[main] SooperLooper as a peer (Debian package sooperlooper), driven by its own OSC addresses.</summary>
sealed class Sooper : IDisposable
{
    readonly Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    readonly byte[] received = new byte[65536];
    readonly IPEndPoint to;   // not connected: it may answer from another port, and before it listens nothing is refused
    readonly int loops;

    Sooper(Process process, int port, int loops)
    {
        (Process, this.loops) = (process, loops);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        to = new IPEndPoint(IPAddress.Loopback, port);
        socket.ReceiveTimeout = 500;
        Url = $"osc.udp://127.0.0.1:{((IPEndPoint)socket.LocalEndPoint!).Port}/";
    }

    public Process Process { get; }
    string Url { get; }

    public static Sooper Start(string jackServer, int port, int loops)
    {
        // Its -l makes at most 15 loops that play; the others are added one by one.
        var info = new ProcessStartInfo("sooperlooper", ["-q", "-l", $"{Math.Min(loops, 8)}", "-c", "2", "-t", "4", "-D", "no", "-p", $"{port}"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        // It knows the option -S, but connects only when libjack itself is told the name.
        info.Environment["JACK_DEFAULT_SERVER"] = jackServer;
        if (Environment.GetEnvironmentVariable("OSCLOOPER_BENCH_PRELOAD") is { } library) info.Environment["LD_PRELOAD"] = library;
        var process = Process.Start(info) ?? throw new InvalidOperationException("sooperlooper did not start (Debian: apt install sooperlooper)");
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var sooper = new Sooper(process, port, loops);
        for (var tries = 0; sooper.Count() < 0; tries++)
            if (tries > 20 || process.HasExited) throw new InvalidOperationException("sooperlooper does not answer");
        for (var n = 8; n < loops; n++)
        {
            sooper.Send("/loop_add", 2, 4.0f, 0);
            for (var tries = 0; sooper.Count() < n + 1 && tries < 40; tries++) Thread.Sleep(25);
        }
        return sooper;
    }

    void Send(string address, params OscValue[] arguments) => socket.SendTo(new OscMessage(address, arguments).ToBytes(), to);

    OscMessage? Answer()
    {
        try
        {
            var bytes = socket.Receive(received);
            return OscMessage.TryParse(received.AsSpan(0, bytes), out var message, out _) ? message : null;
        }
        catch (SocketException)
        {
            return null;
        }
    }

    int Count()
    {
        Send("/ping", Url, "/pong");
        return Answer() is { Arguments.Length: >= 3 } pong ? (int)pong.Arguments[2].Number : -1;
    }

    public (double P50, double P99) Ping()
    {
        var times = new Sample();
        for (var i = 0; i < 1000; i++)
        {
            var start = Stopwatch.GetTimestamp();
            Count();
            times.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
            Thread.Sleep(2);
        }
        return (times.At(0.5), times.At(0.99));
    }

    public void RecordAll()
    {
        Thread.Sleep(500);
        Send("/sl/-1/hit", "record");
        Thread.Sleep(2000);
        Send("/sl/-1/hit", "record");
        Thread.Sleep(500);
    }

    public int PlayingLoops()
    {
        var playing = 0;
        for (var n = 0; n < loops; n++)
        {
            Send($"/sl/{n}/get", "state", Url, "/state");
            if (Answer() is { Arguments.Length: 3 } state && state.Arguments[2].Number == 4) playing++;
        }
        return playing;
    }

    public void Dispose()
    {
        socket.Dispose();
        if (!Process.HasExited) Process.Kill();
        Process.WaitForExit();
        Process.Dispose();
    }
}
