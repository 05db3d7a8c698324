using System.Runtime.InteropServices;
using OscLooper.Server.Realtime;

namespace OscLooper.Server.Midi;

/// <summary>[worker] One port opened by RtMidi: bytes that come in get the frame of their moment, one block on, so that their spacing is kept.</summary>
sealed unsafe class RtMidiCable : IDisposable
{
    readonly Engine engine;
    readonly GCHandle self;
    // The sender may be at a device that goes: a handle has one caller at a time.
    readonly Lock calling = new();
    RtMidiCalls.Wrapper* device;

    RtMidiCable(Engine engine, MidiInput? input, MidiOutput? output)
    {
        (this.engine, Input, Output) = (engine, input, output);
        self = GCHandle.Alloc(this);
    }

    internal MidiInput? Input { get; }
    internal MidiOutput? Output { get; }
    internal string Name => Input?.Name ?? Output!.Name;

    /// <summary>[worker] Opens a device by its number, or a virtual port (number below 0) of the port's own name; null when that does not work.</summary>
    internal static RtMidiCable? Open(Engine engine, int api, MidiInput? input, MidiOutput? output, int number)
    {
        var cable = new RtMidiCable(engine, input, output);
        var device = input is not null ? RtMidiCalls.rtmidi_in_create(api, "osclooper", 100) : RtMidiCalls.rtmidi_out_create(api, "osclooper");
        cable.device = device;
        if (device is not null && device->Ok != 0)
        {
            if (input is not null)
            {
                RtMidiCalls.rtmidi_in_ignore_types(device, 0, 0, 0);
                RtMidiCalls.rtmidi_in_set_callback(device, &Heard, (void*)GCHandle.ToIntPtr(cable.self));
            }
            if (number < 0) RtMidiCalls.rtmidi_open_virtual_port(device, cable.Name);
            else RtMidiCalls.rtmidi_open_port(device, (uint)number, cable.Name);
            if (device->Ok != 0)
            {
                input?.Come("rtmidi");
                output?.Come("rtmidi");
                return cable;
            }
        }
        cable.Dispose();
        return null;
    }

    [UnmanagedCallersOnly]
    static void Heard(double seconds, byte* bytes, nuint length, void* self)
    {
        if (((GCHandle)(nint)self).Target is RtMidiCable { Input: { } input } cable)
            input.Hear((long)Math.Ceiling(cable.engine.Clock.FrameAtMonotonic(SampleClock.MonotonicNow)) + cable.engine.Status.Block, new ReadOnlySpan<byte>(bytes, (int)length));
    }

    /// <summary>[worker] Sends what is due by now; in how many milliseconds the next is.</summary>
    internal int Send(byte[] buffer)
    {
        var ring = Output!.ToDevice;
        while (Output.TryNext((long)engine.Clock.FrameAtMonotonic(SampleClock.MonotonicNow), out var frame, out var length))
        {
            var nanoseconds = engine.Clock.MonotonicAt(frame) - SampleClock.MonotonicNow;
            if (nanoseconds > 0) return (int)Math.Clamp((nanoseconds + 999_999) / 1_000_000, 1, int.MaxValue);
            ring.Take(buffer, length);
            lock (calling)
                fixed (byte* bytes = buffer)
                    if (device is null || RtMidiCalls.rtmidi_out_send_message(device, bytes, Math.Min(length, buffer.Length)) < 0) Output.Lose();
        }
        return int.MaxValue;
    }

    /// <summary>[worker] Closes it: the port is missing from now on.</summary>
    public void Dispose()
    {
        Input?.Go();
        Output?.Go();
        lock (calling)
        {
            if (device is not null && Input is not null) RtMidiCalls.rtmidi_in_free(device);
            else if (device is not null) RtMidiCalls.rtmidi_out_free(device);
            device = null;
        }
        if (self.IsAllocated) self.Free();
    }
}
