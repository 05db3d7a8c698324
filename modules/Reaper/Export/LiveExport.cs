using System.Globalization;

namespace OscLooper.Reaper.Export;

/// <summary>[main] The session that plays now as a model, by what any client may ask: /looper/save writes all scenes and layers into a folder, from which it is read.</summary>
sealed class LiveExport(Desk desk, JobCall call, string folder, PerformanceRecorder? performance, bool isRecording, Action<SessionModel> then)
{
    /// <summary>Where loops wait until they are copied to their place.</summary>
    const string Waiting = ".osclooper-export";

    const int StepMilliseconds = 20, PatienceMilliseconds = 120_000;

    readonly string waiting = Path.Combine(folder, Waiting);
    int[] signature = [4, 4];
    long end;

    /// <summary>Removes what an export left behind.</summary>
    public static void Clean(string folder)
    {
        var path = Path.Combine(folder, Waiting);
        if (Directory.Exists(path)) Directory.Delete(path, true);
    }

    /// <summary>Has all loops saved, waits, reads them, and goes on with the model.</summary>
    public void Begin(Action<Action, Action> work)
    {
        var channels = 0;
        desk.Watch("/looper/channel/*/scenes", (_, _) => channels++).Dispose();
        if (channels == 0)
        {
            call.Fail(Reason.NotFound, "there is no looper here, or it has no channel");
            return;
        }
        desk.Watch("/transport/signature", (_, v) => signature = [.. v.Select(n => Convert.ToInt32(n, CultureInfo.InvariantCulture))]).Dispose();
        end = PerformanceRecorder.Now(desk, "/server/frame", 0);
        work(() =>
        {
            Directory.CreateDirectory(folder);
            Clean(folder);
        }, () => SaveLoops(desk, call, waiting, () =>
        {
            if (performance is null) Read(work, null);
            else performance.WhenWritten(() => Read(work, Path.Combine(performance.Folder, Performance.FileName)));
        }));
    }

    void Read(Action<Action, Action> work, string? log)
    {
        SessionModel? session = null;
        work(() =>
        {
            string[] folders = performance is null ? [waiting] : [waiting, .. PerformanceLoops.Folders(performance.Folder)];
            session = SavedSession.Of(Path.GetFileName(folder.TrimEnd(Path.DirectorySeparatorChar)), folders, signature, log, isRecording ? end : null);
        }, () =>
        {
            if (session!.Channels.Count > 0) then(session);
            else call.OnWorker(() =>
            {
                Clean(folder);
                if (!Directory.EnumerateFileSystemEntries(folder).Any()) Directory.Delete(folder);
            }, () => call.Fail(Reason.NotFound, "no channel holds a loop"));
        });
    }

    /// <summary>Saves the looper into a new folder; continues when it is there.</summary>
    public static void SaveLoops(Desk desk, JobCall call, string into, Action then)
    {
        var isRefused = false;
        desk.Send("/looper/save", isSaved => isRefused = !isSaved, into);
        Wait(PatienceMilliseconds / StepMilliseconds);

        void Wait(int steps)
        {
            if (Directory.Exists(into)) then();
            else if (isRefused) call.Fail(Reason.Failed, $"the looper could not save its loops into {Path.GetFileName(into)}");
            else if (steps == 0) call.Fail(Reason.Failed, $"the loops could not be saved within {PatienceMilliseconds / 1000} s");
            else call.OnWorker(() => Thread.Sleep(StepMilliseconds), () => Wait(steps - 1));
        }
    }
}
