using System.Buffers.Binary;
using OscLooper.Dsp;

namespace OscLooper.Looper;

/// <summary>
/// [worker] The segments that a pass of overdub has changed, one after the other: a head (the word, tape below, lanes, frames), then
/// records of a segment's number and its samples lane by lane, all little endian. A half record at the end is nothing.
/// </summary>
sealed unsafe class PassFile
{
    const ulong Word = 0x31_73_73_61_50_4C_4F_20;       // " OLPass1"
    const int HeadBytes = 32;
    readonly FileStream file;
    readonly byte[] record;
    double lastHead = double.NaN;

    public PassFile(string path, long below, in Tape tape)
    {
        Path = path;
        file = Disk.OpenPrivate(path, FileMode.Create, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        record = new byte[8 + tape.Lanes * SegmentPool.Bytes];
        Span<byte> head = stackalloc byte[HeadBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(head, Word);
        BinaryPrimitives.WriteInt64LittleEndian(head[8..], below);
        BinaryPrimitives.WriteInt64LittleEndian(head[16..], tape.Lanes);
        BinaryPrimitives.WriteInt64LittleEndian(head[24..], tape.Frames);
        file.Write(head);
    }

    public string Path { get; }
    public long Length => file.Length;

    /// <summary>[worker] Adds what the head has gone over since the last time (the first time: all that is the pass's own).</summary>
    public void Append(in Tape tape, double head)
    {
        var segments = (tape.Frames + SegmentPool.Frames - 1) / SegmentPool.Frames;
        var (first, count) = (0L, segments);
        if (!double.IsNaN(lastHead) && Math.Abs(head - lastHead) < tape.Frames)
        {
            // The fade in and out lies within a segment on either side.
            first = (long)Math.Floor(Math.Min(head, lastHead) / SegmentPool.Frames) - 1;
            count = Math.Min(segments, (long)Math.Floor(Math.Max(head, lastHead) / SegmentPool.Frames) + 2 - first);
        }
        lastHead = head;
        // Turns that are no whole segments make the next turn's segments lie elsewhere; so places are taken by frame, not by segment.
        for (var i = 0L; i < count; i++)
        {
            var frame = (first + i) * SegmentPool.Frames % tape.Frames;
            if (frame < 0) frame += tape.Frames;
            Put(tape, frame / SegmentPool.Frames);
            if (count < segments && frame % SegmentPool.Frames != 0) Put(tape, (frame / SegmentPool.Frames + 1) % segments);
        }
    }

    void Put(in Tape tape, long segment)
    {
        if (IsBelows(tape, segment)) return;
        BinaryPrimitives.WriteInt64LittleEndian(record, segment);
        for (var lane = 0; lane < tape.Lanes; lane++)
            new ReadOnlySpan<byte>(tape.At(lane, segment * SegmentPool.Frames), SegmentPool.Bytes).CopyTo(record.AsSpan(8 + lane * SegmentPool.Bytes));
        file.Write(record);
    }

    static bool IsBelows(in Tape tape, long segment)
    {
        if (tape.Below == 0) return false;
        var below = tape with { Root = tape.Below };
        return tape.At(0, segment * SegmentPool.Frames) == below.At(0, segment * SegmentPool.Frames);
    }

    public void Close() => file.Dispose();

    public void Remove()
    {
        file.Dispose();
        File.Delete(Path);
    }

    /// <summary>[worker] What the head of a file says; null when it is no such file.</summary>
    public static (long Below, int Lanes, long Frames)? Head(string path)
    {
        using var from = RegularFile.OpenRead(path);
        Span<byte> head = stackalloc byte[HeadBytes];
        if (from.ReadAtLeast(head, HeadBytes, false) < HeadBytes || BinaryPrimitives.ReadUInt64LittleEndian(head) != Word) return null;
        var (lanes, frames) = (BinaryPrimitives.ReadInt64LittleEndian(head[16..]), BinaryPrimitives.ReadInt64LittleEndian(head[24..]));
        return lanes is < 1 or > LooperModule.MostLanes || frames < 1 ? null : (BinaryPrimitives.ReadInt64LittleEndian(head[8..]), (int)lanes, frames);
    }

    /// <summary>[worker] Puts the records from a place on upon a tape; false when memory is used up.</summary>
    public static bool Replay(string path, long fromByte, SegmentPool pool, Tape onto)
    {
        using var from = RegularFile.OpenRead(path);
        var record = new byte[8 + onto.Lanes * SegmentPool.Bytes];
        from.Position = Math.Max(HeadBytes, fromByte);
        while (from.ReadAtLeast(record, record.Length, false) == record.Length)
        {
            var segment = BinaryPrimitives.ReadInt64LittleEndian(record);
            if (segment < 0 || segment * SegmentPool.Frames >= onto.Frames) continue;
            if (!onto.OwnOnWorker(pool, segment * SegmentPool.Frames)) return false;
            for (var lane = 0; lane < onto.Lanes; lane++)
                record.AsSpan(8 + lane * SegmentPool.Bytes, SegmentPool.Bytes).CopyTo(new Span<byte>(onto.At(lane, segment * SegmentPool.Frames), SegmentPool.Bytes));
        }
        return true;
    }
}
