using System.Globalization;

namespace OscLooper.Reaper.Export;

/// <summary>The session that plays now as a model, by what any client may ask: the looper's values, and its loops saved into files. Only the active scene of a channel can be had this way.</summary>
sealed class LiveExport(Desk desk, JobCall call, string folder, Action<SessionModel> then)
{
    /// <summary>Where loops wait until they are copied to their place.</summary>
    const string Waiting = ".osclooper-export";

    /// <summary>How long values and files are waited for; a file that grows is waited on.</summary>
    const int ValuesMilliseconds = 150, StepMilliseconds = 50, PatienceMilliseconds = 60_000;

    readonly Dictionary<string, object[]> values = [];
    readonly List<IDisposable> watches = [];

    /// <summary>Removes what an export left behind.</summary>
    public static void Clean(string folder)
    {
        var path = Path.Combine(folder, Waiting);
        if (Directory.Exists(path)) Directory.Delete(path, true);
    }

    /// <summary>Asks, waits, saves, waits, and goes on with the model.</summary>
    public void Begin()
    {
        foreach (var pattern in new[] { "/looper/channel/*/{name,volume,pan,mute,frames,scene}", "/transport/{tempo,signature}", "/audio/rate" })
            watches.Add(desk.Watch(pattern, (address, value) => values[address] = value));
        After(ValuesMilliseconds, Save);
    }

    void Save()
    {
        foreach (var watch in watches) watch.Dispose();
        var (tempo, rate) = (Number("/transport/tempo", 0, 120), Number("/audio/rate", 0, 48000));
        var session = new SessionModel { Name = Path.GetFileName(folder.TrimEnd(Path.DirectorySeparatorChar)), Tempo = tempo, SampleRate = (int)rate };
        session.Signature = [(int)Number("/transport/signature", 0, 4), (int)Number("/transport/signature", 1, 4)];
        var files = new List<string>();
        foreach (var number in values.Keys.Where(a => a.EndsWith("/frames", StringComparison.Ordinal)).Select(a => int.Parse(a.Split('/')[3], CultureInfo.InvariantCulture)).Order())
        {
            var at = $"/looper/channel/{number}/";
            var frames = Number(at + "frames", 0, 0);
            if (frames < 1) continue;
            var channel = new SessionChannel
            {
                Number = number, Name = values.TryGetValue(at + "name", out var name) ? Convert.ToString(name[0], CultureInfo.InvariantCulture) ?? "" : "",
                Volume = Number(at + "volume", 0, 1), Pan = Number(at + "pan", 0, 0), Mute = Number(at + "mute", 0, 0) != 0,
            };
            channel.Loops.Add(new() { Scene = (int)Number(at + "scene", 0, 1), Beats = Beats(frames, rate, tempo), Seconds = frames / rate, File = $"{Waiting}/{number}.wav" });
            session.Channels.Add(channel);
            files.Add(Path.Combine(folder, Waiting, number + ".wav"));
        }
        if (files.Count == 0)
        {
            call.Fail(Reason.NotFound, "no channel holds a loop");
            return;
        }
        call.OnWorker(() =>
        {
            Clean(folder);
            Directory.CreateDirectory(Path.Combine(folder, Waiting));
        }, () =>
        {
            for (var i = 0; i < files.Count; i++) desk.Send($"/looper/channel/{session.Channels[i].Number}/save", files[i]);
            Wait(session, files, PatienceMilliseconds / StepMilliseconds);
        });
    }

    void Wait(SessionModel session, List<string> files, int steps)
    {
        var here = files.Count(File.Exists);
        call.Progress(0.5 * here / files.Count);
        if (here == files.Count) then(session);
        else if (steps == 0) call.Fail(Reason.Failed, $"{files.Count - here} loops could not be saved within {PatienceMilliseconds / 1000} s");
        else After(StepMilliseconds, () => Wait(session, files, steps - 1));
    }

    /// <summary>A length within two frames of a quarter of a beat is meant to be that.</summary>
    static double Beats(double frames, double rate, double tempo)
    {
        var beats = frames / rate * tempo / 60;
        var near = Math.Round(beats * 4) / 4;
        return near > 0 && Math.Abs(near - beats) * 60 / tempo * rate <= 2 ? near : beats;
    }

    void After(int milliseconds, Action next) => call.OnWorker(() => Thread.Sleep(milliseconds), next);

    double Number(string address, int index, double otherwise) =>
        values.TryGetValue(address, out var list) && index < list.Length && list[index] is { } value && value is not string ? Convert.ToDouble(value, CultureInfo.InvariantCulture) : otherwise;
}
