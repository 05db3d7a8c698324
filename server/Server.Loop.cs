using OscLooper.Server.Addressing;
using OscLooper.Server.Files;
using OscLooper.Server.Network;
using OscLooper.Server.Realm;
using OscLooper.Server.Realtime;

namespace OscLooper.Server;

// The main loop, live and in a render.
public sealed partial class Server
{
    const int TurnMessages = 64, RoundMessages = 256, RoundTries = 40_000, FewPackets = 8;
    // What one client asks for may cost much (a channel is a millisecond): a turn ends, too, when it has taken so long; so does what came back.
    const long RoundNanoseconds = 4_000_000, TurnNanoseconds = 2_000_000;
    // Main sleeps until something comes or is due; the longest sleep is how late it may notice what nobody tells it (the wall clock, a collection).
    const int LongestMilliseconds = 500, LookMilliseconds = 100, StageMilliseconds = 5;
    readonly List<Client> waiting = [];
    BackgroundThread? background;
    bool quit;
    readonly GarbageKeeper garbage = new(new GarbageKeeper.Meter());
    readonly long[] badInputTold;
    long nextLook, compiledTold, rounds;
    int turn;

    /// <summary>[main] The main loop: sockets, the audio side, workers; returns after /server/quit or when asked to end.</summary>
    public void Run(CancellationToken end)
    {
        endOfRun = end;
        using var wake = end.Register(AskForEnd);
        watch ??= new HangWatch(this);
        background = StartBackground();
        Workers.Run(() => LeftBehind.Remove(Path.GetTempPath(), "/dev/shm"), _ => { });
        Workers.Run(() => LeftRecordings.Rescue(Folders, line => Workers.Post(() => Log(LogLevel.Warning, line))), _ => { });
        BeMain(() => { });
        mainIsOver.Wait(CancellationToken.None);
        MainThread = Environment.CurrentManagedThreadId;
        mainTrouble?.Throw();
        WaitForSlow();
        if (IsHanging) LastResort?.Invoke(WhatIsLeft());
        background.End(1000);
    }

    void GoRound()
    {
        while (!quit && !endOfRun.IsCancellationRequested)
        {
            Round();
            if (!quit) Wait();
        }
        Round();
    }

    void Finish()
    {
        AskForEnd();
        Vault.SaveAtEnd(Round);
        // What workers have found until now is said, too.
        Workers.Pump(RoundNanoseconds);
    }

    // The modules' work behind the scenes has threads of their own in the realm; what the server's own parts do shares one.
    BackgroundThread StartBackground()
    {
        var thread = new BackgroundThread("background", imps.Take(OwnImps), trouble =>
        {
            Workers.Post(() => Log(LogLevel.Error, trouble.ToString()));
            return true;
        });
        thread.Start();
        return thread;
    }

    /// <summary>[any] How often the server's own parts have worked behind the scenes.</summary>
    internal long BackgroundCalls => background?.Calls ?? 0;

    /// <summary>[any] How often main has looked for what there is to do.</summary>
    public long Rounds => Volatile.Read(ref rounds);

    /// <summary>[any] Which thread is main at present.</summary>
    internal int MainThread { get; private set; } = Environment.CurrentManagedThreadId;

    /// <summary>[main] One round without waiting.</summary>
    public void Pump() => Round();

    /// <summary>[main] Rounds until then, waiting in between.</summary>
    internal void PumpUntil(Func<bool> isOver)
    {
        for (Round(); !isOver(); Round()) Engine.Wake.Wait(Math.Min(LookMilliseconds, MillisecondsToNext()));
    }

    /// <summary>[main] Asks the main loop to end.</summary>
    internal void Quit() => quit = true;

    /// <summary>[main] True after /server/quit.</summary>
    public bool HasQuit => quit;

    /// <summary>[main] A render: everything that can happen at this frame happens now; jobs and workers are awaited.</summary>
    public void Settle()
    {
        MainThread = Environment.CurrentManagedThreadId;
        // Two rounds in which nothing moves: the second gives what the background has just made ready a chance to be taken.
        for (var (still, rounds) = (0, 0); still < 2 && rounds < 100_000; rounds++)
        {
            var moved = Agenda.RunDue(Engine.Status.Frame);
            Gate.Flush();
            moved |= Engine.Inbox.Count > 0;
            ProcessNothing();
            Work();
            moved |= Hear();
            moved |= Workers.Pump() || Workers.Running > 0;
            moved |= Realm.Round();
            moved |= !Gate.IsClear;
            still = moved ? 0 : still + 1;
        }
        WatchSound();
        Vault.Tick();
        Subscriptions.Tick();
        Postman.Flush();
    }

    // What the audio side counts and cannot say itself.
    void WatchSound()
    {
        for (var lane = 0; lane < Format.Inputs; lane++)
        {
            // The first, and then each time that there are twice as many: a device that sends nothing else does not fill the log.
            var bad = Engine.Status.BadInputSamples(lane);
            if (bad < badInputTold[lane]) continue;
            if (bad > 0) Log(LogLevel.Warning, $"audio:in/{lane + 1}: {bad} samples are no sound (not a number, or beyond +80 dB) and were taken for silence");
            badInputTold[lane] = Math.Max(1, 2 * bad);
        }
        var compiled = Engine.Status.AudioSideCompiledMethods;
        if (!Engine.IsWarm || compiled == compiledTold) return;
        // It costs a block its time; who does it with every note is found by when this is said.
        Log(LogLevel.Warning, $"{compiled - compiledTold} methods were compiled while they played: a module calls what cannot be found from its Process and Handle");
        compiledTold = compiled;
    }

    unsafe void ProcessNothing() => Engine.Render(null, null, 0);

    void Round()
    {
        Volatile.Write(ref rounds, rounds + 1);
        MainThread = Environment.CurrentManagedThreadId;
        Engine.Wake.Reset();
        network?.Receive();
        Hear();
        Gate.Flush();
        Serve();
        Agenda.RunDue(Engine.Status.Frame);
        Workers.Pump(RoundNanoseconds);
        Realm.Round();
        LookAround();
        Subscriptions.Tick();
        Postman.Flush();
    }

    // What may be looked at now and then.
    void LookAround()
    {
        var now = SampleClock.MonotonicNow;
        if (now < nextLook) return;
        nextLook = now + (Vault.IsDirty ? 250_000_000 : 490_000_000);
        if (Engine.Clock.WatchWallClock()) Log(LogLevel.Warning, "the wall clock was set: time tags are read by the new time");
        own.LookAtGarbageCollector();
        WatchSound();
        garbage.Look(now / 1e9, mayCompact: audio.IsSilent);
        Engine.Collect();
        Vault.Tick();
        jobWatch.Look(clients.Values);
        LookAtQuitting();
    }

    /// <summary>[main] A packet of a client waits for its turn; false when the client has too many.</summary>
    internal bool Enqueue(Client client, ReadOnlySpan<byte> packet, long receivedUnixNanoseconds)
    {
        if (!client.Queue.TryWrite(packet, receivedUnixNanoseconds)) return false;
        if (client.IsListed) return true;
        client.IsListed = true;
        waiting.Add(client);
        return true;
    }

    // Everyone in turn, so that one client's flood does not keep the others waiting.
    void Serve()
    {
        // Who has little to say is answered first, whatever the others have piled up.
        // Packets do not cost alike (one may ask for thousands of values), so that time counts: half of it for those who came last, half for those
        // who have waited longest. A burst of newcomers then neither keeps others waiting nor waits itself.
        var begun = SampleClock.MonotonicNow;
        for (var i = waiting.Count - 1; i >= 0 && SampleClock.MonotonicNow - begun < RoundNanoseconds / 2; i--)
            if (waiting[i].Queue.Count <= FewPackets) ServeAt(i);
        for (var i = 0; i < waiting.Count && SampleClock.MonotonicNow - begun < RoundNanoseconds;)
            if (waiting[i].Queue.Count > FewPackets || !ServeAt(i)) i++;

        // The others in turn, then the sockets are read again; who was not served now is first the next time.
        var (endOfMessages, endOfTries) = (dispatcher.Messages + RoundMessages, Space.PatternTries + RoundTries);
        for (var left = waiting.Count * RoundMessages / TurnMessages; left > 0 && waiting.Count > 0; left--)
        {
            if (dispatcher.Messages >= endOfMessages || Space.PatternTries >= endOfTries || SampleClock.MonotonicNow - begun > 2 * RoundNanoseconds) return;
            if (turn >= waiting.Count) turn = 0;
            if (!ServeAt(turn)) turn++;
        }
    }

    // True when the client has nothing more to say.
    bool ServeAt(int place)
    {
        var client = waiting[place];
        Serve(client);
        if (client.Queue.Count > 0 && !client.IsGone) return false;
        client.IsListed = false;
        waiting.RemoveAt(place);
        if (place < turn) turn--;
        return true;
    }

    void Serve(Client client)
    {
        var last = dispatcher.Messages + TurnMessages;
        dispatcher.BeginTurn();
        for (var begun = SampleClock.MonotonicNow; dispatcher.Messages < last && SampleClock.MonotonicNow - begun < TurnNanoseconds && !dispatcher.IsTurnOver && (!client.IsReliable || Gate.IsClear);)
        {
            if (!client.Queue.TryPeek(out var packet, out var received)) return;
            var meant = dispatcher.Messages - dispatcher.Unanswered;
            client.BeginPacket();
            served = client;
            dispatcher.Packet(client, packet, received);
            served = null;
            if (client.LongestLease > 0 && dispatcher.Messages - dispatcher.Unanswered > meant) client.LastAsked = SampleClock.MonotonicNow;
            client.Queue.Drop();
        }
    }

    // True when a round now would get on with something.
    bool HasWork()
    {
        if (hasMoreToHear || Workers.IsBehind) return true;
        foreach (var client in waiting)
            if (!client.IsReliable || Gate.IsClear) return true;
        return false;
    }

    void Wait()
    {
        var milliseconds = HasWork() ? 0 : MillisecondsToNext();
        if (network is not null) network.Wait(milliseconds);
        else if (milliseconds > 0) Engine.Wake.Wait(milliseconds);
    }

    int MillisecondsToNext()
    {
        var due = Math.Min(Subscriptions.NextDue, Realm.NextDue);
        var until = due == long.MaxValue ? LongestMilliseconds : (int)Math.Clamp((due - Timing.Now + 999_999) / 1_000_000, 0, LongestMilliseconds);
        if (Postman.IsHoldingBack || network is { IsWatchingClock: true }) until = Math.Min(until, LookMilliseconds);
        if (Realm.Stage.IsPolling) until = Math.Min(until, StageMilliseconds);
        if (!Gate.IsClear) until = Math.Min(until, 1);
        if (Agenda.Next != long.MaxValue)
        {
            var frames = Agenda.Next - Engine.Status.Frame;
            until = (int)Math.Clamp(frames * 1000 / options.Rate, Math.Min(1, until), until);
        }
        return until;
    }

    // In a render, what modules do behind the scenes is done between two blocks.
    void Work()
    {
        foreach (var imp in imps.ToArray())
        {
            if (imp.Module is not IBackground module) continue;
            try
            {
                module.Work();
            }
            catch (Exception trouble)
            {
                Realm.Fault(imp.Slot, trouble);
            }
        }
    }
}
