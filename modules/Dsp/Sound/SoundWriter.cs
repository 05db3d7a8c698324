namespace OscLooper.Dsp;

/// <summary>[worker] A sound file being written beside its target: Commit puts it in place, Dispose without Commit removes it.</summary>
public abstract class SoundWriter : IDisposable
{
    static readonly HashSet<string> claimed = [];

    readonly string target;
    float[] interleaved = [];
    bool done;

    /// <summary>[worker] For a target and a number of lanes.</summary>
    protected SoundWriter(string path, int lanes)
    {
        target = SoundFileException.Guard(path, () => Path.GetFullPath(path));
        (Lanes, TemporaryPath) = (lanes, PathWhileWriting(target));
        SoundFileException.Guard(path, () => { RegularFile.CheckTarget(target); return 0; });
        lock (claimed)
            if (!claimed.Add(target)) throw new SoundFileException($"{SoundFileException.Name(path)}: is being written already");
    }

    /// <summary>[worker] How many lanes each frame has.</summary>
    public int Lanes { get; }

    /// <summary>[worker] How many frames were written.</summary>
    public long Frames { get; private set; }

    /// <summary>[worker] Where the sound lies until Commit; after a crash it can be read from there.</summary>
    public string TemporaryPath { get; }

    /// <summary>[any] Where a sound lies while it is written.</summary>
    public static string PathWhileWriting(string path) => path + ".part";

    /// <summary>[worker] Adds interleaved frames.</summary>
    public void Write(ReadOnlySpan<float> frames)
    {
        ObjectDisposedException.ThrowIf(done, this);
        if (frames.Length % Lanes != 0) throw new ArgumentException($"not whole frames of {Lanes} lanes", nameof(frames));
        Append(frames);
        Frames += frames.Length / Lanes;
    }

    /// <summary>[worker] Adds planar frames, one pointer for each lane.</summary>
    public unsafe void Write(float** lanes, int frames)
    {
        const int Chunk = 4096;
        if (interleaved.Length == 0) interleaved = new float[Chunk * Lanes];
        for (var at = 0; at < frames; at += Chunk)
        {
            var count = Math.Min(Chunk, frames - at);
            for (var lane = 0; lane < Lanes; lane++)
                for (var i = 0; i < count; i++) interleaved[i * Lanes + lane] = lanes[lane][at + i];
            Write(interleaved.AsSpan(0, count * Lanes));
        }
    }

    /// <summary>[worker] Hands what was written to the system: it survives the end of this process.</summary>
    public abstract void Flush();

    /// <summary>[worker] Completes the file, brings it to the disk and puts it in place of the target.</summary>
    public void Commit()
    {
        ObjectDisposedException.ThrowIf(done, this);
        Finish();
        try
        {
            File.Move(TemporaryPath, target, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The sound is complete; it must not be lost because its place is taken.
            throw new SoundFileException($"{SoundFileException.Name(target)}: {e.Message} The sound was kept as {Path.GetFileName(TemporaryPath)}", e);
        }
        finally
        {
            Release();
        }
    }

    /// <summary>[worker] After a write that failed, or at the end of a recording: what fitted is completed and put in place, under a name with a number
    /// when its own cannot be had. Where it lies (empty when there is nothing to keep), and what went wrong; it never throws.</summary>
    public (string Path, string Trouble) Keep()
    {
        if (done) return (File.Exists(TemporaryPath) ? TemporaryPath : "", "");
        var trouble = "";
        try
        {
            Finish();
        }
        catch (SoundFileException e)
        {
            // Its sizes still say "to the end of the file": it can be read.
            trouble = e.Message;
            Close();
        }
        Release();
        foreach (var place in (string[])[target, FreeName(target)])
            try
            {
                File.Move(TemporaryPath, place, overwrite: place == target);
                if (place != target) trouble += $"{(trouble.Length > 0 ? "; " : "")}its name is taken by something else, the sound was kept as {Path.GetFileName(place)}";
                return (place, trouble);
            }
            catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
            {
                return ("", TakenAway);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                if (place != target) trouble += $"{(trouble.Length > 0 ? "; " : "")}{SoundFileException.Name(target)}: {e.Message} The sound was kept as {Path.GetFileName(TemporaryPath)}";
            }
        return (TemporaryPath, trouble);
    }

    /// <summary>[worker] True while the file lies where it was made; false when somebody has deleted, moved or replaced it.</summary>
    public bool IsInPlace => new FileInfo(TemporaryPath) is { Exists: true } file && file.Length == WrittenBytes;

    /// <summary>[any] What is said when it does not.</summary>
    public string TakenAway => $"{SoundFileException.Name(target)}: its file was taken away while it was written";

    /// <summary>[worker] The same name with the first number that is free.</summary>
    public static string FreeName(string path)
    {
        var plain = Path.ChangeExtension(path, null);
        for (var n = 2; ; n++)
            if ($"{plain}-{n}{Path.GetExtension(path)}" is var name && !Path.Exists(name) && !Path.Exists(PathWhileWriting(name))) return name;
    }

    /// <summary>[worker] Bytes that the file has.</summary>
    protected abstract long WrittenBytes { get; }

    /// <summary>[worker] Without Commit: as if nothing had been written.</summary>
    public void Dispose()
    {
        GC.SuppressFinalize(this);
        if (done) return;
        Release();
        Close();
        try { File.Delete(TemporaryPath); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }     // nothing more can be done
    }

    /// <summary>[worker] Lets others write under this name again.</summary>
    protected void Release()
    {
        done = true;
        lock (claimed) claimed.Remove(target);
    }

    /// <summary>[worker] Counts frames that came another way: through a hole, or before a write failed.</summary>
    protected void Skip(long frames) => Frames += frames;

    /// <summary>[worker] Adds whole frames.</summary>
    protected abstract void Append(ReadOnlySpan<float> frames);

    /// <summary>[worker] Completes the header, flushes to the disk and closes.</summary>
    protected abstract void Finish();

    /// <summary>[worker] Closes without completing; never throws.</summary>
    protected abstract void Close();
}
