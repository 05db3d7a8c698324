using System.Text;
using OscLooper.Osc;

namespace OscLooper.Server.Addressing;

// What acts on the main side: questions, settings, jobs.
sealed partial class Dispatcher
{
    // A client reads what it wrote: when something of its own has not taken effect yet, the answer waits behind it.
    // What is asked for a later time is answered then.
    Wrong Question(Client client, int target, When when)
    {
        server.RefreshGauges();
        var isOnAudioSide = space.DeclarationOf(target)!.Kind == LeafKind.Parameter;
        if (!when.IsAhead && (!isOnAudioSide || client.LastPlainFrame < server.HeardFrame || server.AudioHang.Length > 0))
        {
            postman.Value(client, target, space.ValueOf(target), timing.Frame);
            subscriptions.Answered(client, target, space.ValueOf(target));
            return default;
        }
        if (!gate.HasRoom(1, isReliable: true, keepsLatest: false)) return new(Reason.Busy, "too much waits for the audio side");
        if (!Note(client, when)) return new(Reason.OutOfRange, "more than 4096 messages ahead");
        if (when.IsAhead) server.Agenda.At(when.Frame, null);
        var ticket = server.Tickets.Take(client, target, null);
        var frame = when.IsAhead ? when.Frame : Math.Max(when.Frame, client.LastPlainFrame);
        gate.Send(new Event(frame, target, EventKind.Sync, client.Id, ticket));
        // Who asks for /server/sync then has the answer first.
        client.LastFrame = Math.Max(client.LastFrame, frame);
        return default;
    }

    Wrong Change(Client client, in OscMessageView message, int target, Declaration declaration, When when)
    {
        if (declaration.IsReadOnly) return new(Reason.ReadOnly);
        var spec = declaration.Specs[0];
        if (message.Count != 1) return new(Reason.WrongType, "one argument");
        var (text, number, altered) = ("", 0.0, false);
        var argument = message[0];
        if (spec.Kind == SpecKind.Text)
        {
            if (!argument.TryText(out var utf8)) return new(Reason.WrongType, argument.TryNumber(out _) ? $"a text; in quotation marks \"{argument.ToValue()}\" is one" : "a text");
            if (spec.TooLong(utf8.Length) is { } tooLong) return new(Reason.OutOfRange, $"the text has {tooLong}");
            text = Encoding.UTF8.GetString(utf8);
        }
        else
        {
            if (Arguments.Number(argument, spec, out number) is { } wrong) return new(wrong, RangeOf(declaration));
            var sent = number;
            if (spec.Accept(ref number) is { } reason) return new(reason, RangeOf(declaration));
            // Only what a fader moves may overshoot (addresses.md section 1: Parameters).
            if (Arguments.IsClipped(spec, sent, number)) return new(Reason.OutOfRange, RangeOf(declaration));
            altered = sent != number;
        }
        if (!when.IsAhead)
        {
            var cell = new Cell { A = number };
            if (!altered && subscriptions.IsReflection(client, target, declaration, cell, text)) return default;
            subscriptions.Sent(client, target, declaration, cell, text, altered);
            var applied = Apply(client, target, declaration, text, number, when.Frame, altered ? Event.AlteredBit : 0);
            if (applied.Reason is not null) subscriptions.Refused(client, target, declaration, cell, text, isReadable: false);
            return applied;
        }

        if (!Note(client, when)) return new(Reason.OutOfRange, "more than 4096 messages ahead");
        var address = message.AddressBytes.ToArray();
        server.Agenda.At(timing.IsOffline ? when.Frame : when.Frame - timing.Block, () =>
        {
            if (!space.IsAlive(target)) postman.Fail(client, address, Reason.NoSuchAddress, "");
            else if (Apply(client, target, declaration, text, number, when.Frame, Event.TaggedBit | (altered ? Event.AlteredBit : 0)) is { Reason: { } reason } refused)
                postman.Fail(client, address, reason, refused.Detail ?? "");
        });
        return default;
    }

    Wrong Apply(Client client, int target, Declaration declaration, string text, double number, long frame, int marks)
    {
        if (declaration.Change is { } handler)
        {
            var change = new Change(server, client, target, text, number, frame);
            try
            {
                var isTaken = true;
                server.CallOut(server.ImpOf(target)?.Tree.Name ?? "", target >> Event.LeafBits, change.Address, () => isTaken = handler(change));
                if (!isTaken) return change.Refusal is { } why ? new(why.Reason, why.Detail) : new(Reason.Refused, "");
            }
            catch (Exception trouble)
            {
                server.Log(LogLevel.Error, $"{space.AddressOf(target)}: {trouble}");
                return new(Reason.Failed, trouble.Message);
            }
        }
        server.Keep(target, declaration.Specs[0].Kind == SpecKind.Text ? text : number, client.Id | marks);
        Keep(client, new When(frame, false, false));
        return default;
    }

    Wrong Start(Client client, in OscMessageView message, int target, Declaration declaration, When when)
    {
        OscValue[] values = [];
        if (IsButton(message, declaration))
        {
            if (Pressed(message, out var isDown) is { Reason: not null } wrong) return wrong;
            if (!isDown) return default;
        }
        else if (Arguments.Any(message, declaration, out values, out var detail) is { } reason) return new(reason, detail);
        if (!gate.HasRoom(1, isReliable: true, keepsLatest: false)) return new(Reason.Busy, "too much waits for the audio side");
        // The server's own jobs (slot 0) are questions and subscriptions.
        if (target >> Event.LeafBits != 0) client.LastDeed = timing.Now;
        if (client.Outstanding.Count >= MostOutstanding) return new(Reason.Busy, $"{MostOutstanding} jobs are under way");
        if (!Note(client, when)) return new(Reason.OutOfRange, "more than 4096 messages ahead");
        var call = new Call(server, client, target, declaration, values, when.Frame);
        if (!when.IsAhead && !(when.IsInBundle && client.LastFrame >= timing.Frame))
        {
            client.Outstanding.Add(call);
            call.Start();
            return default;
        }

        // After its bundle: a mark goes to the audio side and comes back when everything before it has taken effect.
        client.Outstanding.Add(call);
        if (when.IsAhead) server.Agenda.At(when.Frame, null);
        var ticket = server.Tickets.Take(client, target, call);
        gate.Send(new Event(when.Frame, target, EventKind.Sync, client.Id, ticket));
        Keep(client, when);
        return default;
    }

    /// <summary>One client may have so many jobs under way.</summary>
    const int MostOutstanding = 4096;
}
