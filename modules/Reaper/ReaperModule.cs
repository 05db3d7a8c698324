namespace OscLooper.Reaper;

/// <summary>[any] Songs and sessions as REAPER projects: the OSC face of this library. `osclooper reaper VERB ARG...` is the same on the command line.</summary>
[Module("reaper", "Writes, reads and renders REAPER projects.")]
public sealed class ReaperModule : Module
{
    readonly ReaperJobs jobs;

    /// <summary>[main] Declares what it offers.</summary>
    public ReaperModule(Branch at)
    {
        jobs = new ReaperJobs(at.Desk, at.Settings.SessionsFolder) { Performing = at.Setting("performance", Spec.Text, "Where the performance is recorded that is under way; empty when none is.", traits: Traits.ReadOnly) };
        var seed = (new Spec { Min = 0, Max = 1L << 53, Whole = true, Strict = true, Wide = true }).Named("seed").OrNothing();
        var seconds = Spec.Range(1, 86400, Render.ProjectRender.DefaultTimeout.TotalSeconds, "s").Named("timeout").OrNothing();
        at.Job("build", [Spec.Text.UpTo(Spec.LongestMessage).Named("song"), Spec.Path.Named("rpp"), seed],
            "Builds a project from a song: JSON, or the path of a file with it. With a seed the bytes are always the same. /done carries the path and the number of tracks; .warning and .error lines come before.", jobs.Build);
        at.Job("render", [Spec.Path.Named("rpp"), Spec.Path.Named("wav"), seconds],
            "Lets REAPER render a project into a sound file; the project itself is not changed.", jobs.Render);
        at.Job("export", [Spec.Path.Named("from_or_folder"), Spec.Path.Named("folder").OrNothing(), seed],
            "One path: writes this session into that folder as a project, with all scenes, and the performance when one was recorded since the start. Two: writes a saved session (by its name or its folder, in its youngest state), a recorded performance or a session in JSON into the second. A track for each channel, sound files copied beside. /done carries the project and the number of tracks.", jobs.Export);
        at.Job("performance_start", [Spec.Path.Named("folder").OrNothing()],
            "Writes down from now on what is heard of every loop, to the frame (performance.jsonl, as it comes). /done carries the folder; left out it is performance, and a name that is taken gets a number.", jobs.StartPerformance, Traits.Destroys);
        at.Job("performance_stop", [], "Ends it and saves the loops beside it: the folder can be exported at any time. /done carries the folder and the number of lines.", jobs.StopPerformance, Traits.Destroys);
        at.Job("import", [Spec.Path.Named("rpp"), Spec.Path.Named("song")],
            "Writes a project as a song in JSON; what a song cannot say is named in .warning lines. Plug-ins it did not know are learned.", jobs.Import);
        at.Job("learn", [Spec.Path.Named("rpp"), Spec.Text.Named("role").OrNothing()],
            "Learns plug-ins and their settings from a project, the settings as presets of the role. /done carries how many of each.", jobs.Learn);
        at.Job("plugins", [Spec.Text.Named("part").OrNothing()],
            "Lists the plug-ins that songs may name, those with that part in their key or name: /reaper/plugins.item key, name, how sure their ids are (certain or unsure). /done carries how many.", jobs.Plugins);
        at.Job("status", [], "/reaper/status.reply: where REAPER is (empty when it was not found), how many plug-ins are known, how many of them for certain.", jobs.Status);
    }

    /// <summary>[main] A performance that is being recorded ends here.</summary>
    public override void Dispose()
    {
        jobs.End();
        base.Dispose();
    }
}
