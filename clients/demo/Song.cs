using OscLooper.Dsp;

namespace OscLooper.Demo;

/// <summary>What the player of the demo plays: one line of music on the server's grid, four beats to a bar.</summary>
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

    /// <summary>Writes the whole line as a stereo file.</summary>
    public static void Write(string path)
    {
        float[][] lanes = [new float[(int)(EndBar * BarSeconds * Rate)], new float[(int)(EndBar * BarSeconds * Rate)]];
        var play = new Instruments(lanes, Rate);
        Picking(play, PhraseBar, First);
        Bells(play, BellsBar);
        Drums(play, DrumsBar);
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

    static void Bells(Instruments play, int bar)
    {
        (double Beat, int Pitch)[] melody = [(0, 76), (1, 81), (1.5, 79), (2, 77), (3, 76), (3.5, 72), (4, 74), (4.5, 76), (5.5, 79), (6, 74), (7, 71)];
        foreach (var (beat, pitch) in melody)
        {
            var at = bar * BarSeconds + beat * Beat;
            play.Bell(at, Math.Min(0.9, (bar + 2) * BarSeconds - at - 0.01), pitch, 0.13, 0.4 * Math.Sin(beat));
        }
    }

    static void Drums(Instruments play, int bar)
    {
        for (var eighth = 0; eighth < 16; eighth++)
        {
            var at = bar * BarSeconds + eighth * Beat / 2;
            play.Hat(at, eighth % 2 == 0 ? 0.16 : 0.1);
            if (eighth % 8 is 0 or 3 || eighth == 10) play.Kick(at, 0.5);
            if (eighth % 4 == 2) play.Snare(at, 0.3);
        }
        play.Snare((bar + 2) * BarSeconds - Beat / 4 - 0.02, 0.12);
    }
}
