using System.Buffers.Binary;

namespace OscLooper.Dsp;

/// <summary>[any] How a MIDI file is read.</summary>
public enum MidiReading
{
    /// <summary>[any] What can be read is read; what is odd becomes a warning.</summary>
    Lenient,

    /// <summary>[any] Whatever breaks the specification is refused.</summary>
    Strict,
}

/// <summary>[worker] A Standard MIDI File of format 0, 1 or 2.</summary>
public sealed class MidiFile
{
    const int MaxBytes = 64 << 20;

    /// <summary>[any] A file of these tracks: one for format 0, together for format 1, each on its own for format 2.</summary>
    public MidiFile(int format, MidiDivision division, IReadOnlyList<MidiTrack> tracks) : this(format, division, tracks, [])
    {
        if (format is < 0 or > 2) throw new MidiFileException($"format {format} is not known");
        if (format == 0 && tracks.Count != 1) throw new MidiFileException($"format 0 with {tracks.Count} tracks");
        if (tracks.Count > ushort.MaxValue) throw new MidiFileException($"{tracks.Count} tracks are too many");
        if (division == default) throw new MidiFileException("no division");
    }

    internal MidiFile(int format, MidiDivision division, IReadOnlyList<MidiTrack> tracks, IReadOnlyList<string> warnings) =>
        (Format, Division, Tracks, Warnings) = (format, division, tracks, warnings);

    /// <summary>[any] 0: one track. 1: tracks that sound together. 2: sequences that have nothing to do with each other.</summary>
    public int Format { get; }

    /// <summary>[any] What a tick is.</summary>
    public MidiDivision Division { get; }

    /// <summary>[any] The tracks.</summary>
    public IReadOnlyList<MidiTrack> Tracks { get; }

    /// <summary>[any] What was odd about the file and could be tolerated.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>[worker] Reads a file.</summary>
    public static MidiFile Read(string path, MidiReading reading = MidiReading.Lenient)
    {
        byte[] bytes;
        try
        {
            using var file = RegularFile.OpenRead(path);
            if (file.Length > MaxBytes) throw new MidiFileException($"{file.Length >> 20} MiB are too long for a MIDI file");
            bytes = new byte[file.Length];
            file.ReadExactly(bytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new MidiFileException(e.Message, e);
        }
        return Read(bytes, reading);
    }

    /// <summary>[any] Reads bytes. The only error is MidiFileException; memory stays a small multiple of the bytes.</summary>
    public static MidiFile Read(ReadOnlySpan<byte> bytes, MidiReading reading = MidiReading.Lenient) =>
        new MidiFileReader(bytes, reading == MidiReading.Strict).Read();

    /// <summary>[any] The file as bytes; what was read and written again stays the same for ever.</summary>
    public byte[] ToBytes()
    {
        using var memory = new MemoryStream();
        memory.Write("MThd"u8);
        Span<byte> head = [0, 0, 0, 6, 0, (byte)Format, (byte)(Tracks.Count >> 8), (byte)Tracks.Count, (byte)(Division.Word >> 8), (byte)Division.Word];
        memory.Write(head);
        Span<byte> length = stackalloc byte[4];
        foreach (var track in Tracks)
        {
            memory.Write("MTrk"u8);
            BinaryPrimitives.WriteInt32BigEndian(length, track.Bytes.Length);
            memory.Write(length);
            memory.Write(track.Bytes.Span);
        }
        return memory.ToArray();
    }

    /// <summary>[worker] Writes a file: beside its target first, then in its place.</summary>
    public void Write(string path)
    {
        try
        {
            var temporary = SoundWriter.PathWhileWriting(path);
            RegularFile.CheckTarget(path);
            using (var file = RegularFile.Create(temporary)) file.Write(ToBytes());
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new MidiFileException(e.Message, e);
        }
    }

    /// <summary>[any] The notes of all tracks in the order in which they begin; not for format 2, whose tracks are sequences of their own.</summary>
    public IReadOnlyList<Note> GetNotes() => [.. Tracks.SelectMany(track => track.GetNotes()).OrderBy(note => note.Tick)];

    /// <summary>[any] Tempo and bars: of the whole file, or for format 2 of one of its sequences.</summary>
    public TempoMap GetTempoMap(int sequence = 0) => new(Division, Format == 2 ? Tracks.Skip(sequence).Take(1) : Tracks);
}
