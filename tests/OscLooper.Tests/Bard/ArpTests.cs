using OscLooper.Bard;

namespace OscLooper.Tests.Bard;

public class ArpTests
{
    const int Step = Table.Beat / 4;
    readonly Table table = new();

    Table Started(ArpPattern pattern, int octaves = 1)
    {
        table.Stages.Arp.Switch(table.Performer, true, 0);
        (table.Stages.Arp.Pattern, table.Stages.Arp.Octaves) = (pattern, octaves);
        return table;
    }

    [TestCase("Up", 1, "60 64 67")]
    [TestCase("Up", 2, "60 64 67 72 76 79")]
    [TestCase("Down", 1, "67 64 60")]
    [TestCase("Down", 2, "79 76 72 67 64 60")]
    [TestCase("UpDown", 1, "60 64 67 64")]
    [TestCase("UpDown", 2, "60 64 67 72 76 79 76 72 67 64")]
    [TestCase("UpDownInclusive", 1, "60 64 67 67 64 60")]
    [TestCase("DownUp", 1, "67 64 60 64")]
    [TestCase("Converge", 1, "60 67 64")]
    [TestCase("Converge", 2, "60 79 64 76 67 72")]
    [TestCase("Diverge", 1, "64 67 60")]
    [TestCase("PinkyUp", 1, "60 67 64 67")]
    [TestCase("ThumbUp", 1, "60 64 60 67")]
    [TestCase("Order", 1, "67 60 64")]
    public void Each_pattern_has_its_period(string pattern, int octaves, string period)
    {
        Started(Enum.Parse<ArpPattern>(pattern), octaves).On(67).On(60).On(64);
        var count = period.Split(' ').Length;
        Assert.That(table.Wait(2 * count * Step).Pitches(), Is.EqualTo($"{period} {period}"));
        Assert.That(table.Off(67).Off(60).Off(64).Wait(Step).Said(), Does.Not.Contain("on"));
        Assert.That(table.Performer.Ledger.Sounding, Is.Zero);
    }

    [Test]
    public void One_key_has_a_period_of_one([Values("Up", "Down", "UpDown", "DownUp", "Converge", "PinkyUp", "ThumbUp", "Order", "Random", "Walk", "Chord")] string pattern)
    {
        Started(Enum.Parse<ArpPattern>(pattern)).On(60);
        Assert.That(table.Wait(4 * Step).Pitches(), Is.EqualTo("60 60 60 60"));
    }

    [Test]
    public void Random_never_repeats_at_once_and_the_seed_decides()
    {
        Started(ArpPattern.Random).On(60).On(64).On(67);
        var first = table.Wait(200 * Step).Pitches();
        var notes = first.Split(' ');
        Assert.That(notes.Zip(notes.Skip(1)).Count(p => p.First == p.Second), Is.Zero);
        Assert.That(notes.Distinct().Count(), Is.EqualTo(3));
        var again = new Table();
        again.Stages.Arp.Switch(again.Performer, true, 0);
        again.Stages.Arp.Pattern = ArpPattern.Random;
        Assert.That(again.On(60).On(64).On(67).Wait(200 * Step).Pitches(), Is.EqualTo(first));
    }

    [Test]
    public void Walk_goes_to_a_neighbour()
    {
        Started(ArpPattern.Walk, 2).On(60).On(64).On(67);
        int[] ladder = [60, 64, 67, 72, 76, 79];
        var places = table.Wait(200 * Step).Pitches().Split(' ').Select(p => Array.IndexOf(ladder, int.Parse(p))).ToArray();
        Assert.That(places.Zip(places.Skip(1)).Select(p => Math.Abs(p.First - p.Second)), Is.All.EqualTo(1));
        Assert.That(places.Distinct().Count(), Is.EqualTo(6));
    }

    [Test]
    public void Steps_lie_on_the_grid_with_swing_and_end_at_their_gate()
    {
        Started(ArpPattern.Up).On(60);
        (table.Stages.Arp.SwingPercent, table.Stages.Arp.GatePercent) = (62, 50);
        var all = table.Wait(Table.Beat).TakeAll();
        // 0, 298, 480, 778 ticks at 25 frames each (facts/bard.md 3.3.5).
        Assert.That(all.Where(e => e.Status == 0x90).Select(e => e.Frame), Is.EqualTo(new[] { 0L, 298 * 25, 480 * 25, 778 * 25 }));
        Assert.That(all.Where(e => e.Status == 0x80).Select(e => e.Frame), Is.EqualTo(new[] { 3000L, 298 * 25 + 3000, 480 * 25 + 3000, 778 * 25 + 3000 }));
    }

    [Test]
    public void Swing_of_two_thirds_is_a_triplet()
    {
        Started(ArpPattern.Up).On(60);
        table.Stages.Arp.SwingPercent = 200 / 3.0;
        Assert.That(table.Wait(Table.Beat).TakeAll().Where(e => e.Status == 0x90).Select(e => e.Frame), Is.EqualTo(new[] { 0L, 320 * 25, 480 * 25, 800 * 25 }));
        Assert.That(StepClock.TickOf(1, 240, 62.5), Is.EqualTo(300));
    }

    [Test]
    public void A_long_gate_ties_and_stops_no_later_than_the_next_step()
    {
        Started(ArpPattern.Up).On(60);
        table.Stages.Arp.GatePercent = 200;
        table.Wait(2 * Step + 10).Off(60).Said();
        table.Wait(Step);
        Assert.That(table.TakeAll().Select(e => (e.Status, e.Frame)), Is.EqualTo(new[] { (0x80, 3L * Step) }));
    }

    [Test]
    public void Latch_holds_and_the_first_key_after_all_up_begins_anew()
    {
        Started(ArpPattern.Up);
        table.Stages.Arp.LatchTo(true);
        table.On(60).On(64).Off(60).Off(64);
        Assert.That(table.Wait(4 * Step).Pitches(), Is.EqualTo("60 64 60 64"));
        Assert.That(table.On(72).Wait(2 * Step).Pitches(), Is.EqualTo("72 72"));
        table.Off(72);
        table.Stages.Arp.LatchTo(false);
        table.Wait(2 * Step).Said();
        Assert.That(table.Performer.Ledger.Sounding, Is.Zero);
    }

    [Test]
    public void A_pattern_of_ones_own_has_rests_and_ties()
    {
        Started(ArpPattern.User).On(60).On(64).On(67);
        var arp = table.Stages.Arp;
        (arp.User[0], arp.User[1], arp.User[2], arp.User[3], arp.UserLength) = (new(0, 0, 1), new(Arp.Tie, 0, 1), new(Arp.Rest, 0, 1), new(2, 1, 0.5), 4);
        arp.GatePercent = 100;
        var all = table.Wait(4 * Step).TakeAll();
        Assert.That(all.Select(e => (e.Status, e.First, e.Frame)), Is.EqualTo(new (byte, byte, long)[] { (0x90, 60, 0), (0x80, 60, 2 * Step), (0x90, 79, 3 * Step) }));
        Assert.That(all[2].Second, Is.EqualTo(50));
    }

    [Test]
    public void What_is_played_while_recording_becomes_the_users_pattern()
    {
        Started(ArpPattern.User);
        var arp = table.Stages.Arp;
        arp.Record(true);
        foreach (var key in new[] { 48, 55, 52, 55 }) table.On(key).Off(key);
        Assert.That(table.Pitches(), Is.EqualTo("48 55 52 55"));
        Assert.That(arp.Record(false), Is.True);
        Assert.That(table.On(60).On(64).On(67).Wait(8 * Step).Pitches(), Is.EqualTo("60 67 64 67 60 67 64 67"));
        arp.Record(true);
        Assert.That(arp.Record(false), Is.False, "nothing was played");
        Assert.That(arp.UserLength, Is.EqualTo(4));
    }

    [Test]
    public void A_ratchet_divides_the_step()
    {
        Started(ArpPattern.Up).On(60);
        table.Stages.Arp.Ratchet = 3;
        Assert.That(table.Wait(Step).TakeAll().Where(e => e.Status == 0x90).Select(e => e.Frame), Is.EqualTo(new[] { 0L, 2000, 4000 }));
    }

    [Test]
    public void Chance_does_not_shift_what_is_drawn_later()
    {
        Started(ArpPattern.Random).On(60).On(64).On(67);
        var all = table.Wait(64 * Step).TakeAll().Where(e => e.Status == 0x90).ToDictionary(e => e.Frame, e => e.First);
        var other = new Table();
        other.Stages.Arp.Switch(other.Performer, true, 0);
        (other.Stages.Arp.Pattern, other.Stages.Arp.ChancePercent) = (ArpPattern.Random, 50);
        var some = other.On(60).On(64).On(67).Wait(64 * Step).TakeAll().Where(e => e.Status == 0x90).ToArray();
        Assert.That(some.Length, Is.InRange(20, 44));
        Assert.That(some.Select(e => e.First), Is.EqualTo(some.Select(e => all[e.Frame])));
    }

    [Test]
    public void The_grid_is_found_again_after_a_jump_and_another_tempo()
    {
        Started(ArpPattern.Up).On(60).Wait(1000).Said();
        table.Transport.SetTempo(1000, 60);
        Assert.That(table.Wait(20000).TakeAll().Where(e => e.Status == 0x90).Select(e => e.Frame), Is.EqualTo(new[] { 11000L }));
        table.Transport.Locate(21000, 8.2);
        Assert.That(table.Wait(5000).TakeAll().Where(e => e.Status == 0x90).Select(e => e.Frame), Is.EqualTo(new[] { 23400L }));
    }
}
