namespace OscLooper.Dsp;

/// <summary>Hears of something odd; the text is put together only when somebody will read it, for there may be one for every byte.</summary>
delegate void Odd(string what, int first = 0, int second = 0);

/// <summary>Reads the events of one track chunk (Standard MIDI Files 1.0). Whatever is odd is handed to <c>odd</c>, which throws
/// when the reading is strict; when it returns, the event is mended or left out, or the track ends there.</summary>
ref struct MidiTrackReader(ReadOnlySpan<byte> chunk, bool strict, Odd odd, MidiBytes to)
{
    enum Number { Good, Cut, TooLong }

    readonly ReadOnlySpan<byte> chunk = chunk;
    int at;
    byte running;

    /// <summary>When the track ends.</summary>
    internal long Tick { get; private set; }

    /// <summary>False when this is no track at all: not even its first number can be read.</summary>
    internal bool Read()
    {
        for (var first = true; ; first = false)
        {
            if (at >= chunk.Length)
            {
                odd("a track does not say where it ends");
                break;
            }
            var number = ReadNumber(out var delta);
            if (number != Number.Good)
            {
                odd(number == Number.TooLong ? "a time of more than 4 bytes" : "a track is cut off");
                if (number == Number.TooLong && first) return false;
                break;
            }
            if (at >= chunk.Length)
            {
                odd("a track is cut off");
                break;
            }
            Tick += delta;
            if (!Event()) break;
        }
        to.Meta(Tick, MidiEvent.EndType, []);
        return true;
    }

    /// <summary>Reads one event; false when nothing can follow it.</summary>
    bool Event()
    {
        var status = chunk[at];
        if (status >= 0x80) at++;
        else if (running == 0)
        {
            odd("data without an event that it belongs to");
            return false;
        }
        else status = running;

        return status switch
        {
            < 0xF0 => Channel(status),
            0xF0 or 0xF7 => SysEx(status),
            0xFF => Meta(),
            _ => Foreign(status),
        };
    }

    bool Channel(byte status)
    {
        running = status;
        var length = MidiTrack.DataLength(status);
        if (at + length > chunk.Length)
        {
            odd("a track is cut off");
            return false;
        }
        var data1 = Data();
        to.Channel(Tick, status, data1, length == 2 ? Data() : null);
        return true;
    }

    byte Data()
    {
        var value = chunk[at++];
        if (value <= 127) return value;
        odd("a value of {0} where 127 is the most", value);
        return 127;
    }

    bool SysEx(byte status)
    {
        if (!Contents(out var data)) return false;
        running = 0;
        to.SysEx(Tick, status, data);
        return true;
    }

    bool Meta()
    {
        if (at >= chunk.Length)
        {
            odd("a track is cut off");
            return false;
        }
        var type = chunk[at++];
        if (!Contents(out var data)) return false;
        // A meta event ends running status; real files go on with it all the same, so only strict reading insists.
        if (strict) running = 0;

        if (type == MidiEvent.EndType)
        {
            if (data.Length > 0) odd("an end of track with contents");
            if (at < chunk.Length) odd("{0} bytes after the end of a track", chunk.Length - at);
            return false;
        }
        if (Wrong(type, data) is not { } wrong) to.Meta(Tick, type, data);
        else
        {
            odd(wrong);
            if (type == MidiEvent.TempoType && data.Length > 3 && Wrong(type, data[..3]) is null) to.Meta(Tick, type, data[..3]);
        }
        return true;
    }

    /// <summary>What is wrong with the contents of a meta event, or null.</summary>
    internal static string? Wrong(byte type, ReadOnlySpan<byte> data) => type switch
    {
        > 127 => "a meta event of a type above 127",
        MidiEvent.TempoType when data.Length != 3 => "a tempo that is not 3 bytes long",
        MidiEvent.TempoType when (data[0] | data[1] | data[2]) == 0 => "a tempo of 0",
        MidiEvent.SignatureType when data.Length != 4 => "a time signature that is not 4 bytes long",
        MidiEvent.SignatureType when data[0] == 0 || data[1] > 7 => "a time signature that cannot be",
        MidiEvent.KeyType when data.Length != 2 => "a key that is not 2 bytes long",
        MidiEvent.KeyType when (sbyte)data[0] is < -7 or > 7 || data[1] > 1 => "a key that does not exist",
        _ => null,
    };

    /// <summary>System common and realtime messages have no place in a file; their data is skipped with them.</summary>
    bool Foreign(byte status)
    {
        odd("a message {0:X2} that may not be in a file", status);
        running = 0;
        for (var skip = status switch { 0xF1 or 0xF3 => 1, 0xF2 => 2, _ => 0 }; skip > 0 && at < chunk.Length && chunk[at] < 0x80; skip--) at++;
        return true;
    }

    bool Contents(out ReadOnlySpan<byte> data)
    {
        data = default;
        if (ReadNumber(out var length) != Number.Good || length > chunk.Length - at)
        {
            odd("an event is longer than its track");
            return false;
        }
        data = chunk.Slice(at, length);
        at += length;
        return true;
    }

    Number ReadNumber(out int value)
    {
        value = 0;
        for (var count = 0; count < 4; count++)
        {
            if (at >= chunk.Length) return Number.Cut;
            var part = chunk[at++];
            value = value << 7 | part & 0x7F;
            if (part < 0x80) return Number.Good;
        }
        return Number.TooLong;
    }
}
