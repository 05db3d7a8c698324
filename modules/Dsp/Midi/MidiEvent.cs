using System.Text;

namespace OscLooper.Dsp;

/// <summary>[any] One event of a MIDI file.</summary>
/// <param name="Tick">When, counted from the start of its track.</param>
/// <param name="Status">0x80 to 0xEF with the channel in the low four bits; 0xF0 system exclusive, 0xF7 its continuation or an escape; 0xFF meta.</param>
/// <param name="Type">Of a meta event, else 0.</param>
/// <param name="Data">The bytes that follow: one or two of a channel's event, the contents of the others.</param>
public readonly record struct MidiEvent(long Tick, byte Status, byte Type, ReadOnlyMemory<byte> Data)
{
    /// <summary>[any] Meta types with a meaning here.</summary>
    public const byte TextType = 0x01, NameType = 0x03, LyricType = 0x05, MarkerType = 0x06, EndType = 0x2F, TempoType = 0x51, SignatureType = 0x58, KeyType = 0x59;

    static readonly UTF8Encoding strictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>[any] True for a note, a controller and the like: anything that has a channel.</summary>
    public bool IsChannel => Status < 0xF0;

    /// <summary>[any] True for a meta event, of this type when one is named.</summary>
    public bool IsMeta(byte? type = null) => Status == 0xFF && (type is null || type == Type);

    /// <summary>[any] 0 to 15.</summary>
    public int Channel => Status & 0x0F;

    /// <summary>[any] The first data byte: pitch, controller, program.</summary>
    public int Data1 => Data.Length > 0 ? Data.Span[0] : 0;

    /// <summary>[any] The second data byte: velocity, value.</summary>
    public int Data2 => Data.Length > 1 ? Data.Span[1] : 0;

    /// <summary>[any] A note begins; velocity 0 is an end.</summary>
    public bool IsNoteOn => (Status & 0xF0) == 0x90 && Data2 > 0;

    /// <summary>[any] A note ends.</summary>
    public bool IsNoteOff => (Status & 0xF0) == 0x80 || ((Status & 0xF0) == 0x90 && Data2 == 0);

    /// <summary>[any] The text of a meta event; files do not say how it is coded, so UTF-8 is tried before Latin-1.</summary>
    public string Text
    {
        get
        {
            try { return strictUtf8.GetString(Data.Span); }
            catch (DecoderFallbackException) { return Encoding.Latin1.GetString(Data.Span); }
        }
    }

    /// <summary>[any] Microseconds of a quarter note, of a tempo event.</summary>
    public int MicrosecondsPerBeat => Data.Length >= 3 ? Data.Span[0] << 16 | Data.Span[1] << 8 | Data.Span[2] : 0;

    /// <summary>[any] Sharps (flats are negative) and whether minor, of a key event.</summary>
    public (int Sharps, bool Minor) Key => ((sbyte)Data1, Data2 == 1);

    /// <summary>[any] Beats of a bar and the note that is a beat, of a signature event.</summary>
    public (int Beats, int Unit) Signature => (Data1, 1 << Data2);
}
