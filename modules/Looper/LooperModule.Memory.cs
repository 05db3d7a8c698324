using OscLooper.Dsp;

namespace OscLooper.Looper;

/// <content>[any] What is remembered of all channels: audio bit for bit, states, phases between the loops, undo and redo.</content>
public sealed unsafe partial class LooperModule
{
    const double ShowAll = 1, TakeAll = 2, ShowWriting = 3, PatienceSeconds = 0.4, StreamSeconds = 0.3;

    readonly Handover<LooperSnapshot> snapshots = new(4);
    readonly Handover<LoadedLooper> loaded = new(16);
    readonly Channel?[] retired = new Channel?[Rows.MaxRows];
    readonly Lock capturing = new();
    readonly LooperWriter writer = new();
    readonly TakeStreams streams = new();
    WritingSnapshot? spareWriting;
    readonly Handover<WritingSnapshot> writings = new(4);
    LooperSnapshot? spare;
    long streamedFrame;
    bool isWriting, wasWriting, isShowingLater;
    LoadedLooper? announced;
    volatile bool wasLoaded;
    int isStreaming;
    int retiredCount;
    string streamTrouble = "";

    /// <summary>[any] Version of the folder's contents.</summary>
    public int DataVersion => 1;

    /// <summary>[worker] Writes everything while it sounds: the audio side hands over a snapshot, and nothing in it is freed meanwhile.</summary>
    public void Save(DirectoryInfo folder)
    {
        Pool.Pin();
        try
        {
            lock (capturing) writer.Write(Capture(out var names), names, folder.FullName, Format.Rate, Pool.LastId, streams);
            streams.Saved(folder.FullName);
        }
        finally
        {
            Pool.Unpin();
        }
    }

    /// <summary>[worker] The same into a folder of somebody else: what is remembered does not depend on it.</summary>
    internal void SaveCopy(DirectoryInfo folder)
    {
        Pool.Pin();
        try
        {
            lock (capturing) writer.Copy().Write(Capture(out var names), names, folder.FullName, Format.Rate, Pool.LastId, streams);
        }
        finally
        {
            Pool.Unpin();
        }
    }

    /// <summary>[worker] Reads what Save wrote; the loops that sound then fade into those that were read.</summary>
    public void Load(DirectoryInfo folder, int version)
    {
        // One that took too long was given up, and the module with it: what it reads into stays until it has come back.
        Pool.Pin();
        Pool.MayExceed = true;
        try
        {
            var reader = new LooperReader(this, line => at.Desk.Log(LogLevel.Warning, line), line => at.Desk.Log(LogLevel.Error, line), heardFrame == 0 ? streams.Folder : null);
            var fresh = version == 0 ? reader.Nothing(at.Settings.Channels, []) : reader.Read(folder.FullName);
            wasLoaded = true;
            writer.Knows(fresh.Files);
            Offer(fresh);
        }
        finally
        {
            Pool.MayExceed = false;
            Pool.Unpin();
        }
    }

    // A server that died before anything at all was saved may still have left takes.
    void RecoverWithoutDocument()
    {
        if (wasLoaded || streams.Folder is null) return;
        wasLoaded = true;
        var takes = TakeFiles.Of(streams.Folder, "", streams.Run);
        if (takes.Count > 0) Offer(new LooperReader(this, line => at.Desk.Log(LogLevel.Warning, line), line => at.Desk.Log(LogLevel.Error, line), null).Nothing(at.Settings.Channels, takes));
    }

    void Offer(LoadedLooper fresh)
    {
        at.Desk.Post(() =>
        {
            desk.Become(fresh.Channels.Select(c => (c.Row, c.Lanes, fresh.Names.GetValueOrDefault(c.Row, ""))).ToArray());
            fresh.Number = desk.Loads;
            if (loaded.Offer(fresh)) at.Desk.Tell(addChannel, -1, TakeAll);
        });
    }

    /// <summary>[main] What is recorded is also written there while it is.</summary>
    public void StreamTo(DirectoryInfo? folder)
    {
        // What lies in a folder that is named later on belongs to somebody else.
        if (folder is null || Volatile.Read(ref heardFrame) > 0) wasLoaded = true;
        streams.Into(folder?.FullName);
        at.Audio.WakeBackground();
    }

    /// <summary>[worker] Brings to the disk what is being recorded, and once more what has just ended.</summary>
    void StreamNowAndThen()
    {
        RecoverWithoutDocument();
        var frame = Volatile.Read(ref heardFrame);
        if (streams.Folder is null || frame - streamedFrame < StreamSeconds * Format.Rate) return;
        var now = Volatile.Read(ref isWriting);
        if (!now && !wasWriting || Interlocked.Exchange(ref isStreaming, 1) == 1) return;
        (streamedFrame, wasWriting) = (frame, now);
        if (Format.IsOffline) Stream();
        else at.Desk.Post(() => at.Desk.OnWorker(Stream, trouble =>
        {
            // It is tried again each time; what is recorded is in memory.
            if (trouble?.Message is { } why && why != streamTrouble) at.Desk.Log(LogLevel.Warning, $"what is being recorded cannot be brought to the disk while it is recorded: {why}; it is tried again");
            else if (trouble is null && streamTrouble.Length > 0) at.Desk.Log(LogLevel.Info, "what is being recorded is brought to the disk again");
            streamTrouble = trouble?.Message ?? "";
        }));
    }

    void Stream()
    {
        Pool.Pin();
        try
        {
            // One that is late may be filled in when nobody waits for it any more: it is not used again.
            var wanted = Interlocked.Exchange(ref spareWriting, null) ?? new WritingSnapshot();
            if (Format.IsOffline) Show(wanted);
            else Await(wanted, writings, ShowWriting);
            streams.Write(wanted, Format.Rate);
            spareWriting = wanted;
        }
        finally
        {
            Pool.Unpin();
            Volatile.Write(ref isStreaming, 0);
        }
    }

    // The audio side fills a snapshot in at its next event; in a render nobody else is at work.
    LooperSnapshot Capture(out IReadOnlyDictionary<int, string> names)
    {
        var snapshot = spare ?? new LooperSnapshot();
        spare = null;
        for (var more = 8; ; more *= 2)
        {
            snapshot.MakeRoom(orderCount + more);
            if (Format.IsOffline)
            {
                names = desk.Names;
                Show(snapshot);
            }
            else names = Ask(snapshot);
            if (!snapshot.IsShort) break;
        }
        // One that was made for many is not kept for few.
        if (snapshot.Channels.Length <= 4 * (snapshot.Count + 16)) spare = snapshot;
        return snapshot;
    }

    IReadOnlyDictionary<int, string> Ask(LooperSnapshot snapshot)
    {
        IReadOnlyDictionary<int, string> names = new Dictionary<int, string>();
        at.Desk.Post(() => names = desk.Names);
        Await(snapshot, snapshots, ShowAll);
        return names;
    }

    // Main says it to the audio side, which answers at its next block.
    void Await<T>(T wanted, Handover<T> by, double what) where T : class
    {
        at.Desk.Post(() =>
        {
            // Where too many who have given up stand before it, they go, and the next one has room.
            by.Offer(wanted);
            at.Desk.Tell(addChannel, -1, what);
        });
        for (var waited = 0; waited < PatienceSeconds * 1000; waited++)
        {
            // One that comes late, of somebody who has given up, is dropped.
            while (by.TryCollect(out var filled))
                if (filled == wanted) return;
            Thread.Sleep(1);
        }
        throw new TimeoutException("the audio side does not answer");
    }

    // What this module says to its own audio side (jobs that clients ask for carry a ticket, this does not).
    void HandleMemory(in Event e)
    {
        // What was loaded is taken at the next block's beginning; who asks meanwhile is shown that, not what it replaces.
        if (e.B == ShowAll && announced is not null) isShowingLater = true;
        else if (e.B == ShowAll) ShowNext();
        else if (e.B == ShowWriting && Last(writings) is { } asked)
        {
            Show(asked);
            writings.Return(asked);
        }
        else if (e.B == TakeAll) Announce();
    }

    void ShowNext()
    {
        isShowingLater = false;
        if (Last(snapshots) is not { } wanted) return;
        Show(wanted);
        snapshots.Return(wanted);
    }

    // Who asked before has given up: only the last one still waits.
    static T? Last<T>(Handover<T> asked) where T : class
    {
        if (!asked.TryTake(out var last)) return null;
        while (asked.TryTake(out var later))
        {
            asked.Return(last);
            last = later;
        }
        return last;
    }

    void Show(LooperSnapshot into)
    {
        if (OrderChanged) SortChannels();
        var frame = at.Audio.Frame;
        (into.Frame, into.Beat, into.FramesPerBeat) = (frame, at.Audio.Transport.GridAt(frame), at.Audio.Transport.FramesPerBeat);
        (into.Count, into.IsShort) = (0, false);
        for (var i = 0; i < orderCount; i++)
        {
            var channel = channels[order[i]]!;
            if (channel.IsLeaving) continue;
            if (into.Count == into.Channels.Length) into.IsShort = true;
            else if (!channel.Show(into.Channels[into.Count++])) into.IsShort = true;
        }
    }

    void Show(WritingSnapshot into)
    {
        (into.Count, into.HeldCount) = (0, 0);
        for (var i = 0; i < orderCount && into.Count < into.Views.Length; i++)
            if (channels[order[i]] is { IsWriting: true, IsLeaving: false } channel) channel.ShowWriting(into, at.Audio.Frame);
    }

    // Its values hold from now on, so that what is set after that is not overwritten. Of two that come within a block the later counts.
    void Announce()
    {
        while (loaded.TryTake(out var fresh))
        {
            if (announced is { } earlier) loaded.Return(earlier);
            announced = fresh;
        }
        if (announced is null) return;
        foreach (var channel in announced.Made) channel.ShowRemembered();
    }

    // At the beginning of a block, when the transport (which plays first) has taken what was loaded for it.
    void TakeLoaded(LoadedLooper fresh)
    {
        announced = null;
        TakeOver(fresh);
        fresh.IsPlayed = true;
        loaded.Return(fresh);
        if (isShowingLater) ShowNext();
        at.Audio.WakeBackground();
    }

    void CollectLoaded()
    {
        while (loaded.TryCollect(out var gone))
            if (!gone.IsPlayed)
                foreach (var channel in gone.Made) channel.Dispose();
    }

    // Loops go on as far from where they were as the transport has moved since: so they keep their place in the bar, and among each other.
    void TakeOver(LoadedLooper fresh)
    {
        var transport = at.Audio.Transport;
        var frame = at.Audio.Frame;
        var passed = (long)Math.Round((transport.GridAt(frame) - fresh.Beat) * transport.FramesPerBeat);
        if (OrderChanged) SortChannels();
        for (var i = 0; i < orderCount; i++)
        {
            var old = channels[order[i]]!;
            // Made for those that are to come, between the announcement and now.
            if (old.LoadNumber >= fresh.Number) continue;
            channels[old.Row] = null;
            RetireChannel(old, frame);
        }
        foreach (var channel in fresh.Made) channels[channel.Row] = channel;
        foreach (var channel in fresh.Made) channel.Master = MasterOf(channel);
        foreach (var channel in fresh.Made) channel.WakeUp(frame, passed);
        foreach (var channel in fresh.Made)
        {
            if (!channel.IsUnwanted) continue;
            channels[channel.Row] = null;
            RetireChannel(channel, frame);
        }
        SortChannels();
        UpdateSolo(frame);
        foreach (var channel in fresh.Made) channel.SetGains(frame);
    }

    void RetireChannel(Channel channel, long frame)
    {
        channel.Retire(frame);
        if (retiredCount < retired.Length) retired[retiredCount++] = channel;
    }

    /// <summary>[audio] A channel is removed: one of its number that was announced, and not taken yet, was meant when main knew of it.</summary>
    internal void RemoveAnnounced(int row, double loadNumber)
    {
        if (announced is not { } fresh || loadNumber < fresh.Number) return;
        foreach (var channel in fresh.Made)
            if (channel.Row == row) channel.IsUnwanted = true;
    }

    // No channel, or a circle: then it goes by its own cycles until told otherwise.
    Channel? MasterOf(Channel channel)
    {
        var row = channel.RememberedMaster;
        var master = row >= 0 && row < channels.Length ? channels[row] : null;
        for (var link = master; link != null; link = link.Master)
            if (link == channel) return null;
        return master;
    }

    void DropRetired(long frame)
    {
        for (var i = 0; i < retiredCount;)
        {
            if (!retired[i]!.IsGone(frame) || !FreshChannels.Return(retired[i]!))
            {
                i++;
                continue;
            }
            retired[i] = retired[--retiredCount];
            retired[retiredCount] = null;
            at.Audio.WakeBackground();
        }
    }
}
