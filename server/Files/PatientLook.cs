using System.Collections.Concurrent;

namespace OscLooper.Server.Files;

/// <summary>[any] Looks at folders and links without waiting for ever: a mount whose other side has gone does not answer, and main must not wait for it.</summary>
static class PatientLook
{
    const int PatienceMilliseconds = 1000, MostLost = 64;
    // Where a look has not come back from.
    static readonly ConcurrentDictionary<string, int> stuck = new();

    /// <summary>[any] Looks, on a thread of its own; false when that does not come back, or another one has not come back from there. What it throws comes out.</summary>
    public static bool InTime(string path, Action<Action<string>> look)
    {
        if (stuck.Count >= MostLost || stuck.Keys.Any(place => path == place || path.StartsWith(place + Path.DirectorySeparatorChar, StringComparison.Ordinal))) return false;
        Exception? trouble = null;
        var (place, isLost) = (path, 0);
        var over = new ManualResetEventSlim();
        var thread = new Thread(() =>
        {
            try
            {
                look(at => Volatile.Write(ref place, at));
            }
            catch (Exception e)
            {
                trouble = e;
            }
            over.Set();
            if (Interlocked.Exchange(ref isLost, 1) == 1) stuck.TryRemove(place, out _);
        }) { Name = "look at files", IsBackground = true };
        thread.Start();
        if (!over.Wait(PatienceMilliseconds))
        {
            var where = Volatile.Read(ref place);
            stuck[where] = 0;
            if (Interlocked.Exchange(ref isLost, 1) == 0) return false;
            stuck.TryRemove(where, out _);
        }
        if (trouble is not null) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(trouble);
        return true;
    }
}
