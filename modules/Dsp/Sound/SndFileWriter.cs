using OscLooper.Dsp.Native;

namespace OscLooper.Dsp;

/// <summary>[worker] Writes FLAC through libsndfile.</summary>
sealed unsafe class SndFileWriter : SoundWriter
{
    readonly string name;
    nint file;

    internal SndFileWriter(string path, int lanes, int rate) : base(path, lanes)
    {
        name = SoundFileException.Name(path);
        var info = new SndFile.Info { Lanes = lanes, Rate = rate, Format = SndFile.Flac24 };
        try
        {
            file = SoundFileException.Guard(path, () => SndFile.Open(TemporaryPath, RegularFile.Create(TemporaryPath).SafeFileHandle, SndFile.Write, ref info));
        }
        catch
        {
            Release();
            throw;
        }
        if (file == 0)
        {
            Release();
            throw new SoundFileException($"{name}: {SndFile.Reason(0).TrimEnd('.')}");
        }
        SndFile.sf_command(file, SndFile.SetClipping, null, 1);
    }

    protected override long WrittenBytes => new FileInfo(TemporaryPath).Length;

    public override void Flush() => SndFile.sf_write_sync(file);

    protected override void Append(ReadOnlySpan<float> frames)
    {
        if (frames.IsEmpty) return;
        var count = frames.Length / Lanes;
        long written;
        fixed (float* from = frames) written = SndFile.sf_writef_float(file, from, count);
        if (written != count) throw new SoundFileException($"{name}: {SndFile.Reason(file)}");
    }

    protected override void Finish()
    {
        var closed = SndFile.sf_close(file);
        file = 0;
        if (closed != 0) throw new SoundFileException($"{name}: the file could not be completed");
        // Nor does it tell when the end of the file did not fit.
        using (var reader = SoundFile.Open(TemporaryPath))
        {
            if (Frames > 0) reader.Seek(Frames - 1);
            if (reader.Info.Frames != Frames || Frames > 0 && reader.Read(new float[Lanes]) != 1) throw new SoundFileException($"{name}: the file could not be completed");
        }
        // The library does not wait for the disk; without this a power cut could leave the name without the sound.
        SoundFileException.Guard(name, () =>
        {
            using var stream = new FileStream(TemporaryPath, FileMode.Open, FileAccess.ReadWrite);
            stream.Flush(flushToDisk: true);
            return 0;
        });
    }

    protected override void Close()
    {
        if (file != 0) SndFile.sf_close(file);
        file = 0;
    }
}
