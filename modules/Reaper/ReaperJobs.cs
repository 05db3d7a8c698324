using OscLooper.Reaper.Build;
using OscLooper.Reaper.Export;
using OscLooper.Reaper.Import;
using OscLooper.Reaper.Plugins;
using OscLooper.Reaper.Render;
using OscLooper.Reaper.Rpp;
using OscLooper.Reaper.Song;

namespace OscLooper.Reaper;

/// <summary>What the module's jobs do: arguments in, work on a worker, replies out.</summary>
sealed class ReaperJobs(Desk desk, string sessionsFolder = "")
{
    /// <summary>What the user taught the registry; in the first allowed folder.</summary>
    const string UserPlugins = "reaper-plugins.json";

    /// <summary>Replies of one kind that are sent at most; the rest is counted.</summary>
    const int MaxReplies = 100;

    /// <summary>Plug-ins that are listed at most.</summary>
    const int MaxPlugins = 1000;

    /// <summary>What the audio side said has come to main by then.</summary>
    const int LateMilliseconds = 50;

    readonly SemaphoreSlim rendering = new(1);
    PerformanceRecorder? performance;
    bool isPerforming;

    /// <summary>The setting that shows where a performance is recorded.</summary>
    public Errand Performing { get; init; }

    public void Build(JobCall call)
    {
        var text = call.Text(0);
        var isJson = text.AsSpan().TrimStart().StartsWith("{");
        var from = "";
        if (!isJson && !TryPath(call, 0, forWriting: false, out from) || !TryPath(call, 1, forWriting: true, out var to) || !isJson && !AreTwo(call, from, to)) return;
        BuiltProject? built = null;
        IReadOnlyList<string> missing = [];
        Work(call, () =>
        {
            var registry = Registry();
            var song = SongJson.Read(isJson ? text : ProjectFiles.ReadText(from), registry);
            built = SongBuilder.Build(song, registry, Seed(call, 2));
            ProjectFiles.Write(to, built.Document.Write);
            missing = Missing(song, Path.GetDirectoryName(to)!);
        }, () =>
        {
            Replies(call, ".warning", [.. built!.Warnings, .. missing]);
            call.Done(to, built.Tracks);
        });
    }

    // Paths of another system, and those that clients may not look at, are not judged.
    List<string> Missing(SongDefinition song, string folder) =>
        [.. song.AllTracks().SelectMany(t => t.Clips).Select(c => c.File).OfType<string>().Distinct()
            .Where(f => !f.AsSpan().ContainsAny(":\\\0") && desk.Resolve(Path.Combine(folder, f), forWriting: false, out _) is { } path && !File.Exists(path))
            .Select(f => $"the file {f} is not there (yet), REAPER will miss it")];

    public void Render(JobCall call)
    {
        if (!TryPath(call, 0, forWriting: false, out var project) || !TryPath(call, 1, forWriting: true, out var wav) || !AreTwo(call, project, wav)) return;
        if (!rendering.Wait(0))
        {
            call.Fail(Reason.Busy, "another render is under way");
            return;
        }
        Work(call, () =>
        {
            try
            {
                var program = ReaperProgram.Find(Environment.GetEnvironmentVariable(ReaperProgram.Variable), File.Exists);
                // How long it will get is not known: the share creeps towards 1 with the bytes written.
                ProjectRender.Run(project, wav, program, TimeSpan.FromSeconds(call.Number(2)), bytes => Progress(call, bytes / (bytes + 20e6)));
            }
            finally
            {
                rendering.Release();
            }
        }, () => call.Done(wav));
    }

    public void Export(JobCall call)
    {
        var isLive = call.Text(1).Length == 0;
        if (!TryPath(call, isLive ? 0 : 1, forWriting: true, out var folder)) return;
        if (isLive)
        {
            new LiveExport(desk, call, folder, performance, isPerforming, session => Export(call, session, folder, folder)).Begin((work, next) => Work(call, work, next));
            return;
        }
        var path = SessionFolder(call.Text(0)) ?? "";
        if (path.Length == 0 && !TryPath(call, 0, forWriting: false, out path)) return;
        (SessionModel Model, string Folder)? session = null;
        Work(call, () => session = SavedSession.Open(path), () => Export(call, session!.Value.Model, session.Value.Folder, folder));
    }

    // A plain word that is no file of the player's is the name of a session.
    string? SessionFolder(string name)
    {
        if (sessionsFolder.Length == 0 || name.Length == 0 || name[0] == '.' || name.AsSpan().ContainsAny("/\\:\0")) return null;
        if (desk.Resolve(name, forWriting: false, out _) is { } own && Path.Exists(own)) return null;
        var folder = Path.Combine(sessionsFolder, name);
        return Directory.Exists(folder) ? folder : null;
    }

    void Export(JobCall call, SessionModel session, string sessionFolder, string folder)
    {
        var (project, built) = ("", (BuiltProject?)null);
        Work(call, () =>
        {
            try { (project, built) = SessionExport.Write(session, sessionFolder, folder, Seed(call, 2), share => Progress(call, share)); }
            finally { LiveExport.Clean(folder); }
        }, () =>
        {
            Replies(call, ".warning", [.. session.Warnings, .. built!.Warnings]);
            call.Done(project, built.Tracks);
        });
    }

    public void StartPerformance(JobCall call)
    {
        if (isPerforming)
        {
            call.Fail(Reason.Busy, $"a performance is being recorded into {performance!.Folder}");
            return;
        }
        if (!TryPath(call, call.Text(0).Length == 0 ? "performance" : call.Text(0), forWriting: true, out var folder)) return;
        // A name that is taken gets a number: nobody wants a refusal on stage, or to lose yesterday's.
        var plain = folder;
        for (var n = 2; Path.Exists(folder); n++) folder = $"{plain}-{n}";
        (performance, isPerforming) = (new PerformanceRecorder(desk, folder), true);
        Show();
        performance.WhenWritten(() =>
        {
            if (performance.Trouble is null)
            {
                call.Done(folder);
                performance.Failed = why => call.FailLater(Reason.Failed, $"{folder}: {why}; what was written until then is whole");
            }
            else
            {
                performance.End(0);
                isPerforming = false;
                Show();
                call.Fail(Reason.Failed, performance.Trouble);
            }
        });
    }

    public void StopPerformance(JobCall call)
    {
        if (!isPerforming)
        {
            call.Fail(Reason.NotFound, "no performance is being recorded");
            return;
        }
        var (recorder, end) = (performance!, PerformanceRecorder.Now(desk, "/server/frame", 0));
        isPerforming = false;
        // What was heard up to this frame may still be on its way here.
        call.OnWorker(() => Thread.Sleep(LateMilliseconds), () =>
        {
            recorder.End(end);
            Show();
            LiveExport.SaveLoops(desk, call, Path.Combine(recorder.Folder, PerformanceLoops.Name), () => recorder.WhenWritten(() =>
            {
                recorder.Tidy();
                if (recorder.Trouble is { } trouble) call.Fail(Reason.Failed, trouble);
                else call.Done(recorder.Folder, recorder.Lines);
            }));
        });
    }

    /// <summary>The server ends: a performance under way ends with it.</summary>
    public void End()
    {
        if (isPerforming) performance!.Break();
    }

    void Show() => desk.Publish(Performing, -1, isPerforming ? performance!.Folder : "");

    public void Import(JobCall call)
    {
        if (!TryPath(call, 0, forWriting: false, out var from) || !TryPath(call, 1, forWriting: true, out var to) || !AreTwo(call, from, to)) return;
        ProjectImport? import = null;
        Work(call, () =>
        {
            import = ProjectImport.Read(ProjectFiles.ReadProject(from), Registry());
            Teach(import.NewPlugins);
            ProjectFiles.Write(to, output => output.Write(RppText.Utf8.GetBytes(SongJson.Write(import.Song))));
        }, () =>
        {
            Replies(call, ".warning", import!.Warnings);
            call.Done(to, import.Song.AllTracks().Count());
        });
    }

    public void Learn(JobCall call)
    {
        if (!TryPath(call, 0, forWriting: false, out var from)) return;
        PluginFile? learned = null;
        Work(call, () =>
        {
            learned = PluginLearner.Learn(ProjectFiles.ReadProject(from), Registry(), call.Text(1));
            Teach(learned);
        }, () =>
        {
            foreach (var entry in learned!.Entries.Values.Take(MaxReplies)) call.Reply(".item", entry.Key, entry.Name);
            call.Done(learned.Entries.Count, learned.Presets.Count);
        });
    }

    public void Plugins(JobCall call)
    {
        var found = new List<PluginEntry>();
        var part = Nearest.Plain(call.Text(0));
        Work(call, () =>
        {
            var registry = Registry();
            found.AddRange(registry.Keys.Select(k => registry.Find(k)!).Where(e => Nearest.Plain(e.Key).Contains(part) || Nearest.Plain(e.Name).Contains(part)).OrderBy(e => e.Key, StringComparer.OrdinalIgnoreCase).Take(MaxPlugins));
        }, () =>
        {
            foreach (var entry in found) call.Reply(".item", entry.Key, entry.Name, entry.Certain ? "certain" : "unsure");
            call.Done(found.Count);
        });
    }

    public void Status(JobCall call)
    {
        var (program, all, certain) = ("", 0, 0);
        Work(call, () =>
        {
            var registry = Registry();
            (all, certain) = (registry.Keys.Count(), registry.Keys.Count(k => registry.Find(k)!.Certain));
            try { program = ReaperProgram.Find(Environment.GetEnvironmentVariable(ReaperProgram.Variable), File.Exists); }
            catch (RppError) { program = ""; }
        }, () =>
        {
            call.Reply(".reply", program, all, certain);
            call.Done();
        });
    }

    PluginRegistry Registry() => PluginRegistry.Load(desk.Resolve(UserPlugins, forWriting: false, out _) is { } path ? [path] : []);

    void Teach(PluginFile learned)
    {
        if (learned.Entries.Count + learned.Presets.Count == 0) return;
        if (desk.Resolve(UserPlugins, forWriting: true, out var why) is not { } path) throw new RppError(why);
        var text = learned.ToJson(File.Exists(path) ? ProjectFiles.ReadText(path) : null);
        ProjectFiles.Write(path, output => output.Write(RppText.Utf8.GetBytes(text)));
    }

    /// <summary>Runs on a worker; the declared errors become .error lines and a /fail with what is wrong.</summary>
    static void Work(JobCall call, Action work, Action then)
    {
        IReadOnlyList<string>? wrong = null;
        call.OnWorker(() =>
        {
            try { work(); }
            catch (SongException e) { wrong = [.. e.Errors.Select(x => x.ToString())]; }
            catch (RppError e) { wrong = [e.Message]; }
        }, () =>
        {
            if (wrong is null)
            {
                then();
                return;
            }
            if (wrong.Count > 1) Replies(call, ".error", wrong);
            call.Fail(Reason.Failed, wrong.Count == 1 ? wrong[0] : $"{wrong.Count} errors; {string.Join("; ", wrong.Take(5))}");
        });
    }

    static void Replies(JobCall call, string suffix, IReadOnlyList<string> lines)
    {
        foreach (var line in lines.Take(MaxReplies)) call.Reply(suffix, line);
        if (lines.Count > MaxReplies) call.Reply(suffix, $"... and {lines.Count - MaxReplies} more");
    }

    void Progress(JobCall call, double share) => desk.Post(() => call.Progress(share));

    static long? Seed(JobCall call, int index) => call.Count > index ? (long)call.Number(index) : null;

    /// <summary>A slip of the hand must not write over what is read.</summary>
    static bool AreTwo(JobCall call, string from, string to)
    {
        if (!string.Equals(Path.GetFullPath(from), Path.GetFullPath(to), OperatingSystem.IsLinux() ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase)) return true;
        call.Fail(Reason.Refused, $"{Path.GetFileName(to)} would be written over what is read from it");
        return false;
    }

    bool TryPath(JobCall call, int index, bool forWriting, out string path) => TryPath(call, call.Text(index), forWriting, out path);

    bool TryPath(JobCall call, string name, bool forWriting, out string path)
    {
        path = desk.Resolve(name, forWriting, out var why) ?? "";
        if (path.Length > 0) return true;
        call.Fail(Reason.Refused, why);
        return false;
    }
}
