using System.Globalization;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using OscLooper.Dsp;
using OscLooper.Reaper.Rpp;

namespace OscLooper.Reaper.Export;

/// <summary>A layer of a loop as the looper saves it: its file, its length and how fast it ran. Frames are those of the session.</summary>
sealed record LooperLayer(string Path, long Tape, double Frames, double Period, double Rate);

/// <summary>A scene: what sounds in it, and the layers that undo and redo keep.</summary>
sealed record LooperScene(LooperLayer? Now, IReadOnlyList<LooperLayer> Others);

/// <summary>A channel of the looper.</summary>
sealed record LooperChannel(int Number, string Name, double Volume, double Pan, bool IsMute, bool IsSolo, IReadOnlyList<LooperScene> Scenes);

/// <summary>What /looper/save and sessions hold of the looper: looper.json and a file for each layer. Nothing in it is believed unchecked.</summary>
sealed class LooperFolder
{
    /// <summary>Its description.</summary>
    public const string FileName = "looper.json";
    const int Format = 1, MostDepth = 32;

    /// <summary>Frames in a second.</summary>
    public int Rate { get; private init; }
    /// <summary>Quarter notes in a minute when it was saved.</summary>
    public double Tempo { get; private init; }
    /// <summary>Channels by number.</summary>
    public IReadOnlyList<LooperChannel> Channels { get; private init; } = [];

    /// <summary>Reads the folder. Throws nothing but <see cref="RppError"/>.</summary>
    public static LooperFolder Read(string folder)
    {
        var json = Json(Path.Combine(folder, FileName));
        if (Number(json, "format", 0, 1e6, 0) != Format) throw new RppError($"{FileName} is of another kind");
        var rate = (int)Number(json, "rate", 8000, 384000, 48000);
        var channels = Items(json, "channels").Select(c => Channel(c, folder)).OfType<LooperChannel>().DistinctBy(c => c.Number).OrderBy(c => c.Number).ToList();
        return new() { Rate = rate, Tempo = 60 * rate / Number(json, "framesPerBeat", rate * 60 / 960.0, rate * 30, rate / 2.0), Channels = channels };
    }

    /// <summary>A file with one JSON object.</summary>
    public static JObject Json(string path)
    {
        try
        {
            using var reader = new JsonTextReader(new StringReader(ProjectFiles.ReadText(path))) { MaxDepth = MostDepth, DateParseHandling = DateParseHandling.None };
            return JObject.Load(reader);
        }
        catch (JsonException e) { throw new RppError($"{Path.GetFileName(path)}: {e.Message}"); }
    }

    static LooperChannel? Channel(JObject from, string folder)
    {
        var number = (int)Number(from, "number", 0, 100_000, 0);
        if (number < 1) return null;
        var scenes = Items(from, "scenes").Take(64).Select(s => new LooperScene(
            s["loop"] is JObject loop ? Layer(loop, folder) : null,
            [.. Items(s, "undo").Concat(Items(s, "redo")).Select(l => Layer(l, folder)).OfType<LooperLayer>()])).ToList();
        return new(number, Text(from, "name"), Number(from, "volume", 0, 4, 1), Number(from, "pan", -1, 1, 0), IsTrue(from, "mute"), IsTrue(from, "solo"), scenes);
    }

    static LooperLayer? Layer(JObject from, string folder)
    {
        var file = Text(from, "file");
        if (file.Length == 0) return null;
        if (Path.IsPathRooted(file) || file.Contains('\\') || file.Split('/').Any(p => p is "" or "." or "..")) throw new RppError($"{file} lies outside the session's folder");
        var frames = Number(from, "frames", 0, 1e12, 0);
        var period = Number(from, "period", 0, 1e12, frames);
        if (period < 1) return null;
        return new(Path.Combine(folder, file), (long)Number(from, "tape", 0, 1L << 53, 0), frames < 1 ? period : frames, period, Number(from, "rate", -4, 4, 1));
    }

    /// <summary>The objects of a list; none when it is not there.</summary>
    public static IEnumerable<JObject> Items(JObject from, string key) => (from[key] as JArray ?? []).OfType<JObject>();

    /// <summary>A text; empty when it is not there.</summary>
    public static string Text(JObject from, string key) => (from[key] as JValue)?.Value as string ?? "";

    /// <summary>A finite number, kept within its limits.</summary>
    public static double Number(JObject from, string key, double low, double high, double otherwise)
    {
        if (from[key] is not JValue { Type: JTokenType.Integer or JTokenType.Float } value) return otherwise;
        var number = Convert.ToDouble(value.Value is System.Numerics.BigInteger big ? (double)big : value.Value, CultureInfo.InvariantCulture);
        return double.IsFinite(number) ? Math.Clamp(number, low, high) : otherwise;
    }

    static bool IsTrue(JObject from, string key) => from[key] is JValue { Value: true };
}
