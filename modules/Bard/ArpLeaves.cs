namespace OscLooper.Bard;

/// <summary>[any] /bard/arp/...</summary>
sealed class ArpLeaves
{
    readonly Parameter on, pattern, rate, octaves, gate, swing, latch, ratchet, chance, seed, bank, steps, record;
    readonly Command step;

    internal ArpLeaves(Branch at)
    {
        on = at.Parameter("on", Spec.Switch(), "1 turns held keys into an arpeggio on the transport's grid.");
        pattern = at.Parameter("pattern", Spec.Choice(ArpOrder.Words), "The order of its notes.");
        rate = at.Parameter("rate", Rates.Spec, "Length of a step: part of a whole note, t = triplet, . = dotted.");
        octaves = at.Parameter("octaves", Spec.Count(1, Arp.MostOctaves, 1), "Over how many octaves.");
        gate = at.Parameter("gate", Spec.Range(1, 200, 80, "%"), "How much of a step its note lasts.");
        swing = at.Parameter("swing", Spec.Range(50, 75, 50, "%"), "Where the second step of each pair begins.");
        latch = at.Parameter("latch", Spec.Switch(), "1 goes on when the keys are let go; the first key after all are up begins anew.");
        ratchet = at.Parameter("ratchet", Spec.Count(1, 8, 1), "So many notes in each step.");
        chance = at.Parameter("chance", Spec.Range(0, 100, 100, "%"), "How likely a step is played.");
        seed = at.Parameter("seed", Spec.Count(0, int.MaxValue, 1), "The same seed gives the same chances.");
        bank = at.Parameter("bank", Spec.Count(1, Arp.Banks, 1), "Which of four patterns of one's own is the one called user: it is played, recorded and written.");
        steps = at.Parameter("steps", Spec.Count(1, Arp.MostSteps, Arp.StepsAtStart), "Steps of the pattern called user.", Traits.Fleeting);
        record = at.Parameter("record", Spec.Switch(), "1: keys sound as they are and are noted; 0: they are the pattern called user, each pitch a place from the lowest up.", Traits.Fleeting);
        step = at.Command("step", "One step of the pattern called user: which of the held notes from 1 (0 = rest, -1 = the one before goes on), and octaves up.",
            Spec.Count(1, Arp.MostSteps).Named("step"), Spec.Count(-1, 127).Named("note"), Spec.Count(-4, 4).Named("octave").OrNothing());
    }

    /// <summary>[audio] Patterns that were remembered.</summary>
    internal void Take(ArpContents contents, Arp arp)
    {
        arp.Own.Take(contents);
        steps.Set(arp.UserLength);
    }

    /// <summary>[audio] Carries an event out; false when it is not for the arpeggio.</summary>
    internal bool Handle(in Event e, Arp arp, Performer to)
    {
        if (e.Is(on)) arp.Switch(to, on.IsOn, e.Frame);
        else if (e.Is(pattern)) arp.Pattern = (ArpPattern)(int)pattern.Value;
        else if (e.Is(rate)) arp.Ticks = Rates.Ticks[(int)rate.Value];
        else if (e.Is(octaves)) arp.Octaves = (int)octaves.Value;
        else if (e.Is(gate)) arp.GatePercent = gate.Value;
        else if (e.Is(swing)) arp.SwingPercent = swing.Value;
        else if (e.Is(latch)) arp.LatchTo(latch.IsOn);
        else if (e.Is(ratchet)) arp.Ratchet = (int)ratchet.Value;
        else if (e.Is(chance)) arp.ChancePercent = chance.Value;
        else if (e.Is(seed)) arp.Seed = (long)seed.Value;
        else if (e.Is(record))
        {
            if (arp.Record(record.IsOn)) steps.Set(arp.UserLength);
        }
        else if (e.Is(bank))
        {
            arp.Bank = (int)bank.Value - 1;
            steps.Set(arp.UserLength);
        }
        else if (e.Is(steps)) arp.UserLength = (int)steps.Value;
        else if (e.Is(step)) arp.User[(int)e.A - 1] = new((int)e.B - 1, (int)e.C, 1);
        else return false;
        return true;
    }
}
