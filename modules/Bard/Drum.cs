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
        public bool IsMuted, IsSolo;
        public long Skip;
        public Dice Dice;
    }

    readonly byte[] velocities = new byte[Patterns * Lanes * MostSteps], chances = new byte[Patterns * Lanes * MostSteps];
    readonly Lane[] lanes = new Lane[Lanes];
    readonly Stage output;
    int pending = -1;
    double pendingBeat;

    internal Drum(Stage output)
    {
        this.output = output;
        Array.Fill(chances, (byte)100);
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

    internal void Clear() => velocities.AsSpan(Pattern * Lanes * MostSteps, Lanes * MostSteps).Clear();

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
            var step = (int)((lane.Clock.Step % lane.Length + lane.Length) % lane.Length);
            var luck = lane.Dice.Fraction() * 100;
            var velocity = Velocity(Pattern, i, step);
            if (velocity > 0 && luck < Chance(Pattern, i, step) && lane.Skip != lane.Clock.Step && !lane.IsMuted && (lane.IsSolo || !anySolo))
                Hit(to, i, velocity, frame);
            lane.Clock.Advance(to.Transport);
        }
        FindNext();
    }

    void Hit(Performer to, int which, byte velocity, long frame)
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
        var frames = (long)Math.Round((double)lane.Ticks / StepClock.TicksPerBeat * to.Transport.FramesPerBeat / 2);
        lane.Node = to.Later(note, output, Performer.None, frame, frame, 0, Math.Max(1, frames));
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
            Velocity(Pattern, i, (int)((step % lane.Length + lane.Length) % lane.Length)) = (byte)velocity;
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
