using OscLooper.Osc;
using OscLooper.Server.Addressing;
using OscLooper.Server.Realtime;

namespace OscLooper.Server.Realm;

/// <summary>[main] The server's own addresses (addresses.md section 2). An imp like others, in slot 0, but it lives on the main side.</summary>
sealed class ServerModule : Module
{
    static readonly Spec Load = Spec.Range(0, 1e6, 0, "%");
    readonly Server server;
    readonly Branch at;
    readonly Parameter overruns, load, late, frame, uptime, unanswered;
    readonly Errand log, trace;
    readonly long started = SampleClock.MonotonicNow;
    int collections;
    double longestPause;

    public ServerModule(Branch at, Server server)
    {
        (this.server, this.at) = (server, at);
        at.Job("ping", [Spec.Rest], "Answers /server/pong with the same arguments.", Of(call => server.Postman.Repeat(call.Client, ServerMessages.Pong, call.Arguments)));
        at.Job("sync", [Spec.Count(int.MinValue, int.MaxValue).Named("number")],
            "Answers /server/synced with the number when everything this client sent before has taken effect on the audio side, jobs included.",
            call => server.Sync((Call)call));
        at.Job("clock", [], "Answers /server/clock.reply now frame frames_per_second: how wall time maps to frames.", Of(Clock));
        at.Job("subscribe", [Spec.Pattern, Spec.Range(0.1, 1000, Subscriptions.DefaultHz, "Hz").Named("max_hz").OrNothing(), Spec.Range(0, 1e9, 0, "s").Named("lease_s").OrNothing()],
            "Sends the value of every matching leaf now, then each change; numbers at most max_hz times a second. A lease of 0 s ends with the client.", Subscribe);
        at.Job("unsubscribe", [Spec.Pattern], "Ends what /server/subscribe began.", Unsubscribe);
        at.Job("status", [], "Answers /server/status.reply: version, audio, rate, block, load, overruns, late, frame, imps, audio side's bytes, UDP buffer and drops, longest pause.", Of(Status));
        at.Job("reply_port", [Spec.Count(1, 65535).Named("port")], "UDP: answers go to this port of the sender's host from now on.", ReplyPort);
        at.Job("quit", [], "Saves, answers /done (/fail when not all could be saved) and ends the server.", Quit, Traits.Destroys);
        var panic = at.Command("panic", "Every sounding note ends, every imp is silenced, nothing is lost.", Traits.CutsAll);
        overruns = at.Gauge("overruns", Spec.Count(0, int.MaxValue), "Blocks for which the engine needed longer than they last.");
        load = at.Gauge("load", Load, "The engine's own time as a share of the block, averaged over about a second.");
        late = at.Gauge("late", Spec.Count(0, int.MaxValue), "Events that came after their frame and acted at once.");
        frame = at.Gauge("frame", Spec.Frames, "First frame that has not been played yet.");
        uptime = at.Gauge("uptime", Spec.Range(0, 1e12, 0, "s"), "Seconds since the start.");
        unanswered = at.Gauge("unanswered", Spec.Frames with { Unit = "" }, "Messages that came in though only servers send them (/fail, /done, .reply ...): they are never answered.");
        log = at.Setting("log", Spec.Choice("debug", "info", "warning", "error"), "The quietest level of which subscribers get /server/log.line level text.");
        trace = at.Setting("trace", Spec.Switch(), "1 sends every message that comes in to subscribers: /server/trace.line from text.");
        PanicLeaf = panic.Leaf;
    }

    public int PanicLeaf { get; }
    public int LogLeaf => log.Leaf;
    public int TraceLeaf => trace.Leaf;
    public bool IsTracing => server.Space.ValueOf(TraceLeaf).A != 0;
    public LogLevel LogLevel => (LogLevel)(int)server.Space.ValueOf(LogLeaf).A;

    /// <summary>[main] Brings the numbers up to date. They lie in cells as everybody's do; here main writes them, because the audio side does not know them.</summary>
    public void Refresh(EngineStatus status, long now)
    {
        // How long a machine needs for a render is no part of what is rendered.
        var isOffline = server.Timing.IsOffline;
        overruns.Put(isOffline ? 0 : status.Overruns);
        load.Put(isOffline ? 0 : status.LoadPercent);
        late.Put(status.Late);
        frame.Put(status.Frame);
        unanswered.Put(server.Unanswered);
        uptime.Put((isOffline ? server.Timing.Now : now - started) / 1e9);
    }

    /// <summary>[main] Notes the longest pause of the garbage collector.</summary>
    public void LookAtGarbageCollector()
    {
        var count = GC.CollectionCount(0);
        if (count == collections) return;
        collections = count;
        foreach (var kind in (ReadOnlySpan<GCKind>)[GCKind.Ephemeral, GCKind.FullBlocking, GCKind.Background])
            foreach (var pause in GC.GetGCMemoryInfo(kind).PauseDurations)
                longestPause = Math.Max(longestPause, pause.TotalMilliseconds);
    }

    // Jobs that answer with a word of their own instead of /done.
    static Action<JobCall> Of(Action<Call> run) => job =>
    {
        var call = (Call)job;
        run(call);
        call.End();
    };

    void Clock(Call call)
    {
        // In a render the frames alone are time, counted from 1970, so that every run answers the same.
        if (server.Timing.IsOffline)
        {
            server.Postman.Say(call.Client, "/server/clock.reply", OscTimeTag.FromUnixNanoseconds(server.Timing.Now), server.Timing.Frame, (double)server.Engine.Format.Rate);
            return;
        }
        var clock = server.Engine.Clock;
        var now = clock.UnixNow;
        server.Postman.Say(call.Client, "/server/clock.reply", OscTimeTag.FromUnixNanoseconds(now), clock.FrameAt(now), clock.FramesPerSecond);
    }

    void Status(Call call)
    {
        LookAtGarbageCollector();
        var status = server.Engine.Status;
        var (buffer, drops) = server.UdpHealth();
        server.Postman.Say(call.Client, "/server/status.reply",
            typeof(ServerModule).Assembly.GetName().Version!.ToString(3), TextAt("/audio/backend", server.Options.Offline ? "offline" : "none"),
            (int)NumberAt("/audio/rate", server.Options.Rate), (int)NumberAt("/audio/block", server.Timing.Block),
            (float)status.LoadPercent, (int)status.Overruns, (int)status.Late, status.Frame, server.Imps.Count,
            status.AudioSideAllocatedBytes, buffer, drops, (float)longestPause);
    }

    void Subscribe(JobCall job)
    {
        var call = (Call)job;
        var pattern = call.Text(0);
        if (!pattern.StartsWith('/')) call.Fail(Reason.OutOfRange, "a pattern begins with /");
        else if (server.Subscriptions.Begin(call.Client, pattern, call.Number(1), call.Number(2)) is not { } begun)
            call.Fail(Reason.Refused, $"more than {Subscriptions.MostPerClient} subscriptions, or {Subscriptions.MostWatched} leaves in them");
        else call.Done(pattern, begun.Count);
    }

    void Unsubscribe(JobCall job)
    {
        var call = (Call)job;
        if (server.Subscriptions.End(call.Client, call.Text(0)) == 0) call.Fail(Reason.NotFound, "no subscription with this pattern");
        else call.Done(call.Text(0));
    }

    void ReplyPort(JobCall job)
    {
        var call = (Call)job;
        var port = (int)call.Number(0);
        if (call.Client.RedirectReplies(port)) call.Done(port);
        else call.Fail(Reason.Refused, "only UDP has a reply port");
    }

    void Quit(JobCall call)
    {
        if (!server.Vault.IsOpen)
        {
            call.Done();
            server.Quit();
            return;
        }
        server.AskForEnd();
        server.Vault.SaveLast(saved =>
        {
            foreach (var warning in saved.Warnings) call.Reply(".warning", warning);
            if (saved.Why is null) call.Done();
            else call.Fail(Reason.Failed, $"not all is saved: {saved.Why}; the server ends");
            server.Quit();
        });
        // What does not end in time is told by the end itself; whoever asked has an answer before.
        server.QuitLater(call);
    }

    string TextAt(string address, string otherwise) => server.Space.TryFind(address, out var leaf) && leaf.Text.Length > 0 ? leaf.Text : otherwise;

    double NumberAt(string address, double otherwise) => server.Space.TryFind(address, out var leaf) && leaf.Value.A > 0 ? leaf.Value.A : otherwise;
}
