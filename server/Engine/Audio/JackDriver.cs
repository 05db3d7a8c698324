using OscLooper.Dsp.Native;
using System.Runtime.InteropServices;
using OscLooper.Server.Midi;
using OscLooper.Server.Realtime;

namespace OscLooper.Server.Audio;

/// <summary>[main] Plays as a client of a running JACK server: ports osclooper:in_1 ..., osclooper:out_1 ...</summary>
public sealed unsafe class JackDriver : IAudioDriver
{
    readonly string server;
    readonly GCHandle self;
    nint client;
    nint[] inPorts = [], outPorts = [];
    float** ins, outs;
    Engine? engine;
    ClockEstimator? estimator;
    JackMidi? midi;
    volatile string? trouble;
    volatile int block;
    uint expectedCount;

    JackDriver(nint client, string server)
    {
        (this.client, this.server) = (client, server);
        self = GCHandle.Alloc(this);
        Rate = (int)Jack.jack_get_sample_rate(client);
        block = (int)Jack.jack_get_buffer_size(client);
    }

    /// <inheritdoc/>
    public string Backend => "jack";
    /// <inheritdoc/>
    public string Device => server.Length > 0 ? server : "default";
    /// <inheritdoc/>
    public int Rate { get; }
    /// <inheritdoc/>
    public int Block => block;
    /// <inheritdoc/>
    public string Rights { get; private set; } = "";
    /// <inheritdoc/>
    public string? Trouble => trouble;
    /// <summary>[any] Name that the server gave: osclooper, or osclooper-01 where that was taken.</summary>
    public string ClientName { get; private set; } = "";

    /// <summary>[main] Becomes a client of a server that runs (of this name; empty = the default one); null and why when there is none. Starts none.</summary>
    public static JackDriver? TryOpen(string server, out string why)
    {
        why = "libjack is not installed";
        if (!AudioNatives.IsThere("jack")) return null;
        try
        {
            JackLog.Silence();
            int status;
            var named = server.Length > 0 ? Jack.ServerName : 0;
            var client = Jack.jack_client_open("osclooper", Jack.NoStartServer | named, &status, server);
            why = server.Length > 0 ? $"no JACK server named {server} runs" : "no JACK server runs";
            if (client == 0) return null;
            why = "";
            return new JackDriver(client, server) { ClientName = Marshal.PtrToStringUTF8((nint)Jack.jack_get_client_name(client))! };
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            why = $"libjack does not work here: {e.Message}";
            return null;
        }
    }

    /// <inheritdoc/>
    public void Start(Engine engine)
    {
        this.engine = engine;
        estimator = new ClockEstimator(engine.Clock, Rate);
        engine.WarmUp();
        NativeFiles.Prelink(typeof(Jack));

        inPorts = Ports("in", engine.Format.Inputs, Jack.IsInput);
        outPorts = Ports("out", engine.Format.Outputs, Jack.IsOutput);
        midi = new JackMidi(client, engine.Midi);
        midi.Open();
        ins = (float**)NativeMemory.AllocZeroed((nuint)(inPorts.Length + 1), (nuint)sizeof(float*));
        outs = (float**)NativeMemory.AllocZeroed((nuint)(outPorts.Length + 1), (nuint)sizeof(float*));

        var argument = (void*)GCHandle.ToIntPtr(self);
        Jack.jack_set_thread_init_callback(client, &EnterThread, argument);
        Jack.jack_set_process_callback(client, &Process, argument);
        Jack.jack_set_buffer_size_callback(client, &BlockChanged, argument);
        Jack.jack_set_xrun_callback(client, &CycleLost, argument);
        Jack.jack_on_info_shutdown(client, &ShutDown, argument);
        engine.Announce(this);
        if (Jack.jack_activate(client) != 0)
        {
            trouble = "the JACK server does not activate the client";
            return;
        }
        Connect(inPorts, Jack.IsOutput, (physical, own) => Jack.jack_connect(client, (byte*)physical, Jack.jack_port_name(own)));
        Connect(outPorts, Jack.IsInput, (physical, own) => Jack.jack_connect(client, Jack.jack_port_name(own), (byte*)physical));
        midi.Start();
        engine.JackTransport.IsThere = true;
    }

    /// <inheritdoc/>
    public void Stop()
    {
        if (client == 0) return;
        midi?.Stop();
        engine?.JackTransport.IsThere = false;
        // Closing ends the client's thread; after that no callback runs.
        if (trouble is null) Jack.jack_deactivate(client);
        Jack.jack_client_close(client);
        client = 0;
        midi?.Dispose();
        NativeMemory.Free(ins);
        NativeMemory.Free(outs);
        ins = outs = null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Stop();
        if (self.IsAllocated) self.Free();
    }

    /// <summary>[main] The server's physical ports.</summary>
    public AudioDevice Describe() => new(Backend, Device, Count(Jack.IsOutput), Count(Jack.IsInput));

    int Count(uint theirs)
    {
        var physical = Jack.jack_get_ports(client, null, Jack.AudioType, Jack.IsPhysical | theirs);
        var count = 0;
        while (physical is not null && physical[count] is not null) count++;
        if (physical is not null) Jack.jack_free(physical);
        return count;
    }

    nint[] Ports(string name, int lanes, uint flags) =>
        [.. Enumerable.Range(1, lanes).Select(n => Jack.jack_port_register(client, $"{name}_{n}", Jack.AudioType, flags, 0)).TakeWhile(p => p != 0)];

    void Connect(nint[] own, uint theirs, Func<nint, nint, int> connect)
    {
        var physical = Jack.jack_get_ports(client, null, Jack.AudioType, Jack.IsPhysical | theirs);
        if (physical is null) return;
        for (var i = 0; i < own.Length && physical[i] is not null; i++) connect((nint)physical[i], own[i]);
        Jack.jack_free(physical);
    }

    static JackDriver Of(void* argument) => (JackDriver)GCHandle.FromIntPtr((nint)argument).Target!;

    [UnmanagedCallersOnly]
    static void EnterThread(void* argument)
    {
        Engine.EnterThread();
        Of(argument).Rights = RealtimeRights.Ask();
    }

    /// <summary>[audio] One cycle.</summary>
    [UnmanagedCallersOnly]
    static int Process(uint frames, void* argument)
    {
        Of(argument).PlayBlock((int)frames, SampleClock.MonotonicNow);
        return 0;
    }

    void PlayBlock(int frames, long now)
    {
        // JACK's own count of frames runs on when cycles are lost.
        var count = Jack.jack_last_frame_time(client);
        if (count != expectedCount) estimator!.Lost();
        expectedCount = count + (uint)frames;
        estimator!.Observe(engine!.Status.Frame, now);
        for (var i = 0; i < inPorts.Length; i++) ins[i] = (float*)Jack.jack_port_get_buffer(inPorts[i], (uint)frames);
        for (var i = 0; i < outPorts.Length; i++) outs[i] = (float*)Jack.jack_port_get_buffer(outPorts[i], (uint)frames);
        var first = engine.Status.Frame;
        midi!.Hear(first, (uint)frames);
        if (engine.JackTransport.IsWanted) AskTransport(engine.JackTransport);
        engine.Process(ins, outs, frames);
        midi.Play(first, (uint)frames);
    }

    void AskTransport(JackTransport into)
    {
        Jack.Position position;
        var isRolling = Jack.jack_transport_query(client, &position) == Jack.TransportRolling;
        var (beat, tempo) = (double.NaN, 0.0);
        if ((position.Valid & Jack.PositionHasBars) != 0 && position is { TicksPerBeat: > 0, BeatType: > 0, BeatsPerMinute: > 0 })
        {
            // Bars and beats of JACK's master, as quarter notes; its signature is taken to have held from the start.
            var quarters = 4 / position.BeatType;
            beat = ((position.Bar - 1.0) * position.BeatsPerBar + position.Beat - 1 + position.Tick / position.TicksPerBeat) * quarters;
            tempo = position.BeatsPerMinute * quarters;
        }
        into.Say(isRolling, position.Frame, beat, tempo);
    }

    [UnmanagedCallersOnly]
    static int BlockChanged(uint frames, void* argument)
    {
        var driver = Of(argument);
        driver.block = (int)frames;
        return 0;
    }

    [UnmanagedCallersOnly]
    static int CycleLost(void* argument)
    {
        Interlocked.Increment(ref Of(argument).engine!.Status.LostCyclesNow);
        return 0;
    }

    [UnmanagedCallersOnly]
    static void ShutDown(int status, byte* reason, void* argument) =>
        Of(argument).trouble = $"the JACK server went away ({Marshal.PtrToStringUTF8((nint)reason)})";
}
