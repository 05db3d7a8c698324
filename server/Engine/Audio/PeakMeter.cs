using OscLooper.Dsp;

namespace OscLooper.Server.Audio;

/// <summary>[audio] A peak meter that steps on a fixed grid of 64 absolute frames, so what it shows does not depend on the block size.</summary>
sealed class PeakMeter(Parameter gauge, int rate)
{
    const int Step = 64;
    const double Silent = 1e-10;

    // IEC 60268-10, type I: 20 dB in 1.7 s.
    readonly double fall = Math.Pow(10, -20 / 20.0 * Step / (1.7 * rate));
    float peak;
    double level;

    /// <summary>[any] What it shows, linear.</summary>
    internal double Level => Volatile.Read(ref level);

    /// <summary>[audio] As long as silence comes it shows nothing.</summary>
    internal bool IsSilent => peak == 0 && level == 0;

    /// <summary>[audio] Hears some frames, the first of which is this absolute one.</summary>
    internal void Hear(ReadOnlySpan<float> sound, long frame)
    {
        while (sound.Length > 0)
        {
            var count = (int)Math.Min(sound.Length, Step - frame % Step);
            peak = MathF.Max(peak, Mix.Peak(sound[..count]));
            sound = sound[count..];
            frame += count;
            if (frame % Step != 0) return;

            var next = Math.Max(peak, level * fall);
            // What is not a number heals here (it is no sound, and nobody lets it through; but a meter would keep it for ever).
            if (!(next >= Silent)) next = 0;
            peak = 0;
            if (next == level) continue;
            Volatile.Write(ref level, next);
            gauge.Put(next);
        }
    }
}
