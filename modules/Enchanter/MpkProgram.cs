namespace OscLooper.Enchanter;

/// <summary>
/// [main] What the pads and knobs of an MPK mini mk3 send is set by the program in its memory. It is asked for when the device comes;
/// this reads the answer. Offsets after tsmetana/mpk3-settings, src/message.h (facts/controllers.md 3).
/// </summary>
static class MpkProgram
{
    const int Length = 254, PadChannel = 24, KeyChannel = 26, Pads = 44, Knobs = 92, KnobSize = 20;

    /// <summary>[main] Where controls send otherwise than the profile says, for /controller/mpk_mini_mk3/sends; null when this is no such answer.</summary>
    internal static string? Read(ReadOnlySpan<byte> message)
    {
        if (message.Length != Length || !message.StartsWith((ReadOnlySpan<byte>)[0xF0, 0x47, 0x00, 0x49, 0x67, 0x01, 0x76]) || message[^1] != 0xF7) return null;
        foreach (var b in message[1..^1])
            if (b > 127) return null;
        if (message[PadChannel] > 15 || message[KeyChannel] > 15) return null;
        var words = new List<string> { Deeds.Text($"key:{0x90 | message[KeyChannel]:X2}") };
        for (var pad = 0; pad < 16; pad++)
            words.Add(Deeds.Text($"{(pad < 8 ? "pad" : "pad_b")}/{pad % 8 + 1}:{0x90 | message[PadChannel]:X2}:{message[Pads + 3 * pad]:X2}"));
        for (var knob = 0; knob < 8; knob++)
            words.Add(Deeds.Text($"knob/{knob + 1}:{0xB0 | message[KeyChannel]:X2}:{message[Knobs + KnobSize * knob + 1]:X2}"));
        return string.Join(' ', words);
    }
}
