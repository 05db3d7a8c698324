using System.Runtime.InteropServices;

namespace OscLooper.Server.Audio;

/// <summary>[any] The part of libjack that is used (jack/jack.h, JACK 2 and PipeWire's libjack).</summary>
static unsafe partial class Jack
{
    internal const int NoStartServer = 0x01, ServerName = 0x04;                       // JackOptions
    internal const uint IsInput = 0x1, IsOutput = 0x2, IsPhysical = 0x4, IsTerminal = 0x10;   // JackPortFlags
    internal const int TransportRolling = 1;                                         // jack_transport_state_t
    internal const int PositionHasBars = 0x10;                                       // JackPositionBBT

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

    internal const string AudioType = "32 bit float mono audio";

    // jack_client_open is variadic; a pointer passed this way lands where va_arg looks on every system that OscLooper runs on,
    // except Apple's arm64: there no server name is passed.
    [LibraryImport("jack", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint jack_client_open(string name, int options, int* status, string server);
    [LibraryImport("jack")] internal static partial int jack_client_close(nint client);
    [LibraryImport("jack")] internal static partial byte* jack_get_client_name(nint client);
    [LibraryImport("jack")] internal static partial int jack_activate(nint client);
    [LibraryImport("jack")] internal static partial int jack_deactivate(nint client);
    [LibraryImport("jack")] internal static partial uint jack_get_sample_rate(nint client);
    [LibraryImport("jack")] internal static partial uint jack_get_buffer_size(nint client);
    [LibraryImport("jack")] internal static partial int jack_set_process_callback(nint client, delegate* unmanaged<uint, void*, int> callback, void* argument);
    [LibraryImport("jack")] internal static partial int jack_set_buffer_size_callback(nint client, delegate* unmanaged<uint, void*, int> callback, void* argument);
    [LibraryImport("jack")] internal static partial int jack_set_xrun_callback(nint client, delegate* unmanaged<void*, int> callback, void* argument);
    [LibraryImport("jack")] internal static partial int jack_set_thread_init_callback(nint client, delegate* unmanaged<void*, void> callback, void* argument);
    [LibraryImport("jack")] internal static partial void jack_on_info_shutdown(nint client, delegate* unmanaged<int, byte*, void*, void> callback, void* argument);
    [LibraryImport("jack")] internal static partial void jack_set_error_function(delegate* unmanaged<byte*, void> callback);
    [LibraryImport("jack")] internal static partial void jack_set_info_function(delegate* unmanaged<byte*, void> callback);
    [LibraryImport("jack"), SuppressGCTransition] internal static partial uint jack_last_frame_time(nint client);
    [LibraryImport("jack", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint jack_port_register(nint client, string name, string type, uint flags, uint bufferSize);
    [LibraryImport("jack")] internal static partial byte* jack_port_name(nint port);
    [LibraryImport("jack")] internal static partial int jack_port_connected(nint port);
    [LibraryImport("jack"), SuppressGCTransition] internal static partial void* jack_port_get_buffer(nint port, uint frames);
    [LibraryImport("jack", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial byte** jack_get_ports(nint client, string? namePattern, string type, uint flags);
    [LibraryImport("jack")] internal static partial int jack_connect(nint client, byte* source, byte* destination);
    [LibraryImport("jack"), SuppressGCTransition] internal static partial int jack_transport_query(nint client, Position* into);
    [LibraryImport("jack")] internal static partial void jack_free(void* memory);
}
