using System.Text;

namespace OscLooper.Osc;

/// <summary>One message of a checked packet, read in place. Its bytes must not change while it is in use.</summary>
public readonly ref struct OscMessageView
{
    readonly ReadOnlySpan<byte> data;

    internal OscMessageView(ReadOnlySpan<byte> checkedBytes)
    {
        Bytes = checkedBytes;
        var length = checkedBytes.IndexOf((byte)0);
        AddressBytes = checkedBytes[..length];
        var rest = checkedBytes[PacketCheck.Padded(length)..];
        if (rest.IsEmpty) return;
        length = rest.IndexOf((byte)0);
        Tags = rest[1..length];
        data = rest[PacketCheck.Padded(length)..];
    }

    internal OscMessageView(ReadOnlySpan<byte> checkedBytes, int addressLength, int tagsLength)
    {
        Bytes = checkedBytes;
        AddressBytes = checkedBytes[..addressLength];
        if (tagsLength == 0) return;
        var rest = checkedBytes[PacketCheck.Padded(addressLength)..];
        Tags = rest[1..tagsLength];
        data = rest[PacketCheck.Padded(tagsLength)..];
    }

    /// <summary>The message as it came, a packet of its own.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    /// <summary>The address, which may be a pattern.</summary>
    public ReadOnlySpan<byte> AddressBytes { get; }

    /// <summary>The address as text (allocates).</summary>
    public string Address => Encoding.UTF8.GetString(AddressBytes);

    /// <summary>The type tags without the comma; '[' and ']' included.</summary>
    public ReadOnlySpan<byte> Tags { get; }

    /// <summary>How many arguments; '[' and ']' count, so that an argument's index is its tag's.</summary>
    public int Count => Tags.Length;

    /// <summary>The argument of that index. Skips all before it: to visit many arguments, use foreach.</summary>
    public OscArgument this[int index] => (uint)index < (uint)Count ? OscArgumentReader.At(index, Tags, data) : default;

    /// <summary>All arguments in order.</summary>
    public OscArgumentReader GetEnumerator() => new(Tags, data);

    /// <summary>A number of any kind (i h f d c T F) as double; false when there is none at that index.</summary>
    public bool TryNumber(int index, out double value)
    {
        value = 0;
        return (uint)index < (uint)Count && this[index].TryNumber(out value);
    }

    /// <summary>A whole number (i h c T F, or f d without a fraction); false when there is none at that index.</summary>
    public bool TryWhole(int index, out long value)
    {
        value = 0;
        return (uint)index < (uint)Count && this[index].TryWhole(out value);
    }

    /// <summary>A string or symbol as UTF-8, without its zero; false when there is none at that index.</summary>
    public bool TryText(int index, out ReadOnlySpan<byte> utf8)
    {
        utf8 = default;
        return (uint)index < (uint)Count && this[index].TryText(out utf8);
    }

    /// <summary>A string or symbol (allocates); false when there is none at that index.</summary>
    public bool TryString(int index, out string text)
    {
        var found = TryText(index, out var utf8);
        text = Encoding.UTF8.GetString(utf8);
        return found;
    }

    /// <summary>The bytes of a blob; false when there is none at that index.</summary>
    public bool TryBlob(int index, out ReadOnlySpan<byte> blob)
    {
        blob = default;
        return (uint)index < (uint)Count && this[index].TryBlob(out blob);
    }

    /// <summary>A time tag; false when there is none at that index.</summary>
    public bool TryTime(int index, out OscTimeTag time)
    {
        time = default;
        return (uint)index < (uint)Count && this[index].TryTime(out time);
    }

    /// <summary>The message as an object (allocates).</summary>
    public OscMessage ToMessage()
    {
        var values = Count == 0 ? [] : new OscValue[Count];
        var i = 0;
        foreach (var argument in this) values[i++] = argument.ToValue();
        return new(Address, values);
    }
}
