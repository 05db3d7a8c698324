namespace OscLooper.Osc;

/// <summary>Why bytes are not an OSC packet.</summary>
public enum OscErrorKind : byte
{
    /// <summary>Nothing is wrong.</summary>
    None,
    /// <summary>The packet has no bytes.</summary>
    Empty,
    /// <summary>The packet's size is not a multiple of 4.</summary>
    SizeNotMultipleOfFour,
    /// <summary>The first byte is neither '/' nor '#'.</summary>
    NeitherMessageNorBundle,
    /// <summary>No zero byte ends the address.</summary>
    AddressNotTerminated,
    /// <summary>A byte after the end of the address is not zero.</summary>
    AddressPadding,
    /// <summary>What follows the address does not begin with a comma.</summary>
    TagsWithoutComma,
    /// <summary>No zero byte ends the type tags.</summary>
    TagsNotTerminated,
    /// <summary>A byte after the end of the type tags is not zero.</summary>
    TagsPadding,
    /// <summary>A type tag that OSC does not define, so the size of its argument is unknown.</summary>
    UnknownTag,
    /// <summary>A '[' has no ']'.</summary>
    ArrayNotClosed,
    /// <summary>A ']' has no '['.</summary>
    ArrayNotOpened,
    /// <summary>The packet ends before the argument does.</summary>
    ArgumentBeyondEnd,
    /// <summary>No zero byte ends a string argument.</summary>
    StringNotTerminated,
    /// <summary>A byte after the end of a string argument is not zero.</summary>
    StringPadding,
    /// <summary>A blob says that it has fewer than no bytes.</summary>
    NegativeBlobSize,
    /// <summary>The packet ends before the blob does.</summary>
    BlobBeyondEnd,
    /// <summary>A byte after the end of a blob is not zero.</summary>
    BlobPadding,
    /// <summary>Bytes follow the last argument.</summary>
    BytesLeft,
    /// <summary>A packet that begins with '#' does not begin with "#bundle".</summary>
    BadBundleIdentifier,
    /// <summary>A bundle is too short to hold its time tag.</summary>
    BundleTooShort,
    /// <summary>A bundle element of size 0.</summary>
    EmptyElement,
    /// <summary>A bundle element of negative size.</summary>
    NegativeElementSize,
    /// <summary>A bundle element whose size is not a multiple of 4.</summary>
    ElementSizeNotMultipleOfFour,
    /// <summary>A bundle element that is longer than its bundle.</summary>
    ElementBeyondEnd,
    /// <summary>More than 16 bundles inside each other.</summary>
    NestedTooDeep,
    /// <summary>A message was expected, a bundle came.</summary>
    BundleUnexpected,
}

/// <summary>What is wrong with a packet, and at which of its bytes; Tag is the type tag concerned, if any.</summary>
public readonly record struct OscError(OscErrorKind Kind, int Offset, byte Tag = 0)
{
    /// <summary>The reason in words, without the place.</summary>
    public string Reason => Kind switch
    {
        OscErrorKind.None => "no error",
        OscErrorKind.Empty => "empty packet",
        OscErrorKind.SizeNotMultipleOfFour => "size not a multiple of 4",
        OscErrorKind.NeitherMessageNorBundle => "begins with neither '/' nor '#'",
        OscErrorKind.AddressNotTerminated => "address not terminated",
        OscErrorKind.AddressPadding => "address padding not zero",
        OscErrorKind.TagsWithoutComma => "type tag string does not start with a comma",
        OscErrorKind.TagsNotTerminated => "type tag string not terminated",
        OscErrorKind.TagsPadding => "type tag string padding not zero",
        OscErrorKind.UnknownTag => $"unknown type tag {TagText}",
        OscErrorKind.ArrayNotClosed => "array not closed",
        OscErrorKind.ArrayNotOpened => "array not opened",
        OscErrorKind.ArgumentBeyondEnd => $"argument {(char)Tag} beyond the end",
        OscErrorKind.StringNotTerminated => "string argument not terminated",
        OscErrorKind.StringPadding => "string argument padding not zero",
        OscErrorKind.NegativeBlobSize => "negative blob size",
        OscErrorKind.BlobBeyondEnd => "blob beyond the end",
        OscErrorKind.BlobPadding => "blob padding not zero",
        OscErrorKind.BytesLeft => "bytes left after the last argument",
        OscErrorKind.BadBundleIdentifier => "bad bundle identifier",
        OscErrorKind.BundleTooShort => "bundle without time tag",
        OscErrorKind.EmptyElement => "empty element",
        OscErrorKind.NegativeElementSize => "negative element size",
        OscErrorKind.ElementSizeNotMultipleOfFour => "element size not a multiple of 4",
        OscErrorKind.ElementBeyondEnd => "element beyond the end",
        OscErrorKind.NestedTooDeep => $"nested deeper than {OscPacket.MaxDepth}",
        OscErrorKind.BundleUnexpected => "a bundle where a message was expected",
        _ => Kind.ToString(),
    };

    string TagText => Tag is > 0x20 and < 0x7F ? $"'{(char)Tag}'" : $"0x{Tag:x2}";

    /// <summary>The reason and the place, e.g. <c>unknown type tag 'x' (byte 10)</c>.</summary>
    public override string ToString() => Kind == OscErrorKind.None ? Reason : $"{Reason} (byte {Offset})";
}
