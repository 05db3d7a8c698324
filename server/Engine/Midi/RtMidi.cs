using System.Runtime.InteropServices;
using OscLooper.Dsp.Native;
using OscLooper.Server.Audio;
using OscLooper.Server.Realtime;

namespace OscLooper.Server.Midi;

/// <summary>
/// [worker] MIDI devices through RtMidi, for those that JACK does not bring: opened as they come, closed as they go, found again by name;
/// and virtual ports where JACK does not play. Without the library or a MIDI system it says so, and nothing else happens.
/// </summary>
public sealed unsafe class RtMidi : IDisposable
{
    const int LookMilliseconds = 1000;
    const string Own = "osclooper";

    readonly Engine engine;
    readonly int api;
    readonly List<RtMidiCable> ins = [];
    readonly ManualResetEventSlim end = new(false, spinCount: 0);   // waiting long, it does not look around first
    readonly WakeEvent sender = new();
    readonly byte[] buffer = new byte[2 * MidiParser.LongestSysEx];
    readonly RtMidiCalls.Wrapper* inList, outList;
    volatile RtMidiCable[] outs = [];
    Thread? looking, sending;

    RtMidi(Engine engine, int api, RtMidiCalls.Wrapper* inList, RtMidiCalls.Wrapper* outList)
    {
        (this.engine, this.api) = (engine, api);
        this.inList = inList;
        this.outList = outList;
    }

    /// <summary>[main] What the system calls what is used.</summary>
    public string System => api switch { RtMidiCalls.MacOs => "CoreMIDI", RtMidiCalls.Alsa => "ALSA", RtMidiCalls.Windows => "Windows", _ => "JACK" };

    /// <summary>[main] Opens what works here; null and why when nothing does. JACK by RtMidi only where JACK does not play the sound.</summary>
    public static RtMidi? TryOpen(Engine engine, bool jackPlays, out string why)
    {
        why = "librtmidi is not installed";
        if (!AudioNatives.IsThere("rtmidi")) return null;
        try
        {
            // What RtMidi prints about systems that are not there is said in our own line.
            using var quiet = new QuietLibraries();
            var apis = stackalloc int[16];
            var count = RtMidiCalls.rtmidi_get_compiled_api(apis, 16);
            why = OperatingSystem.IsLinux() && !File.Exists("/dev/snd/seq") ? "no ALSA sequencer (/dev/snd/seq)" : "no MIDI system";
            for (var i = 0; i < count; i++)
            {
                if (apis[i] == RtMidiCalls.Alsa && !File.Exists("/dev/snd/seq")) continue;
                if (apis[i] is not (RtMidiCalls.MacOs or RtMidiCalls.Alsa or RtMidiCalls.Windows or RtMidiCalls.Jack) || (apis[i] == RtMidiCalls.Jack && jackPlays)) continue;
                if (apis[i] == RtMidiCalls.Jack && !JackRuns(out var no))
                {
                    why += $", {no}";
                    continue;
                }
                var ins = RtMidiCalls.rtmidi_in_create(apis[i], Own, 100);
                var outs = RtMidiCalls.rtmidi_out_create(apis[i], Own);
                if (ins is not null && outs is not null && ins->Ok != 0 && outs->Ok != 0) return new RtMidi(engine, apis[i], ins, outs);
                if (ins is not null) RtMidiCalls.rtmidi_in_free(ins);
                if (outs is not null) RtMidiCalls.rtmidi_out_free(outs);
            }
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            why = $"librtmidi does not work here: {e.Message}";
        }
        return null;
    }

    // RtMidi itself would not tell.
    static bool JackRuns(out string why)
    {
        using var client = JackDriver.TryOpen(JackDriver.OfJack, "", out why);
        return client is not null;
    }

    /// <summary>[main] From now on devices are opened as they come, and what is due is sent. Virtual ports only where nobody else makes them.</summary>
    public void Start(bool makesVirtual)
    {
        using (new QuietLibraries())
        {
            if (makesVirtual)
                foreach (var name in engine.Midi.VirtualNames) OpenPair(name);
            Look();
        }
        looking = new Thread(() =>
        {
            while (!end.Wait(LookMilliseconds)) Look();
        }) { Name = "MIDI devices", IsBackground = true };
        sending = new Thread(() =>
        {
            while (!end.IsSet)
            {
                var wait = LookMilliseconds;
                sender.Reset();
                foreach (var cable in outs) wait = Math.Min(wait, cable.Send(buffer));
                sender.Wait(wait);
            }
        }) { Name = "MIDI out", IsBackground = true, Priority = ThreadPriority.AboveNormal };
        looking.Start();
        sending.Start();
        engine.Midi.Changed?.Invoke();
    }

    void OpenPair(string name)
    {
        if (engine.Midi.Input(name) is { } input && RtMidiCable.Open(engine, api, input, null, -1) is { } into) ins.Add(into);
        if (engine.Midi.Output(name) is not { } output || RtMidiCable.Open(engine, api, null, output, -1) is not { } from) return;
        output.Sender = sender;
        outs = [.. outs, from];
    }

    void Look()
    {
        var changed = false;
        var (sources, targets) = (Names(inList), Names(outList));
        foreach (var (name, full) in MidiNames.Tidy(sources.Where(s => s.Length > 0)))
            if (engine.Midi.Input(name) is { IsThere: false } input && RtMidiCable.Open(engine, api, input, null, sources.IndexOf(full)) is { } cable)
            {
                ins.Add(cable);
                changed = true;
            }
        foreach (var (name, full) in MidiNames.Tidy(targets.Where(t => t.Length > 0)))
            if (engine.Midi.Output(name) is { IsThere: false } output && RtMidiCable.Open(engine, api, null, output, targets.IndexOf(full)) is { } cable)
            {
                output.Sender = sender;
                outs = [.. outs, cable];
                changed = true;
            }
        foreach (var gone in ins.Where(c => IsGone(c, sources)).ToList())
        {
            ins.Remove(gone);
            gone.Dispose();
            changed = true;
        }
        foreach (var gone in outs.Where(c => IsGone(c, targets)).ToList())
        {
            outs = [.. outs.Where(c => c != gone)];
            gone.Dispose();
            changed = true;
        }
        if (changed) engine.Midi.Changed?.Invoke();
    }

    bool IsGone(RtMidiCable cable, List<string> full) => !engine.Midi.VirtualNames.Contains(cable.Name) && !MidiNames.Tidy(full.Where(f => f.Length > 0)).Exists(t => t.Name == cable.Name);

    // In the order of their numbers; what is ours or only loops gets no name, and so no port.
    static List<string> Names(RtMidiCalls.Wrapper* list)
    {
        var names = new List<string>();
        var bytes = stackalloc byte[512];
        var count = RtMidiCalls.rtmidi_get_port_count(list);
        for (uint i = 0; i < count; i++)
        {
            var length = 512;
            var name = RtMidiCalls.rtmidi_get_port_name(list, i, bytes, &length) >= 0 ? Marshal.PtrToStringUTF8((nint)bytes)! : "";
            names.Add(name.StartsWith("Midi Through", StringComparison.Ordinal) || name.StartsWith(Own, StringComparison.OrdinalIgnoreCase) ? "" : name);
        }
        return names;
    }

    /// <summary>[main] Closes all ports.</summary>
    public void Dispose()
    {
        end.Set();
        sender.Signal();
        looking?.Join();
        sending?.Join();
        foreach (var cable in ins.Concat(outs)) cable.Dispose();
        RtMidiCalls.rtmidi_in_free(inList);
        RtMidiCalls.rtmidi_out_free(outList);
        end.Dispose();
    }
}
