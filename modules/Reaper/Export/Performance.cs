using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using OscLooper.Reaper.Rpp;
using OscLooper.Reaper.Song;

namespace OscLooper.Reaper.Export;

/// <summary>A tape sounded on a channel from one frame to another; position is where in the loop it began, in frames.</summary>
readonly record struct Stretch(int Channel, int Scene, long Tape, long From, long To, double Position, double Rate, bool IsOpen);

/// <summary>A channel went to another scene.</summary>
readonly record struct SceneEntry(long Frame, int Channel, int Scene);

/// <summary>A recorded performance: what sounded from when to when, by frames, and the beats it lay on. Read from the lines that <see cref="PerformanceRecorder"/> writes.</summary>
sealed class Performance
{
    /// <summary>The log's name in its folder.</summary>
    public const string FileName = "performance.jsonl";
    const int MostLines = 2_000_000;

    readonly List<Stretch> stretches = [];
    readonly List<SceneEntry> scenes = [];
    readonly HashSet<(int, long)> heard = [], overdubs = [];
    readonly Dictionary<int, Stretch> open = [];
    readonly Dictionary<int, int> sceneOf = [];
    readonly List<GridPoint> points = [];
    long last, alive = long.MinValue;
    bool hasEnd;

    /// <summary>Frames in a second.</summary>
    public int Rate { get; private set; } = 48000;
    /// <summary>First frame of it.</summary>
    public long Start { get; private set; }
    /// <summary>First frame after it.</summary>
    public long End { get; private set; }
    /// <summary>The exact frame at which the project begins: the bar in which the performance began.</summary>
    public double Zero { get; private set; }
    /// <summary>Tempo and signature from the project's start, and how they changed.</summary>
    public GridTempo Tempo { get; private set; } = null!;
    /// <summary>What sounded, by channel and time.</summary>
    public IReadOnlyList<Stretch> Stretches => stretches;
    /// <summary>Which tapes were heard on which channel.</summary>
    public IReadOnlySet<(int Channel, long Tape)> Heard => heard;
    /// <summary>Where passes of overdubbing began.</summary>
    public IReadOnlySet<(int Channel, long Frame)> Overdubs => overdubs;
    /// <summary>Changes of scenes in time.</summary>
    public IReadOnlyList<SceneEntry> Scenes => scenes;

    /// <summary>Reads a log; one that breaks off (a crash) counts as far as it goes. Throws nothing but <see cref="RppError"/>.</summary>
    public static Performance Read(string path, long? end = null)
    {
        var performance = new Performance();
        var text = ProjectFiles.ReadText(path);
        var lines = text.Split('\n');
        if (lines.Length > MostLines) throw new RppError($"{Path.GetFileName(path)} has more than {MostLines} lines");
        for (var i = 0; i < lines.Length; i++)
        {
            if (string.IsNullOrWhiteSpace(lines[i])) continue;
            JObject line;
            try
            {
                using var reader = new JsonTextReader(new StringReader(lines[i])) { MaxDepth = 8, DateParseHandling = DateParseHandling.None };
                line = JObject.Load(reader);
            }
            catch (JsonException) when (i == lines.Length - 1) { break; }
            catch (JsonException e) { throw new RppError($"{Path.GetFileName(path)}, line {i + 1}: {e.Message}"); }
            if (i == 0 && LooperFolder.Number(line, "performance", 0, 1e6, 0) != 1) throw new RppError($"{Path.GetFileName(path)} is no performance");
            performance.Hear(line, i == 0);
        }
        if (performance.points.Count == 0) throw new RppError($"{Path.GetFileName(path)} does not say where its beats were");
        performance.Finish(end);
        return performance;
    }

    void Hear(JObject line, bool isFirst)
    {
        long Frame(string key = "frame") => (long)LooperFolder.Number(line, key, -1e15, 1e15, 0);
        if (isFirst)
        {
            Rate = (int)LooperFolder.Number(line, "rate", 8000, 384000, 48000);
            Start = last = Frame();
            return;
        }
        var channel = (int)LooperFolder.Number(line, "channel", 0, 100_000, 0);
        switch (LooperFolder.Text(line, "type"))
        {
            case "grid":
                points.Add(new(Frame(), LooperFolder.Number(line, "beat", -1e12, 1e12, 0), LooperFolder.Number(line, "tempo", 20, 400, 120),
                    (int)LooperFolder.Number(line, "beats", 1, 64, 4), (int)LooperFolder.Number(line, "unit", 1, 64, 4)));
                return;
            case "end":
                (End, hasEnd) = (Math.Max(Start, Frame()), true);
                return;
            case "state" when LooperFolder.Text(line, "state") == "overdubbing":
                overdubs.Add((channel, Frame()));
                return;
            // It went on that far, whatever came afterwards.
            case "alive" when !hasEnd:
                last = alive = Math.Max(last, Frame());
                return;
            case "sounding" when channel > 0 && !hasEnd:
                Sound(channel, line, Frame());
                return;
        }
    }

    void Sound(int channel, JObject line, long frame)
    {
        last = Math.Max(last, frame);
        var scene = (int)LooperFolder.Number(line, "scene", 1, 64, 1);
        if (sceneOf.TryGetValue(channel, out var before) && before != scene && frame >= Start) scenes.Add(new(frame, channel, scene));
        sceneOf[channel] = scene;
        if (open.Remove(channel, out var ended)) Keep(ended with { To = frame });
        var tape = (long)LooperFolder.Number(line, "tape", 0, 1L << 53, 0);
        if (tape == 0) return;
        var (position, rate) = (LooperFolder.Number(line, "position", 0, 1e15, 0), LooperFolder.Number(line, "rate", -4, 4, 1));
        // What sounded already when it began is taken up where it was then.
        open[channel] = frame >= Start ? new(channel, scene, tape, frame, 0, position, rate, false) : new(channel, scene, tape, Start, 0, position + (Start - frame) * rate, rate, false);
    }

    void Keep(Stretch stretch)
    {
        if (stretch.To > stretch.From && stretch.Rate != 0) stretches.Add(stretch);
    }

    void Finish(long? end)
    {
        if (end is { } known && !hasEnd) (End, hasEnd) = (Math.Max(Start, known), true);
        if (!hasEnd) End = last;
        // Nobody said where it ended: what began last is marked, and lasts a turn at least.
        foreach (var rest in open.Values) Keep(rest with { To = hasEnd ? End : Math.Max(End, rest.From + 1), IsOpen = !hasEnd && rest.From >= alive });
        stretches.RemoveAll(s => s.From >= End && !s.IsOpen);
        for (var i = 0; i < stretches.Count; i++)
            if (hasEnd && stretches[i].To > End) stretches[i] = stretches[i] with { To = End };
        scenes.RemoveAll(s => hasEnd && s.Frame >= End);
        heard.UnionWith(stretches.Select(s => (s.Channel, s.Tape)));
        stretches.Sort((a, b) => (a.Channel, a.From).CompareTo((b.Channel, b.From)));
        Tempo = GridTempo.Of(points, Start, End, Rate);
        Zero = Tempo.Zero;
    }
}
