namespace OscLooper.Server.Midi;

/// <summary>[any] What a byte has completed.</summary>
public enum MidiStep : byte
{
    /// <summary>[any] Nothing yet.</summary>
    None,
    /// <summary>[any] A message of up to three bytes: <see cref="MidiParser.Message"/>.</summary>
    Message,
    /// <summary>[any] A system exclusive message: <see cref="MidiParser.SysEx"/>.</summary>
    SysEx,
}

/// <summary>
/// [any] Bytes to messages (MIDI 1.0 detailed specification 4.2), one byte at a time, so that it does not matter how a driver cuts them.
/// Realtime bytes may stand anywhere, running status holds until another status, what is not defined is skipped, and after garbage
/// the next status byte puts everything right. Allocates nothing after construction.
/// </summary>
public sealed class MidiParser(int longestSysEx = MidiParser.LongestSysEx)
{
    /// <summary>[any] Longer ones are dropped as a whole.</summary>
    public const int LongestSysEx = 16384;

    readonly byte[] sysEx = new byte[longestSysEx];
    int length, have, running;
    byte first;
    bool isInSysEx;

    /// <summary>[any] The message that was completed last; its frame is 0.</summary>
    public MidiMessage Message { get; private set; }

    /// <summary>[any] The system exclusive message that was completed last, F0 to F7; valid until the next byte.</summary>
    public ReadOnlySpan<byte> SysEx => sysEx.AsSpan(0, length);

    /// <summary>[any] Messages that were dropped because they broke off or were too long.</summary>
    public long Dropped { get; private set; }

    /// <summary>[any] Forgets what it is in the midst of: another cable.</summary>
    public void Reset() => (have, running, isInSysEx) = (0, 0, false);

    /// <summary>[any] Takes a byte in.</summary>
    public MidiStep Push(byte b)
    {
        if (b >= 0xF8) return MidiMessage.LengthOf(b) == 1 ? Tell(new MidiMessage(0, b)) : MidiStep.None;
        if (b >= 0x80) return Status(b);
        if (isInSysEx)
        {
            // One place is kept for the end; what is too long runs on into nothing.
            if (length < sysEx.Length - 1) sysEx[length++] = b;
            else length = sysEx.Length;
            return MidiStep.None;
        }
        return running == 0 ? MidiStep.None : Data(b);
    }

    MidiStep Status(byte b)
    {
        if (isInSysEx && b == 0xF7)
        {
            isInSysEx = false;
            if (length >= sysEx.Length)
            {
                Dropped++;
                return MidiStep.None;
            }
            sysEx[length++] = b;
            return MidiStep.SysEx;
        }
        if (isInSysEx || have > 0) Dropped++;
        (isInSysEx, have, running) = (b == 0xF0, 0, 0);
        if (isInSysEx) (sysEx[0], length) = (b, 1);
        else if (MidiMessage.LengthOf(b) == 1) return Tell(new MidiMessage(0, b));
        else if (MidiMessage.LengthOf(b) > 1) running = b;
        return MidiStep.None;
    }

    MidiStep Data(byte b)
    {
        var status = running;
        if (MidiMessage.LengthOf(status) == 3 && have == 0)
        {
            (first, have) = (b, 1);
            return MidiStep.None;
        }
        have = 0;
        // Only messages of a channel run on.
        if (status >= 0xF0) running = 0;
        return Tell(MidiMessage.LengthOf(status) == 3 ? new MidiMessage(0, (byte)status, first, b) : new MidiMessage(0, (byte)status, b));
    }

    MidiStep Tell(in MidiMessage message)
    {
        Message = message;
        return MidiStep.Message;
    }
}
