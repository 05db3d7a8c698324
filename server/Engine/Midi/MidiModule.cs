using OscLooper.Server.Realtime;

namespace OscLooper.Server.Midi;

/// <summary>[main] /midi: which ports there are, and bytes sent to them as they are.</summary>
public sealed class MidiModule : Module, IBackground
{
    const double ShowSeconds = 0.05;

    readonly Desk desk;
    readonly Engine engine;
    readonly MidiPorts ports;
    readonly Action connect;
    readonly Rows rows;
    readonly Errand inputs, outputs, anySysEx, name, direction, state, carrier, sysEx;
    readonly Parameter heard, lost;
    readonly Shown?[] shown = new Shown?[2 * MidiPorts.Most];
    readonly MidiParser parser = new();
    int shownCount, connected;
    long counted;
    bool isCounting;

    sealed record Shown(MidiInput? In, MidiOutput? Out)
    {
        internal string Name => In?.Name ?? Out!.Name;
        internal bool IsThere => In?.IsThere ?? Out!.IsThere;
        internal string Carrier => In?.Carrier ?? Out!.Carrier;
        internal bool? WasThere;
    }

    /// <summary>[main] Declares; connect is called when ports have come, so that the patch finds them.</summary>
    public MidiModule(Branch at, Engine engine, Action connect)
    {
        (desk, this.engine, ports, this.connect) = (at.Desk, engine, engine.Midi, connect);
        at.Job("ports", [], "Lists the MIDI ports: .item direction name imp, the imp being who is connected to it; one that is not there any more is listed, too.", List);
        at.Job("send", [Spec.Label, Spec.Rest with { Name = "bytes" }],
            "Sends bytes to a MIDI output (a part of its name is enough) with the next block: a blob, or numbers 0..255; any messages, system exclusive up to 16 KiB included.", Send);
        inputs = at.Setting("inputs", Spec.Text, "Names of the inputs that are there now, one in a line.", traits: Traits.ReadOnly);
        outputs = at.Setting("outputs", Spec.Text, "Names of the outputs that are there now, one in a line.", traits: Traits.ReadOnly);
        anySysEx = at.Setting("sysex", Spec.Text, "The system exclusive message that came in last: name of the input, a tab, the bytes in hexadecimal.", traits: Traits.ReadOnly | Traits.Happening);
        rows = at.Rows("port");
        var each = rows.Each;
        name = each.Setting("name", Spec.Text, "Name of the port; midi:NAME in the patch.", traits: Traits.ReadOnly);
        direction = each.Setting("direction", Spec.Choice("in", "out"), "in = it is heard, out = it is sent to.", traits: Traits.ReadOnly);
        state = each.Setting("state", Spec.Choice("missing", "there"), "missing = its device is away; the port stays in the patch and is silent.", traits: Traits.ReadOnly);
        carrier = each.Setting("carrier", Spec.Text, "What brings the bytes: jack, rtmidi or loopback.", traits: Traits.ReadOnly);
        sysEx = each.Setting("sysex", Spec.Text, "The system exclusive message that came in last, in hexadecimal, F0 to F7.", traits: Traits.ReadOnly | Traits.Happening);
        heard = each.Gauge("messages", Spec.Count(0, int.MaxValue), "Messages that came in, or went out.");
        lost = each.Gauge("lost", Spec.Count(0, int.MaxValue), "Messages for which there was no room.");
        ports.Changed = () => desk.Post(Show);
        ports.Shown = at.Audio;
    }

    /// <summary>[main, frozen] Shows the ports that are there from the start; the patch knows them.</summary>
    public override void Prepare(AudioFormat format)
    {
        connected = ports.Inputs.Length + ports.Outputs.Length;
        desk.Post(Show);
    }

    /// <summary>[worker] Brings what was heard beside the notes, and the counts.</summary>
    public void Work()
    {
        var before = counted;
        counted = 0;
        for (var row = 0; row < Volatile.Read(ref shownCount); row++)
        {
            var (into, from) = shown[row]!;
            heard.Of(row).Put(into?.Heard ?? from!.Sent);
            lost.Of(row).Put(into?.Lost ?? from!.Lost);
            counted += (into?.Heard ?? from!.Sent) + (into?.Lost ?? from!.Lost);
            while (into?.TakeSysEx() is { } bytes)
            {
                var (text, at) = (string.Join(' ', bytes.Select(b => $"{b:X2}")), row);
                desk.Post(() =>
                {
                    desk.Publish(sysEx, at, text);
                    desk.Publish(anySysEx, -1, $"{into.Name}\t{text}");
                });
            }
        }
        isCounting = counted != before;
    }

    /// <summary>[worker] Soon again as long as messages go by.</summary>
    public double DueSeconds => isCounting ? ShowSeconds : double.PositiveInfinity;

    // Ports that have come get a row; of those that are known the state is told.
    void Show()
    {
        foreach (var port in ports.Inputs.ToArray())
            if (!Array.Exists(shown, s => s?.In == port)) Add(new Shown(port, null));
        foreach (var port in ports.Outputs.ToArray())
            if (!Array.Exists(shown, s => s?.Out == port)) Add(new Shown(null, port));
        if (shownCount > connected)
        {
            connected = shownCount;
            connect();
        }
        var isChanged = false;
        for (var row = 0; row < shownCount; row++)
        {
            var port = shown[row]!;
            var was = port.WasThere;
            if (port.IsThere == was) continue;
            isChanged = true;
            port.WasThere = port.IsThere;
            desk.Publish(state, row, port.IsThere ? 1 : 0);
            desk.Publish(carrier, row, port.Carrier);
            if (was is not null) desk.Log(LogLevel.Info, $"{port.Name} ({(port.In is null ? "out" : "in")}) {(port.IsThere ? "is back" : "is away")}");
        }
        if (isChanged)
        {
            desk.Publish(inputs, -1, string.Join('\n', shown.Where(s => s?.In is { IsThere: true }).Select(s => s!.Name)));
            desk.Publish(outputs, -1, string.Join('\n', shown.Where(s => s?.Out is { IsThere: true }).Select(s => s!.Name)));
        }
    }

    void Add(Shown port)
    {
        var row = rows.Add();
        shown[row] = port;
        Volatile.Write(ref shownCount, row + 1);
        desk.Publish(name, row, port.Name);
        desk.Publish(direction, row, port.In is null ? 1 : 0);
    }

    string ConnectedTo(string port, bool isInput)
    {
        var midi = engine.Patch.NoteConnections.Select(c => isInput ? (Port: c.From, Other: c.To) : (Port: c.To, Other: c.From)).Where(c => c.Port.Imp == PortLane.Midi);
        var means = midi.Where(c => (isInput ? ports.FindInput(c.Port.Port)?.Name : ports.FindOutput(c.Port.Port)?.Name) == port);
        return string.Join(',', means.Select(c => c.Other.Imp).Distinct());
    }

    void List(JobCall call)
    {
        foreach (var port in ports.Inputs) call.Reply(".item", "in", port.Name, ConnectedTo(port.Name, true));
        foreach (var port in ports.Outputs) call.Reply(".item", "out", port.Name, ConnectedTo(port.Name, false));
        call.Done(ports.Inputs.Length + ports.Outputs.Length);
    }

    void Send(JobCall call)
    {
        if (ports.FindOutput(call.Text(0)) is not { } port)
        {
            call.Fail(Reason.NotFound, $"no MIDI output is called {call.Text(0)}");
            return;
        }
        if (!port.IsThere) call.Fail(Reason.NotFound, $"{port.Name} is away");
        else if (Bytes(call) is not { Length: > 0 } bytes) call.Fail(Reason.WrongType, "bytes are a blob, or numbers 0..255");
        else if (Messages(bytes) is not { Count: > 0 } messages) call.Fail(Reason.OutOfRange, "these bytes are no whole MIDI messages");
        else if (!port.Send(messages)) call.Fail(Reason.Busy, $"too much waits for {port.Name}");
        else call.Done();
    }

    static byte[]? Bytes(JobCall call)
    {
        if (call.Count == 2 && call.Value(1) is byte[] blob) return blob;
        var bytes = new byte[call.Count - 1];
        for (var i = 1; i < call.Count; i++)
        {
            if (call.Value(i) is not (int or long or float or double) || Convert.ToDouble(call.Value(i)) is var number && (number < 0 || number > 255 || number != Math.Floor(number))) return null;
            bytes[i - 1] = (byte)Convert.ToDouble(call.Value(i));
        }
        return bytes;
    }

    // Every message for itself, running status written out: that is what carriers take. Null when bytes are left over.
    List<byte[]>? Messages(byte[] bytes)
    {
        var messages = new List<byte[]>();
        var three = new byte[3];
        var (left, dropped) = (0, parser.Dropped);
        parser.Reset();
        foreach (var b in bytes)
        {
            var step = parser.Push(b);
            if (step == MidiStep.Message) messages.Add(three[..parser.Message.Write(three)]);
            else if (step == MidiStep.SysEx) messages.Add(parser.SysEx.ToArray());
            left = step == MidiStep.None ? left + 1 : 0;
        }
        return left == 0 && bytes[0] >= 0x80 && parser.Dropped == dropped ? messages : null;
    }
}
