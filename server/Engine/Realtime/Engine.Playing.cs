using OscLooper.Dsp;

namespace OscLooper.Server.Realtime;

/// <content>[audio] The block: events in, cuts, imps in order, master out.</content>
public sealed unsafe partial class Engine
{
    readonly Event[] due = GC.AllocateArray<Event>(EventQueue.Capacity, pinned: true);
    readonly Event[] byPart = GC.AllocateArray<Event>(EventQueue.Capacity, pinned: true);
    readonly WakeRequest request = new();
    Schedule schedule;
    long blockStart;
    // Some lane of notes holds something; while none does nobody looks into them.
    bool hasNotes;

    /// <summary>[audio] Plays a block of any length; 0 frames only applies what is due now. Null inputs are silence, null outputs are not written.</summary>
    public void Process(float** inputs, float** outputs, int frames)
    {
        var begun = Begin();
        TakeSchedule();
        for (var done = 0; done < frames || (done == 0 && frames == 0);)
        {
            var count = Math.Min(frames - done, Format.MaxFrames);
            Play(inputs, outputs, done, count);
            done += count;
            if (frames == 0) break;
        }
        // What nobody waits for is read when main is awake anyway, unless there is much of it.
        if (request.IsRaised || Outbox.Count > Outbox.Capacity / 4) Wake.Signal();
        request.IsRaised = false;
        End(begun, frames);
    }

    void TakeSchedule()
    {
        while (schedules.TryTake(out var fresh))
        {
            schedules.Return(schedule);
            schedule = fresh;
            hasNotes = true;
            WakeAll();
            blockStart = Status.FrameNow;
            foreach (var (wire, target, atOnce) in fresh.Orders) wire.Aim(blockStart, target, atOnce);
            foreach (var (from, to) in fresh.Carried) to.TakePast(from);
            foreach (var (into, sources) in fresh.NoteMixtures) into.Hear(sources);
            foreach (ref readonly var e in fresh.Firsts.AsSpan())
                if (PartOf(e) is var place and >= 0) Hand(fresh.Parts[place], e with { Frame = blockStart });
            Volatile.Write(ref fresh.TakenFrame, blockStart);
        }
    }

    void Play(float** inputs, float** outputs, int offset, int frames)
    {
        blockStart = Status.FrameNow;
        var end = blockStart + frames;
        var count = Gather(frames);
        if (frames > 0)
        {
            Midi.Begin(blockStart, end);
            count = AddClock(count);
        }

        for (var lane = 0; lane < deviceIn.Length; lane++)
        {
            var into = new Span<float>(deviceIn[lane].Start, frames);
            if (inputs is null || inputs[lane] is null) into.Clear();
            else new ReadOnlySpan<float>(inputs[lane] + offset, frames).CopyTo(into);
            Feed?.Add(lane, into, blockStart);
            if (Dsp.Samples.Clean(into) is var bad and > 0) Volatile.Write(ref Status.BadInput[lane], Status.BadInput[lane] + bad);
            if (CallsIdle) deviceIn[lane].Written(0);
            else deviceIn[lane].Listen(0, frames);
        }
        foreach (var lane in schedule.Cleared) lane.Silence(0, frames);
        // A block without frames (a render that settles) plays nobody: what ends in its lanes must wait for one who hears it.
        if (frames > 0) BeginNotes();

        var next = 0;
        for (var at = blockStart; ;)
        {
            while (next < count && due[next].Frame <= at) Deliver(due[next++]);
            if (at >= end) break;

            // Up to the next event that touches more than its own imp, every imp is cut for itself.
            var cut = next;
            while (cut < count && !CutsAll(due[cut])) cut++;
            var until = cut < count ? due[cut].Frame : end;
            while (cut > next && due[cut - 1].Frame == until) cut--;

            PlayStretch(at, until, next, cut);
            (next, at) = (cut, until);
        }

        if (outputs is not null)
            for (var lane = 0; lane < schedule.Master.Length; lane++)
                if (outputs[lane] is not null) new ReadOnlySpan<float>(schedule.Master[lane].Start, frames).CopyTo(new Span<float>(outputs[lane] + offset, frames));
        if (frames > 0)
        {
            Midi.End(blockStart, end);
            foreach (var lane in schedule.Rolling) lane.Roll(frames);
            foreach (var player in schedule.Players) player.KeepLast(frames);
        }
        Volatile.Write(ref Status.FrameNow, end);
        Volatile.Write(ref transport.NextFrame, end);
    }

    /// <summary>[audio] Moves what main has sent into the queue, and what is due in this block out of it, in order.</summary>
    int Gather(int frames)
    {
        while (queue.Count < EventQueue.Capacity && (Inbox.TryRead(out var e) || Beside.TryRead(out e)))
        {
            if (e.Frame >= blockStart) queue.Add(e);
            else
            {
                if ((e.Client & Event.TaggedBit) != 0) Status.LateNow++;
                queue.Add(e with { Frame = blockStart });
            }
        }
        var count = 0;
        while (queue.TryTakeBefore(blockStart + Math.Max(frames, 1), out var e)) due[count++] = e;
        Status.WaitingNow = queue.Count;
        return count;
    }

    /// <summary>[audio] Puts JACK's transport and the messages of a MIDI clock among the events, before those of the same frame: the transport turns to them for all.</summary>
    int AddClock(int count)
    {
        if (transport.Voice is not { } voice) return count;
        var target = voice.ImpBits | transport.ClockLeaf;
        if (JackTransport.IsFresh && count < due.Length)
        {
            JackTransport.IsFresh = false;
            for (var place = count++; place > 0; place--) due[place] = due[place - 1];
            due[0] = new Event(blockStart, target, EventKind.Note, 0, TransportModule.JackMoved);
        }
        foreach (ref readonly var message in Midi.Clock.Messages)
        {
            if (count == due.Length) return count;
            var place = count++;
            for (; place > 0 && (due[place - 1].Frame > message.Frame || due[place - 1] is var e && e.Frame == message.Frame && (e.Target != target || e.Kind != EventKind.Note)); place--)
                due[place] = due[place - 1];
            due[place] = new Event(message.Frame, target, EventKind.Note, 0, message.Status, message.First, message.Second);
        }
        return count;
    }

    int PartOf(in Event e) => (uint)e.Imp < (uint)schedule.PartOfSlot.Length ? schedule.PartOfSlot[e.Imp] : -1;

    bool CutsAll(in Event e)
    {
        if (e.Kind == EventKind.Panic) return true;
        if (e.Kind == EventKind.Sync) return false;
        var part = PartOf(e);
        return part >= 0 && schedule.Parts[part].Player!.Audio.Traits is { } traits && (traits[e.Leaf] & Traits.CutsAll) != 0;
    }

    /// <summary>[audio] An event at the first frame of a stretch.</summary>
    void Deliver(in Event e)
    {
        if (CutsAll(e)) WakeAll();
        if (e.Kind == EventKind.Sync) Tell(e);
        else if (e.Kind == EventKind.Panic)
        {
            foreach (var part in schedule.Parts) Hand(part, e);
            Midi.Panic(e.Frame);
        }
        else if (PartOf(e) is var place and >= 0) Hand(schedule.Parts[place], e);
        else Refuse(e, Reason.NotFound);
    }

    void Hand(Schedule.Part part, in Event e)
    {
        if (part.Player is not { Fault: null } player)
        {
            if (part.Player is not null && e.Kind != EventKind.Panic) Refuse(e, Reason.Failed);
            return;
        }
        Enter(player, isHandle: true);
        try
        {
            player.IsIdle = false;
            player.Audio.Accept(e);
            player.Module.Handle(e);
        }
        catch (Exception fault)
        {
            Silence(player, fault, e.Frame, e.Frame);
        }
        Leave();
    }

    void PlayStretch(long from, long until, int first, int last)
    {
        var (parts, firstOfPart) = (schedule.Parts, schedule.FirstEventOfPart);
        if (last > first) Sort(first, last);
        var (offset, frames) = ((int)(from - blockStart), (int)(until - from));
        for (var p = 0; p < parts.Length; p++)
        {
            foreach (var mixture in parts[p].Mixtures) Add(mixture, offset, frames);
            if (parts[p].Player is not { } player) continue;
            if (hasNotes)
                foreach (var lane in player.NoteIns) lane.Merge(until);
            var events = last > first ? byPart.AsSpan(firstOfPart[p], firstOfPart[p + 1] - firstOfPart[p]) : default;
            if (player.Fault is null)
            {
                if (events.Length > 0 || !IsIdle(parts[p], player, offset, frames)) PlayPart(parts[p], player, from, until, events);
            }
            else
            {
                player.Fall(blockStart, from, until);
                foreach (ref readonly var e in events) Hand(parts[p], e);
            }
        }
        if (last > first)
            for (var i = firstOfPart[parts.Length]; i < firstOfPart[parts.Length + 1]; i++) Deliver(byPart[i]);
    }

    void PlayPart(Schedule.Part part, Player player, long from, long until, ReadOnlySpan<Event> events)
    {
        var (at, next) = (from, 0);
        Enter(player, isHandle: false);
        try
        {
            player.Begin((int)(from - blockStart));
            player.Audio.At(from);
            var block = new Block(part.Ins, part.Outs, player.NoteIns, player.NoteOuts, (int)(from - blockStart), from, (int)(until - from), transport);
            if (player.SelfCutting is { } selfCutting)
            {
                next = events.Length;
                selfCutting.Process(block, events);
                Examine(player, from, until, until);
                End(player, (int)(from - blockStart), (int)(until - from));
                Leave();
                return;
            }
            while (next < events.Length && player.Fault is null)
            {
                ref readonly var e = ref events[next];
                if (e.Frame > at)
                {
                    player.Module.Process(block.Slice((int)(at - from), (int)(e.Frame - at)));
                    if (!Examine(player, at, e.Frame, until)) break;
                    at = e.Frame;
                }
                next++;
                Enter(player, isHandle: true);
                player.Audio.Accept(e);
                player.Module.Handle(e);
                Enter(player, isHandle: false);
            }
            if (player.Fault is null)
            {
                player.Audio.At(at);
                player.Module.Process(block.Slice((int)(at - from), (int)(until - at)));
                Examine(player, at, until, until);
                End(player, (int)(from - blockStart), (int)(until - from));
            }
        }
        catch (Exception fault)
        {
            Silence(player, fault, at, until);
        }
        Leave();
        // Those that it did not come to are refused.
        for (; next < events.Length; next++) Hand(part, events[next]);
    }

    /// <summary>[audio] False when an imp has played what is no sound: it is silenced from that very sample on, and nobody hears it.</summary>
    bool Examine(Player player, long from, long played, long until)
    {
        if (player.FirstBad(blockStart, from, played) is not (>= 0 and var bad)) return true;
        Silence(player, Player.PlayedBadSound, bad, until);
        return false;
    }

    /// <summary>[audio] An imp that failed is faded out and heard no more, its notes end, and main is told.</summary>
    void Silence(Player player, Exception fault, long from, long until)
    {
        player.Fall(fault, blockStart, from, until);
        Status.FaultsNow++;
        hasNotes = true;
        // Behind all that it sent: a note that begins later in the block must not begin after its end.
        foreach (var lane in player.NoteOuts) lane.Release(0, lane.LastFrame(from));
        Tell(new Event(from, player.Slot << Event.LeafBits, EventKind.Faulted, 0, 0));
    }

    /// <summary>[audio] Events of a stretch by the part they are for, in order; those for nobody (Sync, unknown imps) come last.</summary>
    void Sort(int first, int last)
    {
        var others = schedule.Parts.Length;
        var counts = schedule.FirstEventOfPart.AsSpan();
        counts.Clear();
        for (var i = first; i < last; i++) counts[Place(due[i], others) + 1]++;
        for (var p = 1; p < counts.Length; p++) counts[p] += counts[p - 1];
        for (var i = first; i < last; i++) byPart[counts[Place(due[i], others)]++] = due[i];
        // Each count has moved on to where the next part begins.
        for (var p = counts.Length - 1; p > 0; p--) counts[p] = counts[p - 1];
        counts[0] = 0;
    }

    int Place(in Event e, int others) => e.Kind != EventKind.Sync && PartOf(e) is var part and >= 0 ? part : others;

    void Add(in Schedule.Mixture mixture, int offset, int frames)
    {
        var isSilent = true;
        foreach (var source in mixture.Sources) isSilent &= source.From.IsSilent(offset, frames);
        if (isSilent)
        {
            mixture.Into.Silence(offset, frames);
            return;
        }
        mixture.Into.Written(offset);
        for (var i = 0; i < mixture.Sources.Length; i++) mixture.Sources[i].Add(mixture.Into, offset, frames, blockStart + offset, i == 0);
    }

    void Refuse(in Event e, Reason reason) =>
        Tell(e with { Kind = EventKind.Refused, A = (int)reason, B = e.Kind == EventKind.Ask ? e.A : 0 });

    void Tell(in Event e)
    {
        Outbox.TryWrite(e);
        request.IsRaised = true;
    }
}
