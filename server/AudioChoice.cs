using OscLooper.Server.Audio;

namespace OscLooper.Server;

/// <summary>[main] Which device plays: JACK if a server runs, else PipeWire if one runs, else PortAudio if it has a device, else the timer clock.</summary>
public static class AudioChoice
{
    /// <summary>[main] What the option --audio takes.</summary>
    public static readonly string[] Words = ["auto", JackDriver.OfJack, JackDriver.OfPipeWire, "portaudio", "none"];

    /// <summary>[main] Opens what the options ask for; the line says which and why. say gets a line when that changes later.</summary>
    public static IAudioDriver Open(ServerOptions options, out string line, Action<string>? say = null)
    {
        say ??= _ => { };
        var whys = new List<string>();
        if (options.Audio == "none") return Timer(options, "as asked", out line);

        foreach (var backend in (ReadOnlySpan<string>)[JackDriver.OfJack, JackDriver.OfPipeWire])
        {
            if (options.Audio != "auto" && options.Audio != backend) continue;
            // Where the system's libjack is PipeWire's no JACK server can answer; it would be PipeWire under another name.
            if (options.Audio == "auto" && backend == JackDriver.OfJack && JackLibraries.IsPipeWire(out _)) continue;
            if (backend == JackDriver.OfPipeWire) JackLibraries.AskForBlock(options.Block, options.Rate);
            if (JackDriver.TryOpen(backend, options.Device, out var why) is { } jack)
            {
                line = $"audio: {backend} ({jack.Device}), {jack.Rate} Hz, {jack.Block} frames; ports {jack.ClientName}:in_1 ..., {jack.ClientName}:out_1 ...";
                return new DriverKeeper(jack, () => JackDriver.TryOpen(backend, options.Device, out _), say);
            }
            whys.Add(why);
        }
        if (options.Audio is "auto" or "portaudio")
        {
            if (PortAudioDriver.TryOpen(options.Device, FormatOf(options), options.Block, out var why) is { } portAudio)
            {
                line = $"audio: portaudio ({portAudio.Device}), {portAudio.Rate} Hz, {portAudio.Block} frames{Because(whys)}";
                var format = FormatOf(options) with { Rate = portAudio.Rate };
                return new DriverKeeper(portAudio, () => PortAudioDriver.TryOpen(options.Device, format, options.Block, out _), say);
            }
            whys.Add(why);
        }
        if (options.Audio is "auto") return Timer(options, string.Join(", ", whys), out line);
        throw new AudioUnavailableException($"audio: {options.Audio} is not available: {string.Join(", ", whys)}");
    }

    static TimerDriver Timer(ServerOptions options, string why, out string line)
    {
        line = $"audio: none, timer clock at {options.Rate} Hz, {options.Block} frames ({why})";
        return new TimerDriver(options.Rate, options.Block);
    }

    static AudioFormat FormatOf(ServerOptions options) => new(options.Rate, options.Block, options.Inputs, options.Outputs, false);

    static string Because(List<string> whys) => whys.Count == 0 ? "" : $" ({string.Join(", ", whys)})";
}
