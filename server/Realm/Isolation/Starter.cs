using System.Collections.Concurrent;
using System.Diagnostics;

namespace OscLooper.Server.Realm.Isolation;

/// <summary>[any] Starts processes on a thread that never ends: for the system, the thread that started a process is its parent (PR_SET_PDEATHSIG of prctl(2)).</summary>
static class Starter
{
    static readonly BlockingCollection<Action> wanted = [];

    static Starter() => new Thread(() =>
    {
        foreach (var start in wanted.GetConsumingEnumerable()) start();
    }) { Name = "starter of processes", IsBackground = true }.Start();

    /// <summary>[any] Starts a process and waits until it is there.</summary>
    public static Process Start(ProcessStartInfo what)
    {
        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        wanted.Add(() =>
        {
            try
            {
                started.SetResult(Process.Start(what)!);
            }
            catch (Exception trouble)
            {
                started.SetException(trouble);
            }
        });
        return started.Task.GetAwaiter().GetResult();
    }
}
