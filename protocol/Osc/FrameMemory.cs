namespace OscLooper.Osc;

/// <summary>Collects one frame over many chunks: grows with the bytes that have come, never with those announced.</summary>
sealed class FrameMemory(int maxPacketBytes)
{
    // What a connection keeps between frames; a rare large packet does not stay in memory.
    const int KeptBytes = 65_536;

    readonly OscBuffer buffer = new(0, maxPacketBytes);
    bool handedOut;

    public int Length => handedOut ? 0 : buffer.Length;

    public bool Append(ReadOnlySpan<byte> bytes)
    {
        if (handedOut) Clear();
        return buffer.Append(bytes);
    }

    public void Clear()
    {
        handedOut = false;
        buffer.Clear();
        buffer.Trim(KeptBytes);
    }

    /// <summary>The frame, valid until more is appended.</summary>
    public ReadOnlySpan<byte> HandOut()
    {
        handedOut = true;
        return buffer.Written;
    }
}
