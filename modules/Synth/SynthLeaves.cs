namespace OscLooper.Synth;

/// <summary>[any] The leaves that make the sound; choosing a voice sets them all.</summary>
sealed class SynthLeaves
{
    readonly Parameter voice, wave, unison, detune, sub, cutoff, resonance, sweep, follow, touch, vibrato, glide, room, level;
    readonly Parameter attack, decay, sustain, release, filterAttack, filterDecay, filterSustain, filterRelease;

    internal SynthLeaves(Branch at)
    {
        var first = Timbre.All[0];
        voice = at.Parameter("voice", Spec.Choice([.. Timbre.All.Select(t => t.Name)]), "A sound, ready made; it sets all that follows.");
        wave = at.Parameter("wave", Spec.Choice("saw", "square", "triangle", "sine") with { Initial = (int)first.Wave }, "What the oscillators draw; without aliases.");
        unison = at.Parameter("unison", Spec.Count(1, VoiceGroup.MostUnison, first.Unison), "Oscillators a key, spread from left to right.");
        detune = at.Parameter("detune", Spec.Range(0, 100, first.Detune, "cents"), "Between the outermost of them.");
        sub = at.Parameter("sub", Spec.Range(0, 1, first.Sub), "A sine one octave below.");
        cutoff = at.Parameter("cutoff", Spec.Range(20, 20000, first.Cutoff, "Hz"), "Where the filter closes, at the middle C.");
        resonance = at.Parameter("resonance", Spec.Range(0, 1, first.Resonance), "How it rings there.");
        follow = at.Parameter("follow", Spec.Range(0, 1, first.Follow), "How much it follows the key.");
        touch = at.Parameter("touch", Spec.Range(0, 6, first.Touch, "octaves"), "How far a hard key opens it.");
        attack = at.Parameter("attack", Spec.Range(0, 20, first.Amp.Attack, "s"), "Until a note is loudest.");
        decay = at.Parameter("decay", Spec.Range(0, 20, first.Amp.Decay, "s"), "Until it has come down to sustain.");
        sustain = at.Parameter("sustain", Spec.Range(0, 1, first.Amp.Sustain), "Its level while the key is held.");
        release = at.Parameter("release", Spec.Range(0, 20, first.Amp.Release, "s"), "Until it has gone.");
        var filter = at.Child("filter");
        sweep = filter.Parameter("sweep", Spec.Range(-6, 8, first.Sweep, "octaves"), "How far its envelope opens the filter.");
        filterAttack = filter.Parameter("attack", Spec.Range(0, 20, first.Filter.Attack, "s"), "Until the filter is most open.");
        filterDecay = filter.Parameter("decay", Spec.Range(0, 20, first.Filter.Decay, "s"), "Until it has come down to sustain.");
        filterSustain = filter.Parameter("sustain", Spec.Range(0, 1, first.Filter.Sustain), "How open it stays.");
        filterRelease = filter.Parameter("release", Spec.Range(0, 20, first.Filter.Release, "s"), "Until it has closed.");
        vibrato = at.Parameter("vibrato", Spec.Range(0, 200, first.Vibrato, "cents"), "Vibrato; the modulation wheel adds to it.");
        glide = at.Parameter("glide", Spec.Range(0, 5, first.Glide, "s"), "From the last key to the next.");
        level = at.Parameter("level", Spec.Range(0, 4, first.Level), "How loud this sound is against the others.");
        room = at.Parameter("room", Spec.Range(0, 1, first.Room), "How much of the room is heard.");
    }

    internal float Room => (float)room.Value;
    internal float Level => (float)level.Value;

    /// <summary>[audio] Takes an event; true when the sound has changed.</summary>
    internal bool Handle(in Event e)
    {
        if (e.Kind != EventKind.Set) return false;
        if (e.Is(voice)) Choose(Timbre.All[(int)voice.Value]);
        return true;
    }

    void Choose(in Timbre t)
    {
        wave.Set((int)t.Wave);
        unison.Set(t.Unison);
        detune.Set(t.Detune);
        sub.Set(t.Sub);
        cutoff.Set(t.Cutoff);
        resonance.Set(t.Resonance);
        sweep.Set(t.Sweep);
        follow.Set(t.Follow);
        touch.Set(t.Touch);
        vibrato.Set(t.Vibrato);
        glide.Set(t.Glide);
        room.Set(t.Room);
        level.Set(t.Level);
        Set(attack, decay, sustain, release, t.Amp);
        Set(filterAttack, filterDecay, filterSustain, filterRelease, t.Filter);
    }

    static void Set(Parameter a, Parameter d, Parameter s, Parameter r, in Adsr adsr)
    {
        a.Set(adsr.Attack);
        d.Set(adsr.Decay);
        s.Set(adsr.Sustain);
        r.Set(adsr.Release);
    }

    /// <summary>[audio] The sound as the leaves say it.</summary>
    internal Timbre Now => Timbre.All[(int)voice.Value] with
    {
        Wave = (Wave)(int)wave.Value, Unison = (int)unison.Value, Detune = detune.Value, Sub = sub.Value, Cutoff = cutoff.Value, Resonance = resonance.Value,
        Sweep = sweep.Value, Follow = follow.Value, Touch = touch.Value, Vibrato = vibrato.Value, Glide = glide.Value, Room = room.Value, Level = level.Value,
        Amp = new(attack.Value, decay.Value, sustain.Value, release.Value),
        Filter = new(filterAttack.Value, filterDecay.Value, filterSustain.Value, filterRelease.Value),
    };
}
