using OscLooper.Gain;
using OscLooper.Server.Audio;
using OscLooper.Server.Realtime;

namespace OscLooper.Tests.Server.Realtime;

public class AllocationTests
{
    [Test]
    public void Ten_thousand_blocks_with_events_allocate_nothing() => Assert.That(BytesOf(10_000, allocates: false), Is.Zero);

    [Test]
    public void An_array_of_32_bytes_in_each_block_is_seen() => Assert.That(BytesOf(10_000, allocates: true), Is.GreaterThanOrEqualTo(10_000 * 32));

    static unsafe long BytesOf(int blocks, bool allocates)
    {
        using var stage = new Stage(2, 2, isOffline: false)
            .With("transport", at => new TransportModule(at)).With("gain", at => new GainModule(at))
            .With("ramp", at => new RampModule(at)).With("rows", at => new RowsModule(at)).With("waste", at => new WasteModule(at, allocates));
        stage.With("audio", at => new AudioModule(at, stage.Engine)).Load();
        var random = new Random(8);
        float** lanes = stackalloc float*[2];
        var buffers = GC.AllocateArray<float>(256, pinned: true);
        fixed (float* p = buffers) lanes[0] = lanes[1] = p;
        stage.Engine.WarmUp();
        var before = 0L;
        for (var block = -200; block < blocks; block++)
        {
            if (block == 0) before = stage.Engine.Status.AudioSideAllocatedBytes;
            var frame = stage.Engine.Status.Frame;
            for (var i = 0; i < 10; i++)
                switch (random.Next(7))
                {
                    case 0: stage.Set(frame + random.Next(128), "gain", "level", -3); break;
                    case 1: stage.Set(frame + random.Next(128), "ramp", "level", random.NextDouble()); break;
                    case 2: stage.Set(frame + random.Next(128), "audio", "master/gain", random.NextDouble()); break;
                    case 3: stage.Set(frame + random.Next(128), "transport", "tempo", 100); break;
                    case 4: stage.Fire(frame + random.Next(128), "gain", "reset"); break;
                    case 5: stage.Fire(frame + random.Next(128), "transport", "tap"); break;
                    default: stage.Send(new Event(frame + random.Next(2000), 0, EventKind.Sync, 0, block)); break;
                }
            stage.Engine.Process(lanes, lanes, 128);
            while (stage.Engine.Outbox.TryRead(out _)) { }
        }
        return stage.Engine.Status.AudioSideAllocatedBytes - before;
    }

    sealed class WasteModule(Branch at, bool allocates) : Module
    {
        readonly AudioOut output = at.AudioOut("out");
        object? kept;

        public override void Process(in Block block)
        {
            block.Out(output, 0)[0] += 0.1f;
            if (allocates) kept = new float[2];
        }
    }
}
