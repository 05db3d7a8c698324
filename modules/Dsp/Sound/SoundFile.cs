using OscLooper.Dsp.Native;

namespace OscLooper.Dsp;

/// <summary>[worker] Sound files: WAV by ourselves, everything else by libsndfile where it is installed.</summary>
public static class SoundFile
{
    internal const int MaxLanes = 1024;
    internal const int MaxRate = 3_072_000;

    /// <summary>[any] True where libsndfile is installed: FLAC, OGG, MP3, AIFF, W64 and CAF can be read, FLAC written.</summary>
    public static bool HasLibrary => SndFile.IsHere;

    /// <summary>[worker] Opens a sound file of any kind, told by its first bytes.</summary>
    public static SoundReader Open(string path)
    {
        var name = SoundFileException.Name(path);
        var stream = SoundFileException.Guard(path, () => RegularFile.OpenRead(path));
        var head = new byte[16];
        int count;
        try
        {
            count = SoundFileException.Guard(path, () => stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false));
            if (WavHeader.IsWav(head.AsSpan(0, count)))
            {
                stream.Position = 0;
                return new WavReader(stream, name);
            }
        }
        catch (SoundFileException)
        {
            stream.Dispose();
            throw;
        }
        stream.Dispose();
        if (Kind(head.AsSpan(0, count)) is not { } kind) throw new SoundFileException($"{name}: not a sound file that is known here");
        if (!HasLibrary) throw new SoundFileException(Missing(kind));
        return new SndFileReader(path, kind);
    }

    /// <summary>[worker] Begins a sound file; nothing appears under its name before Commit.</summary>
    public static SoundWriter Create(string path, SoundFormat format, int lanes, int rate, bool isPrivate = false)
    {
        if (lanes is < 1 or > MaxLanes) throw new SoundFileException($"{SoundFileException.Name(path)}: {lanes} lanes cannot be written");
        if (rate is < 1 or > MaxRate) throw new SoundFileException($"{SoundFileException.Name(path)}: {rate} frames per second cannot be written");
        if (format == SoundFormat.Flac24 && lanes > 8) throw new SoundFileException($"{SoundFileException.Name(path)}: FLAC holds at most 8 lanes, not {lanes}");
        if (format == SoundFormat.Flac24 && !HasLibrary) throw new SoundFileException(Missing("FLAC"));
        return format switch
        {
            SoundFormat.Flac24 => new SndFileWriter(path, lanes, rate),
            SoundFormat.Wav16 => new WavWriter(path, SampleKind.Pcm16, lanes, rate),
            SoundFormat.Wav24 => new WavWriter(path, SampleKind.Pcm24, lanes, rate),
            _ => new WavWriter(path, SampleKind.Float32, lanes, rate, isPrivate: isPrivate),
        };
    }

    /// <summary>[worker] Begins a recording (32-bit float WAV): should its writer die, <see cref="Rescue"/> finds it again.</summary>
    public static SoundWriter Record(string path, int lanes, int rate)
    {
        if (Directory.Exists(path)) throw new SoundFileException($"{SoundFileException.Name(path)}: is a folder");
        Rescue(SoundWriter.PathWhileWriting(path));
        return new WavWriter(path, SampleKind.Float32, lanes, rate, isRecording: true);
    }

    /// <summary>[worker] Completes a recording whose writer died: its path and length. Null when the file is none, holds nothing, or is being written.</summary>
    public static (string Path, double Seconds)? Rescue(string part) => File.Exists(part) ? WavWriter.Rescue(part) : null;

    /// <summary>[worker] Samples of a WAV in 32-bit float are numbers, and none is louder; other kinds hold nothing else.</summary>
    public static bool IsSound(string path, float loudest)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1);
        var head = new byte[12];
        if (stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) < head.Length || !WavHeader.IsWav(head)) return true;
        stream.Position = 0;
        var wav = WavHeader.Read(stream);
        if (wav.Kind != SampleKind.Float32) return true;
        stream.Position = wav.DataStart;
        var piece = new float[65536];
        for (var left = wav.Frames * wav.Lanes; left > 0;)
        {
            var count = (int)Math.Min(left, piece.Length);
            stream.ReadExactly(System.Runtime.InteropServices.MemoryMarshal.AsBytes(piece.AsSpan(0, count)));
            foreach (var sample in piece.AsSpan(0, count))
                if (!(MathF.Abs(sample) <= loudest)) return false;
            left -= count;
        }
        return true;
    }

    /// <summary>[worker] The whole file in native memory, at the wanted rate (0: its own). A file that unpacks to more than
    /// maxBytes is refused; small files can claim to be endless.</summary>
    public static Sound ReadAll(string path, int wantedRate = 0, IProgress<double>? progress = null, long maxBytes = 8L << 30)
    {
        using var reader = Open(path);
        var info = reader.Info;
        var name = SoundFileException.Name(path);
        if (wantedRate <= 0) wantedRate = info.Rate;
        if (wantedRate != info.Rate && !Resampler.CanConvert(info.Rate, wantedRate))
            throw new SoundFileException($"{name}: {info.Rate} frames per second cannot be converted to {wantedRate}");

        var resampler = wantedRate == info.Rate ? null : new Resampler(info.Rate, wantedRate, info.Lanes);
        var sound = new Sound(info.Lanes, wantedRate);
        try
        {
            var chunk = new float[4096 * info.Lanes];
            var converted = resampler is null ? [] : new float[4096 * info.Lanes];
            long read = 0;
            for (int count; (count = reader.Read(chunk)) > 0;)
            {
                read += count;
                if (resampler is null) Append(chunk.AsSpan(0, count * info.Lanes));
                else
                {
                    resampler.Push(chunk.AsSpan(0, count * info.Lanes));
                    Drain();
                }
                progress?.Report(Math.Min(1, (double)read / Math.Max(1, info.Frames)));
            }
            resampler?.Finish();
            if (resampler is not null) Drain();

            void Drain()
            {
                for (int made; (made = resampler.Pull(converted)) > 0;) Append(converted.AsSpan(0, made * info.Lanes));
            }

            void Append(ReadOnlySpan<float> frames)
            {
                if ((sound.Frames * (long)info.Lanes + frames.Length) * sizeof(float) > maxBytes)
                    throw new SoundFileException($"{name}: longer than the {maxBytes >> 20} MiB that may be loaded");
                sound.Append(frames, reader.Info.Frames * wantedRate / info.Rate);
            }
            progress?.Report(1);
            return sound;
        }
        catch
        {
            sound.Dispose();
            throw;
        }
    }

    static string Missing(string kind) => $"{kind} needs libsndfile (Debian: apt install libsndfile1)";

    /// <summary>What the first bytes say, by the signatures of each format.</summary>
    static string? Kind(ReadOnlySpan<byte> head)
    {
        if (head.StartsWith("fLaC"u8)) return "FLAC";
        if (head.StartsWith("OggS"u8)) return "OGG";
        if (head.StartsWith("FORM"u8)) return "AIFF";
        if (head.StartsWith("caff"u8)) return "CAF";
        if (head.StartsWith("riff"u8)) return "W64";
        if (head.StartsWith("ID3"u8)) return "MP3";
        return head.Length >= 2 && head[0] == 0xFF && (head[1] & 0xE0) == 0xE0 ? "MP3" : null;
    }
}
