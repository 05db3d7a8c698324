using System.Text;

namespace OscLooper.Dsp;

/// <summary>[any] Collects events in any order and makes a track of them.</summary>
public sealed class MidiTrackBuilder
{
    const long LastTick = 1L << 40;

    // At one tick: settings before ends of notes, these before begins; a note of no length ends after it began.
    enum Rank { Meta, Off, Control, On, LateOff }

    readonly record struct Item(long Tick, Rank Rank, byte Status, byte Type, byte[] Data);

    readonly List<Item> items = [];

    /// <summary>[any] A note.</summary>
    public MidiTrackBuilder Add(Note note)
    {
        if (note.Length < 0) throw new MidiFileException($"a note of {note.Length} ticks");
        if (note.Velocity is < 1 or > 127) throw new MidiFileException($"a velocity of {note.Velocity}");
        Channel(note.Tick, Rank.On, 0x90, note.Channel, note.Pitch, note.Velocity);
        return Channel(note.EndTick, note.Length == 0 ? Rank.LateOff : Rank.Off, 0x80, note.Channel, note.Pitch, note.ReleaseVelocity);
    }

    /// <summary>[any] A controller's value.</summary>
    public MidiTrackBuilder Control(long tick, int channel, int controller, int value) => Channel(tick, Rank.Control, 0xB0, channel, controller, value);

    /// <summary>[any] A choice of sound.</summary>
    public MidiTrackBuilder Program(long tick, int channel, int program) => Channel(tick, Rank.Control, 0xC0, channel, program, null);

    /// <summary>[any] A pitch bend, -8192 to 8191.</summary>
    public MidiTrackBuilder Bend(long tick, int channel, int bend) =>
        Channel(tick, Rank.Control, 0xE0, channel, (bend + 8192) & 0x7F, bend is >= -8192 and <= 8191 ? (bend + 8192) >> 7 : -1);

    /// <summary>[any] A tempo in beats a minute, kept to the microsecond.</summary>
    public MidiTrackBuilder Tempo(long tick, double beatsPerMinute)
    {
        var micros = Math.Round(60e6 / beatsPerMinute);
        if (!(micros is >= 1 and <= 0xFFFFFF)) throw new MidiFileException($"a tempo of {beatsPerMinute} cannot be written");
        var whole = (int)micros;
        return Meta(tick, MidiEvent.TempoType, [(byte)(whole >> 16), (byte)(whole >> 8), (byte)whole]);
    }

    /// <summary>[any] A time signature; the unit is 1, 2, 4, 8 ... 128.</summary>
    public MidiTrackBuilder Signature(long tick, int beats, int unit)
    {
        if (beats is < 1 or > 255 || unit is < 1 or > 128 || !int.IsPow2(unit)) throw new MidiFileException($"a time signature of {beats}/{unit}");
        return Meta(tick, MidiEvent.SignatureType, [(byte)beats, (byte)int.Log2(unit), 24, 8]);
    }

    /// <summary>[any] A text: name, marker, lyric.</summary>
    public MidiTrackBuilder Text(long tick, byte type, string text) => Meta(tick, type, Encoding.UTF8.GetBytes(text));

    /// <summary>[any] Any event, for instance of another track; a note's begin and end come as two.</summary>
    public MidiTrackBuilder Add(MidiEvent e)
    {
        if (e.IsMeta()) return Meta(e.Tick, e.Type, e.Data.ToArray());
        if (e.IsChannel) return Channel(e.Tick, e.IsNoteOff ? Rank.Off : e.IsNoteOn ? Rank.On : Rank.Control, e.Status & 0xF0, e.Channel, e.Data1, e.Data.Length > 1 ? e.Data2 : null);
        if (e.Status is not (0xF0 or 0xF7)) throw new MidiFileException($"a message {e.Status:X2} may not be in a file");
        return Put(new Item(e.Tick, Rank.Control, e.Status, 0, e.Data.ToArray()));
    }

    /// <summary>[any] The track; it ends with its last event, or later when that is wished.</summary>
    public MidiTrack Build(long endTick = 0)
    {
        var bytes = new MidiBytes(items.Count * 4);
        var start = bytes.Begin();
        long last = 0;
        foreach (var item in items.OrderBy(item => item.Tick).ThenBy(item => item.Rank))
        {
            last = item.Tick;
            if (item.Status == 0xFF) bytes.Meta(item.Tick, item.Type, item.Data);
            else if (item.Status >= 0xF0) bytes.SysEx(item.Tick, item.Status, item.Data);
            else bytes.Channel(item.Tick, item.Status, item.Data[0], item.Data.Length > 1 ? item.Data[1] : null);
        }
        last = Math.Max(last, Math.Min(endTick, LastTick));
        bytes.Meta(last, MidiEvent.EndType, []);
        return new MidiTrack(bytes.Slice(start, bytes.Count - start), last);
    }

    MidiTrackBuilder Meta(long tick, byte type, byte[] data)
    {
        if (type is MidiEvent.EndType or > 127) throw new MidiFileException($"a meta event of type {type} cannot be added");
        if (MidiTrackReader.Wrong(type, data) is { } wrong) throw new MidiFileException(wrong);
        if (data.Length > MidiBytes.LongestDelta) throw new MidiFileException($"a meta event of {data.Length} bytes");
        return Put(new Item(tick, Rank.Meta, 0xFF, type, data));
    }

    MidiTrackBuilder Channel(long tick, Rank rank, int status, int channel, int data1, int? data2)
    {
        if (channel is < 0 or > 15) throw new MidiFileException($"a channel {channel}");
        if (data1 is < 0 or > 127 || data2 is < 0 or > 127) throw new MidiFileException($"a value of {data1} or {data2} where 127 is the most");
        return Put(new Item(tick, rank, (byte)(status | channel), 0, data2 is { } second ? [(byte)data1, (byte)second] : [(byte)data1]));
    }

    MidiTrackBuilder Put(Item item)
    {
        if (item.Tick is < 0 or > LastTick) throw new MidiFileException($"tick {item.Tick} lies outside of any file");
        items.Add(item);
        return this;
    }
}
