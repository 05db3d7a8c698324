using System.Globalization;
using OscLooper.Reaper.Midi;
using OscLooper.Reaper.Rpp;

namespace OscLooper.Reaper.Song;

/// <summary>The notes and controllers of a song's clip as events, and events as notes and controllers.</summary>
static class SongMidiTake
{
    /// <summary>Kinds of text events by their number in a MIDI file (1..9) and REAPER's notation events (15).</summary>
    static readonly (int Number, string Kind)[] kinds =
        [(1, "text"), (2, "copyright"), (3, "name"), (4, "instrument"), (5, "lyric"), (6, "marker"), (7, "cue"), (8, "program"), (9, "device"), (15, "notation")];

    // Order of events on one tick: what ends first, then what prepares, then what begins, then the end of a note without length.
    const int Ends = 0, Prepares = 1, Begins = 2, EndsAtOnce = 3;

    /// <summary>The clip's last tick.</summary>
    public static double LastTick(SongMidi midi)
    {
        var last = 0.0;
        foreach (var n in midi.Notes) last = Math.Max(last, n.Start + n.Duration);
        foreach (var time in midi.Cc.Select(e => e.Time).Concat(midi.Programs.Select(e => e.Time)).Concat(midi.Bends.Select(e => e.Time))
            .Concat(midi.Pressures.Select(e => e.Time)).Concat(midi.Texts.Select(e => e.Time)).Concat(midi.Sysex.Concat(midi.Raw).Select(e => e.Time)))
            last = Math.Max(last, time);
        return last * SongUnits.TicksPerUnit(midi);
    }

    /// <summary>The events of a clip, in playing order; equal songs give equal orders.</summary>
    public static MidiTake ToTake(SongMidi midi)
    {
        var unit = SongUnits.TicksPerUnit(midi);
        long Tick(double time) => (long)Math.Round(time * unit, MidpointRounding.AwayFromZero);
        var all = new List<(long Tick, int Rank, MidiEvent Event)>();
        void Add(long tick, int rank, byte[] data, bool muted = false) => all.Add((tick, rank, new(tick, data, muted)));

        foreach (var e in midi.Texts) Add(Tick(e.Time), Prepares, [0xff, (byte)Number(e.Kind), .. RppText.Utf8.GetBytes(e.Text)]);
        foreach (var e in midi.Sysex) Add(Tick(e.Time), Prepares, Bytes(e.Data));
        foreach (var e in midi.Cc) Add(Tick(e.Time), Prepares, [Status(0xb0, e.Channel), (byte)e.Controller, (byte)e.Value]);
        // After the controllers: a bank is chosen before its program.
        foreach (var e in midi.Programs) Add(Tick(e.Time), Prepares, [Status(0xc0, e.Channel), (byte)e.Program]);
        foreach (var e in midi.Bends) Add(Tick(e.Time), Prepares, [Status(0xe0, e.Channel), (byte)((e.Value + 8192) & 127), (byte)((e.Value + 8192) >> 7)]);
        foreach (var e in midi.Pressures)
            Add(Tick(e.Time), Prepares, e.Pitch is { } p && SongUnits.TryPitch(p, out var key) ? [Status(0xa0, e.Channel), (byte)key, (byte)e.Value] : [Status(0xd0, e.Channel), (byte)e.Value]);
        foreach (var e in midi.Raw) Add(Tick(e.Time), Prepares, Bytes(e.Data));
        foreach (var n in midi.Notes)
        {
            var (start, end) = (Tick(n.Start), Tick(n.Start + n.Duration));
            SongUnits.TryPitch(n.Pitch, out var pitch);
            Add(start, Begins, [Status(0x90, n.Channel), (byte)pitch, (byte)(n.Velocity ?? 96)], n.Mute == true);
            Add(end, end > start ? Ends : EndsAtOnce, [Status(0x80, n.Channel), (byte)pitch, (byte)(n.Release ?? 0)], n.Mute == true);
        }
        var take = new MidiTake { TicksPerBeat = midi.TicksPerBeat };
        take.Events.AddRange(all.OrderBy(e => e.Tick).ThenBy(e => e.Rank).Select(e => e.Event));
        take.LengthTicks = take.Events.Count > 0 ? take.Events[^1].Tick : 0;
        return take;
    }

    /// <summary>Events as a clip of a song, in ticks. A note-on without its end, an end without its note and odd messages stay as raw bytes.</summary>
    public static SongMidi FromTake(MidiTake take)
    {
        var midi = new SongMidi { Unit = "ticks", TicksPerBeat = take.TicksPerBeat };
        var sounding = new Dictionary<(int, int), Queue<(MidiEvent On, int Place)>>();
        var notes = new List<(int Place, SongNote Note)>();
        for (var i = 0; i < take.Events.Count; i++)
        {
            var e = take.Events[i];
            var data = e.Data;
            int? channel = data[0] < 0xf0 && (data[0] & 15) != 0 ? (data[0] & 15) + 1 : null;
            var key = (data[0] & 15, data.Length > 1 ? data[1] : 0);
            switch (data[0] & 0xf0)
            {
                case 0x90 when data[2] > 0:
                    if (!sounding.TryGetValue(key, out var queue)) sounding[key] = queue = new();
                    queue.Enqueue((e, i));
                    break;
                case 0x80 or 0x90 when sounding.TryGetValue(key, out var open) && open.TryDequeue(out var on):
                    notes.Add((on.Place, new()
                    {
                        Pitch = (long)data[1], Start = on.On.Tick, Duration = e.Tick - on.On.Tick, Velocity = on.On.Data[2], Channel = channel,
                        Release = data[2] > 0 && (data[0] & 0xf0) == 0x80 ? data[2] : null, Mute = e.Muted && on.On.Muted ? true : null,
                    }));
                    break;
                case 0xb0: midi.Cc.Add(new() { Time = e.Tick, Controller = data[1], Value = data[2], Channel = channel }); break;
                case 0xc0: midi.Programs.Add(new() { Time = e.Tick, Program = data[1], Channel = channel }); break;
                case 0xe0: midi.Bends.Add(new() { Time = e.Tick, Value = data[1] + (data[2] << 7) - 8192, Channel = channel }); break;
                case 0xa0: midi.Pressures.Add(new() { Time = e.Tick, Pitch = (long)data[1], Value = data[2], Channel = channel }); break;
                case 0xd0: midi.Pressures.Add(new() { Time = e.Tick, Value = data[1], Channel = channel }); break;
                case 0xf0 when data[0] == 0xf0 && data[^1] == 0xf7: midi.Sysex.Add(new() { Time = e.Tick, Data = Convert.ToHexString(data) }); break;
                case 0xf0 when data[0] == 0xff && data.Length >= 2 && IsText(data, out var kind, out var text): midi.Texts.Add(new() { Time = e.Tick, Kind = kind, Text = text }); break;
                default: midi.Raw.Add(new() { Time = e.Tick, Data = Convert.ToHexString(data) }); break;
            }
        }
        foreach (var (on, _) in sounding.Values.SelectMany(q => q).OrderBy(s => s.Place)) midi.Raw.Add(new() { Time = on.Tick, Data = Convert.ToHexString(on.Data) });
        midi.Notes.AddRange(notes.OrderBy(n => n.Place).Select(n => n.Note));
        return midi;
    }

    static bool IsText(byte[] data, out string kind, out string text)
    {
        kind = kinds.FirstOrDefault(k => k.Number == data[1]).Kind ?? "";
        text = RppText.Utf8.GetString(data.AsSpan(2));
        return kind.Length > 0 && RppText.IsText(text) && RppText.Utf8.GetBytes(text).AsSpan().SequenceEqual(data.AsSpan(2));
    }

    static int Number(string? kind) => kind is null ? 1 : kinds.First(k => k.Kind == kind).Number;

    static byte Status(int kind, int? channel) => (byte)(kind | ((channel ?? 1) - 1));

    static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", "", false, CultureInfo.InvariantCulture));
}
