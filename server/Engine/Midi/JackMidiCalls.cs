using System.Runtime.InteropServices;

namespace OscLooper.Server.Midi;

/// <summary>[audio] The part of libjack that moves MIDI within a cycle (jack/midiport.h); none of it waits.</summary>
static unsafe partial class JackMidiCalls
{
    internal const string MidiType = "8 bit raw midi";

    /// <summary>[audio] A message as it lies in a port's buffer (jack_midi_event_t).</summary>
    internal struct MidiEvent
    {
        public uint Time;
        public nuint Size;
        public byte* Bytes;
    }

    [LibraryImport("jack"), SuppressGCTransition] internal static partial uint jack_midi_get_event_count(void* buffer);
    [LibraryImport("jack"), SuppressGCTransition] internal static partial int jack_midi_event_get(MidiEvent* into, void* buffer, uint index);
    [LibraryImport("jack"), SuppressGCTransition] internal static partial void jack_midi_clear_buffer(void* buffer);
    [LibraryImport("jack"), SuppressGCTransition] internal static partial byte* jack_midi_event_reserve(void* buffer, uint time, nuint size);
}
