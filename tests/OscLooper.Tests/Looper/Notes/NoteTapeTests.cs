using OscLooper.Dsp;
using OscLooper.Looper;

namespace OscLooper.Tests.Looper.Notes;

public class NoteTapeTests
{
    static NoteRecord Note(long position, int pitch = 60, float velocity = 100) =>
        new() { Position = (uint)position, Length = 1, Velocity = velocity, Status = NoteEvent.On, First = (byte)pitch };

    static List<(uint, byte, float)> Contents(in Tape tape) => [.. NoteTape.ToList(tape).Select(r => (r.Position, r.First, r.Velocity))];

    [Test]
    public void Copies_share_what_they_do_not_change_and_all_memory_comes_back([Values(1, 2)] int seed)
    {
        var random = new Random(seed);
        using var pool = new SegmentPool(8 << 20);
        pool.Work(0);
        var tapes = new List<(Tape Tape, List<(uint Position, byte First, float Velocity)> Expected)>();
        var first = new Tape { Frames = 100_000 };
        Assert.That(NoteTape.Begin(ref first, pool), Is.True);
        tapes.Add((first, []));
        for (var layer = 0; layer < 6; layer++)
        {
            var (tape, expected) = tapes[^1];
            for (var i = 0; i < 1500; i++)
            {
                var position = (uint)(layer == 0 ? i * 60 : random.Next(100_000));
                var pitch = (byte)random.Next(128);
                Assert.That(NoteTape.Insert(tape, pool, Note(position, pitch)), Is.True);
                var place = expected.FindIndex(e => e.Position > position);
                expected.Insert(place < 0 ? expected.Count : place, (position, pitch, 100));
                if (i % 7 != 0) continue;
                // One of the notes gets softer, or goes.
                var from = (uint)random.Next(100_000);
                var at = NoteTape.Find(tape, from, random.Next(8));
                var index = expected.FindIndex(e => e.Position >= from);
                var isThere = NoteTape.TryRead(tape, ref at, out var record);
                Assert.That(isThere, Is.EqualTo(index >= 0));
                if (!isThere) continue;
                Assert.That((record.Position, record.First, record.Velocity), Is.EqualTo(expected[index]));
                var velocity = random.Next(3) == 0 ? 0.5f : record.Velocity / 2;
                Assert.That(NoteTape.Scale(tape, pool, ref at, velocity), Is.True);
                if (velocity < 1) expected.RemoveAt(index);
                else expected[index] = (record.Position, record.First, velocity);
            }
            pool.Work(0);
            tapes.Add((tape.CopyOf(pool), [.. expected]));
        }
        foreach (var (tape, expected) in tapes) Assert.That(Contents(tape), Is.EqualTo(expected), "what was shared has changed");

        // The youngest goes first, as undo gives them up.
        for (var i = tapes.Count - 1; i >= 0; i--)
        {
            pool.Release(tapes[i].Tape.Root, tapes[i].Tape.Below, 0);
            pool.Work(0);
            for (var n = 0; n < i; n++) Assert.That(Contents(tapes[n].Tape), Is.EqualTo(tapes[n].Expected));
        }
        Assert.That(pool.BytesInUse, Is.Zero);
    }

    [Test]
    public void A_tape_that_is_full_takes_no_more_and_stays_whole()
    {
        using var pool = new SegmentPool(16 << 20);
        pool.Work(0);
        var tape = new Tape { Frames = 1 << 20 };
        NoteTape.Begin(ref tape, pool);
        var count = 0;
        while (NoteTape.Insert(tape, pool, Note(count))) count++;
        Assert.That(count, Is.EqualTo(NoteTape.MostSegments * NoteTape.Records));
        Assert.That(NoteTape.ToList(tape).Select((r, i) => r.Position == i), Has.All.True);
    }
}
