namespace OscLooper;

/// <summary>[any] How loud a line of the log is.</summary>
public enum LogLevel
{
    /// <summary>[any] For whoever looks for a fault.</summary>
    Debug,
    /// <summary>[any] Worth knowing.</summary>
    Info,
    /// <summary>[any] Something is not as wished.</summary>
    Warning,
    /// <summary>[any] Something failed.</summary>
    Error,
}

/// <summary>[main] What a module may do on the main side: what any OSC client may do, plus files, workers and the log.</summary>
public abstract class Desk
{
    /// <summary>[main] Sends a message to the server itself, as a client would.</summary>
    public abstract void Send(string address, params object[] arguments);
    /// <summary>[main] Sends a message to a job that answers at once, and continues with whether it was done; messages to one address are answered in order.</summary>
    public virtual void Send(string address, Action<bool> answered, params object[] arguments)
    {
        Send(address, arguments);
        answered(true);
    }
    /// <summary>[main] Sends a message that acts on exactly this frame (at once when that has passed), as a bundle with a time tag would.</summary>
    public virtual void SendAt(long frame, string address, params object[] arguments) => Send(address, arguments);
    /// <summary>[main] Calls back with the value of each matching leaf, now and at each change, until disposed.</summary>
    public abstract IDisposable Watch(string pattern, Action<string, object[]> heard);
    /// <summary>[main] The same; of numbers at most so many a second (words come at once, every one).</summary>
    public virtual IDisposable Watch(string pattern, double hertz, Action<string, object[]> heard) => Watch(pattern, heard);
    /// <summary>[any] A line of the log.</summary>
    public abstract void Log(LogLevel level, string text);
    /// <summary>[any] Something that was recorded, or said to be safe, is gone or incomplete: a line of the log, and the server says so when it ends (exit code 1).</summary>
    public virtual void ReportLoss(string what) => Log(LogLevel.Error, what);
    /// <summary>[any] The full path of a file named by a client, when it lies in an allowed folder (links resolved); else null and why.</summary>
    public abstract string? Resolve(string path, bool forWriting, out string why);
    /// <summary>[main] Runs work on a worker; then continues on main with the exception, if there was one.</summary>
    public abstract void OnWorker(Action work, Action<Exception?> then);
    /// <summary>[any] Continues on main.</summary>
    public abstract void Post(Action action);
    /// <summary>[main] Speaks to the module's own audio side (kind Ask, no answer awaited), one block from now.</summary>
    public abstract void Tell(Errand errand, int row, double b = 0, double c = 0);
    /// <summary>[main] Gives one of the module's own settings a value (text or number) and tells the world; row -1 when it is not repeated.</summary>
    public virtual void Publish(Errand setting, int row, object value) { }
}

/// <summary>[main] A job being carried out for a client.</summary>
public abstract class JobCall
{
    /// <summary>[main] Full address that was called.</summary>
    public abstract string Address { get; }
    /// <summary>[main] Row of the repeated branch (number minus 1), or -1.</summary>
    public abstract int Row { get; }
    /// <summary>[main] Arguments that were sent.</summary>
    public abstract int Count { get; }
    /// <summary>[main] A number that was sent, checked against its Spec; the Spec's initial value when left out. Choices give their index.</summary>
    public abstract double Number(int index);
    /// <summary>[main] A text that was sent; empty when left out.</summary>
    public abstract string Text(int index);
    /// <summary>[main] Any argument: int, long, float, double, bool, string, byte[].</summary>
    public abstract object Value(int index);
    /// <summary>[main] A reply before the end, to the address with the suffix appended, e.g. ".item".</summary>
    public abstract void Reply(string suffix, params object[] values);
    /// <summary>[main] A line for those who watch long work: 0..1. Shown on a terminal, quiet in a pipe.</summary>
    public abstract void Progress(double fraction);
    /// <summary>[main] It worked: /done with the address and the values.</summary>
    public abstract void Done(params object[] values);
    /// <summary>[main] It did not: /fail with the address, the reason and the detail.</summary>
    public abstract void Fail(Reason reason, string detail);
    /// <summary>[main] After Done: what was begun then has failed since. /fail to whoever asked, while they are there.</summary>
    public virtual void FailLater(Reason reason, string detail) { }
    /// <summary>[main] Asks the module's audio side at the frame of this message (Event of kind Ask with B and C); continues with its answer.</summary>
    public abstract void Ask(double b, double c, Action<Event> answered);
    /// <summary>[main] The same; refused is called instead when no answer will come: the audio side refused (then the job has failed), or its imp has gone.</summary>
    public virtual void Ask(double b, double c, Action<Event> answered, Action refused) => Ask(b, c, answered);
    /// <summary>[main] Asks at the frame after all earlier ones.</summary>
    public void Ask(Action<Event> answered) => Ask(0, 0, answered);
    /// <summary>[main] Runs work on a worker, then continues on main; an exception becomes /fail "failed".</summary>
    public abstract void OnWorker(Action work, Action then);
}

/// <summary>[main] A setting about to change.</summary>
public abstract class SettingChange
{
    /// <summary>[main] Full address.</summary>
    public abstract string Address { get; }
    /// <summary>[main] Row of the repeated branch, or -1.</summary>
    public abstract int Row { get; }
    /// <summary>[main] The new text.</summary>
    public abstract string Text { get; }
    /// <summary>[main] The new number.</summary>
    public abstract double Number { get; }
    /// <summary>[main] Why it is refused, when the handler returns false.</summary>
    public abstract void Refuse(Reason reason, string detail);
    /// <summary>[main] Speaks to the module's own audio side at the frame of this message (Event of kind Ask with B and C).</summary>
    public abstract void Tell(double b, double c = 0);
}
