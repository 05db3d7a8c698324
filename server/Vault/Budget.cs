namespace OscLooper.Server.Vault;

/// <summary>[worker] A module's code on a thread of its own with a time limit: one that never returns is left behind.</summary>
static class Budget
{
    /// <summary>[worker] Does the work, or throws what it threw, or <see cref="TimeoutException"/>; a render waits for ever.</summary>
    public static void Run(Action work, double seconds, bool isOffline)
    {
        if (isOffline)
        {
            work();
            return;
        }
        Exception? trouble = null;
        var thread = new Thread(() =>
        {
            try { work(); }
            catch (Exception e) { trouble = e; }
        }) { IsBackground = true, Name = "budget" };
        thread.Start();
        if (!thread.Join(TimeSpan.FromSeconds(seconds))) throw new TimeoutException($"not done within {seconds:0.#} s");
        if (trouble is not null) throw new InvalidOperationException(trouble.Message, trouble);
    }
}
