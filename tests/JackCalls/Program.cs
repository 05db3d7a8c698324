using System.Runtime.InteropServices;
using OscLooper.Server.Audio;

namespace OscLooper.JackCalls;

/// <summary>
/// Makes calls of libjack fail, one after the other, in a process of its own: what ends a process ends this one, and the last line names the call.
/// Arguments: name of a jackd that runs, and "ours" (libjack's text goes where the product sends it) or "told" (it is printed: the proof that each
/// call reported). In the middle it says "end the server", and goes on with the next line of its input.
/// </summary>
static unsafe class Program
{
    static Jack jack = null!;
    static nint client, audioIn, audioOut, midiIn, midiOut;
    static volatile int cycles, wanted = -1, done = -1;
    static long answer;

    static int Main(string[] words)
    {
        jack = JackLibraries.System(out var why)!;
        if (jack is null) return Say($"no libjack: {why}", 3);
        client = jack.Open("calls", words[0]);
        if (client == 0) return Say("no jackd", 3);
        if (words[1] == "told") TellErrors();

        Step("client_open, of a server that is not there", () => jack.Open("nobody", words[0] + "-is-not-there"), 0);
        if (words[1] == "told") TellErrors();
        audioIn = jack.Register(client, "in", Jack.AudioType, Jack.IsInput);
        audioOut = jack.Register(client, "out", Jack.AudioType, Jack.IsOutput);
        midiIn = jack.Register(client, "midi_in", Jack.MidiType, Jack.IsInput);
        midiOut = jack.Register(client, "midi_out", Jack.MidiType, Jack.IsOutput);
        Step("port_register, a name that is taken", () => jack.Register(client, "in", Jack.AudioType, Jack.IsInput), 0);
        Step("port_register, a type that nobody knows", () => jack.Register(client, "odd", "odd type", Jack.IsInput), 0);
        Step("port_register, a name that is too long", () => jack.Register(client, new string('n', 2000), Jack.AudioType, Jack.IsInput), 0);
        jack.OnProcess(client, &Process, null);
        Step("connect, before it is active", () => jack.Connect(client, "calls:out", "system:playback_1") ? 1 : 0, 0);
        Step("deactivate, before it is active", () => jack.Deactivate(client));
        Step("activate", () => jack.Activate(client), 0);
        Step("activate again", () => jack.Activate(client));
        Step("set_process_callback, while it is active", () => { jack.OnProcess(client, &Process, null); return 0; });
        Step("set_buffer_size_callback, while it is active", () => { jack.OnBufferSize(client, &Size, null); return 0; });
        Step("set_sample_rate_callback, while it is active", () => { jack.OnSampleRate(client, &Size, null); return 0; });
        Step("set_xrun_callback, while it is active", () => { jack.OnXrun(client, &Lost, null); return 0; });
        Step("set_thread_init_callback, while it is active", () => { jack.OnThreadInit(client, &Begun, null); return 0; });
        Step("on_shutdown, while it is active", () => { jack.OnShutdown(client, &Begun, null); return 0; });
        Step("on_info_shutdown, while it is active", () => { jack.OnInfoShutdown(client, &Ended, null); return 0; });
        Step("get_ports, of a type that nobody knows", () => jack.Ports(client, "odd type", 0).Count, 0);
        Step("connect, to a port that is not there", () => jack.Connect(client, "calls:out", "nobody:in") ? 1 : 0, 0);
        Step("connect, from an input to an output", () => jack.Connect(client, "system:playback_1", "calls:out") ? 1 : 0, 0);
        Step("connect, sound to MIDI", () => jack.Connect(client, "calls:out", "calls:midi_in") ? 1 : 0, 0);
        Step("connect", () => jack.Connect(client, "calls:out", "system:playback_1") ? 1 : 0, 1);
        Step("connect once more", () => jack.Connect(client, "calls:out", "system:playback_1") ? 1 : 0);
        Step("port_get_buffer, outside of a cycle", () => (nint)jack.PortBuffer(audioOut, (uint)jack.BufferSize(client)) == 0 ? 1 : 0);

        // On the audio side, in a cycle.
        for (var which = 0; which < inCycle.Length; which++) Cycle(which);

        Console.WriteLine("end the server");
        Console.ReadLine();
        Step("get_sample_rate, without a server", () => jack.SampleRate(client));
        Step("get_buffer_size, without a server", () => jack.BufferSize(client));
        Step("get_client_name, without a server", () => jack.ClientName(client).Length);
        Step("port_name, without a server", () => jack.NameOf(audioIn).Length);
        Step("port_connected, without a server", () => jack.IsConnected(audioOut) ? 1 : 0);
        Step("last_frame_time, without a server", () => jack.LastFrameTime(client));
        Step("transport_query, without a server", () => { Jack.Position position; return jack.TransportQuery(client, &position); });
        Step("get_ports, without a server", () => jack.Ports(client, Jack.AudioType, 0).Count);
        Step("port_register, without a server", () => jack.Register(client, "late", Jack.AudioType, Jack.IsInput), 0);
        Step("connect, without a server", () => jack.Connect(client, "calls:out", "system:playback_1") ? 1 : 0, 0);
        Step("activate, without a server", () => jack.Activate(client));
        Step("deactivate, without a server", () => jack.Deactivate(client));
        Step("client_close, without a server", () => { jack.Close(client); return 0; });
        Step("client_open, without a server", () => jack.Open("calls", words[0]), 0);
        return Say("all calls are over", 0);
    }

    static readonly string[] inCycle =
    [
        "midi_event_get, of none", "midi_event_reserve, beyond the cycle", "midi_event_reserve, larger than the buffer",
        "midi_event_reserve, until the buffer is full", "midi_event_reserve, back in time", "midi_event_reserve, of nothing",
    ];

    [UnmanagedCallersOnly]
    static int Process(uint frames, void* argument)
    {
        cycles++;
        new Span<float>(jack.PortBuffer(audioOut, frames), (int)frames).Clear();
        var from = jack.PortBuffer(midiIn, frames);
        var to = jack.PortBuffer(midiOut, frames);
        jack.MidiClearBuffer(to);
        var which = wanted;
        if (which <= done) return 0;
        Jack.MidiEvent e;
        switch (which)
        {
            case 0: answer = jack.MidiEventGet(&e, from, jack.MidiEventCount(from)); break;
            case 1: answer = (nint)jack.MidiEventReserve(to, frames + 10, 3); break;
            case 2: answer = (nint)jack.MidiEventReserve(to, 0, 10_000_000); break;
            case 3:
                for (answer = 0; answer < 100_000 && jack.MidiEventReserve(to, 0, 1000) is not null;) answer++;
                break;
            case 4:
                jack.MidiEventReserve(to, frames - 1, 3);
                answer = (nint)jack.MidiEventReserve(to, 0, 3);
                break;
            case 5: answer = (nint)jack.MidiEventReserve(to, 0, 0); break;
        }
        jack.MidiClearBuffer(to);
        done = which;
        return 0;
    }

    [UnmanagedCallersOnly] static int Size(uint frames, void* argument) => 0;
    [UnmanagedCallersOnly] static int Lost(void* argument) => 0;
    [UnmanagedCallersOnly] static void Begun(void* argument) { }
    [UnmanagedCallersOnly] static void Ended(int code, byte* why, void* argument) { }

    static void Cycle(int which) => Step(inCycle[which], () =>
    {
        wanted = which;
        for (var tries = 0; done < which && tries < 60_000; tries++) Thread.Sleep(1);
        return done == which ? Volatile.Read(ref answer) : throw new TimeoutException("no cycle came");
    }, which is 1 or 2 or 4 ? 0 : null);

    // What has to come of it, when that is known.
    static void Step(string what, Func<long> call, long? expected = null)
    {
        Console.WriteLine($"begin {what}");
        var result = call();
        Console.WriteLine(expected is { } right && result != right ? $"wrong {what}: {result}" : $"over {what}: {result}");
    }

    // puts(3) prints what it is given: libjack's own text, from whatever thread it reports.
    static void TellErrors()
    {
        var tell = (delegate* unmanaged<nint, void>)NativeLibrary.GetExport(NativeLibrary.Load("libjack.so.0"), "jack_set_error_function");
        setvbuf(NativeLibrary.GetExport(NativeLibrary.GetMainProgramHandle(), "stdout") is var stdout ? *(nint*)stdout : 0, 0, 2, 0);
        tell(NativeLibrary.GetExport(NativeLibrary.GetMainProgramHandle(), "puts"));
    }

    [DllImport("libc")] static extern int setvbuf(nint stream, nint buffer, int mode, nuint size);

    static int Say(string line, int code)
    {
        Console.WriteLine(line);
        return code;
    }
}
