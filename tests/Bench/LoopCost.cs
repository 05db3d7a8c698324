namespace OscLooper.Bench;

/// <summary>[main] What a loop costs.</summary>
static class LoopCost
{
    const int Block = 128, Rounds = 15, Blocks = 400;

    public static void Run(string[] _)
    {
        double empty;
        using (var none = new Loops(0, Block)) empty = none.MicrosecondsPerBlock(Rounds, Blocks);
        Console.WriteLine($"no channels                         {empty,8:F2} us per block of {Block}");
        foreach (var count in new[] { 64, 512 })
        {
            using var loops = new Loops(count, Block);
            var idle = loops.MicrosecondsPerBlock(Rounds, Blocks);
            Console.WriteLine($"{count,3} idle stereo channels            {idle,8:F2} us   {(idle - empty) / count,7:F4} us each (asked: 0.05)");
            loops.FillAll();
            var before = GC.GetAllocatedBytesForCurrentThread();
            loops.Play(1000);
            var bytes = GC.GetAllocatedBytesForCurrentThread() - before;
            var playing = loops.MicrosecondsPerBlock(Rounds, Blocks);
            Console.WriteLine($"{count,3} playing stereo loops            {playing,8:F2} us   {(playing - empty) / count,7:F4} us each (asked: 0.8; SooperLooper measured before on such a machine: 7.66), {bytes} bytes allocated");
            loops.Send("/looper/channel/*/overdub");
            loops.Render(1600);
            var dubbing = loops.MicrosecondsPerBlock(5, Blocks);
            Console.WriteLine($"{count,3} overdubbing stereo loops        {dubbing,8:F2} us   {(dubbing - empty) / count,7:F4} us each");
            loops.Send("/looper/channel/*/play");
            loops.Send("/looper/channel/*/rate", 0.5f);
            loops.Render(100);
            var varied = loops.MicrosecondsPerBlock(5, Blocks);
            Console.WriteLine($"{count,3} loops at rate 0.5               {varied,8:F2} us   {(varied - empty) / count,7:F4} us each");
            Console.WriteLine($"    a block lasts {Block / 48000.0 * 1e6:F0} us: {count} playing loops take {playing / (Block / 48000.0 * 1e6):P1} of it");
        }
    }
}

/// <summary>[main] How fast a render is.</summary>
static class OfflineSpeed
{
    public static void Run(string[] _)
    {
        foreach (var block in new[] { 128, 1024 })
        {
            using var loops = new Loops(64, block, offline: true);
            loops.FillAll();
            var speeds = new List<double>();
            for (var round = 0; round < 5; round++)
            {
                var start = Server.Realtime.ThreadClock.Nanoseconds;
                loops.Render(20 * 48000 / block);
                speeds.Add(20e9 / (Server.Realtime.ThreadClock.Nanoseconds - start));
            }
            speeds.Sort();
            Console.WriteLine($"64 stereo loops, block {block,4}: {speeds[2],6:F0} x real time on one core (asked: 45; SooperLooper freewheeling: 4.9 to 6.2)");
        }
    }
}
