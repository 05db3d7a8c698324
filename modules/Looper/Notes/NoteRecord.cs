namespace OscLooper.Looper;

/// <summary>[any] One event on a tape of notes, 16 bytes: a note with its length, or a message that is no note.</summary>
struct NoteRecord
{
    /// <summary>[any] Frames from the loop's start.</summary>
    public uint Position;
    /// <summary>[any] Frames that a note lasts, at least 1; 0 = this is no note.</summary>
    public uint Length;
    /// <summary>[any] Of a note; with a fraction, so that feedback below 1 does not round.</summary>
    public float Velocity;
    /// <summary>[any] Kind and MIDI channel.</summary>
    public byte Status;
    /// <summary>[any] Pitch, controller, program.</summary>
    public byte First;
    /// <summary>[any] Velocity of the release, value.</summary>
    public byte Second;

    /// <summary>[any] A note, with its end.</summary>
    public readonly bool IsNote => (Status & 0xF0) == NoteEvent.On;
    /// <summary>[any] Where a note ends.</summary>
    public readonly long End => (long)Position + Length;
}
