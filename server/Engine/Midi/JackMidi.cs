using OscLooper.Server.Audio;

namespace OscLooper.Server.Midi;

/// <summary>
/// [any] MIDI of a JACK client, on its frames. It has ports of its own (midi_in, midi_out: the patch calls them midi:jack; one pair more for
/// each --midi-port), and one for every physical MIDI port of the JACK server, connected as long as that is there.
/// </summary>
sealed unsafe class JackMidi(Jack jack, nint client, MidiPorts ports) : IDisposable
{
    internal const string OwnName = "jack";
    // A device that has just come is looked at again soon: JACK does not connect a port in the moment in which it is made.
    const int LookMilliseconds = 1000, SoonMilliseconds = 100, SoonLooks = 10;

    sealed record Inlet(nint Port, MidiInput Input);
    sealed record Outlet(nint Port, MidiOutput Output);
    /// <summary>A port of ours for a device, and under which name JACK knew the device last.</summary>
    sealed record Device(string Name, nint Port, MidiInput? In, MidiOutput? Out);

    readonly List<Device> devices = [];
    readonly ManualResetEventSlim end = new(false, spinCount: 0);   // waiting long, it does not look around first
    volatile Inlet[] inlets = [];
    volatile Outlet[] outlets = [];
    Thread? looking;

    /// <summary>[main] Its own ports; before the client is activated.</summary>
    internal void Open()
    {
        OpenPair("midi", OwnName);
        foreach (var name in ports.VirtualNames) OpenPair(name, name);
    }

    /// <summary>[main] Looks for devices from now on.</summary>
    internal void Start()
    {
        Look();
        looking = new Thread(() =>
        {
            for (var soon = SoonLooks; !end.Wait(soon > 0 ? SoonMilliseconds : LookMilliseconds); soon--)
                if (Look()) soon = SoonLooks;
        }) { Name = "MIDI ports of JACK", IsBackground = true };
        looking.Start();
        ports.Changed?.Invoke();
    }

    void OpenPair(string own, string name)
    {
        if (AddInlet($"{own}_in", name) is { } inlet) inlet.In!.Come("jack");
        if (AddOutlet($"{own}_out", name) is { } outlet) outlet.Out!.Come("jack");
    }

    Device? AddInlet(string own, string name)
    {
        if (ports.Input(name) is not { } input || Register(own, Jack.IsInput) is not (not 0 and var port)) return null;
        inlets = [.. inlets, new Inlet(port, input)];
        return new Device(name, port, input, null);
    }

    Device? AddOutlet(string own, string name)
    {
        if (ports.Output(name) is not { } output || Register(own, Jack.IsOutput) is not (not 0 and var port)) return null;
        outlets = [.. outlets, new Outlet(port, output)];
        return new Device(name, port, null, output);
    }

    nint Register(string name, uint flags) => jack.Register(client, name, Jack.MidiType, flags);

    /// <summary>[audio] What has come in, on its frames; before the engine plays so many of its own.</summary>
    internal void Hear(long firstFrame, uint frames, int engineFrames)
    {
        Jack.MidiEvent e;
        foreach (var inlet in inlets)
        {
            var buffer = jack.PortBuffer(inlet.Port, frames);
            var count = jack.MidiEventCount(buffer);
            for (uint i = 0; i < count; i++)
                if (jack.MidiEventGet(&e, buffer, i) == 0)
                    inlet.Input.Hear(firstFrame + e.Time * engineFrames / frames, new ReadOnlySpan<byte>(e.Bytes, (int)e.Size));
        }
    }

    /// <summary>[audio] What goes out, on its frames; after the engine has played.</summary>
    internal void Play(long firstFrame, uint frames, int engineFrames)
    {
        foreach (var outlet in outlets)
        {
            var buffer = jack.PortBuffer(outlet.Port, frames);
            jack.MidiClearBuffer(buffer);
            var ring = outlet.Output.ToDevice;
            for (var isFirst = true; outlet.Output.TryNext(firstFrame, out var frame, out var length); isFirst = false)
            {
                var bytes = jack.MidiEventReserve(buffer, (uint)Math.Clamp((frame - firstFrame) * frames / Math.Max(1, engineFrames), 0, frames - 1), (nuint)length);
                if (bytes is not null) ring.Take(new Span<byte>(bytes, length), length);
                else if (!isFirst) break;   // the buffer is full: the rest goes with the next cycle
                else
                {
                    ring.Take(default, length);   // would never fit
                    outlet.Output.Lose();
                }
            }
        }
    }

    /// <summary>[audio] Nothing goes out in this cycle.</summary>
    internal void PlayNothing(uint frames)
    {
        foreach (var outlet in outlets) jack.MidiClearBuffer(jack.PortBuffer(outlet.Port, frames));
    }

    // Devices that are new get a port; those that are known are connected again; those that are gone fall silent.
    bool Look()
    {
        var changed = false;
        foreach (var theirs in (ReadOnlySpan<uint>)[Jack.IsOutput, Jack.IsInput])
        {
            var isInput = theirs == Jack.IsOutput;
            var there = MidiNames.Tidy(jack.Ports(client, Jack.MidiType, Jack.IsPhysical | theirs));
            foreach (var (name, full) in there)
            {
                var device = devices.Find(d => d.Name == name && d.In is not null == isInput);
                if (device is null)
                {
                    device = isInput ? AddInlet($"{name} in", name) : AddOutlet($"{name} out", name);
                    if (device is null) continue;
                    devices.Add(device);
                }
                Connect(device, full);
                if (device.In is { IsThere: false } || device.Out is { IsThere: false })
                {
                    device.In?.Come("jack");
                    device.Out?.Come("jack");
                    changed = true;
                }
            }
            foreach (var device in devices)
            {
                if (device.In is not null != isInput || there.Exists(t => t.Name == device.Name)) continue;
                if (device.In is { IsThere: true } || device.Out is { IsThere: true }) changed = true;
                device.In?.Go();
                device.Out?.Go();
            }
        }
        if (changed) ports.Changed?.Invoke();
        return changed;
    }

    void Connect(Device device, string full)
    {
        if (jack.IsConnected(device.Port)) return;
        var own = jack.NameOf(device.Port);
        if (device.In is not null) jack.Connect(client, full, own);
        else jack.Connect(client, own, full);
    }

    /// <summary>[main] Looks no more; before the client is closed.</summary>
    internal void Stop()
    {
        end.Set();
        looking?.Join();
        looking = null;
    }

    /// <summary>[main, frozen] The client is closed: all its ports are away.</summary>
    public void Dispose()
    {
        Stop();
        foreach (var inlet in inlets) inlet.Input.Go();
        foreach (var outlet in outlets) outlet.Output.Go();
        (inlets, outlets) = ([], []);
        ports.Changed?.Invoke();
        end.Dispose();
    }
}
