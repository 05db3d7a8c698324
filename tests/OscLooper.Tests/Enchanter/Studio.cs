using OscLooper.Enchanter;
using OscLooper.Osc;
using OscLooper.Server;
using OscLooper.Server.Midi;
using OscLooper.Server.Realtime;
using OscLooper.Testing;

namespace OscLooper.Tests.Enchanter;

/// <summary>A keyboard player's table without the hardware: real server, real modules, devices made of bytes.</summary>
sealed class Studio : IDisposable
{
    /// <summary>Writes down what the instruments hear.</summary>
    internal sealed class Ears(Branch at) : Module
    {
        readonly NotesIn notes = at.NotesIn("notes");
        internal List<NoteEvent> Heard { get; } = new(8192);

        public override void Process(in Block block)
        {
            foreach (var note in block.Notes(notes))
                if (Heard.Count < Heard.Capacity) Heard.Add(note);
        }
    }

    Ears? ears;
    readonly List<string> log = [];

    internal Studio(params (string Name, Func<Branch, Module> Make)[] more)
    {
        Rig = new Rig(new ServerOptions(), [("controller", at => new ControllerModule(at)), .. more, ("ears", at => ears = new Ears(at))]);
        Rig.Server.Logged = (level, text) =>
        {
            if (level >= LogLevel.Warning) log.Add(text);
        };
        Rig.Server.Settle();
    }

    /// <summary>With the enchanter, and the looper and the bard for it to drive.</summary>
    internal static Studio Enchanted(params (string Name, Func<Branch, Module> Make)[] more) =>
        new([("looper", at => new OscLooper.Looper.LooperModule(at)), ("bard", at => new OscLooper.Bard.BardModule(at)), .. more, ("enchanter", at => new EnchanterModule(at))]);

    /// <summary>Warnings since the start.</summary>
    internal IReadOnlyList<string> Log => log;

    /// <summary>Time passes until what was pressed has acted.</summary>
    internal void Wait(int frames = 3 * 8192) => Rig.Render(frames, 512);

    internal Rig Rig { get; }
    internal List<NoteEvent> Heard => ears!.Heard;

    /// <summary>A device is plugged in: its cable to the computer.</summary>
    internal MidiInput Plug(string port)
    {
        var input = Come(port);
        Rig.Server.Engine.Midi.Changed!();
        Rig.Server.Settle();
        return input;
    }

    /// <summary>The same, not told yet.</summary>
    internal MidiInput Come(string port)
    {
        var input = Rig.Server.Engine.Midi.Input(port)!;
        input.Come("test");
        return input;
    }

    /// <summary>A device is plugged in: cables both ways.</summary>
    internal (MidiInput In, MidiOutput Out) PlugBoth(string port)
    {
        var output = Rig.Server.Engine.Midi.Output(port)!;
        output.Come("test");
        return (Plug(port), output);
    }

    internal void Unplug(MidiOutput port)
    {
        port.Go();
        Rig.Server.Engine.Midi.Changed!();
        Rig.Server.Settle();
    }

    internal void Unplug(MidiInput port)
    {
        port.Go();
        Rig.Server.Engine.Midi.Changed!();
        Rig.Server.Settle();
    }

    /// <summary>Connects note ports by hand, beside what is connected.</summary>
    internal void Connect(params (string From, string To)[] ports)
    {
        var patch = Rig.Server.Engine.Patch;
        foreach (var (from, to) in ports) Assert.That(patch.ConnectNotes(NotePort.Parse(from)!.Value, NotePort.Parse(to)!.Value, out var why), Is.True, why);
        Rig.Server.Engine.Load(Rig.Server.Imps, patch);
        Rig.Render(1);
    }

    /// <summary>The device sends these bytes now; then 1 ms passes.</summary>
    internal void Play(MidiInput from, params byte[] bytes)
    {
        from.Hear(Rig.Frame, bytes);
        Rig.Render(48);
    }

    /// <summary>What has been sent to a device since the last time, message by message in hexadecimal.</summary>
    internal static string Sent(MidiOutput port)
    {
        var all = new List<string>();
        while (port.ToDevice.TryPeek(out _, out var length))
        {
            var bytes = new byte[length];
            port.ToDevice.Take(bytes, length);
            all.Add(string.Join(' ', bytes.Select(b => $"{b:X2}")));
        }
        return string.Join(", ", all);
    }

    /// <summary>What the enchanter has said to others since the last time (with /server/trace on), but for the patch and the lights.</summary>
    internal IEnumerable<string> Said()
    {
        var said = SaidBy("enchanter").Where(text => !text.StartsWith("/midi/send", StringComparison.Ordinal) && !text.StartsWith("/realm/", StringComparison.Ordinal) && !text.Contains("/quiet")).ToArray();
        Rig.TakeReplies();
        return said;
    }

    /// <summary>What a client has said, and stays to be looked at.</summary>
    internal IEnumerable<string> SaidBy(string client) =>
        Rig.Replies.Select(r => r.Message).Where(r => r.Address == "/server/trace.line" && r.Arguments[0].Text == client).Select(r => r.Arguments[1].Text);

    internal string HeardText() => string.Join(", ", Heard.Select(n => $"{n.Status:X2} {n.Pitch:X2} {n.Velocity:X2}"));

    public void Dispose() => Rig.Dispose();
}
