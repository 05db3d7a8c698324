using System.Buffers.Binary;

namespace OscLooper.Osc;

// The arguments. Each method says false, and so does End, once anything of the message did not fit.
public ref partial struct OscWriter
{
    /// <summary>i: a whole number of 32 bits.</summary>
    public bool Add(int value) => Four('i', value);

    /// <summary>f: a number of 32 bits.</summary>
    public bool Add(float value) => Four('f', BitConverter.SingleToInt32Bits(value));

    /// <summary>h: a whole number of 64 bits.</summary>
    public bool Add(long value) => Eight('h', value);

    /// <summary>d: a number of 64 bits.</summary>
    public bool Add(double value) => Eight('d', BitConverter.DoubleToInt64Bits(value));

    /// <summary>s: a string; false when it holds a zero character.</summary>
    public bool Add(ReadOnlySpan<char> text) => Tag('s') && Text(text);

    /// <summary>s: a string; false when it holds a zero character.</summary>
    public bool Add(string text) => Add(text.AsSpan());

    /// <summary>s: a string that is UTF-8 already; false when it holds a zero.</summary>
    public bool AddText(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Contains((byte)0)) return Fail();
        var size = PacketCheck.Padded(utf8.Length);
        if (!Tag('s') || !Room(size)) return false;
        Pad(size);
        utf8.CopyTo(span[position..]);
        position += size;
        return true;
    }

    /// <summary>S: a symbol; false when it holds a zero character.</summary>
    public bool AddSymbol(ReadOnlySpan<char> text) => Tag('S') && Text(text);

    /// <summary>b: bytes.</summary>
    public bool AddBlob(ReadOnlySpan<byte> blob)
    {
        var size = (int)Math.Min((blob.Length + 3L) & ~3L, int.MaxValue - 4);
        if (!Tag('b') || !Room(4 + size)) return false;
        Pad(4 + size); // before the count, which may be the last word
        BinaryPrimitives.WriteInt32BigEndian(span[position..], blob.Length);
        blob.CopyTo(span[(position + 4)..]);
        position += 4 + size;
        return true;
    }

    /// <summary>T or F.</summary>
    public bool Add(bool value) => Tag(value ? 'T' : 'F');

    /// <summary>T.</summary>
    public bool AddTrue() => Tag('T');

    /// <summary>F.</summary>
    public bool AddFalse() => Tag('F');

    /// <summary>N: nothing.</summary>
    public bool AddNil() => Tag('N');

    /// <summary>I: a bang.</summary>
    public bool AddImpulse() => Tag('I');

    /// <summary>t: a time tag.</summary>
    public bool AddTime(OscTimeTag time) => Eight('t', (long)time.Raw);

    /// <summary>c: a character.</summary>
    public bool AddChar(int character) => Four('c', character);

    /// <summary>r: a colour, 0xRRGGBBAA.</summary>
    public bool AddColor(uint rgba) => Four('r', (int)rgba);

    /// <summary>m: a MIDI message, 0xPPSSDDDD: port, status, two data bytes.</summary>
    public bool AddMidi(uint message) => Four('m', (int)message);

    /// <summary>[: an array begins.</summary>
    public bool ArrayBegin()
    {
        if (!Tag('[')) return false;
        arrayDepth++;
        return true;
    }

    /// <summary>]: an array ends.</summary>
    public bool ArrayEnd()
    {
        if (arrayDepth == 0) return Fail();
        if (!Tag(']')) return false;
        arrayDepth--;
        return true;
    }

    /// <summary>An argument just as it was received.</summary>
    public bool Add(OscArgument argument)
    {
        if (argument.Tag == '[') return ArrayBegin();
        if (argument.Tag == ']') return ArrayEnd();
        if (argument.Tag == 0) return Fail();
        if (!Tag(argument.Tag) || !Room(argument.Data.Length)) return false;
        argument.Data.CopyTo(span[position..]);
        position += argument.Data.Length;
        return true;
    }

    /// <summary>All arguments of a received message, as for an answer that repeats them.</summary>
    public bool AddAll(OscMessageView message)
    {
        foreach (var argument in message)
        {
            if (!Add(argument)) return false;
        }
        return true;
    }

    bool Tag(char tag)
    {
        if (!inMessage) return false;
        if (!Room(1)) return false;
        span[^++tags] = (byte)tag;
        return true;
    }

    bool Four(char tag, int value)
    {
        if (!Tag(tag) || !Room(4)) return false;
        BinaryPrimitives.WriteInt32BigEndian(span[position..], value);
        position += 4;
        return true;
    }

    bool Eight(char tag, long value)
    {
        if (!Tag(tag) || !Room(8)) return false;
        BinaryPrimitives.WriteInt64BigEndian(span[position..], value);
        position += 8;
        return true;
    }
}
