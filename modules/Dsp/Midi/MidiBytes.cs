namespace OscLooper.Dsp;

/// <summary>Events in the form in which they are kept and written: every status spelled out, nothing malformed.
/// A file of n bytes needs at most about 1.5 n here, whatever it says about itself.</summary>
sealed class MidiBytes(int room)
{
    internal const int LongestDelta = 0x0FFFFFFF;

    byte[] bytes = new byte[Math.Max(16, room)];
    long tick;

    internal int Count { get; private set; }

    internal ReadOnlyMemory<byte> Slice(int start, int count) => bytes.AsMemory(start, count);

    /// <summary>Begins a track; the answer is where it starts.</summary>
    internal int Begin()
    {
        tick = 0;
        return Count;
    }

    internal void Channel(long at, byte status, byte data1, byte? data2)
    {
        Delta(at);
        Put(status);
        Put(data1);
        if (data2 is { } second) Put(second);
    }

    internal void Meta(long at, byte type, ReadOnlySpan<byte> data)
    {
        Delta(at);
        Put(0xFF);
        Put(type);
        Contents(data);
    }

    internal void SysEx(long at, byte status, ReadOnlySpan<byte> data)
    {
        Delta(at);
        Put(status);
        Contents(data);
    }

    void Contents(ReadOnlySpan<byte> data)
    {
        Number(data.Length);
        Reserve(data.Length);
        data.CopyTo(bytes.AsSpan(Count));
        Count += data.Length;
    }

    void Delta(long at)
    {
        var delta = at - tick;
        tick = at;
        // What lies too far away for one number is reached over empty texts.
        for (; delta > LongestDelta; delta -= LongestDelta)
        {
            Number(LongestDelta);
            Put(0xFF);
            Put(MidiEvent.TextType);
            Put(0);
        }
        Number((int)delta);
    }

    /// <summary>A number of 7 bits a byte, the highest first.</summary>
    void Number(int value)
    {
        for (var shift = 21; shift > 0; shift -= 7)
            if (value >> shift != 0) Put((byte)(value >> shift | 0x80));
        Put((byte)(value & 0x7F));
    }

    void Put(byte value)
    {
        Reserve(1);
        bytes[Count++] = value;
    }

    void Reserve(int count)
    {
        if (Count + count > bytes.Length) Array.Resize(ref bytes, Math.Max(Count + count, bytes.Length + bytes.Length / 2));
    }
}
