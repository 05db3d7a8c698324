using OscLooper.Dsp;

namespace OscLooper.Looper;

/// <summary>[worker] Loops of notes as Standard MIDI Files: a player's, in beats, and the vault's own, in which a tick is a frame.</summary>
static class NoteFile
{
    const int FineTicks = 30720;

    /// <summary>[worker] Reads a file onto a fresh tape. Its beats become those of the transport; the length is rounded up to whole beats.</summary>
    public static Tape Load(string path, SegmentPool pool, int rate, double framesPerBeat)
    {
        var file = MidiFile.Read(path);
        var (map, ticks) = (file.GetTempoMap(), file.Division.TicksPerBeat);
        double FrameOf(long tick) => file.Division.IsFilm ? map.SecondsAt(tick) * rate : tick * framesPerBeat / ticks;
        // The tracks of format 2 are pieces of their own: the first one is taken.
        var tracks = file.Format == 2 ? file.Tracks.Take(1).ToArray() : [.. file.Tracks];
        var end = FrameOf(tracks.Select(t => t.EndTick).DefaultIfEmpty(0).Max());
        var period = Math.Max(1, Math.Ceiling(end / framesPerBeat - 1e-6)) * framesPerBeat;
        return Make(path, tracks, tick => (long)Math.Round(FrameOf(tick)), period, pool);
    }

    /// <summary>[worker] Reads what <see cref="SaveLayer"/> wrote; of another rate, it is stretched to this one.</summary>
    public static Tape ReadLayer(string path, SegmentPool pool, int rate)
    {
        try
        {
            var file = MidiFile.Read(path);
            var map = file.GetTempoMap();
            var end = map.FrameAt(file.Tracks.Select(t => t.EndTick).DefaultIfEmpty(0).Max(), rate);
            return end == 0 ? default : Make(path, file.Tracks, tick => map.FrameAt(tick, rate), end, pool);
        }
        catch (MidiFileException e)
        {
            throw new SoundFileException(e.Message, e);
        }
    }

    static Tape Make(string path, IReadOnlyList<MidiTrack> tracks, Func<long, long> frameOf, double period, SegmentPool pool)
    {
        var tape = new Tape { Period = period, Frames = (long)Math.Round(period) };
        if (tape.Frames > uint.MaxValue) throw new MidiFileException($"{path} is too long for a loop");
        uint Position(long tick) => (uint)Math.Clamp(frameOf(tick), 0, tape.Frames - 1);
        var records = new List<NoteRecord>();
        foreach (var track in tracks)
        {
            foreach (var note in track.GetNotes())
                records.Add(new NoteRecord
                {
                    Position = Position(note.Tick), Length = (uint)Math.Max(1, frameOf(note.EndTick) - Position(note.Tick)), Velocity = note.Velocity,
                    Status = (byte)(NoteEvent.On | note.Channel), First = (byte)note.Pitch, Second = (byte)note.ReleaseVelocity,
                });
            foreach (var e in track)
                if (e is { IsChannel: true, IsNoteOn: false, IsNoteOff: false })
                    records.Add(new NoteRecord { Position = Position(e.Tick), Status = e.Status, First = (byte)e.Data1, Second = (byte)e.Data2 });
        }
        var isKept = NoteTape.Begin(ref tape, pool, onWorker: true);
        foreach (var record in records.OrderBy(r => r.Position).ThenBy(r => r.IsNote)) isKept = isKept && NoteTape.Insert(tape, pool, record, onWorker: true);
        if (isKept) return tape;
        pool.FreeOnWorker(tape.Root);
        throw new MidiFileException($"{path} does not fit: a loop holds about {NoteTape.MostSegments * NoteTape.Records} events, and loop memory {pool.MostBytes >> 20} MiB (see --memory)");
    }

    /// <summary>[worker] Writes a loop in the tempo of the transport; where a beat is whole frames, ticks are frames and nothing is rounded.</summary>
    public static void Save(string path, in Tape tape, int rate, Transport transport)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var frames = transport.FramesPerBeat;
        var ticks = frames <= short.MaxValue && Math.Abs(frames - Math.Round(frames)) < 1e-9 ? (int)Math.Round(frames) : FineTicks;
        var track = new MidiTrackBuilder().Tempo(0, rate * 60.0 / frames).Signature(0, transport.Numerator, transport.Denominator);
        Write(path, tape, track, MidiDivision.OfBeat(ticks), frame => (long)Math.Round(frame * ticks / frames), (long)Math.Round(tape.Period * ticks / frames));
    }

    /// <summary>[worker] Writes a layer so that a tick is a frame, at a tempo at which it is also as long as it is.</summary>
    public static void SaveLayer(string path, in Tape tape, int rate)
    {
        var beats = 1;
        while (rate / beats > short.MaxValue || (rate % beats != 0 && beats < 64)) beats *= 2;
        try
        {
            Write(path, tape, new MidiTrackBuilder().Tempo(0, 60.0 * beats), MidiDivision.OfBeat(rate / beats), frame => frame, tape.Frames);
        }
        catch (MidiFileException e)
        {
            throw new SoundFileException(e.Message, e);
        }
    }

    static void Write(string path, in Tape tape, MidiTrackBuilder track, MidiDivision division, Func<long, long> tickOf, long endTick)
    {
        foreach (var record in NoteTape.ToList(tape))
        {
            var tick = Math.Min(endTick, tickOf(record.Position));
            if (record.IsNote)
            {
                var end = Math.Clamp(tickOf(record.End), tick, endTick);
                track.Add(new Note(tick, end - tick, record.Status & 15, record.First & 127, Math.Clamp((int)MathF.Round(record.Velocity), 1, 127), record.Second & 127));
            }
            else if ((record.Status & 0xF0) is >= 0xA0 and < 0xF0 and var kind)
                track.Add(new MidiEvent(tick, record.Status, 0, kind is 0xC0 or 0xD0 ? [(byte)(record.First & 127)] : new[] { (byte)(record.First & 127), (byte)(record.Second & 127) }));
        }
        new MidiFile(0, division, [track.Build(endTick)]).Write(path);
    }

    /// <summary>[worker] How loud the notes of each stretch are, as int8 pairs, like a sound's shape.</summary>
    public static byte[] Peaks(in Tape tape, int points)
    {
        var peaks = new byte[points * 2];
        foreach (var note in NoteTape.ToList(tape).Where(r => r.IsNote))
        {
            var (from, to) = ((int)(note.Position * (long)points / tape.Frames), (int)((Math.Min(note.End, tape.Frames) - 1) * points / tape.Frames));
            for (var point = from; point <= Math.Min(to, points - 1); point++)
            {
                var loud = Math.Max(peaks[2 * point + 1], (byte)Math.Clamp((int)MathF.Round(note.Velocity), 1, 127));
                (peaks[2 * point], peaks[2 * point + 1]) = ((byte)-loud, loud);
            }
        }
        return peaks;
    }
}
