using System.Buffers.Binary;

namespace OscLooper.Osc;

/// <summary>
/// Checks a whole packet before anything of it is believed: one pass, no recursion, no allocation, never throws.
/// Every step of every loop consumes at least one byte, so time is linear in the packet's size whatever it says.
/// </summary>
static class PacketCheck
{
    public const int BundleHeaderBytes = 16;

    /// <summary>Also says how long the address and the tags of a plain message are (the tags with their comma), so that nobody looks again; 0 in a bundle.</summary>
    public static bool Run(ReadOnlySpan<byte> bytes, out int addressLength, out int tagsLength, out OscError error)
    {
        (addressLength, tagsLength) = (0, 0);
        if (bytes.IsEmpty) return Fail(OscErrorKind.Empty, 0, out error);
        if ((bytes.Length & 3) != 0) return Fail(OscErrorKind.SizeNotMultipleOfFour, bytes.Length, out error);
        if (bytes[0] == '/') return Message(bytes, 0, bytes.Length, out addressLength, out tagsLength, out error);
        if (bytes[0] == '#') return Bundle(bytes, out error);
        return Fail(OscErrorKind.NeitherMessageNorBundle, 0, out error);
    }

    static bool Bundle(ReadOnlySpan<byte> bytes, out OscError error)
    {
        // All sizes are multiples of 4 (checked below), so wherever a byte is left, four are.
        Span<int> ends = stackalloc int[OscPacket.MaxDepth];
        if (!Header(bytes, 0, bytes.Length, out error)) return false;
        ends[0] = bytes.Length;
        var depth = 1;
        var at = BundleHeaderBytes;
        while (depth > 0)
        {
            var end = ends[depth - 1];
            if (at == end)
            {
                depth--;
                continue;
            }
            var size = BinaryPrimitives.ReadInt32BigEndian(bytes[at..]);
            if (size < 0) return Fail(OscErrorKind.NegativeElementSize, at, out error);
            if (size == 0) return Fail(OscErrorKind.EmptyElement, at, out error);
            if ((size & 3) != 0) return Fail(OscErrorKind.ElementSizeNotMultipleOfFour, at, out error);
            if (size > end - at - 4) return Fail(OscErrorKind.ElementBeyondEnd, at, out error);
            at += 4;
            switch (bytes[at])
            {
                case (byte)'/':
                    if (!Message(bytes, at, at + size, out _, out _, out error)) return false;
                    at += size;
                    break;
                case (byte)'#':
                    if (depth == OscPacket.MaxDepth) return Fail(OscErrorKind.NestedTooDeep, at, out error);
                    if (!Header(bytes, at, at + size, out error)) return false;
                    ends[depth++] = at + size;
                    at += BundleHeaderBytes;
                    break;
                default:
                    return Fail(OscErrorKind.NeitherMessageNorBundle, at, out error);
            }
        }
        error = default;
        return true;
    }

    static bool Header(ReadOnlySpan<byte> bytes, int start, int end, out OscError error)
    {
        if (!bytes[start..end].StartsWith("#bundle\0"u8)) return Fail(OscErrorKind.BadBundleIdentifier, start, out error);
        if (end - start < BundleHeaderBytes) return Fail(OscErrorKind.BundleTooShort, start + 8, out error);
        error = default;
        return true;
    }

    static bool Message(ReadOnlySpan<byte> bytes, int start, int end, out int addressLength, out int tagsLength, out OscError error)
    {
        bytes = bytes[..end];
        tagsLength = 0;
        addressLength = bytes[start..].IndexOf((byte)0);
        if (addressLength < 0) return Fail(OscErrorKind.AddressNotTerminated, end, out error);
        if (!IsPaddedWithZeros(bytes, start + addressLength)) return Fail(OscErrorKind.AddressPadding, start + addressLength, out error);
        var at = start + Padded(addressLength);
        error = default;
        if (at == end) return true; // old senders leave the type tags out: no arguments

        if (bytes[at] != ',') return Fail(OscErrorKind.TagsWithoutComma, at, out error);
        tagsLength = bytes[at..].IndexOf((byte)0);
        if (tagsLength < 0) return Fail(OscErrorKind.TagsNotTerminated, end, out error);
        if (!IsPaddedWithZeros(bytes, at + tagsLength)) return Fail(OscErrorKind.TagsPadding, at + tagsLength, out error);
        return Arguments(bytes, at + 1, at + tagsLength, at + Padded(tagsLength), out error);
    }

    static bool Arguments(ReadOnlySpan<byte> bytes, int tagsStart, int tagsEnd, int at, out OscError error)
    {
        var open = 0;
        for (var i = tagsStart; i < tagsEnd; i++)
        {
            var tag = bytes[i];
            switch (tag)
            {
                case (byte)'i' or (byte)'f' or (byte)'c' or (byte)'r' or (byte)'m':
                    at += 4;
                    break;
                case (byte)'h' or (byte)'d' or (byte)'t':
                    at += 8;
                    break;
                case (byte)'T' or (byte)'F' or (byte)'N' or (byte)'I':
                    break;
                case (byte)'s' or (byte)'S':
                    if (at == bytes.Length) return Fail(OscErrorKind.ArgumentBeyondEnd, at, out error, tag);
                    var length = bytes[at..].IndexOf((byte)0);
                    if (length < 0) return Fail(OscErrorKind.StringNotTerminated, at, out error, tag);
                    if (!IsPaddedWithZeros(bytes, at + length)) return Fail(OscErrorKind.StringPadding, at + length, out error, tag);
                    at += Padded(length);
                    break;
                case (byte)'b':
                    if (at == bytes.Length) return Fail(OscErrorKind.ArgumentBeyondEnd, at, out error, tag);
                    var size = BinaryPrimitives.ReadInt32BigEndian(bytes[at..]);
                    if (size < 0) return Fail(OscErrorKind.NegativeBlobSize, at, out error, tag);
                    // 64 bits: the size 0x7FFFFFFD and its padding do not fit into 31.
                    if ((((long)size + 3) & ~3L) > bytes.Length - at - 4) return Fail(OscErrorKind.BlobBeyondEnd, at, out error, tag);
                    at += 4;
                    if ((size & 3) != 0 && !IsPaddedWithZeros(bytes, at + size)) return Fail(OscErrorKind.BlobPadding, at + size, out error, tag);
                    at += (size + 3) & ~3;
                    break;
                case (byte)'[':
                    open++;
                    break;
                case (byte)']':
                    if (--open < 0) return Fail(OscErrorKind.ArrayNotOpened, i, out error, tag);
                    break;
                default:
                    return Fail(OscErrorKind.UnknownTag, i, out error, tag);
            }
            // Of the numbers (4 or 8 bytes) only: text and blobs have been compared with the end above.
            if (at > bytes.Length) return Fail(OscErrorKind.ArgumentBeyondEnd, bytes.Length, out error, tag);
        }
        if (open > 0) return Fail(OscErrorKind.ArrayNotClosed, tagsEnd, out error);
        if (at != bytes.Length) return Fail(OscErrorKind.BytesLeft, at, out error);
        error = default;
        return true;
    }

    /// <summary>The bytes that a string of that length takes: one zero at least, and up to a multiple of 4.</summary>
    public static int Padded(int length) => (length + 4) & ~3;

    // From the byte at 'at' to the next multiple of 4. Atoms begin at multiples of 4, so the word is inside.
    static bool IsPaddedWithZeros(ReadOnlySpan<byte> bytes, int at) =>
        BinaryPrimitives.ReadUInt32BigEndian(bytes[(at & ~3)..]) << (8 * (at & 3)) == 0;

    static bool Fail(OscErrorKind kind, int offset, out OscError error, byte tag = 0)
    {
        error = new(kind, offset, tag);
        return false;
    }
}
