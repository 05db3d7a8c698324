using OscLooper.Bard;

namespace OscLooper.Tests.Bard;

/// <summary>I1..I6 of facts/bard.md 3.5 under random players, settings, panics and unplugged cables; the naive rule falls in the same test.</summary>
public class InvariantTests
{
    internal static readonly string[] Arrangements =
    [
        """{"arrangements":{}}""",
        """{"sources":{"*":"a"},"arrangements":{"a":[{"style":"transpose","semitones":5},{"style":"out","output":2,"channel":3}]}}""",
        """{"sources":{"*":"a"},"arrangements":{"a":[{"style":"chord","chord":"0 4 7 12"},{"style":"strum","ms":15},{"style":"delay","ms":30},{"style":"out"}]}}""",
        """{"sources":{"1":"a","2":"b"},"arrangements":{"a":[{"style":"latch"},{"style":"echo","count":3,"ms":40,"decay":0.8},{"style":"out","output":3}],"b":[{"style":"arp","rate":"1/32","gate":180,"octaves":2,"pattern":"random"},{"style":"humanize","ms":12,"velocity":9},{"style":"out"}]}}""",
        """{"sources":{"*":"a"},"arrangements":{"a":[{"style":"sustain"},{"style":"randomize","transpose":30},{"style":"chance","percent":70},{"style":"ratchet","count":3,"ms":60,"gate":100},{"style":"split","zones":[{"low":0,"high":64,"to":"c"},{"low":60,"to":"d"}]}],"c":[{"style":"arp","latch":true,"rate":"1/32t","ratchet":2},{"style":"out"}],"d":[{"style":"octave","octaves":4},{"style":"out","channel":1}]}}""",
    ];

    /// <summary>What pyseq does: every message goes through the settings of the moment.</summary>
    sealed class Naive
    {
        internal int Transpose, Channel;
        internal long Chord = 1;
        internal QuantizeMode Mode;
        internal bool IsFrozen;
        internal List<OutEvent> Sent { get; } = [];

        internal void Hear(int status, int pitch, int velocity)
        {
            if (IsFrozen) return;
            for (var k = 0; k < 48; k++)
                if ((Chord >> k & 1) != 0 && new Scale(0b101010110101, 0).Quantize(pitch + Transpose, Mode) + k is >= 0 and <= 127 and var to)
                    Sent.Add(new(0, 0, (byte)((status & 0xF0) == 0x90 && velocity > 0 ? 0x90 | Channel : 0x80 | Channel), (byte)to, (byte)velocity));
        }
    }

    /// <summary>A listener at the very end of the chain.</summary>
    internal sealed class Sink
    {
        readonly HashSet<int> on = [];
        long last;
        internal int Violations { get; private set; }
        internal int Sounding => on.Count;

        internal void Hear(OutEvent e)
        {
            if (e.First > 127 || e.Second > 127 || e.Status < 0x80 || e.Frame < last) Violations++;
            last = e.Frame;
            var key = (e.Output * 16 + (e.Status & 15)) * 128 + e.First;
            if ((e.Status & 0xF0) == 0x90 && (e.Second == 0 || !on.Add(key))) Violations++;
            if ((e.Status & 0xF0) == 0x80 && !on.Remove(key)) Violations++;
        }
    }

    readonly Sink sink = new();
    Naive naive = new();
    int silenceFailures;

    void Hear(Table table)
    {
        foreach (var e in table.TakeAll()) sink.Hear(e);
    }

    void Play(Table table, Arrangement[] arrangements, int seed, int block = 512)
    {
        table.Performer.Take(arrangements[0], table.Now);
        var dice = new Random(seed);
        var stages = table.Stages;
        var down = new HashSet<(int Source, int Channel, int Pitch)>();
        var isLatching = false;
        (int, int, int) Any() => (dice.Next(2), dice.Next(8) == 0 ? 9 : dice.Next(2), dice.Next(40, 90));
        void Strike((int Source, int Channel, int Pitch) key, int status, int velocity)
        {
            table.Hear(status | key.Channel, key.Pitch, velocity, key.Source);
            naive.Hear(status, key.Pitch, velocity);
        }
        for (var step = 0; step < 60; step++)
        {
            var what = dice.NextDouble();
            if (what < 0.3) { var key = Any(); var velocity = dice.Next(4) == 0 ? 0 : dice.Next(1, 128); Strike(key, 0x90, velocity); if (velocity > 0) down.Add(key); else down.Remove(key); }
            else if (what < 0.5 && down.Count > 0) { var key = down.ElementAt(dice.Next(down.Count)); down.Remove(key); Strike(key, 0x80, 64); }
            else if (what < 0.54) Strike(Any(), 0x80, 0);
            else if (what < 0.60) stages.Transpose.Semitones = naive.Transpose = dice.Next(-60, 61);
            else if (what < 0.64) stages.Quantize.Mode = naive.Mode = (QuantizeMode)dice.Next(6);
            else if (what < 0.68) stages.Chord.Mask = naive.Chord = dice.Next(3) switch { 0 => 1, 1 => 0b10010001, _ => 0b1000010001001 };
            else if (what < 0.70) { var which = dice.Next(arrangements.Length); isLatching = which >= 3; table.Performer.Take(arrangements[which], table.Now); naive.Channel = dice.Next(16); }
            else if (what < 0.73) stages.Arp.Switch(table.Performer, dice.Next(2) == 0, table.Now);
            else if (what < 0.75) stages.Arp.LatchTo(dice.Next(2) == 0);
            else if (what < 0.77) (stages.Arp.Pattern, stages.Arp.Octaves, stages.Arp.GatePercent) = ((ArpPattern)dice.Next(14), dice.Next(1, 5), dice.Next(10, 200));
            else if (what < 0.78) table.Transport.SetTempo(table.Now, dice.Next(60, 300));
            else if (what < 0.79) table.Transport.Locate(table.Now, dice.Next(-4, 40));
            else if (what < 0.80) table.Hear(0xB0, 64, dice.Next(128), dice.Next(2));
            else if (what < 0.81) { table.Performer.Panic(table.Now); Hear(table); if (sink.Sounding > 0) silenceFailures++; }
            else if (what < 0.82) { table.Performer.Freeze(table.Now); naive.IsFrozen = true; Hear(table); if (sink.Sounding > 0) silenceFailures++; }
            else if (what < 0.84) { table.Performer.Unfreeze(); naive.IsFrozen = false; }
            else if (what < 0.85) { var source = dice.Next(2); table.Performer.Unplug(source, table.Now); down.RemoveWhere(k => k.Source == source); }
            else if (what < 0.86) { table.Performer.Freeze(table.Now); table.Performer.Unfreeze(); }   // respawn: nothing held survives
            else if (what < 0.87) { stages.Drum.IsOn = dice.Next(2) == 0; stages.Drum.Velocity(0, dice.Next(16), dice.Next(16)) = 100; table.Performer.Begin(table.Transport, table.Now); }
            else table.Wait(dice.Next(1, 2000), block);
            Hear(table);
        }
        // The players let go of everything, latches are opened, and the longest gate, echo and ratchet pass (I2).
        table.Performer.Unfreeze();
        stages.Drum.IsOn = false;
        foreach (var key in down) Strike(key, 0x80, 64);
        stages.Arp.LatchTo(false);
        table.Hear(0xB0, 64, 0, 0);
        if (isLatching) table.Performer.Take(arrangements[0], table.Now);
        table.Transport.SetTempo(table.Now, 240);
        table.Wait(24000, block);
        Hear(table);
        if (sink.Sounding > 0) silenceFailures++;
    }

    static Arrangement[] ReadAll(Table table) =>
        [.. Arrangements.Select(json => ArrangementReader.Read(json, table.Stages.Drum, table.Stages.Steppers, out var why) ?? throw new InvalidOperationException(why))];

    [Test]
    public void In_100_000_random_sequences_nothing_is_ever_stuck_and_the_naive_rule_fails_the_same()
    {
        var table = new Table();
        var arrangements = ReadAll(table);
        var naiveFailures = 0;
        const int sequences = 100_000;
        for (var seed = 0; seed < sequences; seed++)
        {
            naive = new();
            Play(table, arrangements, seed);
            var naiveSink = new Sink();
            foreach (var e in naive.Sent) naiveSink.Hear(e);
            if (naiveSink.Violations + naiveSink.Sounding > 0) naiveFailures++;
            if (sink.Violations + silenceFailures > 0) Assert.Fail($"sequence {seed}: {sink.Violations} violations, {silenceFailures} times not silent, {sink.Sounding} notes left");
            table.Performer.Panic(table.Now);
            Hear(table);
        }
        TestContext.Out.WriteLine($"{sequences} sequences: 0 violations by the ledger, {naiveFailures} with violations by the naive rule; nodes left {table.Performer.Alive}.");
        Assert.That(table.Performer.Alive, Is.Zero);
        Assert.That(naiveFailures, Is.GreaterThan(sequences / 2));
    }

    [Test]
    public void The_same_players_give_the_same_bytes_at_every_block_size()
    {
        for (var seed = 0; seed < 60; seed++)
        {
            List<OutEvent>[] results = [.. new[] { 1, 64, 1024 }.Select(block =>
            {
                var table = new Table();
                var (all, dice) = (new List<OutEvent>(), new Random(seed));
                table.Performer.Take(ReadAll(table)[seed % Arrangements.Length], 0);
                table.Stages.Arp.Switch(table.Performer, seed % 3 == 0, 0);
                table.Stages.Drum.IsOn = true;
                for (var lane = 0; lane < 16; lane++) table.Stages.Drum.Velocity(0, lane, dice.Next(16)) = 90;
                for (var i = 0; i < 40; i++)
                {
                    table.Hear(0x90, dice.Next(50, 60), dice.Next(2) * 90, dice.Next(2));
                    if (i % 10 == 5) table.Transport.SetTempo(table.Now, dice.Next(60, 300));
                    if (i % 20 == 7) table.Transport.Locate(table.Now, dice.Next(50));
                    table.Wait(dice.Next(1, 3000), block);
                    all.AddRange(table.TakeAll());
                }
                return all;
            })];
            Assert.That(results[0], Has.Count.GreaterThan(20));
            Assert.That(results[1], Is.EqualTo(results[0]), $"seed {seed}, 64 frames");
            Assert.That(results[2], Is.EqualTo(results[0]), $"seed {seed}, 1024 frames");
        }
    }
}
