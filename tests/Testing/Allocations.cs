namespace OscLooper.Testing;

/// <summary>[any] How much a piece of code allocates.</summary>
public static class Allocations
{
    /// <summary>
    /// [any] Bytes that the action allocates on this thread: the least of several rounds. What the runtime itself spends now and then
    /// (a second compile of a method, the first use of a static) falls into one of them; what the code spends falls into each.
    /// </summary>
    public static long Least(Action action, int rounds = 6)
    {
        var least = long.MaxValue;
        for (var round = 0; round < rounds && least > 0; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            action();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        return least;
    }
}
