namespace OscLooper.Osc;

/// <summary>What a stream decoder found in the bytes it was fed.</summary>
public enum OscFrame
{
    /// <summary>The chunk is used up; feed the next one.</summary>
    NeedMore,
    /// <summary>A complete packet (its contents are not checked yet).</summary>
    Packet,
    /// <summary>A damaged frame was dropped; the stream goes on.</summary>
    Malformed,
    /// <summary>The stream cannot be understood any more: close the connection.</summary>
    Fatal,
}
