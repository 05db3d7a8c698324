using OscLooper.Bard;

namespace OscLooper.Tests.Bard;

public class DrumTests
{
    const int Step = Table.Beat / 4;
    readonly Table table = new();
    Drum Drum => table.Stages.Drum;

    (long, int)[] Hits() => [.. table.TakeAll().Where(e => e.Status == 0x99).Select(e => (e.Frame, (int)e.First))];

    [Test]
    public void A_pattern_plays_on_the_grid_and_each_hit_ends()
    {
        Drum.IsOn = true;
        (Drum.Velocity(0, 0, 0), Drum.Velocity(0, 0, 4), Drum.Velocity(0, 1, 4)) = (100, 90, 80);
        var all = table.Wait(16 * Step).TakeAll();
        Assert.That(all.Where(e => e.Status == 0x99).Select(e => (e.Frame, e.First, e.Second)), Is.EqualTo(new (long, byte, byte)[] { (0, 36, 100), (4 * Step, 36, 90), (4 * Step, 38, 80) }));
        Assert.That(all.Count(e => e.Status == 0x89), Is.EqualTo(3));
    }

    [Test]
    public void Lanes_have_lengths_and_rates_of_their_own()
    {
        Drum.IsOn = true;
        Drum.At(0).Length = 3;
        (Drum.At(1).Ticks, Drum.At(1).Length) = (320, 1);
        (Drum.Velocity(0, 0, 0), Drum.Velocity(0, 1, 0)) = (100, 100);
        Assert.That(table.Wait(6 * Step).TakeAll().Where(e => e.Status == 0x99).Select(e => (e.Frame, (int)e.First)),
            Is.EqualTo(new[] { (0L, 36), (0L, 38), (8000L, 38), (16000L, 38), (3L * Step, 36), (24000L, 38), (32000L, 38) }.OrderBy(h => h.Item1)));
    }

    [Test]
    public void An_open_hat_is_choked_by_a_closed_one()
    {
        Drum.IsOn = true;
        (Drum.Velocity(0, 3, 0), Drum.Velocity(0, 2, 1)) = (100, 100);
        (Drum.At(3).Ticks, Drum.At(2).Ticks) = (960, 240);
        var all = table.Wait(2 * Step).TakeAll();
        Assert.That(all.Select(e => (e.Status, e.First, e.Frame)).Take(3), Is.EqualTo(new (byte, byte, long)[] { (0x99, 46, 0), (0x89, 46, Step), (0x99, 42, Step) }));
    }

    [Test]
    public void What_is_played_is_kept_on_the_nearest_step_and_not_heard_twice()
    {
        Drum.IsOn = Drum.IsRecording = true;
        table.Wait(4 * Step - 500);
        table.On(36, 101, channel: 9).Off(36, channel: 9);
        table.Wait(2 * Step + 300).On(38, 55, channel: 9).Off(38, channel: 9);
        Assert.That((Drum.Velocity(0, 0, 4), Drum.Velocity(0, 1, 6)), Is.EqualTo(((byte)101, (byte)55)));
        Assert.That(Hits(), Is.EqualTo(new[] { (4L * Step - 500, 36), (6L * Step - 200, 38) }));
        Drum.IsRecording = false;
        table.Wait(16 * Step);
        Assert.That(Hits(), Is.EqualTo(new[] { (20L * Step, 36) }));
    }

    [Test]
    public void Another_pattern_begins_at_its_boundary([Values("Now", "Beat", "Bar", "End")] string at)
    {
        Drum.IsOn = true;
        Drum.SwitchAt = Enum.Parse<SwitchAt>(at);
        for (var step = 0; step < 16; step++) (Drum.Velocity(0, 0, step), Drum.Velocity(1, 1, step)) = (100, 100);
        table.Wait(5 * Step + 10);
        table.Stages.Drum.Choose(table.Transport, 1, table.Now);
        table.Wait(32 * Step);
        var first = Hits().First(h => h.Item2 == 38).Item1;
        Assert.That(first, Is.EqualTo(at switch { "Now" => 6L * Step, "Beat" => 8L * Step, _ => 16L * Step }));
    }

    [TestCase(3, 8, "x..x..x.")]
    [TestCase(5, 8, "x.x.xx.x")]
    [TestCase(5, 16, "x...x..x..x..x..")]
    public void Euclid_spreads_hits_evenly(int hits, int length, string expected)
    {
        Drum.At(2).Length = length;
        Drum.Spread(2, hits, 0);
        string Shown() => new([.. Enumerable.Range(0, length).Select(step => Drum.Velocity(0, 2, step) > 0 ? 'x' : '.')]);
        Assert.That(Shown(), Is.EqualTo(expected));
        Drum.Spread(2, hits, 1);
        Assert.That(Shown(), Is.EqualTo(expected[^1] + expected[..^1]));
    }

    [TestCase("always", "0 4 8 12")]
    [TestCase("fill", "8 12")]
    [TestCase("not_fill", "0 4")]
    [TestCase("2:2", "4 12")]
    [TestCase("1:3", "0 12")]
    [TestCase("4:4", "12")]
    public void A_condition_decides_by_pass_and_fill(string condition, string steps)
    {
        Drum.IsOn = true;
        Drum.At(0).Length = 4;
        Drum.Velocity(0, 0, 0) = 100;
        Drum.Condition(0, 0, 0) = (byte)Array.IndexOf(Drum.Conditions, condition);
        table.Wait(8 * Step);
        Drum.IsFill = true;
        table.Wait(8 * Step);
        Assert.That(string.Join(' ', Hits().Select(h => h.Item1 / Step)), Is.EqualTo(steps));
    }

    [Test]
    public void Prev_follows_the_hit_before_it()
    {
        Drum.IsOn = true;
        for (var step = 0; step < 8; step++) Drum.Velocity(0, 0, step) = 100;
        for (var step = 0; step < 8; step += 2) (Drum.Chance(0, 0, step), Drum.Condition(0, 0, step + 1)) = (50, 3);
        table.Wait(800 * Step);
        var steps = Hits().Select(h => h.Item1 / Step).ToHashSet();
        Assert.That(steps, Has.Count.InRange(200, 600));
        Assert.That(steps.Where(s => s % 2 == 1).Select(s => s - 1), Is.EquivalentTo(steps.Where(s => s % 2 == 0)));
    }

    [Test]
    public void A_ratchet_divides_its_step()
    {
        Drum.IsOn = true;
        (Drum.Velocity(0, 0, 0), Drum.Ratchet(0, 0, 0)) = (100, 4);
        Assert.That(table.Wait(4 * Step).TakeAll().Where(e => e.Status == 0x99).Select(e => e.Frame), Is.EqualTo(new[] { 0L, 1500, 3000, 4500 }));
    }

    [Test]
    public void Panic_ends_a_hit_that_sounds()
    {
        Drum.IsOn = true;
        Drum.Velocity(0, 0, 0) = 100;
        table.Wait(100).Said();
        table.Performer.Panic(100);
        Assert.That(table.Said(), Does.StartWith("off 36@10 control 120 0@10"));
    }
}

public class MetronomeTests
{
    [Test]
    public void It_clicks_high_on_the_bar_and_low_on_the_beats([Values(1, 100, 1024)] int block)
    {
        var table = new Table();
        table.Stages.Metronome.IsOn = true;
        table.Transport.SetSignature(0, 3, 4);
        Assert.That(table.Wait(4 * Table.Beat, block).TakeAll().Where(e => e.Status == 0x99).Select(e => (e.Frame, (int)e.First)),
            Is.EqualTo(new[] { (0L, 76), (24000L, 77), (48000L, 77), (72000L, 76) }));
    }

    [Test]
    public void Three_go_against_four()
    {
        var table = new Table();
        (table.Stages.Metronome.IsOn, table.Stages.Metronome.Second) = (true, 3);
        Assert.That(table.Wait(4 * Table.Beat).TakeAll().Where(e => e.Status == 0x99).Select(e => (e.Frame, (int)e.First)),
            Is.EqualTo(new[] { (0L, 76), (24000L, 77), (32000L, 75), (48000L, 77), (64000L, 75), (72000L, 77) }));
    }
}
