using System.Runtime.CompilerServices;
using OscLooper.Osc;
using OscLooper.Server.Describe;

namespace OscLooper.Server.Addressing;

/// <summary>[main] From bytes to leaves (addresses.md section 1). Parameters and Commands pass without allocation.</summary>
sealed partial class Dispatcher(Server server)
{
    enum Pass
    {
        All,
        Settings,
        Audio,
        Jobs,
    }

    readonly AddressSpace space = server.Space;
    readonly AudioGate gate = server.Gate;
    readonly Timing timing = server.Timing;
    readonly Postman postman = server.Postman;
    readonly Subscriptions subscriptions = server.Subscriptions;

    /// <summary>[main] Messages carried out or refused since the start.</summary>
    public long Messages { get; private set; }

    /// <summary>[main] Messages that came in though only servers send them: two servers would answer each other without end.</summary>
    public long Unanswered { get; private set; }

    // What one client's new patterns may cost before the next client's turn, and in one packet at all (about 50 ns each).
    const long MostTriesPerTurn = 20_000, MostTriesPerPacket = 1_000_000;
    long triesAtTurn, triesAtPacket;

    /// <summary>[main] A client's turn begins.</summary>
    public void BeginTurn() => triesAtTurn = space.PatternTries;

    /// <summary>[main] Its patterns have cost so much that others come first.</summary>
    public bool IsTurnOver => space.PatternTries - triesAtTurn > MostTriesPerTurn;

    bool MayTryPatterns => space.PatternTries - triesAtPacket < MostTriesPerPacket;

    /// <summary>[main] Carries out one packet: received then, or (of a score) meant for exactly that frame.</summary>
    public void Packet(Client client, ReadOnlySpan<byte> bytes, long receivedUnixNanoseconds, long? exactFrame = null)
    {
        if (!OscPacket.TryRead(bytes, out var packet, out var error))
        {
            Messages++;
            if (server.IsTracing) server.Trace(client, $"malformed: {error}, {bytes.Length} bytes");
            if (postman.MayFail(client)) postman.TellFail(client, "?"u8, Reason.Malformed.Word(), error.ToString());
            return;
        }
        triesAtPacket = space.PatternTries;
        var plain = exactFrame ?? InOrder(client, timing.PlainFrame(receivedUnixNanoseconds));
        if (!packet.IsBundle)
        {
            Messages++;
            Message(client, packet.Message, new When(plain, exactFrame > timing.Frame, false), Pass.All);
            return;
        }

        // A setting is applied before the bundle, a job is started after it; what acts on the audio side is handed over in one piece.
        var content = new Content();
        BundlePass(client, packet, plain, exactFrame, Pass.Settings, ref content);
        if (content.Audio > 0)
        {
            gate.Collect();
            BundlePass(client, packet, plain, exactFrame, Pass.Audio, ref content);
            gate.Commit();
        }
        if (content.Jobs > 0) BundlePass(client, packet, plain, exactFrame, Pass.Jobs, ref content);
    }

    // When a device stalls, the line between time and frames jumps back: what a client says later must not act before what it said earlier.
    long InOrder(Client client, long plain)
    {
        if (plain < client.LatestPlain && client.LatestPlain >= timing.Frame) return client.LatestPlain;
        return client.LatestPlain = plain;
    }

    /// <summary>When a message acts. Ahead: a later frame than the one its sender could have meant by sending now.</summary>
    readonly record struct When(long Frame, bool IsAhead, bool IsInBundle, bool IsTagged = false);

    struct Content
    {
        public int Settings, Audio, Jobs;
    }

    void BundlePass(Client client, in OscPacketView packet, long plain, long? exactFrame, Pass pass, ref Content content)
    {
        var messages = packet.Walk();
        while (messages.Next(out var message, out var tag, out _))
        {
            var kind = PassOf(message);
            if (pass == Pass.Settings)
            {
                Messages++;
                if (kind == Pass.Settings) content.Settings++;
                else if (kind == Pass.Audio) content.Audio++;
                else content.Jobs++;
            }
            if (kind != pass) continue;

            if (exactFrame is { } exact) Message(client, message, new When(exact, exact > timing.Frame, true), pass);
            else if (tag.IsImmediate) Message(client, message, new When(plain, false, true), pass);
            else if (!timing.TryTaggedFrame(tag, out var frame)) postman.Fail(client, message.AddressBytes, Reason.OutOfRange, "more than 60 s ahead");
            else Message(client, message, new When(frame, frame > timing.Frame + 2L * timing.Block, true, true), pass);
        }
    }

    Pass PassOf(in OscMessageView message)
    {
        var target = space.Find(message.AddressBytes);
        if (target < 0 && OscPattern.HasWildcards(message.AddressBytes) && MayTryPatterns) target = FirstReached(message);
        return target < 0 ? Pass.Audio : space.DeclarationOf(target)!.Kind switch
        {
            LeafKind.Setting when message.Count > 0 => Pass.Settings,
            LeafKind.Job => Pass.Jobs,
            _ => Pass.Audio,
        };
    }

    void Message(Client client, in OscMessageView message, When when, Pass pass)
    {
        if (server.IsTracing) server.Trace(client, message);
        var target = space.Find(message.AddressBytes);
        var wrong = default(Wrong);
        if (target >= 0) wrong = Act(client, message, target, when, 1);
        else if (OscPattern.HasWildcards(message.AddressBytes)) wrong = ActOnAll(client, message, when);
        else if (!ServerMessages.Contains(message.AddressBytes)) wrong = new(Reason.NoSuchAddress);
        else Unanswered++;
        if (wrong.Reason is { } reason) postman.Fail(client, message.AddressBytes, reason, wrong.Detail ?? "");
    }

    readonly record struct Wrong(Reason? Reason, string? Detail = null);

    Wrong Act(Client client, in OscMessageView message, int target, When when, int siblings)
    {
        var declaration = space.DeclarationOf(target)!;
        if (message.Count == 0 && declaration.IsState) return Question(client, target, when);
        var wrong = CarryOut(client, message, target, declaration, when, siblings);
        if (wrong.Reason is not null && declaration.IsState && client.Subscriptions > 0) Refuse(client, message, target, declaration);
        return wrong;
    }

    Wrong CarryOut(Client client, in OscMessageView message, int target, Declaration declaration, When when, int siblings)
    {
        if (server.DeafnessOf(target) is { } deaf) return new(deaf.Reason, deaf.Detail);
        if (client is not LocalClient && declaration.Kind is not LeafKind.Job) server.Vault.Played();
        if (server.AudioHang is { Length: > 0 } hang && declaration.Kind is LeafKind.Parameter or LeafKind.Command) return new(Reason.Failed, hang);
        switch (declaration.Kind)
        {
            case LeafKind.Parameter: return Set(client, message, target, declaration, when, siblings);
            case LeafKind.Command: return Fire(client, message, target, declaration, when, siblings);
            case LeafKind.Setting: return Change(client, message, target, declaration, when);
            default: return Start(client, message, target, declaration, when);
        }
    }

    Wrong Set(Client client, in OscMessageView message, int target, Declaration declaration, When when, int siblings)
    {
        if (declaration.IsReadOnly) return new(Reason.ReadOnly);
        if (Arguments.Numbers(message, declaration, out var value, out var altered) is { } reason) return new(reason, RangeOf(declaration));
        if (!when.IsAhead && !altered && subscriptions.IsReflection(client, target, declaration, value, "")) return default;
        if (!gate.HasRoom(1, client.IsReliable, keepsLatest: true)) return new(Reason.Busy, "too much waits for the audio side");
        if (!Note(client, when)) return new(Reason.OutOfRange, "more than 4096 messages ahead");
        var e = new Event(when.Frame, target, EventKind.Set, From(client, when, altered), value.A, value.B, value.C);
        if (client.IsReliable) gate.Send(e);
        else gate.SendLatest(e);
        Keep(client, when);
        if (!when.IsAhead) subscriptions.Sent(client, target, declaration, value, "", altered);
        return default;
    }

    Wrong Fire(Client client, in OscMessageView message, int target, Declaration declaration, When when, int siblings)
    {
        Cell value = default;
        if (IsButton(message, declaration))
        {
            if (Pressed(message, out var isDown) is { Reason: not null } wrong) return wrong;
            if (!isDown) return default;
        }
        else if (Arguments.Numbers(message, declaration, out value, out _) is { } reason) return new(reason, RangeOf(declaration));
        if (!gate.HasRoom(siblings, client.IsReliable, keepsLatest: false)) return new(Reason.Busy, "too much waits for the audio side");
        if (!Note(client, when)) return new(Reason.OutOfRange, "more than 4096 messages ahead");
        gate.Send(new Event(when.Frame, target, target == server.PanicTarget ? EventKind.Panic : EventKind.Fire, From(client, when, false), value.A, value.B, value.C));
        Keep(client, when);
        client.LastDeed = timing.Now;
        return default;
    }

    // It holds a wrong value now, unless what it sent is what it was told.
    void Refuse(Client client, in OscMessageView message, int target, Declaration declaration)
    {
        var (cell, content, isReadable) = (default(Cell), "", false);
        if (declaration.Specs[0].Kind == SpecKind.Number) isReadable = Arguments.Numbers(message, declaration, out cell, out var altered) is null && !altered;
        else if (message.Count == 1 && message[0].TryText(out var text)) (content, isReadable) = (System.Text.Encoding.UTF8.GetString(text), true);
        subscriptions.Refused(client, target, declaration, cell, content, isReadable);
    }

    // An action without arguments also takes one number, so that buttons work: 0 and F are a release and do nothing, anything else acts.
    static bool IsButton(in OscMessageView message, Declaration declaration) => declaration.Specs.Count == 0 && message.Count == 1;

    static Wrong Pressed(in OscMessageView message, out bool isDown)
    {
        var argument = message[0];
        isDown = true;
        if (argument.Tag == 'I') return default;
        if (!argument.TryNumber(out var pressed)) return new(Reason.WrongType, "a press is a number");
        if (!double.IsFinite(pressed)) return new(Reason.OutOfRange);
        isDown = pressed != 0;
        return default;
    }

    static int From(Client client, When when, bool altered) => client.Id | (altered ? Event.AlteredBit : 0) | (when.IsTagged ? Event.TaggedBit : 0);

    bool Note(Client client, When when) => !when.IsAhead || client.IsTrusted || server.Agenda.TryNote(1, when.Frame, timing.Frame);

    void Keep(Client client, When when)
    {
        client.LastFrame = Math.Max(client.LastFrame, when.Frame);
        if (when.IsAhead) return;
        // The block that plays now may have looked into the inbox before this came: then it acts with the next one, whatever its frame.
        var acts = timing.IsOffline ? when.Frame : Math.Max(when.Frame, timing.Frame + timing.Block);
        client.LastPlainFrame = Math.Max(client.LastPlainFrame, acts);
    }

    // Made once: refusals of a flood must not make garbage, and what is unloaded must not be held.
    static readonly ConditionalWeakTable<Declaration, string> Ranges = [];
    /// <summary>[main] What a leaf takes, for a refusal that says no more.</summary>
    public static string RangeOf(Declaration declaration) => Ranges.GetValue(declaration, static d =>
        d.Specs.Count == 0 ? $"takes nothing, or a button's number: {d.Summary}" : $"takes {AddressBook.Arguments(d)}: {d.Summary}");
}
