namespace OscLooper.Synth;

/// <summary>[audio] MIDI channel 10: drums on the keys of General MIDI.</summary>
sealed class DrumKit(double rate)
{
    /// <summary>[any] MIDI channel 10, counted from 0.</summary>
    internal const int Channel = 9;
    const int Most = 24;

    readonly DrumVoice[] voices = new DrumVoice[Most];
    uint hits;

    /// <summary>[audio] Drums that sound.</summary>
    internal int Sounding { get; private set; }

    /// <summary>[audio] True while a drum sounds.</summary>
    internal bool IsActive
    {
        get
        {
            foreach (ref readonly var voice in voices.AsSpan())
                if (voice.IsOn) return true;
            return false;
        }
    }

    static DrumSound SoundOf(int pitch) => pitch switch
    {
        35 => Kick with { Low = 41, ToneDecay = 0.55 },
        36 => Kick,
        37 => new(0.35, 420, 900, 0.008, 0.05, 1.7, 0.4, 0, 2500, false, 0.04, 1, 0.2, 0),
        38 => Snare,
        40 => Snare with { Low = 215, NoiseDecay = 0.3, Noise = 0.75 },
        39 => new(0, 100, 100, 0.01, 0.01, 0, 1.25, 0, 1250, false, 0.24, 4, -0.15, 0),
        42 => Hat,
        44 => Hat with { NoiseDecay = 0.05, Noise = 0.45 },
        46 => Hat with { NoiseDecay = 0.6 },
        41 or 43 or 45 or 47 or 48 or 50 => Tom(pitch),
        49 or 57 => new(0, 100, 100, 0.01, 0.01, 0, 0.5, 0.35, 4200, true, 1.9, 1, pitch == 49 ? -0.4 : 0.4, 0),
        51 or 53 or 59 => new(0.08, 3100, 3100, 0.01, 0.5, 1.48, 0.34, 0.75, 6200, true, 1.1, 1, 0.45, 0),
        52 or 55 => new(0, 100, 100, 0.01, 0.01, 0, 0.5, 0.5, 5200, true, 0.7, 1, -0.3, 0),
        54 => new(0, 100, 100, 0.01, 0.01, 0, 0.35, 0.5, 8500, true, 0.14, 2, 0.3, 0),
        75 => Block(2400),
        76 => Block(1180),
        77 => Block(880),
        56 => new(0.3, 540, 545, 0.01, 0.22, 1.482, 0.08, 1, 2000, false, 0.1, 1, 0.15, 0),
        69 or 70 or 82 => new(0, 100, 100, 0.01, 0.01, 0, 0.3, 0, 7000, true, 0.07, 1, -0.35, 0),
        _ => Tom(pitch) with { ToneDecay = 0.16, Low = 110 + 6 * (pitch % 24), High = 220 + 12 * (pitch % 24) },
    };

    static DrumSound Kick => new(1.05, 48, 260, 0.035, 0.42, 0, 0.16, 0, 1800, false, 0.02, 1, 0, 0);
    static DrumSound Snare => new(0.5, 185, 330, 0.02, 0.14, 1.78, 0.9, 0, 3400, false, 0.22, 1, -0.05, 0);
    static DrumSound Hat => new(0, 100, 100, 0.01, 0.01, 0, 0.56, 0.6, 7600, true, 0.085, 1, 0.25, 1);

    static DrumSound Block(double hertz) => new(0.5, hertz, hertz * 1.05, 0.004, 0.07, 1.51, 0.1, 0, hertz * 2, false, 0.012, 1, 0.1, 0);

    static DrumSound Tom(int pitch)
    {
        var low = 72 * Math.Pow(2, (pitch - 41) / 9.0);
        return new(0.75, low, low * 1.9, 0.05, 0.42, 1.5, 0.12, 0, 900, false, 0.08, 1, Math.Clamp((pitch - 45) * 0.08, -0.6, 0.6), 0);
    }

    internal void Hit(int pitch, int velocity)
    {
        var sound = SoundOf(pitch);
        var place = 0;
        for (var i = 0; i < Most; i++)
        {
            if (voices[i].IsOn && (voices[i].Pitch == pitch || (sound.Choke > 0 && voices[i].Choke == sound.Choke))) voices[i].Damp(rate);
            if (LevelOf(i) < LevelOf(place)) place = i;
        }
        voices[place].Start(sound, pitch, velocity / 127.0, rate, ++hits * 2654435761);
    }

    float LevelOf(int voice) => voices[voice].IsOn ? voices[voice].Level : -1;

    internal void Silence() => voices.AsSpan().Clear();

    internal void Render(Span<float> left, Span<float> right)
    {
        Sounding = 0;
        foreach (ref var voice in voices.AsSpan())
        {
            if (!voice.IsOn) continue;
            voice.Render(left, right);
            Sounding++;
        }
    }
}
