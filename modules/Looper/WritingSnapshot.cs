namespace OscLooper.Looper;

/// <summary>[any] What is being written at a frame: takes, and passes over loops. Made by a worker, filled in by the audio side.</summary>
sealed class WritingSnapshot
{
    /// <summary>[any] One tape under way.</summary>
    public struct View
    {
        public int Row, Scene;
        public Dsp.Tape Tape;
        /// <summary>[any] A take grows at its end; a pass changes what is there, where its head is.</summary>
        public bool IsTake;
        /// <summary>[any] Where the head of a pass is, in frames of the tape running on through turns.</summary>
        public double Head;
        /// <summary>[any] Number of the tape below a pass.</summary>
        public long BelowId;
        /// <summary>[any] Of notes: keys that are down, in <see cref="Held"/>.</summary>
        public int HeldFrom, HeldCount;
    }

    public readonly View[] Views = new View[1024];
    public int Count;
    /// <summary>[any] Keys that are down in all tapes of notes.</summary>
    public readonly NoteRecord[] Held = new NoteRecord[16 * NoteWriter.Most];
    public int HeldCount;
}
