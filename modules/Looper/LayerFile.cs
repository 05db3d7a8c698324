using OscLooper.Dsp;

namespace OscLooper.Looper;

/// <summary>[worker] One layer's file onto a tape; what is the same as in the layer below is shared with it, as it was when it was played.</summary>
static unsafe class LayerFile
{
    /// <summary>[worker] Reads a layer; only a take that nobody could close may end before its header says so. One that holds all its frames is whole, whatever its header says.</summary>
    public static Tape Read(string path, SegmentPool pool, int lanes, int rate, in Tape below, bool mayBeCut = true, long wholeFrames = 0)
    {
        if (lanes == 0) return TakeFiles.IsNotes(path) ? NoteTakeFile.Read(path, pool) : NoteFile.ReadLayer(path, pool, rate);
        using var reader = SoundFile.Open(path);
        if (!mayBeCut && reader.Info.Warning.Length > 0 && reader.Info.Frames != wholeFrames) throw new SoundFileException($"{Path.GetFileName(path)}: {reader.Info.Warning}");
        if (!mayBeCut && reader.Info.Frames == 0) throw new SoundFileException($"{Path.GetFileName(path)}: holds no sound");
        if (reader.Info.Rate != rate)
        {
            reader.Dispose();
            return LoopFile.Load(path, pool, lanes, rate, null);
        }
        var tape = new Tape { Lanes = lanes };
        var shares = !below.IsEmpty && below.Lanes == lanes && below.Frames == reader.Info.Frames;
        if (shares) tape.Below = below.Root;
        var (from, piece) = (reader.Info.Lanes, new float[SegmentPool.Frames * Math.Max(lanes, reader.Info.Lanes)]);
        var planar = new float[SegmentPool.Frames * lanes];
        fixed (float* start = planar)
        {
            var lane0 = stackalloc float*[lanes];
            for (var lane = 0; lane < lanes; lane++) lane0[lane] = start + lane * SegmentPool.Frames;
            for (int count; (count = Fill(reader, piece.AsSpan(0, SegmentPool.Frames * from), from)) > 0;)
            {
                for (var lane = 0; lane < lanes; lane++)
                    for (int i = 0, at = lane % from; i < count; i++, at += from) lane0[lane][i] = piece[at];
                var isSame = shares;
                for (var lane = 0; lane < lanes && isSame; lane++)
                    isSame = new ReadOnlySpan<byte>(lane0[lane], count * sizeof(float)).SequenceEqual(new ReadOnlySpan<byte>(below.At(lane, tape.Frames), count * sizeof(float)));
                if (isSame ? tape.ShareOnWorker(pool, below, count) : tape.AppendOnWorker(pool, lane0, count) == count) continue;
                pool.FreeOnWorker(tape.Root, tape.Below);
                throw new SoundFileException($"{path} does not fit: loop memory is used up ({pool.MostBytes >> 20} MiB, see --memory)");
            }
        }
        tape.Period = tape.Frames;
        return tape;
    }

    // Whole pieces, so that they fall together with segments.
    static int Fill(SoundReader reader, Span<float> piece, int lanes)
    {
        var done = 0;
        for (int read; done < piece.Length / lanes && (read = reader.Read(piece[(done * lanes)..])) > 0; done += read) { }
        return done;
    }
}
