using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;

namespace OscLooper.Osc;

/// <summary>One argument, read in place. Tag is zero where there is none.</summary>
public readonly ref struct OscArgument
{
    internal OscArgument(byte tag, ReadOnlySpan<byte> data)
    {
        Tag = (char)tag;
        Data = data;
    }

    /// <summary>The type tag; '[' and ']' stand for the ends of an array.</summary>
    public char Tag { get; }

    /// <summary>The argument's bytes as they came, padding included.</summary>
    public ReadOnlySpan<byte> Data { get; }

    /// <summary>A number of any kind (i h f d c T F) as double.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryNumber(out double value)
    {
        // The two that nearly all messages carry; the rest out of line.
        if (Tag == 'f')
        {
            value = BinaryPrimitives.ReadSingleBigEndian(Data);
            return true;
        }
        if (Tag == 'i')
        {
            value = BinaryPrimitives.ReadInt32BigEndian(Data);
            return true;
        }
        return TryRareNumber(out value);
    }

    bool TryRareNumber(out double value)
    {
        switch (Tag)
        {
            case 'c': value = BinaryPrimitives.ReadInt32BigEndian(Data); return true;
            case 'd': value = BinaryPrimitives.ReadDoubleBigEndian(Data); return true;
            case 'h': value = BinaryPrimitives.ReadInt64BigEndian(Data); return true;
            case 'T': value = 1; return true;
            case 'F': value = 0; return true;
            default: value = 0; return false;
        }
    }

    /// <summary>A whole number (i h c T F, or f d without a fraction), exactly.</summary>
    public bool TryWhole(out long value)
    {
        if (Tag == 'h')
        {
            value = BinaryPrimitives.ReadInt64BigEndian(Data);
            return true;
        }
        value = 0;
        // 2^63 itself does not fit; NaN fails every comparison.
        if (!TryNumber(out var number) || !(number >= long.MinValue && number < -(double)long.MinValue) || Math.Floor(number) != number) return false;
        value = (long)number;
        return true;
    }

    /// <summary>A string or symbol as UTF-8, without its zero.</summary>
    public bool TryText(out ReadOnlySpan<byte> utf8)
    {
        var isText = Tag is 's' or 'S';
        utf8 = isText ? Data[..Data.IndexOf((byte)0)] : default;
        return isText;
    }

    /// <summary>The bytes of a blob.</summary>
    public bool TryBlob(out ReadOnlySpan<byte> blob)
    {
        blob = Tag == 'b' ? Data.Slice(4, BinaryPrimitives.ReadInt32BigEndian(Data)) : default;
        return Tag == 'b';
    }

    /// <summary>A time tag.</summary>
    public bool TryTime(out OscTimeTag time)
    {
        time = Tag == 't' ? new(BinaryPrimitives.ReadUInt64BigEndian(Data)) : default;
        return Tag == 't';
    }

    /// <summary>The argument as a value that may be kept (text and blobs allocate).</summary>
    public OscValue ToValue()
    {
        switch (Tag)
        {
            case 's' or 'S':
                TryText(out var utf8);
                return new(Tag, 0, Encoding.UTF8.GetString(utf8));
            case 'b':
                TryBlob(out var blob);
                return new(Tag, 0, blob.ToArray());
            default:
                var bits = Data.Length switch
                {
                    4 => BinaryPrimitives.ReadInt32BigEndian(Data),
                    8 => BinaryPrimitives.ReadInt64BigEndian(Data),
                    _ => 0,
                };
                return new(Tag, bits, null);
        }
    }
}

/// <summary>Steps through the arguments of a checked message.</summary>
public ref struct OscArgumentReader
{
    readonly ReadOnlySpan<byte> tags;
    ReadOnlySpan<byte> data;
    int index;

    internal OscArgumentReader(ReadOnlySpan<byte> tags, ReadOnlySpan<byte> data)
    {
        this.tags = tags;
        this.data = data;
    }

    /// <summary>The argument that the last MoveNext came to.</summary>
    public OscArgument Current { get; private set; }

    /// <summary>Goes to the next argument; false after the last one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool MoveNext()
    {
        if ((uint)index >= (uint)tags.Length)
        {
            Current = default;
            return false;
        }
        var tag = tags[index++];
        var size = tag is (byte)'f' or (byte)'i' ? 4 : SizeOf(tag, data);
        Current = new(tag, data[..size]);
        data = data[size..];
        return true;
    }

    /// <summary>The argument of an index that is there: steps over those before it without looking at them.</summary>
    internal static OscArgument At(int index, ReadOnlySpan<byte> tags, ReadOnlySpan<byte> data)
    {
        var at = 0;
        for (var i = 0; i < index; i++) at += SizeOf(tags[i], data[at..]);
        data = data[at..];
        return new(tags[index], data[..SizeOf(tags[index], data)]);
    }

    static int SizeOf(byte tag, ReadOnlySpan<byte> data)
    {
        switch (tag)
        {
            case (byte)'i' or (byte)'f' or (byte)'c' or (byte)'r' or (byte)'m': return 4;
            case (byte)'h' or (byte)'d' or (byte)'t': return 8;
            case (byte)'s' or (byte)'S': return PacketCheck.Padded(data.IndexOf((byte)0));
            case (byte)'b': return 4 + ((BinaryPrimitives.ReadInt32BigEndian(data) + 3) & ~3);
            default: return 0;
        }
    }
}
