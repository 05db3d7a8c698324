using OscLooper.Osc;
using OscLooper.Server.Addressing;
using OscLooper.Server.Realtime;

namespace OscLooper.Server;

// What the audio side says, and what becomes of it.
public sealed partial class Server
{
    const int MostHeardAtOnce = 8192;
    bool hasMoreToHear;
    long lastRefresh = long.MinValue / 2;

    /// <summary>[main] Everything before this frame has been heard.</summary>
    internal long HeardFrame { get; private set; }

    /// <summary>[main] Reads the outbox; true when there was something.</summary>
    bool Hear()
    {
        var (frame, begun) = (Engine.Status.Frame, SampleClock.MonotonicNow);
        var left = MostHeardAtOnce;
        hasMoreToHear = true;
        while (left > 0 && (hasMoreToHear = Engine.Outbox.TryRead(out var e)))
        {
            left--;
            Hear(e);
            // An answer may begin much; values, of which there may be thousands, cost little. In a render nobody else waits.
            if (!Timing.IsOffline && left % 8 == 0 && SampleClock.MonotonicNow - begun > RoundNanoseconds) break;
        }
        if (!hasMoreToHear) HeardFrame = frame;
        foreach (var imp in imps)
            if (Volatile.Read(ref imp.Tree.Audio.OutboxOverflowed)) Reread(imp.Tree, imp.Slot);
        return left < MostHeardAtOnce;
    }

    void Hear(in Event e)
    {
        switch (e.Kind)
        {
            case EventKind.Set:
                Keep(e.Target, new Cell { A = e.A, B = e.B, C = e.C }, e.Client, e.Frame);
                break;
            case EventKind.Sync when Tickets.TryReturn(e.A, out var client, out var target, out var waiter):
                if (waiter is SyncMark mark) mark.Passed();
                else if (waiter is Call call)
                {
                    call.Frame = -1;
                    call.Start();
                }
                else if (client is not null && Space.IsAlive(target))
                {
                    Postman.Value(client, target, Space.ValueOf(target), e.Frame);
                    Subscriptions.Answered(client, target, Space.ValueOf(target));
                }
                break;
            case EventKind.Answer when Tickets.TryReturn(e.A, out _, out _, out var waiter):
                if (waiter is Call.Asked asked)
                {
                    asked.Call.Answered();
                    var answer = e;
                    asked.Call.Guard(() => asked.Answered(answer));
                }
                break;
            case EventKind.Faulted:
                var slot = e.Imp;
                if (!Realm.Fault(slot)) Log(LogLevel.Error, $"{imps.Find(i => i.Slot == slot)?.Tree.Name}: bypassed, because it threw: {Engine.FaultOf(slot)}");
                break;
            case EventKind.Refused:
                var reason = (Reason)Math.Clamp((int)e.A, 0, (int)Reason.Failed);
                if (Tickets.TryReturn(e.B, out _, out _, out var refused) && refused is Call.Asked { Call: var job } asking)
                {
                    job.Fail(reason, job.Declaration.Summary);
                    job.Guard(asking.Refused);
                }
                else if (clients.TryGetValue(Event.IdOf(e.Client), out var sender) && Space.DeclarationOf(e.Target) is { } leaf)
                {
                    Postman.Fail(sender, Space.AddressOf(e.Target), reason, Dispatcher.RangeOf(leaf), e.Frame);
                    if (leaf.IsState) Subscriptions.Refused(sender, e.Target, leaf, default, "", isReadable: false);
                }
                break;
        }
    }

    void Keep(int target, in Cell value, int setBy, long frame)
    {
        // What is not a number is kept nowhere, whoever sets it.
        if (!Space.IsAlive(target) || double.IsNaN(value.A + value.B + value.C)) return;
        Space.SetValue(target, value);
        Vault.Heard(target, Space.DeclarationOf(target)!);
        Subscriptions.Changed(target, setBy, value, frame);
    }

    /// <summary>[main] Keeps the value of a setting and tells the world.</summary>
    internal void Keep(int target, object value, int setBy)
    {
        if (Space.DeclarationOf(target) is not { } declaration) return;
        var cell = default(Cell);
        if (declaration.Specs[0].Kind == SpecKind.Blob) Space.SetContent(target, value);
        else if (declaration.Specs[0].Kind == SpecKind.Text) Space.SetContent(target, Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture) ?? "");
        else cell.A = Convert.ToDouble(value, System.Globalization.CultureInfo.InvariantCulture);
        Keep(target, cell, setBy, Timing.Frame);
    }

    // Main was away for long and changes were lost: every value is read again.
    void Reread(Tree tree, int slot)
    {
        Volatile.Write(ref tree.Audio.OutboxOverflowed, false);
        foreach (var leaf in Space.Leaves.Where(l => l.Slot == slot && l.Declaration is { Kind: LeafKind.Parameter, IsSampled: false }))
        {
            var (live, known) = (Space.LiveValueOf(leaf.Target), leaf.Value);
            if (live.A != known.A || live.B != known.B || live.C != known.C) Keep(leaf.Target, live, 0, Timing.Frame);
        }
    }

    /// <summary>[main] /server/sync: answers when the audio side has come this far and the client's earlier jobs are over.</summary>
    internal void Sync(Call call)
    {
        if (AudioHang.Length > 0)
        {
            call.Fail(Reason.Failed, AudioHang);
            return;
        }
        var mark = new SyncMark(this, call.Client, call.Arguments);
        foreach (var other in call.Client.Outstanding)
            if (other != call) mark.WaitFor(other);
        var last = call.Client.LastFrame;
        var frame = call.Frame < 0 && last <= Timing.Frame ? -1 : Math.Max(call.Frame, last);
        if (Timing.IsOffline && frame > Timing.Frame) Agenda.At(frame, null);
        Gate.Send(new Event(frame, call.Target, EventKind.Sync, call.Client.Id, Tickets.Take(call.Client, call.Target, mark)));
        call.End();
    }

    /// <summary>[main] Brings the server's own numbers up to date, at most every 5 ms.</summary>
    internal void RefreshGauges()
    {
        var now = Realtime.SampleClock.MonotonicNow;
        if (!Timing.IsOffline && now - lastRefresh < 5_000_000) return;
        lastRefresh = now;
        own.Refresh(Engine.Status, now);
    }

    /// <summary>[main] A line of the log: to whoever runs the server, and to those who listen to /server/log.</summary>
    internal void Log(LogLevel level, string text)
    {
        Logged?.Invoke(level, text);
        if (own is null || level < own.LogLevel) return;
        foreach (var client in Subscriptions.Listeners(own.LogLeaf)) Postman.Say(client, ServerMessages.LogLine, level.ToString().ToLowerInvariant(), text);
    }

    internal void Trace(Client from, in OscMessageView message) => Trace(from, message.ToMessage().ToString());

    /// <summary>[main] A line of /server/trace: what came from whom, shortened where it is long.</summary>
    internal void Trace(Client from, string text)
    {
        const int Most = 1000;
        if (text.Length > Most) text = $"{text[..Most]}... ({text.Length} characters)";
        foreach (var client in Subscriptions.Listeners(own.TraceLeaf)) Postman.Say(client, ServerMessages.TraceLine, from.Name, text);
    }
}
