using System.Globalization;
using OscLooper.Client;
using OscLooper.Demo;
using OscLooper.Dsp;
using OscLooper.Osc;

// The demo: a server is fed by a line of music made here, and played by real OSC messages, as a player would do.
if (args is not [var program]) return Tell("usage: OscLooper.Demo SERVER_PROGRAM", 2);
var scratch = Directory.CreateTempSubdirectory("osclooper-demo-").FullName;
try
{
    return Play(program);
}
catch (Exception e) when (e is OscUnreachableException or OscFailException or TimeoutException or InvalidOperationException or IOException or SoundFileException)
{
    return Tell($"the demo has failed: {e.Message}", 1);
}
finally
{
    Directory.Delete(scratch, recursive: true);
}

int Play(string program)
{
    var input = Path.Combine(scratch, "input.wav");
    var (sound, picture) = (Path.GetFullPath("demo.wav"), Path.GetFullPath("demo.png"));
    Song.Write(input);
    Say(0, "A few bars of guitar have been made: they stand in for you, the player.");

    using var server = new ServerProcess(program, "serve", "--osc-port", "-1", "--vault", "none", "--input", input, "--folder", Environment.CurrentDirectory, "--channels", "2", "--modules", "looper,synth");
    using var client = OscLooperClient.Connect("127.0.0.1", server.Port);
    using var quit = new Farewell(client);
    client.Heard = message => { if (message.Address == "/fail") Tell(message.ToString(), 0); };
    Say(0, $"A server plays on UDP port {server.Port} ({server.Audio}). From here on everything is OSC:");

    // What the synth plays goes into the loops, and is heard through them.
    for (var lane = 1; lane <= 2; lane++)
    {
        client.Call("/realm/connect", $"synth:out/{lane}", $"looper:in/{lane}");
        client.Call("/realm/disconnect", $"synth:out/{lane}", $"audio:out/{lane}");
    }

    // The song's grid: beat 0 was the server's first frame.
    var stage = new Stage(client);
    var markers = new List<WaveformMarker>();
    const double GridBar = 0.5;
    stage.SendAt(GridBar, new("/transport/tempo", Song.BeatsPerMinute), new("/transport/locate", GridBar * 4));
    client.Call("/audio/record", sound);
    var recordedFrom = stage.Now;
    foreach (var (leaf, value) in (ReadOnlySpan<(string, OscValue)>)[("quantize", "bar"), ("monitor", "auto")]) Send($"/looper/channel/1/{leaf}", value);
    Send("/looper/channel/2/quantize", "bar");
    Send("/looper/channel/2/volume", 0.9f);
    stage.WaitFor(GridBar + 0.15);
    if (stage.Now > Song.PhraseBar * Song.BarSeconds - 0.1) return Tell("this machine is too busy for the demo just now", 1);

    stage.Play(Song.Bells());
    Step(Song.PhraseBar, "guitar", "channel 1 records from the next bar on", "/looper/channel/1/record");
    Step(Song.BellsBar, "+ synth", "... its two bars loop, and the built-in synth is dubbed over them", "/looper/channel/1/overdub");
    stage.Play(Song.Drums());
    // Channel 2 listens from now on; channel 1 falls silent by itself when it loops.
    stage.SendAt(Song.DrumsBar, new OscMessage("/looper/channel/2/monitor", "auto"));
    Send("/looper/channel/2/record", 1, at: Song.DrumsBar - 0.6);
    Step(Song.DrumsBar, "drums", "the melody is in; channel 2 records the synth's drum kit", "/looper/channel/1/overdub");
    stage.WaitFor(Song.DrumsBar + 0.5);
    client.Call("/looper/channel/1/add_scene");
    Send("/looper/channel/2/play", 1, at: Song.SecondBar - 0.6);
    stage.SendAt(Song.SecondBar, new("/looper/channel/1/quantize", "off"), new("/looper/channel/1/next_scene"), new("/looper/channel/1/record"));
    Step(Song.SecondBar, "scene 2", "the drums loop; channel 1 enters a new scene and records other chords, by a bundle stamped for that very sample");
    stage.SendAt(Song.LoopBar, new("/looper/channel/1/play"), new OscMessage("/looper/channel/1/quantize", "bar"));
    Step(Song.LoopBar, "loop 2", "scene 2 loops");
    Step(Song.BackBar, "scene 1", "and back to scene 1: it has kept its phase", "/looper/channel/1/prev_scene");
    stage.WaitFor(Song.EndBar);

    var length = client.Call("/audio/record_stop")[^1].Number;
    Say(Song.EndBar, "That was all. The server saves and ends.");
    Waveform.Draw(sound, picture, "OscLooper demo", markers);
    Tell($"demo.wav ({length.ToString("0.0", CultureInfo.InvariantCulture)} s) and its picture demo.png are in {Environment.CurrentDirectory}{(server.Audio == "none" ? "; no audio device was there to hear it" : "")}", 0);
    return 0;

    void Send(string address, OscValue value, double at = 0)
    {
        stage.WaitFor(at);
        client.Send(address, value);
    }

    // Says what the next bar brings, sends it a little before, and marks the bar in the picture.
    void Step(int bar, string label, string what, string? address = null)
    {
        stage.WaitFor(bar - 0.5);
        Say(bar, $"{what}{(address is null ? "" : $"    {address}")}");
        if (address is not null) client.Send(address);
        markers.Add(new(bar * Song.BarSeconds - recordedFrom, label));
        stage.WaitFor(bar);
    }
}

static void Say(int bar, string what) => Console.WriteLine($"{(bar == 0 ? "      " : $"bar {bar,2}")}  {what}");

static int Tell(string what, int exitCode)
{
    (exitCode == 0 ? Console.Out : Console.Error).WriteLine(what);
    return exitCode;
}
