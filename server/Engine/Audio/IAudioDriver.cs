using OscLooper.Server.Realtime;

namespace OscLooper.Server.Audio;

/// <summary>[main] What calls the engine, block after block: a sound device, or a clock in its place.</summary>
public interface IAudioDriver : IDisposable
{
    /// <summary>[any] jack, pipewire, portaudio or none.</summary>
    string Backend { get; }
    /// <summary>[any] Name of the device or server.</summary>
    string Device { get; }
    /// <summary>[any] Frames in a second; may change while it runs. The engine keeps the rate that it began with.</summary>
    int Rate { get; }
    /// <summary>[any] Frames in a block; may change while it runs.</summary>
    int Block { get; }
    /// <summary>[any] What the system granted the playing thread; empty until it plays.</summary>
    string Rights { get; }
    /// <summary>[any] Why it no longer runs; null while all is well.</summary>
    string? Trouble { get; }
    /// <summary>[any] Its callback stays away, and nothing says why.</summary>
    bool IsAway { get; }
    /// <summary>[any] So many milliseconds from now it is away, if no callback comes until then.</summary>
    int QuietMilliseconds { get; }
    /// <summary>[any] Suspended, and its callback comes again.</summary>
    bool IsBack { get; }
    /// <summary>[main] From now on it plays the engine, on a thread of its own.</summary>
    void Start(Engine engine);
    /// <summary>[main] It stays open, but plays no more: when it returns true, no thread of it is in the engine. Does not wait for the device.</summary>
    bool Suspend();
    /// <summary>[main] Plays again, after <see cref="Suspend"/>.</summary>
    void Resume();
    /// <summary>[main] When it returns, no thread of it is in the engine any more. May wait for a device that hangs.</summary>
    void Stop();
}

/// <summary>[main] The device that was asked for by name is not there (exit code 3).</summary>
public sealed class AudioUnavailableException(string message) : Exception(message);

/// <summary>[any] A device that could be opened.</summary>
/// <param name="Backend">jack, pipewire or portaudio.</param>
/// <param name="Name">What <c>--device</c> takes.</param>
/// <param name="Inputs">Lanes in.</param>
/// <param name="Outputs">Lanes out.</param>
public readonly record struct AudioDevice(string Backend, string Name, int Inputs, int Outputs)
{
    /// <summary>[main] Every device that could be opened now.</summary>
    public static IReadOnlyList<AudioDevice> All(string jackServer = "")
    {
        var devices = new List<AudioDevice>();
        foreach (var backend in (ReadOnlySpan<string>)[JackDriver.OfJack, JackDriver.OfPipeWire])
            if (JackDriver.TryOpen(backend, backend == JackDriver.OfJack ? jackServer : "", out _) is { } jack)
                using (jack) devices.Add(jack.Describe());
        devices.AddRange(PortAudioDriver.Devices());
        return devices;
    }
}
