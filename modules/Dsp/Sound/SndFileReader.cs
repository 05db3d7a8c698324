using OscLooper.Dsp.Native;

namespace OscLooper.Dsp;

/// <summary>[worker] Reads FLAC, OGG, MP3, AIFF, W64, CAF and more through libsndfile.</summary>
sealed unsafe class SndFileReader : SoundReader
{
    readonly string name;
    nint file;

    internal SndFileReader(string path, string format)
    {
        name = SoundFileException.Name(path);
        SndFile.Info info = default;
        file = SoundFileException.Guard(path, () => SndFile.Open(path, RegularFile.OpenHandle(path), SndFile.Read, ref info));
        if (file == 0) throw new SoundFileException($"{name}: {SndFile.Reason(0).TrimEnd('.')}");
        if (info.Lanes is < 1 or > SoundFile.MaxLanes || info.Rate is < 1 or > SoundFile.MaxRate || info.Frames < 0)
        {
            Dispose();
            throw new SoundFileException($"{name}: {info.Lanes} lanes at {info.Rate} frames per second cannot be read");
        }
        Info = new SoundInfo(info.Frames, info.Lanes, info.Rate, format);
    }

    public override SoundInfo Info { get; }

    public override int Read(Span<float> frames)
    {
        ObjectDisposedException.ThrowIf(file == 0, this);
        if (frames.IsEmpty) return 0;
        long read;
        fixed (float* to = frames) read = SndFile.sf_readf_float(file, to, frames.Length / Info.Lanes);
        SampleCodec.Tame(frames[..(int)(read * Info.Lanes)]);
        return (int)read;
    }

    public override void Seek(long frame)
    {
        ObjectDisposedException.ThrowIf(file == 0, this);
        if (SndFile.sf_seek(file, Math.Clamp(frame, 0, Info.Frames), 0) < 0)
            throw new SoundFileException($"{name}: {SndFile.Reason(file)}");
    }

    public override void Dispose()
    {
        if (file != 0) SndFile.sf_close(file);
        file = 0;
    }
}
