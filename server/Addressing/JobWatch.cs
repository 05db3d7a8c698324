using OscLooper.Server.Realm;
using OscLooper.Server.Realtime;

namespace OscLooper.Server.Addressing;

/// <summary>
/// [main] Every job answers: work that does not get on any more, and an audio side that does not reply, end in /fail after a while.
/// What computes, reads, writes or says how far it is may take as long as it takes.
/// </summary>
sealed class JobWatch(Server server)
{
    /// <summary>[main] So long a job may stand still.</summary>
    public const double JobSeconds = 10;
    const long LookNanoseconds = 250_000_000;
    readonly List<Call> late = [];
    long next;

    /// <summary>[main] Looks at all jobs, now and then. (Not in a render: there is nothing beside main that could stand still.)</summary>
    public void Look(IEnumerable<Client> clients)
    {
        var now = SampleClock.MonotonicNow;
        if (server.Timing.IsOffline || now < next) return;
        next = now + LookNanoseconds;
        server.Workers.Look();
        late.Clear();
        foreach (var client in clients)
            foreach (var call in client.Outstanding)
                if (call.StillSeconds(now) >= JobSeconds) late.Add(call);
        foreach (var call in late)
        {
            call.GiveUp();
            server.Log(LogLevel.Warning, $"{call.Address} needs more than {JobSeconds:0} s");
            call.Fail(Reason.Failed, call.IsWaitingForAudio ? $"it needs more than {JobSeconds:0} s: the audio side does not answer" : $"it needs more than {JobSeconds:0} s: its disk, or what else it waits for, does not answer");
        }
    }

    /// <summary>[main] The audio side stands still in somebody's code: whoever waits for it is told.</summary>
    public void AudioHangs(IEnumerable<Client> clients, string why)
    {
        foreach (var call in clients.SelectMany(c => c.Outstanding).Where(c => c.IsWaitingForAudio || c.NeedsAudio).ToList()) call.Fail(Reason.Failed, why);
    }
}
