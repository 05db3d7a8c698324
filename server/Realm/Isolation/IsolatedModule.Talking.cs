using Newtonsoft.Json.Linq;
using OscLooper.Osc;

namespace OscLooper.Server.Realm.Isolation;

/// <content>[any] What is said to the process of an isolated imp and what it says, by its pipes.</content>
sealed partial class IsolatedModule
{
    readonly Dictionary<int, JobCall> jobs = [];
    readonly Dictionary<int, TaskCompletionSource<JObject>> requests = [];
    int next;
    volatile string overdue = "";

    /// <summary>[any] What it says of code that is late there; empty when none is.</summary>
    public string Overdue
    {
        get => overdue;
        private set
        {
            overdue = value;
            OverdueChanged?.Invoke();
        }
    }

    /// <summary>[worker] Told when that has changed.</summary>
    public Action? OverdueChanged { get; set; }

    void Ask(JobCall call)
    {
        var number = ++next;
        jobs[number] = call;
        var arguments = Enumerable.Range(0, call.Count).Select(i => Wires.ToOsc(call.Value(i))).ToArray();
        if (link.Send(number, new OscMessage(call.Address, arguments).ToBytes())) return;
        jobs.Remove(number);
        call.Fail(Reason.Failed, "its process has ended");
    }

    bool Change(SettingChange change, bool isText) =>
        link.Send(ChildLink.Plain, new OscMessage(change.Address, [isText ? change.Text : change.Number]).ToBytes());

    void Listen()
    {
        while (link.TryReceive(out var number, out var bytes))
        {
            if (number == ChildLink.Control) Told(Parse(bytes));
            else if (OscMessage.TryParse(bytes, out var message, out _)) desk.Post(() => Hear(number, message));
        }
        Overdue = "";
        if (!isEnding) Died?.Invoke(faultOfChild ?? new ApartException($"its process has ended{ExitOf()}", ""));
        lock (requests)
        {
            foreach (var waiting in requests.Values) waiting.TrySetException(new ApartException("its process has ended", ""));
            requests.Clear();
        }
    }

    volatile ApartException? faultOfChild;

    // What it says of its own failure.
    static ApartException? FailureIn(JObject? message, string key) =>
        message?[key] is JValue { Value: string why } ? new ApartException(why, message["stack"] is JValue { Value: string stack } ? stack : "") : null;

    string ExitOf() => process.WaitForExit(EndMilliseconds) ? process.ExitCode > 128 ? $" by signal {process.ExitCode - 128}" : $" with code {process.ExitCode}" : "";

    void Told(JObject? message)
    {
        if (FailureIn(message, "fault") is { } fault)
        {
            faultOfChild = fault;
            return;
        }
        if (message?["overdue"] is JValue { Value: string overdue })
        {
            Overdue = overdue;
            return;
        }
        if (message?["reply"] is not JValue { Value: long number }) return;
        lock (requests)
            if (requests.Remove((int)number, out var waiting)) waiting.TrySetResult(message);
    }

    void Hear(int number, OscMessage message)
    {
        if (number == ChildLink.Plain)
        {
            Heard?.Invoke(message);
            return;
        }
        if (!jobs.TryGetValue(number, out var call)) return;
        object[] values = [.. message.Arguments.Select(Wires.ToObject)];
        if (message.Address is "/done" or "/fail") jobs.Remove(number);
        if (message.Address == "/done") call.Done(values[1..]);
        else if (message.Address == "/fail") call.Fail(Enum.GetValues<Reason>().FirstOrDefault(r => values.Length > 1 && r.Word() == values[1] as string, Reason.Failed), values.Length > 2 ? $"{values[2]}" : "");
        else if (message.Address.StartsWith(call.Address, StringComparison.Ordinal)) call.Reply(message.Address[call.Address.Length..], values);
    }

    JObject Request(JObject what)
    {
        var number = Interlocked.Increment(ref next);
        var answer = new TaskCompletionSource<JObject>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (requests) requests[number] = answer;
        what["number"] = number;
        if (!link.Send(what)) throw new ApartException("its process has ended", "");
        var reply = answer.Task.GetAwaiter().GetResult();
        if (FailureIn(reply, "why") is not { } failure) return reply;
        // What the disk said there, it says here, too.
        if (reply["disk"] is JArray { Count: 2 } disk) throw new AggregateException(new IOException((string?)disk[0], (int)disk[1]), failure);
        throw failure;
    }

    static JObject? Parse(byte[] bytes)
    {
        try
        {
            return JObject.Parse(System.Text.Encoding.UTF8.GetString(bytes));
        }
        catch (Newtonsoft.Json.JsonException)
        {
            return null;
        }
    }
}
