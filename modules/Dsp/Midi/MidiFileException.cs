namespace OscLooper.Dsp;

/// <summary>[worker] The one error of MIDI files: a sentence that can be shown to the player.</summary>
public sealed class MidiFileException(string message, Exception? inner = null) : Exception(message, inner);
