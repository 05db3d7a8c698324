using System.Runtime.InteropServices;

namespace OscLooper.Server.Midi;

/// <summary>[worker] The C interface of RtMidi 5 (rtmidi_c.h); what goes wrong is told by the wrapper's ok and message.</summary>
[NativeCalls("rtmidi", NativeCallers.OnePerHandle)]
static unsafe partial class RtMidiCalls
{
    internal const int MacOs = 1, Alsa = 2, Jack = 3, Windows = 4;   // RtMidiApi

    /// <summary>[worker] What every device begins with (struct RtMidiWrapper).</summary>
    internal struct Wrapper
    {
        public void* Device;
        public void* Data;
        public byte Ok;
        public byte* Message;
    }

    [LibraryImport("rtmidi")] internal static partial int rtmidi_get_compiled_api(int* apis, uint count);
    [LibraryImport("rtmidi", StringMarshalling = StringMarshalling.Utf8)] internal static partial Wrapper* rtmidi_in_create(int api, string client, uint queue);
    [LibraryImport("rtmidi", StringMarshalling = StringMarshalling.Utf8)] internal static partial Wrapper* rtmidi_out_create(int api, string client);
    [LibraryImport("rtmidi")] internal static partial void rtmidi_in_free(Wrapper* device);
    [LibraryImport("rtmidi")] internal static partial void rtmidi_out_free(Wrapper* device);
    [LibraryImport("rtmidi")] internal static partial void rtmidi_in_ignore_types(Wrapper* device, byte sysEx, byte time, byte sensing);
    [LibraryImport("rtmidi")] internal static partial void rtmidi_in_set_callback(Wrapper* device, delegate* unmanaged<double, byte*, nuint, void*, void> heard, void* data);
    [LibraryImport("rtmidi", StringMarshalling = StringMarshalling.Utf8)] internal static partial void rtmidi_open_port(Wrapper* device, uint number, string name);
    [LibraryImport("rtmidi", StringMarshalling = StringMarshalling.Utf8)] internal static partial void rtmidi_open_virtual_port(Wrapper* device, string name);
    [LibraryImport("rtmidi")] internal static partial uint rtmidi_get_port_count(Wrapper* device);
    [LibraryImport("rtmidi")] internal static partial int rtmidi_get_port_name(Wrapper* device, uint number, byte* into, int* length);
    [LibraryImport("rtmidi")] internal static partial int rtmidi_out_send_message(Wrapper* device, byte* bytes, int length);
}
