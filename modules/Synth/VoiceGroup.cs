using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OscLooper.Synth;

/// <summary>[audio] Eight voices, one to a lane: oscillators, a state-variable filter per side, two envelopes. Controls move every
/// <see cref="ControlFrames"/> on absolute frames and glide in between, so nothing depends on the block.</summary>
sealed class VoiceGroup
{
    internal const int Size = 8, ControlFrames = 16, MostUnison = 4;
    const float Silence = 1e-4f;

    readonly Vector256<float>[] phases = new Vector256<float>[MostUnison], increments = new Vector256<float>[MostUnison];
    Vector256<float> subPhase, subIncrement;
    Vector256<float> level, levelTarget, levelRate, sweep, sweepTarget, sweepRate;
    Vector256<float> pitch, pitchTarget, bend, wheel, velocity, touch;
    Vector256<float> a1, a2, a3, a1Step, a2Step, a3Step;
    Vector256<float> left1, left2, right1, right2;

    /// <summary>[audio] True while a lane sounds.</summary>
    internal bool IsActive { get; private set; }
    internal float LevelOf(int lane) => Lanes.At(ref level, lane);
    internal bool IsSilent(int lane) => Lanes.At(ref level, lane) < Silence && Lanes.At(ref levelTarget, lane) <= 0;

    static void Put(ref Vector256<float> into, int lane, double value) => Lanes.At(ref into, lane) = (float)value;

    /// <summary>[audio] A key goes down. A lane that still sounds goes on from where it is, so that nothing clicks.</summary>
    internal void Start(int lane, SoundState sound, double key, double velocityOfKey, double fromPitch, uint seed, double bendOfChannel, double wheelOfChannel)
    {
        var isFresh = IsSilent(lane);
        if (isFresh)
        {
            Put(ref level, lane, 0);
            Put(ref left1, lane, 0);
            Put(ref left2, lane, 0);
            Put(ref right1, lane, 0);
            Put(ref right2, lane, 0);
            for (var i = 0; i < MostUnison; i++)
            {
                seed = seed * 1664525 + 1013904223;
                Put(ref phases[i], lane, (seed >> 8) * (1.0 / (1 << 24)));
            }
            Put(ref subPhase, lane, 0);
        }
        Put(ref sweep, lane, 0);
        Put(ref levelTarget, lane, sound.AttackTarget);
        Put(ref levelRate, lane, sound.AmpAttack);
        Put(ref sweepTarget, lane, sound.AttackTarget);
        Put(ref sweepRate, lane, sound.FilterAttack);
        Put(ref pitch, lane, fromPitch);
        Put(ref pitchTarget, lane, key);
        Put(ref bend, lane, bendOfChannel);
        Put(ref wheel, lane, wheelOfChannel);
        Put(ref velocity, lane, Math.Pow(velocityOfKey, 1.4));
        Put(ref touch, lane, velocityOfKey - 0.6);
        IsActive = true;
        var mask = Vector256<float>.Zero;
        Lanes.At(ref mask, lane) = BitConverter.Int32BitsToSingle(-1);
        if (isFresh) Control(sound, mask, isStart: true);
    }

    internal void Release(int lane, SoundState sound)
    {
        Put(ref levelTarget, lane, 0);
        Put(ref levelRate, lane, sound.AmpRelease);
        Put(ref sweepTarget, lane, 0);
        Put(ref sweepRate, lane, sound.FilterRelease);
    }

    internal void Bend(int lane, double semitones) => Put(ref bend, lane, semitones);
    internal void Wheel(int lane, double amount) => Put(ref wheel, lane, amount);

    internal void Silent()
    {
        level = levelTarget = Vector256<float>.Zero;
        IsActive = false;
    }

    /// <summary>[audio] Every <see cref="ControlFrames"/>: pitch, filter and its envelope.</summary>
    internal void Tick(SoundState sound)
    {
        if (!IsActive) return;
        IsActive = Vector256.GreaterThanAny(level, Vector256.Create(Silence)) || Vector256.GreaterThanAny(levelTarget, Vector256<float>.Zero);
        Control(sound, Vector256<float>.AllBitsSet, isStart: false);
    }

    void Control(SoundState sound, Vector256<float> mask, bool isStart)
    {
        if (!isStart)
        {
            sweep += (sweepTarget - sweep) * sweepRate;
            var isOver = Vector256.GreaterThanOrEqual(sweep, Lanes.One);
            sweep = Vector256.Min(sweep, Lanes.One);
            sweepTarget = Vector256.ConditionalSelect(isOver, Vector256.Create(sound.FilterSustain), sweepTarget);
            sweepRate = Vector256.ConditionalSelect(isOver, Vector256.Create(sound.FilterDecay), sweepRate);
            pitch += (pitchTarget - pitch) * sound.GlideRate;
        }
        var vibrato = (Vector256.Create(sound.Vibrato) + wheel * 0.5f) * sound.VibratoNow;
        var octaves = (pitch + bend + vibrato - Vector256.Create(69f)) * (1f / 12);
        var increment = Lanes.Exp2(octaves) * sound.A4Increment;
        subIncrement = Vector256.ConditionalSelect(mask, increment * 0.5f, subIncrement);
        for (var i = 0; i < sound.Unison; i++)
            increments[i] = Vector256.ConditionalSelect(mask, Vector256.Min(increment * sound.Detune[i], Vector256.Create(0.24f)), increments[i]);

        var open = Vector256.Create(sound.CutoffOctaves) + sweep * sound.Sweep + touch * sound.Touch + (pitch - Vector256.Create(60f)) * (sound.Follow / 12);
        var angle = Vector256.Min(Lanes.Exp2(open) * sound.PiOverRate, Vector256.Create(1.4f));
        var g = Lanes.Tan(angle);
        // Trapezoidal state-variable filter (Andrew Simper 2013).
        var b1 = Lanes.One / (Lanes.One + g * (g + Vector256.Create(sound.Damping)));
        var b2 = g * b1;
        var b3 = g * b2;
        if (isStart)
        {
            a1 = Vector256.ConditionalSelect(mask, b1, a1);
            a2 = Vector256.ConditionalSelect(mask, b2, a2);
            a3 = Vector256.ConditionalSelect(mask, b3, a3);
            a1Step = Vector256.AndNot(a1Step, mask);
            a2Step = Vector256.AndNot(a2Step, mask);
            a3Step = Vector256.AndNot(a3Step, mask);
            return;
        }
        a1Step = (b1 - a1) * (1f / ControlFrames);
        a2Step = (b2 - a2) * (1f / ControlFrames);
        a3Step = (b3 - a3) * (1f / ControlFrames);
    }

    /// <summary>[audio] Adds its frames, lane by lane, to what the groups before it made.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal void Render(SoundState sound, Span<Vector256<float>> leftOut, Span<Vector256<float>> rightOut, int frames)
    {
        Span<Vector256<float>> l = stackalloc Vector256<float>[ControlFrames], r = stackalloc Vector256<float>[ControlFrames];
        for (var n = 0; n < frames; n++)
        {
            l[n] = r[n] = Lanes.Sine(subPhase) * sound.Sub;
            subPhase = Lanes.Wrap(subPhase + subIncrement);
        }
        for (var i = 0; i < sound.Unison; i++) Oscillate(sound, i, l, r, frames);

        var (lv, lt, lr) = (level, levelTarget, levelRate);
        var (l1, l2, r1, r2) = (left1, left2, right1, right2);
        var (c1, c2, c3) = (a1, a2, a3);
        for (var n = 0; n < frames; n++)
        {
            lv += (lt - lv) * lr;
            var isOver = Vector256.GreaterThanOrEqual(lv, Lanes.One);
            lv = Vector256.Min(lv, Lanes.One);
            lt = Vector256.ConditionalSelect(isOver, Vector256.Create(sound.AmpSustain), lt);
            lr = Vector256.ConditionalSelect(isOver, Vector256.Create(sound.AmpDecay), lr);
            c1 += a1Step;
            c2 += a2Step;
            c3 += a3Step;
            var amplitude = lv * velocity;

            var v3 = l[n] - l2;
            var v1 = c1 * l1 + c2 * v3;
            var v2 = l2 + (c2 * l1 + c3 * v3);
            l1 = v1 + v1 - l1;
            l2 = v2 + v2 - l2;
            leftOut[n] += v2 * amplitude;

            v3 = r[n] - r2;
            v1 = c1 * r1 + c2 * v3;
            v2 = r2 + (c2 * r1 + c3 * v3);
            r1 = v1 + v1 - r1;
            r2 = v2 + v2 - r2;
            rightOut[n] += v2 * amplitude;
        }
        (level, levelTarget, levelRate) = (lv, lt, lr);
        (left1, left2, right1, right2) = (l1, l2, r1, r2);
        (a1, a2, a3) = (c1, c2, c3);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Oscillate(SoundState sound, int which, Span<Vector256<float>> l, Span<Vector256<float>> r, int frames)
    {
        var (phase, step) = (phases[which], increments[which]);
        var period = Lanes.One / Vector256.Max(step, Vector256.Create(1e-6f));
        var (toLeft, toRight) = (sound.ToLeft[which], sound.ToRight[which]);
        for (var n = 0; n < frames; n++)
        {
            var x = sound.Wave switch
            {
                Wave.Saw => phase + phase - Lanes.One - Lanes.Two * Lanes.Residual(phase, period),
                Wave.Square => Square(phase, period),
                Wave.Triangle => (Vector256.Abs(phase - Lanes.Half) * 4f - Lanes.One) * 1.2f,
                _ => Lanes.Sine(phase),
            };
            l[n] += x * toLeft;
            r[n] += x * toRight;
            phase = Lanes.Wrap(phase + step);
        }
        phases[which] = phase;
    }

    static Vector256<float> Square(Vector256<float> phase, Vector256<float> period)
    {
        var plain = Vector256.ConditionalSelect(Vector256.LessThan(phase, Lanes.Half), Lanes.One, -Lanes.One);
        return (plain + Lanes.Two * Lanes.Residual(phase, period) - Lanes.Two * Lanes.Residual(Lanes.Wrap(phase + Lanes.Half), period)) * 0.7f;
    }
}
