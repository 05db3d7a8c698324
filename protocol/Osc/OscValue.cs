using System.Globalization;

namespace OscLooper.Osc;

/// <summary>One argument of any OSC type, to be kept. '[' and ']' are values of their own.</summary>
public readonly struct OscValue : IEquatable<OscValue>
{
    readonly long bits;
    readonly object? content;

    internal OscValue(char tag, long bits, object? content)
    {
        Tag = tag;
        this.bits = bits;
        this.content = content;
    }

    /// <summary>The type tag.</summary>
    public char Tag { get; }

    /// <summary>N: nothing.</summary>
    public static OscValue Nil => new('N', 0, null);

    /// <summary>I: a bang ("Infinitum" in OSC 1.0).</summary>
    public static OscValue Impulse => new('I', 0, null);

    /// <summary>[: an array begins.</summary>
    public static OscValue ArrayBegin => new('[', 0, null);

    /// <summary>]: an array ends.</summary>
    public static OscValue ArrayEnd => new(']', 0, null);

    /// <summary>S: a symbol.</summary>
    public static OscValue Symbol(string text) => new('S', 0, text);

    /// <summary>c: a character.</summary>
    public static OscValue Char(int character) => new('c', character, null);

    /// <summary>r: a colour, 0xRRGGBBAA.</summary>
    public static OscValue Color(uint rgba) => new('r', (int)rgba, null);

    /// <summary>m: a MIDI message, 0xPPSSDDDD: port, status, two data bytes.</summary>
    public static OscValue Midi(uint message) => new('m', (int)message, null);

    /// <summary>i: a whole number of 32 bits.</summary>
    public static implicit operator OscValue(int value) => new('i', value, null);

    /// <summary>h: a whole number of 64 bits.</summary>
    public static implicit operator OscValue(long value) => new('h', value, null);

    /// <summary>f: a number of 32 bits.</summary>
    public static implicit operator OscValue(float value) => new('f', BitConverter.SingleToInt32Bits(value), null);

    /// <summary>d: a number of 64 bits.</summary>
    public static implicit operator OscValue(double value) => new('d', BitConverter.DoubleToInt64Bits(value), null);

    /// <summary>T or F.</summary>
    public static implicit operator OscValue(bool value) => new(value ? 'T' : 'F', 0, null);

    /// <summary>s: a string.</summary>
    public static implicit operator OscValue(string text) => new('s', 0, text);

    /// <summary>b: a blob (the array is not copied).</summary>
    public static implicit operator OscValue(byte[] blob) => new('b', 0, blob);

    /// <summary>t: a time tag.</summary>
    public static implicit operator OscValue(OscTimeTag time) => new('t', (long)time.Raw, null);

    /// <summary>The number of i h f d c T F; the bits of r m t as a number; else 0.</summary>
    public double Number => Tag switch
    {
        'f' => BitConverter.Int32BitsToSingle((int)bits),
        'd' => BitConverter.Int64BitsToDouble(bits),
        'T' => 1,
        _ => bits,
    };

    /// <summary>The whole number of i h c; the 32 bits of r m; the 64 of t; f and d are cut; T is 1; else 0.</summary>
    public long Whole => Tag is 'f' or 'd' or 'T' ? (long)Number : bits;

    /// <summary>The text of s S; else empty.</summary>
    public string Text => content as string ?? "";

    /// <summary>The bytes of b; else empty.</summary>
    public ReadOnlySpan<byte> Blob => content as byte[];

    /// <summary>The time of t; else "immediately".</summary>
    public OscTimeTag Time => Tag == 't' ? new((ulong)bits) : OscTimeTag.Immediate;

    /// <summary>Whether this is a number of any kind (i h f d c T F).</summary>
    public bool IsNumber => Tag is 'i' or 'h' or 'f' or 'd' or 'c' or 'T' or 'F';

    /// <summary>Adds the value to the message being written.</summary>
    public bool WriteTo(ref OscWriter writer) => Tag switch
    {
        'i' => writer.Add((int)bits),
        'h' => writer.Add(bits),
        'f' => writer.Add(BitConverter.Int32BitsToSingle((int)bits)),
        'd' => writer.Add(BitConverter.Int64BitsToDouble(bits)),
        's' => writer.Add(Text),
        'S' => writer.AddSymbol(Text),
        'b' => writer.AddBlob(Blob),
        'c' => writer.AddChar((int)bits),
        'r' => writer.AddColor((uint)bits),
        'm' => writer.AddMidi((uint)bits),
        't' => writer.AddTime(Time),
        'T' => writer.AddTrue(),
        'F' => writer.AddFalse(),
        'N' => writer.AddNil(),
        'I' => writer.AddImpulse(),
        '[' => writer.ArrayBegin(),
        ']' => writer.ArrayEnd(),
        _ => false,
    };

    /// <summary>Equal type and equal bits (so NaN equals itself, and 1 does not equal 1.0).</summary>
    public bool Equals(OscValue other) =>
        Tag == other.Tag && bits == other.bits && Text == other.Text && Blob.SequenceEqual(other.Blob);

    /// <inheritdoc/>
    public override bool Equals(object? other) => other is OscValue value && Equals(value);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Tag, bits, content as string, Blob.Length);

    /// <summary>Equal type and equal bits.</summary>
    public static bool operator ==(OscValue a, OscValue b) => a.Equals(b);

    /// <summary>Different type or bits.</summary>
    public static bool operator !=(OscValue a, OscValue b) => !a.Equals(b);

    /// <summary>The text form; types that it lacks are shown readably.</summary>
    public override string ToString() => Tag switch
    {
        'i' or 'h' => bits.ToString(CultureInfo.InvariantCulture),
        'f' => OscText.Number(BitConverter.Int32BitsToSingle((int)bits)),
        'd' => OscText.Number(Number),
        's' or 'S' => OscText.Word(Text),
        'b' => "0x" + Convert.ToHexStringLower(Blob),
        'c' => OscText.Word(System.Text.Rune.TryCreate((int)bits, out var rune) ? rune.ToString() : "?"),
        'r' => $"#{(uint)bits:X8}",
        'm' => $"midi:{(uint)bits:x8}",
        't' => Time.ToString(),
        'T' => "true",
        'F' => "false",
        'N' => "nil",
        'I' => "impulse",
        '[' or ']' => Tag.ToString(),
        _ => "none",
    };
}
