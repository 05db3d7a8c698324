namespace OscLooper.Bard;

/// <summary>[audio] How long, in beats or in seconds.</summary>
readonly record struct Span(double Beats, double Seconds)
{
    internal long Frames(Transport transport) => (long)Math.Round(Beats * transport.FramesPerBeat + Seconds * transport.Rate);
}

/// <summary>[audio] Later, beginning and end alike.</summary>
sealed class Delay(Span time) : Stage
{
    internal override void On(Performer to, in Note note, int parent, long frame)
    {
        if (time.Frames(to.Transport) is var frames and > 0) to.Later(note, Next!, parent, frame, frame + frames, frames, 0);
        else Pass(to, note, parent, frame);
    }
}

/// <summary>[audio] At once and then again and again, each softer.</summary>
sealed class Echo(Span time, int count, double decay) : Stage
{
    internal override int Fan => count + 1;

    internal override void On(Performer to, in Note note, int parent, long frame)
    {
        Pass(to, note, parent, frame);
        var (frames, louder) = (Math.Max(1, time.Frames(to.Transport)), 1.0);
        for (var i = 1; i <= count; i++)
        {
            var velocity = (int)Math.Round(note.Velocity * (louder *= decay));
            if (velocity < 1) break;
            to.Later(note with { Velocity = (byte)Math.Min(127, velocity) }, Next!, parent, frame, frame + i * frames, i * frames, 0);
        }
    }
}

/// <summary>[audio] The notes of a chord one after the other, from the lowest or, backwards, from the highest; their ends are not strummed.</summary>
sealed class Strum(Span time, bool isBackwards) : Stage
{
    internal override void On(Performer to, in Note note, int parent, long frame)
    {
        if ((isBackwards ? note.Last - note.Index : note.Index) * time.Frames(to.Transport) is var frames and > 0) to.Later(note, Next!, parent, frame, frame + frames, 0, 0);
        else Pass(to, note, parent, frame);
    }
}

/// <summary>[audio] A little late and a little louder or softer, as hands are.</summary>
sealed class Humanize(double seconds, int velocity, long seed) : Stage
{
    Dice dice = new(seed);

    internal override void On(Performer to, in Note note, int parent, long frame)
    {
        var (late, louder) = ((long)Math.Round(dice.Fraction() * seconds * to.Transport.Rate), dice.Below(2 * velocity + 1) - velocity);
        var played = note with { Velocity = (byte)Math.Clamp(note.Velocity + louder, 1, 127) };
        if (late > 0) to.Later(played, Next!, parent, frame, frame + late, late, 0);
        else Pass(to, played, parent, frame);
    }
}

/// <summary>[audio] A stretch of time in equal parts, a note in each; the key's release ends it.</summary>
sealed class Ratchet(Span time, int count, double gatePercent) : Stage
{
    internal override int Fan => count;

    internal override void On(Performer to, in Note note, int parent, long frame)
    {
        var frames = Math.Max(count, time.Frames(to.Transport));
        for (var i = 0; i < count; i++)
        {
            var (begin, end) = (i * frames / count, (i + 1) * frames / count);
            to.Later(note, Next!, parent, frame, frame + begin, 0, Math.Max(1, (long)((end - begin) * Math.Min(100, gatePercent) / 100)));
        }
    }
}

/// <summary>[audio] Keeps what is let go: keys add while any is down, the first after all are up replaces them. Or, with a pedal: until controller 64 is up.</summary>
sealed class Latch(bool byPedal) : Stage
{
    const int Most = 128;
    readonly int[] kept = new int[Most];
    int count, down;
    bool isPedalDown;

    internal override void On(Performer to, in Note note, int parent, long frame)
    {
        if (!byPedal && down == 0) LetGo(to, frame);
        for (var i = 0; i < count; i++)
            if (to.At(kept[i]).Note is var other && other.Pitch == note.Pitch && other.Channel == note.Channel)
            {
                var again = kept[i];
                kept[i--] = kept[--count];
                to.Finish(again, frame);
            }
        var node = to.Add(parent, NodeKind.Held, note, this);
        if (node == Performer.None) return;
        down++;
        Pass(to, note, node, frame);
    }

    internal override void Released(Performer to, int node, long frame)
    {
        down--;
        if ((byPedal && !isPedalDown) || count == Most)
        {
            to.Finish(node, frame);
            return;
        }
        to.Detach(node);
        kept[count++] = node;
    }

    internal override void Message(Performer to, int source, int channel, int kind, int first, int second, long frame)
    {
        if (!byPedal || kind != NoteEvent.Control || first != 64)
        {
            base.Message(to, source, channel, kind, first, second, frame);
            return;
        }
        isPedalDown = second >= 64;
        if (!isPedalDown) LetGo(to, frame);
    }

    void LetGo(Performer to, long frame)
    {
        while (count > 0) to.Finish(kept[--count], frame);
    }

    internal override void Silence() => (count, down, isPedalDown) = (0, 0, false);

    /// <summary>[audio] A node of this stage is being ended from outside.</summary>
    internal override void Ended(int node)
    {
        for (var i = 0; i < count; i++)
            if (kept[i] == node)
            {
                kept[i] = kept[--count];
                return;
            }
        down--;
    }
}
