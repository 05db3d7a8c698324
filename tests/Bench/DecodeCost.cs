using BenchmarkDotNet.Attributes;
using OscLooper.Looper;
using OscLooper.Osc;
using OscLooper.Server.Addressing;
using OscLooper.Server.Realtime;

namespace OscLooper.Bench;

/// <summary>[main] From bytes to a leaf and three numbers.</summary>
public class DecodeBench
{
    readonly AddressSpace space = new();
    readonly byte[][] packets = new byte[1024][];

    /// <summary>[main] Ten thousand addresses, and packets for a thousand of them.</summary>
    public DecodeBench()
    {
        var random = new Random(1);
        var tree = new Tree("looper", new OscLooper.Server.Realm.ImpDesk(null!, "looper", 1), default);
        var rows = tree.Root.Rows("channel");
        for (var n = 0; n < 40; n++) rows.Each.Parameter($"leaf_number_{n}", Spec.Range(0, 1, 0), "One of forty.");
        for (var n = 0; n < 250; n++) rows.Add();
        space.Merge(new ImpSpace(1, tree));
        for (var i = 0; i < packets.Length; i++)
        {
            var n = random.Next(10_000);
            packets[i] = new OscMessage($"/looper/channel/{n / 40 + 1}/leaf_number_{n % 40}", n, 0.5f, 0.25f).ToBytes();
        }
    }

    /// <summary>[main] All packets once.</summary>
    [Benchmark(OperationsPerInvoke = 1024)]
    public double DecodeFindAndRead()
    {
        var sum = 0.0;
        foreach (var packet in packets)
        {
            // As the dispatcher does it with what is not a bundle.
            if (!OscPacket.TryRead(packet, out var view, out _) || view.IsBundle) continue;
            var message = view.Message;
            sum += space.Find(message.AddressBytes);
            foreach (var argument in message)
                if (argument.TryNumber(out var value)) sum += value;
        }
        return sum;
    }
}

static class DecodeCost
{
    public static void Run(string[] _)
    {
        var bench = new DecodeBench();
        var times = new List<double>();
        for (var i = 0; i < 200; i++) bench.DecodeFindAndRead();
        for (var round = 0; round < 31; round++)
        {
            var start = ThreadClock.Nanoseconds;
            for (var i = 0; i < 50; i++) bench.DecodeFindAndRead();
            times.Add((ThreadClock.Nanoseconds - start) / (50.0 * 1024));
        }
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 50; i++) bench.DecodeFindAndRead();
        var bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        times.Sort();
        Console.WriteLine($"check, find among 10,000, three numbers: {times[15]:F0} ns median (asked: 100; liblo 2,455 among 1,000), {bytes} bytes allocated by 51,200 messages");
    }
}
