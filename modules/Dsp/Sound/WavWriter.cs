using System.Buffers.Binary;

namespace OscLooper.Dsp;

/// <summary>[worker] Writes WAV files without any library. Until Commit the sizes say "to the end of the file", so a killed
/// process leaves something readable; from 4 GiB on it becomes RF64 in the room kept for that (EBU Tech 3306).</summary>
sealed class WavWriter : SoundWriter
{
    const int RoomFor64 = 28;

    readonly FileStream stream;
    readonly SampleKind kind;
    readonly string name;
    readonly byte[] buffer = new byte[65536 / 12 * 12];
    readonly int factAt, dataAt;

    internal WavWriter(string path, SampleKind kind, int lanes, int rate) : base(path, lanes)
    {
        (this.kind, name) = (kind, SoundFileException.Name(path));
        try
        {
            stream = SoundFileException.Guard(path, () =>
                RegularFile.Create(TemporaryPath, FileShare.Read, 1 << 16));
        }
        catch
        {
            Release();
            throw;
        }
        stream.Write(Header(lanes, rate, out factAt, out dataAt));      // into the stream's buffer: cannot fail yet
    }

    /// <summary>For the test of very long files: a hole instead of so many bytes of sound.</summary>
    internal void Leap(long bytes)
    {
        stream.Seek(bytes, SeekOrigin.Current);
        Skip(bytes / (Lanes * SampleCodec.Bytes(kind)));
    }

    public override void Flush() => SoundFileException.Guard(name, () => { stream.Flush(); return 0; });

    protected override void Append(ReadOnlySpan<float> frames)
    {
        var bytes = SampleCodec.Bytes(kind);
        try
        {
            for (var most = buffer.Length / bytes; frames.Length > 0;)
            {
                var count = Math.Min(most, frames.Length);
                SampleCodec.Encode(kind, frames[..count], buffer);
                stream.Write(buffer, 0, count * bytes);
                frames = frames[count..];
            }
        }
        catch (IOException e) { throw new SoundFileException($"{name}: {e.Message}", e); }
    }

    protected override void Finish() => SoundFileException.Guard(name, () =>
    {
        var data = Frames * Lanes * SampleCodec.Bytes(kind);
        if (data % 2 == 1) stream.WriteByte(0);
        var riff = stream.Length - 8;
        if (riff <= uint.MaxValue)
        {
            Put(4, (uint)riff);
            Put(dataAt, (uint)data);
        }
        else Put64(riff, data);
        if (factAt > 0) Put(factAt, (uint)Math.Min(Frames, uint.MaxValue));
        stream.Flush(flushToDisk: true);
        stream.Dispose();
        return 0;
    });

    protected override void Close()
    {
        try { stream.Dispose(); }
        catch (IOException) { }        // the disk is full: what was written goes anyway
    }

    byte[] Header(int lanes, int rate, out int factAt, out int dataAt)
    {
        var bytes = SampleCodec.Bytes(kind);
        var tag = kind == SampleKind.Float32 ? 3 : 1;
        using var memory = new MemoryStream();
        using var to = new BinaryWriter(memory);       // little endian by definition
        to.Write("RIFF"u8);
        to.Write(uint.MaxValue);
        to.Write("WAVEJUNK"u8);
        to.Write(RoomFor64);
        to.Write(new byte[RoomFor64]);
        to.Write("fmt "u8);
        to.Write(lanes > 2 ? 40 : tag == 3 ? 18 : 16);
        to.Write((ushort)(lanes > 2 ? 0xFFFE : tag));
        to.Write((ushort)lanes);
        to.Write(rate);
        to.Write((uint)((long)rate * lanes * bytes));
        to.Write((ushort)(lanes * bytes));
        to.Write((ushort)(8 * bytes));
        if (lanes > 2)                                 // WAVE_FORMAT_EXTENSIBLE: no speaker is meant by any lane
        {
            to.Write((ushort)22);
            to.Write((ushort)(8 * bytes));
            to.Write(0);
            to.Write((ushort)tag);
            to.Write(WavHeader.SubFormat);
        }
        else if (tag == 3) to.Write((ushort)0);
        factAt = 0;
        if (tag == 3)                                  // every format but PCM states its length in frames
        {
            to.Write("fact"u8);
            to.Write(4);
            factAt = (int)memory.Position;
            to.Write(uint.MaxValue);
        }
        to.Write("data"u8);
        dataAt = (int)memory.Position;
        to.Write(uint.MaxValue);
        return memory.ToArray();
    }

    void Put(long at, uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        stream.Position = at;
        stream.Write(bytes);
    }

    void Put64(long riff, long data)
    {
        Span<byte> ds64 = stackalloc byte[8 + RoomFor64];
        ds64.Clear();
        "ds64"u8.CopyTo(ds64);
        BinaryPrimitives.WriteInt32LittleEndian(ds64[4..], RoomFor64);
        BinaryPrimitives.WriteInt64LittleEndian(ds64[8..], riff);
        BinaryPrimitives.WriteInt64LittleEndian(ds64[16..], data);
        BinaryPrimitives.WriteInt64LittleEndian(ds64[24..], Frames);
        stream.Position = 12;
        stream.Write(ds64);
        stream.Position = 0;
        stream.Write("RF64"u8);
    }
}
