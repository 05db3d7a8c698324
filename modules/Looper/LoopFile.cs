using OscLooper.Dsp;

namespace OscLooper.Looper;

/// <summary>[worker] Loops as sound files.</summary>
static unsafe class LoopFile
{
    const int ChunkFrames = 4096;

    public static SoundFormat FormatOf(string path) =>
        path.EndsWith(".flac", StringComparison.OrdinalIgnoreCase) ? SoundFormat.Flac24 : SoundFormat.WavFloat;

    /// <summary>[worker] Reads a file onto a fresh tape of so many lanes: a mono file fills all, surplus lanes are left out.</summary>
    public static Tape Load(string path, SegmentPool pool, int lanes, int rate, IProgress<double>? progress)
    {
        using var sound = SoundFile.ReadAll(path, rate, progress, pool.MostBytes);
        if (sound.Frames == 0) throw new SoundFileException($"{path} holds no sound");
        var tape = new Tape { Lanes = lanes };
        var sources = stackalloc float*[lanes];
        for (var lane = 0; lane < lanes; lane++) sources[lane] = sound.Pointer(lane % sound.Lanes);
        if (tape.AppendOnWorker(pool, sources, sound.Frames) < sound.Frames)
        {
            pool.FreeOnWorker(tape.Root);
            throw new SoundFileException($"{path} does not fit: loop memory is used up ({pool.MostBytes >> 20} MiB, see --memory)");
        }
        tape.Period = tape.Frames;
        return tape;
    }

    public static void Save(string path, Tape tape, SoundFormat format, int rate, IProgress<double>? progress)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var writer = SoundFile.Create(path, format, tape.Lanes, rate);
        var lanes = stackalloc float*[tape.Lanes];
        for (long frame = 0; frame < tape.Frames;)
        {
            var run = (int)Math.Min(Tape.Run(frame), tape.Frames - frame);
            for (var lane = 0; lane < tape.Lanes; lane++) lanes[lane] = tape.At(lane, frame);
            writer.Write(lanes, run);
            frame += run;
            if (frame % (ChunkFrames * 64) < run) progress?.Report(frame / (double)tape.Frames);
        }
        writer.Commit();
    }

    /// <summary>[worker] Min and max of each stretch as int8 pairs, lanes merged.</summary>
    public static byte[] Peaks(Tape tape, int points)
    {
        var peaks = new byte[points * 2];
        for (var p = 0; p < points; p++)
        {
            var (low, high) = (0f, 0f);
            var (from, to) = (tape.Frames * p / points, Math.Max(tape.Frames * p / points + 1, tape.Frames * (p + 1) / points));
            for (var frame = from; frame < Math.Min(to, tape.Frames); frame++)
                for (var lane = 0; lane < tape.Lanes; lane++)
                {
                    var sample = *tape.At(lane, frame);
                    (low, high) = (MathF.Min(low, sample), MathF.Max(high, sample));
                }
            peaks[2 * p] = (byte)(sbyte)Math.Clamp(MathF.Round(low * 127), -127, 127);
            peaks[2 * p + 1] = (byte)(sbyte)Math.Clamp(MathF.Round(high * 127), -127, 127);
        }
        return peaks;
    }
}
