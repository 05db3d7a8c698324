using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using OscLooper.Osc;

namespace OscLooper.Bench;

/// <summary>[main] As much as a client can send.</summary>
static class Flood
{
    const int Leaves = 288;

    public static void Run(string[] _)
    {
        using var server = new RunningServer(withJack: false, "--channels", $"{Leaves}");
        using var line = new Line(server.Port);
        for (var i = 0; i < 3; i++) OverTcp(server.Port, line, i);
        OverUdp(server.Port, line);
        Beside(server.Port, line);
        Console.WriteLine($"memory of the server afterwards: {server.ResidentBytes >> 20} MiB");
    }

    static byte[] Volume(int channel, float value) => new OscMessage($"/looper/channel/{channel}/volume", value).ToBytes();

    static void OverTcp(int port, Line line, int round)
    {
        using var tcp = new Socket(SocketType.Stream, ProtocolType.Tcp);
        tcp.Connect(IPAddress.Loopback, port);
        var (stream, last) = (new MemoryStream(), new float[Leaves + 1]);
        for (var i = 0; i < 20_000; i++)
        {
            var channel = i % Leaves + 1;
            last[channel] = (i * 7 + round) % 4000 / 1000f;
            var packet = Volume(channel, last[channel]);
            stream.Write([(byte)(packet.Length >> 24), (byte)(packet.Length >> 16), (byte)(packet.Length >> 8), (byte)packet.Length]);
            stream.Write(packet);
        }
        var sync = new OscMessage("/server/sync", 1).ToBytes();
        stream.Write([0, 0, 0, (byte)sync.Length]);
        stream.Write(sync);
        var start = Stopwatch.GetTimestamp();
        tcp.Send(stream.ToArray());
        tcp.Receive(new byte[64]);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var wrong = 0;
        for (var channel = 1; channel <= Leaves; channel++)
            if (Math.Abs(line.Number($"/looper/channel/{channel}/volume") - last[channel]) > 1e-6) wrong++;
        Console.WriteLine($"TCP: 20,000 /volume to {Leaves} leaves in {seconds * 1000:F0} ms ({20_000 / seconds:F0} a second), {wrong} final values wrong (asked: 0; SooperLooper 224 of 288)");
    }

    static void OverUdp(int port, Line line)
    {
        const int Messages = 200_000;
        using var sender = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        sender.Connect(IPAddress.Loopback, port);
        var drops = Drops(line);
        var last = new float[Leaves + 1];
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < Messages; i++)
        {
            var channel = i % Leaves + 1;
            last[channel] = i * 7 % 4000 / 1000f;
            sender.Send(Volume(channel, last[channel]));
            while (Stopwatch.GetElapsedTime(start).TotalSeconds * 100_000 < i) { }
        }
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        Thread.Sleep(300);
        line.Sync();
        var wrong = 0;
        for (var channel = 1; channel <= Leaves; channel++)
            if (Math.Abs(line.Number($"/looper/channel/{channel}/volume") - last[channel]) > 1e-6) wrong++;
        var status = line.Ask("/server/status", "/server/status.reply")!.Arguments;
        Console.WriteLine($"UDP: {Messages} messages at {Messages / seconds:F0} a second: {Drops(line) - drops} dropped by the kernel, {wrong} final values wrong (asked: 0); buffer {status[10].Number / 1024:F0} KiB");
    }

    static double Drops(Line line) => line.Ask("/server/status", "/server/status.reply")!.Arguments[11].Number;

    static void Beside(int port, Line line)
    {
        foreach (var overTcp in new[] { false, true })
        {
            using var end = new CancellationTokenSource();
            long sent = 0;
            var flood = new Thread(() =>
            {
                using var socket = overTcp ? new Socket(SocketType.Stream, ProtocolType.Tcp) : new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
                socket.Connect(IPAddress.Loopback, port);
                var packet = Volume(5, 0.5f);
                var bytes = overTcp ? [.. Enumerable.Repeat<byte[]>([0, 0, 0, (byte)packet.Length, .. packet], 100).SelectMany(b => b)] : packet;
                while (!end.IsCancellationRequested) sent += socket.Send(bytes) / packet.Length;
            });
            flood.Start();
            Thread.Sleep(200);
            var times = new Sample();
            for (var i = 0; i < 500; i++)
            {
                var start = Stopwatch.GetTimestamp();
                if (line.Ask("/server/ping", "/server/pong", i) is null) Console.WriteLine("a ping was lost");
                times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                Thread.Sleep(4);
            }
            end.Cancel();
            flood.Join();
            Console.WriteLine($"ping beside a {(overTcp ? "TCP" : "UDP")} flood of {sent / 2.2e3:F0}k messages a second: p50 {times.At(0.5):F2} ms, p99 {times.At(0.99):F2} ms, max {times.At(1):F2} ms (asked: p99 5)");
        }
    }
}
