namespace OscLooper.Dsp;

/// <summary>[worker] Reads WAV files without any library.</summary>
sealed class WavReader : SoundReader
{
    readonly Stream stream;
    readonly WavHeader header;
    readonly byte[] buffer;
    readonly int frameBytes;
    readonly string name;
    long position;

    internal WavReader(Stream stream, string name)
    {
        (this.stream, this.name) = (stream, name);
        try
        {
            header = SoundFileException.Guard(name, () => WavHeader.Read(stream));
        }
        catch (SoundFileException e)
        {
            stream.Dispose();
            throw new SoundFileException(e.Message.StartsWith(name, StringComparison.Ordinal) ? e.Message : $"{name}: {e.Message}", e);
        }
        frameBytes = header.Lanes * SampleCodec.Bytes(header.Kind);
        buffer = new byte[Math.Max(1, 65536 / frameBytes) * frameBytes];
        Info = new SoundInfo(header.Frames, header.Lanes, header.Rate, header.Format, header.Warning);
        stream.Position = header.DataStart;
    }

    public override SoundInfo Info { get; }

    public override int Read(Span<float> frames)
    {
        var wanted = (int)Math.Min(frames.Length / header.Lanes, header.Frames - position);
        var done = 0;
        while (done < wanted)
        {
            var count = Math.Min(wanted - done, buffer.Length / frameBytes);
            var read = SoundFileException.Guard(name, () => stream.ReadAtLeast(buffer.AsSpan(0, count * frameBytes), count * frameBytes, false)) / frameBytes;
            if (read == 0) break;      // the file became shorter while it was read
            SampleCodec.Decode(header.Kind, buffer, frames.Slice(done * header.Lanes, read * header.Lanes));
            done += read;
        }
        position += done;
        return done;
    }

    public override void Seek(long frame)
    {
        position = Math.Clamp(frame, 0, header.Frames);
        SoundFileException.Guard(name, () => stream.Position = header.DataStart + position * frameBytes);
    }

    public override void Dispose() => stream.Dispose();
}
