using System.Runtime.InteropServices;
using System.Runtime.CompilerServices;
using OscLooper.Dsp.Native;

namespace OscLooper.Server.Audio;

/// <summary>
/// [any] One libjack (jack/jack.h): JACK's own, or the one by which PipeWire takes its place. Both may be loaded at once and have the same names,
/// so the functions are found in the library itself. All are called with a full transition: any of them may report an error, and what is told then
/// must find the thread outside managed code. The text goes to a native function that does nothing, because it may come on the audio side.
/// </summary>
[NativeCalls("jack", NativeCallers.OnePerHandle)]
sealed unsafe class Jack
{
    internal const int NoStartServer = 0x01, ServerName = 0x04;                       // JackOptions
    internal const uint IsInput = 0x1, IsOutput = 0x2, IsPhysical = 0x4, IsTerminal = 0x10;   // JackPortFlags
    internal const int TransportRolling = 1;                                         // jack_transport_state_t
    internal const int PositionHasBars = 0x10;                                       // JackPositionBBT
    internal const string AudioType = "32 bit float mono audio", MidiType = "8 bit raw midi";

    /// <summary>[any] The first fields of jack_position_t (jack/types.h), which is packed; the whole is smaller than this.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    internal struct Position
    {
        [FieldOffset(20)] public uint Frame;
        [FieldOffset(24)] public int Valid;
        [FieldOffset(28)] public int Bar;
        [FieldOffset(32)] public int Beat;
        [FieldOffset(36)] public int Tick;
        [FieldOffset(48)] public float BeatsPerBar;
        [FieldOffset(52)] public float BeatType;
        [FieldOffset(56)] public double TicksPerBeat;
        [FieldOffset(64)] public double BeatsPerMinute;
    }

    /// <summary>[audio] A message as it lies in a port's buffer (jack_midi_event_t of jack/midiport.h).</summary>
    internal struct MidiEvent
    {
        public uint Time;
        public nuint Size;
        public byte* Bytes;
    }

    // Opening and closing clients: both libraries keep lists of theirs.
    static readonly Lock opening = new();

    // jack_client_open is variadic; a pointer passed this way lands where va_arg looks on every system that OscLooper runs on,
    // except Apple's arm64: there no server name is passed.
    readonly delegate* unmanaged<byte*, int, int*, byte*, nint> clientOpen;
    readonly delegate* unmanaged<nint, int> clientClose, activate, deactivate, portConnected;
    readonly delegate* unmanaged<nint, byte*> getClientName, portName;
    readonly delegate* unmanaged<nint, uint> getSampleRate, getBufferSize, lastFrameTime;
    readonly delegate* unmanaged<nint, delegate* unmanaged<uint, void*, int>, void*, int> setProcess, setBufferSize, setSampleRate;
    readonly delegate* unmanaged<nint, delegate* unmanaged<void*, int>, void*, int> setXrun;
    readonly delegate* unmanaged<nint, delegate* unmanaged<void*, void>, void*, int> setThreadInit;
    readonly delegate* unmanaged<nint, delegate* unmanaged<void*, void>, void*, void> onShutdown;
    readonly delegate* unmanaged<nint, delegate* unmanaged<int, byte*, void*, void>, void*, void> onInfoShutdown;
    readonly delegate* unmanaged<nint, void> setErrorFunction, setInfoFunction;
    readonly delegate* unmanaged<nint, byte*, byte*, nuint, nuint, nint> portRegister;
    readonly delegate* unmanaged<nint, uint, void*> portGetBuffer;
    readonly delegate* unmanaged<nint, byte*, byte*, nuint, byte**> getPorts;
    readonly delegate* unmanaged<nint, byte*, byte*, int> connect;
    readonly delegate* unmanaged<nint, Position*, int> transportQuery;
    readonly delegate* unmanaged<void*, void> free;
    readonly delegate* unmanaged<void*, uint> midiEventCount;
    readonly delegate* unmanaged<MidiEvent*, void*, uint, int> midiEventGet;
    readonly delegate* unmanaged<void*, void> midiClearBuffer;
    readonly delegate* unmanaged<void*, uint, nuint, byte*> midiEventReserve;

    /// <summary>[main] Finds all functions; throws EntryPointNotFoundException when one is not there.</summary>
    Jack(Func<string, nint> find)
    {
        clientOpen = (delegate* unmanaged<byte*, int, int*, byte*, nint>)find("jack_client_open");
        clientClose = (delegate* unmanaged<nint, int>)find("jack_client_close");
        activate = (delegate* unmanaged<nint, int>)find("jack_activate");
        deactivate = (delegate* unmanaged<nint, int>)find("jack_deactivate");
        portConnected = (delegate* unmanaged<nint, int>)find("jack_port_connected");
        getClientName = (delegate* unmanaged<nint, byte*>)find("jack_get_client_name");
        portName = (delegate* unmanaged<nint, byte*>)find("jack_port_name");
        getSampleRate = (delegate* unmanaged<nint, uint>)find("jack_get_sample_rate");
        getBufferSize = (delegate* unmanaged<nint, uint>)find("jack_get_buffer_size");
        lastFrameTime = (delegate* unmanaged<nint, uint>)find("jack_last_frame_time");
        setProcess = (delegate* unmanaged<nint, delegate* unmanaged<uint, void*, int>, void*, int>)find("jack_set_process_callback");
        setBufferSize = (delegate* unmanaged<nint, delegate* unmanaged<uint, void*, int>, void*, int>)find("jack_set_buffer_size_callback");
        setSampleRate = (delegate* unmanaged<nint, delegate* unmanaged<uint, void*, int>, void*, int>)find("jack_set_sample_rate_callback");
        setXrun = (delegate* unmanaged<nint, delegate* unmanaged<void*, int>, void*, int>)find("jack_set_xrun_callback");
        setThreadInit = (delegate* unmanaged<nint, delegate* unmanaged<void*, void>, void*, int>)find("jack_set_thread_init_callback");
        onShutdown = (delegate* unmanaged<nint, delegate* unmanaged<void*, void>, void*, void>)find("jack_on_shutdown");
        onInfoShutdown = (delegate* unmanaged<nint, delegate* unmanaged<int, byte*, void*, void>, void*, void>)find("jack_on_info_shutdown");
        setErrorFunction = (delegate* unmanaged<nint, void>)find("jack_set_error_function");
        setInfoFunction = (delegate* unmanaged<nint, void>)find("jack_set_info_function");
        portRegister = (delegate* unmanaged<nint, byte*, byte*, nuint, nuint, nint>)find("jack_port_register");
        portGetBuffer = (delegate* unmanaged<nint, uint, void*>)find("jack_port_get_buffer");
        getPorts = (delegate* unmanaged<nint, byte*, byte*, nuint, byte**>)find("jack_get_ports");
        connect = (delegate* unmanaged<nint, byte*, byte*, int>)find("jack_connect");
        transportQuery = (delegate* unmanaged<nint, Position*, int>)find("jack_transport_query");
        free = (delegate* unmanaged<void*, void>)find("jack_free");
        midiEventCount = (delegate* unmanaged<void*, uint>)find("jack_midi_get_event_count");
        midiEventGet = (delegate* unmanaged<MidiEvent*, void*, uint, int>)find("jack_midi_event_get");
        midiClearBuffer = (delegate* unmanaged<void*, void>)find("jack_midi_clear_buffer");
        midiEventReserve = (delegate* unmanaged<void*, uint, nuint, byte*>)find("jack_midi_event_reserve");
    }

    /// <summary>[main] The libjack in this library; null and why when it is none.</summary>
    internal static Jack? In(nint library, out string why)
    {
        why = "";
        try
        {
            var jack = new Jack(name => NativeLibrary.GetExport(library, name));
            Ready();
            return jack;
        }
        catch (EntryPointNotFoundException e)
        {
            why = $"libjack does not work here: {e.Message}";
            return null;
        }
    }

    // What a call through a pointer needs is compiled at the first one: here, with a function that does nothing, instead of on the audio side.
    static void Ready()
    {
        var none = new Jack(_ => Nothing);
        MidiEvent e;
        Position position;
        none.MidiEventGet(&e, null, none.MidiEventCount(null) + none.LastFrameTime(0));
        none.MidiClearBuffer(none.PortBuffer(0, 0));
        none.MidiEventReserve(null, 0, 0);
        none.TransportQuery(0, &position);
    }

    // A native function that takes what it is given and does nothing with it.
    static nint Nothing { get; } = OperatingSystem.IsWindows()
        ? NativeLibrary.GetExport(NativeLibrary.Load("kernel32"), "GetCurrentProcessId")
        : NativeLibrary.GetExport(NativeLibrary.GetMainProgramHandle(), "getpid");

    /// <summary>[any] Becomes a client of a server that runs; 0 when there is none. Starts none.</summary>
    internal nint Open(string name, string server)
    {
        int status;
        fixed (byte* client = Utf8(name), to = Utf8(server))
            lock (opening)
            {
                // Each time: PortAudio sets its own, and then the default again.
                setErrorFunction(Nothing);
                setInfoFunction(Nothing);
                using var quiet = new QuietLibraries();
                return clientOpen(client, NoStartServer | (server.Length > 0 ? ServerName : 0), &status, to);
            }
    }

    /// <summary>[any] Is a client no more; no callback runs any longer.</summary>
    internal void Close(nint client)
    {
        lock (opening) clientClose(client);
    }

    internal int Activate(nint client) => activate(client);
    internal int Deactivate(nint client) => deactivate(client);
    internal string ClientName(nint client) => Marshal.PtrToStringUTF8((nint)getClientName(client)) ?? "";
    internal int SampleRate(nint client) => (int)getSampleRate(client);
    internal int BufferSize(nint client) => (int)getBufferSize(client);
    internal void OnProcess(nint client, delegate* unmanaged<uint, void*, int> callback, void* argument) => setProcess(client, callback, argument);
    internal void OnBufferSize(nint client, delegate* unmanaged<uint, void*, int> callback, void* argument) => setBufferSize(client, callback, argument);
    internal void OnSampleRate(nint client, delegate* unmanaged<uint, void*, int> callback, void* argument) => setSampleRate(client, callback, argument);
    internal void OnXrun(nint client, delegate* unmanaged<void*, int> callback, void* argument) => setXrun(client, callback, argument);
    internal void OnThreadInit(nint client, delegate* unmanaged<void*, void> callback, void* argument) => setThreadInit(client, callback, argument);
    internal void OnShutdown(nint client, delegate* unmanaged<void*, void> callback, void* argument) => onShutdown(client, callback, argument);
    internal void OnInfoShutdown(nint client, delegate* unmanaged<int, byte*, void*, void> callback, void* argument) => onInfoShutdown(client, callback, argument);

    /// <summary>[any] A new port of the client; 0 when it takes none.</summary>
    internal nint Register(nint client, string name, string type, uint flags)
    {
        fixed (byte* own = Utf8(name), kind = Utf8(type)) return portRegister(client, own, kind, flags, 0);
    }

    internal bool IsConnected(nint port) => portConnected(port) > 0;
    internal string NameOf(nint port) => Marshal.PtrToStringUTF8((nint)portName(port)) ?? "";

    /// <summary>[any] Full names of all ports of a type with these flags.</summary>
    internal List<string> Ports(nint client, string type, uint flags)
    {
        var found = new List<string>();
        fixed (byte* kind = Utf8(type))
        {
            var names = getPorts(client, null, kind, flags);
            if (names is null) return found;
            for (var i = 0; names[i] is not null; i++) found.Add(Marshal.PtrToStringUTF8((nint)names[i])!);
            free(names);
        }
        return found;
    }

    /// <summary>[any] Connects two ports by their full names; false when that does not work.</summary>
    internal bool Connect(nint client, string from, string to)
    {
        fixed (byte* source = Utf8(from), target = Utf8(to)) return connect(client, source, target) == 0;
    }

    /// <summary>[audio] The first frame of this cycle by JACK's count.</summary>
    [AudioSafe] internal uint LastFrameTime(nint client) => lastFrameTime(client);
    /// <summary>[audio] Where a port's frames or messages of this cycle lie.</summary>
    [AudioSafe] internal void* PortBuffer(nint port, uint frames) => portGetBuffer(port, frames);
    /// <summary>[audio] State and position of the transport.</summary>
    [AudioSafe] internal int TransportQuery(nint client, Position* into) => transportQuery(client, into);
    /// <summary>[audio] Messages in a port's buffer.</summary>
    [AudioSafe] internal uint MidiEventCount(void* buffer) => midiEventCount(buffer);
    /// <summary>[audio] One of them; 0 when it is there.</summary>
    [AudioSafe] internal int MidiEventGet(MidiEvent* into, void* buffer, uint index) => midiEventGet(into, buffer, index);
    /// <summary>[audio] Empties the buffer of a port that sends.</summary>
    [AudioSafe] internal void MidiClearBuffer(void* buffer) => midiClearBuffer(buffer);
    /// <summary>[audio] Room for a message; null when the buffer is full.</summary>
    [AudioSafe] internal byte* MidiEventReserve(void* buffer, uint time, nuint bytes) => midiEventReserve(buffer, time, bytes);

    static byte[] Utf8(string text) => System.Text.Encoding.UTF8.GetBytes(text + '\0');
}
