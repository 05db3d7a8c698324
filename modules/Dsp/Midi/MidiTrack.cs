using System.Collections;

namespace OscLooper.Dsp;

/// <summary>[any] The events of one track in order of time, without the end of track, whose moment is EndTick. It keeps them as
/// bytes, so that a file never takes much more memory than it has bytes.</summary>
public sealed class MidiTrack : IEnumerable<MidiEvent>
{
    internal MidiTrack(ReadOnlyMemory<byte> bytes, long endTick) => (Bytes, EndTick) = (bytes, endTick);

    /// <summary>[any] When the track ends.</summary>
    public long EndTick { get; }

    /// <summary>[any] What the track calls itself, else empty.</summary>
    public string Name => this.FirstOrDefault(e => e.IsMeta(MidiEvent.NameType)) is { Status: 0xFF } name ? name.Text : "";

    /// <summary>As they are written, the end of track included; always well-formed.</summary>
    internal ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>[any] The events.</summary>
    public IEnumerator<MidiEvent> GetEnumerator()
    {
        long tick = 0;
        for (var at = 0; at < Bytes.Length;)
        {
            tick += Number(ref at);
            var status = Bytes.Span[at++];
            var type = status == 0xFF ? Bytes.Span[at++] : (byte)0;
            var length = status >= 0xF0 ? Number(ref at) : DataLength(status);
            if (status == 0xFF && type == MidiEvent.EndType) yield break;
            yield return new MidiEvent(tick, status, type, Bytes.Slice(at, length));
            at += length;
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>[any] The notes in the order in which they begin. The first end of a key ends its first begin; what still sounds at the
    /// end of the track ends there; an end without a begin is dropped.</summary>
    public IReadOnlyList<Note> GetNotes()
    {
        var notes = new List<Note>();
        var waiting = new Queue<int>?[16 * 128];
        foreach (var e in this)
        {
            if (!e.IsChannel) continue;
            var key = e.Channel * 128 + e.Data1;
            if (e.IsNoteOn)
            {
                (waiting[key] ??= new Queue<int>()).Enqueue(notes.Count);
                notes.Add(new Note(e.Tick, EndTick - e.Tick, e.Channel, e.Data1, e.Data2));
            }
            else if (e.IsNoteOff && waiting[key]?.TryDequeue(out var begun) == true)
                notes[begun] = notes[begun] with { Length = e.Tick - notes[begun].Tick, ReleaseVelocity = (e.Status & 0xF0) == 0x80 ? e.Data2 : 64 };
        }
        return notes;
    }

    internal static int DataLength(byte status) => (status & 0xF0) is 0xC0 or 0xD0 ? 1 : 2;

    int Number(ref int at)
    {
        var value = 0;
        byte part;
        do
        {
            part = Bytes.Span[at++];
            value = value << 7 | part & 0x7F;
        }
        while (part >= 0x80);
        return value;
    }
}
