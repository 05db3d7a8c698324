using OscLooper.Dsp.Native;

namespace OscLooper.Tests.Dsp;

public class WakeEventTests
{
    [Test]
    public void A_signal_is_there_for_who_waits_later_and_only_once()
    {
        using var wake = new WakeEvent();
        Assert.That(wake.Wait(0), Is.False);
        wake.Signal();
        wake.Signal();
        Assert.That(wake.Wait(0), Is.True);
        Assert.That(wake.Wait(0), Is.False);
    }

    [Test]
    public void After_a_reset_the_next_signal_wakes_again()
    {
        using var wake = new WakeEvent();
        for (var i = 0; i < 3; i++)
        {
            wake.Signal();
            wake.Reset();
            Assert.That(wake.Wait(0), Is.False);
        }
        wake.Signal();
        Assert.That(wake.Wait(0), Is.True);
    }

    [Test]
    public void No_signal_is_lost_between_two_threads_that_wake_each_other()
    {
        const int Most = 20_000, PatienceMilliseconds = 60_000;
        using WakeEvent there = new(), back = new();
        var (sent, seen, lost) = (0, 0, false);
        var other = new Thread(() =>
        {
            while (seen < Most && !lost)
            {
                // As main does: reset, then look.
                if (!there.Wait(PatienceMilliseconds)) lost = true;
                there.Reset();
                if (Volatile.Read(ref sent) == seen) continue;
                Volatile.Write(ref seen, Volatile.Read(ref sent));
                back.Signal();
            }
        });
        other.Start();
        while (sent < Most && !lost)
        {
            Volatile.Write(ref sent, sent + 1);
            there.Signal();
            there.Signal();
            while (Volatile.Read(ref seen) != sent && !lost) lost |= !back.Wait(PatienceMilliseconds);
        }
        other.Join();
        Assert.That(lost, Is.False);
    }
}
