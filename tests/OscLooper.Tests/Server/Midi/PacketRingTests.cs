using OscLooper.Server.Midi;

namespace OscLooper.Tests.Server.Midi;

public class PacketRingTests
{
    [Test]
    public void Two_threads_pass_packets_of_every_length_whole_and_in_order()
    {
        const int Packets = 200_000;
        var ring = new PacketRing(1000);
        var writer = new Thread(() =>
        {
            var bytes = new byte[300];
            for (var n = 0; n < Packets;)
            {
                bytes.AsSpan(0, n % 300).Fill((byte)n);
                if (ring.TryWrite(n, bytes.AsSpan(0, n % 300))) n++;
                else Thread.Yield();
            }
        });
        writer.Start();
        var read = new byte[300];
        for (var n = 0; n < Packets;)
        {
            if (!ring.TryPeek(out var frame, out var length))
            {
                Thread.Yield();
                continue;
            }
            ring.Take(read, length);
            if (frame != n || length != n % 300 || read.AsSpan(0, length).ContainsAnyExcept((byte)n)) Assert.Fail($"packet {n} came as {frame}, {length} bytes");
            n++;
        }
        writer.Join();
        Assert.That(ring.Used, Is.Zero);
    }

    [Test]
    public void What_does_not_fit_is_refused_whole()
    {
        var ring = new PacketRing(40);
        Assert.That(ring.TryWrite(1, new byte[29]), Is.False);
        Assert.That(ring.TryWrite(1, new byte[28]), Is.True);
        Assert.That(ring.HasRoom(0), Is.False);
        Assert.That(ring.TryPeek(out var frame, out var length) && frame == 1 && length == 28, Is.True);
    }
}
