using OscLooper.Server;

namespace OscLooper.Tests.Server.Bounds;

/// <summary>When memory is given back: at rest, when it is worth it, gently first.</summary>
public sealed class GarbageKeeperTests
{
    sealed class Heap : GarbageKeeper.IMeter
    {
        public long Committed { get; set; } = 70 << 20;
        public long Alive { get; set; } = 60 << 20;
        public long Allocated { get; set; }
        public List<string> Done { get; } = [];
        public void Collect() => Done.Add("collect");
        public void Compact() => Done.Add("compact");
        public long Others { get; set; } = 40 << 20;
        public void Trim() => Done.Add("trim");
    }

    static void Pass(GarbageKeeper keeper, Heap heap, ref double seconds, double more, long bytesPerSecond, bool isSilent = true)
    {
        for (var end = seconds + more; seconds < end; seconds += 0.25)
        {
            heap.Allocated += bytesPerSecond / 4;
            keeper.Look(seconds, isSilent);
        }
    }

    [Test]
    public void What_a_burst_has_left_is_collected_at_rest_beside_the_others_and_compacted_only_when_that_was_not_enough()
    {
        var (heap, seconds) = (new Heap(), 0.0);
        var keeper = new GarbageKeeper(heap);
        Pass(keeper, heap, ref seconds, 20, 1 << 20);
        Assert.That(heap.Done, Is.Empty, "nothing that is worth it");
        heap.Committed = 1800L << 20;
        Pass(keeper, heap, ref seconds, 20, 50 << 20);
        Assert.That(heap.Done, Is.Empty, "it is not at rest");
        Pass(keeper, heap, ref seconds, 4, 1 << 20);
        Assert.That(heap.Done, Is.EqualTo(new[] { "collect" }));
        Pass(keeper, heap, ref seconds, 40, 1 << 20, isSilent: false);
        Assert.That(heap.Done, Is.EqualTo(new[] { "collect", "collect" }), "not while something sounds: all wait meanwhile");
        Pass(keeper, heap, ref seconds, 40, 1 << 20);
        Assert.That(heap.Done, Is.EqualTo(new[] { "collect", "collect", "compact" }), "once, and not for ever");
        Pass(keeper, heap, ref seconds, 5, 50 << 20);
        heap.Committed = 70 << 20;
        Pass(keeper, heap, ref seconds, 40, 1 << 20);
        Assert.That(heap.Done, Has.Count.EqualTo(3));
    }

    [Test]
    public void What_others_than_the_heap_have_freed_goes_back_and_what_they_use_is_not_asked_for_again()
    {
        var (heap, seconds) = (new Heap(), 0.0);
        var keeper = new GarbageKeeper(heap);
        Pass(keeper, heap, ref seconds, 20, 1 << 20);
        heap.Others = 200L << 20;
        Pass(keeper, heap, ref seconds, 20, 50 << 20);
        Assert.That(heap.Done, Is.Empty, "it is not at rest");
        Pass(keeper, heap, ref seconds, 5, 1 << 20);
        Assert.That(heap.Done, Is.EqualTo(new[] { "trim" }));
        heap.Others = 100L << 20;
        Pass(keeper, heap, ref seconds, 60, 1 << 20);
        Assert.That(heap.Done, Has.Count.EqualTo(1), "the rest is in use");
        heap.Others = 110L << 20;
        Pass(keeper, heap, ref seconds, 60, 1 << 20);
        Assert.That(heap.Done, Has.Count.EqualTo(2));
    }

    [Test]
    public void A_heap_full_of_garbage_is_given_back()
    {
        var meter = new GarbageKeeper.Meter();
        var keeper = new GarbageKeeper(meter);
        var most = Fill(meter);
        for (var n = 0; n < 400; n++) keeper.Look(n / 4.0, true);
        Assert.That(meter.Committed, Is.LessThan(most - (200L << 20)));
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    static long Fill(GarbageKeeper.Meter meter)
    {
        var kept = Enumerable.Range(0, 300).Select(_ => new byte[1 << 20]).ToList();
        foreach (var piece in kept) piece.AsSpan().Fill(1);
        GC.Collect();
        GC.KeepAlive(kept);
        return meter.Committed;
    }
}
