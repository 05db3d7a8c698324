using OscLooper.Server.Realtime;

namespace OscLooper.Server.Realm;

/// <content>[main] Ports and connections as clients name them: "imp:port", "imp:port/lane", "audio:in/1", "midi:NAME".</content>
public sealed partial class Realm
{
    /// <summary>[main] What a name means: lanes of sound, or a port for notes.</summary>
    readonly record struct Ends(IReadOnlyList<PortLane> Lanes, NotePort? Notes);

    /// <summary>[main] Takes another patch whole; what goes and what comes fades.</summary>
    public void TakePatch(Patch patch)
    {
        stage.Patch = patch;
        stage.KnowAll();
        stage.Touch();
        Memory?.Changed();
    }

    internal void Connect(JobCall call)
    {
        if (Read(call) is not var (from, to)) return;
        // What still fades out counts: in the other direction it would be a circle for some milliseconds.
        if (stage.Fading.Count > 0 && Ways(from, to).Any(w => Patch.HearsItself(w.From, w.To, stage.Fading))) Watch(ConnectLater(call, from, to));
        else ConnectNow(call, from, to);
    }

    async Task ConnectLater(JobCall call, Ends from, Ends to)
    {
        await stage.Settled();
        ConnectNow(call, from, to);
    }

    void ConnectNow(JobCall call, Ends from, Ends to)
    {
        if (Patch.IsFull(out var why))
        {
            call.Fail(OscLooper.Reason.Refused, why);
            return;
        }
        if (from.Notes is { } notes) Patch.ConnectNotes(notes, to.Notes!.Value, out why);
        else
            foreach (var (source, target) in Pairs(from, to))
                if (why == "") Patch.Connect(source, target, out why);
        Changed(call, why == "", OscLooper.Reason.Refused, why);
    }

    internal void Disconnect(JobCall call)
    {
        if (Read(call) is not var (from, to)) return;
        var any = false;
        if (from.Notes is { } notes) any = Patch.DisconnectNotes(notes, to.Notes!.Value);
        else
            foreach (var (source, target) in Pairs(from, to)) any |= Patch.Disconnect(source, target);
        if (any) stage.Fading.AddRange(Ways(from, to));
        Changed(call, any, OscLooper.Reason.NotFound, "they are not connected");
    }

    void Changed(JobCall call, bool isWell, Reason reason, string why)
    {
        if (!isWell)
        {
            call.Fail(reason, why);
            return;
        }
        stage.Touch();
        Memory?.Changed();
        call.Done(call.Text(0), call.Text(1));
    }

    internal void ListPatch(JobCall call)
    {
        foreach (var (from, to) in Patch.Connections) call.Reply(".item", from.ToString(), to.ToString(), IsThere(from.Imp) && IsThere(to.Imp) ? 0 : 1);
        foreach (var (from, to) in Patch.NoteConnections) call.Reply(".item", from.ToString(), to.ToString(), IsThere(from) && IsThere(to) ? 0 : 1);
        call.Done(Patch.Connections.Count + Patch.NoteConnections.Count);
    }

    bool IsThere(string imp) => imp == PortLane.Device || server.Space.IsTaken(imp);

    bool IsThere(NotePort port) =>
        port.Imp == PortLane.Midi ? server.Engine.Midi.FindInput(port.Port) is not null || server.Engine.Midi.FindOutput(port.Port) is not null : IsThere(port.Imp);

    (Ends From, Ends To)? Read(JobCall call)
    {
        if (Find(call.Text(0), isSource: true, out var why) is not { } from || Find(call.Text(1), isSource: false, out why) is not { } to)
        {
            call.Fail(OscLooper.Reason.NotFound, why);
            return null;
        }
        if (from.Notes is null == (to.Notes is null)) return (from, to);
        call.Fail(OscLooper.Reason.Refused, "notes lead to notes, and sound to sound");
        return null;
    }

    // One lane to many or many to one lane go to each; else lane by lane.
    static IEnumerable<(PortLane, PortLane)> Pairs(Ends from, Ends to)
    {
        var count = from.Lanes.Count == 1 || to.Lanes.Count == 1 ? Math.Max(from.Lanes.Count, to.Lanes.Count) : Math.Min(from.Lanes.Count, to.Lanes.Count);
        for (var i = 0; i < count; i++) yield return (from.Lanes[Math.Min(i, from.Lanes.Count - 1)], to.Lanes[Math.Min(i, to.Lanes.Count - 1)]);
    }

    static IEnumerable<(string From, string To)> Ways(Ends from, Ends to) =>
        from.Notes is { } notes ? [(notes.Imp, to.Notes!.Value.Imp)] : [(from.Lanes[0].Imp, to.Lanes[0].Imp)];

    Ends? Find(string text, bool isSource, out string why)
    {
        why = $"{text} is no port: imp:port, imp:port/lane, audio:in/1 or midi:NAME";
        if (NotePort.Parse(text) is not var (imp, port)) return null;
        if (imp == PortLane.Midi) return new([], new(imp, port));
        if (imp == PortLane.Device)
        {
            var lanes = isSource ? server.Format.Inputs : server.Format.Outputs;
            return LanesOf(text, imp, [(isSource ? "in" : "out", 0, lanes)], ref why);
        }
        if (server.Imps.FirstOrDefault(i => i.Tree.Name == imp)?.Tree is not { } tree)
        {
            why = $"there is no imp named {imp}";
            return null;
        }
        var notes = isSource ? tree.NoteOuts : tree.NoteIns;
        if (notes.Contains(port)) return new([], new(imp, port));
        var sounds = isSource ? tree.Outs : tree.Ins;
        why = $"{imp} has {(isSource ? "outputs" : "inputs")} {string.Join(", ", sounds.Select(p => $"{p.Name}/1..{p.Lanes}").Concat(notes).DefaultIfEmpty("none"))}";
        return LanesOf(text, imp, sounds, ref why);
    }

    static Ends? LanesOf(string text, string imp, IEnumerable<(string Name, int FirstLane, int Lanes)> ports, ref string why)
    {
        foreach (var (name, _, lanes) in ports)
        {
            if (lanes > 0 && text == $"{imp}:{name}") return new([.. Enumerable.Range(0, lanes).Select(lane => new PortLane(imp, name, lane))], null);
            if (PortLane.Parse(text) is not { } one || one.Port != name) continue;
            if (one.Lane < lanes) return new([one], null);
            why = $"{imp}:{name} has {lanes} lanes";
        }
        return null;
    }
}
