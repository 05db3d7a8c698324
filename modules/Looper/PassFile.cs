using System.Buffers.Binary;
using System.Runtime.InteropServices;
using OscLooper.Dsp;

namespace OscLooper.Looper;

/// <summary>
/// [worker] The segments that a pass of overdub has changed: a head (the word, tape below, lanes, frames), then records of one size, all little endian:
/// a segment's number, the record's own (they count from 1), its checksum, and the samples lane by lane. Of each segment there are the two youngest
/// records at most, and the older of them is written over: so the file ends at twice what the pass has changed, however long it stays on, and a
/// record that was being written when the server died takes nothing with it.
/// </summary>
sealed unsafe class PassFile
{
    const ulong Word = 0x32_73_73_61_50_4C_4F_20;       // " OLPass2"
    const ulong EarlierWord = 0x31_73_73_61_50_4C_4F_20;       // " OLPass1": records of number and samples, one after the other without end
    const int HeadBytes = 32, RecordHeadBytes = 24, EarlierRecordHeadBytes = 8;
    readonly FileStream file;
    readonly byte[] record;
    readonly Dictionary<long, (long Older, long Younger)> places = [];
    double lastHead = double.NaN;
    long end = HeadBytes;

    public PassFile(string path, long below, in Tape tape)
    {
        Path = path;
        file = Disk.OpenPrivate(path, FileMode.Create, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        record = new byte[RecordHeadBytes + tape.Lanes * SegmentPool.Bytes];
        Span<byte> head = stackalloc byte[HeadBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(head, Word);
        BinaryPrimitives.WriteInt64LittleEndian(head[8..], below);
        BinaryPrimitives.WriteInt64LittleEndian(head[16..], tape.Lanes);
        BinaryPrimitives.WriteInt64LittleEndian(head[24..], tape.Frames);
        file.Write(head);
        file.Flush();
    }

    public string Path { get; }
    /// <summary>[worker] Number of the last record: what is changed from now on has a higher one.</summary>
    public long Records { get; private set; }

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
        // Turns that are no whole segments make the next turn's segments lie elsewhere; so places are taken by frame, not by segment.
        for (var i = 0L; i < count; i++)
        {
            var frame = (first + i) * SegmentPool.Frames % tape.Frames;
            if (frame < 0) frame += tape.Frames;
            Put(tape, frame / SegmentPool.Frames);
            if (count < segments && frame % SegmentPool.Frames != 0) Put(tape, (frame / SegmentPool.Frames + 1) % segments);
        }
        file.Flush();
        // Only now: on a full disk all of it is tried again.
        lastHead = head;
    }

    void Put(in Tape tape, long segment)
    {
        if (IsBelows(tape, segment)) return;
        BinaryPrimitives.WriteInt64LittleEndian(record, segment);
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(8), Records + 1);
        for (var lane = 0; lane < tape.Lanes; lane++)
            new ReadOnlySpan<byte>(tape.At(lane, segment * SegmentPool.Frames), SegmentPool.Bytes).CopyTo(record.AsSpan(RecordHeadBytes + lane * SegmentPool.Bytes));
        BinaryPrimitives.WriteUInt64LittleEndian(record.AsSpan(16), SumOf(record));
        ref var its = ref CollectionsMarshal.GetValueRefOrAddDefault(places, segment, out _);
        var place = its.Older > 0 ? its.Older : end;
        file.Position = place;
        file.Write(record);
        file.Flush();
        if (place == end) end += record.Length;
        its = (its.Younger, place);
        Records++;
    }

    // Of all but the sum itself.
    static ulong SumOf(ReadOnlySpan<byte> record) => Checksum.Of(record[RecordHeadBytes..]) ^ ((ulong)Checksum.Of(record[..16]) << 32);

    static bool IsBelows(in Tape tape, long segment)
    {
        if (tape.Below == 0) return false;
        var below = tape with { Root = tape.Below };
        return tape.At(0, segment * SegmentPool.Frames) == below.At(0, segment * SegmentPool.Frames);
    }

    public void Close() => file.Dispose();

    public void Remove()
    {
        Close();
        File.Delete(Path);
    }

    /// <summary>[worker] What the head of a file says; null when it is no such file.</summary>
    public static (long Below, int Lanes, long Frames)? Head(string path)
    {
        using var from = RegularFile.OpenRead(path);
        return Head(from, out _);
    }

    static (long Below, int Lanes, long Frames)? Head(Stream from, out bool isEarlier)
    {
        Span<byte> head = stackalloc byte[HeadBytes];
        isEarlier = false;
        if (from.ReadAtLeast(head, HeadBytes, false) < HeadBytes) return null;
        var word = BinaryPrimitives.ReadUInt64LittleEndian(head);
        isEarlier = word == EarlierWord;
        if (word != Word && !isEarlier) return null;
        var (lanes, frames) = (BinaryPrimitives.ReadInt64LittleEndian(head[16..]), BinaryPrimitives.ReadInt64LittleEndian(head[24..]));
        return lanes is < 1 or > LooperModule.MostLanes || frames < 1 ? null : (BinaryPrimitives.ReadInt64LittleEndian(head[8..]), (int)lanes, frames);
    }

    /// <summary>[worker] Puts the records with a higher number (of an earlier program's file: those from this byte on) upon a tape; false when memory is used up.</summary>
    public static bool Replay(string path, long after, SegmentPool pool, Tape onto)
    {
        using var from = RegularFile.OpenRead(path);
        if (Head(from, out var isEarlier) is null) return true;
        var headBytes = isEarlier ? EarlierRecordHeadBytes : RecordHeadBytes;
        var record = new byte[headBytes + onto.Lanes * SegmentPool.Bytes];
        var numbers = new Dictionary<long, long>();
        if (isEarlier) from.Position = Math.Max(HeadBytes, after);
        while (from.ReadAtLeast(record, record.Length, false) == record.Length)
        {
            var segment = BinaryPrimitives.ReadInt64LittleEndian(record);
            if (segment < 0 || segment * SegmentPool.Frames >= onto.Frames) continue;
            if (!isEarlier)
            {
                var number = BinaryPrimitives.ReadInt64LittleEndian(record.AsSpan(8));
                if (number <= Math.Max(after, numbers.GetValueOrDefault(segment)) || BinaryPrimitives.ReadUInt64LittleEndian(record.AsSpan(16)) != SumOf(record)) continue;
                numbers[segment] = number;
            }
            if (!onto.OwnOnWorker(pool, segment * SegmentPool.Frames)) return false;
            for (var lane = 0; lane < onto.Lanes; lane++)
                record.AsSpan(headBytes + lane * SegmentPool.Bytes, SegmentPool.Bytes).CopyTo(new Span<byte>(onto.At(lane, segment * SegmentPool.Frames), SegmentPool.Bytes));
        }
        return true;
    }
}
