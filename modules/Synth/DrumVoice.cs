using System.Runtime.CompilerServices;

namespace OscLooper.Synth;

/// <summary>[any] What a drum is made of: a tone whose pitch falls, a second one, noise through a filter, six squares for metal.</summary>
/// <param name="Tone">Level of the tone.</param>
/// <param name="Low">Where its pitch ends, in Hz.</param>
/// <param name="High">Where it begins.</param>
/// <param name="Fall">Seconds of that fall.</param>
/// <param name="ToneDecay">Seconds until it has gone.</param>
/// <param name="Second">Pitch of a second tone against the first; 0 = none.</param>
/// <param name="Noise">Level of the noise.</param>
/// <param name="Metal">Share of squares in the noise.</param>
/// <param name="Colour">Middle of the noise's band (or where its highs begin), in Hz.</param>
/// <param name="IsHigh">True: highs; false: a band.</param>
/// <param name="NoiseDecay">Seconds until the noise has gone.</param>
/// <param name="Bursts">How many times it begins, 11 ms apart: hands that clap.</param>
/// <param name="Pan">Left -1, right 1.</param>
/// <param name="Choke">Drums of one group end each other; 0 = none.</param>
record struct DrumSound(double Tone, double Low, double High, double Fall, double ToneDecay, double Second, double Noise, double Metal, double Colour, bool IsHigh,
    double NoiseDecay, int Bursts, double Pan, int Choke);

/// <summary>[audio] One drum that sounds.</summary>
struct DrumVoice
{
    const double Inaudible = 6.9;   // time constants until a level is 60 dB down

    float tone, toneRate, noise, noiseRate, phase, phase2, base1, base2, sweepNow, sweepRate, metal, g, damping, s1, s2, left, right, attack;
    float m0, m1, m2, m3, m4, m5, metalStep;
    uint seed;
    int burstsLeft, burstFrames, framesToBurst;
    bool isHigh;

    internal bool IsOn { get; private set; }
    internal int Choke { get; private set; }
    internal int Pitch { get; private set; }
    internal readonly float Level => tone + noise;

    internal void Start(in DrumSound sound, int pitch, double velocity, double rate, uint seedOfHit)
    {
        this = default;
        (IsOn, Choke, Pitch, seed, isHigh) = (true, sound.Choke, pitch, seedOfHit | 1, sound.IsHigh);
        var loud = Math.Pow(velocity, 1.5);
        (tone, noise) = ((float)(sound.Tone * loud), (float)(sound.Noise * loud));
        toneRate = (float)Math.Exp(-Inaudible / (sound.ToneDecay * rate));
        // A harder hit rings a little longer.
        noiseRate = (float)Math.Exp(-Inaudible / (sound.NoiseDecay * (0.7 + 0.3 * velocity) * rate));
        base1 = (float)(sound.Low / rate);
        base2 = (float)(sound.Low * sound.Second / rate);
        sweepNow = (float)((sound.High - sound.Low) / rate);
        sweepRate = (float)Math.Exp(-3 / (Math.Max(1e-4, sound.Fall) * rate));
        metal = (float)sound.Metal;
        metalStep = (float)(1 / rate);
        g = (float)Math.Tan(Math.PI * Math.Min(0.45, sound.Colour / rate));
        damping = sound.IsHigh ? 1.2f : 0.7f;
        (burstsLeft, burstFrames) = (sound.Bursts - 1, (int)(rate * 0.011));
        framesToBurst = burstFrames;
        attack = noise;
        (left, right) = ((float)Math.Sqrt(0.5 * (1 - sound.Pan)), (float)Math.Sqrt(0.5 * (1 + sound.Pan)));
    }

    /// <summary>[audio] Another of its group is hit: gone within 5 ms.</summary>
    internal void Damp(double rate)
    {
        toneRate = noiseRate = (float)Math.Exp(-Inaudible / (0.005 * rate));
        burstsLeft = 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal void Render(Span<float> leftOut, Span<float> rightOut)
    {
        var (a1, k) = (1f / (1f + g * (g + damping)), damping);
        for (var n = 0; n < leftOut.Length; n++)
        {
            var x = 0f;
            if (tone > 1e-5f)
            {
                x = MathF.Sin(2 * MathF.PI * phase);
                if (base2 > 0) x = 0.6f * x + 0.4f * MathF.Sin(2 * MathF.PI * phase2);
                x *= tone;
                phase += base1 + sweepNow;
                phase2 += base2 + sweepNow;
                phase -= MathF.Floor(phase);
                phase2 -= MathF.Floor(phase2);
                sweepNow *= sweepRate;
                tone *= toneRate;
            }
            if (noise > 1e-5f)
            {
                seed ^= seed << 13;
                seed ^= seed >> 17;
                seed ^= seed << 5;
                var raw = (int)seed * (1f / int.MaxValue);
                if (metal > 0) raw += metal * (Metal() - raw);
                var v3 = raw - s2;
                var v1 = a1 * s1 + g * a1 * v3;
                var v2 = s2 + (g * a1 * s1 + g * g * a1 * v3);
                s1 = v1 + v1 - s1;
                s2 = v2 + v2 - s2;
                x += (isHigh ? raw - k * v1 - v2 : v1) * noise;
                noise *= noiseRate;
                if (burstsLeft > 0 && --framesToBurst == 0)
                {
                    (noise, framesToBurst) = (attack, burstFrames);
                    burstsLeft--;
                }
                else if (burstsLeft > 0) noise *= 0.995f;
            }
            leftOut[n] += x * left;
            rightOut[n] += x * right;
        }
        IsOn = tone > 1e-5f || noise > 1e-5f;
    }

    // Six squares make the cymbals of Roland's TR-808, at 205.3 304.4 369.6 522.7 540 800 Hz (measured by many); here an octave higher, for brightness.
    float Metal()
    {
        var sum = Square(ref m0, 410.6f) + Square(ref m1, 608.8f) + Square(ref m2, 739.2f);
        return (sum + Square(ref m3, 1045.4f) + Square(ref m4, 1080f) + Square(ref m5, 1600f)) * 0.4f;
    }

    float Square(ref float at, float hertz)
    {
        at += hertz * metalStep;
        at -= MathF.Floor(at);
        return at < 0.5f ? 1 : -1;
    }
}
