using System.Runtime.InteropServices;
using OscLooper.Server.Audio;
using OscLooper.Testing;
using OscLooper.Tests.Server.Realtime;

namespace OscLooper.Tests.Server.Audio;

/// <summary>The engine at its rate, a device at another.</summary>
public unsafe class RateAdapterTests
{
    const int EngineRate = 48000;
    const double Hertz = 1000;

    /// <summary>Device blocks of these lengths, one after the other and over again; what the device played, and the engine's frames.</summary>
    static (float[] Out, long EngineFrames, SineAndEar Module, long Allocated) Play(int deviceRate, int[] blocks, double seconds)
    {
        using var stage = new Stage(1, 1, isOffline: false).With("sine", at => new SineAndEar(at)).Load();
        using var adapter = new RateAdapter(stage.Engine.Format, deviceRate);
        var total = (int)(deviceRate * seconds);
        var output = new float[total];
        float* memory = (float*)NativeMemory.AllocZeroed(2 * 8192, sizeof(float));
        float** ins = stackalloc float*[1], outs = stackalloc float*[1];
        ins[0] = memory;
        outs[0] = memory + 8192;
        stage.Engine.WarmUp();
        var before = stage.Engine.Status.Frame;
        var allocated = 0L;
        for (int done = 0, i = 0; done < total; i++)
        {
            var frames = Math.Min(blocks[i % blocks.Length], total - done);
            for (var k = 0; k < frames; k++) ins[0][k] = (float)(0.5 * Math.Sin(2 * Math.PI * Hertz * (done + k) / deviceRate));
            var (promised, start) = (adapter.EngineFrames(frames), stage.Engine.Status.Frame);
            // A collection in the midst takes back the rest of the thread's buffer and looks like an allocation (Engine.Measuring).
            var (collections, bytes) = (GC.CollectionCount(0), GC.GetAllocatedBytesForCurrentThread());
            adapter.Process(stage.Engine, ins, outs, frames);
            bytes = GC.GetAllocatedBytesForCurrentThread() - bytes;
            if (i > 20 && collections == GC.CollectionCount(0)) allocated += bytes;
            Assert.That(stage.Engine.Status.Frame - start, Is.EqualTo(promised), "as many frames of the engine as were told before");
            new ReadOnlySpan<float>(outs[0], frames).CopyTo(output.AsSpan(done));
            done += frames;
        }
        NativeMemory.Free(memory);
        return (output, stage.Engine.Status.Frame - before, (SineAndEar)stage.Imps[0].Module, allocated);
    }

    // The largest difference from a sine of that frequency, after the first tenth of a second: amplitude and phase fitted.
    static double Error(ReadOnlySpan<float> sound, int rate)
    {
        var from = rate / 10;
        double sin = 0, cos = 0;
        double ss = 0, cc = 0, sc = 0;
        for (var i = from; i < sound.Length; i++)
        {
            var (s, c) = Math.SinCos(2 * Math.PI * Hertz * i / rate);
            (sin, cos, ss, cc, sc) = (sin + s * sound[i], cos + c * sound[i], ss + s * s, cc + c * c, sc + s * c);
        }
        var determinant = ss * cc - sc * sc;
        var (a, b) = ((sin * cc - cos * sc) / determinant, (cos * ss - sin * sc) / determinant);
        Assert.That(Math.Sqrt(a * a + b * b), Is.EqualTo(0.5).Within(1e-3), "as loud as it is");
        var worst = 0.0;
        for (var i = from; i < sound.Length; i++)
        {
            var (s, c) = Math.SinCos(2 * Math.PI * Hertz * i / rate);
            worst = Math.Max(worst, Math.Abs(sound[i] - a * s - b * c));
        }
        return worst;
    }

    [TestCase(44100, 128)]
    [TestCase(44100, 64)]
    [TestCase(96000, 256)]
    [TestCase(88200, 1)]
    [TestCase(22050, 2048)]
    [TestCase(8000, 8192)]
    [TestCase(47999, 333)]
    [TestCase(192000, 1024)]
    public void A_tone_is_the_same_tone_out_and_in_and_time_is_right(int deviceRate, int block)
    {
        var (output, frames, module, allocated) = Play(deviceRate, [block], 0.6);
        Assert.That(frames, Is.EqualTo(0.6 * EngineRate).Within(1 + EngineRate / deviceRate), "time runs as the device's");
        var (sent, came) = (Error(output, deviceRate), Error(module.Heard, EngineRate));
        TestContext.Out.WriteLine($"{deviceRate} Hz, {block} frames: out wrong by {sent:G2}, in by {came:G2}, {allocated} bytes allocated");
        Assert.That(Math.Max(sent, came), Is.LessThan(1e-4), "80 dB below");
        // What the runtime itself spends now and then (a second compile, a collection) is not there again; what the code spends is.
        for (var tries = 0; allocated > 0 && tries < 3; tries++) allocated = Play(deviceRate, [block], 0.6).Allocated;
        Assert.That(allocated, Is.Zero);
    }

    [TestCase(44100)]
    [TestCase(22050)]
    [TestCase(8000)]
    [TestCase(47999)]
    [TestCase(96000)]
    [TestCase(192000)]
    public void What_sounds_does_not_depend_on_the_blocks(int deviceRate)
    {
        var (whole, _, first, _) = Play(deviceRate, [512], 0.3);
        var (cut, _, second, _) = Play(deviceRate, [1, 64, 700, 3, 128, 511, 2], 0.3);
        Assert.That(cut, Is.EqualTo(whole));
        var common = Math.Min(first.Heard.Length, second.Heard.Length);
        Assert.That(second.Heard[..common].SequenceEqual(first.Heard[..common]), Is.True);
    }

    sealed class SineAndEar(Branch at) : Module
    {
        readonly AudioIn input = at.AudioIn("in");
        readonly AudioOut output = at.AudioOut("out");
        readonly float[] heard = new float[EngineRate];
        int count;

        public ReadOnlySpan<float> Heard => heard.AsSpan(0, count);

        public override void Process(in Block block)
        {
            var to = block.Out(output, 0);
            for (var i = 0; i < to.Length; i++) to[i] = (float)(0.5 * Math.Sin(2 * Math.PI * Hertz * (block.Frame + i) / EngineRate));
            foreach (var sample in block.In(input, 0))
                if (count < heard.Length) heard[count++] = sample;
        }
    }
}
