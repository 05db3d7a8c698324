using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace OscLooper.Dsp;

/// <summary>[worker] Changes the rate of a sound by a Kaiser-windowed sinc (Kaiser 1974; Smith, "Digital Audio Resampling").
/// Interleaved frames go in by Push and come out by Pull; the result does not depend on how they are cut.
/// Output frame n lies at input time n * from / to, so nothing is delayed; outside the sound there is silence.</summary>
public sealed class Resampler
{
    readonly int from, to, lanes, half, taps;
    readonly PolyphaseTable table;
    readonly long step, phases;
    readonly float[][] history;
    long oldest, written, made;
    bool finished;

    /// <summary>[worker] A converter between two rates, in frames per second, for interleaved sound of so many lanes.</summary>
    public Resampler(int fromRate, int toRate, int lanes)
    {
        if (!CanConvert(fromRate, toRate)) throw new ArgumentOutOfRangeException(nameof(toRate), $"{fromRate} to {toRate}");
        ArgumentOutOfRangeException.ThrowIfLessThan(lanes, 1);

        (from, to, this.lanes) = (fromRate, toRate, lanes);
        var divisor = Gcd(fromRate, toRate);
        (step, phases) = (fromRate / divisor, toRate / divisor);
        table = new PolyphaseTable(Math.Min(1.0, (double)toRate / fromRate), phases);
        (half, taps) = (table.Half, table.Taps);
        history = [.. Enumerable.Range(0, lanes).Select(_ => new float[taps + 4096])];
        oldest = -half;
        written = 0;
    }

    /// <summary>[any] Rates up to 3,072,000 that lie within a factor of 256; beyond, the filter would need unbounded memory.</summary>
    public static bool CanConvert(int fromRate, int toRate) =>
        fromRate is > 0 and <= 3_072_000 && toRate is > 0 and <= 3_072_000
        && fromRate <= 256L * toRate && toRate <= 256L * fromRate;

    /// <summary>[any] The length after conversion: frames * to / from, rounded.</summary>
    public static long OutputFrames(long frames, int fromRate, int toRate) =>
        (long)(((Int128)frames * toRate + fromRate / 2) / fromRate);

    /// <summary>[worker] Whole lanes at once.</summary>
    public static float[][] Convert(float[][] planar, int fromRate, int toRate, IProgress<double>? progress = null)
    {
        if (fromRate == toRate) return [.. planar.Select(lane => lane.ToArray())];
        var result = new float[planar.Length][];
        for (var lane = 0; lane < planar.Length; lane++)
        {
            var resampler = new Resampler(fromRate, toRate, 1);
            var target = result[lane] = new float[OutputFrames(planar[lane].Length, fromRate, toRate)];
            var done = 0;
            for (var at = 0; at < planar[lane].Length; at += 4096)
            {
                resampler.Push(planar[lane].AsSpan(at, Math.Min(4096, planar[lane].Length - at)));
                done += resampler.Pull(target.AsSpan(done));
                progress?.Report((lane + (double)at / planar[lane].Length) / planar.Length);
            }
            resampler.Finish();
            resampler.Pull(target.AsSpan(done));
        }
        progress?.Report(1);
        return result;
    }

    /// <summary>[worker] Adds input; pull before pushing more, or it piles up.</summary>
    public void Push(ReadOnlySpan<float> interleaved)
    {
        var count = interleaved.Length / lanes;
        MakeRoom(count);
        var at = (int)(written - oldest);
        for (var lane = 0; lane < lanes; lane++)
        {
            var target = history[lane].AsSpan(at, count);
            for (var i = 0; i < count; i++) target[i] = interleaved[i * lanes + lane];
        }
        written += count;
    }

    /// <summary>[worker] Says that the sound has ended: what remains can be pulled.</summary>
    public void Finish()
    {
        if (finished) return;
        finished = true;
        MakeRoom(taps);
    }

    /// <summary>[worker] Takes as many frames as are ready and fit; the answer is how many.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int Pull(Span<float> interleaved)
    {
        var wanted = interleaved.Length / lanes;
        var end = finished ? OutputFrames(written, from, to) : long.MaxValue;
        var done = 0;

        for (; done < wanted && made < end; done++, made++)
        {
            var (whole, phase) = Math.DivRem(made * step, phases);
            if (!finished && whole + half >= written) break;

            var at = (int)(whole - half + 1 - oldest);
            var row = table.Row(phase);
            for (var lane = 0; lane < lanes; lane++)
                interleaved[done * lanes + lane] = Dot(history[lane].AsSpan(at, taps), row);
        }
        return done;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static float Dot(ReadOnlySpan<float> sound, ReadOnlySpan<float> row)
    {
        ref var x = ref MemoryMarshal.GetReference(sound);
        ref var w = ref MemoryMarshal.GetReference(row);
        Vector256<float> even = default, odd = default;
        for (nuint i = 0; i < (nuint)row.Length; i += 16)       // taps are a multiple of 16
        {
            even += Vector256.LoadUnsafe(ref x, i) * Vector256.LoadUnsafe(ref w, i);
            odd += Vector256.LoadUnsafe(ref x, i + 8) * Vector256.LoadUnsafe(ref w, i + 8);
        }
        return Vector256.Sum(even + odd);
    }

    /// <summary>Drops what no later frame needs and clears what will be written, so that the end is silence.</summary>
    void MakeRoom(int count)
    {
        var needed = made * step / phases - half + 1;
        var drop = (int)Math.Clamp(needed - oldest, 0, written - oldest);
        var kept = (int)(written - oldest) - drop;
        var size = kept + count;
        for (var lane = 0; lane < lanes; lane++)
        {
            var old = history[lane];
            var room = old.Length >= size ? old : new float[Math.Max(size, 2 * old.Length)];
            Array.Copy(old, drop, room, 0, kept);
            Array.Clear(room, kept, room.Length - kept);
            history[lane] = room;
        }
        oldest += drop;
    }

    static int Gcd(int a, int b) => b == 0 ? a : Gcd(b, a % b);
}
