using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace OscLooper.Testing;

/// <summary>
/// [main] A device that is not there: a JACK client of its own whose MIDI ports look like a controller's. It sends bytes on given frames,
/// writes down with its frame everything that is sent to it, and can be pulled out and put back. One of its ports listens to sound.
/// </summary>
public sealed unsafe class JackPeer : IDisposable
{
    /// <summary>[main] A pair of ports: what the device sends and what it is sent.</summary>
    public sealed class Cable
    {
        internal nint Out, In;
        internal readonly List<(long Frame, byte[] Bytes)> Waiting = [];
        internal readonly ConcurrentQueue<(long Frame, byte[] Bytes)> Written = new(), Gone = new();
        internal string Name = "";

        /// <summary>[main] Everything that was sent to the device, with JACK's frames, in order.</summary>
        public (long Frame, byte[] Bytes)[] Heard => [.. Written];
        /// <summary>[main] The same as text: "90 3C 64".</summary>
        public string[] HeardText => [.. Written.Select(w => string.Join(' ', w.Bytes.Select(b => $"{b:X2}")))];
        /// <summary>[main] Everything that the device has sent, with the frames on which it really went out.</summary>
        public (long Frame, byte[] Bytes)[] Sent => [.. Gone];
        /// <summary>[main] Messages that are still to be sent.</summary>
        public int Unsent
        {
            get { lock (Waiting) return Waiting.Count; }
        }

        /// <summary>[main] Forgets what was heard and sent.</summary>
        public void Forget()
        {
            Written.Clear();
            Gone.Clear();
        }

        /// <summary>[main] Sends a message with the next cycle.</summary>
        public void Send(params byte[] bytes) => SendAt(0, bytes);

        /// <summary>[main] Sends a message on a frame of JACK's count (<see cref="JackPeer.Frame"/>); one that has passed means the next cycle.</summary>
        public void SendAt(long frame, params byte[] bytes)
        {
            lock (Waiting)
            {
                var place = Waiting.Count;
                while (place > 0 && Waiting[place - 1].Frame > frame) place--;
                Waiting.Insert(place, (frame, bytes));
            }
        }
    }

    readonly string server, client;
    readonly bool isPhysical;
    readonly GCHandle self;
    readonly List<Cable> cables = [];
    nint jack, listener;
    long onset = -1, frame;
    float threshold;

    /// <summary>[main] A device of this name with these cables, on a server that runs. A physical one is found by osclooper by itself; one that is not is connected by hand.</summary>
    public JackPeer(string server, string client, string[] cables, bool isPhysical = true)
    {
        (this.server, this.client, this.isPhysical) = (server, client, isPhysical);
        self = GCHandle.Alloc(this);
        foreach (var name in cables) this.cables.Add(new Cable { Name = name });
        Plug();
    }

    /// <summary>[main] The cables in the order in which they were named.</summary>
    public IReadOnlyList<Cable> Cables => cables;
    /// <summary>[main] The only or the first cable.</summary>
    public Cable First => cables[0];
    /// <summary>[main] Frames in a second.</summary>
    public int Rate => (int)jack_get_sample_rate(jack);
    /// <summary>[main] Frames in a cycle.</summary>
    public int Block => (int)jack_get_buffer_size(jack);
    /// <summary>[main] First frame of the next cycle, by JACK's own count.</summary>
    public long Frame => Volatile.Read(ref frame);
    /// <summary>[main] The frame at which the sound that is listened to became louder than the threshold; -1 = not yet.</summary>
    public long Onset => Volatile.Read(ref onset);

    /// <summary>[main] Puts the device in: its ports are there. Port names end as those of JACK's bridges do: (capture), (playback).</summary>
    public void Plug()
    {
        if (jack != 0) return;
        int status;
        jack = jack_client_open(client, NoStartServer | ServerName | UseExactName, &status, server);
        if (jack == 0) throw new InvalidOperationException($"no JACK server {server}, or the name {client} is taken (status {status})");
        var physical = isPhysical ? IsPhysical | IsTerminal : 0;
        foreach (var cable in cables)
        {
            cable.Out = jack_port_register(jack, $"{cable.Name} (capture)", MidiType, IsOutput | physical, 0);
            cable.In = jack_port_register(jack, $"{cable.Name} (playback)", MidiType, IsInput | physical, 0);
        }
        listener = jack_port_register(jack, "listener", AudioType, IsInput, 0);
        jack_set_process_callback(jack, &Process, (void*)GCHandle.ToIntPtr(self));
        if (jack_activate(jack) != 0) throw new InvalidOperationException("JACK does not activate the device");
    }

    /// <summary>[main] Pulls the device out: its ports are gone.</summary>
    public void Unplug()
    {
        if (jack == 0) return;
        jack_deactivate(jack);
        jack_client_close(jack);
        jack = 0;
    }

    /// <summary>[main] Connects two ports of anybody by their full names; false when that does not work.</summary>
    public bool Connect(string from, string to) => jack_connect(jack, from, to) == 0;

    /// <summary>[main] Puts JACK's transport to a frame and starts it, or stops it there.</summary>
    public void Transport(bool rolls, uint frame)
    {
        jack_transport_locate(jack, frame);
        if (rolls) jack_transport_start(jack);
        else jack_transport_stop(jack);
    }

    /// <summary>[main] Where JACK's transport is now, in frames.</summary>
    public uint TransportFrame => jack_get_current_transport_frame(jack);

    /// <summary>[main] Full JACK name of a cable's port: what it sends (capture), or what it is sent (playback).</summary>
    public string PortOf(Cable cable, bool isCapture) => $"{client}:{cable.Name} ({(isCapture ? "capture" : "playback")})";

    /// <summary>[main] Listens to the sound of a port (e.g. "osclooper:out_1") until it is louder than the threshold.</summary>
    public void Listen(string source, float louderThan = 1e-4f)
    {
        threshold = louderThan;
        Connect(source, $"{client}:listener");
        Volatile.Write(ref onset, -1);
    }

    /// <summary>[main] Listens again, to the same port.</summary>
    public void ListenAgain() => Volatile.Write(ref onset, -1);

    /// <summary>[main] Waits until something holds; false when it does not within so many seconds.</summary>
    public static bool Await(Func<bool> done, double seconds = 15)
    {
        for (var watch = System.Diagnostics.Stopwatch.StartNew(); !done(); Thread.Sleep(2))
            if (watch.Elapsed.TotalSeconds > seconds) return false;
        return true;
    }

    /// <summary>[main] Pulls it out for good.</summary>
    public void Dispose()
    {
        Unplug();
        if (self.IsAllocated) self.Free();
    }

    [UnmanagedCallersOnly]
    static int Process(uint frames, void* argument)
    {
        ((JackPeer)GCHandle.FromIntPtr((nint)argument).Target!).Cycle(frames);
        return 0;
    }

    void Cycle(uint frames)
    {
        var start = (long)jack_last_frame_time(jack);
        foreach (var cable in cables)
        {
            var buffer = jack_port_get_buffer(cable.Out, frames);
            jack_midi_clear_buffer(buffer);
            lock (cable.Waiting)
                while (cable.Waiting.Count > 0 && cable.Waiting[0].Frame < start + frames)
                {
                    var (at, bytes) = cable.Waiting[0];
                    var into = jack_midi_event_reserve(buffer, (uint)Math.Max(0, at - start), (nuint)bytes.Length);
                    if (into is null) break;
                    bytes.CopyTo(new Span<byte>(into, bytes.Length));
                    cable.Waiting.RemoveAt(0);
                    cable.Gone.Enqueue((Math.Max(at, start), bytes));
                }
            buffer = jack_port_get_buffer(cable.In, frames);
            MidiEvent e;
            for (uint i = 0; i < jack_midi_get_event_count(buffer); i++)
                if (jack_midi_event_get(&e, buffer, i) == 0) cable.Written.Enqueue((start + e.Time, new ReadOnlySpan<byte>(e.Bytes, (int)e.Size).ToArray()));
        }
        var sound = (float*)jack_port_get_buffer(listener, frames);
        if (Volatile.Read(ref onset) < 0)
            for (var i = 0; i < frames; i++)
                if (Math.Abs(sound[i]) > threshold)
                {
                    Volatile.Write(ref onset, start + i);
                    break;
                }
        Volatile.Write(ref frame, start + frames);
    }

    const int NoStartServer = 1, UseExactName = 2, ServerName = 4;
    const uint IsInput = 1, IsOutput = 2, IsPhysical = 4, IsTerminal = 16;
    const string AudioType = "32 bit float mono audio", MidiType = "8 bit raw midi", Library = "libjack.so.0";

    struct MidiEvent
    {
        public uint Time;
        public nuint Size;
        public byte* Bytes;
    }

    [DllImport(Library)] static extern nint jack_client_open([MarshalAs(UnmanagedType.LPUTF8Str)] string name, int options, int* status, [MarshalAs(UnmanagedType.LPUTF8Str)] string server);
    [DllImport(Library)] static extern int jack_client_close(nint client);
    [DllImport(Library)] static extern int jack_activate(nint client);
    [DllImport(Library)] static extern int jack_deactivate(nint client);
    [DllImport(Library)] static extern uint jack_get_sample_rate(nint client);
    [DllImport(Library)] static extern uint jack_get_buffer_size(nint client);
    [DllImport(Library)] static extern uint jack_last_frame_time(nint client);
    [DllImport(Library)] static extern int jack_set_process_callback(nint client, delegate* unmanaged<uint, void*, int> callback, void* argument);
    [DllImport(Library)] static extern nint jack_port_register(nint client, [MarshalAs(UnmanagedType.LPUTF8Str)] string name, [MarshalAs(UnmanagedType.LPUTF8Str)] string type, ulong flags, ulong size);
    [DllImport(Library)] static extern void* jack_port_get_buffer(nint port, uint frames);
    [DllImport(Library)] static extern int jack_transport_locate(nint client, uint frame);
    [DllImport(Library)] static extern void jack_transport_start(nint client);
    [DllImport(Library)] static extern void jack_transport_stop(nint client);
    [DllImport(Library)] static extern uint jack_get_current_transport_frame(nint client);
    [DllImport(Library)] static extern int jack_connect(nint client, [MarshalAs(UnmanagedType.LPUTF8Str)] string from, [MarshalAs(UnmanagedType.LPUTF8Str)] string to);
    [DllImport(Library)] static extern uint jack_midi_get_event_count(void* buffer);
    [DllImport(Library)] static extern int jack_midi_event_get(MidiEvent* into, void* buffer, uint index);
    [DllImport(Library)] static extern void jack_midi_clear_buffer(void* buffer);
    [DllImport(Library)] static extern byte* jack_midi_event_reserve(void* buffer, uint time, nuint size);
}
