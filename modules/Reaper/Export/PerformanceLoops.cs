using System.Diagnostics;
using System.Globalization;
using OscLooper.Reaper.Rpp;

namespace OscLooper.Reaper.Export;

/// <summary>[main] Keeps a performance's loops beside its log while it goes on, so that neither the server's end nor a crash makes the log worthless: after each change the looper saves into
/// loops-1, loops-2 ...; of the ones before only the layers stay that are no longer there. What the vault has already is linked, not written.</summary>
sealed class PerformanceLoops(Desk desk, string performance)
{
    /// <summary>Where the loops lie when the performance was ended, below its folder; while it goes on they lie in loops-NUMBER.</summary>
    public const string Name = "loops";

    // Without a vault every save writes all layers: it must not keep the disk busy.
    const int PauseForEachSecond = 10, PauseMilliseconds = 250, LongestPauseMilliseconds = 5_000, PatienceMilliseconds = 30_000;

    readonly Stopwatch clock = Stopwatch.StartNew();
    long begunAt, freeAt;
    int number;
    string? underWay;
    bool isStale;

    /// <summary>Something began to sound or was changed: the loops are saved soon.</summary>
    public void Changed()
    {
        isStale = true;
        Tick();
    }

    /// <summary>Goes on with what is to be done; called often.</summary>
    public void Tick()
    {
        var now = clock.ElapsedMilliseconds;
        if (underWay is not null)
        {
            if (!Directory.Exists(underWay))
            {
                if (now - begunAt < PatienceMilliseconds) return;
                (underWay, isStale) = (null, true);
            }
            else
            {
                underWay = null;
                freeAt = now + Math.Clamp((now - begunAt) * PauseForEachSecond, PauseMilliseconds, LongestPauseMilliseconds);
                Tidy();
            }
        }
        if (!isStale || now < freeAt) return;
        (isStale, begunAt) = (false, now);
        underWay = Path.Combine(performance, $"{Name}-{(++number).ToString(CultureInfo.InvariantCulture)}");
        desk.Send("/looper/save", underWay);
    }

    /// <summary>Removes on a worker what the youngest folder holds as well.</summary>
    public void Tidy() => desk.OnWorker(() => Tidy(performance), trouble =>
    {
        if (trouble is not null) desk.Log(LogLevel.Warning, $"older loops of the performance stay: {trouble.Message}");
    });

    /// <summary>The folders with a performance's loops, the youngest first; the others know layers that it no longer has.</summary>
    public static string[] Folders(string performance)
    {
        if (!Directory.Exists(performance)) return [];
        return [.. Directory.GetDirectories(performance, Name + "*").Where(f => NumberOf(f) > 0 && File.Exists(Path.Combine(f, LooperFolder.FileName))).OrderByDescending(NumberOf)];
    }

    static int NumberOf(string folder)
    {
        var name = Path.GetFileName(folder);
        if (name == Name) return int.MaxValue;
        return int.TryParse(name.AsSpan(Math.Min(name.Length, Name.Length + 1)), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
    }

    static void Tidy(string performance)
    {
        try
        {
            var kept = new HashSet<long>();
            foreach (var folder in Folders(performance))
            {
                var layers = Layers(folder).ToList();
                var isYoungest = kept.Count == 0;
                var isNeeded = isYoungest;
                foreach (var layer in layers)
                    if (isYoungest || !kept.Contains(layer.Tape)) isNeeded |= File.Exists(layer.Path);
                    else File.Delete(layer.Path);
                if (isNeeded) kept.UnionWith(layers.Where(l => File.Exists(l.Path)).Select(l => l.Tape));
                else Directory.Delete(folder, recursive: true);
            }
        }
        catch (RppError e) { throw new IOException(e.Message); }
    }

    static IEnumerable<LooperLayer> Layers(string folder) =>
        LooperFolder.Read(folder).Channels.SelectMany(c => c.Scenes).SelectMany(s => s.Others.Append(s.Now).OfType<LooperLayer>());
}
