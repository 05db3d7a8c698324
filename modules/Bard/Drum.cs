namespace OscLooper.Bard;

/// <summary>[audio] When another pattern begins.</summary>
enum SwitchAt { Now, Beat, Bar, End }

/// <summary>[audio] Drum machine: 16 patterns of 16 lanes of up to 64 steps, each lane with its own length and rate, on the transport's grid.</summary>
sealed class Drum : IStepper
{
    internal const int Lanes = 16, Patterns = 16, MostSteps = 64;
    /// <summary>[any] General MIDI percussion: what the lanes play at start.</summary>
    internal static readonly int[] Kit = [36, 38, 42, 46, 39, 41, 45, 48, 49, 51, 37, 56, 44, 50, 54, 70];

    internal struct Lane
    {
        public StepClock Clock;
        public int Note, Length, Ticks, Choke, Node, Generation;
        public bool IsMuted, IsSolo, WasPlayed;
        public long Skip;
        public Dice Dice;
    }

    /// <summary>[any] When a step is played: always, in fills, when the step before it was played or not, on pass i of n.</summary>
    internal static readonly string[] Conditions = ["always", "fill", "not_fill", "prev", "1:2", "2:2", "1:3", "2:3", "3:3", "1:4", "2:4", "3:4", "4:4"];
    const int FirstPass = 4;

    readonly byte[] velocities = new byte[Patterns * Lanes * MostSteps], chances = new byte[Patterns * Lanes * MostSteps];
    readonly byte[] conditions = new byte[Patterns * Lanes * MostSteps], ratchets = new byte[Patterns * Lanes * MostSteps];
    readonly Lane[] lanes = new Lane[Lanes];
    readonly Stage output;
    int pending = -1;
    double pendingBeat;

    internal Drum(Stage output)
    {
        this.output = output;
        Array.Fill(chances, (byte)100);
        Array.Fill(ratchets, (byte)1);
        for (var i = 0; i < Lanes; i++)
            lanes[i] = new Lane { Note = Kit[i], Length = 16, Ticks = 240, Node = Performer.None, Skip = long.MinValue, Dice = new(i + 1), Choke = Kit[i] is 42 or 44 or 46 ? 1 : 0 };
    }

    internal bool IsOn { get; set; }
    internal bool IsRecording { get; set; }
    internal double SwingPercent { get; set; } = 50;
    internal SwitchAt SwitchAt { get; set; }
    internal int Pattern { get; private set; }
    internal ref Lane At(int lane) => ref lanes[lane];
    internal ref byte Velocity(int pattern, int lane, int step) => ref velocities[(pattern * Lanes + lane) * MostSteps + step];
    internal ref byte Chance(int pattern, int lane, int step) => ref chances[(pattern * Lanes + lane) * MostSteps + step];

    internal ref byte Condition(int pattern, int lane, int step) => ref conditions[(pattern * Lanes + lane) * MostSteps + step];
    internal ref byte Ratchet(int pattern, int lane, int step) => ref ratchets[(pattern * Lanes + lane) * MostSteps + step];
    internal bool IsFill { get; set; }

    /// <summary>[worker] All steps, as they are (each is one byte: none is ever half written).</summary>
    internal void CopyTo(DrumContents contents)
    {
        velocities.AsSpan().CopyTo(contents.Steps[0]);
        chances.AsSpan().CopyTo(contents.Steps[1]);
        conditions.AsSpan().CopyTo(contents.Steps[2]);
        ratchets.AsSpan().CopyTo(contents.Steps[3]);
    }

    /// <summary>[audio] All steps anew.</summary>
    internal void Take(DrumContents contents)
    {
        contents.Steps[0].AsSpan().CopyTo(velocities);
        contents.Steps[1].AsSpan().CopyTo(chances);
        contents.Steps[2].AsSpan().CopyTo(conditions);
        contents.Steps[3].AsSpan().CopyTo(ratchets);
    }

    internal void Clear()
    {
        var (first, count) = (Pattern * Lanes * MostSteps, Lanes * MostSteps);
        velocities.AsSpan(first, count).Clear();
        conditions.AsSpan(first, count).Clear();
        chances.AsSpan(first, count).Fill(100);
        ratchets.AsSpan(first, count).Fill(1);
    }

    /// <summary>[audio] So many hits as even as can be over the lane's steps (Euclid's rhythms), turned to the right.</summary>
    internal void Spread(int lane, int hits, int turned)
    {
        var length = lanes[lane].Length;
        for (var step = 0; step < length; step++)
            Velocity(Pattern, lane, step) = (byte)(Mod(step - turned, length) * hits % length < hits ? 100 : 0);
    }

    static int Mod(long value, int length) => (int)((value % length + length) % length);

    bool IsMet(int condition, in Lane lane)
    {
        switch (condition)
        {
            case 0: return true;
            case 1: return IsFill;
            case 2: return !IsFill;
            case 3: return lane.WasPlayed;
        }
        var (pass, of) = condition < FirstPass + 2 ? (condition - FirstPass, 2) : condition < FirstPass + 5 ? (condition - FirstPass - 2, 3) : (condition - FirstPass - 5, 4);
        return Mod((long)Math.Floor((double)lane.Clock.Step / lane.Length), of) == pass;
    }

    internal void Seed(long seed)
    {
        for (var i = 0; i < Lanes; i++) lanes[i].Dice = new(seed * Lanes + i + 1);
    }

    public long NextFrame { get; private set; } = long.MaxValue;

    public void Sync(Transport transport, long frame)
    {
        for (var i = 0; i < Lanes; i++)
        {
            lanes[i].Clock.Set(lanes[i].Ticks, SwingPercent);
            lanes[i].Clock.Sync(transport, frame);
        }
        FindNext();
    }

    void FindNext()
    {
        NextFrame = long.MaxValue;
        if (!IsOn) return;
        foreach (ref readonly var lane in lanes.AsSpan()) NextFrame = Math.Min(NextFrame, lane.Clock.NextFrame);
    }

    /// <summary>[audio] Another pattern, at once or at the next boundary.</summary>
    internal void Choose(Transport transport, int pattern, long frame)
    {
        if (SwitchAt == SwitchAt.Now || !IsOn)
        {
            (Pattern, pending) = (pattern, -1);
            return;
        }
        pending = pattern;
        var longest = 0L;
        foreach (ref readonly var lane in lanes.AsSpan()) longest = Math.Max(longest, (long)lane.Length * lane.Ticks);
        var unit = SwitchAt switch { SwitchAt.Beat => 1.0, SwitchAt.Bar => transport.BeatsPerBar, _ => (double)longest / StepClock.TicksPerBeat };
        pendingBeat = SwitchAt == SwitchAt.Bar ? transport.GridAt((long)Math.Round(transport.NextBar(frame))) : Math.Ceiling(transport.GridAt(frame) / unit - 1e-9) * unit;
    }

    public void Step(Performer to, long frame)
    {
        if (pending >= 0 && frame >= (long)Math.Round(to.Transport.FrameOf(pendingBeat))) (Pattern, pending) = (pending, -1);
        var anySolo = false;
        foreach (ref readonly var lane in lanes.AsSpan()) anySolo |= lane.IsSolo;
        for (var i = 0; i < Lanes; i++)
        {
            ref var lane = ref lanes[i];
            if (lane.Clock.NextFrame != frame) continue;
            var step = Mod(lane.Clock.Step, lane.Length);
            var luck = lane.Dice.Fraction() * 100;
            var velocity = Velocity(Pattern, i, step);
            if (velocity > 0)
            {
                lane.WasPlayed = IsMet(Condition(Pattern, i, step), lane) && luck < Chance(Pattern, i, step);
                if (lane.WasPlayed && lane.Skip != lane.Clock.Step && !lane.IsMuted && (lane.IsSolo || !anySolo))
                    Hit(to, i, velocity, Ratchet(Pattern, i, step), frame);
            }
            lane.Clock.Advance(to.Transport);
        }
        FindNext();
    }

    void Hit(Performer to, int which, byte velocity, int parts, long frame)
    {
        for (var i = 0; i < Lanes; i++)
        {
            ref var other = ref lanes[i];
            var isChoked = i == which || (other.Choke > 0 && other.Choke == lanes[which].Choke);
            if (isChoked && other.Node != Performer.None && to.At(other.Node).Generation == other.Generation) to.Finish(other.Node, frame);
            if (isChoked) other.Node = Performer.None;
        }
        ref var lane = ref lanes[which];
        var note = new Note { Pitch = lane.Note, Channel = Note.DrumChannel, Source = Performer.OwnSource, Velocity = velocity };
        var step = (double)lane.Ticks / StepClock.TicksPerBeat * to.Transport.FramesPerBeat;
        var length = Math.Max(1, (long)Math.Round(step / parts / 2));
        for (var part = 1; part < parts; part++) to.Later(note, output, Performer.None, frame, frame + (long)Math.Round(step * part / parts), 0, length);
        lane.Node = to.Later(note, output, Performer.None, frame, frame, 0, length);
        if (lane.Node != Performer.None) lane.Generation = to.At(lane.Node).Generation;
    }

    /// <summary>[audio] While recording: a hit of the player is kept on the nearest step of its lane.</summary>
    internal void Record(Transport transport, int pitch, int velocity, long frame)
    {
        if (!IsRecording) return;
        for (var i = 0; i < Lanes; i++)
        {
            ref var lane = ref lanes[i];
            if (lane.Note != pitch) continue;
            lane.Clock.Set(lane.Ticks, SwingPercent);
            lane.Clock.Sync(transport, frame);
            var next = lane.Clock.Step;
            var (before, after) = (frame - lane.Clock.FrameOf(transport, next - 1), lane.Clock.FrameOf(transport, next) - frame);
            var step = before < after ? next - 1 : next;
            // The player has just played what the machine would play now.
            if (step == next) lane.Skip = step;
            Velocity(Pattern, i, Mod(step, lane.Length)) = (byte)velocity;
            return;
        }
    }

    public void Silence()
    {
        foreach (ref var lane in lanes.AsSpan()) lane.Node = Performer.None;
    }
}

/// <summary>[audio] Notes that are drum hits: keys from a base up are the lanes, everything else stays as it is. They can be recorded.</summary>
sealed class DrumStage(Drum drum, int lowest) : Stage
{
    internal override void On(Performer to, in Note note, int parent, long frame)
    {
        var hit = note;
        if (lowest >= 0 && note.Pitch >= lowest && note.Pitch < lowest + Drum.Lanes) hit.Pitch = drum.At(note.Pitch - lowest).Note;
        if (lowest >= 0) hit.Channel = Note.DrumChannel;
        drum.Record(to.Transport, hit.Pitch, hit.Velocity, frame);
        Pass(to, hit, parent, frame);
    }
}
