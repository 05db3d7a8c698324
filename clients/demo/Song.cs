using OscLooper.Dsp;

namespace OscLooper.Demo;

/// <summary>The piece, on the server's grid of four beats to a bar: a guitar that is heard as the input, and notes for the built-in synth.</summary>
static class Song
{
    public const int Rate = 48000;
    public const double BeatsPerMinute = 138;
    const double Beat = 60 / BeatsPerMinute;
    public const double BarSeconds = 4 * Beat;

    // Bar numbers count from 0, the moment the server starts.
    public const int PhraseBar = 1, BellsBar = 3, DrumsBar = 5, SecondBar = 7, LoopBar = 9, BackBar = 10, EndBar = 12;

    // Chords as MIDI pitches: root of the bass, then the notes that are picked.
    static readonly int[][] First = [[45, 57, 60, 64, 69], [41, 53, 57, 60, 65], [48, 55, 60, 64, 67], [43, 55, 59, 62, 67]];
    static readonly int[][] Second = [[50, 57, 62, 65, 69], [46, 58, 62, 65, 70], [41, 57, 60, 65, 69], [48, 55, 60, 64, 72]];

    /// <summary>Writes what the guitar plays as a stereo file.</summary>
    public static void Write(string path)
    {
        float[][] lanes = [new float[(int)(EndBar * BarSeconds * Rate)], new float[(int)(EndBar * BarSeconds * Rate)]];
        var play = new Instruments(lanes, Rate);
        Picking(play, PhraseBar, First);
        Picking(play, SecondBar, Second);

        var interleaved = new float[lanes[0].Length * 2];
        for (var i = 0; i < interleaved.Length; i++) interleaved[i] = lanes[i & 1][i >> 1];
        using var file = SoundFile.Create(path, SoundFormat.WavFloat, 2, Rate);
        file.Write(interleaved);
        file.Commit();
    }

    // Two bars, four chords, two beats each: bass and eighths picked up and down.
    static void Picking(Instruments play, int bar, int[][] chords)
    {
        int[] order = [1, 3, 2, 4];
        for (var chord = 0; chord < 4; chord++)
        {
            var start = bar * BarSeconds + chord * 2 * Beat;
            play.Bass(start, 2 * Beat - 0.02, chords[chord][0] - 12, 0.22);
            for (var i = 0; i < 4; i++)
            {
                var at = start + i * Beat / 2;
                var left = (bar + 2) * BarSeconds - at - 0.01;
                play.Pluck(at, Math.Min(1.1, left), chords[chord][order[i]], i == 0 ? 0.32 : 0.25, i % 2 == 0 ? -0.35 : 0.35);
            }
        }
    }

    /// <summary>What the built-in synth plays over the guitar: bar, length in beats, key, velocity.</summary>
    public static IEnumerable<Note> Bells()
    {
        (double Beat, double Length, int Key)[] melody =
            [(0, 0.9, 76), (1, 0.5, 81), (1.5, 0.5, 79), (2, 0.9, 77), (3, 0.5, 76), (3.5, 0.5, 72), (4, 0.5, 74), (4.5, 0.9, 76), (5.5, 0.5, 79), (6, 0.9, 74), (7, 0.9, 71)];
        return melody.Select(n => new Note(BellsBar + n.Beat / 4, n.Length, n.Key, n.Beat % 2 == 0 ? 96 : 80, 1));
    }

    /// <summary>What its drum kit plays: keys and channel as in General MIDI.</summary>
    public static IEnumerable<Note> Drums()
    {
        const int Kick = 36, Snare = 38, Hat = 42, Kit = 10;
        for (var eighth = 0; eighth < 16; eighth++)
        {
            var bar = DrumsBar + eighth / 8.0;
            yield return new(bar, 0.2, Hat, eighth % 2 == 0 ? 84 : 58, Kit);
            if (eighth % 8 is 0 or 3 || eighth == 10) yield return new(bar, 0.2, Kick, 108, Kit);
            if (eighth % 4 == 2) yield return new(bar, 0.2, Snare, 96, Kit);
        }
        yield return new(DrumsBar + 2 - 1 / 16.0, 0.2, Snare, 50, Kit);
    }

    /// <summary>One note for the synth.</summary>
    public readonly record struct Note(double Bar, double LengthBeats, int Key, float Velocity, int Channel)
    {
        /// <summary>Where it ends, in bars.</summary>
        public double EndBar => Bar + LengthBeats / 4;
    }
}
