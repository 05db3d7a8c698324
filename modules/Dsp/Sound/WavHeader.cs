using System.Buffers.Binary;
using System.Text;

namespace OscLooper.Dsp;

/// <summary>[worker] The header of a WAV file: RIFF (Microsoft, "Multimedia Programming Interface", 1991; mmreg.h) and
/// RF64 (EBU Tech 3306). No declared size is believed beyond the end of the file.</summary>
readonly record struct WavHeader(SampleKind Kind, int Lanes, int Rate, long DataStart, long Frames, string Warning)
{
    const int MaxChunks = 10_000;

    /// <summary>GUID tail of WAVE_FORMAT_EXTENSIBLE's sub formats (ksmedia.h).</summary>
    internal static ReadOnlySpan<byte> SubFormat => [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71];

    internal static bool IsWav(ReadOnlySpan<byte> start) =>
        start.Length >= 12 && start[8..12].SequenceEqual("WAVE"u8)
        && (start[..4].SequenceEqual("RIFF"u8) || start[..4].SequenceEqual("RF64"u8) || start[..4].SequenceEqual("BW64"u8));

    internal static WavHeader Read(Stream stream)
    {
        Span<byte> head = stackalloc byte[12];
        if (stream.ReadAtLeast(head, 12, false) < 12 || !IsWav(head)) throw new SoundFileException("not a WAV file");
        var is64 = !head[..4].SequenceEqual("RIFF"u8);
        var riffSize = BinaryPrimitives.ReadUInt32LittleEndian(head[4..]);
        long dataSize64 = -1, length = stream.Length, at = 12;
        (SampleKind Kind, int Lanes, int Rate)? format = null;
        (long Start, uint Size)? data = null;

        Span<byte> chunk = stackalloc byte[8];
        Span<byte> body = stackalloc byte[40];
        for (var count = 0; count < MaxChunks && at + 8 <= length && (format is null || data is null); count++)
        {
            at = ReadChunkHead(stream, at, chunk);
            long size = BinaryPrimitives.ReadUInt32LittleEndian(chunk[4..]);
            if (chunk[..4].SequenceEqual("data"u8))
            {
                data ??= (at + 8, (uint)size);
                if (format is not null) break;
                if (is64 && size == uint.MaxValue && dataSize64 >= 0) size = dataSize64;
            }
            else if (chunk[..4].SequenceEqual("fmt "u8))
                format = ReadFormat(body[..stream.ReadAtLeast(body[..(int)Math.Min(size, 40)], (int)Math.Min(size, 40), false)]);
            else if (is64 && chunk[..4].SequenceEqual("ds64"u8) && stream.ReadAtLeast(body[..24], 24, false) == 24)
                dataSize64 = (long)Math.Min(BinaryPrimitives.ReadUInt64LittleEndian(body[8..]), long.MaxValue);
            if (size > length - at - 8) break;
            at += 8 + size + (size & 1);
        }
        if (format is not { } known) throw new SoundFileException("damaged WAV file: no format in it");
        if (data is not { } found) throw new SoundFileException("damaged WAV file: no sound in it");

        var frameBytes = SampleCodec.Bytes(known.Kind) * known.Lanes;
        var (bytes, warning) = Measure(found.Start, found.Size, riffSize, is64 ? dataSize64 : -1, length);
        if (bytes % frameBytes != 0 && warning.Length == 0) warning = "the last frame is incomplete and was left out";
        return new WavHeader(known.Kind, known.Lanes, known.Rate, found.Start, bytes / frameBytes, warning);
    }

    /// <summary>Reads a chunk's name and size; some writers forget the pad byte after an odd chunk, so one byte back is tried.</summary>
    static long ReadChunkHead(Stream stream, long at, Span<byte> chunk)
    {
        stream.Position = at;
        stream.ReadExactly(chunk);
        if (IsName(chunk) || at <= 12) return at;

        Span<byte> back = stackalloc byte[8];
        stream.Position = at - 1;
        stream.ReadExactly(back);
        if (IsName(back))
        {
            back.CopyTo(chunk);
            return at - 1;
        }
        stream.Position = at + 8;
        return at;
    }

    static bool IsName(ReadOnlySpan<byte> chunk) => !chunk[..4].ContainsAnyExceptInRange((byte)' ', (byte)'~');

    static (long Bytes, string Warning) Measure(long start, uint declared, uint riffSize, long size64, long length)
    {
        var available = length - start;
        if (declared == uint.MaxValue && size64 >= 0)
            return size64 <= available ? (size64, "") : (available, Truncated(size64, available));
        // A writer that was killed left the size unset: all that follows is sound.
        if (declared == uint.MaxValue) return (available, "the file was never finished; all that was written is read");
        if (declared == 0 && available > 0 && (riffSize is 0 or uint.MaxValue || riffSize + 8L <= start))
            return (available, "the file was never finished; all that was written is read");
        return declared <= available ? (declared, "") : (available, Truncated(declared, available));
    }

    static string Truncated(long declared, long available) => $"the file is cut off: {available} of {declared} bytes of sound are there";

    static (SampleKind, int, int) ReadFormat(ReadOnlySpan<byte> fmt)
    {
        if (fmt.Length < 16) throw new SoundFileException("damaged WAV file: its format is too short");
        int tag = BinaryPrimitives.ReadUInt16LittleEndian(fmt), lanes = BinaryPrimitives.ReadUInt16LittleEndian(fmt[2..]);
        var rate = BinaryPrimitives.ReadUInt32LittleEndian(fmt[4..]);
        int align = BinaryPrimitives.ReadUInt16LittleEndian(fmt[12..]), bits = BinaryPrimitives.ReadUInt16LittleEndian(fmt[14..]);

        if (tag == 0xFFFE && fmt.Length >= 40 && fmt[26..40].SequenceEqual(SubFormat)) tag = BinaryPrimitives.ReadUInt16LittleEndian(fmt[24..]);
        if (lanes is < 1 or > SoundFile.MaxLanes) throw new SoundFileException($"a WAV file of {lanes} lanes cannot be read");
        if (rate is < 1 or > SoundFile.MaxRate) throw new SoundFileException($"a WAV file of {rate} frames per second cannot be read");

        // 20 bits lie in 24: the container counts, and it is what the frame's size says, where that makes sense.
        var bytes = align > 0 && align % lanes == 0 && align / lanes * 8 >= bits ? align / lanes : (bits + 7) / 8;
        SampleKind kind = (tag, bytes) switch
        {
            (1, 1) => SampleKind.Unsigned8,
            (1, 2) => SampleKind.Pcm16,
            (1, 3) => SampleKind.Pcm24,
            (1, 4) => SampleKind.Pcm32,
            (3, 4) => SampleKind.Float32,
            (3, 8) => SampleKind.Float64,
            _ => throw new SoundFileException($"a WAV file coded as {tag:x4} with {bits} bits cannot be read"),
        };
        return (kind, lanes, (int)rate);
    }

    internal string Format => new StringBuilder("WAV, ").Append(Kind switch
    {
        SampleKind.Float32 => "32-bit float",
        SampleKind.Float64 => "64-bit float",
        _ => $"{8 * SampleCodec.Bytes(Kind)} bit",
    }).ToString();
}
