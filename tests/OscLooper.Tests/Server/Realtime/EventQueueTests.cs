using OscLooper.Server.Realtime;

namespace OscLooper.Tests.Server.Realtime;

public class EventQueueTests
{
    [Test]
    public void Random_events_come_out_by_frame_and_then_in_the_order_of_sending()
    {
        var (queue, model, random) = (new EventQueue(), new List<(long Frame, int Sequence)>(), new Random(5));
        var sequence = 0;
        for (var now = 0L; now < 20000; now += 13)
        {
            for (var i = random.Next(30); i > 0 && queue.Count < EventQueue.Capacity; i--)
            {
                var frame = now + random.Next(3) * random.Next(1000);
                Assert.That(queue.Add(new Event(frame, 0, EventKind.Set, 0, sequence)), Is.True);
                model.Add((frame, sequence++));
            }
            foreach (var (frame, expected) in model.Where(m => m.Frame < now).OrderBy(m => m.Frame).ThenBy(m => m.Sequence).ToList())
            {
                Assert.That(queue.TryTakeBefore(now, out var e), Is.True);
                Assert.That((e.Frame, (int)e.A), Is.EqualTo((frame, expected)));
            }
            Assert.That(queue.TryTakeBefore(now, out _), Is.False);
            model.RemoveAll(m => m.Frame < now);
            Assert.That(queue.Count, Is.EqualTo(model.Count));
        }
    }

    [Test]
    public void A_full_queue_says_so_and_loses_nothing()
    {
        var queue = new EventQueue();
        for (var i = 0; i < EventQueue.Capacity; i++) Assert.That(queue.Add(new Event(EventQueue.Capacity - i, 0, EventKind.Set, 0, i)), Is.True);
        Assert.That(queue.Add(new Event(0, 0, EventKind.Set, 0, 0)), Is.False);
        for (var i = 1; i <= EventQueue.Capacity; i++)
            Assert.That(queue.TryTakeBefore(long.MaxValue, out var e) && e.Frame == i, Is.True);
    }
}
