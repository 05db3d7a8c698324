namespace OscLooper.Osc;

/// <summary>Bytes that are written again and again: grows up to its limit and is then reused without allocation.</summary>
public sealed class OscBuffer(int capacity = 2048, int limit = OscPacket.MaxDatagramBytes)
{
    byte[] bytes = new byte[Math.Min(capacity, limit)];

    /// <summary>How many bytes have been written.</summary>
    public int Length { get; internal set; }

    /// <summary>How many bytes it may ever hold.</summary>
    public int Limit => limit;

    /// <summary>The bytes written so far. Valid until more are written.</summary>
    public ReadOnlySpan<byte> Written => bytes.AsSpan(0, Length);

    /// <summary>The same for calls that need memory. Valid until more are written.</summary>
    public ReadOnlyMemory<byte> WrittenMemory => bytes.AsMemory(0, Length);

    /// <summary>Forgets what was written and keeps the memory.</summary>
    public void Clear() => Length = 0;

    /// <summary>Gives memory beyond a size back, when one large packet has made the buffer large.</summary>
    public void Trim(int capacity)
    {
        if (bytes.Length > capacity && Length <= capacity) Array.Resize(ref bytes, capacity);
    }

    /// <summary>Appends bytes; false (and nothing is written) when the limit is in the way.</summary>
    public bool Append(ReadOnlySpan<byte> more)
    {
        if (!Grow((long)Length + more.Length)) return false;
        more.CopyTo(bytes.AsSpan(Length));
        Length += more.Length;
        return true;
    }

    /// <summary>Appends one byte; false when the limit is in the way.</summary>
    public bool Append(byte one) => Append([one]);

    internal Span<byte> All => bytes;

    internal bool Grow(long needed)
    {
        if (needed > limit) return false;
        if (needed > bytes.Length) Array.Resize(ref bytes, (int)Math.Min(limit, Math.Max(bytes.Length * 2L, needed)));
        return true;
    }
}
