namespace OscLooper.Synth;

/// <summary>[audio] The timbre as the voices need it: rates instead of seconds, factors instead of cents. Computed when a leaf changes.</summary>
sealed class SoundState
{
    const double CurveOfAttack = 1.25;   // aims beyond 1, so that the attack is nearly straight
    readonly double rate;
    double cutoffTarget;
    bool isSet;

    internal SoundState(double rate)
    {
        this.rate = rate;
        A4Increment = (float)(440 / rate);
        PiOverRate = (float)(Math.PI / rate);
    }

    internal Wave Wave { get; private set; }
    internal int Unison { get; private set; } = 1;
    internal float[] Detune { get; } = [1, 1, 1, 1];
    internal float[] ToLeft { get; } = new float[VoiceGroup.MostUnison];
    internal float[] ToRight { get; } = new float[VoiceGroup.MostUnison];
    internal float Sub { get; private set; }
    internal float CutoffOctaves { get; private set; }
    internal float Damping { get; private set; } = 2;
    internal float Sweep { get; private set; }
    internal float Follow { get; private set; }
    internal float Touch { get; private set; }
    internal float Vibrato { get; private set; }
    internal float VibratoNow { get; private set; }
    internal float GlideRate { get; private set; } = 1;
    internal double GlideSeconds { get; private set; }
    internal float AttackTarget => (float)CurveOfAttack;
    internal float AmpAttack { get; private set; }
    internal float AmpDecay { get; private set; }
    internal float AmpSustain { get; private set; }
    internal float AmpRelease { get; private set; }
    internal float FilterAttack { get; private set; }
    internal float FilterDecay { get; private set; }
    internal float FilterSustain { get; private set; }
    internal float FilterRelease { get; private set; }
    internal float A4Increment { get; }
    internal float PiOverRate { get; }

    /// <summary>[audio] Takes a timbre; the cutoff glides there.</summary>
    internal void Set(in Timbre t)
    {
        (Wave, Unison, Sub) = (t.Wave, t.Unison, (float)(t.Sub * 0.5));
        for (var i = 0; i < Unison; i++)
        {
            // Spread over the detune, unevenly, so that they do not all meet again and again; and from left to right; a lone voice is in the middle.
            var place = Unison switch { 1 => 0, 2 => 2.0 * i - 1, 3 => i switch { 0 => -1, 1 => 0.13, _ => 0.91 }, _ => i switch { 0 => -1, 1 => -0.31, 2 => 0.38, _ => 1 } };
            Detune[i] = (float)Math.Pow(2, place * t.Detune / 2 / 1200);
            var side = (i & 1) == 0 ? place : -place;
            if (Unison == 2) side = place;
            var loud = 0.5 / Math.Sqrt(Unison);
            ToLeft[i] = (float)(loud * (1 - 0.6 * side));
            ToRight[i] = (float)(loud * (1 + 0.6 * side));
        }
        cutoffTarget = Math.Log2(t.Cutoff);
        if (!isSet) CutoffOctaves = (float)cutoffTarget;
        isSet = true;
        Damping = (float)(2 - 1.9 * t.Resonance);
        (Sweep, Follow, Touch, Vibrato) = ((float)t.Sweep, (float)t.Follow, (float)t.Touch, (float)(t.Vibrato / 100));
        GlideSeconds = t.Glide;
        var ticks = rate / VoiceGroup.ControlFrames;
        GlideRate = t.Glide <= 0 ? 1 : (float)Rate(t.Glide, 3, ticks);
        var attack = Math.Log(CurveOfAttack / (CurveOfAttack - 1));
        (AmpAttack, AmpDecay, AmpSustain, AmpRelease) = ((float)Rate(t.Amp.Attack, attack, rate), (float)Rate(t.Amp.Decay, 3, rate), (float)t.Amp.Sustain, (float)Rate(t.Amp.Release, 5, rate));
        (FilterAttack, FilterDecay, FilterSustain, FilterRelease) =
            ((float)Rate(t.Filter.Attack, attack, ticks), (float)Rate(t.Filter.Decay, 3, ticks), (float)t.Filter.Sustain, (float)Rate(t.Filter.Release, 5, ticks));
    }

    /// <summary>[audio] Share of the way per step, when so many time constants last so many seconds.</summary>
    static double Rate(double seconds, double constants, double perSecond) => 1 - Math.Exp(-constants / Math.Max(1, seconds * perSecond));

    /// <summary>[audio] Ticks change nothing but what follows from the frame.</summary>
    internal bool IsStill => CutoffOctaves + (float)(cutoffTarget - CutoffOctaves) * 0.08f == CutoffOctaves;

    /// <summary>[audio] Every control tick, on absolute frames.</summary>
    internal void Tick(long frame)
    {
        CutoffOctaves += (float)(cutoffTarget - CutoffOctaves) * 0.08f;
        Vibrate(frame);
    }

    /// <summary>[audio] What the tick at this frame leaves behind, when no others were missed.</summary>
    internal void Vibrate(long frame)
    {
        VibratoNow = (float)Math.Sin(2 * Math.PI * (5.3 / rate * frame % 1));
    }
}
