using System.Globalization;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace OscLooper.Reaper.Export;

/// <summary>[main] Writes a performance down while it sounds: one line of JSON for each thing that changes, with its frame, brought to the disk as it comes.</summary>
sealed class PerformanceRecorder
{
    /// <summary>Every change counts, however fast they come.</summary>
    const double Always = 1e9;

    /// <summary>How often it is looked where the performance is, and how often that is written down: a server that dies takes no more with it.</summary>
    const double LookHertz = 20, AliveSeconds = 1;

    readonly Desk desk;
    readonly string path;
    readonly List<IDisposable> watches = [];
    readonly Dictionary<string, object[]> values = [];
    readonly List<string> waiting = [];
    readonly List<Action> flushed = [];
    readonly PerformanceLoops loops;
    readonly Lock writing = new();
    readonly long rate;
    long frame, aliveFrame;
    string? inHand;
    bool isWriting, hasEnded;

    /// <summary>Begins in a folder; the log itself must not be there yet.</summary>
    public PerformanceRecorder(Desk desk, string folder)
    {
        (this.desk, Folder, path, loops) = (desk, folder, Path.Combine(folder, Performance.FileName), new PerformanceLoops(desk, folder));
        (rate, frame) = (Now(desk, "/audio/rate", 48000), Now(desk, "/server/frame", 0));
        aliveFrame = frame;
        Say(new() { ["performance"] = 1, ["rate"] = rate, ["frame"] = frame, ["started"] = DateTime.UtcNow.ToString("O", CultureInfo.InvariantCulture) });
        // First what the others' lines refer to.
        Watch("/transport/signature", Remember);
        Watch("/looper/channel/*/{scene,rate}", Remember);
        Watch("/transport/grid", (_, v) => Say(new() { ["type"] = "grid", ["frame"] = Whole(v[0]), ["beat"] = Real(v[1]), ["tempo"] = Real(v[2]), ["beats"] = Last("/transport/signature", 0, 4), ["unit"] = Last("/transport/signature", 1, 4) }));
        Watch("/looper/channel/*/{sounding,state}", HearChannel);
        watches.Add(desk.Watch("/server/frame", LookHertz, (_, v) => Look(Whole(v[0]))));
    }

    /// <summary>Where it is written.</summary>
    public string Folder { get; }
    /// <summary>Lines so far.</summary>
    public int Lines { get; private set; }
    /// <summary>Why a line could not be written; null when all could.</summary>
    public string? Trouble { get; private set; }

    /// <summary>Told once, when the first line cannot be written.</summary>
    public Action<string>? Failed { get; set; }

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
        hasEnded = true;
        Say(new() { ["type"] = "end", ["frame"] = frame });
    }

    /// <summary>[any] The server ends now: what is not written yet is, with the last frame that was seen as the end. The loops lie beside it already.</summary>
    public void Break()
    {
        if (hasEnded) return;
        hasEnded = true;
        lock (waiting) waiting.Add(new JObject { ["type"] = "end", ["frame"] = frame }.ToString(Formatting.None));
        try
        {
            Append();
            TakeUp();
            Append();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { desk.Log(LogLevel.Error, $"the end of the performance could not be written: {e.Message}"); }
    }

    void Look(long now)
    {
        if (hasEnded) return;
        frame = now;
        loops.Tick();
        if (now - aliveFrame < AliveSeconds * rate) return;
        aliveFrame = now;
        Say(new() { ["type"] = "alive", ["frame"] = now });
    }

    /// <summary>The loops were saved as they stood at the end: what was saved on the way is needed for older layers only.</summary>
    public void Tidy() => loops.Tidy();

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
        loops.Changed();
    }

    void Say(JObject line)
    {
        Lines++;
        lock (waiting) waiting.Add(line.ToString(Formatting.None));
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
        TakeUp();
        desk.OnWorker(Append, trouble =>
        {
            isWriting = false;
            if (trouble is not null && Trouble is null)
            {
                desk.ReportLoss($"the performance in {Folder} can no longer be written: {Trouble = trouble.Message}");
                Failed?.Invoke(Trouble);
            }
            Write();
        });
    }

    void TakeUp()
    {
        lock (waiting)
        {
            Volatile.Write(ref inHand, string.Concat(waiting.Select(l => l + "\n")));
            waiting.Clear();
        }
    }

    // A worker that does not come to it any more has this done by Break.
    void Append()
    {
        lock (writing)
        {
            if (Interlocked.Exchange(ref inHand, null) is not { } text) return;
            Directory.CreateDirectory(Folder);
            using var file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read, 0);
            var whole = file.Length;
            try
            {
                file.Write(System.Text.Encoding.UTF8.GetBytes(text));
            }
            catch (IOException)
            {
                // Half a line would spoil the next one.
                file.SetLength(whole);
                throw;
            }
        }
    }

    long Last(string address, int index, long otherwise) => values.TryGetValue(address, out var v) && index < v.Length ? Whole(v[index]) : otherwise;

    static long Whole(object value) => Convert.ToInt64(value, CultureInfo.InvariantCulture);

    static double Real(object value) => Convert.ToDouble(value, CultureInfo.InvariantCulture);
}
