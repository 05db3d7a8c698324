namespace OscLooper.Osc;

/// <summary>The four bytes of RFC 1055.</summary>
static class Slip
{
    public const byte End = 0xC0, Escape = 0xDB, EscapedEnd = 0xDC, EscapedEscape = 0xDD;

    /// <summary>The byte that stood there before it was escaped; 0 when none is escaped so.</summary>
    public static byte Unescape(byte second) => second switch
    {
        EscapedEnd => End,
        EscapedEscape => Escape,
        _ => 0,
    };
}
