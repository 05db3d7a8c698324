using OscLooper.Server.Audio;
using OscLooper.Server.Realtime;

namespace OscLooper.Server.Midi;

/// <summary>[main] What brings MIDI: JACK where it plays the sound, RtMidi for the rest; without either the server runs all the same.</summary>
public static class MidiChoice
{
    /// <summary>[main] Opens what there is, beside the audio driver of this kind; the line says what, or why not.</summary>
    public static RtMidi? Open(Engine engine, string audioBackend, out string line)
    {
        var jackPlays = audioBackend is JackDriver.OfJack or JackDriver.OfPipeWire;
        var rtMidi = RtMidi.TryOpen(engine, jackPlays, out var why);
        rtMidi?.Start(makesVirtual: !jackPlays);
        var devices = engine.Midi.Inputs.ToArray().Count(i => i.Carrier == "rtmidi" && i.IsThere);
        line = (jackPlays, rtMidi) switch
        {
            (true, null) => $"midi: {audioBackend}, ports midi_in, midi_out{Virtual(engine)} and every device that it brings",
            (true, _) => $"midi: {audioBackend}, and {rtMidi.System} by RtMidi ({devices} inputs)",
            (false, null) => $"midi: none ({why}); the port \"{MidiPorts.LoopbackName}\" works without",
            _ => $"midi: {rtMidi.System} by RtMidi, {devices} inputs{Virtual(engine)}",
        };
        return rtMidi;
    }

    static string Virtual(Engine engine) => engine.Midi.VirtualNames.Count == 0 ? "" : $", {string.Join(", ", engine.Midi.VirtualNames)}";
}
