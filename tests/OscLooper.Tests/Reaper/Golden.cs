using OscLooper.Reaper.Build;
using OscLooper.Reaper.Plugins;
using OscLooper.Reaper.Song;

namespace OscLooper.Tests.Reaper;

/// <summary>A song that uses nearly everything a song can say, and its project.</summary>
static class Golden
{
    public static readonly PluginRegistry Registry = PluginRegistry.Load();

    public const string Json = """
        {
          "version": 1,
          "meta": {
            "title": "Golden", "author": "OscLooper", "key": "A minor", "notes": "two\nlines", "tempo": 120, "signature": [4, 4], "sample_rate": 48000,
            "tempo_changes": [
              { "beat": 16, "tempo": 120, "shape": "linear" },
              { "beat": 24, "tempo": 90, "signature": [7, 8] }
            ]
          },
          "master": { "volume_db": -1, "plugins": ["ReaEQ", { "plugin": "ReaLimit", "name": "ceiling" }] },
          "tracks": [
            { "name": "Loops", "color": "#3366cc", "tracks": [
              { "name": "808 Bass", "role": "bass", "volume_db": 3, "pan": -0.25,
                "plugins": ["JS_Volume", { "plugin": "Pro-Q 3", "bypass": true }],
                "sends": [ { "to": "Reverb", "level": 0.05 } ],
                "clips": [ { "name": "loop A", "position": 0, "length": 4, "midi": {
                  "unit": "1/16",
                  "notes": [ { "pitch": "A1", "start": 0, "duration": 3, "velocity": 80 }, { "pitch": 33, "start": 8, "duration": 2, "channel": 2 }, { "pitch": 33, "start": 9, "duration": 0 } ],
                  "cc": [ { "time": 0, "controller": 11, "value": 50 } ],
                  "programs": [ { "time": 0, "program": 5 } ],
                  "bends": [ { "time": 4, "value": -8192 }, { "time": 5, "value": 8191 } ],
                  "pressures": [ { "time": 6, "value": 12 }, { "time": 6, "value": 13, "pitch": "C#2" } ],
                  "texts": [ { "time": 0, "kind": "lyric", "text": "la 'la' \"la\" `la`" } ]
                } } ] },
              { "name": "Gtr", "volume": 0.5, "mute": true, "sends": [ { "to": "Reverb", "level_db": -20, "mode": "pre_fader" } ],
                "clips": [ { "position": 5, "length": 3, "file": "Media/take.wav", "offset_seconds": 0.25, "fade_in_seconds": 0.01, "fade_out_seconds": 0.01, "loop": true, "rate": 0.5, "pitch": -12 } ] }
            ] },
            { "name": "Reverb", "plugins": [ { "plugin": "ReaVerbate", "state": ["AAAQAAAA"] } ], "clips": [ { "name": "just words", "position_seconds": 1.5, "length_seconds": 2 } ] }
          ],
          "markers": [ { "beat": 0, "name": "Start" }, { "beat": 24, "name": "odd \"bit\"", "color": "#ff0000" } ],
          "regions": [ { "beat": 0, "end": 16, "name": "Verse 1" } ],
          "render": { "format": "wav24", "bounds": "beats", "from": 0, "to": 16 }
        }
        """;

    public static SongDefinition Song() => SongJson.Read(Json, Registry);

    public static BuiltProject Build(long? seed = 1) => SongBuilder.Build(Song(), Registry, seed);
}
