using System.Runtime.InteropServices;

namespace OscLooper.Server;

/// <summary>
/// [main] What a burst needed once is not kept for ever: when main has come to rest and the heap holds much more than is alive, it is collected beside
/// the others, without stopping them for long; only what that leaves is compacted. What others than the heap have freed (modules, loops) goes back
/// from the C library to the system.
/// </summary>
sealed partial class GarbageKeeper(GarbageKeeper.IMeter meter)
{
    /// <summary>[any] What is measured, and done about it.</summary>
    internal interface IMeter
    {
        /// <summary>[any] Bytes that the heap has from the system.</summary>
        long Committed { get; }
        /// <summary>[any] Bytes that were alive after the last collection, without the holes between them.</summary>
        long Alive { get; }
        /// <summary>[any] Bytes allocated since the start.</summary>
        long Allocated { get; }
        /// <summary>[any] Collects beside the others.</summary>
        void Collect();
        /// <summary>[any] Collects and compacts; everybody waits meanwhile.</summary>
        void Compact();
        /// <summary>[any] Bytes of the process that are not the heap's.</summary>
        long Others { get; }
        /// <summary>[any] Gives back what the C library holds of them, beside the others.</summary>
        void Trim();
    }

    // So much more than is alive is worth it; so little is allocated at rest; so long it must have been at rest.
    const long Worth = 16L << 20, WorthTrimming = 6L << 20, RestBytesPerSecond = 4 << 20;
    const double RestSeconds = 3, SecondsBetween = 5;
    const int TriesBeside = 2;

    double restSince = -1, lastLook, lastTime = double.NegativeInfinity;
    long allocated, floor = long.MaxValue, othersAtRest = long.MaxValue;
    int tries;
    bool hasTrimmed;

    /// <summary>[main] Looks about four times a second. All threads wait while memory is compacted: not while something sounds or is recorded.</summary>
    public void Look(double seconds, bool mayCompact)
    {
        var now = meter.Allocated;
        var isAtRest = now - allocated <= RestBytesPerSecond * Math.Max(0.25, seconds - lastLook);
        (allocated, lastLook) = (now, seconds);
        if (!isAtRest) (restSince, tries) = (-1, 0);
        else if (restSince < 0) restSince = seconds;
        if (restSince < 0 || seconds - restSince < RestSeconds || seconds - lastTime < SecondsBetween) return;
        LookAtOthers();
        // What was alive at a collection in the midst of the burst says nothing of now.
        floor = tries > 0 ? meter.Alive : Math.Min(floor, meter.Committed);
        if (meter.Committed - Math.Min(floor, meter.Alive) < Worth) return;
        if (tries == TriesBeside && !mayCompact) return;
        lastTime = seconds;
        if (tries++ < TriesBeside) meter.Collect();
        else if (tries == TriesBeside + 1) meter.Compact();
    }

    // Memory that is in use does not go back: what a trim leaves is what is looked at from then on.
    void LookAtOthers()
    {
        var others = meter.Others;
        if (hasTrimmed || others < othersAtRest) othersAtRest = others;
        hasTrimmed = others - othersAtRest > WorthTrimming;
        if (hasTrimmed) meter.Trim();
    }

    /// <summary>[any] The real one.</summary>
    [NativeCalls("libc", NativeCallers.Any)]
    internal sealed partial class Meter : IMeter
    {
        public long Committed => GC.GetGCMemoryInfo(GCKind.Any).TotalCommittedBytes;
        public long Alive => GC.GetGCMemoryInfo(GCKind.Any) is var heap ? heap.HeapSizeBytes - heap.FragmentedBytes : 0;
        public long Allocated => GC.GetTotalAllocatedBytes();
        public void Collect() => GC.Collect(2, GCCollectionMode.Forced, blocking: false);

        public void Compact() => GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);

        public long Others => Environment.WorkingSet - Committed;

        public void Trim() => Task.Run(TrimNow);

        static void TrimNow()
        {
            try
            {
                if (OperatingSystem.IsLinux()) malloc_trim(0);
            }
            catch (EntryPointNotFoundException)
            {
                // Another C library than glibc.
            }
        }

        [LibraryImport("libc")] private static partial int malloc_trim(nuint kept);
    }
}
