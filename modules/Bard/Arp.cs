namespace OscLooper.Bard;

/// <summary>[audio] One step of a pattern of one's own.</summary>
/// <param name="Place">Place among the notes, from 0; -1 = rest, -2 = the note before goes on.</param>
/// <param name="Octave">Octaves up or down.</param>
/// <param name="Velocity">Share of the key's velocity.</param>
record struct ArpStep(int Place, int Octave, double Velocity);

/// <summary>[audio] Arpeggiator: keys go in, steps on the grid come out. Off, it lets everything through.</summary>
sealed class Arp : Stage, IStepper
{
    internal const int MostKeys = 32, MostOctaves = 4, MostSteps = 64, Banks = 4, StepsAtStart = 8, Rest = -1, Tie = -2;
    const int MostPlaying = 128;

    struct Key
    {
        public int Node;
        public Note Note;
    }

    readonly Key[] keys = new Key[MostKeys];
    readonly int[] sorted = new int[MostKeys];
    readonly byte[] places = new byte[MostKeys * MostOctaves * 2];
    readonly (int Node, int Generation)[] playing = new (int, int)[MostPlaying];
    readonly Note[] recorded = new Note[MostSteps];
    int recordedCount, count, down, sortedCount, period, playingCount, last;
    long position;
    bool isDirty;
    StepClock clock;
    Dice dice = new(1);

    internal bool IsOn { get; private set; } = true;
    internal ArpPattern Pattern { get; set { field = value; isDirty = true; } }
    internal int Octaves { get; set { field = Math.Clamp(value, 1, MostOctaves); isDirty = true; } } = 1;
    internal double GatePercent { get; set; } = 80;
    internal double SwingPercent { get; set; } = 50;
    internal double ChancePercent { get; set; } = 100;
    internal int Ratchet { get; set; } = 1;
    internal int Ticks { get; set; } = 240;
    internal long Seed { set => dice = new(value); }
    internal bool IsLatched { get; private set; }
    /// <summary>[audio] Which of the player's own patterns is meant.</summary>
    internal int Bank { get; set; }
    internal ArpContents Own { get; } = new();
    internal ArpStep[] User => Own.Steps[Bank];
    internal int UserLength { get => Own.Lengths[Bank]; set => Own.Lengths[Bank] = value; }
    internal bool IsRecording { get; private set; }

    public long NextFrame => IsOn ? clock.NextFrame : long.MaxValue;

    public void Sync(Transport transport, long frame)
    {
        clock.Set(Ticks, SwingPercent);
        clock.Sync(transport, frame);
    }

    internal override void On(Performer to, in Note note, int parent, long frame)
    {
        if (IsRecording && recordedCount < MostSteps) recorded[recordedCount++] = note;
        if (!IsOn || IsRecording)
        {
            Pass(to, note, parent, frame);
            return;
        }
        if (IsLatched && down == 0) Empty(to);
        if (count == MostKeys) return;
        var node = to.Add(parent, NodeKind.Held, note, this);
        if (node == Performer.None) return;
        if (count == 0) position = 0;
        keys[count++] = new Key { Node = node, Note = note };
        down++;
        isDirty = true;
    }

    internal override void Released(Performer to, int node, long frame)
    {
        to.Remove(node);
        Ended(node);
    }

    internal override void Ended(int node)
    {
        for (var i = 0; i < count; i++)
        {
            if (keys[i].Node != node) continue;
            down--;
            if (IsLatched) keys[i].Node = Performer.None;
            else Forget(i);
            return;
        }
    }

    internal override void Unplug(int source)
    {
        for (var i = count - 1; i >= 0; i--)
            if (keys[i].Note.Source == source && keys[i].Node == Performer.None) Forget(i);
    }

    void Forget(int place)
    {
        for (var i = place + 1; i < count; i++) keys[i - 1] = keys[i];
        count--;
        isDirty = true;
    }

    // The keys still down stay with the player, who lets go of nothing any more.
    void Empty(Performer to)
    {
        for (var i = 0; i < count; i++)
            if (keys[i].Node != Performer.None) to.Remove(keys[i].Node);
        (count, down, isDirty) = (0, 0, true);
    }

    internal void Switch(Performer to, bool on, long frame)
    {
        if (IsOn == on) return;
        IsOn = on;
        Empty(to);
        FinishPlaying(to, frame);
        clock = default;
        Sync(to.Transport, frame);
    }

    internal void LatchTo(bool latched)
    {
        IsLatched = latched;
        for (var i = count - 1; i >= 0 && !latched; i--)
            if (keys[i].Node == Performer.None) Forget(i);
    }

    /// <summary>[audio] While recording, keys sound as they are; then they are the user's pattern: each pitch is a place, from the lowest up. False: nothing was played.</summary>
    internal bool Record(bool on)
    {
        var isKept = IsRecording && !on && recordedCount > 0;
        IsRecording = on;
        if (isKept)
        {
            for (var i = 0; i < recordedCount; i++) User[i] = new(RankOf(recorded[i].Pitch), 0, recorded[i].Velocity / 127.0);
            UserLength = recordedCount;
        }
        recordedCount = 0;
        return isKept;
    }

    int RankOf(int pitch)
    {
        var rank = 0;
        for (var lower = 0; lower < pitch; lower++)
        {
            var isThere = false;
            for (var i = 0; i < recordedCount; i++) isThere |= recorded[i].Pitch == lower;
            if (isThere) rank++;
        }
        return rank;
    }

    public void Step(Performer to, long frame)
    {
        if (count == 0) FinishPlaying(to, frame);
        else
        {
            if (isDirty) Build();
            // Both are drawn at every step, so that no setting shifts what is drawn later.
            var (luck, draw) = (dice.Fraction() * 100, dice.Fraction());
            Choose(to, frame, luck < ChancePercent, draw);
        }
        clock.Advance(to.Transport);
    }

    void Choose(Performer to, long frame, bool isPlayed, double draw)
    {
        var notes = sortedCount * Octaves;
        var step = new ArpStep(0, 0, 1);
        var steps = 1;
        switch (Pattern)
        {
            case ArpPattern.Random:
                // Never the same twice in a row where there is a choice.
                var place = notes > 1 && position > 0 ? (int)(draw * (notes - 1)) : (int)(draw * notes);
                step.Place = last = notes > 1 && position > 0 && place >= Math.Min(last, notes - 1) ? place + 1 : place;
                break;
            case ArpPattern.Walk:
                if (position == 0) last = 0;
                else last += notes == 1 ? 0 : last <= 0 ? 1 : last >= notes - 1 ? -1 : draw < 0.5 ? 1 : -1;
                step.Place = last = Math.Clamp(last, 0, notes - 1);
                break;
            case ArpPattern.User:
                var at = (int)(position % UserLength);
                step = User[at];
                while (steps < UserLength && User[(at + steps) % UserLength].Place == Tie) steps++;
                break;
            case ArpPattern.Chord:
                break;
            default:
                step.Place = places[(int)(position % period)];
                break;
        }
        position++;
        if (!isPlayed || step.Place < 0) return;
        if (Pattern == ArpPattern.Chord)
            for (var i = 0; i < notes; i++) Play(to, frame, step with { Place = i }, 1);
        else Play(to, frame, step with { Place = step.Place % notes }, steps);
    }

    void Play(Performer to, long frame, ArpStep step, int steps)
    {
        var note = keys[sorted[step.Place % sortedCount]].Note;
        note.Pitch += 12 * (step.Place / sortedCount + step.Octave);
        note.Velocity = (byte)Math.Clamp(Math.Round(note.Velocity * step.Velocity), 1, 127);
        var frames = (double)Ticks / StepClock.TicksPerBeat * to.Transport.FramesPerBeat;
        if (Ratchet <= 1 || steps > 1)
        {
            Remember(to, to.Later(note, Next!, Performer.None, frame, frame, 0, Math.Max(1, (long)Math.Round(frames * (steps - 1 + GatePercent / 100)))));
            return;
        }
        for (var i = 0; i < Ratchet; i++)
        {
            var (begin, end) = ((long)Math.Round(frames * i / Ratchet), (long)Math.Round(frames * (i + 1) / Ratchet));
            Remember(to, to.Later(note, Next!, Performer.None, frame, frame + begin, 0, Math.Max(1, (long)((end - begin) * Math.Min(100, GatePercent) / 100))));
        }
    }

    void Remember(Performer to, int node)
    {
        if (node == Performer.None) return;
        if (playingCount == MostPlaying)
        {
            var kept = 0;
            for (var i = 0; i < playingCount; i++)
                if (to.At(playing[i].Node).Generation == playing[i].Generation) playing[kept++] = playing[i];
            playingCount = kept;
        }
        if (playingCount < MostPlaying) playing[playingCount++] = (node, to.At(node).Generation);
    }

    void FinishPlaying(Performer to, long frame)
    {
        for (var i = 0; i < playingCount; i++)
            if (to.At(playing[i].Node).Generation == playing[i].Generation) to.Finish(playing[i].Node, frame);
        playingCount = 0;
    }

    void Build()
    {
        isDirty = false;
        sortedCount = 0;
        for (var i = 0; i < count; i++)
        {
            var place = sortedCount;
            var isDouble = false;
            for (var j = 0; j < sortedCount; j++) isDouble |= keys[sorted[j]].Note.Pitch == keys[i].Note.Pitch;
            if (isDouble) continue;
            if (Pattern != ArpPattern.Order)
                for (; place > 0 && keys[sorted[place - 1]].Note.Pitch > keys[i].Note.Pitch; place--) sorted[place] = sorted[place - 1];
            sorted[place] = i;
            sortedCount++;
        }
        period = ArpOrder.Fill(Pattern, sortedCount * Octaves, places);
    }

    void IStepper.Silence() => Silence();

    internal override void Silence() => (count, down, playingCount, position, isDirty) = (0, 0, 0, 0, true);
}
