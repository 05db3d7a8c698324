namespace OscLooper.Synth;

/// <summary>[any] What an oscillator draws.</summary>
enum Wave { Saw, Square, Triangle, Sine }

/// <summary>[any] Attack, decay and release in seconds, sustain as a level.</summary>
record struct Adsr(double Attack, double Decay, double Sustain, double Release);

/// <summary>[any] All that makes a sound what it is.</summary>
/// <param name="Detune">Cents between the outermost voices of the unison.</param>
/// <param name="Sub">Level of a sine one octave below.</param>
/// <param name="Cutoff">Hertz, at the middle C with the envelope closed.</param>
/// <param name="Sweep">Octaves that the filter's envelope opens.</param>
/// <param name="Follow">How much the filter follows the key.</param>
/// <param name="Touch">Octaves that the hardest key opens the filter against the softest.</param>
record struct Timbre(string Name, Wave Wave, int Unison, double Detune, double Sub, double Cutoff, double Resonance, double Sweep, double Follow, double Touch,
    Adsr Amp, Adsr Filter, double Vibrato, double Glide, double Room, double Level)
{
    /// <summary>[any] What <c>/synth/voice</c> can choose; the first is there at start.</summary>
    internal static readonly Timbre[] All =
    [
        new("keys", Wave.Triangle, 2, 6, 0.15, 1200, 0.1, 1.7, 0.6, 2.8, new(0.002, 1.6, 0.12, 0.25), new(0.001, 0.45, 0.1, 0.3), 0, 0, 0.18, 1.3),
        new("pad", Wave.Saw, 4, 22, 0.1, 500, 0.12, 1.8, 0.4, 0.8, new(0.45, 1.2, 0.8, 1.4), new(0.9, 2.5, 0.5, 1.5), 4, 0, 0.4, 0.8),
        new("bass", Wave.Saw, 2, 8, 0.7, 220, 0.3, 2.6, 0.3, 1.2, new(0.002, 0.35, 0.65, 0.09), new(0.001, 0.22, 0.1, 0.1), 0, 0, 0.04, 1.3),
        new("lead", Wave.Saw, 4, 16, 0.15, 1500, 0.3, 1.6, 0.6, 1, new(0.006, 0.4, 0.75, 0.18), new(0.004, 0.5, 0.4, 0.2), 9, 0.05, 0.25, 1),
        new("pluck", Wave.Saw, 2, 10, 0.2, 350, 0.25, 3.6, 0.5, 1.6, new(0.001, 0.5, 0, 0.3), new(0.001, 0.18, 0, 0.2), 0, 0, 0.3, 1.8),
        new("organ", Wave.Sine, 1, 0, 0.8, 6000, 0, 0, 0.2, 0.2, new(0.004, 0.05, 0.95, 0.06), new(0.001, 0.1, 1, 0.1), 5, 0, 0.25, 0.55),
        new("strings", Wave.Saw, 4, 26, 0, 1600, 0.05, 0.9, 0.5, 0.7, new(0.18, 0.8, 0.85, 0.5), new(0.25, 1.5, 0.6, 0.6), 7, 0, 0.4, 0.75),
        new("brass", Wave.Saw, 4, 13, 0.1, 450, 0.15, 2.6, 0.5, 1.4, new(0.04, 0.5, 0.8, 0.15), new(0.07, 0.6, 0.55, 0.2), 5, 0, 0.22, 1.1),
        new("square", Wave.Square, 2, 7, 0.1, 1800, 0.1, 1, 0.6, 1, new(0.003, 0.4, 0.6, 0.12), new(0.002, 0.4, 0.3, 0.2), 6, 0, 0.15, 1.1),
    ];
}
