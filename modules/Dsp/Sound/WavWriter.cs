using System.Buffers.Binary;

namespace OscLooper.Dsp;

/// <summary>[worker] Writes WAV files without any library. Until Commit the sizes say "to the end of the file", so a killed
/// process leaves something readable; from 4 GiB on it becomes RF64 in the room kept for that (EBU Tech 3306). A write that fails leaves
/// whole frames, and the next one goes on after them.</summary>
sealed class WavWriter : SoundWriter
{
    const int RoomFor64 = 28, MarkAt = 20;

    readonly FileStream stream;
    readonly SampleKind kind;
    readonly string name;
    readonly byte[] buffer = new byte[65536 / 12 * 12];
    readonly int factAt, dataAt;

    /// <summary>In the room for 64-bit sizes: a recording, of use also when its writer died.</summary>
    internal static ReadOnlySpan<byte> RecordingMark => "OscLooper recording"u8;

    internal WavWriter(string path, SampleKind kind, int lanes, int rate, bool isRecording = false, bool isPrivate = false) : base(path, lanes)
    {
        (this.kind, name) = (kind, SoundFileException.Name(path));
        try
        {
            stream = SoundFileException.Guard(path, () =>
            {
                RegularFile.CheckTarget(TemporaryPath);
                // Another program that writes here keeps it to itself only against those who ask for all of it.
                if (File.Exists(TemporaryPath)) new FileStream(TemporaryPath, FileMode.Open, FileAccess.Write, FileShare.None, 0).Dispose();
                File.Delete(TemporaryPath);
                return RegularFile.Create(TemporaryPath, FileShare.Read, 0, isPrivate ? Disk.OwnersFile : null);
            });
        }
        catch
        {
            Release();
            throw;
        }
        try
        {
            stream.Write(Header(lanes, rate, isRecording, out factAt, out dataAt));
        }
        catch (IOException e)
        {
            Dispose();
            throw new SoundFileException($"{name}: {Said(e)}", e);
        }
    }

    protected override long WrittenBytes => stream.Position;

    /// <summary>For the test of very long files: a hole instead of so many bytes of sound.</summary>
    internal void Leap(long bytes)
    {
        stream.Seek(bytes, SeekOrigin.Current);
        Skip(bytes / (Lanes * SampleCodec.Bytes(kind)));
    }

    // Nothing is held back here.
    public override void Flush() { }

    protected override void Append(ReadOnlySpan<float> frames)
    {
        var (bytes, start) = (SampleCodec.Bytes(kind), stream.Position);
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
        catch (IOException e)
        {
            KeepWholeFrames(start, Lanes * bytes);
            throw new SoundFileException($"{name}: {Said(e)}", e);
        }
    }

    // The system wrote as much as there was room for, also half a frame.
    void KeepWholeFrames(long start, int frameBytes)
    {
        try
        {
            var whole = Math.Max(0, stream.Length - start) / frameBytes;
            stream.SetLength(start + whole * frameBytes);
            stream.Position = start + whole * frameBytes;
            Skip(whole);
        }
        catch (IOException) { stream.Position = start; }      // what follows is written over it
    }

    // Without the path that .NET adds: the file's name is said already.
    static string Said(IOException e) => e.Message.Split(" : '")[0];

    protected override void Finish() => SoundFileException.Guard(name, () =>
    {
        Complete(stream, Frames, Lanes * SampleCodec.Bytes(kind), factAt, dataAt);
        stream.Flush(flushToDisk: true);
        stream.Dispose();
        return 0;
    });

    static void Complete(FileStream stream, long frames, int frameBytes, int factAt, int dataAt)
    {
        var data = frames * frameBytes;
        if (data % 2 == 1)
            try { stream.WriteByte(0); }
            catch (IOException) { }        // on a full disk; readers can do without
        var riff = stream.Length - 8;
        if (riff <= uint.MaxValue)
        {
            Put(stream, 4, (uint)riff);
            Put(stream, dataAt, (uint)data);
        }
        else Put64(stream, riff, data, frames);
        if (factAt > 0) Put(stream, factAt, (uint)Math.Min(frames, uint.MaxValue));
    }

    /// <summary>Completes a recording whose writer died, and gives it its name (or one with a number when that is taken). Null when it is none,
    /// holds nothing or is still being written.</summary>
    internal static (string Path, double Seconds)? Rescue(string part)
    {
        try
        {
            RegularFile.CheckTarget(part);
            // Only when nobody has it open for writing.
            using (var stream = new FileStream(part, FileMode.Open, FileAccess.ReadWrite, FileShare.None, 0))
            {
                var mark = new byte[RecordingMark.Length];
                stream.Position = MarkAt;
                if (stream.ReadAtLeast(mark, mark.Length, false) < mark.Length || !mark.AsSpan().SequenceEqual(RecordingMark)) return null;
                stream.Position = 0;
                var header = WavHeader.Read(stream);
                var frameBytes = header.Lanes * SampleCodec.Bytes(header.Kind);
                stream.SetLength(header.DataStart + header.Frames * frameBytes);
                stream.Position = stream.Length;
                Complete(stream, header.Frames, frameBytes, (int)header.DataStart - 12, (int)header.DataStart - 4);
                stream.Flush(flushToDisk: true);
                if (header.Frames > 0)
                {
                    var target = part[..^PathWhileWriting("").Length];
                    if (Path.Exists(target)) target = FreeName(target);
                    File.Move(part, target);
                    return (target, header.Frames / (double)header.Rate);
                }
            }
            File.Delete(part);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SoundFileException) { return null; }
    }

    protected override void Close()
    {
        try { stream.Dispose(); }
        catch (IOException) { }        // the disk is full: what was written goes anyway
    }

    byte[] Header(int lanes, int rate, bool isRecording, out int factAt, out int dataAt)
    {
        var bytes = SampleCodec.Bytes(kind);
        var tag = kind == SampleKind.Float32 ? 3 : 1;
        using var memory = new MemoryStream();
        using var to = new BinaryWriter(memory);       // little endian by definition
        to.Write("RIFF"u8);
        to.Write(uint.MaxValue);
        to.Write("WAVEJUNK"u8);
        to.Write(RoomFor64);
        var room = new byte[RoomFor64];
        if (isRecording) RecordingMark.CopyTo(room);
        to.Write(room);
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

    static void Put(FileStream stream, long at, uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        stream.Position = at;
        stream.Write(bytes);
    }

    static void Put64(FileStream stream, long riff, long data, long frames)
    {
        Span<byte> ds64 = stackalloc byte[8 + RoomFor64];
        ds64.Clear();
        "ds64"u8.CopyTo(ds64);
        BinaryPrimitives.WriteInt32LittleEndian(ds64[4..], RoomFor64);
        BinaryPrimitives.WriteInt64LittleEndian(ds64[8..], riff);
        BinaryPrimitives.WriteInt64LittleEndian(ds64[16..], data);
        BinaryPrimitives.WriteInt64LittleEndian(ds64[24..], frames);
        stream.Position = 12;
        stream.Write(ds64);
        stream.Position = 0;
        stream.Write("RF64"u8);
    }
}
