using OscLooper.Server.Realtime;

namespace OscLooper.Server.Realm;

/// <summary>[main] Who plays, and connected how: turns changes into schedules, each change with its fade, and tells when it is over.</summary>
sealed class Stage(Server server)
{
    const long TellNanoseconds = 4_000_000;
    readonly List<ImpSlot> permanent = [];
    readonly List<Instance> playing = [], leaving = [];
    readonly List<(TaskCompletionSource Done, int Change)> waiting = [];
    int change, offered;
    long polled = -1;

    /// <summary>[main] The connections; call <see cref="Touch"/> after changing them.</summary>
    public Patch Patch { get; set; } = new();

    /// <summary>[main] Ways that were taken away and may still fade.</summary>
    public List<(string From, string To)> Fading { get; } = [];

    /// <summary>[main] Imps that were connected already: what is connected to them is now their player's affair.</summary>
    public HashSet<string> Known { get; } = [];

    /// <summary>[main] Nothing changes at present.</summary>
    public bool IsStill => waiting.Count == 0 && leaving.Count == 0 && offered == change;

    /// <summary>[main] Something is on its way of which the audio side does not say that it has arrived.</summary>
    public bool IsPolling => !IsStill || Fading.Count > 0;

    /// <summary>[main] An imp of the server's own, for ever.</summary>
    public void AddOwn(ImpSlot imp) => permanent.Add(imp);

    /// <summary>[main] An imp begins to play with the next schedule.</summary>
    public void Enter(Instance one)
    {
        leaving.Remove(one);
        playing.Add(one);
        one.IsOnStage = true;
        change++;
    }

    /// <summary>[main] An imp fades out with the next schedule; the task ends when it plays no more.</summary>
    public Task Exit(Instance one)
    {
        if (!playing.Remove(one)) return Task.CompletedTask;
        one.IsOnStage = false;
        leaving.Add(one);
        change++;
        return Settled();
    }

    /// <summary>[main] The connections have changed.</summary>
    public void Touch() => change++;

    /// <summary>[main] Ends when what was changed until now plays, all fades are over, and who left is gone.</summary>
    public Task Settled()
    {
        var done = new TaskCompletionSource();
        waiting.Add((done, change));
        return done.Task;
    }

    /// <summary>[main] Hands the present state over, when it has changed.</summary>
    public void Flush()
    {
        // While the audio side stands still, changes are gathered: they are one schedule when it goes on.
        if (offered == change || !server.Engine.HasRoom) return;
        offered = change;
        playing.Sort((a, b) => a.Slot.Slot.CompareTo(b.Slot.Slot));
        Connect();
        Event[] firsts = [.. playing.SelectMany(p => p.Firsts.All)];
        foreach (var one in playing) one.Firsts.Clear();
        server.Engine.Load([.. permanent, .. playing.Select(p => p.Slot)], Patch, [.. leaving.Select(l => l.Slot)], firsts);
    }

    // Whoever plays for the first time gets the usual connections.
    void Connect()
    {
        var all = All;
        var fresh = all.Select(i => i.Tree.Name).Concat(Ports).Where(Known.Add).ToHashSet();
        if (fresh.Count == 0) return;
        Patch.AddDefaults(fresh.Contains, all, server.Format);
        Patch.AddMidiDefaults(fresh.Contains, all, server.Engine.Midi);
    }

    /// <summary>[main] The patch is complete as it is: nobody who is there now gets the usual connections.</summary>
    public void KnowAll()
    {
        foreach (var name in All.Select(i => i.Tree.Name).Concat(Ports)) Known.Add(name);
    }

    ImpSlot[] All => [.. permanent, .. playing.Select(p => p.Slot)];

    IEnumerable<string> Ports => server.Engine.Midi.Inputs.ToArray().Select(p => p.Name).Concat(server.Engine.Midi.Outputs.ToArray().Select(p => p.Name)).Select(n => new NotePort(PortLane.Midi, n).ToString());

    /// <summary>[main] An imp is gone for good.</summary>
    public void Forget(string imp)
    {
        Known.Remove(imp);
        var inputs = Patch.NoteConnections.Where(c => c.From.Imp == PortLane.Midi && c.To.Imp == imp).Select(c => c.From).Distinct().ToArray();
        Patch.Forget(imp);
        // A keyboard that led only there is not left without a sound: it gets the usual connections again.
        foreach (var input in inputs)
            if (!Patch.NoteConnections.Any(c => c.From == input) && Known.Remove(input.ToString())) change++;
    }

    /// <summary>[main] Goes on with what waits; true when something moved.</summary>
    public bool Round()
    {
        var moved = offered != change;
        Flush();
        if (offered != change || waiting.Count == 0 && leaving.Count == 0 && Fading.Count == 0) return moved && offered == change;
        server.Engine.Collect();
        if (!server.Engine.IsSettled)
        {
            // A render stops exactly where the fade ends; live, main looks again about then.
            var frame = server.Engine.SettledFrame is var known and >= 0 ? known : server.Timing.Frame + server.Timing.Block;
            if (!(server.Timing.IsOffline && server.Engine.SettledFrame < 0) && frame > polled) server.Agenda.At(polled = frame, null);
            return moved;
        }
        if (leaving.Count > 0)
        {
            // Faded out: now without them.
            leaving.Clear();
            change++;
            Flush();
            return true;
        }
        Fading.Clear();
        if (!server.Engine.Collect()) return moved;
        return Tell() || moved;
    }

    // Who waits goes on at once, and may have much to do: of a hundred that were unloaded each takes its addresses away. So not all of them in one round.
    bool Tell()
    {
        var (over, begun) = (waiting.FindAll(w => w.Change <= offered), SampleClock.MonotonicNow);
        foreach (var one in over)
        {
            waiting.Remove(one);
            one.Done.SetResult();
            if (!server.Timing.IsOffline && SampleClock.MonotonicNow - begun > TellNanoseconds) break;
        }
        return over.Count > 0;
    }
}
