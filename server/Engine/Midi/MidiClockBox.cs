namespace OscLooper.Server.Midi;

/// <summary>[audio] The clock messages of a block, in order of frames. The input that was the first to send a clock is followed until it is silent for a second.</summary>
sealed class MidiClockBox(int rate)
{
    readonly MidiMessage[] messages = new MidiMessage[256];
    MidiInput? followed;
    long lastFrame;
    int count;

    /// <summary>[any] Somebody follows; else nothing is kept.</summary>
    internal volatile bool IsWanted;

    internal ReadOnlySpan<MidiMessage> Messages => messages.AsSpan(0, count);

    internal void Clear() => count = 0;

    /// <summary>[audio] A system message came through an input.</summary>
    internal void Put(MidiInput from, in MidiMessage message)
    {
        if (!IsWanted || count == messages.Length) return;
        if (message.Status is not (MidiMessage.Clock or MidiMessage.Start or MidiMessage.Continue or MidiMessage.Stop or MidiMessage.SongPosition)) return;
        if (followed != from && followed is not null && message.Frame - lastFrame < rate) return;
        (followed, lastFrame) = (from, message.Frame);
        var place = count++;
        for (; place > 0 && messages[place - 1].Frame > message.Frame; place--) messages[place] = messages[place - 1];
        messages[place] = message;
    }
}
