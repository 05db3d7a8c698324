using System.Buffers.Binary;
using System.Runtime.InteropServices;
using OscLooper.Dsp;

namespace OscLooper.Looper;

/// <summary>
/// [worker] Notes that are being recorded, or overdubbed, as they are so far: a head (the word, tape below, frames, records), then the records
/// as they lie on a tape, all little endian. It is written anew beside itself each time and then takes its own place, so it is always whole.
/// </summary>
sealed class NoteTakeFile(string path, long below)
{
    const ulong Word = 0x31_65_74_6F_4E_4C_4F_20;       // " OLNote1"
    const int HeadBytes = 32;
    const uint MostRecords = NoteTape.MostSegments * NoteTape.Records;

    readonly List<NoteRecord> records = [];

    public string Path => path;

    /// <summary>[worker] Writes all there is: what lies on the tape, and keys that are still down as if they came up now.</summary>
    public void Write(in Tape tape, ReadOnlySpan<NoteRecord> held)
    {
        NoteTape.CopyTo(tape, records);
        foreach (var key in held)
            // One that has come up meanwhile lies on the tape.
            if (key.Position < tape.Frames && !records.Exists(r => r.Position == key.Position && r.Status == key.Status && r.First == key.First)) records.Add(key);
        Span<byte> head = stackalloc byte[HeadBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(head, Word);
        BinaryPrimitives.WriteInt64LittleEndian(head[8..], below);
        BinaryPrimitives.WriteInt64LittleEndian(head[16..], tape.Frames);
        BinaryPrimitives.WriteInt64LittleEndian(head[24..], records.Count);
        using (var file = Disk.OpenPrivate(path + ".new", FileMode.Create, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete))
        {
            file.Write(head);
            file.Write(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(records)));
        }
        File.Move(path + ".new", path, true);
    }

    public void Remove() => File.Delete(path);

    /// <summary>[worker] The tape below of what a file holds, and its length; null when it is no such file.</summary>
    public static (long Below, long Frames)? Head(string path)
    {
        using var from = RegularFile.OpenRead(path);
        return Head(from) is var (below, frames, _) ? (below, frames) : null;
    }

    static (long Below, long Frames, int Records)? Head(FileStream from)
    {
        Span<byte> head = stackalloc byte[HeadBytes];
        if (from.ReadAtLeast(head, HeadBytes, false) < HeadBytes || BinaryPrimitives.ReadUInt64LittleEndian(head) != Word) return null;
        var (frames, count) = (BinaryPrimitives.ReadInt64LittleEndian(head[16..]), BinaryPrimitives.ReadInt64LittleEndian(head[24..]));
        return frames is < 1 or > uint.MaxValue || count is < 0 or > MostRecords + NoteWriter.Most ? null : (BinaryPrimitives.ReadInt64LittleEndian(head[8..]), frames, (int)count);
    }

    /// <summary>[worker] What a file holds, on a fresh tape. What cannot be in it is left out.</summary>
    public static Tape Read(string path, SegmentPool pool)
    {
        using var from = RegularFile.OpenRead(path);
        if (Head(from) is not var (_, frames, count)) throw new SoundFileException($"{path} holds no notes");
        var read = new NoteRecord[Math.Min(count, (from.Length - HeadBytes) / Marshal.SizeOf<NoteRecord>())];
        from.ReadAtLeast(MemoryMarshal.AsBytes(read.AsSpan()), read.Length * Marshal.SizeOf<NoteRecord>(), false);
        var tape = new Tape { Frames = frames, Period = frames };
        var isKept = NoteTape.Begin(ref tape, pool, onWorker: true);
        foreach (var record in read.Where(r => IsPossible(r, frames)).OrderBy(r => r.Position).ThenBy(r => r.IsNote)) isKept = isKept && NoteTape.Insert(tape, pool, record, onWorker: true);
        if (isKept) return tape;
        pool.FreeOnWorker(tape.Root);
        throw new SoundFileException($"{path} does not fit: loop memory is used up ({pool.MostBytes >> 20} MiB, see --memory)");
    }

    static bool IsPossible(in NoteRecord r, long frames) => r.Position < frames && (r.First | r.Second) < 128 && r.Status is >= 0x90 and < 0xF0
        && (!r.IsNote || r.Length > 0 && r.Velocity is >= 0.5f and <= 127);
}
