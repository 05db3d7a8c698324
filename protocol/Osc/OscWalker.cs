using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace OscLooper.Osc;

/// <summary>Walks all messages of a checked packet in order, flat, without allocation.</summary>
public ref struct OscWalker
{
    readonly ReadOnlySpan<byte> bytes;
    Level level;
    Levels outer;
    int depth, at, bundles;

    internal OscWalker(ReadOnlySpan<byte> bytes)
    {
        // Most packets are one message: what only bundles need is not cleared for them.
        Unsafe.SkipInit(out outer);
        this.bytes = bytes;
    }

    /// <summary>
    /// The next message; the time it is meant for (of nested bundles the latest tag: an inner bundle cannot come before its
    /// outer one); and which bundle it stands in: 0 outside any, else numbered from 1 as they open. Messages of equal
    /// id act together, those of an inner bundle have an id of their own.
    /// </summary>
    public bool Next(out OscMessageView message, out OscTimeTag tag, out int bundleId)
    {
        if (at == 0 && bytes is [(byte)'#', ..]) Open(0, bytes.Length, OscTimeTag.Immediate);
        if (depth > 0) return NextOfBundle(out message, out tag, out bundleId);
        tag = OscTimeTag.Immediate;
        bundleId = 0;
        if (at == bytes.Length)
        {
            message = default;
            return false;
        }
        at = bytes.Length;
        message = new(bytes);
        return true;
    }

    bool NextOfBundle(out OscMessageView message, out OscTimeTag tag, out int bundleId)
    {
        while (depth > 0)
        {
            if (at == level.End)
            {
                depth--;
                level = outer[depth];
                continue;
            }
            var size = BinaryPrimitives.ReadInt32BigEndian(bytes[at..]);
            var start = at + 4;
            if (bytes[start] == '#')
            {
                Open(start, size, level.Tag);
                continue;
            }
            at = start + size;
            message = new(bytes.Slice(start, size));
            tag = level.Tag;
            bundleId = level.Id;
            return true;
        }
        tag = OscTimeTag.Immediate;
        bundleId = 0;
        message = default;
        return false;
    }

    void Open(int start, int size, OscTimeTag enclosing)
    {
        outer[depth++] = level;
        var own = new OscTimeTag(BinaryPrimitives.ReadUInt64BigEndian(bytes[(start + 8)..]));
        level = new() { Tag = depth == 1 ? own : OscTimeTag.Later(enclosing, own), End = start + size, Id = ++bundles };
        at = start + PacketCheck.BundleHeaderBytes;
    }

    struct Level
    {
        public OscTimeTag Tag;
        public int End, Id;
    }

    [InlineArray(OscPacket.MaxDepth)]
    struct Levels
    {
        Level first;
    }
}
