using OscLooper.Client;
using OscLooper.Osc;

namespace OscLooper.Demo;

/// <summary>The server's time as the demo uses it: bars, and time tags for exact frames.</summary>
sealed class Stage
{
    readonly OscLooperClient client;
    readonly long unixNanoseconds, frame;
    readonly double framesPerSecond, rate;

    public Stage(OscLooperClient client)
    {
        this.client = client;
        var clock = client.Call("/server/clock");
        (unixNanoseconds, frame, framesPerSecond) = (clock[0].Time.ToUnixNanoseconds(), clock[1].Whole, clock[2].Number);
        rate = client.Ask("/audio/rate")[0].Number;
    }

    /// <summary>Seconds of sound since the server started.</summary>
    public double Now => SecondsAt(DateTime.UtcNow);

    /// <summary>Waits for a place in the song; bars count from 0.</summary>
    public void WaitFor(double bar)
    {
        var left = bar * Song.BarSeconds - Now;
        if (left > 0) Thread.Sleep(TimeSpan.FromSeconds(left));
    }

    /// <summary>Sends messages that all act on the first frame of a bar, to the sample.</summary>
    public void SendAt(double bar, params OscMessage[] messages)
    {
        var seconds = (Math.Round(bar * Song.BarSeconds * rate) - frame) / framesPerSecond;
        client.Send(new OscBundle(OscTimeTag.FromUnixNanoseconds(unixNanoseconds + (long)Math.Round(seconds * 1e9)), messages));
    }

    /// <summary>The built-in synth plays these notes, each on its sample.</summary>
    public void Play(IEnumerable<Song.Note> notes)
    {
        foreach (var note in notes)
        {
            SendAt(note.Bar, new OscMessage("/synth/note", note.Key, note.Velocity, note.Channel));
            SendAt(note.EndBar, new OscMessage("/synth/note", note.Key, 0f, note.Channel));
        }
    }

    double SecondsAt(DateTime utc) =>
        frame / rate + ((utc - DateTime.UnixEpoch).Ticks * 100 - unixNanoseconds) / 1e9;
}
