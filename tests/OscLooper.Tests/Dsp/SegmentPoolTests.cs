using System.Runtime.InteropServices;
using OscLooper.Dsp;
using OscLooper.Dsp.Native;

namespace OscLooper.Tests.Dsp;

/// <summary>The memory of loops when it ends, or is not needed any more, while somebody is still at work.</summary>
public unsafe partial class SegmentPoolTests
{
    [Test]
    public void What_a_worker_reads_stays_until_it_has_come_back_though_the_pool_has_ended()
    {
        var pool = new SegmentPool(16 << 20, 64);
        pool.Work(0);
        var segment = (float*)pool.TakeOnWorker(cleared: true);
        segment[7] = 0.25f;
        pool.Pin();
        pool.Dispose();
        Assert.That(pool.BytesHeld, Is.GreaterThan(0), "a pinned pool has given its memory back");
        Assert.That(segment[7], Is.EqualTo(0.25f));
        pool.Unpin();
        Assert.That(pool.BytesHeld, Is.Zero);
    }

    [Test]
    public void Nobody_writes_into_memory_that_has_gone()
    {
        var pool = new SegmentPool(16 << 20, 64);
        pool.Work(0);
        var tape = new Tape { Lanes = 1 };
        var silence = stackalloc float[16];
        var lanes = stackalloc float*[] { silence };
        Assert.That(tape.AppendOnWorker(pool, lanes, 16), Is.EqualTo(16));
        pool.Release(tape.Root, 0, 10);
        pool.Pin();
        pool.Dispose();
        // Its background had not ended when it did; the tables are as they were: nothing was put into a list of free ones.
        var table = *(nint*)tape.Root;
        pool.Work(1000);
        var used = pool.BytesInUse;
        pool.FreeOnWorker(tape.Root);
        Assert.That((*(nint*)tape.Root, pool.BytesInUse), Is.EqualTo((table, used)));
        Assert.That(pool.TakeOnWorker(cleared: false), Is.EqualTo((nint)0));
        pool.Unpin();
        pool.Work(2000);
        Assert.That((pool.BytesHeld, pool.Ready), Is.EqualTo((0, 0)), "what has ended takes no memory again");
    }

    [Test]
    public void Pages_that_many_takes_needed_once_go_back_to_the_system()
    {
        if (!OperatingSystem.IsLinux()) Assert.Ignore("pages are given back on Linux only");
        using var pool = new SegmentPool(256 << 20, 64) { Patience = TimeSpan.Zero };
        pool.Work(0);
        var taken = Enumerable.Range(0, 16_000).Select(_ => pool.TakeOnWorker(cleared: false)).ToArray();
        var most = pool.BytesHeld;
        foreach (var segment in taken) *(float*)segment = 1;
        foreach (var segment in taken)
        {
            *(nint*)segment = 0;
            pool.FreeOnWorker(segment);
        }
        for (var n = 0; n < 100; n++) pool.Work(0);
        Assert.That(pool.BytesHeld, Is.LessThan(most / 3));
        // What comes back is as good as new.
        for (var n = 0; n < 16_000; n++) Assert.That(pool.TakeOnWorker(cleared: true), Is.Not.EqualTo((nint)0));
    }

    [Test]
    public void What_lay_ahead_of_recorders_that_are_gone_goes_back()
    {
        using var pool = new SegmentPool(64 << 20) { Patience = TimeSpan.Zero };
        pool.KeepAhead(4096);
        pool.Work(0);
        Assert.That(pool.Ready, Is.EqualTo(4096));
        pool.KeepAhead(512);
        for (var block = 0; pool.HasTooMuchAhead && block < 1000; block++)
        {
            pool.ReturnAhead();
            Assert.That(pool.WantsWork(0), Is.True);
        }
        for (var n = 0; n < 4; n++) pool.Work(0);
        Assert.That((pool.Ready, pool.BytesInUse), Is.EqualTo((512, 0)));
        if (Pages.CanGiveBack(SegmentPool.Bytes)) Assert.That(pool.BytesHeld, Is.LessThanOrEqualTo(1536L * SegmentPool.Bytes));
    }

    [Test]
    public void What_a_pool_took_is_the_systems_again_when_it_ends_whichever_threads_worked_at_it()
    {
        if (!OperatingSystem.IsLinux()) Assert.Ignore("asks /proc/self/statm; missed: memory of a pool that has ended");
        // The C library has a heap for each of some living threads; a small piece at the end of one keeps there what was freed below it.
        // What is smaller than something that was freed before comes from these heaps.
        NativeMemory.Free(NativeMemory.Alloc(16 << 20));
        const int Pools = 6;
        using var end = new ManualResetEventSlim();
        var threads = new List<Thread>();
        var before = ResidentBytes();
        for (var n = 0; n < Pools; n++)
        {
            using var pool = new SegmentPool(64 << 20);
            using var taken = new ManualResetEventSlim();
            var thread = new Thread(() =>
            {
                while (pool.TakeOnWorker(cleared: true) != 0) { }
                var small = NativeMemory.Alloc(1000);
                taken.Set();
                end.Wait();
                NativeMemory.Free(small);
            });
            thread.Start();
            threads.Add(thread);
            taken.Wait();
            Assert.That(ResidentBytes() - before, Is.GreaterThan(55L << 20), "it was there");
        }
        var left = ResidentBytes() - before;
        end.Set();
        foreach (var thread in threads) thread.Join();
        Assert.That(left, Is.LessThan(128L << 20), "of 384 MiB");
    }

    static long ResidentBytes() => long.Parse(File.ReadAllText("/proc/self/statm").Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture) * Environment.SystemPageSize;

    [Test]
    public void Memory_of_a_program_that_has_locked_it_goes_back_as_well()
    {
        if (!Pages.CanGiveBack(SegmentPool.Bytes)) Assert.Ignore("no pages can be given back here");
        const int Count = 16;
        var memory = (byte*)NativeMemory.AlignedAlloc(Count * SegmentPool.Bytes, 4096);
        try
        {
            new Span<byte>(memory, Count * SegmentPool.Bytes).Fill(1);
            if (mlock(memory, Count * SegmentPool.Bytes) != 0) Assert.Ignore("no memory may be locked here (ulimit -l); missed: locked pages go back");
            if (Environment.OSVersion.Version < new Version(5, 18)) Assert.Ignore("this kernel does not take locked pages back; missed: locked pages go back");
            Assert.That(Pages.GiveBack((nint)memory + 3 * SegmentPool.Bytes, SegmentPool.Bytes), Is.True);
            Assert.That(new Span<byte>(memory + 3 * SegmentPool.Bytes, SegmentPool.Bytes).IndexOfAnyExcept((byte)0), Is.EqualTo(-1), "a page that was given back is empty");
            Assert.That(memory[3 * SegmentPool.Bytes - 1] + memory[4 * SegmentPool.Bytes], Is.EqualTo(2), "its neighbours are as they were");
            munlock(memory, Count * SegmentPool.Bytes);
        }
        finally
        {
            NativeMemory.AlignedFree(memory);
        }
    }

    [LibraryImport("libc")] private static partial int mlock(void* start, nuint length);
    [LibraryImport("libc")] private static partial int munlock(void* start, nuint length);
}
