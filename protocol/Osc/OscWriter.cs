using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Unicode;

namespace OscLooper.Osc;

/// <summary>
/// Writes one packet into a caller's span or a reused buffer, without allocation and without exceptions.
/// Arguments come before their types are known, but stand after them: so data is written forwards, tags backwards
/// from the end of the span, and End puts the tags in between. What fits, fits: this needs no more room than the packet.
/// A message that does not fit is taken back by End, which then says false; an open bundle stays usable.
/// </summary>
public ref partial struct OscWriter
{
    readonly OscBuffer? buffer;
    Span<byte> span;
    int position, messageStart, argumentsStart, tags, arrayDepth, bundleDepth;
    bool inMessage, failed, complete;
    SizePlaces sizePlaces;

    /// <summary>Writes into the caller's span.</summary>
    public OscWriter(Span<byte> destination) => span = destination;

    /// <summary>Writes into a reused buffer, from its start; it grows up to its limit.</summary>
    public OscWriter(OscBuffer destination)
    {
        buffer = destination;
        buffer.Clear();
        span = buffer.All;
    }

    /// <summary>The complete packet; empty while a message or bundle is open.</summary>
    public readonly ReadOnlySpan<byte> Written => complete ? span[..position] : default;

    /// <summary>How many bytes the packet has so far (without an open message).</summary>
    public readonly int Length => inMessage ? messageStart : position;

    /// <summary>Begins a message; an unfinished one is dropped. False when the address does not fit or is none.</summary>
    public bool Begin(ReadOnlySpan<byte> address)
    {
        if (!Start()) return false;
        if (address is not [(byte)'/', ..] || address.Contains((byte)0)) return Fail();
        var size = PacketCheck.Padded(address.Length);
        if (!Room(size)) return false;
        Pad(size);
        address.CopyTo(span[position..]);
        argumentsStart = position += size;
        return true;
    }

    /// <summary>Begins a message; an unfinished one is dropped. False when the address does not fit or is none.</summary>
    public bool Begin(ReadOnlySpan<char> address)
    {
        if (!Start()) return false;
        if (address is not ['/', ..] || !Text(address)) return Fail();
        argumentsStart = position;
        return true;
    }

    /// <summary>Begins a message; an unfinished one is dropped. False when the address does not fit or is none.</summary>
    public bool Begin(string address) => Begin(address.AsSpan());

    /// <summary>Ends the message. False, and the message is taken back, when anything of it did not fit.</summary>
    public bool End()
    {
        if (!inMessage) return false;
        inMessage = false;
        var tagsSize = PacketCheck.Padded(tags + 1);
        if (failed || arrayDepth != 0 || !Room(tagsSize - tags))
        {
            position = messageStart;
            return false;
        }

        var ownTags = span[^tags..];
        var arguments = span[argumentsStart..position];
        // When little is free, the arguments would be moved over the tags: these are turned round first, then
        // put in front of the arguments by rotating what lies between (each byte moves at most three times).
        ownTags.Reverse();
        if (position + tagsSize <= span.Length - tags)
        {
            arguments.CopyTo(span[(argumentsStart + tagsSize)..]);
            ownTags.CopyTo(span[(argumentsStart + 1)..]);
        }
        else
        {
            ownTags.CopyTo(span[position..]);
            Rotate(span.Slice(argumentsStart, arguments.Length + tags), arguments.Length);
            span.Slice(argumentsStart + tags, arguments.Length).CopyTo(span[(argumentsStart + tagsSize)..]);
            span.Slice(argumentsStart, tags).CopyTo(span[(argumentsStart + 1)..]);
        }
        span[argumentsStart] = (byte)',';
        span.Slice(argumentsStart + 1 + tags, tagsSize - tags - 1).Clear();
        position += tagsSize;
        tags = 0;
        if (bundleDepth == 0) Complete();
        else PatchSize(messageStart);
        return true;
    }

    /// <summary>Begins a bundle, or an inner one. False when it does not fit or is too deep.</summary>
    public bool BeginBundle(OscTimeTag time)
    {
        Abandon();
        if (complete || bundleDepth == OscPacket.MaxDepth) return false;
        var sizeBytes = bundleDepth > 0 ? 4 : 0;
        failed = false;
        if (!Room(sizeBytes + PacketCheck.BundleHeaderBytes)) return false;
        sizePlaces[bundleDepth++] = position;
        position += sizeBytes;
        "#bundle\0"u8.CopyTo(span[position..]);
        BinaryPrimitives.WriteUInt64BigEndian(span[(position + 8)..], time.Raw);
        position += PacketCheck.BundleHeaderBytes;
        return true;
    }

    /// <summary>Copies a whole packet into the open bundle. False when it does not fit.</summary>
    public bool AddElement(ReadOnlySpan<byte> packet)
    {
        Abandon();
        failed = false;
        if (bundleDepth == 0 || packet.IsEmpty || (packet.Length & 3) != 0 || !Room(4 + packet.Length)) return false;
        BinaryPrimitives.WriteInt32BigEndian(span[position..], packet.Length);
        packet.CopyTo(span[(position + 4)..]);
        position += 4 + packet.Length;
        return true;
    }

    /// <summary>Ends the innermost bundle.</summary>
    public bool EndBundle()
    {
        Abandon();
        if (bundleDepth == 0) return false;
        var place = sizePlaces[--bundleDepth];
        if (bundleDepth == 0) Complete();
        else PatchSize(place);
        return true;
    }

    /// <summary>Forgets everything, to write the next packet into the same place.</summary>
    public void Reset()
    {
        position = tags = arrayDepth = bundleDepth = 0;
        inMessage = failed = complete = false;
        buffer?.Clear();
    }

    bool Start()
    {
        Abandon();
        if (complete) return false;
        (inMessage, failed, messageStart, tags, arrayDepth) = (true, false, position, 0, 0);
        if (bundleDepth == 0) return true;
        if (!Room(4)) return false;
        position += 4;
        return true;
    }

    void Abandon()
    {
        if (!inMessage) return;
        inMessage = false;
        position = messageStart;
        tags = 0;
    }

    void Complete()
    {
        complete = true;
        if (buffer is not null) buffer.Length = position;
    }

    readonly void PatchSize(int place) => BinaryPrimitives.WriteInt32BigEndian(span[place..], position - place - 4);

    bool Fail()
    {
        failed = true;
        return false;
    }

    /// <summary>Whether that many more bytes fit between data and tags; grows the buffer if there is one.</summary>
    bool Room(int more)
    {
        if (failed) return false;
        if (more <= span.Length - position - tags) return true;
        if (buffer is null) return Fail();
        if (!buffer.Grow((long)position + tags + more)) return Fail();
        var tail = span[^tags..];
        span = buffer.All;
        // The tags stood at the end of the smaller memory; its copy still has them there.
        tail.CopyTo(span[^tags..]);
        return true;
    }

    readonly void Pad(int size) => BinaryPrimitives.WriteInt32BigEndian(span[(position + size - 4)..], 0);

    static void Rotate(Span<byte> bytes, int left)
    {
        bytes[..left].Reverse();
        bytes[left..].Reverse();
        bytes.Reverse();
    }

    bool Text(ReadOnlySpan<char> text)
    {
        if (text.Contains('\0')) return Fail();
        var size = PacketCheck.Padded(text.Length); // at least: one byte for each char
        while (true)
        {
            if (!Room(size)) return false;
            var room = span[position..^tags];
            var status = Utf8.FromUtf16(text, room, out _, out var written, replaceInvalidSequences: true);
            size = PacketCheck.Padded(written);
            if (status == OperationStatus.Done && size <= room.Length)
            {
                room[written..size].Clear();
                position += size;
                return true;
            }
            size = Math.Max(size, room.Length + 1);
        }
    }

    [InlineArray(OscPacket.MaxDepth)]
    struct SizePlaces
    {
        int first;
    }
}
