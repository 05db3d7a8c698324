using System.Globalization;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace OscLooper.Reaper.Export;

/// <summary>[main] Writes a performance down while it sounds: one line of JSON for each thing that changes, with its frame, brought to the disk as it comes.</summary>
sealed class PerformanceRecorder
{
    /// <summary>Every change counts, however fast they come.</summary>
    const double Always = 1e9;

    /// <summary>Where the performance's loops lie, below its folder.</summary>
    public const string Loops = "loops";

    readonly Desk desk;
    readonly string path;
    readonly List<IDisposable> watches = [];
    readonly Dictionary<string, object[]> values = [];
    readonly List<string> waiting = [];
    readonly List<Action> flushed = [];
    bool isWriting;

    /// <summary>Begins in a folder; the log itself must not be there yet.</summary>
    public PerformanceRecorder(Desk desk, string folder)
    {
        (this.desk, Folder, path) = (desk, folder, Path.Combine(folder, Performance.FileName));
        Say(new() { ["performance"] = 1, ["rate"] = Now(desk, "/audio/rate", 48000), ["frame"] = Now(desk, "/server/frame", 0), ["started"] = DateTime.UtcNow.ToString("O", CultureInfo.InvariantCulture) });
        // First what the others' lines refer to.
        Watch("/transport/signature", Remember);
        Watch("/looper/channel/*/{scene,rate}", Remember);
        Watch("/transport/grid", (_, v) => Say(new() { ["type"] = "grid", ["frame"] = Whole(v[0]), ["beat"] = Real(v[1]), ["tempo"] = Real(v[2]), ["beats"] = Last("/transport/signature", 0, 4), ["unit"] = Last("/transport/signature", 1, 4) }));
        Watch("/looper/channel/*/{sounding,state}", HearChannel);
    }

    /// <summary>Where it is written.</summary>
    public string Folder { get; }
    /// <summary>Lines so far.</summary>
    public int Lines { get; private set; }
    /// <summary>Why a line could not be written; null when all could.</summary>
    public string? Trouble { get; private set; }

    /// <summary>The value that a leaf has now.</summary>
    public static long Now(Desk desk, string address, long otherwise)
    {
        var now = otherwise;
        desk.Watch(address, (_, v) => now = Whole(v[0])).Dispose();
        return now;
    }

    /// <summary>From now on nothing is heard; the end is a frame that was named before.</summary>
    public void End(long frame)
    {
        foreach (var watch in watches) watch.Dispose();
        watches.Clear();
        Say(new() { ["type"] = "end", ["frame"] = frame });
    }

    /// <summary>Continues when all that was heard until now is on the disk.</summary>
    public void WhenWritten(Action then)
    {
        if (waiting.Count == 0 && !isWriting) then();
        else flushed.Add(then);
    }

    void Watch(string pattern, Action<string, object[]> heard) => watches.Add(desk.Watch(pattern, Always, heard));

    void Remember(string address, object[] value) => values[address] = value;

    void HearChannel(string address, object[] v)
    {
        var parts = address.Split('/');
        var number = int.Parse(parts[3], CultureInfo.InvariantCulture);
        var line = new JObject { ["type"] = parts[4], ["channel"] = number };
        if (parts[4] == "state") (line["state"], line["frame"]) = (Convert.ToString(v[0], CultureInfo.InvariantCulture), Whole(v[1]));
        else
        {
            line["frame"] = Whole(v[1]);
            line["scene"] = Last($"/looper/channel/{number}/scene", 0, 1);
            line["tape"] = Whole(v[0]);
            line["position"] = Real(v[2]);
            line["rate"] = values.TryGetValue($"/looper/channel/{number}/rate", out var rate) ? Real(rate[0]) : 1;
        }
        Say(line);
    }

    void Say(JObject line)
    {
        Lines++;
        waiting.Add(line.ToString(Formatting.None));
        Write();
    }

    // Lines that come while others are written wait for the next turn, so that their order stays.
    void Write()
    {
        if (isWriting) return;
        if (waiting.Count == 0)
        {
            var told = flushed.ToArray();
            flushed.Clear();
            foreach (var one in told) one();
            return;
        }
        isWriting = true;
        var text = string.Concat(waiting.Select(l => l + "\n"));
        waiting.Clear();
        desk.OnWorker(() =>
        {
            Directory.CreateDirectory(Folder);
            File.AppendAllText(path, text);
        }, trouble =>
        {
            isWriting = false;
            if (trouble is not null && Trouble is null) desk.Log(LogLevel.Error, $"the performance can no longer be written: {Trouble = trouble.Message}");
            Write();
        });
    }

    long Last(string address, int index, long otherwise) => values.TryGetValue(address, out var v) && index < v.Length ? Whole(v[index]) : otherwise;

    static long Whole(object value) => Convert.ToInt64(value, CultureInfo.InvariantCulture);

    static double Real(object value) => Convert.ToDouble(value, CultureInfo.InvariantCulture);
}
