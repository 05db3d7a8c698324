using System.Runtime.InteropServices;
using OscLooper.Server.Midi;
using OscLooper.Server.Realtime;

namespace OscLooper.Server.Audio;

/// <summary>[main] Plays as a client of a running JACK or PipeWire server: ports osclooper:in_1 ..., osclooper:out_1 ...</summary>
public sealed unsafe class JackDriver : IAudioDriver
{
    /// <summary>[any] The backends.</summary>
    public const string OfJack = "jack", OfPipeWire = "pipewire";

    readonly Jack jack;
    readonly string server;
    readonly GCHandle self;
    readonly DeviceGate gate = new();
    nint client;
    nint[] inPorts = [], outPorts = [];
    float** ins, outs;
    Engine? engine;
    JackMidi? midi;
    volatile string? trouble;
    volatile int rate, block;
    uint expectedCount;

    JackDriver(Jack jack, nint client, string backend, string server)
    {
        (this.jack, this.client, Backend, this.server) = (jack, client, backend, server);
        self = GCHandle.Alloc(this);
        ClientName = jack.ClientName(client);
        rate = jack.SampleRate(client);
        block = jack.BufferSize(client);
    }

    /// <inheritdoc/>
    public string Backend { get; }
    /// <inheritdoc/>
    public string Device => server.Length > 0 ? server : "default";
    /// <inheritdoc/>
    public int Rate => rate;
    /// <inheritdoc/>
    public int Block => block;
    /// <inheritdoc/>
    public string Rights { get; private set; } = "";
    /// <inheritdoc/>
    public string? Trouble => trouble;
    /// <inheritdoc/>
    public bool IsAway => gate.IsAway(block);
    /// <inheritdoc/>
    public int QuietMilliseconds => gate.QuietMilliseconds(block);
    /// <inheritdoc/>
    public bool IsBack => trouble is null && gate.IsCalling;
    /// <summary>[any] Name that the server gave: osclooper, or osclooper-01 where that was taken.</summary>
    public string ClientName { get; }

    string Service => Backend == OfPipeWire ? "PipeWire" : "the JACK server";

    /// <summary>[main] Becomes a client of a server that runs (of this name; empty = the default one); null and why when there is none. Starts none.</summary>
    public static JackDriver? TryOpen(string backend, string server, out string why)
    {
        var isPipeWire = backend == OfPipeWire;
        // Looked for first: without it the library need not be loaded.
        if (isPipeWire && server.Length == 0 && JackLibraries.PipeWireSocket is null)
        {
            why = "no PipeWire server runs";
            return null;
        }
        if ((isPipeWire ? JackLibraries.PipeWire(out why) : JackLibraries.System(out why)) is not { } jack) return null;
        why = (isPipeWire, server.Length > 0) switch
        {
            (true, false) => "PipeWire does not answer",
            (true, true) => $"no PipeWire server named {server} runs",
            (false, true) => $"no JACK server named {server} runs",
            _ => "no JACK server runs",
        };
        var client = jack.Open("osclooper", server);
        if (client == 0) return null;
        why = "";
        return new JackDriver(jack, client, backend, server);
    }

    /// <inheritdoc/>
    public void Start(Engine engine)
    {
        this.engine = engine;
        engine.WarmUp();

        inPorts = Ports("in", engine.Format.Inputs, Jack.IsInput);
        outPorts = Ports("out", engine.Format.Outputs, Jack.IsOutput);
        midi = new JackMidi(jack, client, engine.Midi);
        midi.Open();
        ins = (float**)NativeMemory.AllocZeroed((nuint)(engine.Format.Inputs + 1), (nuint)sizeof(float*));
        outs = (float**)NativeMemory.AllocZeroed((nuint)(engine.Format.Outputs + 1), (nuint)sizeof(float*));

        var argument = (void*)GCHandle.ToIntPtr(self);
        jack.OnThreadInit(client, &EnterThread, argument);
        jack.OnProcess(client, &Process, argument);
        jack.OnBufferSize(client, &BlockChanged, argument);
        jack.OnSampleRate(client, &RateChanged, argument);
        jack.OnXrun(client, &CycleLost, argument);
        // JACK calls the first and mostly the second, too; PipeWire only the second (0.3.65).
        jack.OnInfoShutdown(client, &ShutDownWithReason, argument);
        jack.OnShutdown(client, &ShutDown, argument);
        gate.Open(engine, rate);
        engine.Announce(this);
        if (jack.Activate(client) != 0)
        {
            trouble ??= $"{Service} does not activate the client";
            return;
        }
        foreach (var (own, theirs) in inPorts.Zip(jack.Ports(client, Jack.AudioType, Jack.IsPhysical | Jack.IsOutput))) jack.Connect(client, theirs, jack.NameOf(own));
        foreach (var (own, theirs) in outPorts.Zip(jack.Ports(client, Jack.AudioType, Jack.IsPhysical | Jack.IsInput))) jack.Connect(client, jack.NameOf(own), theirs);
        midi.Start();
        engine.JackTransport.IsThere = true;
    }

    /// <inheritdoc/>
    public bool Suspend()
    {
        if (!gate.Close()) return false;
        if (engine is { } playing) playing.JackTransport.IsThere = false;
        return true;
    }

    /// <inheritdoc/>
    public void Resume()
    {
        engine!.Announce(this);
        gate.Reopen();
        engine.JackTransport.IsThere = true;
    }

    /// <inheritdoc/>
    public void Stop()
    {
        if (client == 0) return;
        gate.Close();
        midi?.Stop();
        if (engine is { } playing) playing.JackTransport.IsThere = false;
        // Closing ends the client's thread; after that no callback runs.
        if (trouble is null) jack.Deactivate(client);
        jack.Close(client);
        client = 0;
        midi?.Dispose();
        gate.Dispose();
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
    public AudioDevice Describe() =>
        new(Backend, Device, jack.Ports(client, Jack.AudioType, Jack.IsPhysical | Jack.IsOutput).Count, jack.Ports(client, Jack.AudioType, Jack.IsPhysical | Jack.IsInput).Count);

    nint[] Ports(string name, int lanes, uint flags) =>
        [.. Enumerable.Range(1, lanes).Select(n => jack.Register(client, $"{name}_{n}", Jack.AudioType, flags)).TakeWhile(p => p != 0)];

    static JackDriver Of(void* argument) => (JackDriver)GCHandle.FromIntPtr((nint)argument).Target!;

    [ThreadStatic] static bool isEntered;

    // PipeWire calls it again on the same thread when its rate or device changes.
    [UnmanagedCallersOnly]
    static void EnterThread(void* argument)
    {
        if (isEntered) return;
        isEntered = true;
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
        var count = jack.LastFrameTime(client);
        if (count != expectedCount) gate.Lost();
        expectedCount = count + (uint)frames;
        for (var i = 0; i < inPorts.Length; i++) ins[i] = (float*)jack.PortBuffer(inPorts[i], (uint)frames);
        for (var i = 0; i < outPorts.Length; i++) outs[i] = (float*)jack.PortBuffer(outPorts[i], (uint)frames);
        if (!gate.TryEnter(now))
        {
            for (var i = 0; i < outPorts.Length; i++) new Span<float>(outs[i], frames).Clear();
            midi!.PlayNothing((uint)frames);
            return;
        }
        var playing = engine!;
        var (first, engineFrames) = (playing.Status.Frame, gate.EngineFrames(frames));
        midi!.Hear(first, (uint)frames, engineFrames);
        if (playing.JackTransport.IsWanted) AskTransport(playing.JackTransport, playing.Format.Rate);
        gate.Process(ins, outs, frames);
        midi.Play(first, (uint)frames, engineFrames);
        gate.Leave();
    }

    void AskTransport(JackTransport into, int engineRate)
    {
        Jack.Position position;
        var isRolling = jack.TransportQuery(client, &position) == Jack.TransportRolling;
        var (beat, tempo) = (double.NaN, 0.0);
        if ((position.Valid & Jack.PositionHasBars) != 0 && position is { TicksPerBeat: > 0, BeatType: > 0, BeatsPerMinute: > 0 })
        {
            // Bars and beats of JACK's master, as quarter notes; its signature is taken to have held from the start.
            var quarters = 4 / position.BeatType;
            beat = ((position.Bar - 1.0) * position.BeatsPerBar + position.Beat - 1 + position.Tick / position.TicksPerBeat) * quarters;
            tempo = position.BeatsPerMinute * quarters;
        }
        into.Say(isRolling, (long)position.Frame * engineRate / rate, beat, tempo);
    }

    [UnmanagedCallersOnly]
    static int BlockChanged(uint frames, void* argument)
    {
        Of(argument).block = (int)frames;
        return 0;
    }

    // Not on the process thread; PipeWire says the same rate several times.
    [UnmanagedCallersOnly]
    static int RateChanged(uint frames, void* argument)
    {
        var driver = Of(argument);
        driver.rate = (int)frames;
        driver.gate.SetRate((int)frames);
        return 0;
    }

    [UnmanagedCallersOnly]
    static int CycleLost(void* argument)
    {
        Interlocked.Increment(ref Of(argument).engine!.Status.LostCyclesNow);
        return 0;
    }

    // Only noted here: a client that is closed in this callback takes the process along.
    [UnmanagedCallersOnly]
    static void ShutDownWithReason(int status, byte* reason, void* argument)
    {
        var driver = Of(argument);
        driver.trouble ??= $"{driver.Service} went away ({Marshal.PtrToStringUTF8((nint)reason)})";
    }

    [UnmanagedCallersOnly]
    static void ShutDown(void* argument)
    {
        var driver = Of(argument);
        driver.trouble ??= $"{driver.Service} went away";
    }
}
