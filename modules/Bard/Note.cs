namespace OscLooper.Bard;

/// <summary>[audio] A note on its way through the stages. Its pitch may leave 0..127 on the way; only what is sent must be inside.</summary>
struct Note
{
    public int Pitch;
    public byte Source, Channel, Velocity;
    /// <summary>[audio] Place in its chord, from 0: what strum goes by.</summary>
    public byte Index;
    /// <summary>[audio] Place of the highest note of its chord.</summary>
    public byte Last;

    /// <summary>[any] MIDI channel 10, counted from 0: drums, which are never transposed.</summary>
    public const int DrumChannel = 9;
}

/// <summary>[audio] A message on its way out.</summary>
readonly record struct OutEvent(long Frame, byte Output, byte Status, byte First, byte Second);
