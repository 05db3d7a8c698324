namespace OscLooper.Bard;

/// <summary>[any] /bard/drum/...</summary>
sealed class DrumLeaves
{
    readonly Parameter on, record, pattern, length, swing, switchAt, seed, fill;
    readonly Parameter note, laneLength, rate, mute, solo, choke;
    readonly Command step, chance, condition, ratchet, euclid, clear;

    internal DrumLeaves(Branch at)
    {
        on = at.Parameter("on", Spec.Switch(), "1 plays the pattern on the transport's grid.");
        record = at.Parameter("record", Spec.Switch(), "1 keeps what is played on MIDI channel 10 on the nearest steps.");
        pattern = at.Parameter("pattern", Spec.Count(1, Drum.Patterns, 1), "Which pattern plays and is written.");
        switchAt = at.Parameter("switch", Spec.Choice("now", "beat", "bar", "end"), "When another pattern begins.");
        length = at.Parameter("length", Spec.Count(1, Drum.MostSteps, 16), "Steps of every lane.");
        swing = at.Parameter("swing", Spec.Range(50, 75, 50, "%"), "Where the second step of each pair begins.");
        seed = at.Parameter("seed", Spec.Count(0, int.MaxValue), "The same seed gives the same chances.");
        step = at.Command("step", "How hard a step is hit (0..127); 0 = not at all.",
            Spec.Count(1, Drum.Lanes).Named("lane"), Spec.Count(1, Drum.MostSteps).Named("step"), Spec.Range(0, 127, 100).Named("velocity"));
        chance = at.Command("chance", "How likely a step is hit, in percent.",
            Spec.Count(1, Drum.Lanes).Named("lane"), Spec.Count(1, Drum.MostSteps).Named("step"), Spec.Range(0, 100, 100).Named("percent"));
        fill = at.Parameter("fill", Spec.Switch(), "1 plays the steps that are for fills.", Traits.Fleeting);
        condition = at.Command("condition", "When a step is hit: always, in fills, when the one before was, on pass 1 of 2 and so on.",
            Spec.Count(1, Drum.Lanes).Named("lane"), Spec.Count(1, Drum.MostSteps).Named("step"), Spec.Choice(Drum.Conditions).Named("when"));
        ratchet = at.Command("ratchet", "So many hits in a step.",
            Spec.Count(1, Drum.Lanes).Named("lane"), Spec.Count(1, Drum.MostSteps).Named("step"), Spec.Count(1, 8, 1).Named("hits"));
        euclid = at.Command("euclid", "So many hits as even as can be over the lane's steps, turned by some steps.",
            Spec.Count(1, Drum.Lanes).Named("lane"), Spec.Count(0, Drum.MostSteps).Named("hits"), Spec.Count(0, Drum.MostSteps).Named("turned").OrNothing());
        clear = at.Command("clear", "Empties the pattern.");
        var rows = at.Rows("lane");
        var each = rows.Each;
        note = each.Parameter("note", Spec.Count(0, 127), "What the lane plays on MIDI channel 10.");
        laneLength = each.Parameter("length", Spec.Count(1, Drum.MostSteps, 16), "Steps of this lane.");
        rate = each.Parameter("rate", Rates.Spec, "Length of its steps.");
        mute = each.Parameter("mute", Spec.Switch(), "1 silences the lane.");
        solo = each.Parameter("solo", Spec.Switch(), "1 silences the lanes that are not solo.");
        choke = each.Parameter("choke", Spec.Count(0, 8), "Lanes of one group end each other; 0 = none.");
        for (var lane = 0; lane < Drum.Lanes; lane++) rows.Add();
    }

    /// <summary>[audio] The kit is not the same number in every row; told once.</summary>
    internal void Show(Drum drum)
    {
        for (var lane = 0; lane < Drum.Lanes; lane++)
        {
            note.Of(lane).Set(drum.At(lane).Note);
            choke.Of(lane).Set(drum.At(lane).Choke);
        }
    }

    /// <summary>[audio] Patterns that were remembered, and how long each lane was.</summary>
    internal void Take(DrumContents contents, Drum drum)
    {
        drum.Take(contents);
        for (var lane = 0; lane < Drum.Lanes; lane++) laneLength.Of(lane).Set(drum.At(lane).Length = contents.Lengths[lane]);
    }

    /// <summary>[audio] Carries an event out; false when it is not for the drums.</summary>
    internal bool Handle(in Event e, Drum drum, Performer to)
    {
        if (e.Is(on)) drum.IsOn = on.IsOn;
        else if (e.Is(record)) drum.IsRecording = record.IsOn;
        else if (e.Is(pattern)) drum.Choose(to.Transport, (int)pattern.Value - 1, e.Frame);
        else if (e.Is(switchAt)) drum.SwitchAt = (SwitchAt)(int)switchAt.Value;
        else if (e.Is(swing)) drum.SwingPercent = swing.Value;
        else if (e.Is(seed)) drum.Seed((long)seed.Value);
        else if (e.Is(step)) drum.Velocity(drum.Pattern, (int)e.A - 1, (int)e.B - 1) = (byte)Math.Round(e.C);
        else if (e.Is(chance)) drum.Chance(drum.Pattern, (int)e.A - 1, (int)e.B - 1) = (byte)Math.Round(e.C);
        else if (e.Is(fill)) drum.IsFill = fill.IsOn;
        else if (e.Is(condition)) drum.Condition(drum.Pattern, (int)e.A - 1, (int)e.B - 1) = (byte)e.C;
        else if (e.Is(ratchet)) drum.Ratchet(drum.Pattern, (int)e.A - 1, (int)e.B - 1) = (byte)e.C;
        else if (e.Is(euclid)) drum.Spread((int)e.A - 1, Math.Min((int)e.B, drum.At((int)e.A - 1).Length), (int)e.C);
        else if (e.Is(clear)) drum.Clear();
        else if (e.Is(length))
        {
            for (var lane = 0; lane < Drum.Lanes; lane++) laneLength.Of(lane).Set(drum.At(lane).Length = (int)length.Value);
        }
        else if (e.Row is >= 0 and < Drum.Lanes) HandleLane(e, ref drum.At(e.Row));
        else return false;
        return true;
    }

    void HandleLane(in Event e, ref Drum.Lane lane)
    {
        if (e.Is(note)) lane.Note = (int)e.A;
        else if (e.Is(laneLength)) lane.Length = (int)e.A;
        else if (e.Is(rate)) lane.Ticks = Rates.Ticks[(int)e.A];
        else if (e.Is(mute)) lane.IsMuted = e.A != 0;
        else if (e.Is(solo)) lane.IsSolo = e.A != 0;
        else if (e.Is(choke)) lane.Choke = (int)e.A;
    }
}
