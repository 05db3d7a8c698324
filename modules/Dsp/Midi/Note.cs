namespace OscLooper.Dsp;

/// <summary>[any] A note of a MIDI file.</summary>
/// <param name="Tick">When it begins.</param>
/// <param name="Length">How many ticks it lasts; 0 is allowed.</param>
/// <param name="Channel">0 to 15.</param>
/// <param name="Pitch">0 to 127; 60 is middle C.</param>
/// <param name="Velocity">1 to 127.</param>
/// <param name="ReleaseVelocity">0 to 127; 64 where the file does not say.</param>
public readonly record struct Note(long Tick, long Length, int Channel, int Pitch, int Velocity, int ReleaseVelocity = 64)
{
    /// <summary>[any] When it ends.</summary>
    public long EndTick => Tick + Length;
}
