namespace OscLooper.Bard;

/// <summary>[audio] The stages that every note goes through before the arrangement; drums go straight in. The leaves of /bard set them.</summary>
sealed class SharedStages
{
    internal SharedStages()
    {
        Arp.Next = new Enter();
        Velocity.Next = Arp;
        Chord.Next = Velocity;
        Quantize.Next = Chord;
        Transpose.Next = Quantize;
        KeySignature.Next = Transpose;
        Drum = new Drum(new Out(0, -1));
        DrumKeys = new DrumStage(Drum, -1) { Next = new Enter() };
        Metronome = new Metronome(new Out(0, -1));
        Steppers = [Arp, Drum, Metronome];
        Performer = new Performer(KeySignature, DrumKeys, new Arrangement([], (_, _) => null, Steppers));
        Arp.Switch(Performer, false, 0);
    }

    internal KeySignature KeySignature { get; } = new(isOffAtZero: true);
    internal Transpose Transpose { get; } = new();
    internal Quantize Quantize { get; } = new();
    internal Chord Chord { get; } = new();
    internal Velocity Velocity { get; } = new();
    internal Arp Arp { get; } = new();
    internal Drum Drum { get; }
    internal Metronome Metronome { get; }
    internal DrumStage DrumKeys { get; }
    internal IStepper[] Steppers { get; }
    internal Performer Performer { get; }
}
