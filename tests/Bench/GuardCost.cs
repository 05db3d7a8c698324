using OscLooper.Dsp;

namespace OscLooper.Bench;

/// <summary>[main] What it costs to look whether all that an imp has played is sound.</summary>
static class GuardCost
{
    const int Block = 128, Lanes = 2, Rounds = 200, Blocks = 20_000;

    public static void Run(string[] _)
    {
        var sound = new float[Lanes * Block];
        for (var i = 0; i < sound.Length; i++) sound[i] = MathF.Sin(i);
        var times = new List<double>();
        long bad = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var start = Server.Realtime.ThreadClock.Nanoseconds;
            for (var i = 0; i < Blocks; i++)
                for (var lane = 0; lane < Lanes; lane++) bad += Samples.FirstBad(sound.AsSpan(lane * Block, Block)) + 1;
            times.Add((Server.Realtime.ThreadClock.Nanoseconds - start) / 1e3 / Blocks);
        }
        times.Sort();
        Console.WriteLine($"a port of {Lanes} lanes, {Block} frames: {times[0]:F4} us at least, {times[Rounds / 2]:F4} us in the middle (asked: 0.02), {bad} bad");
    }
}
