using OscLooper.Osc;
using OscLooper.Server.Realm;

namespace OscLooper.Server.Addressing;

/// <summary>[main] A job under way for a client.</summary>
sealed class Call(Server server, Client client, int target, Declaration declaration, OscValue[] arguments, long frame) : JobCall
{
    List<SyncMark>? marks;
    WorkItem? work;
    long askedAt;
    int asked;

    public Client Client => client;
    public int Target => target;
    public Declaration Declaration => declaration;
    public OscValue[] Arguments => arguments;
    public long Frame { get; set; } = frame;
    public bool HasEnded { get; private set; }

    public override string Address { get; } = server.Space.AddressOf(target);
    public override int Row => Rows.RowOf(target & ((1 << Event.LeafBits) - 1));
    public override int Count => arguments.Length;

    public override double Number(int index)
    {
        var spec = SpecAt(index);
        if (index >= arguments.Length) return spec?.Initial ?? 0;
        var argument = arguments[index];
        if (spec is { Choices.Count: > 0 } && argument.Tag is 's' or 'S') return spec!.ChoiceOf(argument.Text);
        var number = argument.Number;
        spec?.Accept(ref number);
        return number;
    }

    public override string Text(int index) => index >= arguments.Length ? "" : arguments[index].Tag is 's' or 'S' ? arguments[index].Text : arguments[index].ToString();

    public override object Value(int index)
    {
        var argument = arguments[index];
        return argument.Tag switch
        {
            'i' or 'c' => (int)argument.Whole,
            'h' => argument.Whole,
            'f' => (float)argument.Number,
            'd' => argument.Number,
            'T' or 'F' => argument.Tag == 'T',
            'b' => argument.Blob.ToArray(),
            's' or 'S' => argument.Text,
            _ => argument.ToString(),
        };
    }

    public override void Reply(string suffix, params object[] values)
    {
        if (!IsOnMain(() => Reply(suffix, values))) return;
        if (!HasEnded) server.Postman.Say(client, Address + suffix, values);
    }

    // Code that main has left, since it was late, is on a thread that is main no more: what it says is said on main.
    bool IsOnMain(Action otherwise)
    {
        if (Environment.CurrentManagedThreadId == server.MainThread) return true;
        server.Workers.Post(otherwise);
        return false;
    }

    public override void Progress(double fraction)
    {
        work?.Sign();
        server.ShowProgress(Address, fraction);
    }

    /// <summary>[main] Its answer is to come from the audio side.</summary>
    public bool IsWaitingForAudio => asked > 0;

    /// <summary>[main] It cannot end while the audio side stands still.</summary>
    public bool NeedsAudio { get; set; }

    /// <summary>[main] The work that it waits for and that is not its own.</summary>
    public Func<WorkItem?>? WaitsFor { get; set; }

    /// <summary>[main] For how long nothing has come of it that should have: 0 while it gets on, or waits for its frame.</summary>
    public double StillSeconds(long now) =>
        (WaitsFor?.Invoke() ?? work) is { IsOver: false } item ? item.StillSeconds
        : asked > 0 && Frame <= server.Timing.Frame ? (now - askedAt) / 1e9
        : 0;

    /// <summary>[main] Nobody waits for its work any more.</summary>
    public void GiveUp()
    {
        if ((WaitsFor?.Invoke() ?? work) is { } item) item.IsGivenUp = true;
    }

    public override void Done(params object[] values)
    {
        if (HasEnded || !IsOnMain(() => Done(values))) return;
        server.Postman.Say(client, ServerMessages.Done, Address, values);
        End();
    }

    public override void Fail(Reason reason, string detail)
    {
        if (HasEnded || !IsOnMain(() => Fail(reason, detail))) return;
        server.Postman.Fail(client, Address, reason, detail);
        End();
    }

    public override void FailLater(Reason reason, string detail)
    {
        if (IsOnMain(() => FailLater(reason, detail))) server.Postman.Fail(client, Address, reason, detail);
    }

    public override void Ask(double b, double c, Action<Event> answered) => Ask(b, c, answered, () => { });

    public override void Ask(double b, double c, Action<Event> answered, Action refused)
    {
        if (!IsOnMain(() => Ask(b, c, answered, refused))) return;
        (asked, askedAt) = (asked + 1, Realtime.SampleClock.MonotonicNow);
        var e = new Event(Frame, target, EventKind.Ask, client.Id, server.Tickets.Take(client, target, new Asked(this, answered, refused)), b, c);
        if (server.AudioHang is not { Length: > 0 } hang) server.Gate.Send(e);
        else if (!server.Engine.TryStandIn(e)) Fail(Reason.Failed, hang);
    }

    /// <summary>[main] The audio side has answered one question of it.</summary>
    public void Answered() => asked--;

    public override void OnWorker(Action work, Action then) => this.work = server.Workers.Run(work, trouble =>
    {
        if (trouble is not null) Fail(Reason.Failed, trouble.Message);
        else Guard(then, mayBeLater: true);
    }, WorkKind.Job, server.ImpOf(target)?.Tree.Name ?? "", target >> Event.LeafBits, $"{Address} on a worker");

    /// <summary>[main] Does what was declared; an exception is a /fail.</summary>
    public void Start() => Guard(() => declaration.Run?.Invoke(this));

    /// <summary>[main] Does something on behalf of this job; an exception is a /fail.</summary>
    public void Guard(Action action, bool mayBeLater = false)
    {
        try
        {
            server.CallOut(server.ImpOf(target)?.Tree.Name ?? "", target >> Event.LeafBits, Address, action, mayBeLater);
        }
        catch (Exception trouble)
        {
            server.Log(LogLevel.Error, $"{Address}: {trouble}");
            Fail(Reason.Failed, trouble.Message);
        }
    }

    /// <summary>[main] It is over; nothing (more) is said.</summary>
    public void End()
    {
        if (HasEnded) return;
        HasEnded = true;
        client.Outstanding.Remove(this);
        if (marks is null) return;
        foreach (var mark in marks) mark.Passed();
        marks = null;
    }

    /// <summary>[main] The mark waits until this job is over.</summary>
    public void Hold(SyncMark mark) => (marks ??= []).Add(mark);

    Spec? SpecAt(int index) => index < declaration.Specs.Count ? declaration.Specs[index] : null;

    /// <summary>[main] What waits for the audio side's answer.</summary>
    public sealed record Asked(Call Call, Action<Event> Answered, Action Refused);
}

/// <summary>[main] A /server/sync that waits for the audio side and for jobs.</summary>
sealed class SyncMark(Server server, Client client, OscValue[] arguments)
{
    int waiting = 1;

    public void WaitFor(Call call)
    {
        waiting++;
        call.Hold(this);
    }

    public void Passed()
    {
        if (--waiting == 0) server.Postman.Repeat(client, ServerMessages.Synced, arguments);
    }
}

/// <summary>[main] A setting about to change.</summary>
sealed class Change(Server server, Client? client, int target, string text, double number, long frame) : SettingChange
{
    public (Reason Reason, string Detail)? Refusal { get; private set; }
    public override string Address { get; } = server.Space.AddressOf(target);
    public override int Row => Rows.RowOf(target & ((1 << Event.LeafBits) - 1));
    public override string Text => text;
    public override double Number => number;
    public override void Refuse(Reason reason, string detail) => Refusal = (reason, detail);
    public override void Tell(double b, double c) => server.Tell(target, new Event(frame, target, EventKind.Ask, client?.Id ?? 0, 0, b, c));
}
