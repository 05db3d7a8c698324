using System.Globalization;
using System.Runtime.InteropServices;
using OscLooper.Server.Realtime;

namespace OscLooper.Server.Audio;

/// <summary>[main] Plays on a device of PortAudio: ALSA, CoreAudio, WASAPI, ASIO ...</summary>
public sealed unsafe class PortAudioDriver : IAudioDriver
{
    readonly GCHandle self;
    readonly DeviceGate gate = new();
    nint stream;
    Engine? engine;
    int inputLanes, outputLanes;
    float** ins, outs;
    volatile int block;

    PortAudioDriver(string device, int rate, int block)
    {
        (Device, Rate, this.block) = (device, rate, block);
        self = GCHandle.Alloc(this);
    }

    /// <inheritdoc/>
    public string Backend => "portaudio";
    /// <inheritdoc/>
    public string Device { get; }
    /// <inheritdoc/>
    public int Rate { get; private set; }
    /// <inheritdoc/>
    public int Block => block;
    /// <inheritdoc/>
    public string Rights { get; private set; } = "";
    /// <inheritdoc/>
    public string? Trouble { get; private set; }
    /// <inheritdoc/>
    public bool IsAway => gate.IsAway(block);
    /// <inheritdoc/>
    public int QuietMilliseconds => gate.QuietMilliseconds(block);
    /// <inheritdoc/>
    public bool IsBack => gate.IsCalling;

    /// <summary>[main] Opens the device of this name (or number; empty = the default ones); null and why when that does not work.</summary>
    public static PortAudioDriver? TryOpen(string device, AudioFormat format, int block, out string why)
    {
        if (!IsThere(out why)) return null;
        using var library = PortAudio.Enter();
        if (!Begin(library, out why)) return null;
        var (input, output) = Choose(library, device);
        if (output == PortAudio.NoDevice && input == PortAudio.NoDevice)
        {
            why = device.Length > 0 ? $"PortAudio has no device {device}" : "PortAudio has no device";
            library.Terminate();
            return null;
        }
        var driver = new PortAudioDriver(library.NameOf(output == PortAudio.NoDevice ? input : output), format.Rate, block);
        var error = driver.Open(library, input, output, format);
        if (error == 0) return driver;
        why = $"PortAudio cannot open {driver.Device}: {library.Reason(error)}";
        library.Terminate();
        driver.Dispose();
        return null;
    }

    /// <summary>[any] Its devices; none when the library is missing.</summary>
    public static IReadOnlyList<AudioDevice> Devices()
    {
        var devices = new List<AudioDevice>();
        if (!IsThere(out _)) return devices;
        using var library = PortAudio.Enter();
        if (!Begin(library, out _)) return devices;
        for (var i = 0; i < library.DeviceCount; i++)
        {
            var info = library.InfoOf(i);
            devices.Add(new AudioDevice("portaudio", library.NameOf(i), info->MaxInputs, info->MaxOutputs));
        }
        library.Terminate();
        return devices;
    }

    /// <inheritdoc/>
    public void Start(Engine engine)
    {
        this.engine = engine;
        engine.WarmUp();
        ins = (float**)NativeMemory.AllocZeroed((nuint)(engine.Format.Inputs + 1), (nuint)sizeof(float*));
        outs = (float**)NativeMemory.AllocZeroed((nuint)(engine.Format.Outputs + 1), (nuint)sizeof(float*));
        inputLanes = Math.Min(inputLanes, engine.Format.Inputs);
        engine.Announce(this);
        gate.Open(engine, Rate);
        using var library = PortAudio.Enter();
        var error = library.Start(stream);
        if (error != 0) Trouble = $"the device {Device} does not start: {library.Reason(error)}";
    }

    /// <inheritdoc/>
    public bool Suspend() => gate.Close();

    /// <inheritdoc/>
    public void Resume()
    {
        engine!.Announce(this);
        gate.Reopen();
    }

    /// <inheritdoc/>
    public void Stop()
    {
        if (stream == 0) return;
        gate.Close();
        using (var library = PortAudio.Enter())
        {
            library.Close(stream);
            library.Terminate();
        }
        (stream, engine) = (0, null);
        gate.Dispose();
        NativeMemory.Free(ins);
        NativeMemory.Free(outs);
        ins = outs = null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Stop();
        if (self.IsAllocated) self.Free();
    }

    static bool IsThere(out string why)
    {
        why = AudioNatives.IsThere("portaudio") ? "" : "libportaudio is not installed";
        return why.Length == 0;
    }

    static bool Begin(PortAudio.Session library, out string why)
    {
        try
        {
            var error = library.Initialize();
            why = error == 0 ? "" : $"PortAudio does not start: {library.Reason(error)}";
            return error == 0;
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            why = $"libportaudio does not work here: {e.Message}";
            return false;
        }
    }

    static (int Input, int Output) Choose(PortAudio.Session library, string wanted)
    {
        if (wanted.Length == 0) return (library.DefaultInput, library.DefaultOutput);
        var isNumber = int.TryParse(wanted, CultureInfo.InvariantCulture, out var number);
        for (var i = 0; i < library.DeviceCount; i++)
            if (isNumber ? i == number : library.NameOf(i).Contains(wanted, StringComparison.OrdinalIgnoreCase))
            {
                var info = library.InfoOf(i);
                return (info->MaxInputs > 0 ? i : PortAudio.NoDevice, info->MaxOutputs > 0 ? i : PortAudio.NoDevice);
            }
        return (PortAudio.NoDevice, PortAudio.NoDevice);
    }

    int Open(PortAudio.Session library, int input, int output, AudioFormat format)
    {
        var (from, to) = (Parameters(library, input, true, format.Inputs), Parameters(library, output, false, format.Outputs));
        (inputLanes, outputLanes) = (from.Lanes, to.Lanes);
        var error = Open(library, from, to, Rate);
        if (error == 0) return 0;
        // Not every device takes every rate; its own it does.
        var own = library.InfoOf(output == PortAudio.NoDevice ? input : output)->Rate;
        Rate = (int)Math.Round(own);
        return Open(library, from, to, own);
    }

    int Open(PortAudio.Session library, PortAudio.StreamParameters from, PortAudio.StreamParameters to, double rate)
    {
        nint opened;
        var error = library.Open(&opened, from.Lanes > 0 ? &from : null, to.Lanes > 0 ? &to : null, rate, (nuint)block, &Process, (void*)GCHandle.ToIntPtr(self));
        if (error == 0) stream = opened;
        return error;
    }

    static PortAudio.StreamParameters Parameters(PortAudio.Session library, int device, bool isInput, int lanes)
    {
        if (device == PortAudio.NoDevice) return default;
        var info = library.InfoOf(device);
        return new PortAudio.StreamParameters
        {
            Device = device,
            Lanes = Math.Min(lanes, isInput ? info->MaxInputs : info->MaxOutputs),
            Format = PortAudio.Float32 | PortAudio.NonInterleaved,
            Latency = isInput ? info->LowInputLatency : info->LowOutputLatency,
        };
    }

    [ThreadStatic] static bool isEntered;

    /// <summary>[audio] One block.</summary>
    [UnmanagedCallersOnly]
    static int Process(float** input, float** output, nuint frames, void* time, nuint flags, void* argument)
    {
        var driver = (PortAudioDriver)GCHandle.FromIntPtr((nint)argument).Target!;
        if (!isEntered)
        {
            isEntered = true;
            Engine.EnterThread();
            driver.Rights = RealtimeRights.Ask();
        }
        driver.PlayBlock(input, output, (int)frames, SampleClock.MonotonicNow, flags);
        return 0;
    }

    void PlayBlock(float** input, float** output, int frames, long now, nuint flags)
    {
        const nuint underflow = 0x4;   // paOutputUnderflow
        for (var lane = 0; lane < outputLanes; lane++) new Span<float>(output[lane], frames).Clear();
        if (!gate.TryEnter(now)) return;
        var playing = engine!;
        if ((flags & underflow) != 0) Interlocked.Increment(ref playing.Status.LostCyclesNow);
        for (var lane = 0; lane < inputLanes; lane++) ins[lane] = input[lane];
        for (var lane = 0; lane < Math.Min(outputLanes, playing.Format.Outputs); lane++) outs[lane] = output[lane];
        block = frames;
        gate.Process(ins, outs, frames);
        gate.Leave();
    }
}
