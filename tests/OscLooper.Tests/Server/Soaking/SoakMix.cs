using OscLooper.Osc;

namespace OscLooper.Tests.Server.Soaking;

/// <summary>What an evening is made of, by a seed: loops are made and changed, scenes and channels come and go, notes are played, sessions are saved and loaded.</summary>
sealed class SoakMix(int seed, int channels)
{
    readonly Random random = new(seed);

    static readonly string[] Actions =
        ["record", "record", "record", "overdub", "overdub", "play", "stop", "pause", "trigger", "clear", "undo", "undo", "redo", "cancel", "next_scene", "prev_scene", "add_scene", "remove_scene"];

    string Channel => $"/looper/channel/{random.Next(1, channels + 1)}/";

    /// <summary>The next message.</summary>
    public OscMessage Next() => random.Next(100) switch
    {
        < 55 => new(Channel + Actions[random.Next(Actions.Length)]),
        < 58 => new("/looper/channel/*/" + Actions[random.Next(13)]),
        < 62 => new(Channel + "volume", (float)random.NextDouble()),
        < 64 => new(Channel + "rate", (float)Math.Round(random.NextDouble() * 4 - 2, 1)),
        < 65 => new(Channel + "rate", 1f),
        < 67 => new(Channel + "pan", (float)random.NextDouble() * 2 - 1),
        < 69 => new(Channel + (random.Next(2) == 0 ? "mute" : "solo"), random.Next(2)),
        < 71 => new(Channel + "feedback", (float)random.NextDouble()),
        < 73 => new(Channel + "quantize", Pick("off", "off", "beat", "bar", "cycle", "loop")),
        < 75 => new(Channel + "sync", Pick("none", "transport", "channel"), random.Next(1, channels + 1)),
        < 76 => new(Channel + "scene", random.Next(1, 4)),
        < 77 => new(Channel + "monitor", Pick("off", "auto", "on")),
        < 78 => new(Channel + "input", Pick("audio:in", "audio:in/1", "none")),
        < 79 => new(Channel + "output", Pick("audio:out", "audio:out/2", "none")),
        < 81 => new(Channel + "name", $"loop {random.Next(1000)}"),
        < 82 => new(Channel + "peaks", random.Next(1, 400)),
        < 83 => new(Channel + "save", $"loop-{random.Next(4)}.wav"),
        < 84 => new(Channel + "load", $"loop-{random.Next(4)}.wav"),
        < 89 => new("/synth/note", random.Next(40, 80), random.Next(2) * 90),
        < 94 => new("/bard/note", random.Next(40, 80), random.Next(2) * 90),
        < 95 => new("/transport/tempo", (double)random.Next(60, 200)),
        < 96 => new("/looper/tempo_from_loop", random.Next(1, channels + 1)),
        < 97 => new(Pick("/transport/play", "/transport/stop", "/server/panic")),
        < 98 => new("/bard/arp/on", random.Next(2)),
        < 99 => new("/looper/add_channel", Pick("audio", "midi"), random.Next(1, 3)),
        _ => new($"/looper/channel/{random.Next(channels + 1, channels + 40)}/{Pick("record", "remove", "play", "overdub")}"),
    };

    string Pick(params string[] some) => some[random.Next(some.Length)];

    /// <summary>True once in so many times.</summary>
    public bool Once(int in_) => random.Next(in_) == 0;

    public int Below(int most) => random.Next(most);
}
