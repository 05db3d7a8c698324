using System.Buffers.Binary;
using System.Globalization;

namespace OscLooper.Dsp;

/// <summary>Reads the chunks of a MIDI file. No declared length is believed beyond the end of the file.</summary>
readonly ref struct MidiFileReader
{
    const int MaxTracks = 4096, MaxWarnings = 32;

    readonly ReadOnlySpan<byte> bytes;
    readonly bool strict;
    readonly List<string> warnings = [];
    readonly Odd odd;

    internal MidiFileReader(ReadOnlySpan<byte> bytes, bool strict)
    {
        this.bytes = bytes;
        this.strict = strict;
        odd = Listen(strict, warnings);
    }

    internal MidiFile Read()
    {
        if (bytes.IsEmpty) throw new MidiFileException("an empty file");
        if (!bytes.StartsWith("MThd"u8)) throw new MidiFileException("not a MIDI file");
        if (bytes.Length < 14) throw new MidiFileException("the header is cut off");
        var headerLength = BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]);
        if (headerLength < 6) throw new MidiFileException("the header is too short");
        if (headerLength > bytes.Length - 8) throw new MidiFileException("the header is longer than the file");
        int format = BinaryPrimitives.ReadUInt16BigEndian(bytes[8..]), declared = BinaryPrimitives.ReadUInt16BigEndian(bytes[10..]);
        var division = MidiDivision.Of(BinaryPrimitives.ReadUInt16BigEndian(bytes[12..]));

        if (format > 2)
        {
            odd("format {0} is not known; it is read as 1", format);
            format = 1;
        }
        var (tracks, unreadable) = ReadTracks(8 + (int)headerLength);
        if (tracks.Count == 0 && unreadable > 0) throw new MidiFileException("none of its tracks can be read");
        if (tracks.Count != declared) odd("it says {0} tracks and has {1}", declared, tracks.Count);
        if (format == 0 && tracks.Count != 1)
        {
            odd("format 0 with {0} tracks; it is read as 1", tracks.Count);
            format = 1;
        }
        return new MidiFile(format, division, tracks, warnings);
    }

    (List<MidiTrack> Tracks, int Unreadable) ReadTracks(int at)
    {
        var kept = new MidiBytes(bytes.Length + 16);
        var places = new List<(int Start, int Count, long EndTick)>();
        var unreadable = 0;
        while (at < bytes.Length)
        {
            if (bytes.Length - at < 8)
            {
                odd("{0} bytes after the last chunk", bytes.Length - at);
                break;
            }
            var isTrack = bytes[at..].StartsWith("MTrk"u8);
            if (!isTrack && bytes.Slice(at, 4).ContainsAnyExceptInRange((byte)' ', (byte)'~'))
            {
                // Lost after a wrong length: the next track begins where its name stands.
                odd("something that is no chunk");
                var next = bytes[(at + 1)..].IndexOf("MTrk"u8);
                if (next < 0) break;
                at += 1 + next;
                continue;
            }
            var length = (long)BinaryPrimitives.ReadUInt32BigEndian(bytes[(at + 4)..]);
            at += 8;
            if (length > bytes.Length - at)
            {
                odd("a chunk is longer than the file");
                length = bytes.Length - at;
            }
            if (isTrack && places.Count == MaxTracks)
            {
                odd("more than {0} tracks; the rest is left out", MaxTracks);
                break;
            }
            if (isTrack)
            {
                var start = kept.Begin();
                var track = new MidiTrackReader(bytes.Slice(at, (int)length), strict, odd, kept);
                if (track.Read()) places.Add((start, kept.Count - start, track.Tick));
                else unreadable++;
            }
            at += (int)length;
        }
        // The slices are taken last: the bytes move while they grow.
        return ([.. places.Select(place => new MidiTrack(kept.Slice(place.Start, place.Count), place.EndTick))], unreadable);
    }

    static Odd Listen(bool strict, List<string> warnings) => (what, first, second) =>
    {
        if (strict) throw new MidiFileException(string.Format(CultureInfo.InvariantCulture, what, first, second));
        if (warnings.Count < MaxWarnings) warnings.Add(string.Format(CultureInfo.InvariantCulture, what, first, second));
        else if (warnings.Count == MaxWarnings) warnings.Add("and more");
    };
}
