namespace OscLooper.Server.Midi;

/// <summary>
/// [any] All MIDI ports that there are or ever were. They come by name and stay: a device that goes leaves its port silent in the patch,
/// and finds it again by its name. Any thread may add; the audio side walks them.
/// </summary>
public sealed class MidiPorts : IDisposable
{
    /// <summary>[any] Ports in each direction; more are not taken.</summary>
    public const int Most = 64;
    /// <summary>[any] What is sent to this port comes in through it a block later: for those without devices, and for tests.</summary>
    public const string LoopbackName = "loopback";

    readonly Lock adding = new();
    readonly MidiInput[] inputs = new MidiInput[Most];
    readonly MidiOutput[] outputs = new MidiOutput[Most];
    readonly byte[] packet = new byte[2 * MidiParser.LongestSysEx];
    readonly AudioFormat format;
    int inputCount, outputCount;
    long carried;

    /// <summary>[main] With the loopback only.</summary>
    internal MidiPorts(AudioFormat format)
    {
        this.format = format;
        Clock = new MidiClockBox(format.Rate);
        Input(LoopbackName)!.Come("loopback");
        Output(LoopbackName)!.Come("loopback");
    }

    /// <summary>[any] Called when a port comes, goes or returns, on whatever thread that was found out.</summary>
    public Action? Changed { get; set; }
    /// <summary>[main] Whose work behind the scenes shows what was carried.</summary>
    internal AudioSide? Shown { get; set; }
    /// <summary>[main] Names of <c>--midi-port</c>: virtual ports that a carrier makes when it starts.</summary>
    public IReadOnlyList<string> VirtualNames { get; set; } = [];
    /// <summary>[any] The inputs, in the order in which they came.</summary>
    public ReadOnlySpan<MidiInput> Inputs => inputs.AsSpan(0, Volatile.Read(ref inputCount));
    /// <summary>[any] The outputs, in the order in which they came.</summary>
    public ReadOnlySpan<MidiOutput> Outputs => outputs.AsSpan(0, Volatile.Read(ref outputCount));

    internal MidiClockBox Clock { get; }

    /// <summary>[any] The input of exactly this name, made when there is none; null when there are too many.</summary>
    public MidiInput? Input(string name)
    {
        lock (adding)
        {
            foreach (var known in Inputs)
                if (known.Name == name) return known;
            if (inputCount == Most) return null;
            var fresh = inputs[inputCount] = new MidiInput(name, format.Rate);
            Volatile.Write(ref inputCount, inputCount + 1);
            return fresh;
        }
    }

    /// <summary>[any] The output of exactly this name, made when there is none; null when there are too many.</summary>
    public MidiOutput? Output(string name)
    {
        lock (adding)
        {
            foreach (var known in Outputs)
                if (known.Name == name) return known;
            if (outputCount == Most) return null;
            var fresh = outputs[outputCount] = new MidiOutput(name, format.Rate);
            Volatile.Write(ref outputCount, outputCount + 1);
            return fresh;
        }
    }

    /// <summary>[main] The input that is meant: of this name, else the first whose name contains it, in small or large letters.</summary>
    public MidiInput? FindInput(string pattern)
    {
        foreach (var port in Inputs)
            if (port.Name.Equals(pattern, StringComparison.OrdinalIgnoreCase)) return port;
        foreach (var port in Inputs)
            if (pattern.Length > 0 && port.Name.Contains(pattern, StringComparison.OrdinalIgnoreCase)) return port;
        return null;
    }

    /// <summary>[main] The output that is meant: of this name, else the first whose name contains it, in small or large letters.</summary>
    public MidiOutput? FindOutput(string pattern)
    {
        foreach (var port in Outputs)
            if (port.Name.Equals(pattern, StringComparison.OrdinalIgnoreCase)) return port;
        foreach (var port in Outputs)
            if (pattern.Length > 0 && port.Name.Contains(pattern, StringComparison.OrdinalIgnoreCase)) return port;
        return null;
    }

    /// <summary>[audio] Something has come in for this block.</summary>
    internal bool HasNotes
    {
        get
        {
            foreach (var input in Inputs)
                if (input.Lane.Count > 0) return true;
            return false;
        }
    }

    /// <summary>[audio] What has come in for the block, and room for what will go out.</summary>
    internal void Begin(long from, long until)
    {
        Clock.Clear();
        foreach (var input in Inputs) input.Begin(from, until, Clock);
        foreach (var output in Outputs) output.Begin(from);
    }

    /// <summary>[audio] The block is over: what was sent goes out.</summary>
    internal void End(long from, long until)
    {
        foreach (var output in Outputs) output.End(from, until);
        // In a render the way takes equally long at every block size.
        var delay = format.IsOffline ? format.MaxFrames : until - from;
        var (away, back) = (outputs[0].ToDevice, inputs[0]);
        while (away.TryPeek(out var frame, out var length))
        {
            away.Take(packet, length);
            back.Hear(frame + delay, packet.AsSpan(0, length));
        }
        var count = 0L;
        foreach (var input in Inputs) count += input.Heard + input.Lost;
        foreach (var output in Outputs) count += output.Sent + output.Lost;
        if (count == carried) return;
        carried = count;
        Shown?.WakeBackground();
    }

    /// <summary>[audio] Every note that sounds on an output ends.</summary>
    internal void Panic(long frame)
    {
        foreach (var output in Outputs)
            for (var source = 0; source < NoteLane.MostSources; source++) output.Lane.Release(source, frame);
    }

    /// <summary>[main, frozen] Gives the memory back.</summary>
    public void Dispose()
    {
        foreach (var input in Inputs) input.Dispose();
        foreach (var output in Outputs) output.Dispose();
    }
}
